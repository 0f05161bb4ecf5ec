/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/command/input.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

const char *input_name(const char *path)
{
    return is_standard(path) ? "standard input" : path;
}

/* fopen() opens folders too, and only reading fails. */
static bool is_folder(FILE *file)
{
    struct stat st;
    if (fstat(fileno(file), &st) != 0 || !S_ISDIR(st.st_mode))
        return false;
    errno = EISDIR;
    return true;
}

FILE *input_open(const char *path, struct console *console)
{
    FILE *file = is_standard(path) ? stdin : fopen(path, "rbe");
    if (file != NULL && !is_folder(file))
        return file;
    console_error(console, "%s: %s", input_name(path), strerror(errno));
    input_close(file);
    return NULL;
}

void input_close(FILE *file)
{
    if (file != NULL && file != stdin)
        fclose(file);
}
