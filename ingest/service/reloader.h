/* SPDX-License-Identifier: Apache-2.0 */
/* Reloader: builds editions beside the running one and publishes them.
 *
 * Control thread only, but for the state that the metrics page reads. */
#pragma once

#include "ingest/library.h"
#include "ingest/service/config.h"
#include "ingest/service/log.h"
#include "ingest/service/publication.h"

#include <stdatomic.h>

enum reload_outcome {
#define OUTCOME(name, label, good, text) RELOAD_##name,
#include "ingest/service/reload_outcomes.def"
#undef OUTCOME
    RELOAD_OUTCOME_COUNT
};

const char *reload_outcome_label(enum reload_outcome outcome);
const char *reload_outcome_text(enum reload_outcome outcome);
bool reload_outcome_is_good(enum reload_outcome outcome);

/* For the metrics page; written by the control thread alone, each value for itself. */
struct reload_state {
    _Atomic uint64_t outcomes[RELOAD_OUTCOME_COUNT];
    _Atomic uint64_t last_outcome;
    _Atomic uint64_t last_success_unix_s;
    _Atomic uint64_t last_ms;
    _Atomic uint64_t files, rules_loaded, rules_refused, rules_kept;
    _Atomic uint64_t editions_held; /* retired and still used by a worker */
};

struct reload_report {
    enum reload_outcome outcome;
    struct library_report library;
    const struct diag_list *findings; /* of rules, lists and assets; until the next call */
    const struct edition *current;
    const struct edition *previous; /* or NULL */
    double seconds;
};

struct reloader;

struct reloader_options {
    const struct config *config;
    struct log *log;
    unsigned reader_count; /* of the publication */
};

enum { RELOADER_NO_RULES = 1 };
/* Loads for the first time. RELOADER_NO_RULES: nothing to judge by; the log says why. */
MUST_USE int reloader_new(struct reloader **out, const struct reloader_options *options);
/* No reader may be at work any more. */
void reloader_free(struct reloader *reloader);
DEFINE_AUTO(struct reloader, reloader_free)

struct publication *reloader_publication(struct reloader *reloader);
const struct reload_state *reloader_state(const struct reloader *reloader);

/* Reads what changed, builds, publishes. asked: by a person, who also wants to leave a rollback; a
 * watched folder only reports what changed in it. */
void reloader_load(struct reloader *reloader, bool asked, struct reload_report *report);
/* The previous edition is live again. */
void reloader_rollback(struct reloader *reloader, struct reload_report *report);
/* What runs, without doing anything. */
void reloader_describe(struct reloader *reloader, struct reload_report *report);
/* Frees what no worker uses any more; cheap, call it now and then. */
void reloader_tidy(struct reloader *reloader);
