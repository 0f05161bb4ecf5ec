# SPDX-License-Identifier: Apache-2.0
"""Harness: a real Kafka, the built programs, and what comes out of them, for end-to-end tests.

Everything lives in one temporary folder and ends with the test, whatever happens in it."""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections import namedtuple
from pathlib import Path

import wire

SOURCE = Path(__file__).resolve().parents[2]
EVENTS_FIELD, PROCESS_START_FIELD = 4, 6  # of EventBatch and of Event
FLEET_SECONDS_MAX = 120
RAW, DLQ = "telemetry.raw.v1", "telemetry.dlq.v1"
ALERTS, OCSF, INFORMATIONAL = "alerts.v1.proto", "alerts.v1.ocsf", "alerts.informational.v1"
TOPICS = (RAW, DLQ, ALERTS, OCSF, INFORMATIONAL)

Record = namedtuple("Record", "topic partition offset time_ms key value headers")
Alert = namedtuple("Alert", "alert_id tenant rule title ruleset topic partition offset index record")


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def check(condition, text):
    if not condition:
        raise AssertionError(text)
    say(f"ok: {text}")


def wait_for(what, seconds, condition):
    """Polls until condition() is true; its value. Fails after that many seconds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_alert(record):
    alert = wire.message(record.value)
    rule = wire.message(alert[7][0])
    evidence = wire.message(alert[12][0])
    return Alert(alert[1][0], alert[2][0], rule[1][0].decode(), rule.get(4, [b""])[0].decode(), rule[3][0],
                 evidence[1][0].decode(), evidence.get(2, [0])[0], evidence.get(3, [0])[0],
                 evidence.get(4, [0])[0], record)


def rule(title, category, item, level="low"):
    """A Sigma rule of one item, such as "Image|re: '.'"."""
    return (f"title: {title}\nid: {uuid_of(title)}\nstatus: test\ndescription: for a test\nauthor: Yagura\n"
            f"logsource:\n    category: {category}\ndetection:\n    selection:\n        {item}\n"
            f"    condition: selection\nlevel: {level}\n")


class Fleet:
    """Generated telemetry at a steady rate, without attacks, until it is stopped."""

    def __init__(self, bench, rate):
        self.process = subprocess.Popen([bench.program("yagura-bench"), "gen", "--brokers", bench.bootstrap,
                                         "--rate", str(rate), "--events", "0", "--duration", str(FLEET_SECONDS_MAX),
                                         "--scenes-per-million", "0"], stderr=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        check(self.process.wait(60) == 0, "the stream was taken whole")


class Service:
    """One yagurad process."""

    def __init__(self, bench, name, options):
        self.name, self.bench = name, bench
        self.folder = bench.folder / name
        self.folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.config = self.folder / "yagurad.yaml"
        self.config.write_text(self._config(options))
        self.log = self.folder / "log"
        self.process = None

    def _config(self, options):
        rules = "".join(f"    - {path}\n" for path in options["rules"])
        consumer = "".join(f"    {key}: {value}\n" for key, value in options.get("consumer", {}).items())
        return (f"instance: {options.get('instance', self.name)}\ntenant: header\n"
                f"kafka:\n  bootstrap.servers: {self.bench.bootstrap}\n"
                f"  consumer:\n    session.timeout.ms: 6000\n    heartbeat.interval.ms: 500\n{consumer}"
                f"input:\n  group: {options.get('group', 'e2e')}\n"
                f"rules:\n  paths:\n{rules}"
                f"workers:\n  count: {options.get('workers', 1)}\n"
                f"delivery:\n  drain_timeout_ms: 3000\n  commit_interval_ms: 2500\n"
                f"http:\n  port: {self.port}\n"
                f"control:\n  socket: {self.folder}/control.sock\n"
                f"{options.get('extra', '')}")

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([self.bench.program("yagurad"), "run", "--config", str(self.config)],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if self not in self.bench.services:
            self.bench.services.append(self)
        wait_for(f"{self.name} is ready", 60, self._ready)
        return self

    def _ready(self):
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.tail()}")
        return self.is_ready()

    def _says_yes(self, page):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{page}", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def is_ready(self):
        return self._says_yes("readyz")

    def is_live(self):
        return self._says_yes("livez")

    def metric(self, name, **labels):
        """Sum of a metric's series with these labels."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=2) as answer:
            page = answer.read().decode()
        total = 0.0
        for line in page.splitlines():
            match = re.fullmatch(re.escape(name) + r"(?:\{(.*)\})? (\S+)", line)
            if match and all(f'{key}="{value}"' in (match.group(1) or "") for key, value in labels.items()):
                total += float(match.group(2))
        return total

    def command(self, name):
        """yagurad reload, rollback, status: (exit code, what it printed)."""
        run = subprocess.run([self.bench.program("yagurad"), name, "--config", str(self.config)],
                             capture_output=True, text=True, check=False, timeout=30)
        return run.returncode, run.stdout + run.stderr

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """SIGTERM; the exit code."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"{self.name} did not stop within 30 s:\n{self.tail()}") from None
        return self.process.returncode

    def tail(self, lines=15):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Bench:
    """A Kafka and a folder; `with Bench(...) as bench`."""

    def __init__(self, build, partitions=4, topics=TOPICS):
        self.build, self.partitions, self.topics = Path(build), partitions, topics
        self.folder = Path(tempfile.mkdtemp(prefix="yagura-e2e-"))
        self.services = []
        self.bootstrap = None

    def program(self, name):
        folder = {"yagura": "ingest", "yagurad": "ingest", "ocsf-validate": "tests/support",
                  "rebalance": "tests/e2e"}.get(name, "bench")
        return str(self.build / folder / name)

    def kafka(self, *arguments):
        run = subprocess.run([str(SOURCE / "deploy/kafka/kafka"), "--state", str(self.folder / "kafka"), "--port", "0",
                              "--partitions", str(self.partitions), *arguments],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if run.returncode != 0:
            raise AssertionError(f"kafka {arguments}: {run.stderr}")
        return run.stdout.strip()

    def __enter__(self):
        say("starting Kafka")
        try:
            self.kafka("up", "1")
            self.kafka("topics", *self.topics)
            self.bootstrap = self.kafka("bootstrap")
        except BaseException:
            self.__exit__(*sys.exc_info())
            raise
        return self

    def __exit__(self, kind, error, trace):
        for service in self.services:
            if service.process.poll() is None:
                service.process.kill()
                service.process.wait()
            if kind is not None:
                say(f"log of {service.name}:\n{service.tail()}")
        subprocess.run([str(SOURCE / "deploy/kafka/kafka"), "--state", str(self.folder / "kafka"), "down"],
                       stderr=subprocess.DEVNULL, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def service(self, name, **options):
        return Service(self, name, options)

    def run(self, *command, given=None):
        """A program of ours to its end, with this text on standard input; fails if it fails."""
        run = subprocess.run([self.program(command[0]), *map(str, command[1:])], input=given, check=False,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=120)
        if run.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))} exited with {run.returncode}:\n{run.stderr}")
        return run.stdout

    def records(self, topic):
        """Everything in a topic."""
        run = subprocess.run(["kcat", "-C", "-q", "-e", "-b", self.bootstrap, "-t", topic, "-o", "beginning",
                              "-X", "fetch.message.max.bytes=8388608", "-f", "%p %o %T %K %S\\n%h\\n%k%s\\n"],
                             stdout=subprocess.PIPE, check=True, timeout=60)
        data, at, found = run.stdout, 0, []
        while at < len(data):
            line = data.index(b"\n", at)
            partition, offset, time_ms, key_len, value_len = map(int, data[at:line].split())
            headers_end = data.index(b"\n", line + 1)
            headers = dict(item.split("=", 1) if "=" in item else (item, "")
                           for item in data[line + 1:headers_end].decode(errors="replace").split(",") if item)
            key_end = headers_end + 1 + max(key_len, 0)
            value_end = key_end + max(value_len, 0)
            found.append(Record(topic, partition, offset, time_ms, None if key_len < 0 else data[headers_end + 1:key_end],
                                None if value_len < 0 else data[key_end:value_end], headers))
            at = value_end + 1
        return found

    def process_starts(self):
        """(partition, offset, index) of each, by what lies in the topic."""
        return {(record.partition, record.offset, index) for record in self.records(RAW)
                for index, event in enumerate(wire.message(record.value)[EVENTS_FIELD])
                if PROCESS_START_FIELD in wire.message(event)}

    def alerts(self, *topics):
        return [read_alert(record) for topic in topics or (ALERTS, INFORMATIONAL) for record in self.records(topic)]


def corpus(name):
    """A file of the corpus, or None."""
    for folder in (os.environ.get("YAGURA_CORPUS"), SOURCE.parent / "shared/corpus"):
        if folder and (Path(folder) / name).exists():
            return Path(folder) / name
    return None


def uuid_of(text):
    """A stable UUID for a name."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"yagura-e2e:{text}")


def no_kafka():
    """Why there can be no Apache Kafka here; None if there can."""
    missing = [name for name in ("kcat", "java", "mvn", "jq") if shutil.which(name) is None]
    if missing:
        return f"{', '.join(missing)} missing; deploy/install-deps --all"
    libs = subprocess.run([str(SOURCE / "deploy/kafka/kafka"), "libs"], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, check=False)
    return libs.stderr.strip().splitlines()[-1] if libs.returncode != 0 else None


def main(test, needs_kafka=True):
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True, help="build folder, e.g. build/release")
    arguments = parser.parse_args()
    reason = no_kafka() if needs_kafka else None
    if reason:
        print(f"skipped: no Apache Kafka here: {reason}")
        return 77
    start = time.monotonic()
    result = test(arguments.build)
    say(f"{'skipped' if result == 77 else 'passed'} in {time.monotonic() - start:.0f} s")
    return result or 0
