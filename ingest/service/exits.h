/* SPDX-License-Identifier: Apache-2.0 */
/* Exits: how yagurad ends, for service managers and scripts (exits.def). */
#pragma once

enum exit_code {
#define EXIT(name, number, text) EXIT_CODE_##name = (number),
#include "ingest/service/exits.def"
#undef EXIT
};
