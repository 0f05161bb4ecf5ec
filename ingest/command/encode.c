/* SPDX-License-Identifier: Apache-2.0 */
/* yagura encode: JSON lines to batches, in a file or in Kafka. */
#include "ingest/command/command.h"
#include "ingest/command/endpoints.h"
#include "ingest/command/input.h"
#include "ingest/command/shipper.h"
#include "ingest/jsonl.h"
#include "ingest/stream.h"
#include "proto/event.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { EVENTS_PER_RECORD = 100, WAIT_MS = 200, CONNECT_WAIT_S = 10, CONNECT_WAIT_S_MAX = 3600 };

/* Events that name no tenant of their own belong to this one: no UUID that a real tenant can have.
 */
static const char default_tenant[] = "00000000-0000-8000-8000-000000000001";

struct encoding {
    struct console *console;
    const char *input_path, *output_path;
    FILE *input, *output; /* output: NULL with a shipper */
    struct shipper *shipper;
    uint64_t event_count, bad_count, record_count, byte_count;
};

static void encoding_deinit(struct encoding *encoding)
{
    shipper_free(encoding->shipper);
    input_close(encoding->input);
    if (encoding->output != NULL && encoding->output != stdout)
        fclose(encoding->output);
}

/* --- Opening --- */

static int open_input(struct encoding *encoding, const char *path)
{
    encoding->input_path = input_name(path);
    encoding->input = input_open(path, encoding->console);
    return encoding->input != NULL ? 0 : YAGURA_EXIT_NO_INPUT;
}

static int open_file(struct encoding *encoding, const char *path)
{
    if (path == NULL && isatty(STDOUT_FILENO)) {
        console_error(encoding->console,
                      "say where to: -o FILE, or --brokers and --topic (batches are no text)");
        return YAGURA_EXIT_USAGE;
    }
    bool is_stdout = path == NULL || strcmp(path, "-") == 0;
    encoding->output_path = is_stdout ? "standard output" : path;
    encoding->output = is_stdout ? stdout : fopen(path, "wbe");
    if (encoding->output != NULL)
        return 0;
    console_error(encoding->console, "%s: %s", path, strerror(errno));
    return YAGURA_EXIT_OUTPUT;
}

static int open_kafka(struct encoding *encoding, const struct arguments *arguments,
                      const uint8_t tenant_id[UUID_BYTES])
{
    struct shipper_options options = {
        .brokers = arguments_text(arguments, "--brokers"),
        .topic = arguments_text(arguments, "--topic"),
    };
    options.settings = arguments_texts(arguments, "--kafka", &options.setting_count);
    memcpy(options.tenant_id, tenant_id, UUID_BYTES);
    if (options.topic == NULL)
        options.topic = "telemetry.raw.v1";
    char message[SHIPPER_MESSAGE_BYTES];
    int result = shipper_new(&encoding->shipper, &options, message);
    if (result == SHIPPER_REFUSED) {
        console_error(encoding->console, "Kafka: %s", message);
        return YAGURA_EXIT_USAGE;
    }
    TRY(result);
    uint64_t wait_s = arguments_number(arguments, "--wait", CONNECT_WAIT_S);
    result = shipper_connect(encoding->shipper, (int)wait_s * 1000, message);
    if (result != SHIPPER_REFUSED)
        return result;
    console_error(encoding->console, "Kafka at %s: %s", options.brokers, message);
    return YAGURA_EXIT_UNAVAILABLE;
}

static int read_uuid(uint8_t out[UUID_BYTES], const char *name, const char *text,
                     struct console *console)
{
    if (uuid_parse(out, slice_text(text)))
        return 0;
    console_error(console, "%s needs a UUID, not '%.80s'", name, text);
    return YAGURA_EXIT_USAGE;
}

static int read_options(struct endpoints_options *options, const struct arguments *arguments,
                        struct console *console)
{
    const char *tenant = arguments_text(arguments, "--tenant");
    const char *endpoint = arguments_text(arguments, "--endpoint");
    *options = (struct endpoints_options){
        .has_endpoint_id = endpoint != NULL,
        .product = slice_text(arguments_text(arguments, "--product")),
        .category = slice_text(arguments_text(arguments, "--category")),
        .service = slice_text(arguments_text(arguments, "--service")),
        .events_per_record = arguments_number(arguments, "--events-per-record", EVENTS_PER_RECORD),
    };
    int result = read_uuid(options->tenant_id, "--tenant", tenant == NULL ? default_tenant : tenant,
                           console);
    if (result == 0 && endpoint != NULL)
        result = read_uuid(options->endpoint_id, "--endpoint", endpoint, console);
    return result;
}

