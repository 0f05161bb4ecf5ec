/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/control.h"

#include "proto/json.h"

#include <assert.h>
#include <stdlib.h>

static const char *const words[] = {
    [CONTROL_UNKNOWN] = "unknown",
    [CONTROL_RELOAD] = "reload",
    [CONTROL_ROLLBACK] = "rollback",
    [CONTROL_STATUS] = "status",
};

enum control_request control_request_parse(struct slice word)
{
    for (size_t i = CONTROL_RELOAD; i < sizeof words / sizeof *words; i++) {
        if (slice_equal(word, slice_text(words[i])))
            return (enum control_request)i;
    }
    return CONTROL_UNKNOWN;
}

const char *control_request_text(enum control_request request)
{
    return words[request];
}

static void write_edition(struct json *json, const char *name, const struct edition *edition)
{
    if (edition == NULL) {
        json_null(json, name);
        return;
    }
    json_object(json, name);
    json_text(json, "ruleset", slice_text(edition->ruleset_hex));
    json_integer(json, "number", (int64_t)edition->number);
    json_integer(json, "rules", (int64_t)ruleset_rule_count(edition->ruleset));
    json_integer(json, "assets", (int64_t)context_asset_count(edition->context));
    json_integer(json, "loaded_unix_s", edition->loaded_unix_s);
    json_end(json);
}

static void write_finding(struct json *json, const struct diag *finding)
{
    json_object(json, NULL);
    json_text(json, "severity", slice_text(diag_severity_text(finding->severity)));
    json_text(json, "file", slice_text(finding->file));
    json_integer(json, "line", finding->line);
    json_integer(json, "column", finding->column);
    json_text(json, "code", slice_text(finding->code));
    json_text(json, "message", slice_text(finding->message));
    if (finding->hint != NULL)
        json_text(json, "hint", slice_text(finding->hint));
    json_end(json);
}

static void write_findings(struct json *json, const struct diag_list *findings)
{
    size_t written = 0;
    json_integer(json, "errors", (int64_t)diag_count_of(findings, DIAG_ERROR));
    json_array(json, "findings");
    for (size_t i = 0; i < diag_count(findings) && written < CONTROL_FINDINGS_MAX; i++) {
        if (diag_at(findings, i)->severity == DIAG_NOTE)
            continue;
        write_finding(json, diag_at(findings, i));
        written++;
    }
    json_end(json);
}

static void write_answer(struct json *json, enum control_request request,
                         const struct reload_report *report)
{
    bool status = request == CONTROL_STATUS;
    json_object(json, NULL);
    json_boolean(json, "ok", status || reload_outcome_is_good(report->outcome));
    json_text(json, "request", slice_text(control_request_text(request)));
    if (!status) {
        json_text(json, "outcome", slice_text(reload_outcome_label(report->outcome)));
        json_text(json, "text", slice_text(reload_outcome_text(report->outcome)));
        json_real(json, "seconds", report->seconds);
    }
    write_edition(json, "current", report->current);
    write_edition(json, "previous", report->previous);
    json_integer(json, "files", (int64_t)report->library.file_count);
    json_integer(json, "read", (int64_t)report->library.rule_count_read);
    json_integer(json, "loaded", (int64_t)report->library.rule_count_loaded);
    json_integer(json, "refused", (int64_t)report->library.rule_count_refused);
    json_integer(json, "kept", (int64_t)report->library.rule_count_kept);
    write_findings(json, report->findings);
    json_end(json);
}

static void write_refusal(struct json *json, const char *why)
{
    json_object(json, NULL);
    json_boolean(json, "ok", false);
    json_text(json, "text", slice_text(why));
    json_end(json);
}

/* Room for a document of len bytes and a line feed. */
static uint8_t *line_of(size_t len)
{
    uint8_t *line = malloc(len + 1);
    if (line != NULL)
        line[len] = '\n';
    return line;
}

int control_answer(struct slice *out, enum control_request request,
                   const struct reload_report *report)
{
    struct json json;
    json_start(&json, NULL, 0);
    write_answer(&json, request, report);
    size_t len = json.len;
    uint8_t *line = line_of(len);
    if (line == NULL)
        return STATUS_NO_MEMORY;
    json_start(&json, line, len);
    write_answer(&json, request, report);
    assert(json_complete(&json));
    *out = slice_of(line, len + 1);
    return 0;
}

int control_refusal(struct slice *out, const char *why)
{
    struct json json;
    json_start(&json, NULL, 0);
    write_refusal(&json, why);
    size_t len = json.len;
    uint8_t *line = line_of(len);
    if (line == NULL)
        return STATUS_NO_MEMORY;
    json_start(&json, line, len);
    write_refusal(&json, why);
    *out = slice_of(line, len + 1);
    return 0;
}

bool control_answer_is_ok(struct slice answer)
{
    return slice_starts_with(answer, SLICE_LITERAL("{\"ok\":true"));
}
