/* SPDX-License-Identifier: Apache-2.0 */
/* Folder: a folder of a test's own under the temporary one, removed with all that is in it. */
#pragma once

#include <stddef.h>

struct folder {
    char path[256];
    char joined[4][512]; /* paths handed out last */
    size_t next;
};

void folder_make(struct folder *folder);
void folder_remove(struct folder *folder);
/* path/name, or path for an empty name; valid until four more were asked for. */
const char *folder_path(struct folder *folder, const char *name);
/* Writes a file anew, as an editor does: a new file that takes the old one's name. */
void folder_write(struct folder *folder, const char *name, const char *text);
void folder_write_bytes(struct folder *folder, const char *name, const void *bytes, size_t count);
void folder_delete(struct folder *folder, const char *name);
void folder_make_folder(struct folder *folder, const char *name);
