#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What operators copy: the example config is what the program says, the unit is one that systemd takes and that tells the truth,
the scripts parse and explain themselves, the pages name what exists.

Usage: test_deploy.py PATH_TO_YAGURAD"""

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
SCRIPTS = ("quickstart", "install-deps", "kafka/kafka")
YAGURAD = ""


def run(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=60, check=False)


class Example(unittest.TestCase):
    def test_is_what_the_program_writes(self):
        written = run(YAGURAD, "--example-config").stdout
        self.assertEqual(written, (DEPLOY / "yagurad.example.yaml").read_text(encoding="utf-8"),
                         "stale: yagurad --example-config > deploy/yagurad.example.yaml")

    def test_is_a_good_config(self):
        checked = run(YAGURAD, "check-config", "--config", DEPLOY / "yagurad.example.yaml")
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))


class Unit(unittest.TestCase):
    text = (DEPLOY / "yagurad.service").read_text(encoding="utf-8")

    def seconds(self, name):
        return int(re.search(rf"^{name}=(\d+)$", self.text, re.M).group(1))

    def default(self, key):
        """The example's default of an option, in milliseconds."""
        return int(re.search(rf"^  (?:# )?{key}: (\d+)$", (DEPLOY / "yagurad.example.yaml").read_text(), re.M).group(1))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_is_one_that_systemd_takes(self):
        with tempfile.TemporaryDirectory() as folder:
            unit = Path(folder) / "yagurad.service"
            unit.write_text(self.text.replace("/usr/bin/yagurad", str(Path(YAGURAD).resolve())), encoding="utf-8")
            verified = run("systemd-analyze", "verify", unit)
        self.assertNotIn("yagurad.service", verified.stderr)

    def test_waits_longer_than_the_service_drains(self):
        self.assertGreater(self.seconds("TimeoutStopSec") * 1000, 2 * self.default("drain_timeout_ms"))

    def test_watches_longer_than_a_worker_may_be_stuck(self):
        self.assertGreater(self.seconds("WatchdogSec") * 1000, self.default("stuck_after_ms"))

    def test_uses_commands_and_exit_codes_that_exist(self):
        told = run(YAGURAD, "--help").stdout
        for command in re.findall(r"^Exec\w+=/usr/bin/yagurad ([\w-]+) ", self.text, re.M):
            self.assertRegex(told, rf"(?m)^  {command} ")
        for code in re.search(r"^RestartPreventExitStatus=(.*)$", self.text, re.M).group(1).split():
            self.assertRegex(told, rf"(?m)^ +{code}  ")


class Scripts(unittest.TestCase):
    def test_parse_and_explain_themselves(self):
        for name in SCRIPTS:
            with self.subTest(name):
                self.assertEqual(run("bash", "-n", DEPLOY / name).stderr, "")
                told = run(DEPLOY / name, "--help")
                self.assertEqual((told.returncode, told.stderr), (0, ""))
                self.assertRegex(told.stdout, "usage:")

    def test_refuse_what_they_do_not_know(self):
        for name in SCRIPTS:
            with self.subTest(name):
                self.assertEqual(run(DEPLOY / name, "--nonsense").returncode, 64)

    def test_quickstart_names_what_is_missing(self):
        for option, value in (("--rules", "/nowhere"), ("--events", "/nowhere"), ("--lists", "/nowhere"),
                              ("--duration", "soon")):
            with self.subTest(option):
                refused = run(DEPLOY / "quickstart", "--no-install", option, value)
                self.assertEqual((refused.returncode, refused.stdout), (1, ""))
                self.assertIn(option, refused.stderr)


class Page(unittest.TestCase):
    """operating.md names metrics, options and exit codes; each must exist, and each exit code be named."""

    text = (DEPLOY / "operating.md").read_text(encoding="utf-8")
    source = DEPLOY.parent / "ingest/service"

    def test_names_metrics_that_exist(self):
        known = "".join((self.source / name).read_text(encoding="utf-8")
                        for name in ("metrics.c", "counters.def", "memory_figures.def"))
        for metric in sorted(set(re.findall(r"\b(?:yagura|process)_[a-z_]+", self.text))):
            with self.subTest(metric):
                self.assertIn(f'"{metric}', known)

    def test_names_options_that_exist(self):
        known = set(re.findall(r'^\w+\(\w+, "([\w.]+)"', (self.source / "config.def").read_text(encoding="utf-8"), re.M))
        sections = {key.split(".")[0] for key in known if "." in key}
        for option in sorted(set(re.findall(r"`([a-z_]+\.[a-z_]+)`", self.text))):
            if option.split(".")[0] in sections:
                with self.subTest(option):
                    self.assertIn(option, known)

    def test_says_what_each_exit_code_means(self):
        for code in re.findall(r"^EXIT\(\w+, (\d+),", (self.source / "exits.def").read_text(encoding="utf-8"), re.M):
            with self.subTest(code):
                self.assertRegex(self.text, rf"(?m)^\| {code} \|")


if __name__ == "__main__":
    YAGURAD = sys.argv.pop(1)
    unittest.main()
