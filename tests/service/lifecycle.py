#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How the service begins and ends, and with which exit code."""

import base64
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from harness import Service, batch, check, main, rule, wait_for, wire


def prepare(build, **options):
    service = Service(build, **options)
    service.write_rule("anchor.yml", rule("anchor", "go"))
    return service


def run_to_end(service):
    return subprocess.run([service.program, "run", "--config", service.config], capture_output=True, text=True, timeout=60,
                          check=False)


def run_file(service, data):
    service.pipe.write_bytes(data)
    service.write_config()
    return run_to_end(service)


def record(data):
    return wire.varint(len(data)) + data


def test_the_end_of_the_input_is_a_clean_end(build):
    with prepare(build) as service:
        run = run_file(service, b"".join(record(batch("go", "stay", "go")) for _ in range(500)))
        check(run.returncode == 0, f"exit 0: {run.returncode} {run.stderr[-500:]}")
        found = [(a.offset, a.index) for a in service.alerts()]
        check(found == [(n, i) for n in range(500) for i in (0, 2)], "every alert is there, once and in order")
        check(len((service.out / "alerts.v1.ocsf").read_text().splitlines()) == 1000, "as OCSF too")


def test_a_file_that_breaks_off_fails_after_what_came_before(build):
    with prepare(build) as service:
        run = run_file(service, record(batch("go")) * 3 + b"\x7fabc")
        check(run.returncode == 70, f"exit 70: {run.returncode}")
        check([a.offset for a in service.alerts()] == [0, 1, 2], "the records before it were judged")
        check('"record":3' in run.stderr, f"the log says where: {run.stderr[-600:]}")


def test_a_bad_record_is_a_dead_letter_and_the_next_is_judged(build):
    with prepare(build) as service:
        bad = b"\x0b\x00\xff"
        run = run_file(service, record(bad) + record(b"") + record(batch("go")))
        check(run.returncode == 0, "bad input is no failure")
        letters = service.dead_letters()
        check([x["x-dlq-reason"] for x in letters] == ["group", "empty"], f"their reasons: {letters}")
        check(base64.b64decode(letters[0]["value"]) == bad, "as it came")
        check([x["x-dlq-offset"] for x in letters] == ["0", "1"], "and where")
        check([a.offset for a in service.alerts()] == [2], "the good record is judged")


