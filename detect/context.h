/* SPDX-License-Identifier: Apache-2.0 */
/* Context: look-up tables that enrich alerts: assets by (tenant, endpoint), ATT&CK names by id.
 *
 * Immutable after loading; published and reloaded like a rule set. Further tables (approvals, IOC,
 * prevalence) will come through the same door. */
#pragma once

#include "proto/alert.h"
#include "proto/diag.h"

struct context;

enum context_format { CONTEXT_CSV, CONTEXT_YAML };

enum {
    CONTEXT_TABLE_BYTES_MAX = 256 * 1024 * 1024,
    CONTEXT_ASSETS_MAX = 2000000,  /* of all tables */
    CONTEXT_TEXT_BYTES_MAX = 1024, /* of one cell */
};

struct context_options {
    int64_t as_of_unix_s;  /* when the table was made: its file's time; a YAML table's own `as_of`
                              wins */
    int64_t stale_after_s; /* 0: never stale */
};

/* An empty context: every endpoint is unknown. */
MUST_USE int context_new(struct context **out);
void context_free(struct context *context);
DEFINE_AUTO(struct context, context_free)

/* Adds the rows of an asset table. Columns or keys: tenant_id, endpoint_id (UUIDs, required),
 * hostname, owner, department, role, criticality (low, medium, high, critical), contact, region,
 * tenant_name (asset.def; asset.h has the formats). A table with an error is refused whole and the
 * findings say why: CONTEXT_REFUSED. An endpoint may stand in one table only. */
enum { CONTEXT_REFUSED = 1 };
MUST_USE int context_add_assets(struct context *context, struct slice text,
                                enum context_format format, const char *path,
                                const struct context_options *options, struct diag_list *findings);
size_t context_asset_count(const struct context *context);
/* What is known of an endpoint at the given time. known is false if there is no entry; stale is
 * true if its table is too old, and for an endpoint without an entry if any table is. O(1), any
 * thread.
 */
void context_asset(struct alert_asset *out, const struct context *context, struct slice tenant_id,
                   struct slice endpoint_id, int64_t now_unix_s);
