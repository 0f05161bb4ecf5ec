# SPDX-License-Identifier: Apache-2.0
"""A yagurad process of a test's own: records go in through a named pipe, alerts come out in files, so a test knows which
record is judged when. No broker; what needs one is in tests/e2e."""

import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "e2e"))

import wire  # noqa: E402

WAIT_S = 60  # generous: a machine may be busy
TURN_S = 0.02
TENANT = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
WINDOWS = 1


def check(claim, what):
    if not claim:
        raise AssertionError(what)


def wait_for(what, claim, seconds=WAIT_S):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = claim()
        if found:
            return found
        time.sleep(TURN_S)
    raise AssertionError(f"waited {seconds} s for {what}")


def rule(name, token, level="medium"):
    return (f"title: {name}\nid: {uuid.uuid5(uuid.NAMESPACE_DNS, name.split()[0])}\nstatus: test\nlogsource:\n"
            f"    category: process_creation\n    product: windows\ndetection:\n    selection:\n"
            f"        CommandLine|contains: '{token}'\n    condition: selection\nlevel: {level}\n")


def batch(*command_lines):
    field = wire.field
    out = field(1, field(1, uuid.UUID(TENANT).bytes) + field(2, b"endpoint-sixteen") + field(5, WINDOWS))
    for line in command_lines:
        out += field(2, field(2, 100) + field(3, "C:\\cmd.exe") + field(4, line))
    for index in range(len(command_lines)):
        out += field(4, field(6, field(1, index + 1)))
    return out


class Alert:
    def __init__(self, data):
        fields = wire.message(data)
        its_rule, evidence = wire.message(fields[7][0]), wire.message(fields[12][0])
        self.title = its_rule[4][0].decode()
        self.ruleset = its_rule[3][0].hex()
        self.owner = wire.message(fields.get(10, [b""])[0]).get(4, [b""])[0].decode()
        self.offset = evidence.get(3, [0])[0]
        self.index = evidence.get(4, [0])[0]


class Service:
    """`with Service(build, options...) as service`; extra: lines of config."""

    def __init__(self, build, extra="", **options):
        self.program = Path(build) / "ingest/yagurad"
        self.folder = Path(tempfile.mkdtemp(prefix="yagura-service-"))
        self.rules, self.out = self.folder / "rules", self.folder / "out"
        self.rules.mkdir()
        self.pipe, self.log = self.folder / "in", self.folder / "log"
        self.config = self.folder / "yagurad.yaml"
        self.port = options.get("port") or free_port()
        self.watch = options.get("watch", True)
        self.debounce_ms = options.get("debounce_ms", 50)
        self.lists, self.assets = self.folder / "lists", self.folder / "assets.csv"
        self.extra, self.environment = extra, {}
        self.process, self.writer, self.sent = None, None, 0

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.writer is not None:
            os.close(self.writer)
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if kind is not None and self.log.exists():
            print(self.log.read_text(errors="replace")[-4000:], file=sys.stderr)
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- Running it ---

    def write_config(self):
        self.config.write_text(
            f"tenant: payload\ninput: {{file: {self.pipe}}}\noutput: {{folder: {self.out}}}\n"
            f"rules:\n  paths: [{self.rules}]\n  watch: {'true' if self.watch else 'false'}\n"
            f"  debounce_ms: {self.debounce_ms}\n{self.tables()}http: {{port: {self.port}}}\n"
            f"control: {{socket: {self.folder / 'socket'}}}\nlog: {{level: debug}}\n{self.extra}", encoding="utf-8")

    def tables(self):
        return ((f"  lists: {self.lists}\n" if self.lists.exists() else "") +
                (f"  assets: [{self.assets}]\n" if self.assets.exists() else ""))

    def spawn(self):
        self.write_config()
        if not self.pipe.exists():
            os.mkfifo(self.pipe)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([self.program, "run", "--config", self.config], stderr=log,
                                            env={**os.environ, **self.environment})
        return self

    def start(self):
        self.spawn()
        self.writer = os.open(self.pipe, os.O_WRONLY)
        wait_for("the service to run", lambda: self.logged("yagurad runs"))
        return self

    def end_of_input(self):
        os.close(self.writer)
        self.writer = None

    def exit_code(self):
        return self.process.wait(WAIT_S)

    def signal(self, number):
        self.process.send_signal(number)

    # --- Rules ---

    def write(self, path, text):
        """As editors do: a new file takes the old one's name."""
        part = self.folder / "part"
        part.write_text(text, encoding="utf-8")
        part.rename(path)

    def write_rule(self, name, text):
        self.write(self.rules / name, text)

    # --- Records and alerts ---

    def send_bytes(self, data):
        check(len(data) < 4096, "a record that a pipe takes in one piece")
        os.write(self.writer, wire.varint(len(data)) + data)
        self.sent += 1
        return self.sent - 1

    def send(self, *command_lines):
        """Returns the record's offset."""
        return self.send_bytes(batch(*command_lines))

    def alerts(self, name="alerts.v1.proto"):
        path = self.out / name
        data = path.read_bytes() if path.exists() else b""
        try:
            return [Alert(record) for record in wire.delimited(data)]
        except (IndexError, ValueError):
            return []  # in the middle of a write

    def judge(self, *command_lines):
        """Sends a record and waits for its alerts; the first command line must cause one."""
        offset = self.send(*command_lines)
        return wait_for(f"alerts of record {offset}", lambda: [a for a in self.alerts() if a.offset == offset])

    def titles(self, *command_lines):
        return sorted(a.title for a in self.judge(*command_lines))

    def dead_letters(self):
        path = self.out / "telemetry.dlq.v1"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    # --- Looking at it ---

    def lines(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def logged(self, sentence):
        return [line for line in self.lines() if line["message"] == sentence]

    def command(self, word):
        run = subprocess.run([self.program, word, "--config", self.config], capture_output=True, text=True, timeout=WAIT_S,
                             check=False)
        return run.returncode, json.loads(run.stdout) if run.stdout else run.stderr

    def get(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        """Sum over its series."""
        values = [line.rsplit(" ", 1)[1] for line in self.get("/metrics")[1].splitlines()
                  if line.split("{")[0].split(" ")[0] == name]
        check(values, f"there is a metric {name}")
        return sum(map(float, values))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main(tests):
    """Runs the functions of a module whose names begin with test_, each with the build folder."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    signal.alarm(280)
    for name, test in list(tests.items()):
        if name.startswith("test_") and (not arguments.names or name in arguments.names):
            began = time.monotonic()
            test(arguments.build)
            print(f"ok {name} ({time.monotonic() - began:.1f} s)", flush=True)
    return 0
