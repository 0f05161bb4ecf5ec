#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What monitoring sees: the metrics page, livez and readyz, and what a rude client can do to them."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

from harness import WAIT_S, Service, check, main, rule, wait_for

SOURCE = Path(__file__).resolve().parents[2]
SERIES = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{([a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
                    r'(?:,[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*")*)\})? (-?[0-9.eE+-]+|NaN|[+-]Inf)$')


def start(build, **options):
    service = Service(build, **options)
    service.write_rule("anchor.yml", rule("anchor", "go"))
    return service.start()


def parse(page):
    """Metric to (type, {labels: value}); raises on whatever the text exposition format 0.0.4 does not allow."""
    found, current = {}, None
    check(page.endswith("\n"), "the page ends with a line feed")
    for line in page.splitlines():
        if line.startswith("# HELP "):
            current = line.split(" ")[2]
            check(current not in found, f"{current} comes once")
            found[current] = [None, {}]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            check(name == current and kind in ("counter", "gauge"), line)
            found[name][0] = kind
        else:
            match = SERIES.match(line)
            check(match and match.group(1) == current, f"a series of its own metric: {line}")
            check(match.group(2) not in found[current][1], f"a series comes once: {line}")
            found[current][1][match.group(2)] = float(match.group(3))
    for name, (kind, series) in found.items():
        check(kind, f"{name} has a type")
        check(kind == "gauge" or name.endswith("_total"), f"{name} is called as counters are")
        check(all(value >= 0 for value in series.values()), f"{name} is not negative")
    return found


def test_the_page_is_what_prometheus_reads(build):
    with start(build) as service:
        before = parse(service.get("/metrics")[1])
        for _ in range(3):
            service.judge("go", "go")
        service.send_bytes(b"\x0b")
        wait_for("all to be acknowledged", lambda: service.metric("yagura_messages_acknowledged_total") == 13)
        after = parse(service.get("/metrics")[1])
        for name, (kind, series) in before.items():
            for labels, value in series.items():
                check(kind == "gauge" or after[name][1][labels] >= value, f"{name} only grows")
        check(sum(after["yagura_records_total"][1].values()) == 4, "records")
        check(sum(after["yagura_events_total"][1].values()) == 6, "events")
        check(after["yagura_dead_letters_total"][1]['reason="group"'] == 1, "dead letters by reason")
        check(after["yagura_alerts_total"][1]['level="medium"'] == 6, "alerts by level")
        check(list(after["yagura_rule_matches_total"][1].values()) == [6], "matches by rule")
        check(sum(after["yagura_messages_sent_total"][1].values()) == 13, "alerts twice, and the dead letter")
        check(after["yagura_messages_acknowledged_total"] == after["yagura_messages_sent_total"], "all acknowledged")


def test_nothing_that_others_write_becomes_a_label(build):
    hostile = 'anchor "} 1\\n# TYPE x counter'
    with Service(build) as service:
        service.write_rule('a"b\\c.yml', rule(hostile, "go").replace(f"title: {hostile}", f"title: '{hostile}'"))
        service.start()
        service.judge("go\n\x1b[31m\u202e")
        page = service.get("/metrics")[1]
        parse(page)
        check("TYPE x" not in page and "a\"b" not in page, "neither titles nor names of files")
        log = service.log.read_bytes()
        check(b"\x1b" not in log and "\u202e".encode() not in log, "nor does a terminal obey the log")


def test_the_allocators_figures_are_there(build):
    cache = (Path(build) / "CMakeCache.txt").read_text()
    with start(build) as service:
        page = parse(service.get("/metrics")[1])
        figures = [sum(page[f"yagura_memory_{name}_bytes"][1].values()) for name in ("allocated", "active", "resident")]
        linked = "jemalloc" in subprocess.run(["ldd", service.program], capture_output=True, text=True, check=True).stdout
        wanted = "YAGURA_JEMALLOC:BOOL=ON" in cache
        check(linked == wanted, f"jemalloc is linked: {linked}")
        check(all(figures) if wanted else not any(figures), f"and says so: {figures}")
        check(page["process_resident_memory_bytes"][1][None] > 1 << 20, "the kernel says it too")


def test_every_metric_that_is_written_about_exists(build):
    with start(build) as service:
        service.judge("go")
        names = set(parse(service.get("/metrics")[1]))
    texts = [SOURCE / "README.md", *SOURCE.glob("ingest/**/*.md"), *SOURCE.glob("deploy/**/*.md"),
             *SOURCE.glob("deploy/**/*.json")]
    said = {name for path in texts for name in re.findall(r"\byagura_[a-z_]+[a-z]\b", path.read_text(encoding="utf-8"))}
    check(said <= names, f"unknown: {sorted(said - names)}")


def test_it_is_live_and_ready_when_it_has_its_input(build):
    with Service(build) as service:
        service.write_rule("anchor.yml", rule("anchor", "go"))
        service.spawn()
        wait_for("its port", lambda: service.logged("yagurad runs"))
        check(service.get("/livez") == (200, "live\n"), "live")
        check(service.get("/readyz")[0] == 503, "nobody writes into its pipe: not ready")
        service.writer = os.open(service.pipe, os.O_WRONLY)
        wait_for("it to be ready", lambda: service.get("/readyz") == (200, "ready\n"))
        check(service.get("/livez") == (200, "live\n"), "live")


def test_only_get_and_only_three_pages(build):
    with start(build) as service:
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            check(service.get("/metrics", method)[0] == 405, method)
        check(service.get("/metrics", "HEAD") == (200, ""), "HEAD")
        for path in ("/", "/metrics/", "/metricsx", "/livez/../metrics", "/%2e%2e/metrics", "/etc/passwd"):
            code, text = service.get(path)
            check(code in (400, 404) and "yagura_" not in text, f"{path}: {code}")
        check(service.get("/livez?x=1")[0] == 200, "a query changes nothing")


def raw(service, data):
    with socket.create_connection(("127.0.0.1", service.port), WAIT_S) as connection:
        try:
            connection.sendall(data)
            return connection.recv(1024)
        except (ConnectionResetError, BrokenPipeError):
            return b""


def test_rude_clients_do_not_keep_monitoring_out(build):
    with start(build) as service:
        answers = [raw(service, b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n\r\n"),
                   raw(service, b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 100000 + b"\r\n"),
                   raw(service, b"\0" * 5000 + b"\r\n\r\n"),
                   raw(service, b"POST /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n")]
        check(all(not a or a.split(b" ")[1][:1] == b"4" for a in answers), f"refused: {answers}")
        silent = [socket.create_connection(("127.0.0.1", service.port), WAIT_S) for _ in range(10)]
        check(service.get("/livez")[0] == 200, "silent clients take places, not the service")
        check([s.recv(1) for s in silent] == [b""] * 10, "and are shown the door after a while")
        service.judge("go")


if __name__ == "__main__":
    sys.exit(main(globals()))
