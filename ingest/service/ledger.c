/* SPDX-License-Identifier: Apache-2.0 */
/* A ring per partition holds the records that wrote something and are not done. Most records write
 * nothing: they are the ring's newest entry for the moment between begin and finish, and are gone
 * again without a trace when nothing older waits. The low-water mark is the offset of the oldest
 * entry, or one past the last finished record when the ring is empty.
 *
 * A ticket is (slot << SEQUENCE_BITS | sequence). Sequences of a slot never start again, not even
 * when another partition takes the slot, so a late receipt for a partition that was taken away
 * can't be mistaken for one of its successor's: it lies below the ring. No memory is taken per
 * message, and nothing has to be searched. Rejected: a pointer to a counted object per record
 * (allocation per alert), and a hash table of outstanding offsets. */
#include "ingest/service/ledger.h"

#include <assert.h>
#include <stdlib.h>

enum { SEQUENCE_BITS = 48, RING_FIRST = 64 };
#define SEQUENCE_MASK ((UINT64_C(1) << SEQUENCE_BITS) - 1)

struct entry {
    int64_t offset;
    uint32_t outstanding; /* messages, and 1 until finish */
};

struct slot {
    char *topic; /* NULL: free */
    size_t topic_len;
    int32_t number;
    struct entry *ring;
    size_t capacity;     /* a power of two, or 0 */
    uint64_t first;      /* sequence of the oldest entry */
    uint64_t next;       /* sequence of the entry to come */
    int64_t next_offset; /* the lowest record that is not stale */
    int64_t done;        /* one past the last record that finished; -1: none */
    int64_t taken;       /* the mark that was last handed out; -1: none */
};

struct ledger {
    struct slot *slots;
    size_t slot_count;
    size_t records_max;
    size_t outstanding;
    size_t hint;   /* where the last record's partition was found */
    size_t cursor; /* where take_moved goes on */
};

_Static_assert((uint64_t)LEDGER_PARTITIONS_MAX <= UINT64_C(1) << (64 - SEQUENCE_BITS),
               "a slot fits its ticket");

int ledger_new(struct ledger **out, size_t records_in_flight_max)
{
    assert(out != NULL && records_in_flight_max >= 1 &&
           records_in_flight_max <= LEDGER_RECORDS_MAX);
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return STATUS_NO_MEMORY;
    ledger->records_max = records_in_flight_max;
    *out = ledger;
    return 0;
}

void ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (size_t i = 0; i < ledger->slot_count; i++) {
        free(ledger->slots[i].topic);
        free(ledger->slots[i].ring);
    }
    free(ledger->slots);
    free(ledger);
}

static bool slot_is(const struct slot *slot, struct slice topic, int32_t number)
{
    return slot->topic != NULL && slot->number == number &&
           slice_equal(slice_of(slot->topic, slot->topic_len), topic);
}

static struct slot *slot_find(struct ledger *ledger, struct slice topic, int32_t number)
{
    if (ledger->hint < ledger->slot_count && slot_is(&ledger->slots[ledger->hint], topic, number))
        return &ledger->slots[ledger->hint];
    for (size_t i = 0; i < ledger->slot_count; i++) {
        if (slot_is(&ledger->slots[i], topic, number)) {
            ledger->hint = i;
            return &ledger->slots[i];
        }
    }
    return NULL;
}

/* A slot that no partition uses, made if need be. */
static int slot_take(struct ledger *ledger, struct slot **out)
{
    for (size_t i = 0; i < ledger->slot_count; i++) {
        if (ledger->slots[i].topic == NULL) {
            *out = &ledger->slots[i];
            return 0;
        }
    }
    if (ledger->slot_count == LEDGER_PARTITIONS_MAX)
        return STATUS_LIMIT;
    struct slot *slots = realloc(ledger->slots, (ledger->slot_count + 1) * sizeof *ledger->slots);
    if (slots == NULL)
        return STATUS_NO_MEMORY;
    ledger->slots = slots;
    *out = &slots[ledger->slot_count++];
    **out = (struct slot){0};
    return 0;
}

int ledger_open(struct ledger *ledger, struct partition partition)
{
    ledger_close(ledger, partition);
    struct slot *slot = NULL;
    TRY(slot_take(ledger, &slot));
    slot->topic = malloc(partition.topic.len + 1);
    if (slot->topic == NULL)
        return STATUS_NO_MEMORY;
    if (partition.topic.len > 0)
        memcpy(slot->topic, partition.topic.data, partition.topic.len);
    slot->topic[partition.topic.len] = '\0';
    slot->topic_len = partition.topic.len;
    slot->number = partition.number;
    slot->first = slot->next;
    slot->next_offset = 0;
    slot->done = -1;
    slot->taken = -1;
    return 0;
}

