/* SPDX-License-Identifier: Apache-2.0 */
/* Catalogue: what runs on endpoints and what it touches, from standing.def, programs.def and
 * objects.def. */
#pragma once

#include "gen/draw.h"
#include "proto/event.pb-c.h"

#include <stdbool.h>

struct standing {
    const char *image, *command, *account;
};

struct program {
    size_t parent; /* slot of a standing process */
    bool online;   /* uses the network */
    const char *image, *command;
    const char *child_image, *child_command;
    const char *company, *product;
};

enum object_kind {
    OBJECT_FILE,
    OBJECT_KEY,
    OBJECT_MODULE,
    OBJECT_NAME,
    OBJECT_PIPE,
    OBJECT_SCRIPT
};

struct object {
    const char *text, *detail;
};

const struct standing *catalogue_standing(Yagura__V1__Platform platform, size_t index);
/* By Zipf's weights. The platform must have such rows. */
const struct program *catalogue_program(Yagura__V1__Platform platform, struct draw *draw);
const struct object *catalogue_object(Yagura__V1__Platform platform, enum object_kind kind,
                                      struct draw *draw);
