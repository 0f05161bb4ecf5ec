/* SPDX-License-Identifier: Apache-2.0 */
/* Fleet: a generated fleet against the starter pack, in process. The engine must raise exactly the
 * alerts that the generator knows of, event by event: nothing missing, nothing on everyday life.
 *
 * usage: pack_fleet PACK_FOLDER EVENTS   exit 1 and a line for each of the first differences */
#include "detect/engine.h"
#include "gen/generator.h"
#include "ingest/library.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { STRETCH_EVENTS = 500, ARENA_BYTES = 64 << 20, SHOWN_MAX = 20, EXIT_USAGE = 64 };

struct check {
    struct generator *generator;
    struct ruleset *ruleset;
    struct scratch *scratch;
    struct arena *arena;
    uint64_t events, expected, differences;
};

static const struct generator_options options = {
    .seed = 20,
    .tenant_count = 5,
    .endpoint_count = 20,
    .scenes_per_million = 3000,
    .start_time_unix_nanos = 1700000000000000000,
    .interval_nanos = 2500000000,
};

static int load(struct check *check, const char *folder)
{
    const char *const paths[] = {folder};
    AUTO(library_free) struct library *library = NULL;
    struct library_report report;
    TRY(library_new(&library, &(struct library_options){.paths = paths, .path_count = 1}));
    int loaded = library_load(&check->ruleset, library, &report);
    if (loaded != 0 || report.rule_count_refused > 0) {
        fprintf(stderr, "%s: not every rule was loaded\n", folder);
        return STATUS_BAD_INPUT;
    }
    return scratch_new(&check->scratch, check->ruleset);
}

static bool is_match(const struct check *check, const struct matches *matches, const char *id)
{
    for (size_t i = 0; i < matches->count; i++) {
        const struct rule *rule = ruleset_rule(check->ruleset, matches->items[i].rule_index);
        if (slice_equal(rule->id, slice_text(id)))
            return true;
    }
    return false;
}

static void differ(struct check *check, const struct stretch *stretch, uint64_t sequence,
                   const char *what, struct slice rule)
{
    if (check->differences++ < SHOWN_MAX)
        printf("tenant %u endpoint %u sequence %" PRIu64 ": %s %.*s\n", stretch->tenant,
               stretch->endpoint, sequence, what, SLICE_PRINTF(rule));
}

static void compare(struct check *check, const struct stretch *stretch, size_t index,
                    const struct matches *matches)
{
    const char *rules[GENERATOR_RULES_MAX];
    uint64_t sequence = stretch->first_sequence + index;
    size_t count =
        generator_expected(rules, check->generator, stretch->tenant, stretch->endpoint, sequence);
    for (size_t i = 0; i < count; i++)
        if (!is_match(check, matches, rules[i]))
            differ(check, stretch, sequence, "missing", slice_text(rules[i]));
    for (size_t m = 0; m < matches->count; m++) {
        struct slice id = ruleset_rule(check->ruleset, matches->items[m].rule_index)->id;
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known = known || slice_equal(id, slice_text(rules[i]));
        if (!known)
            differ(check, stretch, sequence, "not expected", id);
    }
    check->expected += count;
    check->events++;
}

static int judge(struct check *check, const struct stretch *stretch)
{
    struct slice bytes;
    struct batch batch;
    TRY(generator_batch(&bytes, check->generator, stretch));
    if (batch_decode(&batch, bytes, &(struct batch_options){0}, check->arena) != 0)
        return STATUS_BAD_INPUT;
    for (size_t i = 0; i < batch.event_count; i++) {
        struct matches matches;
        TRY(engine_match(&matches, check->ruleset, check->scratch, &batch.events[i]));
        compare(check, stretch, i, &matches);
    }
    engine_batch_end(check->scratch);
    arena_reset(check->arena);
    return 0;
}

static int judge_all(struct check *check, uint64_t event_count)
{
    for (uint64_t first = 0;; first += STRETCH_EVENTS)
        for (uint32_t endpoint = 0; endpoint < options.endpoint_count; endpoint++)
            for (uint32_t tenant = 0; tenant < options.tenant_count; tenant++) {
                if (check->events >= event_count)
                    return 0;
                TRY(judge(check, &(struct stretch){tenant, endpoint, first, STRETCH_EVENTS}));
            }
}

static int run(struct check *check, const char *folder, uint64_t event_count)
{
    TRY(generator_new(&check->generator, &options));
    TRY(arena_new_fixed(&check->arena, ARENA_BYTES));
    TRY(load(check, folder));
    return judge_all(check, event_count);
}

int main(int argc, char *argv[])
{
    if (argc != 3) {
        fputs("usage: pack_fleet PACK_FOLDER EVENTS\n", stderr);
        return EXIT_USAGE;
    }
    struct check check = {0};
    int result = run(&check, argv[1], strtoull(argv[2], NULL, 10));
    if (result < 0)
        fprintf(stderr, "pack_fleet: %s\n", status_text(result));
    printf("%" PRIu64 " events, %" PRIu64 " alerts expected, %" PRIu64 " differences\n",
           check.events, check.expected, check.differences);
    scratch_free(check.scratch);
    ruleset_free(check.ruleset);
    arena_free(check.arena);
    generator_free(check.generator);
    return result < 0 || check.differences > 0 || check.expected == 0 ? 1 : 0;
}
