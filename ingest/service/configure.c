/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/service/configure.h"

#include "ingest/file.h"
#include "ingest/kafka/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FINDING_BYTES_MAX = 8192 };

static void tell(const struct diag_list *findings)
{
    char text[FINDING_BYTES_MAX];
    for (size_t i = 0; i < diag_count(findings); i++) {
        diag_format(text, sizeof text, diag_at(findings, i));
        fputs(text, stderr);
    }
}

static int parse_and_check(struct config **out, struct slice text, const char *path,
                           struct diag_list *findings)
{
    AUTO(config_free) struct config *config = NULL;
    int result = config_parse(&config, text, path, findings);
    if (result != 0)
        return result;
    config_check(config, findings);
    kafka_settings_check(config, findings);
    if (diag_has_errors(findings))
        return CONFIG_REFUSED;
    *out = TAKE(&config);
    return 0;
}

int configure(struct config **out, const char *path)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    TRY(diag_list_new(&findings));
    struct slice text = {NULL, 0};
    int result = file_read(&text, path, CONFIG_BYTES_MAX);
    if (result < 0) {
        diag_add(findings, DIAG_ERROR, (struct diag_position){path, 0, 0}, "unreadable",
                 "'yagurad --example-config' prints a file to start from",
                 "the config can't be read: %s",
                 result == STATUS_IO ? strerror(errno) : status_text(result));
        tell(findings);
        return CONFIG_REFUSED;
    }
    result = parse_and_check(out, text, path, findings);
    free((void *)(uintptr_t)text.data);
    tell(findings);
    return result;
}
