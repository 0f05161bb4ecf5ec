#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recorded attacks through encode, a real Kafka and two services of one group: the alerts are the golden matches, and exactly
what `yagura match` says of the same events; also when the services are restarted one after the other while events come, and
when one of them is killed half-way. Then alerts may be repeated, with equal ids, and none is lost.

The corpus is streamed once a round into the same topic; coordinates in the evidence tell which round an alert is of."""

import json
import lzma
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict

import wire
from harness import ALERTS, EVENTS_FIELD, INFORMATIONAL, OCSF, RAW, Bench, check, corpus, main, say, uuid_of, wait_for

FOLDERS = ("rules", "rules-emerging-threats", "rules-threat-hunting")
ORIGIN_FIELD, HOSTNAME_FIELD = 1, 4  # of EventBatch and of its origin
STREAM_SECONDS, STREAM_PIECES = 8, 80
KILLS_MAX = 4
PARTITIONS = 4


class Expected:
    """The corpus: its events as lines, and who says which rule hits which line."""

    def __init__(self, bench):
        self.rules = [str(bench.folder / name) for name in FOLDERS]
        subprocess.run(["tar", "-xf", corpus("sigmahq-rules-8eaafff1.tar.xz"), "-C", bench.folder], check=True)
        self.lines = corpus("regression/flat.jsonl").read_text(encoding="utf-8").splitlines()
        first = len(self.lines)
        with lzma.open(corpus("otrf/events.jsonl.xz"), "rt", encoding="utf-8") as file:
            self.lines += file.read().splitlines()
        self.mapped = set(corpus("mapped.txt").read_text(encoding="utf-8").split())
        self.golden = regression_hits() | otrf_hits(first)
        self.matches = self._matches(bench)

    def _matches(self, bench):
        path = bench.folder / "events.jsonl"
        path.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        options = [word for folder in self.rules for word in ("--rules", folder)]
        answer = bench.run("yagura", "match", *options, "--format", "json", path)
        hits = map(json.loads, answer.splitlines())
        return {(hit["line"], rule) for hit in hits for rule in hit["rules"]}

    def lines_by_host(self):
        by_host = defaultdict(list)
        for number, line in enumerate(self.lines):
            by_host[json.loads(line).get("Computer", "").encode()].append(number)
        return by_host


def regression_hits():
    """tests.json: the full matrix of which rule hits which line."""
    tests = json.loads(corpus("regression/tests.json").read_text(encoding="utf-8"))
    return {(line, rule) for test in tests for line, rules in zip(test["lines"], test["all_matches"]) for rule in rules}


def otrf_hits(first):
    hits = map(json.loads, corpus("otrf/golden.jsonl").read_text(encoding="utf-8").splitlines())
    return {(first + hit["line"], rule) for hit in hits for rule in hit["rules"]}


class Stream:
    """`yagura encode` reading from a pipe into which the events trickle."""

    def __init__(self, bench, lines):
        self.lines, self.done = lines, 0
        self.process = subprocess.Popen([bench.program("yagura"), "encode", "--brokers", bench.bootstrap, "--topic", RAW,
                                         "--tenant", str(uuid_of("tenant")), "-"],
                                        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8")
        self.thread = threading.Thread(target=self._feed)
        self.thread.start()

    def _feed(self):
        begin, piece = time.monotonic(), -(-len(self.lines) // STREAM_PIECES)
        for at in range(0, len(self.lines), piece):
            self.process.stdin.write("\n".join(self.lines[at:at + piece]) + "\n")
            self.done = at + piece
            due = begin + STREAM_SECONDS * self.done / len(self.lines)
            time.sleep(max(0, due - time.monotonic()))
        self.process.stdin.close()

    def until(self, share):
        wait_for(f"{share:.0%} of the stream", 60, lambda: self.done >= share * len(self.lines))

    def finish(self):
        self.thread.join()
        said = self.process.stderr.read().strip()
        check(self.process.wait(60) == 0, f"encode: {said}")


class Round:
    """The records of one streaming: which line each of their events is."""

    def __init__(self, name, bench, expected, earlier):
        self.name, self.lines_of = name, {}
        by_host, used = expected.lines_by_host(), Counter()
        seen = {place for other in earlier for place in other.lines_of}
        for record in sorted(bench.records(RAW), key=lambda r: (r.partition, r.offset)):
            if (record.partition, record.offset) not in seen:
                self._place(record, by_host, used)
        check(used == {host: len(lines) for host, lines in by_host.items()},
              f"{name}: {sum(used.values())} events in {len(self.lines_of)} records, as many as there are lines")

    def _place(self, record, by_host, used):
        """Records of a host lie in one partition, in the order of its lines."""
        batch = wire.message(record.value)
        host = wire.message(batch[ORIGIN_FIELD][0]).get(HOSTNAME_FIELD, [b""])[0]
        count = len(batch[EVENTS_FIELD])
        self.lines_of[record.partition, record.offset] = by_host[host][used[host]:used[host] + count]
        used[host] += count

    def hits(self, alerts):
        """(line, rule) to the ids of its alerts."""
        found = defaultdict(list)
        for alert in alerts:
            lines = self.lines_of.get((alert.partition, alert.offset))
            if lines is not None:
                found[lines[alert.index], alert.rule].append(alert.alert_id)
        return found


def settle(bench, services, finished, expected):
    """Until the services have judged everything and every match has its alert."""
    def idle():
        figures = [[service.metric(name) for service in services] for name in
                   ("yagura_partitions", "yagura_lag_records", "yagura_messages_outstanding")]
        return [sum(figure) for figure in figures] == [PARTITIONS, 0, 0]
    wait_for("no lag", 120, idle)
    wait_for("every alert", 120, lambda: expected.matches <= finished.hits(bench.alerts()).keys())


def judge(finished, alerts, expected, may_repeat):
    found = finished.hits(alerts)
    mapped = {hit for hit in found if hit[1] in expected.mapped}
    check(mapped == expected.golden, f"{finished.name}: {len(mapped)} hits of mapped rules, exactly the golden ones")
    check(found.keys() == expected.matches, f"{finished.name}: {len(found)} hits of all rules, exactly those of match")
    repeats = sum(map(len, found.values())) - len(found)
    check(may_repeat or repeats == 0, f"{finished.name}: {repeats} alerts are repeated")
    check(all(len(set(ids)) == 1 for ids in found.values()), f"{finished.name}: a repeated alert has the same id")
    check(len({ids[0] for ids in found.values()}) == len(found), f"{finished.name}: no two hits share an id")
    return repeats


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
    check(not [a.rule for a in bench.alerts(ALERTS) if a.rule in informational],
          "no match of an informational rule is among the alerts")
    quiet = bench.alerts(INFORMATIONAL)
    check(quiet and not [a.rule for a in quiet if a.rule not in informational],
          f"only matches of informational rules are on their topic ({len(quiet)})")


def check_ocsf(bench):
    records = bench.records(OCSF)
    said = bench.run("ocsf-validate", given="".join(record.value.decode() + "\n" for record in records))
    check(said == f"{len(records)} findings, 0 violations\n", "every OCSF alert is valid")
    uids = Counter(json.loads(record.value)["finding_info"]["uid"] for record in records)
    binary = Counter(alert_uuid(alert) for alert in bench.alerts(ALERTS))
    check(uids.keys() == binary.keys(), f"{len(records)} OCSF alerts have the ids of the binary ones")


def alert_uuid(alert):
    text = alert.alert_id.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class Rounds:
    def __init__(self, bench):
        self.bench = bench
        self.expected = Expected(bench)
        self.services = [bench.service(name, rules=self.expected.rules).start() for name in ("one", "two")]
        self.finished = []

    def stream(self):
        return Stream(self.bench, self.expected.lines)

    def end(self, stream, name):
        stream.finish()
        self.finished.append(Round(name, self.bench, self.expected, self.finished))
        settle(self.bench, [s for s in self.services if s.process.poll() is None], self.finished[-1], self.expected)

    def undisturbed(self):
        self.end(self.stream(), "two services")

    def restarted(self):
        stream = self.stream()
        for service, share in zip(self.services, (0.2, 0.6)):
            stream.until(share)
            check(service.stop() == 0, f"{service.name} ends cleanly while events come")
            service.start()
            self.wait_for_partitions()
        self.end(stream, "rolling restart")

    def wait_for_partitions(self):
        """Who stops in the middle of a rebalance can't commit any more, and repeats."""
        wait_for("every partition has a reader", 60, lambda: sum(
            service.metric("yagura_partitions") for service in self.services) == PARTITIONS)

    def killed(self):
        """Until a kill hit between an alert and its commit: else nothing is shown about repeats."""
        repeats = 0
        for number in range(1, KILLS_MAX + 1):
            stream = self.stream()
            stream.until(0.5)
            self.services[1].kill()
            say("killed one of two half-way")
            self.end(stream, f"kill {number}")
            found = self.finished[-1].hits(self.bench.alerts())
            repeats = sum(map(len, found.values())) - len(found)
            if repeats > 0:
                break
            self.services[1].start()
        check(repeats > 0, f"{repeats} alerts were sent again after the kill")

    def judge(self):
        check(self.services[0].stop() == 0, "the survivor ends cleanly")
        alerts = self.bench.alerts()
        for finished in self.finished:
            judge(finished, alerts, self.expected, may_repeat=finished.name.startswith("kill"))
        check_topics(self.bench, self.expected.rules)
        check_ocsf(self.bench)


def test(build):
    if corpus("mapped.txt") is None:
        print("skipped: no corpus")
        return 77
    with Bench(build, partitions=PARTITIONS) as bench:
        rounds = Rounds(bench)
        rounds.undisturbed()
        rounds.restarted()
        rounds.killed()
        rounds.judge()
    return 0


if __name__ == "__main__":
    sys.exit(main(test))
