/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/finding.h"

#include "detect/attack.h"
#include "proto/uuid.h"

#include <assert.h>

_Static_assert((int)LEVEL_INFORMATIONAL == (int)ALERT_INFORMATIONAL &&
                   (int)LEVEL_CRITICAL == (int)ALERT_CRITICAL,
               "a rule's level is its alert's");

/* Slices point into the rule, which lives as long as its rule set. */
static int describe_rule(struct alert_rule *out, const struct rule *rule, struct arena *arena)
{
    *out = (struct alert_rule){
        .id = rule->id,
        .title = rule->title,
        .description = rule->description,
        .author = rule->author,
        .status = rule->status,
        .date = rule->date,
        .modified = rule->modified,
        .license = rule->license,
        .path = rule->path,
        .product = rule->logsource.product,
        .category = rule->logsource.category,
        .service = rule->logsource.service,
        .level = (enum alert_level)rule->level,
        .references = rule->references,
        .reference_count = rule->reference_count,
        .false_positives = rule->false_positives,
        .false_positive_count = rule->false_positive_count,
        .tags = rule->tags,
        .tag_count = rule->tag_count,
        .attack_version = SLICE_LITERAL(ATTACK_VERSION),
    };
    memcpy(out->sha256, rule->sha256, sizeof out->sha256);
    return attack_of_tags(&out->attacks, &out->attack_count, rule->tags, rule->tag_count, arena);
}

/* The time at which tables are judged for staleness: ours, or the broker's where none is handed in.
 */
static int64_t seconds_of(const struct finding_options *options)
{
    return options->detect_time_unix_ns > 0 ? options->detect_time_unix_ns / 1000000000
                                            : options->evidence.broker_time_ms / 1000;
}

int finding_make(struct alert *out, const struct match *match, const struct event *event,
                 struct scratch *scratch, const struct finding_options *options,
                 struct arena *arena)
{
    assert(match->rule_index < ruleset_rule_count(options->ruleset));
    assert(options->tenant_id.len == UUID_BYTES);
    const struct rule *rule = ruleset_rule(options->ruleset, match->rule_index);
    *out = (struct alert){
        .event = event,
        .tenant_id = options->tenant_id,
        .evidence = options->evidence,
        .detect_time_unix_ns = options->detect_time_unix_ns,
    };
    memcpy(out->ruleset_sha256, ruleset_sha256(options->ruleset), sizeof out->ruleset_sha256);
    TRY(describe_rule(&out->rule, rule, arena));
    TRY(engine_explain(&out->reasons, &out->reason_count, &out->reasons_truncated, options->ruleset,
                       scratch, match->rule_index, event, arena));
    if (options->context != NULL)
        context_asset(&out->asset, options->context, options->tenant_id, event->batch->endpoint_id,
                      seconds_of(options));
    return alert_id_make(out->alert_id, options->tenant_id.data, rule->uuid,
                         options->evidence.topic, options->evidence.partition,
                         options->evidence.offset, (uint32_t)event->index);
}