def test_sigterm_waits_for_what_was_read(build):
    with prepare(build).start() as service:
        for _ in range(200):
            service.send("go", "go")
        wait_for("the first alerts", service.alerts)
        service.signal(signal.SIGTERM)
        wait_for("it to stop", lambda: service.logged("yagurad stops: what is in flight is waited for"))
        service.end_of_input()
        check(service.exit_code() == 0, "exit 0")
        found = [(a.offset, a.index) for a in service.alerts()]
        check(found == [(n, i) for n in range(len(found) // 2) for i in (0, 1)], "whole records, in order")
        check(service.lines()[-1]["message"] == "yagurad ends", "and says so")


def test_a_pinned_worker_has_one_core_and_nobody_else(build):
    with prepare(build, extra="workers: {pin: true}\n").start() as service:
        service.judge("go")
        cores = {}
        for task in Path(f"/proc/{service.process.pid}/task").iterdir():
            allowed = re.search(r"^Cpus_allowed_list:\t(.*)$", (task / "status").read_text(), re.M).group(1)
            cores[(task / "comm").read_text().strip()] = allowed
        check(cores["worker-0"].isdigit(), f"the worker has one: {cores}")
        check(len(os.sched_getaffinity(0)) == 1 or not cores["control"].isdigit(), f"others have all: {cores}")


def test_systemd_is_told_how_it_is(build):
    with prepare(build) as service, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(service.folder / "notify"))
        manager.settimeout(60)
        service.environment = {"NOTIFY_SOCKET": str(service.folder / "notify")}
        service.start()
        check(manager.recv(100) == b"READY=1", "ready, once everything has started")
        check(manager.recv(100) == b"WATCHDOG=1", "alive, again and again")
        service.end_of_input()
        check(service.exit_code() == 0, "exit 0")
        said = [manager.recv(100) for _ in range(1)]
        while said[-1] == b"WATCHDOG=1":
            said.append(manager.recv(100))
        check(said[-1] == b"STOPPING=1", f"stopping: {said}")


def test_a_second_signal_ends_it_at_once(build):
    with prepare(build).start() as service:
        service.judge("go")
        service.signal(signal.SIGTERM)
        wait_for("it to stop", lambda: service.logged("yagurad stops: what is in flight is waited for"))
        wait_for("the second signal to count", lambda: stops_on_signal(service))
        check(service.exit_code() == 130, f"exit 130: {service.process.returncode}")


def stops_on_signal(service):
    if service.process.poll() is not None:
        return True
    service.signal(signal.SIGTERM)
    return False


def test_without_any_rule_it_does_not_start(build):
    with prepare(build) as service:
        service.write_rule("anchor.yml", "title: nothing\n")
        run = run_file(service, b"")
        check(run.returncode == 66, f"exit 66: {run.returncode}")
        check("no rule could be loaded" in run.stderr and "anchor.yml" in run.stderr, "and says why, by file")


def test_two_services_do_not_share_a_socket(build):
    with prepare(build).start() as service:
        service.judge("go")
        run = run_to_end(service)
        check(run.returncode == 70, f"exit 70: {run.returncode}")
        check("can't be used" in run.stderr, f"it says why: {run.stderr[-500:]}")
        check(service.command("status")[0] == 0, "the first one still answers")
        service.judge("go")
        check([a.offset for a in service.alerts()] == [0, 1], "nobody else wrote to its files")


def kafka_config(service, instance, name):
    """Brokers that nobody can reach: what is tested comes before."""
    config = service.folder / f"{name}.yaml"
    config.write_text(f"instance: {instance}\nkafka: {{bootstrap.servers: '127.0.0.1:1'}}\ninput: {{group: {service.folder.name}}}\n"
                      f"rules: {{paths: [{service.rules}]}}\nhttp: {{port: 0}}\ncontrol: {{socket: {service.folder / name}}}\n")
    return config


def test_two_services_of_one_group_do_not_share_a_name(build):
    with prepare(build) as service:
        with service.log.open("ab") as log:
            service.process = subprocess.Popen([service.program, "run", "--config", kafka_config(service, "a", "first")],
                                               stderr=log)
        wait_for("it to run", lambda: service.logged("yagurad runs"))
        service.config = kafka_config(service, "a", "second")
        run = run_to_end(service)
        check(run.returncode == 76 and "has this instance name" in run.stderr, f"{run.returncode} {run.stderr[-500:]}")
        service.signal(signal.SIGKILL)
        service.process.wait()
        with service.log.open("ab") as log:
            service.process = subprocess.Popen([service.program, "run", "--config", service.config], stderr=log)
        wait_for("another with that name, which nobody holds any more", lambda: len(service.logged("yagurad runs")) == 2)


def test_a_port_that_is_taken_is_named(build):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with prepare(build, port=taken.getsockname()[1]) as service:
            run = run_file(service, b"")
            check(run.returncode == 70, f"exit 70: {run.returncode}")
            check("the metrics port can't be used" in run.stderr and "in use" in run.stderr, "and says why")


def test_a_socket_file_that_nobody_listens_at_is_replaced(build):
    with prepare(build) as service:
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(service.folder / "socket"))
        service.start()
        check(service.command("status")[0] == 0, "it answers")
        service.end_of_input()
        check(service.exit_code() == 0, "exit 0")
        check(not (service.folder / "socket").exists(), "and takes its socket away")


def test_nobody_to_ask_is_exit_69(build):
    with prepare(build) as service:
        service.write_config()
        code, text = service.command("status")
        check(code == 69 and "no service answers" in text, f"{code} {text}")


def test_a_bad_config_is_exit_78_with_file_and_line(build):
    with prepare(build, extra="workers: {count: 0}\nworker: {count: 1}\n") as service:
        service.write_config()
        for word in ("run", "check-config", "status"):
            run = subprocess.run([service.program, word, "--config", service.config], capture_output=True, text=True,
                                 timeout=60, check=False)
            check(run.returncode == 78, f"exit 78: {run.returncode}")
            for text in ("yagurad.yaml:11:18:", "write a number of workers from 1 to 64", "yagurad.yaml:12:1:",
                         "did you mean"):
                check(text in run.stderr, f"{text} in {run.stderr}")
        service.config.unlink()
        run = run_to_end(service)
        check(run.returncode == 78 and "can't be read" in run.stderr, "a missing file too")


def test_wrong_use_is_exit_64(build):
    with prepare(build) as service:
        for words in ([], ["fly"], ["run", "run"], ["--nonsense"]):
            run = subprocess.run([service.program, *words], capture_output=True, text=True, timeout=60, check=False)
            check(run.returncode == 64 and run.stderr and not run.stdout, f"{words}: {run.returncode}")


if __name__ == "__main__":
    sys.exit(main(globals()))
