#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Records that nobody should send: each goes to the dead-letter topic as it came, with its reason, and never to the alerts;
the good events of a bad record are judged all the same, and what is merely odd is judged like anything else."""

import os
import sys
from collections import namedtuple

import wire
from harness import ALERTS, DLQ, RAW, TOPICS, Bench, check, main, rule, say, uuid_of, wait_for
from producer import Producer

TENANT, OTHER, ENDPOINT = uuid_of("tenant"), uuid_of("other tenant"), uuid_of("endpoint")
HEADER = ("x-tenant-id", str(TENANT))
CODECS, CODEC_EVENTS = ("none", "gzip", "snappy", "lz4", "zstd"), 500
SMALL = "small.dlq.v1"  # with Kafka's own limit of 1 MiB

# What is sent, and what must come of it: reason None: no dead letter; alerts: how many.
Case = namedtuple("Case", "name value key headers reason alerts", defaults=(str(ENDPOINT), (HEADER,), None, 0))

def origin(tenant=TENANT):
    return wire.field(1, wire.field(1, tenant.bytes) + wire.field(2, ENDPOINT.bytes) + wire.field(4, "pc")
                      + wire.field(5, 1))


def file_event(path):
    return wire.field(4, wire.field(7, wire.field(1, 1) + wire.field(2, path)))


def bad_event():
    """Its actor is process 9 of a batch that has none."""
    return wire.field(4, wire.field(4, 9) + wire.field(7, wire.field(1, 1) + wire.field(2, "marked")))


def cases():
    good = origin() + file_event("C:\\marked.txt")
    nul = origin() + file_event(b"C:\\a\x00b\xff\xfe marked \x1b[31m.txt")
    return [
        Case("a good record", good, alerts=1),
        Case("a forged tenant", origin(OTHER) + file_event("marked"), reason="forged_tenant"),
        Case("no tenant at all", good, headers=(), reason="no_tenant"),
        Case("a tenant that is no UUID", good, headers=(("x-tenant-id", "acme"),), reason="no_tenant"),
        Case("no origin", file_event("marked"), reason="no_origin", alerts=1),
        Case("no event", origin(), reason="no_events"),
        Case("random bytes", os.urandom(300), reason="*"),
        Case("text", b'{"Image": "marked"}', reason="*"),
        Case("cut off", good[:-5], reason="truncated"),
        Case("a length beyond the end", b"\x0a\xff\xff\xff\xff\x07" + b"x" * 50, reason="truncated"),
        Case("null value", None, reason="empty"),
        Case("empty value", b"", reason="empty"),
        Case("null key", good, key=None, alerts=1),
        Case("unknown headers", good, headers=(HEADER, ("x-unknown", "\x7f%s"), ("traceparent", "00-zz")), alerts=1),
        Case("NUL, bad UTF-8 and escapes", nul, alerts=1),
        Case("unknown field", good + wire.field(60, b"later"), alerts=1),
        Case("a bad event among good ones", origin() + file_event("marked") + bad_event() + file_event("marked"),
             reason="index_range", alerts=2),
        Case("Confluent framing", b"\x00" + (7).to_bytes(4, "big") + b"\x00" + good, alerts=1),
        Case("cut-off framing", b"\x00\x00\x00", reason="framing"),
        Case("larger than the limit", origin() + file_event(b"marked" + os.urandom(2 << 20)), reason="record_too_large"),
        Case("another good record", good, alerts=1),
    ]


def every_codec(bench, service):
    """However a producer compresses."""
    judged, records = service.metric("yagura_events_total"), service.metric("yagura_dead_letters_total")
    for codec in CODECS:
        bench.run("yagura-bench", "gen", "--brokers", bench.bootstrap, "--events", CODEC_EVENTS, "--codec", codec)
    wait_for("all codecs are read", 30,
             lambda: service.metric("yagura_events_total") >= judged + CODEC_EVENTS * len(CODECS))
    check(service.metric("yagura_dead_letters_total") == records, f"read whole: {', '.join(CODECS)}")


def refused_letter(bench, rules, sent):
    """A record that the dead-letter topic doesn't take whole loses its value, and stops nothing."""
    service = bench.service("two", rules=[rules], group="small", extra=f"output:\n  dead_letters: {SMALL}\n").start()
    wait_for("all are judged", 30, lambda: service.metric("yagura_records_total") >= len(sent))
    letters = wait_for("the dead letter without its value", 20, lambda: [
        letter for letter in bench.records(SMALL) if letter.headers.get("x-dlq-reason") == "record_too_large"])
    case = next(case for case in sent if case.reason == "record_too_large")
    check(letters[0].value is None and letters[0].headers["x-dlq-value-omitted-bytes"] == str(len(case.value)),
          f"{case.name}: told without its value by a topic that refuses it")
    check(letters[0].key == case.key.encode() and letters[0].headers[HEADER[0]] == HEADER[1],
          f"{case.name}: with its key and headers")
    check(service.metric("yagura_worker_sessions_total") == 1, "the worker is in its first session")
    check(service.stop() == 0, "the service ends cleanly")


def send(bench, sent):
    """Produces all cases one by one into partition 0; offset = index."""
    producer = Producer(bench.bootstrap)
    for case in sent:
        key = None if case.key is None else case.key.encode()
        producer.send(RAW, case.value, key, [(name, text.encode()) for name, text in case.headers])
    producer.close()
    offsets = {(record.partition, record.offset): record for record in bench.records(RAW)}
    return [offsets[0, index] for index in range(len(sent))]


def judge(case, record, letters, alerts):
    mine = [letter for letter in letters if letter.headers.get("x-dlq-offset") == str(record.offset)]
    if case.reason is None:
        check(not mine, f"{case.name}: no dead letter")
    else:
        check(len(mine) == 1, f"{case.name}: one dead letter")
        letter = mine[0]
        check(letter.value == record.value and letter.key == record.key, f"{case.name}: as it came")
        check(all(letter.headers.get(name) == text for name, text in record.headers.items()),
              f"{case.name}: its own headers too")
        reason = letter.headers.get("x-dlq-reason")
        check(reason == case.reason or case.reason == "*" and reason, f"{case.name}: reason {reason}")
    found = sum(alert.offset == record.offset for alert in alerts)
    check(found == case.alerts, f"{case.name}: {case.alerts} alerts")


def run(bench):
    rules = bench.folder / "rules"
    rules.mkdir()
    text = rule("marked file", "file_event", "TargetFilename|contains: 'marked'", "high")
    (rules / "marked.yml").write_text(text, encoding="utf-8")
    service = bench.service("one", rules=[rules]).start()
    sent = cases()
    records = send(bench, sent)
    wait_for("all are judged", 30, lambda: service.metric("yagura_records_total") >= len(sent))
    wait_for("the last alert", 20, lambda: any(a.offset == len(sent) - 1 for a in bench.alerts(ALERTS)))
    letters, alerts = bench.records(DLQ), bench.alerts(ALERTS)
    for case, record in zip(sent, records):
        judge(case, record, letters, alerts)
    check(all(alert.tenant == TENANT.bytes for alert in alerts), "no alert of another tenant")
    every_codec(bench, service)
    check(service.stop() == 0, "the service ends cleanly")
    refused_letter(bench, rules, sent)


def test(build):
    with Bench(build, partitions=1, topics=(*TOPICS, SMALL)) as bench:
        run(bench)
    say("bad records stop nothing")
    return 0


if __name__ == "__main__":
    sys.exit(main(test))
