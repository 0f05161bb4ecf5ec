/* SPDX-License-Identifier: Apache-2.0 */
/* Every reason for a dead letter is given to something: a reason that nothing produces, or that was
 * added without a case here, fails. */
#include "batch_fixture.h"
#include "proto/walker.h"

#include <stdio.h>
#include <stdlib.h>

typedef void make_fn(struct fixture *f);

static void make_no_bytes(struct fixture *f)
{
    encoding_free(f->record);
    f->record = encoding_new();
}

static void make_framing(struct fixture *f)
{
    make_no_bytes(f);
    encode_raw(f->record, SLICE_LITERAL("\0\0\0"));
}

static void make_too_large(struct fixture *f)
{
    add_event(f, EVENT(dns));
    f->options.record_bytes_max = encoded(f->record).len - 1;
}

static void make_no_event(struct fixture *f)
{
    add_process(f, "idle");
}

static void make_no_origin(struct fixture *f)
{
    make_no_bytes(f);
    add_event(f, EVENT(dns));
}

static void add_empty(struct fixture *f, uint32_t field, size_t count)
{
    for (size_t i = 0; i < count; i++)
        encode_bytes(f->record, field, SLICE_LITERAL(""));
}

static void make_too_many_events(struct fixture *f)
{
    for (size_t i = 0; i <= BATCH_EVENTS_MAX; i++)
        add_event(f, EVENT(dns));
}

static void make_too_many_processes(struct fixture *f)
{
    add_empty(f, BATCH(processes), BATCH_PROCESSES_MAX + 1);
}

static void make_too_many_sources(struct fixture *f)
{
    add_empty(f, BATCH(sources), BATCH_SOURCES_MAX + 1);
}

/* An event with so many elements of a field, in itself or in its GenericLog. */
static void add_elements(struct fixture *f, uint32_t field, size_t count, bool in_log)
{
    ENCODING elements = encoding_new();
    for (size_t i = 0; i < count; i++)
        encode_bytes(elements, field, SLICE_LITERAL(""));
    ENCODING event = encoding_new();
    if (in_log)
        encode_message(event, EVENT(generic), elements);
    else
        encode_raw(event, encoded(elements));
    encode_message(f->record, BATCH(events), event);
}

static void make_too_many_extras(struct fixture *f)
{
    add_elements(f, EVENT(extra), EVENT_EXTRAS_MAX + 1, false);
}

static void make_too_many_fields(struct fixture *f)
{
    add_elements(f, NUMBER(generic_log, GenericLog, fields), EVENT_FIELDS_MAX + 1, true);
}

static void make_bad_process(struct fixture *f)
{
    encode_bytes(f->record, BATCH(processes), SLICE_LITERAL("\x0a\x01?"));
}

static void make_bad_source(struct fixture *f)
{
    encode_bytes(f->record, BATCH(sources), SLICE_LITERAL("\x0a\x05"));
}

/* How each reason comes about: a record, made or with one event of those bytes behind what is made;
 * or another test, which names the reason. */