/* --- Encoding --- */

static int take_batch(void *receiver, struct slice batch, const uint8_t endpoint_id[UUID_BYTES])
{
    struct encoding *encoding = receiver;
    encoding->record_count++;
    encoding->byte_count += batch.len;
    if (encoding->shipper != NULL)
        return shipper_send(encoding->shipper, batch, endpoint_id);
    return stream_write(encoding->output, batch);
}

static int encode_event(struct encoding *encoding, struct endpoints *endpoints,
                        const struct jsonl_event *event)
{
    struct flat_origin logsource = {
        .product = event->product, .category = event->category, .service = event->service};
    int result = endpoints_add(endpoints, jsonl_text(event, SLICE_LITERAL("Computer")),
                               event->fields, event->field_count, &logsource);
    TRY(result);
    if (result == ENDPOINTS_EVENT_TOO_LARGE) {
        if (console_complains(encoding->console))
            console_error(encoding->console, "%s:%" PRIu64 ": %s", encoding->input_path,
                          event->line + 1, EVENT_TOO_LARGE_TEXT);
        encoding->bad_count++;
        return 0;
    }
    encoding->event_count++;
    console_progress(encoding->console, "%" PRIu64 " events in %" PRIu64 " records",
                     encoding->event_count, encoding->record_count);
    return 0;
}

static int encode_all(struct encoding *encoding, struct endpoints *endpoints)
{
    AUTO(jsonl_reader_free) struct jsonl_reader *reader = NULL;
    TRY(jsonl_reader_new(&reader, encoding->input, encoding->input_path));
    for (;;) {
        struct jsonl_event event;
        int result = jsonl_next(reader, &event);
        TRY(result);
        if (result == JSONL_END)
            return endpoints_finish(endpoints);
        if (result == JSONL_BAD_LINE) {
            if (console_complains(encoding->console))
                console_finding(encoding->console, jsonl_finding(reader));
            encoding->bad_count++;
            continue;
        }
        TRY(encode_event(encoding, endpoints, &event));
    }
}

/* Until every record is acknowledged or has failed; librdkafka gives up on each in its time
 * (message.timeout.ms), so this ends. */
static int wait_for_kafka(struct encoding *encoding)
{
    struct shipper *shipper = encoding->shipper;
    for (size_t waiting; (waiting = shipper_poll(shipper, WAIT_MS)) > 0;)
        console_progress(encoding->console, "waiting for %zu of %" PRIu64 " records: %s", waiting,
                         encoding->record_count, shipper_error(shipper));
    if (shipper_failed(shipper) == 0)
        return 0;
    console_error(encoding->console, "Kafka did not take %" PRIu64 " of %" PRIu64 " records: %s",
                  shipper_failed(shipper), encoding->record_count, shipper_error(shipper));
    return YAGURA_EXIT_UNAVAILABLE;
}

static int finish(struct encoding *encoding)
{
    if (encoding->shipper != NULL)
        return wait_for_kafka(encoding);
    return fflush(encoding->output) == 0 && !ferror(encoding->output) ? 0 : STATUS_IO;
}

static int encode(struct encoding *encoding, const struct endpoints_options *options)
{
    AUTO(endpoints_free) struct endpoints *endpoints = NULL;
    TRY(endpoints_new(&endpoints, options, take_batch, encoding));
    int result = encode_all(encoding, endpoints);
    if (result == STATUS_KAFKA) {
        console_error(encoding->console, "Kafka: %s", shipper_error(encoding->shipper));
        return YAGURA_EXIT_UNAVAILABLE;
    }
    TRY(result);
    result = finish(encoding);
    if (result != 0)
        return result;
    console_progress_end(encoding->console);
    fprintf(encoding->console->err,
            "%" PRIu64 " events in %" PRIu64 " records, %" PRIu64 " bytes, %s\n",
            encoding->event_count, encoding->record_count, encoding->byte_count,
            encoding->shipper != NULL ? "all acknowledged" : "written");
    if (encoding->bad_count == 0)
        return YAGURA_EXIT_OK;
    console_error(encoding->console, "%" PRIu64 " lines are no events and were left out",
                  encoding->bad_count);
    return YAGURA_EXIT_DATA;
}

/* --- The command --- */

