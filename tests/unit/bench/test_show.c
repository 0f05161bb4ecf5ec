/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/show.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char rule_title[] = "A title";
static char field_name[] = "CommandLine";
static char modifiers[] = "contains";
static char technique[] = "T1105";

/* An alert about a command line, as show_alert writes it; free it. */
static char *shown(const char *command_line, size_t len, bool colour)
{
    Yagura__V1__Ancestor actor = YAGURA__V1__ANCESTOR__INIT;
    Yagura__V1__Ancestor *ancestry[] = {&actor};
    Yagura__V1__Attack attack = YAGURA__V1__ATTACK__INIT;
    Yagura__V1__Attack *attacks[] = {&attack};
    Yagura__V1__Rule rule = YAGURA__V1__RULE__INIT;
    Yagura__V1__Explanation why = YAGURA__V1__EXPLANATION__INIT;
    Yagura__V1__Explanation *explanations[] = {&why};
    Yagura__V1__Alert alert = YAGURA__V1__ALERT__INIT;
    actor.command_line = (ProtobufCBinaryData){len, (uint8_t *)(uintptr_t)command_line};
    attack.technique_id = technique;
    rule.title = rule_title;
    rule.attacks = attacks;
    rule.n_attacks = 1;
    why.field = field_name;
    why.modifiers = modifiers;
    why.pattern = actor.command_line;
    alert.rule = &rule;
    alert.severity_id = 4;
    alert.ancestry = ancestry;
    alert.n_ancestry = 1;
    alert.explanations = explanations;
    alert.n_explanations = 1;
    char *text = NULL;
    size_t text_len = 0;
    FILE *out = open_memstream(&text, &text_len);
    show_alert(out, &alert, colour);
    fclose(out);
    return text;
}

static const struct {
    const char *given, *expected;
} lines[] = {
    {"whoami /all", " whoami /all\n"},
    {"caf\xc3\xa9 \xe6\xab\x93 \xf0\x9f\x98\x80", " caf\xc3\xa9 \xe6\xab\x93 \xf0\x9f\x98\x80\n"},
    {"a\033[2Jb", " a?[2Jb\n"},        /* an escape sequence */
    {"a\rb\nc\td\x7f", " a?b?c?d?\n"}, /* lines that overwrite others */
    {"a\xc2\x9b"
     "2Jb",
     " a??2Jb\n"},                  /* the same escape in one C1 character */
    {"a\xff\xc3", " a??\n"},        /* no UTF-8, and cut off */
    {"\xed\xa0\x80z\xc0\xaf", "z"}, /* a surrogate, an overlong slash */
    {"txt.\xe2\x80\xae"
     "exe",
     " txt.???exe\n"}, /* text that turns round */
    {"x\xe2\x81\xa6y", " x???y\n"},
};

Test(show, lets_no_endpoint_command_the_terminal)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char *text = shown(lines[i].given, strlen(lines[i].given), false);
        cr_expect_not_null(strstr(text, lines[i].expected), "line %zu: %s", i, text);
        cr_expect_null(strchr(text, '\033'), "line %zu", i);
        cr_expect_null(strchr(text, '\r'), "line %zu", i);
        free(text);
    }
}

Test(show, shows_a_nul_and_what_is_behind_it)
{
    char *text = shown("a\0b", 3, false);
    cr_expect_not_null(strstr(text, " a?b\n"));
    free(text);
}

Test(show, cuts_what_is_long_and_says_so)
{
    char given[400];
    memset(given, 'x', sizeof given);
    char *text = shown(given, sizeof given, false);
    cr_expect_not_null(strstr(text, "xxx...\n"));
    cr_expect_lt(strlen(text), 400);
    free(text);
}

Test(show, says_who_what_and_why)
{
    char *text = shown("curl", 4, false);
    cr_expect_not_null(strstr(text, "high      A title"));
    cr_expect_not_null(strstr(text, "because CommandLine contains curl\n"));
    cr_expect_not_null(strstr(text, "ATT&CK  T1105\n"));
    free(text);
}

Test(show, colours_the_severity_when_asked)
{
    char *text = shown("curl", 4, true);
    cr_expect_not_null(strstr(text, "\033[31mhigh     \033[0m"));
    free(text);
}

Test(show, survives_an_alert_that_says_nothing)
{
    const Yagura__V1__Alert alert = YAGURA__V1__ALERT__INIT;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    show_alert(out, &alert, false);
    fclose(out);
    cr_expect_not_null(strstr(text, "unknown"));
    cr_expect_null(strstr(text, "because"));
    free(text);
}

Test(show, knows_no_severity_beyond_the_last)
{
    cr_expect_str_eq(show_severity(5), "critical");
    cr_expect_str_eq(show_severity(6), "unknown");
}
