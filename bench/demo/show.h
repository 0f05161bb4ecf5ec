/* SPDX-License-Identifier: Apache-2.0 */
/* Show: an alert as two or three lines that a person reads in passing.
 *
 * What an endpoint chose (command lines, names) is shown without anything a terminal would obey:
 * control characters, invalid UTF-8 and marks that reverse the direction of text become '?'. */
#pragma once

#include "proto/alert.pb-c.h"

#include <stdbool.h>
#include <stdio.h>

void show_alert(FILE *out, const Yagura__V1__Alert *alert, bool colour);
/* "critical" ... by OCSF's number. */
const char *show_severity(unsigned severity_id);
