/* SPDX-License-Identifier: Apache-2.0 */
/* Message: any decoded protobuf message as JSON members, by its descriptor: for people to look at.
 *
 * Names as in the schema. Enumerations by name; bytes as text if they are UTF-8 (else also as
 * NAME_base64), 16-byte ids as UUIDs, digests in hexadecimal digits. */
#pragma once

#include "proto/json.h"
#include "proto/view.h"

/* Writes the members of an object that is open. skipped: a field to leave out, or NULL. */
void message_write(struct json *json, const struct view *message, const char *skipped);

/* Text as a member, and where it is no UTF-8 its bytes too, as NAME_base64. */
void message_write_text(struct json *json, struct slice name, struct slice text);
