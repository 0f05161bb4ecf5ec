/* SPDX-License-Identifier: Apache-2.0 */
/* Number: values as numbers, whatever type they came in. */
#pragma once

#include "proto/value.h"

enum { NUMBER_TEXT_BYTES_MAX = 64 }; /* a longer text is no number */

/* Reads an integer, a real, or text that is wholly a decimal number: sign, digits, fraction,
 * exponent; no spaces, no hexadecimal, no infinity. A real without fraction comes out as integer
 * where one can hold it, so equal numbers have equal types. False: not a number. */
bool number_of(struct value *out, const struct value *value);
/* Of two outcomes of number_of. <0, 0, >0; exact also where a double could not tell. */
int number_compare(const struct value *a, const struct value *b);
/* A scalar's text as tests see it: value_text, with a real of integral value written as the
 * integer. */
struct slice number_text(const struct value *value, char *buffer);