static const struct {
    make_fn *make;
    struct slice event;
    const char *elsewhere;
} cases[REASON_COUNT] = {
    [REASON_EMPTY] = {.make = make_no_bytes},
    [REASON_RECORD_TOO_LARGE] = {.make = make_too_large},
    [REASON_FRAMING] = {.make = make_framing},
    [REASON_TRUNCATED] = {.event = SLICE_INIT("\x52\x05")},
    [REASON_VARINT] = {.event = SLICE_INIT("\x18\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01")},
    [REASON_TAG] = {.event = SLICE_INIT("\x00\x01")},
    [REASON_GROUP] = {.event = SLICE_INIT("\x0b\x0c")},
    [REASON_WIRE_TYPE] = {.event = SLICE_INIT("\x50\x01")},
    [REASON_DUPLICATE_MESSAGE] = {.event = SLICE_INIT("\x52\0\x52\0")},
    [REASON_TOO_MANY_EVENTS] = {.make = make_too_many_events},
    [REASON_TOO_MANY_PROCESSES] = {.make = make_too_many_processes},
    [REASON_TOO_MANY_SOURCES] = {.make = make_too_many_sources},
    [REASON_TOO_MANY_EXTRAS] = {.make = make_too_many_extras},
    [REASON_TOO_MANY_FIELDS] = {.make = make_too_many_fields},
    [REASON_ID_LENGTH] = {.event = SLICE_INIT("\x8a\x01\x01?")},
    [REASON_INDEX_RANGE] = {.event = SLICE_INIT("\x20\x01\x52\0")},
    [REASON_BAD_PROCESS] = {make_bad_process, SLICE_INIT("\x20\x01\x52\0"), NULL},
    [REASON_BAD_SOURCE] = {make_bad_source, SLICE_INIT("\x10\x01\x52\0"), NULL},
    [REASON_NO_EVENTS] = {.make = make_no_event},
    [REASON_NO_ORIGIN] = {.make = make_no_origin},
    [REASON_NO_KIND] = {.event = SLICE_INIT("")},
    [REASON_TWO_KINDS] = {.event = SLICE_INIT("\x52\0\x5a\0")},
    [REASON_DEPTH] = {.elsewhere =
                          "tests/unit/proto/test_walker_limits.c"}, /* the schema is flat */
    [REASON_MEMORY] = {.elsewhere = "tests/unit/proto/test_walker_limits.c"},
    [REASON_FORGED_TENANT] = {.elsewhere = "tests/unit/ingest/test_tenant.c"},
    [REASON_NO_TENANT] = {.elsewhere = "tests/unit/ingest/test_tenant.c"},
    [REASON_ALERT_UNDELIVERABLE] = {.elsewhere = "tests/unit/ingest/test_delivery.c"},
};

/* Whether the reason was given, to the batch or to its event. */
static bool is_given(struct fixture *f, unsigned reason)
{
    (void)!decode(f);
    return f->batch.reason == reason ||
           (f->batch.event_count == 1 && f->batch.events[0].reason == reason);
}

static bool is_named(const char *path, const char *name)
{
    static char text[256 * 1024];
    char full[4096];
    const char *source = getenv("YAGURA_SOURCE");
    snprintf(full, sizeof full, "%s/%s", source == NULL ? "." : source, path);
    FILE *file = fopen(full, "rb");
    cr_assert_not_null(file, "%s", full);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    return strstr(text, name) != NULL;
}

static const char *const names[REASON_COUNT] = {
    [REASON_NONE] = "REASON_NONE",
#define REASON(name, label, text) [REASON_##name] = "REASON_" #name,
#include "proto/reason.def"
#undef REASON
};

Test(reason, is_given_to_something_each)
{
    for (unsigned reason = REASON_NONE + 1; reason < REASON_COUNT; reason++) {
        if (cases[reason].elsewhere != NULL) {
            cr_assert(is_named(cases[reason].elsewhere, names[reason]), "%s is not in %s",
                      names[reason], cases[reason].elsewhere);
            continue;
        }
        cr_assert(cases[reason].make != NULL || cases[reason].event.data != NULL,
                  "%s has no case: add one", names[reason]);
        FIXTURE;
        if (cases[reason].make != NULL)
            cases[reason].make(&f);
        if (cases[reason].event.data != NULL)
            encode_bytes(f.record, BATCH(events), cases[reason].event);
        cr_assert(is_given(&f, reason), "%s: got %s", names[reason], reason_label(f.batch.reason));
    }
}

Test(reason, is_not_given_to_a_good_record)
{
    FIXTURE;
    add_event(&f, EVENT(dns));
    cr_assert(is_given(&f, REASON_NONE));
}

/* Operators filter by labels; texts are for people. */
Test(reason, has_a_label_and_a_text_of_its_own_each)
{
    for (unsigned i = 0; i < REASON_COUNT; i++) {
        const char *label = reason_label((enum reason)i);
        cr_assert_eq(strspn(label, "abcdefghijklmnopqrstuvwxyz_"), strlen(label), "%s", label);
        cr_assert_gt(strlen(reason_text((enum reason)i)), strlen("12345678"), "%s", label);
        for (unsigned j = 0; j < i; j++) {
            cr_assert_str_neq(label, reason_label((enum reason)j));
            cr_assert_str_neq(reason_text((enum reason)i), reason_text((enum reason)j));
        }
    }
}