static struct entry *ring_at(const struct slot *slot, uint64_t sequence)
{
    assert(sequence >= slot->first && sequence < slot->next);
    return &slot->ring[sequence & (slot->capacity - 1)];
}

void ledger_close(struct ledger *ledger, struct partition partition)
{
    struct slot *slot = slot_find(ledger, partition.topic, partition.number);
    if (slot == NULL)
        return;
    for (uint64_t s = slot->first; s < slot->next; s++)
        ledger->outstanding -= ring_at(slot, s)->outstanding;
    slot->first = slot->next;
    free(slot->topic);
    slot->topic = NULL;
}

static int ring_grow(struct slot *slot)
{
    size_t capacity = slot->capacity == 0 ? RING_FIRST : slot->capacity * 2;
    struct entry *ring = malloc(capacity * sizeof *ring);
    if (ring == NULL)
        return STATUS_NO_MEMORY;
    for (uint64_t s = slot->first; s < slot->next; s++)
        ring[s & (capacity - 1)] = *ring_at(slot, s);
    free(slot->ring);
    slot->ring = ring;
    slot->capacity = capacity;
    return 0;
}

int ledger_begin(struct ledger *ledger, const struct record *record, uint64_t *ticket)
{
    struct slot *slot = slot_find(ledger, record->topic, record->partition);
    if (slot == NULL || record->offset < slot->next_offset)
        return LEDGER_STALE;
    if (slot->next - slot->first >= ledger->records_max)
        return LEDGER_FULL;
    if (slot->next - slot->first == slot->capacity)
        TRY(ring_grow(slot));
    uint64_t sequence = slot->next++;
    *ring_at(slot, sequence) = (struct entry){.offset = record->offset, .outstanding = 1};
    slot->next_offset = record->offset + 1;
    ledger->outstanding++;
    *ticket = (uint64_t)(slot - ledger->slots) << SEQUENCE_BITS | (sequence & SEQUENCE_MASK);
    return 0;
}

/* The slot of a ticket that is still open, else NULL. */
static struct slot *ticket_slot(const struct ledger *ledger, uint64_t ticket)
{
    size_t index = (size_t)(ticket >> SEQUENCE_BITS);
    assert(index < ledger->slot_count);
    struct slot *slot = &ledger->slots[index];
    uint64_t sequence = ticket & SEQUENCE_MASK;
    return sequence >= slot->first && sequence < slot->next ? slot : NULL;
}

void ledger_expect(struct ledger *ledger, uint64_t ticket)
{
    struct slot *slot = ticket_slot(ledger, ticket);
    assert(slot != NULL);
    ring_at(slot, ticket & SEQUENCE_MASK)->outstanding++;
    ledger->outstanding++;
}

void ledger_acknowledge(struct ledger *ledger, uint64_t ticket)
{
    struct slot *slot = ticket_slot(ledger, ticket);
    if (slot == NULL)
        return;
    struct entry *entry = ring_at(slot, ticket & SEQUENCE_MASK);
    assert(entry->outstanding > 0);
    entry->outstanding--;
    ledger->outstanding--;
    while (slot->first < slot->next && ring_at(slot, slot->first)->outstanding == 0) {
        slot->done = ring_at(slot, slot->first)->offset + 1;
        slot->first++;
    }
}

void ledger_finish(struct ledger *ledger, uint64_t ticket)
{
    assert(ticket_slot(ledger, ticket) != NULL);
    ledger_acknowledge(ledger, ticket);
}

size_t ledger_outstanding(const struct ledger *ledger)
{
    return ledger->outstanding;
}

bool ledger_record(const struct ledger *ledger, uint64_t ticket, struct partition *partition,
                   int64_t *offset)
{
    const struct slot *slot = ticket_slot(ledger, ticket);
    if (slot == NULL)
        return false;
    *partition = (struct partition){slice_of(slot->topic, slot->topic_len), slot->number};
    *offset = ring_at(slot, ticket & SEQUENCE_MASK)->offset;
    return true;
}

bool ledger_take_moved(struct ledger *ledger, struct position *out)
{
    for (; ledger->cursor < ledger->slot_count; ledger->cursor++) {
        struct slot *slot = &ledger->slots[ledger->cursor];
        if (slot->topic == NULL || slot->done == slot->taken)
            continue;
        slot->taken = slot->done;
        *out =
            (struct position){{slice_of(slot->topic, slot->topic_len), slot->number}, slot->done};
        return true;
    }
    ledger->cursor = 0;
    return false;
}
