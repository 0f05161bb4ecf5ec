/* SPDX-License-Identifier: Apache-2.0 */
/* The check that all other tests of OCSF trust: it must find what is planted. */
#include "ocsf_check.h"

#include <criterion/criterion.h>
#include <stdio.h>

#define HEAD                                                                                       \
    "{\"class_uid\":2004,\"category_uid\":2,\"activity_id\":1,\"type_uid\":200401,"                \
    "\"severity_id\":3,\"time\":1,"
#define METADATA "\"metadata\":{\"version\":\"1.8.0\",\"product\":{\"name\":\"x\"}}"
#define INFO     "\"finding_info\":{\"uid\":\"u\"}"
#define GOOD     HEAD METADATA "," INFO

static size_t check(const char *json, char *report, size_t size)
{
    return ocsf_check(slice_text(json), report, size);
}

/* A finding that is good, and then one thing is added, left out or changed. */
static const struct {
    const char *json;
    const char *violation; /* what the report says */
} planted[] = {
    {HEAD METADATA "}", ": finding_info is required"},
    {HEAD INFO "}", ": metadata is required"},
    {HEAD METADATA ",\"finding_info\":{}}", "finding_info: uid is required"},
    {HEAD METADATA ",\"finding_info\":[]}", "finding_info: is no object"},
    {GOOD ",\"message\":5}", "message: is no text"},
    {GOOD ",\"is_alert\":\"yes\"}", "is_alert: is neither true nor false"},
    {GOOD ",\"start_time\":\"now\"}", "start_time: is no whole number"},
    {GOOD ",\"start_time\":1.5}", "start_time: is no whole number"},
    {GOOD ",\"status_id\":7}", "status_id: 7 is not among"},
    {GOOD ",\"status_id\":99}", "status_id: is 99 (other) without status"},
    {GOOD ",\"author\":\"x\"}", "author: is no attribute of detection_finding"},
    {GOOD ",\"evidences\":{}}", "evidences: is no array"},
    {GOOD ",\"evidences\":[{}]}", "evidences[0]: has none of actor"},
    {GOOD ",\"evidences\":[{\"data\":1},{\"process\":{\"name\":\"x\"}}]}",
     "evidences[1].process: has none of pid uid cpid"},
    {GOOD ",\"evidences\":[{\"file\":{\"path\":\"x\",\"type_id\":1}}]}",
     "evidences[0].file: name is required"},
    {GOOD ",\"evidences\":[{\"dst_endpoint\":{\"ip\":\"x\"}}]}",
     "evidences[0].dst_endpoint.ip: is no address"},
    {GOOD ",\"evidences\":[{\"dst_endpoint\":{\"ip\":\"::1\",\"port\":65536}}]}",
     "evidences[0].dst_endpoint.port: is no port"},
    {GOOD ",\"evidences\":[{\"connection_info\":{}}]}", "direction_id is required"},
    {GOOD ",\"evidences\":[{\"query\":{}}]}", "evidences[0].query: hostname is required"},
    {GOOD ",\"observables\":[{\"name\":\"x\"}]}", "observables[0]: type_id is required"},
    {GOOD ",\"observables\":[{\"type_id\":17}]}", "observables[0].type_id: 17 is not among"},
    {GOOD ",\"device\":{\"type_id\":0}}", "device: has none of ip"},
    {GOOD ",\"device\":{\"uid\":\"x\"}}", "device: type_id is required"},
    {GOOD ",\"remediation\":{}}", "remediation: is a remediation, which ocsf.def does not hold"},
    {GOOD ",\"unmapped\":[]}", "unmapped: is no object"},
    {GOOD ",\"message\":\"a\",\"message\":\"b\"}", "is no JSON"},
    {GOOD, "is no JSON"},
    {"[]", "is no object"},
    {"", "is no JSON"},
    {"{\"class_uid\":2005,\"category_uid\":2,\"activity_id\":1,\"type_uid\":200501,"
     "\"severity_id\":3,\"time\":1," METADATA "," INFO "}",
     "class_uid: 2005 is not among"},
    {"{\"class_uid\":2004,\"category_uid\":2,\"activity_id\":1,\"type_uid\":200402,"
     "\"severity_id\":3,\"time\":1," METADATA "," INFO "}",
     "type_uid: is not class_uid * 100 + activity_id"},
};

Test(ocsf_check, finds_nothing_wrong_with_the_smallest_finding)
{
    char report[1024];
    cr_expect_eq(check(GOOD "}", report, sizeof report), 0, "%s", report);
    cr_expect_eq(check(GOOD ",\"unmapped\":{\"anything\":[1,null]}}", report, sizeof report), 0);
}

Test(ocsf_check, finds_each_planted_violation)
{
    for (size_t i = 0; i < sizeof planted / sizeof planted[0]; i++) {
        char report[4096];
        cr_expect_gt(check(planted[i].json, report, sizeof report), 0, "case %zu", i);
        cr_expect_not_null(strstr(report, planted[i].violation), "case %zu: %s", i, report);
    }
}

Test(ocsf_check, counts_violations_that_the_report_has_no_room_for)
{
    char report[20];
    const char *json = GOOD ",\"a\":1,\"b\":2,\"c\":3}";
    cr_expect_eq(check(json, report, sizeof report), 3);
    cr_expect_lt(strlen(report), sizeof report);
    cr_expect_eq(ocsf_check(slice_text(json), NULL, 0), 3);
}
