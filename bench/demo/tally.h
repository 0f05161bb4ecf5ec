/* SPDX-License-Identifier: Apache-2.0 */
/* Tally: what has been seen so far: alerts by severity and by rule, for the status line and the
 * summary. */
#pragma once

#include "proto/alert.pb-c.h"
#include "proto/status.h"

#include <stdint.h>
#include <stdio.h>

enum { TALLY_RULES_MAX = 8192, TALLY_TITLE_BYTES = 120, TALLY_ID_BYTES = 40, TALLY_TOP = 10 };

struct tally;

MUST_USE int tally_new(struct tally **out);
void tally_free(struct tally *tally);
DEFINE_AUTO(struct tally, tally_free)

/* Beyond TALLY_RULES_MAX different rules only the totals grow. */
void tally_add(struct tally *tally, const Yagura__V1__Alert *alert);
uint64_t tally_total(const struct tally *tally);
size_t tally_rule_count(const struct tally *tally);
/* Totals by severity, then the rules with the most alerts. */
void tally_write(FILE *out, struct tally *tally);
