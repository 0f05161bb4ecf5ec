/* SPDX-License-Identifier: Apache-2.0 */
/* Status: the one rule for results, and ownership helpers.
 *
 * 0 is success. Negative is failure, passed on unchanged (STATUS_* of status.def). Positive is an
 * outcome that the function documents and the caller must handle. For people, failures come with
 * diagnostics (diag.h); a status says only what kind. */
#pragma once

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))

enum status {
    STATUS_OK = 0,
#define STATUS(name, number, text) STATUS_##name = (number),
#include "proto/status.def"
#undef STATUS
};

/* A sentence for a status; never NULL. */
const char *status_text(int status);

/* Returns from the calling function when expr is negative. The only macro that touches control
 * flow. Its value is lost: a function with positive outcomes is called without it. */
#define TRY(expr)                                                                                  \
    do {                                                                                           \
        int try_result_ = (expr);                                                                  \
        if (try_result_ < 0)                                                                       \
            return try_result_;                                                                    \
    } while (0)

/* DEFINE_AUTO(struct x, x_free) once per type makes AUTO(x_free) usable: the variable is freed when
 * its scope ends. */
#define DEFINE_AUTO(type, free_fn)                                                                 \
    static inline void free_fn##_auto_(type **owner)                                               \
    {                                                                                              \
        free_fn(*owner);                                                                           \
    }
#define AUTO(free_fn) __attribute__((cleanup(free_fn##_auto_)))

/* Hands ownership over: *out = TAKE(&x). */
#define TAKE(owner)                                                                                \
    __extension__({                                                                                \
        __typeof__(*(owner)) taken_ = *(owner);                                                    \
        *(owner) = NULL;                                                                           \
        taken_;                                                                                    \
    })
