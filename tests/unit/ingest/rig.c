/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "rules/parser.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BATCH_MAX = 4,
    LOG_BYTES_MAX = 64 * 1024,
    ARENA_BYTES = 16 * 1024 * 1024,
    RECORD_BYTES_MAX = 1024 * 1024,
    IN_FLIGHT_MAX = 1024,
    DRAIN_MS = 100,
};

static const char rules[] =
    "title: Who\nid: 10000000-0000-4000-8000-000000000001\nlogsource:\n"
    "    category: process_creation\n    product: windows\ndetection:\n    selection:\n"
    "        CommandLine|contains: [whoami, both]\n    condition: selection\nlevel: medium\n"
    "---\n"
    "title: Where\nid: 20000000-0000-4000-8000-000000000002\nlogsource:\n"
    "    category: process_creation\n    product: windows\ndetection:\n    selection:\n"
    "        CommandLine|contains: hostname\n    condition: selection\nlevel: informational\n"
    "---\n"
    "title: Both\nid: 30000000-0000-4000-8000-000000000003\nlogsource:\n"
    "    category: process_creation\n    product: windows\ndetection:\n    selection:\n"
    "        CommandLine|contains: both\n    condition: selection\nlevel: high\n";

static void must(int result)
{
    if (result == 0)
        return;
    fprintf(stderr, "rig: %s\n", status_text(result));
    abort();
}

static struct edition *make_edition(void)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    AUTO(shared_ruleset_unref) struct shared_ruleset *shared = NULL;
    AUTO(shared_context_unref) struct shared_context *context = NULL;
    struct rule_list list = {0};
    struct ruleset *ruleset = NULL;
    struct context *tables = NULL;
    struct edition *edition = NULL;
    must(diag_list_new(&findings));
    must(parser_read(&list, slice_text(rules), "rules.yml", &(struct parser_options){0}, findings));
    must(ruleset_build(&ruleset, list.items, list.count, &(struct ruleset_options){0}, findings));
    rule_list_deinit(&list);
    must(shared_ruleset_new(&shared, ruleset, 1));
    must(context_new(&tables));
    must(shared_context_new(&context, tables));
    must(edition_new(&edition, &(struct edition_options){shared, context, 1, 0}));
    return edition;
}

static void make_config(struct rig *rig)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    const char *text =
        rig->options.config == NULL ? "tenant: " RIG_TENANT "\n" : rig->options.config;
    must(diag_list_new(&findings));
    must(config_parse(&rig->config, slice_text(text), "rig.yml", findings));
    must(tenants_new(&rig->tenants, rig->config));
}

void rig_open(struct rig *rig, const struct rig_options *options)
{
    *rig = (struct rig){.options = *options, .log_file = tmpfile()};
    assert(rig->log_file != NULL);
    must(arena_new_growing(&rig->arena, 4096, 0));
    make_config(rig);
    const struct log_options log = {
        .fd = fileno(rig->log_file), .level = LOG_DEBUG, .lines_per_minute = 1000};
    must(log_new(&rig->log, &log));
    rig->counters = aligned_alloc(alignof(struct counters), sizeof *rig->counters);
    assert(rig->counters != NULL);
    memset(rig->counters, 0, sizeof *rig->counters);
    must(tally_new(&rig->tally));
    rig->edition = make_edition();
}

struct memory_record *rig_add(struct rig *rig, struct slice value)
{
    assert(rig->record_count < RIG_RECORDS_MAX);
    struct memory_record *record = &rig->records[rig->record_count];
    *record = (struct memory_record){
        .value = value, .has_value = true, .offset = (int64_t)rig->record_count++};
    return record;
}

