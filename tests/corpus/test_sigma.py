#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""SigmaHQ's rules and recorded events through the command `yagura`, against the corpus's known answers.

Usage: test_sigma.py PATH_TO_YAGURA PATH_TO_YAGURAD [Check] [Match] [Explain]

Exit 77, and a line that says why, where there is no corpus. How differences were judged: tests/results/sigma.md, which these
tests read."""

import json
import lzma
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

YAGURA, YAGURAD = "", ""
SOURCE = Path(__file__).resolve().parents[2]
CORPUS = Path(os.environ.get("YAGURA_CORPUS") or SOURCE.parent / "shared" / "corpus")
JUDGED = SOURCE / "tests" / "results" / "sigma.md"
GOLDEN_FOLDERS = ["rules", "rules-emerging-threats", "rules-threat-hunting"]
ALL_FOLDERS = [*GOLDEN_FOLDERS, "rules-compliance", "rules-placeholder"]
RULES, RULES_WITH_PLACEHOLDER, TESTS, REGRESSION_HITS, OTRF_HITS = 3780, 25, 202, 352, 5289
COMMAND_SECONDS_MAX = 300
SKIPPED = 77


def run_yagura(*arguments, expect=0):
    done = subprocess.run([YAGURA, *map(str, arguments)], capture_output=True, timeout=COMMAND_SECONDS_MAX, check=False)
    if done.returncode != expect:
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stderr.decode()[-4000:]}")
    return done.stdout


def read_lines(text):
    return [json.loads(line) for line in text.splitlines()]


def hits_of(lines):
    return {(line["line"], rule) for line in lines for rule in line["rules"]}


class Corpus(unittest.TestCase):
    """Unpacked once, for all tests."""

    @classmethod
    def setUpClass(cls):
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = Path(temporary.name)
        [archive] = CORPUS.glob("sigmahq-rules-*.tar.xz")
        subprocess.run(["tar", "-xf", archive, "-C", cls.folder], check=True)
        cls.golden_rules = [option for name in GOLDEN_FOLDERS for option in ("--rules", cls.folder / name)]
        cls.mapped = set((CORPUS / "mapped.txt").read_text().split())

    @classmethod
    def match(cls, events, *arguments):
        return read_lines(run_yagura("match", *cls.golden_rules, "--format", "json", *arguments, events))

    def expect_hits(self, found, golden, count):
        """Equal over the rules that the golden files speak of."""
        mapped = {hit for hit in found if hit[1] in self.mapped}
        self.assertEqual(len(golden), count)
        self.assertEqual(sorted(golden - mapped), [], "lost")
        self.assertEqual(sorted(mapped - golden), [], "found without cause")


class Check(Corpus):
    def check(self, *arguments, expect):
        folders = [self.folder / name for name in ALL_FOLDERS]
        return json.loads(run_yagura("check", "--format", "json", *arguments, *folders, expect=expect))

    def test_loads_every_rule_but_those_whose_placeholder_has_no_list(self):
        answer = self.check(expect=1)
        self.assertEqual((answer["read"], answer["loaded"], answer["refused"]),
                         (RULES, RULES - RULES_WITH_PLACEHOLDER, RULES_WITH_PLACEHOLDER))
        errors = [finding for finding in answer["findings"] if finding["severity"] == "error"]
        self.assertEqual({finding["code"] for finding in errors}, {"placeholder-without-list"})
        for finding in errors:
            line = Path(finding["file"]).read_text(encoding="utf-8").splitlines()[finding["line"] - 1]
            [name] = re.findall(r"'(%[^%']+%)'", finding["message"])
            self.assertIn(name, line, finding)
        with_placeholder = {str(path) for name in ALL_FOLDERS for path in (self.folder / name).rglob("*.yml")
                            if re.search(r"\|expand\b", path.read_text(encoding="utf-8"))}
        self.assertEqual({finding["file"] for finding in errors}, with_placeholder)

    def test_loads_every_rule_with_a_list_for_each_placeholder(self):
        lists = self.folder / "lists"
        lists.mkdir()
        for finding in self.check(expect=1)["findings"]:
            if finding["code"] == "placeholder-without-list":
                [name] = re.findall(r"'([^']+\.txt)'", finding["hint"])
                (lists / name).write_text("10.0.0.0/8\n192.168.0.0/16\n")
        answer = self.check("--lists", lists, expect=0)
        self.assertEqual((answer["read"], answer["loaded"], answer["refused"]), (RULES, RULES, 0))
        self.assertEqual([finding for finding in answer["findings"] if finding["severity"] == "error"], [])


class Match(Corpus):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.otrf = cls.folder / "otrf.jsonl"
        with lzma.open(CORPUS / "otrf" / "events.jsonl.xz") as packed:
            cls.otrf.write_bytes(packed.read())
        cls.otrf_lines = cls.match(cls.otrf)
        cls.regression = CORPUS / "regression" / "flat.jsonl"

    def test_regression_finds_the_rule_of_every_test_and_nothing_else(self):
        tests = json.loads((CORPUS / "regression" / "tests.json").read_text())
        found = hits_of(self.match(self.regression))
        golden = {(line, rule) for test in tests for line, rules in zip(test["lines"], test["all_matches"]) for rule in rules}
        self.expect_hits(found, golden, REGRESSION_HITS)
        self.assertEqual(found, golden)
        self.assertEqual(len(tests), TESTS)
        for test in tests:
            count = sum((line, test["rule_id"]) in found for line in test["lines"])
            self.assertGreaterEqual(count, test["match_count"] or 1, test["rule"])

    def test_otrf_finds_what_is_known_and_what_was_judged(self):
        found = hits_of(self.otrf_lines)
        self.expect_hits(found, hits_of(read_lines((CORPUS / "otrf" / "golden.jsonl").read_text())), OTRF_HITS)
        judged = {(int(line), rule) for line, rule in
                  re.findall(r"^\| otrf (\d+) \| `([0-9a-f-]{36})` \|", JUDGED.read_text(encoding="utf-8"), re.M)}
        self.assertEqual({hit for hit in found if hit[1] not in self.mapped}, judged)

    def test_explains_every_hit(self):
        lines = self.match(self.otrf, "--explain")
        self.assertEqual(hits_of(lines), hits_of(self.otrf_lines))
        for line in lines:
            self.assertEqual([why["rule"] for why in line["why"]], line["rules"])
            for why in line["why"]:
                self.assertTrue(why["author"], why)
                self.assertTrue(why["reasons"], why)

    def test_decoded_batches_match_like_what_was_encoded(self):
        run_yagura("encode", "--events-per-record", "1", "-o", self.folder / "batches", self.otrf)
        (self.folder / "back.jsonl").write_bytes(run_yagura("decode", self.folder / "batches"))
        self.assertEqual(self.match(self.folder / "back.jsonl"), self.otrf_lines)


    def test_the_service_gives_an_alert_for_each_hit(self):
        """The same events as batches in a file, through yagurad's workers to alerts in files."""
        batches, out = self.folder / "service.batches", self.folder / "service"
        run_yagura("encode", "--events-per-record", "1", "-o", batches, self.otrf)
        config = self.folder / "yagurad.yaml"
        paths = json.dumps([str(self.folder / name) for name in GOLDEN_FOLDERS])
        config.write_text(f"tenant: payload\ninput: {{file: '{batches}'}}\noutput: {{folder: '{out}'}}\n"
                          f"rules: {{paths: {paths}}}\nhttp: {{port: 0}}\ncontrol: {{socket: ''}}\n")
        subprocess.run([YAGURAD, "run", "--config", config], check=True, capture_output=True, timeout=COMMAND_SECONDS_MAX)
        alerts = read_lines(run_yagura("decode", "--alerts", out / "alerts.v1.proto"))
        alerts += read_lines(run_yagura("decode", "--alerts", out / "alerts.informational.v1"))
        self.assertEqual(len({alert["alert_id"] for alert in alerts}), len(alerts))
        self.assertEqual({(alert["evidence"]["offset"], alert["rule"]["id"]) for alert in alerts},
                         hits_of(self.otrf_lines))
        self.assertEqual((out / "telemetry.dlq.v1").read_bytes(), b"")
        for alert in alerts:
            self.assertTrue(alert["rule"]["author"] and alert["explanations"] and alert["event"], alert)


class Explain(Corpus):
    def test_agrees_with_every_regression_hit(self):
        """An evaluator that knows nothing of the engine's tricks, rule by rule."""
        tests = json.loads((CORPUS / "regression" / "tests.json").read_text())
        for test in tests:
            for line, rules in zip(test["lines"], test["all_matches"]):
                [answer] = read_lines(run_yagura("explain", "--rule", self.folder / test["rule"], "--format", "json", "--line",
                                                 line, CORPUS / "regression" / "flat.jsonl"))
                self.assertEqual(answer["matches"], test["rule_id"] in rules, (test["rule"], line))


if __name__ == "__main__":
    YAGURA, YAGURAD = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    if not (CORPUS / "mapped.txt").exists():
        print(f"skipped: there is no corpus in {CORPUS} (set YAGURA_CORPUS to its folder)")
        sys.exit(SKIPPED)
    unittest.main()