static int open_and_encode(struct encoding *encoding, const struct arguments *arguments)
{
    size_t count;
    struct endpoints_options options;
    int result = read_options(&options, arguments, encoding->console);
    if (result == 0)
        result = open_input(encoding, arguments_operands(arguments, &count)[0]);
    if (result == 0)
        result = arguments_text(arguments, "--brokers") != NULL
                     ? open_kafka(encoding, arguments, options.tenant_id)
                     : open_file(encoding, arguments_text(arguments, "--output"));
    return result == 0 ? encode(encoding, &options) : result;
}

static int run_encode(const struct arguments *arguments, struct console *console)
{
    bool to_kafka = arguments_text(arguments, "--brokers") != NULL;
    if (to_kafka && arguments_text(arguments, "--output") != NULL) {
        console_error(console, "say either -o or --brokers, not both");
        return YAGURA_EXIT_USAGE;
    }
    static const char *const kafka_rows[] = {"--topic", "--kafka", "--wait"};
    for (size_t i = 0; !to_kafka && i < sizeof kafka_rows / sizeof kafka_rows[0]; i++) {
        if (arguments_text(arguments, kafka_rows[i]) == NULL)
            continue;
        console_error(console, "%s needs --brokers HOST:PORT", kafka_rows[i]);
        return YAGURA_EXIT_USAGE;
    }
    struct encoding encoding = {.console = console};
    int result = open_and_encode(&encoding, arguments);
    encoding_deinit(&encoding);
    return result;
}

static const struct argument_row encode_rows[] = {
    {.kind = ARGUMENT_TEXT,
     .name = "--output",
     .short_name = "-o",
     .value = "FILE",
     .help = "write batches there; `-`, or nothing in a pipe: standard output"},
    {.kind = ARGUMENT_TEXT,
     .name = "--brokers",
     .value = "HOST:PORT,...",
     .help = "produce to Kafka instead"},
    {.kind = ARGUMENT_TEXT,
     .name = "--topic",
     .value = "NAME",
     .help = "the topic (telemetry.raw.v1)"},
    {.kind = ARGUMENT_TEXTS,
     .name = "--kafka",
     .value = "NAME=VALUE",
     .help = "a setting for librdkafka; may be repeated"},
    {.kind = ARGUMENT_NUMBER,
     .name = "--wait",
     .value = "SECONDS",
     .low = 1,
     .high = CONNECT_WAIT_S_MAX,
     .help = "give up when no broker answers for so long (10)"},
    {.kind = ARGUMENT_TEXT,
     .name = "--tenant",
     .value = "UUID",
     .help = "whose events these are (00000000-0000-8000-8000-000000000001)"},
    {.kind = ARGUMENT_TEXT,
     .name = "--endpoint",
     .value = "UUID",
     .help = "one endpoint for all (one for each Computer, made from tenant and name)"},
    {.kind = ARGUMENT_NUMBER,
     .name = "--events-per-record",
     .value = "N",
     .low = 1,
     .high = BATCH_EVENTS_MAX,
     .help = "at most so many events in a batch (100)"},
    ARGUMENT_LOGSOURCE,
    ARGUMENT_HELP,
    {0},
};

const struct command command_encode = {
    .name = "encode",
    .usage = "[-o FILE | --brokers HOST:PORT --topic NAME] [options] EVENTS.jsonl|-",
    .summary = "turn events in JSON lines into protobuf batches",
    .text = "Reads events as `yagura match` does and encodes them as sensors do: typed\n"
            "kinds where the schema has a home for an event, a generic log for the rest.\n"
            "A batch holds events of one endpoint, so with several computers lines may\n"
            "change their order, unless --events-per-record is 1: then record N is the\n"
            "N-th event.\n"
            "\n"
            "A file holds each batch behind its length as a varint, as protobuf's\n"
            "writeDelimitedTo does. In Kafka the key is the endpoint's id, and headers\n"
            "carry x-tenant-id and ce_* (CloudEvents, binary mode); the command ends when\n"
            "Kafka has acknowledged every record, or has given one up after a minute\n"
            "(--kafka message.timeout.ms=...). The topic must exist.\n"
            "\n"
            "Exits with 65 if a line is no event (the others are encoded), 66 if the\n"
            "input cannot be read, 69 if Kafka cannot be reached or did not take\n"
            "everything, 73 if the output cannot be made, 74 if writing fails.\n"
            "\n"
            "Examples:\n"
            "  yagura encode -o events.batches events.jsonl\n"
            "  yagura encode --brokers localhost:9092 --topic telemetry.raw.v1 events.jsonl\n",
    .rows = encode_rows,
    .operands_min = 1,
    .operands_max = 1,
    .run = run_encode,
};
