/* SPDX-License-Identifier: Apache-2.0 */
/* Hold slots alone: stress_publication [PUBLICATIONS].
 *
 * Readers take, look and let go without a pause while one thread publishes and rolls back. What a
 * reader holds must stay as it was published: a sanitizer sees the memory of an edition that was
 * freed too early, this program one that was mixed up. */
#include "stress.h"

#include "ingest/service/publication.h"
#include "rules/parser.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum { READERS = 4, RULESETS = 3 };

struct stage {
    struct publication *publication;
    struct shared_ruleset *rulesets[RULESETS];
    char names[RULESETS][65]; /* what editions of each rule set are called */
    struct shared_context *context;
    uint64_t editions;
    _Atomic bool stop;
};

struct reader {
    struct stage *stage;
    unsigned number;
    pthread_t thread;
    uint64_t takes, changes;
};

static void *read_editions(void *argument)
{
    struct reader *reader = argument;
    const struct stage *stage = reader->stage;
    uint64_t last = 0;
    /* Relaxed: it has to be seen some time. */
    while (!atomic_load_explicit(&stage->stop, memory_order_relaxed)) {
        const struct edition *edition = publication_take(stage->publication, reader->number);
        uint64_t number = edition->number;
        REQUIRE(strcmp(edition->ruleset_hex, stage->names[number % RULESETS]) == 0, "name");
        REQUIRE(ruleset_rule_count(edition->ruleset) == 1, "rules");
        REQUIRE(context_asset_count(edition->context) == 0, "assets");
        REQUIRE(edition->number == number, "an edition changed while it was held");
        reader->changes += number != last;
        reader->takes++;
        last = number;
        publication_release(stage->publication, reader->number);
    }
    return NULL;
}

static struct ruleset *make_ruleset(unsigned index)
{
    AUTO(diag_list_free) struct diag_list *findings = NULL;
    struct rule_list rules = {0};
    struct ruleset *ruleset = NULL;
    char text[256];
    snprintf(
        text, sizeof text,
        "title: x\nid: 0000000%u-0000-4000-8000-000000000000\nlogsource:\n    product: windows\n"
        "detection:\n    selection:\n        Image: 'x'\n    condition: selection\n",
        index);
    REQUIRE(diag_list_new(&findings) == 0, "memory");
    REQUIRE(parser_read(&rules, slice_text(text), "x.yml", &(struct parser_options){0}, findings) ==
                0,
            "rule");
    int built =
        ruleset_build(&ruleset, rules.items, rules.count, &(struct ruleset_options){0}, findings);
    REQUIRE(built == 0, "rule set");
    rule_list_deinit(&rules);
    return ruleset;
}

static struct edition *make_edition(struct stage *stage)
{
    struct edition *edition = NULL;
    uint64_t number = ++stage->editions;
    const struct edition_options options = {
        .ruleset = stage->rulesets[number % RULESETS], .context = stage->context, .number = number};
    REQUIRE(edition_new(&edition, &options) == 0, "memory");
    return edition;
}

static void start(struct stage *stage)
{
    struct context *context = NULL;
    REQUIRE(context_new(&context) == 0, "memory");
    REQUIRE(shared_context_new(&stage->context, context) == 0, "memory");
    for (unsigned i = 0; i < RULESETS; i++)
        REQUIRE(shared_ruleset_new(&stage->rulesets[i], make_ruleset(i), i) == 0, "memory");
    for (unsigned i = 0; i < RULESETS; i++) {
        struct edition *edition = make_edition(stage);
        memcpy(stage->names[edition->number % RULESETS], edition->ruleset_hex, 65);
        edition_free(edition);
    }
    REQUIRE(publication_new(&stage->publication, make_edition(stage), READERS) == 0, "memory");
}

static void publish_all(struct stage *stage, unsigned long publications)
{
    for (unsigned long i = 0; i < publications; i++) {
        publication_publish(stage->publication, make_edition(stage));
        if (i % 5 == 4)
            REQUIRE(publication_rollback(stage->publication) == 0, "there is a previous one");
        REQUIRE(publication_reclaim(stage->publication) <= READERS, "more held than readers");
    }
}

int main(int argc, char *argv[])
{
    struct stage stage = {0};
    struct reader readers[READERS];
    uint64_t takes = 0, changes = 0;
    start(&stage);
    for (unsigned i = 0; i < READERS; i++) {
        readers[i] = (struct reader){.stage = &stage, .number = i};
        REQUIRE(pthread_create(&readers[i].thread, NULL, read_editions, &readers[i]) == 0,
                "thread");
    }
    publish_all(&stage, stress_amount(argc, argv, 1, 30000));
    atomic_store_explicit(&stage.stop, true, memory_order_relaxed);
    for (unsigned i = 0; i < READERS; i++) {
        pthread_join(readers[i].thread, NULL);
        takes += readers[i].takes;
        changes += readers[i].changes;
    }
    REQUIRE(publication_reclaim(stage.publication) == 0, "nobody holds anything");
    publication_free(stage.publication);
    shared_context_unref(stage.context);
    for (unsigned i = 0; i < RULESETS; i++)
        shared_ruleset_unref(stage.rulesets[i]);
    printf("%llu editions taken, %llu of them new to their reader\n", (unsigned long long)takes,
           (unsigned long long)changes);
    return 0;
}
