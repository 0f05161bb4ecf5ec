/* SPDX-License-Identifier: Apache-2.0 */
/* yagura-bench profile: writes detect/pairs.def, the profile by which triggers are chosen, from
 * recorded or generated events.
 *
 * Counted are the values of all fields, folded, each as often as it occurs, but each file weighs
 * the same. A pair that never occurred counts as half of one, so nothing is impossible. */
#include "command.h"
#include "detect/rarity.h"
#include "proto/field.h"
#include "proto/fold.h"
#include "records.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 64 * 1024 * 1024 };

static const double UNSEEN = 0.5;

struct profile {
    double pairs[RARITY_SYMBOLS][RARITY_SYMBOLS];
    double texts, bytes;
};

static void count_text(struct profile *profile, struct slice folded)
{
    unsigned before = RARITY_EDGE;
    for (size_t i = 0; i < folded.len; i++) {
        unsigned symbol = rarity_symbol(folded.data[i]);
        profile->pairs[before][symbol]++;
        before = symbol;
    }
    profile->pairs[before][RARITY_EDGE]++;
    profile->texts++;
    profile->bytes += (double)folded.len;
}

static int count_value(struct profile *profile, const struct value *value, struct arena *arena)
{
    char buffer[VALUE_TEXT_BYTES_MAX];
    struct slice text = value_text(value, buffer);
    if (text.len == 0)
        return 0;
    struct slice folded = fold_copy(arena, text);
    if (folded.data == NULL)
        return STATUS_LIMIT;
    count_text(profile, folded);
    return 0;
}

static int count_event(struct profile *profile, const struct event *event, struct arena *arena)
{
    struct field_iterator iterator;
    struct slice name;
    struct value value;
    field_iterate(&iterator, event, arena);
    while (field_next(&iterator, &name, &value))
        TRY(count_value(profile, &value, arena));
    return 0;
}

static int count_records(struct profile *profile, const struct records *records,
                         struct arena *arena)
{
    for (size_t i = 0; i < records->count; i++) {
        struct batch batch;
        arena_reset(arena);
        TRY(batch_decode(&batch, records->items[i], &(struct batch_options){0}, arena));
        for (size_t j = 0; j < batch.event_count; j++)
            TRY(count_event(profile, &batch.events[j], arena));
    }
    return 0;
}

/* Adds one file's counts, scaled so that each file brings a million texts. */
static void add_file(struct profile *total, const struct profile *file)
{
    double scale = 1e6 / file->texts;
    for (size_t i = 0; i < RARITY_SYMBOLS; i++)
        for (size_t j = 0; j < RARITY_SYMBOLS; j++)
            total->pairs[i][j] += scale * file->pairs[i][j];
    total->texts += scale * file->texts;
    total->bytes += scale * file->bytes;
}

static int read_file(struct profile *total, const char *path)
{
    AUTO(arena_free) struct arena *arena = NULL;
    struct records records = {0};
    struct profile *file = calloc(1, sizeof *file);
    int result = file == NULL ? STATUS_NO_MEMORY : arena_new_fixed(&arena, ARENA_BYTES);
    if (result == 0)
        result = records_read(&records, path);
    if (result == 0)
        result = count_records(file, &records, arena);
    if (result == 0 && file->texts > 0)
        add_file(total, file);
    records_deinit(&records);
    free(file);
    return result;
}

static char letter_of(double share)
{
    double bits = round(-log2(share));
    double last = RARITY_SCALE_LAST - RARITY_SCALE_FIRST;
    return (char)(RARITY_SCALE_FIRST + (int)(bits < 0 ? 0 : bits > last ? last : bits));
}

static double sum_of(const double counts[RARITY_SYMBOLS])
{
    double sum = 0;
    for (size_t i = 0; i < RARITY_SYMBOLS; i++)
        sum += counts[i] + UNSEEN;
    return sum;
}

static void print_row(const char *macro, const double counts[RARITY_SYMBOLS], double sum)
{
    printf("%s(\"", macro);
    for (size_t i = 0; i < RARITY_SYMBOLS; i++)
        putchar(letter_of((counts[i] + UNSEEN) / sum));
    puts("\")");
}

static void print_profile(const struct profile *profile)
{
    double shares[RARITY_SYMBOLS];
    for (size_t i = 0; i < RARITY_SYMBOLS; i++)
        shares[i] = sum_of(profile->pairs[i]);
    shares[RARITY_EDGE] = 0;
    puts("/* SPDX-License-Identifier: Apache-2.0 */\n"
         "/* TEXT_BYTES(mean): of a value. SHARES(row): each symbol's share of all bytes. "
         "PAIRS(row),\n"
         " * in the order of symbols: what follows one. Rows and letters as rarity.h says.\n"
         " * Made by: yagura-bench profile (bench/README.md says of which events). */");
    printf("TEXT_BYTES(%.0f)\n", profile->bytes / profile->texts);
    print_row("SHARES", shares, sum_of(shares));
    for (size_t i = 0; i < RARITY_SYMBOLS; i++)
        print_row("PAIRS", profile->pairs[i], sum_of(profile->pairs[i]));
}

static void usage(FILE *out)
{
    fputs("usage: yagura-bench profile FILE...\n\n"
          "Counts which characters follow each other in the events of files of length-delimited\n"
          "batches, and writes detect/pairs.def to standard output.\n",
          out);
}

int bench_profile(int argc, char *argv[])
{
    bool help = argc >= 2 && strcmp(argv[1], "--help") == 0;
    if (argc < 2 || help) {
        usage(help ? stdout : stderr);
        return help ? 0 : EXIT_USAGE;
    }
    struct profile *total = calloc(1, sizeof *total);
    int result = total == NULL ? STATUS_NO_MEMORY : 0;
    for (int i = 1; result == 0 && i < argc; i++) {
        result = read_file(total, argv[i]);
        if (result < 0)
            fprintf(stderr, "yagura-bench: %s: %s\n", argv[i],
                    result == STATUS_IO ? strerror(errno) : status_text(result));
    }
    if (result == 0)
        print_profile(total);
    free(total);
    return result < 0;
}
