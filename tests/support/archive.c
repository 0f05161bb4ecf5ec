/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what tar calls the GNU format: blocks of 512 bytes, names up to 100 bytes in the header,
 * longer ones in a member of type L before. */
#include "archive.h"

#include "events.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 512, NAME_BYTES = 100, SIZE_AT = 124, SIZE_BYTES = 12, TYPE_AT = 156 };

static const char ARCHIVE[] = "sigmahq-rules-8eaafff1.tar.xz";

struct member {
    char name[4096];
    char type;
    size_t size;
    uint8_t *content; /* malloc */
};

/* False at the end. */
static bool read_member(struct member *member, FILE *stream)
{
    uint8_t header[BLOCK_BYTES];
    if (fread(header, sizeof header, 1, stream) != 1 || header[0] == '\0')
        return false;
    char size[SIZE_BYTES + 1] = {0};
    memcpy(size, header + SIZE_AT, SIZE_BYTES);
    snprintf(member->name, sizeof member->name, "%.*s", NAME_BYTES, (const char *)header);
    member->type = (char)header[TYPE_AT];
    member->size = strtoul(size, NULL, 8);
    size_t padded = (member->size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES;
    member->content = malloc(padded + 1);
    assert(member->content != NULL);
    size_t blocks = fread(member->content, BLOCK_BYTES, padded / BLOCK_BYTES, stream);
    assert(blocks == padded / BLOCK_BYTES);
    return true;
}

static bool is_wanted(const char *name, const char *const folders[], size_t count)
{
    size_t len = strlen(name);
    if (len < 4 || strcmp(name + len - 4, ".yml") != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(name, folders[i], strlen(folders[i])) == 0)
            return true;
    }
    return false;
}

bool archive_rules(const char *const folders[], size_t count, archive_file_fn *visit, void *context)
{
    FILE *stream = events_open(ARCHIVE);
    if (stream == NULL)
        return false;
    struct member member;
    char long_name[4096] = "";
    while (read_member(&member, stream)) {
        const char *name = long_name[0] == '\0' ? member.name : long_name;
        if (member.type == '0' && is_wanted(name, folders, count))
            visit(name, slice_of(member.content, member.size), context);
        long_name[0] = '\0';
        if (member.type == 'L')
            snprintf(long_name, sizeof long_name, "%.*s", (int)member.size,
                     (const char *)member.content);
        free(member.content);
    }
    while (fgetc(stream) != EOF) /* or the unpacker would die of a broken pipe */
        continue;
    events_close(stream);
    return true;
}
