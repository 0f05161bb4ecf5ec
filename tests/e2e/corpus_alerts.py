#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The corpus's events through encode, Kafka and two services of one group: the alerts equal the golden matches, also when
one of the two is killed half-way; then there may be duplicates, with equal ids."""

import json
import lzma
import subprocess
import sys
import tarfile
from collections import Counter, defaultdict

import wire
from harness import ALERTS, INFORMATIONAL, OCSF, RAW, Bench, check, corpus, main, say, uuid_of, wait_for

CHUNKS = 24  # endpoints that the events are spread over
FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")


def read_corpus(folder):
    """Events as text, one a line, and the set of (line, rule) that must be found."""
    events = (corpus("regression/flat.jsonl")).read_text(encoding="utf-8").splitlines()
    golden = set()
    tests = json.loads(corpus("regression/tests.json").read_text(encoding="utf-8"))
    golden |= regression_hits(tests)
    first = len(events)
    with lzma.open(corpus("otrf/events.jsonl.xz"), "rt", encoding="utf-8") as file:
        events += file.read().splitlines()
    for line in corpus("otrf/golden.jsonl").read_text(encoding="utf-8").splitlines():
        hit = json.loads(line)
        golden |= {(first + hit["line"], rule) for rule in hit["rules"]}
    with tarfile.open(corpus("sigmahq-rules-8eaafff1.tar.xz")) as archive:
        archive.extractall(folder, filter="data")
    return events, golden


def regression_hits(tests):
    """tests.json: the full matrix of which rule hits which line."""
    return {(line, rule) for test in tests for line, rules in zip(test["lines"], test["all_matches"])
            for rule in rules}


def publish(bench, events):
    """Encodes and produces the events in chunks, one endpoint each."""
    per_chunk = -(-len(events) // CHUNKS)
    for chunk in range(CHUNKS):
        path = bench.folder / "chunk.jsonl"
        path.write_text("\n".join(events[chunk * per_chunk:(chunk + 1) * per_chunk]) + "\n", encoding="utf-8")
        bench.run("yagura", "encode", "--brokers", bench.bootstrap, "--topic", RAW, "--tenant", uuid_of("tenant"),
                  "--endpoint", uuid_of(f"endpoint {chunk}"), path)
    return per_chunk


def lines_of_records(bench, per_chunk):
    """(partition, offset) -> line of the record's first event."""
    first_lines, seen = {}, defaultdict(int)
    chunk_of = {str(uuid_of(f"endpoint {chunk}")).encode(): chunk for chunk in range(CHUNKS)}
    for record in sorted(bench.records(RAW), key=lambda r: (r.partition, r.offset)):
        chunk = chunk_of[record.key]
        first_lines[record.partition, record.offset] = chunk * per_chunk + seen[chunk]
        seen[chunk] += len(wire.message(record.value).get(4, []))
    return first_lines


def judge(bench, golden, first_lines, mapped):
    """Compares what is in the topics with the golden set; returns (missing, foreign, duplicates)."""
    found, ids = Counter(), defaultdict(set)
    for alert in bench.alerts():
        if alert.rule in mapped:
            hit = first_lines[alert.partition, alert.offset] + alert.index, alert.rule
            found[hit] += 1
            ids[hit].add(alert.alert_id)
    unequal = [hit for hit in found if len(ids[hit]) != 1]
    check(not unequal, f"repeated alerts have one alert_id ({sum(found.values()) - len(found)} repeats)")
    return golden - set(found), set(found) - golden, sum(found.values()) - len(found)


def informational_rules(rules):
    """Ids of the rules whose level says so."""
    grep = subprocess.run(["grep", "-rlE", "^level: *informational", *rules], capture_output=True, text=True, check=True)
    ids = set()
    for path in grep.stdout.split():
        with open(path, encoding="utf-8") as file:
            ids |= {line.split(":", 1)[1].strip() for line in file if line.startswith("id:")}
    return ids


def check_topics(bench, rules):
    informational = informational_rules(rules)
    misplaced = [a.rule for a in bench.alerts(ALERTS) if a.rule in informational]
    check(not misplaced, "no match of an informational rule is among the alerts")
    misplaced = [a.rule for a in bench.alerts(INFORMATIONAL) if a.rule not in informational]
    check(not misplaced, "only matches of informational rules are on their topic")


def check_ocsf(bench):
    records = bench.records(OCSF)
    path = bench.folder / "ocsf.jsonl"
    path.write_bytes(b"".join(record.value + b"\n" for record in records))
    bench.run("ocsf-validate", path)
    uids = {json.loads(record.value)["finding_info"]["uid"] for record in records}
    binary = {alert.alert_id for alert in bench.alerts(ALERTS)}
    check(len(uids) == len(binary), f"{len(records)} OCSF alerts are valid and as many as the binary ones")


def run(bench, kill_half_way):
    rules = [str(bench.folder / name) for name in FOLDERS]
    events, golden = read_corpus(bench.folder)
    mapped = set(corpus("mapped.txt").read_text(encoding="utf-8").split())
    services = [bench.service(name, rules=rules).start() for name in ("one", "two")]
    per_chunk = publish(bench, events)
    say(f"{len(events)} events produced")
    first_lines = lines_of_records(bench, per_chunk)
    if kill_half_way:
        wait_for("some alerts", 60, lambda: len(bench.records(ALERTS)) > len(golden) // 4)
        services[1].kill()
        say("killed one of two with alerts half done")
    wait_for("every golden match", 60, lambda: not judge(bench, golden, first_lines, mapped)[0])
    for service in services[:1 if kill_half_way else 2]:
        check(service.stop() == 0, f"{service.name} ends cleanly")
    missing, foreign, repeats = judge(bench, golden, first_lines, mapped)
    check(not missing and not foreign, f"{len(golden)} matches, each there, no other")
    if not kill_half_way:
        check(repeats == 0, "no repeats")
        check_topics(bench, rules)
        check_ocsf(bench)


def test(build):
    if corpus("mapped.txt") is None:
        print("skipped: no corpus")
        return 77
    for kill_half_way in (False, True):
        say("two services" + (", one killed half-way" if kill_half_way else ""))
        with Bench(build) as bench:
            run(bench, kill_half_way)
    return 0


if __name__ == "__main__":
    sys.exit(main(test))
