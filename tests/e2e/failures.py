#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Bad days: two processes of one name, and a broker that is killed and comes back while events come."""

import sys
import time
from collections import Counter

from harness import Bench, Fleet, check, main, rule, say, wait_for

EXIT_FENCED = 76
RATE, OUTAGE_SECONDS = 400, 4


def two_of_one_name(bench, rules):
    """The younger goes on; the older says why it ends, and does not come back to throw out the other. On one host the younger
    does not even start, so here it calls the broker by another name, as a process of another host might."""
    older = bench.service("older", rules=[rules], instance="same").start()
    wait_for("the older has partitions", 20, lambda: older.metric("yagura_partitions") > 0)
    bench.bootstrap = bench.bootstrap.replace("127.0.0.1", "localhost")
    younger = bench.service("younger", rules=[rules], instance="same").start()
    bench.bootstrap = bench.bootstrap.replace("localhost", "127.0.0.1")
    wait_for("the older ends", 30, lambda: older.process.poll() is not None)
    check(older.process.returncode == EXIT_FENCED, f"the older ends with {EXIT_FENCED}")
    check("another process has the same instance name" in older.tail(), "and says why")
    wait_for("the younger goes on", 20, lambda: younger.metric("yagura_partitions") == bench.partitions)
    check(younger.stop() == 0, "the younger ends cleanly")


def broker_goes_away(bench, rules):
    service = bench.service("lasting", rules=[rules]).start()
    fleet = Fleet(bench, RATE)
    try:
        wait_for("alerts", 30, lambda: service.metric("yagura_output_acknowledged_total") > 0)
        bench.kafka("kill", "1")
        wait_for("it is not ready without a broker", 30, lambda: not service.is_ready())
        check(service.is_live(), "it is live without a broker: restarting it would not help")
        time.sleep(OUTAGE_SECONDS)
        bench.kafka("start", "1")
        bench.kafka("wait")
        wait_for("it is ready again", 60, service.is_ready)
        judged = service.metric("yagura_events_total")
        wait_for("it judges again", 60, lambda: service.metric("yagura_events_total") > judged + RATE)
    finally:
        fleet.stop()
    starts = bench.process_starts()
    wait_for("every process start has its alert", 60, lambda: starts <= hits(bench).keys())
    check(service.stop() == 0, "the service ends cleanly")
    found = hits(bench)
    check(found.keys() == starts, f"{len(starts)} process starts, each with its alert, no other")
    say(f"{sum(found.values()) - len(found)} alerts are repeated")
    ids = {(a.partition, a.offset, a.index): a.alert_id for a in bench.alerts()}
    check(all(a.alert_id == ids[a.partition, a.offset, a.index] for a in bench.alerts()), "repeated alerts have equal ids")


def hits(bench):
    return Counter((a.partition, a.offset, a.index) for a in bench.alerts())


def run(bench):
    rules = bench.folder / "rules"
    rules.mkdir()
    (rules / "start.yml").write_text(rule("start", "process_creation", "Image|re: '.'"), encoding="utf-8")
    two_of_one_name(bench, rules)
    broker_goes_away(bench, rules)


def test(build):
    with Bench(build) as bench:
        run(bench)
    return 0


if __name__ == "__main__":
    sys.exit(main(test))