struct memory_record *rig_add_starts(struct rig *rig, const char *const command_lines[])
{
    static const uint8_t tenant[] = {0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x41, 0xd1,
                                     0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
    struct starts_options starts = {.command_lines = command_lines,
                                    .tenant_id = slice_of(tenant, sizeof tenant)};
    while (command_lines[starts.count] != NULL)
        starts.count++;
    return rig_add(rig, starts_batch(&starts, rig->arena));
}

static size_t or_else(size_t asked, size_t usual)
{
    return asked == 0 ? usual : asked;
}

void rig_start(struct rig *rig)
{
    struct rig_options *options = &rig->options;
    options->source.topic = "telemetry.raw.v1";
    options->source.records = rig->records;
    options->source.record_count = rig->record_count;
    options->source.partition_count = 1;
    options->sink.keep = true;
    must(memory_source_new(&rig->source, &options->source));
    must(memory_sink_new(&rig->sink, &options->sink));
    const struct delivery_options delivery = {
        .source = rig->source,
        .sink = rig->sink,
        .counters = rig->counters,
        .log = rig->log,
        .stop = &rig->stop,
        .records_in_flight_max = or_else(options->records_in_flight_max, IN_FLIGHT_MAX),
        .drain_timeout_ms = (unsigned)or_else(options->drain_timeout_ms, DRAIN_MS)};
    must(delivery_new(&rig->delivery, &delivery));
    const struct judge_options judge = {.tenants = rig->tenants,
                                        .counters = rig->counters,
                                        .tally = rig->tally,
                                        .arena_bytes = or_else(options->arena_bytes, ARENA_BYTES),
                                        .record_bytes_max =
                                            or_else(options->record_bytes_max, RECORD_BYTES_MAX),
                                        .write_ocsf = !options->without_ocsf};
    must(judge_new(&rig->judge, &judge));
}

static int turn(struct rig *rig)
{
    struct record records[BATCH_MAX];
    struct source *source = rig->source;
    size_t count = 0;
    int result = source->ops->poll(source, records, BATCH_MAX, &count, 0);
    if (result == SOURCE_CHANGE)
        return delivery_change(rig->delivery);
    if (result != 0)
        return result;
    TRY(judge_by(rig->judge, rig->edition, 1750000000000000000));
    for (size_t i = 0; i < count; i++)
        TRY(judge_record(rig->judge, source, &records[i], rig->delivery));
    return delivery_settle(rig->delivery);
}

int rig_run(struct rig *rig)
{
    int result = 0;
    while (result == 0)
        result = turn(rig);
    return result < 0 ? result : delivery_drain(rig->delivery);
}

void rig_close(struct rig *rig)
{
    source_free(rig->source);
    sink_free(rig->sink);
    delivery_free(rig->delivery);
    judge_free(rig->judge);
    edition_free(rig->edition);
    tally_free(rig->tally);
    tenants_free(rig->tenants);
    config_free(rig->config);
    log_free(rig->log);
    arena_free(rig->arena);
    fclose(rig->log_file);
    free(rig->log_text);
    free(rig->counters);
}

/* --- Afterwards --- */

size_t rig_count(const struct rig *rig, enum output output)
{
    size_t count = 0;
    for (size_t i = 0; i < memory_sink_count(rig->sink); i++)
        count += memory_sink_message(rig->sink, i)->output == output;
    return count;
}

const struct memory_message *rig_message(const struct rig *rig, enum output output, size_t n)
{
    for (size_t i = 0; i < memory_sink_count(rig->sink); i++) {
        const struct memory_message *message = memory_sink_message(rig->sink, i);
        if (message->output == output && n-- == 0)
            return message;
    }
    fprintf(stderr, "rig: there are not so many messages\n");
    abort();
}

struct slice rig_header(const struct memory_message *message, const char *name)
{
    for (size_t i = message->header_count; i > 0; i--) {
        if (slice_equal(message->headers[i - 1].name, slice_text(name)))
            return message->headers[i - 1].value;
    }
    return slice_text("");
}

bool rig_header_is(const struct memory_message *message, const char *name, const char *value)
{
    return slice_equal(rig_header(message, name), slice_text(value));
}

uint64_t rig_counter(const struct rig *rig, enum counter counter)
{
    return counter_read(&rig->counters->values[counter]);
}

uint64_t rig_letters(const struct rig *rig, enum reason reason)
{
    return counter_read(&rig->counters->dead_letters[reason]);
}

int64_t rig_stored(const struct rig *rig)
{
    return memory_source_stored(rig->source, 0);
}

const char *rig_log(struct rig *rig)
{
    free(rig->log_text);
    rig->log_text = calloc(1, LOG_BYTES_MAX);
    assert(rig->log_text != NULL);
    ssize_t got = pread(fileno(rig->log_file), rig->log_text, LOG_BYTES_MAX - 1, 0);
    assert(got >= 0);
    return rig->log_text;
}
