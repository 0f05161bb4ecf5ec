/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/show.h"

#include "proto/deceptive.h"
#include "proto/fold.h"
#include "proto/slice.h"

#include <time.h>

enum {
    VALUE_SHOWN_MAX = 110,
    PATTERN_SHOWN_MAX = 40,
    REASONS_SHOWN_MAX = 3,
    TIME_BYTES = 16,
    INDENT = 19,
};

static const struct {
    const char *name, *colour;
} severities[] = {
    [0] = {"unknown", ""},        [1] = {"info", "\033[36m"}, [2] = {"low", "\033[32m"},
    [3] = {"medium", "\033[33m"}, [4] = {"high", "\033[31m"}, [5] = {"critical", "\033[1;31m"},
};

enum { SEVERITY_COUNT = sizeof severities / sizeof severities[0] };

const char *show_severity(unsigned severity_id)
{
    return severities[severity_id < SEVERITY_COUNT ? severity_id : 0].name;
}

/* Length of the UTF-8 character at the start, 0 if there is none that may be shown as it is. */
static size_t safe_character(struct slice text)
{
    unsigned len = 1;
    uint32_t c = utf8_decode(text, 0, &len);
    bool unsafe = c == UTF8_INVALID || c < 0x20 || c == 0x7f || is_deceptive(c);
    return unsafe ? 0 : len;
}

static void put_safely(FILE *out, struct slice text, size_t shown_max)
{
    size_t shown = 0;
    while (text.len > 0 && shown++ < shown_max) {
        size_t len = safe_character(text);
        if (len == 0)
            fputc('?', out);
        else
            fwrite(text.data, 1, len, out);
        text = slice_from(text, len == 0 ? 1 : len);
    }
    if (text.len > 0)
        fputs("...", out);
}

static struct slice of_bytes(ProtobufCBinaryData bytes)
{
    return slice_of(bytes.data, bytes.len);
}

static void put_time(FILE *out, const Yagura__V1__Alert *alert)
{
    time_t seconds = (time_t)(alert->event_time_unix_ns / 1000000000);
    struct tm parts;
    char text[TIME_BYTES];
    gmtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%H:%M:%S", &parts);
    fputs(text, out);
}

static void put_headline(FILE *out, const Yagura__V1__Alert *alert, bool colour)
{
    unsigned severity = alert->severity_id < SEVERITY_COUNT ? alert->severity_id : 0;
    put_time(out, alert);
    fprintf(out, " %s%-9s%s ", colour ? severities[severity].colour : "", severities[severity].name,
            colour ? "\033[0m" : "");
    if (alert->rule != NULL && alert->rule->title != NULL)
        put_safely(out, slice_text(alert->rule->title), VALUE_SHOWN_MAX);
    fputs("  on ", out);
    put_safely(out, of_bytes(alert->hostname), VALUE_SHOWN_MAX);
    if (alert->n_ancestry > 0 && alert->ancestry[0]->user.len > 0) {
        fputs(" by ", out);
        put_safely(out, of_bytes(alert->ancestry[0]->user), VALUE_SHOWN_MAX);
    }
    fputc('\n', out);
}

static void put_actor(FILE *out, const Yagura__V1__Alert *alert)
{
    if (alert->n_ancestry == 0 || alert->ancestry[0]->command_line.len == 0)
        return;
    fprintf(out, "%*s", INDENT, "");
    put_safely(out, of_bytes(alert->ancestry[0]->command_line), VALUE_SHOWN_MAX);
    fputc('\n', out);
}

static void put_explanation(FILE *out, const Yagura__V1__Explanation *why)
{
    bool plain = why->modifiers == NULL || why->modifiers[0] == '\0';
    put_safely(out, slice_text(why->field != NULL ? why->field : "the event"), VALUE_SHOWN_MAX);
    fprintf(out, " %s ", plain ? "is" : why->modifiers);
    put_safely(out, of_bytes(why->pattern), PATTERN_SHOWN_MAX);
}

static void put_reasons(FILE *out, const Yagura__V1__Alert *alert)
{
    fprintf(out, "%*sbecause ", INDENT, "");
    for (size_t i = 0; i < alert->n_explanations && i < REASONS_SHOWN_MAX; i++) {
        fputs(i == 0 ? "" : ", ", out);
        put_explanation(out, alert->explanations[i]);
    }
    if (alert->n_explanations > REASONS_SHOWN_MAX)
        fprintf(out, " and %zu more", alert->n_explanations - REASONS_SHOWN_MAX);
    fputc('\n', out);
}

/* A rule may name a tactic alone. */
static void put_techniques(FILE *out, const Yagura__V1__Alert *alert)
{
    size_t shown = 0;
    for (size_t i = 0; i < alert->rule->n_attacks; i++) {
        const char *id = alert->rule->attacks[i]->technique_id;
        if (id == NULL || *id == '\0')
            continue;
        if (shown++ == 0)
            fprintf(out, "%*sATT&CK", INDENT, "");
        fprintf(out, "  %s", id);
    }
    if (shown > 0)
        fputc('\n', out);
}

void show_alert(FILE *out, const Yagura__V1__Alert *alert, bool colour)
{
    put_headline(out, alert, colour);
    put_actor(out, alert);
    if (alert->n_explanations > 0)
        put_reasons(out, alert);
    if (alert->rule != NULL && alert->rule->n_attacks > 0)
        put_techniques(out, alert);
}
