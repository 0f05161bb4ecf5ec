/* SPDX-License-Identifier: Apache-2.0 */
/* Tallies that are read while they are written: stress_tally [MATCHES].
 *
 * More rules than a tally has room for. A reader may be behind, but never sees a rule that does not
 * exist, nor more matches than there were; in the end everything is there. */
#include "stress.h"

#include "ingest/service/tally.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { WRITERS = 2, RULES = TALLY_RULES_MAX + 500, ROWS = 100 };

struct writer {
    struct tally *tally;
    unsigned long matches;
    pthread_t id;
};

/* Rule r's id ends with r; few rules match often, as ever. */
static void *count_matches(void *argument)
{
    const struct writer *writer = argument;
    for (unsigned long i = 0; i < writer->matches; i++) {
        uint8_t id[UUID_BYTES] = {0xA5};
        uint32_t rule = (uint32_t)(i % 3 == 0 ? i % RULES : i % 7);
        memcpy(id + UUID_BYTES - sizeof rule, &rule, sizeof rule);
        tally_count(writer->tally, id);
    }
    return NULL;
}

static uint64_t read_once(struct tally *const tallies[])
{
    struct tally_row rows[ROWS];
    uint64_t others = 0, sum = 0;
    size_t count = tally_top(rows, ROWS, &others, tallies, WRITERS);
    for (size_t i = 0; i < count; i++) {
        uint32_t rule = 0;
        memcpy(&rule, rows[i].rule_id + UUID_BYTES - sizeof rule, sizeof rule);
        REQUIRE(rows[i].rule_id[0] == 0xA5 && rule < RULES, "rule %u", rule);
        REQUIRE(i == 0 || rows[i].count <= rows[i - 1].count, "not in order");
        sum += rows[i].count;
    }
    return sum + others;
}

int main(int argc, char *argv[])
{
    unsigned long matches = stress_amount(argc, argv, 1, 1000000);
    struct tally *tallies[WRITERS] = {NULL};
    struct writer writers[WRITERS];
    uint64_t seen = 0;
    for (unsigned i = 0; i < WRITERS; i++) {
        REQUIRE(tally_new(&tallies[i]) == 0, "memory");
        writers[i] = (struct writer){.tally = tallies[i], .matches = matches};
        REQUIRE(pthread_create(&writers[i].id, NULL, count_matches, &writers[i]) == 0, "thread");
    }
    for (unsigned i = 0; i < 50; i++) {
        uint64_t now = read_once(tallies);
        REQUIRE(now >= seen && now <= WRITERS * matches, "%llu matches after %llu",
                (unsigned long long)now, (unsigned long long)seen);
        seen = now;
    }
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_join(writers[i].id, NULL);
    REQUIRE(read_once(tallies) == WRITERS * matches, "matches are missing");
    for (unsigned i = 0; i < WRITERS; i++)
        tally_free(tallies[i]);
    printf("%lu matches of %d rules by %d workers, read meanwhile\n", WRITERS * matches, RULES,
           WRITERS);
    return 0;
}
