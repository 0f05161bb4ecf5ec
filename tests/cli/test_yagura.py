#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The command yagura as a user runs it: help, errors, exit codes, and what it prints.

Usage: test_yagura.py PATH_TO_YAGURA PATH_TO_BROKER"""

import base64
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import unittest
import uuid
from pathlib import Path

YAGURA, BROKER = "", ""
GOLDEN = Path(__file__).resolve().parents[1] / "golden"
OK, FINDINGS, USAGE, DATA, NO_INPUT, UNAVAILABLE, OUTPUT, IO = 0, 1, 64, 65, 66, 69, 73, 74
COMMANDS = ["check", "match", "explain", "profile", "encode", "decode"]
TEST_SECONDS_MAX = 60


def uuid_of(letter):
    return f"{letter * 8}-{letter * 4}-4{letter * 3}-8{letter * 3}-{letter * 12}"


def rule(letter, detection, logsource="    category: process_creation\n    product: windows", level="high"):
    return (f"title: Rule {letter}\nid: {uuid_of(letter)}\nauthor: Somebody\nlogsource:\n{logsource}\n"
            f"detection:\n{detection}\nlevel: {level}\n")


WHOAMI = rule("a", "    selection:\n        Image|endswith: '\\whoami.exe'\n    condition: selection")
ADMIN = rule("b", "    selection:\n        Image|endswith: '\\whoami.exe'\n        User|contains: 'admin'\n"
                  "    filter:\n        ParentImage: null\n    condition: selection and not filter", level="low")
SSHD = rule("c", "    selection:\n        message|contains: 'Failed'\n    condition: selection",
            "    product: linux\n    service: sshd")
BAD_REGEX = rule("f", "    selection:\n        Image|re: '(x'\n    condition: selection")
BROKEN = rule("d", "    selection:\n        Image|nonsense: 'x'\n    condition: selection")
EXPAND = rule("e", "    selection:\n        User|expand: '%users%'\n    condition: selection")


def process(image, **fields):
    return {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "pc1", "Image": image, **fields}


WHOAMI_EVENT = process("C:\\Windows\\System32\\whoami.exe", User="PC1\\admin", ParentImage="C:\\x.exe")


def give_up(*_):
    raise TimeoutError(f"more than {TEST_SECONDS_MAX} s")


def length_of(record):
    """The record's length as a varint."""
    rest, out = len(record), b""
    while rest > 0x7f:
        out += bytes([rest & 0x7f | 0x80])
        rest >>= 7
    return out + bytes([rest])


class Case(unittest.TestCase):
    """Each test has a folder of its own, with rules/ in it, and an end."""

    def setUp(self):
        signal.signal(signal.SIGALRM, give_up)
        signal.alarm(TEST_SECONDS_MAX)
        self.addCleanup(signal.alarm, 0)
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = Path(self.temporary.name)
        (self.folder / "rules").mkdir()

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif isinstance(content, str):
            path.write_text(content)
        else:
            path.write_text("".join(json.dumps(event) + "\n" for event in content))
        return name

    def run_yagura(self, *arguments, expect=OK, stdin=b"", **environment):
        done = subprocess.run([YAGURA, *arguments], input=stdin, capture_output=True, cwd=self.folder,
                              env={**os.environ, **environment}, timeout=60)
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        self.out_bytes = done.stdout
        self.assertEqual(done.returncode, expect, f"{arguments}\n{self.out}\n{self.err}")
        return self.out

    def run_json(self, *arguments, expect=OK, **more):
        self.run_yagura(*arguments, expect=expect, **more)
        return [json.loads(line) for line in self.out.splitlines()]


class Help(Case):
    def test_of_the_program_names_every_command_and_exit_code(self):
        for way in ["--help", "-h", "help"]:
            out = self.run_yagura(way)
            for command in COMMANDS:
                self.assertIn(f"\n  {command} ", out)
            for code in [OK, FINDINGS, USAGE, DATA, NO_INPUT, UNAVAILABLE, OUTPUT, IO]:
                self.assertRegex(out, rf"\n  {code} +\w")

    def test_of_a_command_is_complete(self):
        for command in COMMANDS:
            out = self.run_yagura(command, "--help")
            for part in ["Usage: yagura " + command, "Options:", "--help", "Exits with", "Example"]:
                self.assertIn(part, out, command)
            self.assertLessEqual(max(map(len, out.splitlines())), 100, command)

    def test_tells_the_version(self):
        self.assertRegex(self.run_yagura("--version"), r"^yagura \d+\.\d+\.\d+\n$")


class Usage(Case):
    def test_without_a_command_shows_help_on_standard_error(self):
        self.run_yagura(expect=USAGE)
        self.assertEqual(self.out, "")
        self.assertIn("Commands:", self.err)

    def test_errors_name_what_was_probably_meant(self):
        for arguments, hint in [
            (["chek"], "did you mean 'check'?"),
            (["match", "--rule", "x", "y"], "did you mean '--rules'?"),
            (["check", "--format", "xml", "rules"], "--format is text|json, not 'xml'"),
            (["check", "--lists"], "--lists needs a value"),
            (["match", "--explain=yes", "x"], "--explain takes no value"),
            (["match", "x"], "say which rules"),
            (["profile", "x"], "say which rules"),
            (["profile", "--rules", "rules", "--top", "0", "x"], "from 1 to 1000000"),
            (["profile", "--rules", "rules", "--top", "1000001", "x"], "from 1 to 1000000"),
            (["match", "--rules", "rules", "a", "b"], "too many"),
            (["check"], "missing"),
            (["encode", "--events-per-record", "0", "x"], "from 1 to 4096"),
            (["encode", "--events-per-record", "4097", "x"], "from 1 to 4096"),
            (["encode", "--tenant", "me", "x"], "--tenant needs a UUID"),
            (["encode", "--topic", "t", "x"], "--topic needs --brokers"),
            (["encode", "--kafka", "a=b", "x"], "--kafka needs --brokers"),
            (["encode", "--wait", "0", "--brokers", "b", "x"], "from 1 to 3600"),
            (["encode", "--wait", "3601", "--brokers", "b", "x"], "from 1 to 3600"),
            (["encode", "--brokers", "b", "-o", "f", "x"], "not both"),
            (["explain", "x"], "say which rule"),
            (["explain", "--rule", "r", "--line", "-1", "x"], "--line needs a whole number"),
        ]:
            self.run_yagura(*arguments, expect=USAGE)
            self.assertIn(hint, self.err, arguments)
            self.assertEqual(self.out, "", arguments)


class Check(Case):
    def test_of_good_rules_is_ok(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/b.yml", SSHD)
        out = self.run_yagura("check", "rules")
        self.assertIn("2 rules read from 2 files: 2 loaded, 0 refused", out)
        self.assertEqual(self.err, "")

    def test_of_a_bad_rule_says_where_and_what_to_write(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/d.yml", BROKEN)
        out = self.run_yagura("check", "rules", expect=FINDINGS)
        self.assertIn("1 loaded, 1 refused", out)
        self.assertIn("1  unknown-modifier", out)
        self.assertRegex(self.err, r"rules/d\.yml:9:\d+: error: .*nonsense.*\[unknown-modifier\]\n    hint: ")

    def test_names_a_placeholder_without_a_list_and_takes_a_list(self):
        self.write("rules/e.yml", EXPAND)
        self.run_yagura("check", "rules", expect=FINDINGS)
        self.assertIn("%users%", self.err)
        self.write("lists/users.txt", "alice\n# nobody\n\nbob\n")
        self.assertIn("1 loaded, 0 refused", self.run_yagura("check", "--lists", "lists", "rules"))

    def test_names_the_second_file_of_an_id(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/b.yml", WHOAMI)
        self.run_yagura("check", "rules", expect=FINDINGS)
        self.assertRegex(self.err, r"rules/b\.yml:2:\d+: error: .*rules/a\.yml.*\[duplicate-id\]")

    def test_for_machines_is_one_object(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/d.yml", BROKEN)
        [answer] = self.run_json("check", "--format", "json", "rules", expect=FINDINGS)
        self.assertEqual((answer["read"], answer["loaded"], answer["refused"]), (2, 1, 1))
        self.assertEqual(answer["errors_by_code"], {"unknown-modifier": 1})
        self.assertEqual(answer["findings"][0]["file"], "rules/d.yml")
        self.assertEqual(answer["findings"][0]["line"], 9)
        self.assertRegex(answer["ruleset_sha256"], "^[0-9a-f]{64}$")

    def test_finds_what_only_the_compiler_can_find(self):
        self.write("rules/f.yml", BAD_REGEX)
        self.run_yagura("check", "rules", expect=FINDINGS)
        self.assertRegex(self.err, r"rules/f\.yml:9:\d+: error: .*offset \d+.*\[bad-regex\]\n    hint: ")

    def test_takes_a_file_or_several_rules_in_a_file(self):
        self.write("rules/two.yml", WHOAMI + "---\n" + SSHD)
        self.assertIn("2 rules read from 1 files: 2 loaded", self.run_yagura("check", "rules/two.yml"))

    def test_of_what_cannot_be_read_is_no_input(self):
        self.run_yagura("check", "nowhere", expect=NO_INPUT)
        self.assertIn("nowhere: error: No such file", self.err)
        self.run_yagura("check", "rules", expect=NO_INPUT)
        self.assertIn("no rule file", self.err)

    def test_lists_findings_in_the_order_of_the_file(self):
        self.write("rules/z.yml", WHOAMI.replace("Image|", "Imgae|").replace("title", "titel"))
        self.write("rules/d.yml", BROKEN)
        self.run_yagura("check", "rules", expect=FINDINGS)
        places = [line.split(":")[:2] for line in self.err.splitlines() if line.startswith("rules/")]
        self.assertEqual(places, [["rules/d.yml", "9"], ["rules/z.yml", "1"], ["rules/z.yml", "1"]])

    def test_warns_and_is_strict_on_demand(self):
        self.write("rules/a.yml", WHOAMI.replace("Image|", "Imgae|"))
        self.assertIn("1 loaded, 0 refused", self.run_yagura("check", "rules"))
        self.assertRegex(self.err, r"rules/a\.yml:9:9: warning: .*Imgae.*\[unknown-field\]\n    hint: did you mean 'Image'\?")
        self.assertIn("1 loaded, 0 refused", self.run_yagura("check", "--strict", "rules", expect=FINDINGS))

    def test_escapes_what_a_rule_could_do_to_a_terminal(self):
        self.write("rules/a.yml", WHOAMI.replace("endswith", "\"\x1b]0;x\x07"))
        self.run_yagura("check", "rules", expect=FINDINGS)
        self.assertNotIn("\x1b", self.err + self.out)


class Match(Case):
    def setUp(self):
        super().setUp()
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/b.yml", ADMIN)
        self.write("rules/c.yml", SSHD)

    def test_prints_lines_with_hits_in_the_promised_form(self):
        self.write("e.jsonl", [process("C:\\a.exe"), WHOAMI_EVENT, {}, process("D:\\WHOAMI.EXE")])
        out = self.run_yagura("match", "--rules", "rules", "--format", "json", "e.jsonl")
        self.assertEqual(out, f'{{"line": 1, "rules": ["{uuid_of("a")}", "{uuid_of("b")}"]}}\n'
                              f'{{"line": 3, "rules": ["{uuid_of("a")}"]}}\n')

    def test_for_people_names_line_level_and_title(self):
        self.write("e.jsonl", [process("C:\\a.exe"), WHOAMI_EVENT])
        out = self.run_yagura("match", "--rules", "rules", "e.jsonl")
        self.assertIn(f"e.jsonl:2: high: Rule a ({uuid_of('a')})", out)
        self.assertIn("2 events, 2 hits on 1 lines", self.err)

    def test_explains(self):
        self.write("e.jsonl", [WHOAMI_EVENT])
        [line] = self.run_json("match", "--rules", "rules", "--format", "json", "--explain", "e.jsonl")
        self.assertEqual([why["rule"] for why in line["why"]], line["rules"])
        [reason] = line["why"][0]["reasons"]
        self.assertEqual(reason["selection"], "selection")
        self.assertEqual(reason["field"], "Image")
        self.assertEqual(reason["modifier"], "endswith")
        self.assertEqual(reason["pattern"], "\\whoami.exe")
        self.assertEqual(reason["value"], WHOAMI_EVENT["Image"])
        start, end = reason["span"]
        self.assertEqual(reason["value"][start:end], "\\whoami.exe")
        self.assertIn("selection: Image|endswith '\\whoami.exe' in 'C:\\Windows\\System32\\whoami.exe'",
                      self.run_yagura("match", "--rules", "rules", "--explain", "e.jsonl"))

    def test_reads_standard_input(self):
        answer = self.run_json("match", "--rules", "rules", "--format", "json", "-",
                               stdin=json.dumps(WHOAMI_EVENT).encode())
        self.assertEqual(answer, [{"line": 0, "rules": [uuid_of("a"), uuid_of("b")]}])

    def test_answers_a_pipe_event_by_event(self):
        running = subprocess.Popen([YAGURA, "match", "--rules", "rules", "--format", "json", "-"], cwd=self.folder,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(running.kill)
        for line in range(3):
            running.stdin.write(json.dumps(WHOAMI_EVENT).encode() + b"\n")
            running.stdin.flush()
            self.assertEqual(json.loads(running.stdout.readline())["line"], line)
        running.stdin.close()
        self.assertEqual(running.stdout.read(), b"")
        running.stdout.close()
        self.assertEqual(running.wait(), OK)

    def test_goes_on_behind_a_bad_line_and_names_it(self):
        self.write("e.jsonl", b'{"EventID": 1\n' + json.dumps(WHOAMI_EVENT).encode() + b'\n{"a":1,"a":2}\n')
        answer = self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl", expect=DATA)
        self.assertEqual([line["line"] for line in answer], [1])
        self.assertIn("e.jsonl:1:", self.err)
        self.assertIn("e.jsonl:3:", self.err)

    def test_counts_empty_lines(self):
        self.write("e.jsonl", "\n\n" + json.dumps(WHOAMI_EVENT) + "\n")
        answer = self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl")
        self.assertEqual([line["line"] for line in answer], [2])

    def test_keeps_a_rule_from_events_of_another_log_source(self):
        self.write("e.jsonl", [{**WHOAMI_EVENT, "EventID": 7}, {"message": "Failed"}])
        self.assertEqual(self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl"), [])

    def test_takes_the_log_source_from_the_line_or_the_options(self):
        self.write("e.jsonl", [{"message": "Failed", "logsource": {"product": "linux", "service": "sshd"}}])
        hit = [{"line": 0, "rules": [uuid_of("c")]}]
        self.assertEqual(self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl"), hit)
        self.write("e.jsonl", [{"message": "Failed"}])
        answer = self.run_json("match", "--rules", "rules", "--format", "json", "--product", "linux", "--service",
                               "sshd", "e.jsonl")
        self.assertEqual(answer, hit)

    def test_says_that_no_event_says_what_it_is(self):
        self.write("e.jsonl", [{"Event": {"System": {"EventID": 1}}}, {"Image": "C:\\whoami.exe"}])
        self.run_yagura("match", "--rules", "rules", "e.jsonl")
        self.assertIn("no event says what it is", self.err)
        self.write("e.jsonl", [{"Image": "C:\\whoami.exe"}, process("C:\\a.exe")])
        self.run_yagura("match", "--rules", "rules", "e.jsonl")
        self.assertNotIn("no event says", self.err)

    def test_takes_rules_from_several_folders(self):
        self.write("more/d.yml", rule("d", "    selection:\n        Image: '*'\n    condition: selection"))
        self.write("e.jsonl", [WHOAMI_EVENT])
        [line] = self.run_json("match", "--rules", "rules", "--rules", "more", "--format", "json", "e.jsonl")
        self.assertEqual(line["rules"], [uuid_of("a"), uuid_of("b"), uuid_of("d")])

    def test_names_a_refused_rule_and_looks_for_the_others(self):
        self.write("rules/d.yml", BROKEN)
        self.write("e.jsonl", [WHOAMI_EVENT])
        arguments = ["match", "--rules", "rules", "--format", "json", "e.jsonl"]
        self.assertEqual(len(self.run_json(*arguments)), 1)
        self.assertIn("rules/d.yml:9", self.err)
        self.assertIn("1 rules are refused", self.err)
        self.assertEqual(len(self.run_json(*arguments, "--strict", expect=FINDINGS)), 1)

    def test_without_any_rule_is_no_input(self):
        self.write("none/d.yml", BROKEN)
        self.write("e.jsonl", [WHOAMI_EVENT])
        self.run_yagura("match", "--rules", "none", "e.jsonl", expect=NO_INPUT)

    def test_of_a_file_that_is_missing_is_no_input(self):
        self.run_yagura("match", "--rules", "rules", "e.jsonl", expect=NO_INPUT)
        self.assertIn("e.jsonl: No such file", self.err)

    def test_does_not_go_on_with_half_of_the_folders_that_were_named(self):
        self.write("e.jsonl", [WHOAMI_EVENT])
        self.run_yagura("match", "--rules", "rules", "--rules", "rulse", "e.jsonl", expect=NO_INPUT)
        self.assertIn("rulse: error: No such file", self.err)
        self.assertEqual(self.out, "")
        self.run_yagura("match", "--rules", "rules", "--lists", "nowhere", "e.jsonl", expect=NO_INPUT)
        self.assertIn("nowhere: error: the list cannot be read", self.err)

    def test_detects_behind_a_nul_and_escapes_it(self):
        rule_text = rule("f", "    selection:\n        CommandLine|contains: 'evil'\n    condition: selection")
        self.write("more/f.yml", rule_text)
        self.write("e.jsonl", [process("C:\\a.exe", CommandLine="a\0 evil \x1b[2J")])
        out = self.run_yagura("match", "--rules", "more", "--explain", "e.jsonl")
        self.assertIn("a\\x00 evil \\x1b[2J", out)
        self.assertNotIn("\x1b", out)
        [line] = self.run_json("match", "--rules", "more", "--format", "json", "--explain", "e.jsonl")
        self.assertEqual(line["why"][0]["reasons"][0]["value"], "a\0 evil \x1b[2J")

    def test_says_when_output_is_lost(self):
        self.write("e.jsonl", [WHOAMI_EVENT])
        with open("/dev/full", "wb") as full:
            done = subprocess.run([YAGURA, "match", "--rules", "rules", "--format", "json", "e.jsonl"],
                                  cwd=self.folder, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, IO)
        self.assertIn(b"No space left", done.stderr)


class Explain(Case):
    def setUp(self):
        super().setUp()
        self.write("rules/b.yml", ADMIN)

    def test_shows_every_selection_and_item_with_the_value_seen(self):
        event = {key: value for key, value in WHOAMI_EVENT.items() if key != "User"}
        self.write("e.json", json.dumps(event, indent=2))
        out = self.run_yagura("explain", "--rule", "rules/b.yml", "e.json")
        self.assertIn("\n  condition: ", out)
        self.assertRegex(out, r"^false  Rule b")
        self.assertRegex(out, r"\n  false  selection\n")
        self.assertRegex(out, r"\n    true   Image\|endswith: '\\whoami.exe'   seen: 'C:\\Windows")
        self.assertRegex(out, r"\n    false  User\|contains: 'admin'   seen: field missing\n")
        self.assertRegex(out, r"\n  false  filter\n")
        self.assertRegex(out, r"\n    false  ParentImage: null   seen: 'C:\\x.exe'")

    def test_for_machines_tells_the_same(self):
        self.write("e.json", json.dumps(WHOAMI_EVENT))
        [answer] = self.run_json("explain", "--rule", "rules/b.yml", "--format", "json", "e.json")
        self.assertEqual(answer["rule"], uuid_of("b"))
        self.assertTrue(answer["matches"] and answer["applies"] and answer["condition"])
        self.assertEqual(answer["selections"], {"selection": True, "filter": False})
        self.assertEqual([item["result"] for item in answer["items"]], [True, True, False])
        self.assertEqual(answer["items"][1]["value"], "PC1\\admin")

    def test_says_that_the_rule_does_not_apply(self):
        self.write("e.json", json.dumps({**WHOAMI_EVENT, "EventID": 5}))
        out = self.run_yagura("explain", "--rule", "rules/b.yml", "e.json")
        self.assertRegex(out, r"^false  Rule b")
        self.assertIn("log source", out)

    def test_names_the_log_sources_that_do_not_meet(self):
        self.write("e.json", json.dumps({**WHOAMI_EVENT, "EventID": 5}))
        out = self.run_yagura("explain", "--rule", "rules/b.yml", "e.json")
        self.assertIn("the rule's:  product windows category process_creation\n", out)
        self.assertIn("the event's: product windows category process_termination service sysmon\n", out)
        self.write("e.json", json.dumps({"Image": "C:\\whoami.exe"}))
        self.assertIn("the event's: none", self.run_yagura("explain", "--rule", "rules/b.yml", "e.json"))

    def test_takes_a_line_of_many(self):
        self.write("e.jsonl", [process("C:\\a.exe"), WHOAMI_EVENT])
        arguments = ["explain", "--rule", "rules/b.yml", "--format", "json", "e.jsonl"]
        self.assertFalse(self.run_json(*arguments, "--line", "0")[0]["matches"])
        self.assertTrue(self.run_json(*arguments, "--line", "1")[0]["matches"])
        self.run_yagura(*arguments, "--line", "2", expect=DATA)
        self.run_yagura(*arguments, expect=DATA)
        self.assertIn("--line N", self.err)

    def test_takes_several_rules_in_the_order_in_which_they_are_written(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("two.yml", SSHD + "---\n" + ADMIN)
        self.write("e.json", json.dumps(WHOAMI_EVENT))
        answers = self.run_json("explain", "--rule", "two.yml", "--rule", "rules/a.yml", "--format", "json", "e.json")
        self.assertEqual([answer["rule"] for answer in answers], [uuid_of("a"), uuid_of("c"), uuid_of("b")])
        self.assertEqual([answer["matches"] for answer in answers], [True, False, True])

    def test_reads_the_event_from_standard_input(self):
        [answer] = self.run_json("explain", "--rule", "rules/b.yml", "--format", "json", "-",
                                 stdin=json.dumps(WHOAMI_EVENT, indent=1).encode())
        self.assertTrue(answer["matches"])

    def test_shows_what_modifiers_make_of_a_value(self):
        self.write("w.yml", rule("9", "    s:\n        CommandLine|windash|contains: ' -Enc'\n    condition: s"))
        self.write("e.json", json.dumps(process("C:\\a.exe", CommandLine="a /ENC b")))
        self.assertIn("\n        true    -Enc   as * /enc*\n", self.run_yagura("explain", "--rule", "w.yml", "e.json"))
        [answer] = self.run_json("explain", "--rule", "w.yml", "--format", "json", "e.json")
        [item] = answer["items"]
        self.assertEqual([test["expanded"] for test in item["tests"] if test["result"]], ["* /enc*"])
        self.assertEqual({test["pattern"] for test in item["tests"]}, {" -Enc"})

    def test_tells_missing_null_empty_and_zero_apart(self):
        tests = "".join(f"        {field}|contains: x\n" for field in ["Absent", "Null", "Empty", "Zero", "List"])
        self.write("v.yml", rule("9", f"    s:\n{tests}    condition: s"))
        self.write("e.json", json.dumps({"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Null": None,
                                         "Empty": "", "Zero": 0, "List": ["a", "b"]}))
        out = self.run_yagura("explain", "--rule", "v.yml", "e.json")
        for field, seen in [("Absent", "field missing"), ("Null", "null"), ("Empty", "''"), ("Zero", "'0'"),
                            ("List", "any of ['a', 'b']")]:
            self.assertIn(f"{field}|contains: 'x'   seen: {seen}\n", out)
        [answer] = self.run_json("explain", "--rule", "v.yml", "--format", "json", "e.json")
        self.assertEqual([(item["missing"], item.get("value", "nothing")) for item in answer["items"]],
                         [(True, "nothing"), (False, None), (False, ""), (False, 0), (False, ["a", "b"])])

    def test_of_a_rule_that_the_compiler_refuses_explains_the_others(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/f.yml", BAD_REGEX)
        self.write("e.json", json.dumps(WHOAMI_EVENT))
        answers = self.run_json("explain", "--rule", "rules/f.yml", "--rule", "rules/a.yml", "--format", "json", "e.json",
                                expect=FINDINGS)
        self.assertEqual([answer["rule"] for answer in answers], [uuid_of("a")])
        self.assertIn("rules/f.yml:9:", self.err)
        self.run_yagura("explain", "--rule", "rules/f.yml", "e.json", expect=FINDINGS)

    def test_of_a_refused_rule_shows_the_findings(self):
        self.write("rules/d.yml", BROKEN)
        self.write("e.json", json.dumps(WHOAMI_EVENT))
        self.run_yagura("explain", "--rule", "rules/d.yml", "e.json", expect=FINDINGS)
        self.assertIn("unknown-modifier", self.err)

    def test_of_what_is_missing_is_no_input(self):
        self.run_yagura("explain", "--rule", "rules/x.yml", "e.json", expect=NO_INPUT)
        self.run_yagura("explain", "--rule", "rules/b.yml", "e.json", expect=NO_INPUT)


EVENTS = [
    WHOAMI_EVENT,
    process("C:\\a.exe", CommandLine="", ProcessId=0, User=None, Computer="pc2"),
    {"EventID": 4688, "Channel": "Security", "NewProcessName": "C:\\b.exe", "ProcessId": "0x1f4"},
    {"message": "x", "n": 5, "big": 9007199254740993, "r": 0.5, "t": True, "l": ["a", 1, None], "e": [], "o": ["x"],
     "logsource": {"product": "linux", "service": "sshd"}},
    {"EventID": 7, "Channel": "Microsoft-Windows-Sysmon/Operational", "ImageLoaded": "C:\\ü.dll", "Weird Name": "\0"},
]


class Profile(Case):
    def setUp(self):
        super().setUp()
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/b.yml", ADMIN)
        self.write("rules/c.yml", SSHD)
        lonely = {key: value for key, value in WHOAMI_EVENT.items() if key != "ParentImage"}
        self.write("e.jsonl", [process("C:\\a.exe")] * 3 + [WHOAMI_EVENT] * 2 + [lonely])

    def profile(self, *arguments, expect=OK, **more):
        [report] = self.run_json("profile", "--rules", "rules", "--format", "json", *arguments, expect=expect, **more)
        return report

    def rule_of(self, report, letter):
        [found] = [rule for rule in report["rules"] if rule["rule"] == uuid_of(letter)]
        return found

    def test_counts_what_match_finds(self):
        report = self.profile("e.jsonl")
        hits = [rule for line in self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl")
                for rule in line["rules"]]
        self.assertEqual((report["events"], report["matches"]), (6, len(hits)))
        for letter in "abc":
            self.assertEqual(self.rule_of(report, letter)["matches"], hits.count(uuid_of(letter)), letter)

    def test_counts_candidates_and_leaves_idle_rules_at_zero(self):
        report = self.profile("e.jsonl")
        self.assertEqual(self.rule_of(report, "a")["candidates"], 3)
        self.assertGreater(self.rule_of(report, "b")["evaluations"], 0)
        idle = self.rule_of(report, "c")
        self.assertEqual([idle[key] for key in ["candidates", "evaluations", "matches", "timed", "nanoseconds"]], [0] * 5)
        self.assertEqual(report["candidates"], sum(rule["candidates"] for rule in report["rules"]))

    def test_tells_the_dearest_rule_first_and_no_more_than_asked_for(self):
        costs = [rule["nanoseconds"] for rule in self.profile("e.jsonl")["rules"]]
        self.assertEqual(costs, sorted(costs, reverse=True))
        report = self.profile("--top", "1", "e.jsonl")
        self.assertEqual((len(report["rules"]), len(report["triggers"])), (1, 1))

    def test_names_a_trigger_that_leads_to_nothing(self):
        self.write("rules/b.yml", rule("b", "    selection:\n        Image|endswith: '\\a.exe'\n    filter:\n"
                                            "        User: null\n    condition: selection and not filter"))
        trigger = self.profile("e.jsonl")["triggers"][0]
        self.assertEqual((trigger["field"], trigger["finding"], trigger["text"]), ("Image", "endswith", "\\a.exe"))
        self.assertEqual((trigger["hits"], trigger["hits_without_match"]), (3, 3))
        self.assertIn(uuid_of("b"), trigger["rules"])
        self.assertEqual((trigger["product"], trigger["category"]), ("windows", "process_creation"))

    def test_for_people_is_a_table_without_idle_rules(self):
        out = self.run_yagura("profile", "--rules", "rules", "e.jsonl")
        self.assertIn("6 events, 6 candidates, 5 matches", out)
        self.assertIn("1 of 3 rules were never a candidate", out)
        self.assertIn("Rule a (", out)
        self.assertNotIn("Rule c (", out)
        self.assertNotIn("\x1b", out)

    def test_of_no_event_is_all_zero(self):
        report = self.profile("-", stdin=b"")
        self.assertEqual((report["events"], report["candidates"], report["triggers"]), (0, 0, []))

    def test_reads_standard_input(self):
        self.assertEqual(self.profile("-", stdin=json.dumps(WHOAMI_EVENT).encode())["matches"], 2)

    def test_goes_on_behind_a_bad_line(self):
        self.write("e.jsonl", b'{"EventID": 1\n' + json.dumps(WHOAMI_EVENT).encode() + b"\n")
        self.assertEqual(self.profile("e.jsonl", expect=DATA)["events"], 1)
        self.assertIn("e.jsonl:1:", self.err)

    def test_of_what_is_missing_is_no_input(self):
        self.run_yagura("profile", "--rules", "rules", "nowhere.jsonl", expect=NO_INPUT)
        self.run_yagura("profile", "--rules", "nowhere", "e.jsonl", expect=NO_INPUT)
        self.assertEqual(self.out, "")


class EncodeAndDecode(Case):
    def encode(self, events, *arguments):
        self.write("e.jsonl", events)
        self.run_yagura("encode", "-o", "e.batches", *arguments, "e.jsonl")
        return (self.folder / "e.batches").read_bytes()

    def test_lose_nothing(self):
        self.encode(EVENTS, "--events-per-record", "1")
        self.assertIn("5 events in 5 records", self.err)
        decoded = self.run_json("decode", "e.batches")
        for event, back in zip(EVENTS, decoded, strict=True):
            expected = {**event, "big": str(event["big"])} if "big" in event else dict(event)
            back.pop("logsource") if "logsource" not in event else None
            self.assertEqual(back, expected)

    def test_keep_fields_that_are_named_like_members(self):
        event = {**WHOAMI_EVENT, "logsource": "x", "origin": "y", "raw": "z"}
        self.encode([event])
        for option in [[], ["--origin"]]:
            self.run_yagura("decode", *option, "e.batches")
            self.assertEqual(json.loads(self.out, object_pairs_hook=sorted), sorted(event.items()))

    def test_give_the_same_matches_again(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("rules/c.yml", rule("c", "    s:\n        message: x\n    condition: s", "    product: linux"))
        self.encode(EVENTS, "--events-per-record", "1")
        self.run_yagura("decode", "e.batches")
        self.write("back.jsonl", self.out_bytes)
        arguments = ["match", "--rules", "rules", "--format", "json"]
        before = self.run_json(*arguments, "e.jsonl")
        self.assertEqual([line["line"] for line in before], [0, 3])
        self.assertEqual(self.run_json(*arguments, "back.jsonl"), before)

    def test_make_the_same_bytes_on_every_run(self):
        self.assertEqual(self.encode(EVENTS), self.encode(EVENTS))

    def test_give_each_computer_an_endpoint_of_its_own(self):
        names = ["pc1", "pc2", "PC1", "pc1"]
        self.encode([process("C:\\a.exe", Computer=name) for name in names])
        origins = [event["origin"] for event in self.run_json("decode", "--origin", "e.batches")]
        by_name = {origin["hostname"]: origin["endpoint_id"] for origin in origins}
        self.assertEqual(by_name["pc1"], by_name["PC1"])
        self.assertNotEqual(by_name["pc1"], by_name["pc2"])
        self.assertEqual({origin["tenant_id"] for origin in origins}, {"00000000-0000-8000-8000-000000000001"})

    def test_take_tenant_and_endpoint(self):
        tenant, endpoint = uuid_of("1"), uuid_of("2")
        self.encode(EVENTS, "--tenant", tenant.upper(), "--endpoint", endpoint)
        for event in self.run_json("decode", "--origin", "e.batches"):
            self.assertEqual((event["origin"]["tenant_id"], event["origin"]["endpoint_id"]), (tenant, endpoint))

    def test_take_more_computers_than_are_kept_open(self):
        names = [f"pc{i}" for i in range(1025)]
        self.encode([process("C:\\a.exe", Computer=name) for name in names + names])
        origins = [event["origin"] for event in self.run_json("decode", "--origin", "e.batches")]
        self.assertEqual(sorted(origin["hostname"] for origin in origins), sorted(names + names))
        self.assertEqual(len({(origin["hostname"], origin["endpoint_id"]) for origin in origins}), 1025)

    def test_fill_records_up_to_the_number_asked_for(self):
        self.encode([process(f"C:\\{i}.exe") for i in range(10)], "--events-per-record", "4")
        records = [event["origin"]["record"] for event in self.run_json("decode", "--origin", "e.batches")]
        self.assertEqual(records, [0] * 4 + [1] * 4 + [2] * 2)

    def test_work_in_a_pipe(self):
        batches = subprocess.run([YAGURA, "encode", "-"], input=json.dumps(WHOAMI_EVENT).encode(),
                                 capture_output=True, check=True).stdout
        [back] = self.run_json("decode", "-", stdin=batches)
        self.assertEqual(back["Image"], WHOAMI_EVENT["Image"])

    def test_of_a_bad_line_encode_the_rest(self):
        self.write("e.jsonl", "nonsense\n" + json.dumps(WHOAMI_EVENT) + "\n")
        self.run_yagura("encode", "-o", "e.batches", "e.jsonl", expect=DATA)
        self.assertEqual(len(self.run_json("decode", "e.batches")), 1)

    def test_refuse_a_file_that_is_cut_or_something_else(self):
        batches = self.encode(EVENTS, "--events-per-record", "1")
        self.write("cut", batches[:-1])
        self.assertEqual(len(self.run_json("decode", "cut", expect=DATA)), 4)
        self.assertIn("byte ", self.err)
        self.write("text", "{\"a\": 1}\n" * 20)
        self.run_yagura("decode", "text", expect=DATA)
        self.run_yagura("decode", "nowhere", expect=NO_INPUT)

    def test_refuse_an_output_that_cannot_be_made(self):
        self.write("e.jsonl", EVENTS)
        self.run_yagura("encode", "-o", "no/folder", "e.jsonl", expect=OUTPUT)
        self.run_yagura("encode", "-o", "/dev/full", "e.jsonl", expect=IO)

    def test_give_back_every_kind_of_alert_field(self):
        alert = (GOLDEN / "alert_1.bin").read_bytes()
        self.write("alerts", length_of(alert) + alert + length_of(b"") + length_of(alert) + alert)
        first, empty, second = self.run_json("decode", "--alerts", "alerts")
        self.assertEqual((first, empty), (second, {}))
        self.assertEqual(first["rule"]["level"], "LEVEL_CRITICAL")
        self.assertEqual(first["rule"]["author"], "author___00012..")
        self.assertEqual(first["rule"]["sha256"], b"sha256___00008\0\xff".hex())
        self.assertEqual(first["event_time_unix_ns"], "18000000000000000004")
        self.assertEqual(first["severity_id"], 4000000006)
        self.assertEqual(first["alert_id"], str(uuid.UUID(bytes=b"alert_id_00001\0\xff")))
        self.assertEqual(base64.b64decode(first["explanations"][0]["value_base64"]), b"value____00041\0\xff")

    def test_of_broken_alerts_name_each_and_show_the_rest(self):
        alert = (GOLDEN / "alert_1.bin").read_bytes()
        self.write("alerts", length_of(alert[:-1]) + alert[:-1] + length_of(alert) + alert)
        self.assertEqual(len(self.run_json("decode", "--alerts", "alerts", expect=DATA)), 1)
        self.assertIn("alerts: record 0: ", self.err)


class Kafka(Case):
    """A broker of librdkafka's, on loopback."""

    def start_broker(self):
        broker = subprocess.Popen([BROKER, "3", "there"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(broker.stdout.close)
        self.addCleanup(broker.wait)
        self.addCleanup(broker.terminate)
        return broker.stdout.readline().strip()

    def test_takes_every_record(self):
        self.write("e.jsonl", EVENTS)
        self.run_yagura("encode", "--brokers", self.start_broker(), "--topic", "there", "--events-per-record", "1",
                        "e.jsonl")
        self.assertIn("5 events in 5 records", self.err)
        self.assertIn("all acknowledged", self.err)

    def test_of_a_bad_line_gets_the_rest(self):
        self.write("e.jsonl", "nonsense\n" + json.dumps(WHOAMI_EVENT) + "\n")
        self.run_yagura("encode", "--brokers", self.start_broker(), "--topic", "there", "e.jsonl", expect=DATA)
        self.assertIn("1 events in 1 records", self.err)
        self.assertIn("1 lines are no events", self.err)

    def test_that_does_not_answer_is_said_at_once(self):
        self.write("e.jsonl", EVENTS)
        self.run_yagura("encode", "--brokers", "127.0.0.1:1", "--wait", "1", "e.jsonl", expect=UNAVAILABLE)
        self.assertRegex(self.err, r"^yagura encode: Kafka at 127\.0\.0\.1:1: no broker answers: .*refused.*\n$")

    def test_that_takes_too_few_records_is_said(self):
        self.write("e.jsonl", EVENTS)
        self.run_yagura("encode", "--brokers", self.start_broker(), "--topic", "there", "--events-per-record", "1",
                        "--kafka", "message.max.bytes=1000", "--kafka", "compression.codec=none", "e.jsonl")
        self.write("e.jsonl", [*EVENTS, process("C:\\a.exe", CommandLine="a" * 5000)])
        self.run_yagura("encode", "--brokers", self.start_broker(), "--topic", "there", "--events-per-record", "1",
                        "--kafka", "message.max.bytes=1000", "--kafka", "compression.codec=none", "e.jsonl",
                        expect=UNAVAILABLE)
        self.assertRegex(self.err, r"did not take 1 of 6 records: .*too large")

    def test_settings_that_do_not_exist_are_named(self):
        self.write("e.jsonl", EVENTS)
        self.run_yagura("encode", "--brokers", "127.0.0.1:1", "--kafka", "no.such=1", "e.jsonl", expect=USAGE)
        self.assertIn("no.such", self.err)
        self.run_yagura("encode", "--brokers", "127.0.0.1:1", "--kafka", "acks", "e.jsonl", expect=USAGE)
        self.assertIn("NAME=VALUE", self.err)


class Hostile(Case):
    """Input that nobody means well with: said what is wrong and where, and the rest is done."""

    def setUp(self):
        super().setUp()
        self.write("rules/a.yml", WHOAMI)
        self.good = json.dumps(WHOAMI_EVENT).encode() + b"\n"

    def expect_refused(self, line, message):
        self.write("e.jsonl", line + b"\n" + self.good)
        answer = self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl", expect=DATA)
        self.assertEqual([found["line"] for found in answer], [1 + line.count(b"\n")], message)
        self.assertRegex(self.err, rf"^e\.jsonl:1:?\d*: error: .*{message}.*\[[a-z-]+\]\n    hint: ")
        self.run_yagura("encode", "-o", "e.batches", "e.jsonl", expect=DATA)
        self.assertEqual(len(self.run_json("decode", "e.batches")), 1, message)

    def test_lines_are_refused_with_reason_and_hint(self):
        for line, message in [
            (b"\0\1\2\xff\xfe", "no JSON"),
            (b"\xff\xfe{\0}\0", "no JSON"),
            (b'{"a": "\xff"}', "byte 0xff"),
            (b'{"a": "\xc0\x80"}', "byte 0xc0"),
            (b'{"a": "\\ud800"}', "Unicode"),
            (b'{"a": NaN}', "NaN"),
            (b'{"a": 1e999}', "overflow"),
            (b'{"a": 1, "a": 2}', "duplicate"),
            (b'{"a\\u0000b": 1}', "NUL"),
            (b'{"a": "b"', "no JSON"),
            (b'{"a": "b"} {"a": "b"}', "end of file expected"),
            (b'"text"', "is none"),
            (b"[1, 2]", "is none"),
            (b'{"a":' * 17 + b"1" + b"}" * 17, "more than 16 deep"),
            (b"[" * 1000000, "depth"),
            (b'{"a":' * 100000 + b"1" + b"}" * 100000, "depth"),
            (b'{"a": [' + b"1," * 65536 + b"1]}", "more than 65536 values"),
            (b"{" + b",".join(b'"f%d":1' % i for i in range(4097)) + b"}", "more than 4096 fields"),
            (b'{"a": "' + b"x" * 16 * 1024 * 1024 + b'"}', "longer than 16 MiB"),
        ]:
            self.expect_refused(line, message)

    def test_events_that_no_record_can_hold_are_refused(self):
        self.write("e.jsonl", b'{"a": [' + b"1," * 4096 + b"1]}\n" + self.good)
        for arguments in [["match", "--rules", "rules"], ["encode", "-o", "e.batches"]]:
            self.run_yagura(*arguments, "e.jsonl", expect=DATA)
            self.assertIn("e.jsonl:1: the event has more than 4096 fields", self.err)
            self.assertIn("1 lines are no events", self.err)

    def test_lines_at_the_limits_are_read(self):
        for line in [b'{"a":' * 16 + b"1" + b"}" * 16, b'{"a": [' + b"1," * 4095 + b"1]}",
                     b"{" + b",".join(b'"f%d":1' % i for i in range(4096)) + b"}",
                     b'{"a": "' + b"x" * 60000 + b'"}', b'{"\\ufeff": "\\u0000"}', b'{"": ""}', b"{}",
                     b'{"a": 123456789012345678901234567890}']:
            self.write("e.jsonl", line + b"\n" + self.good)
            answer = self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl")
            self.assertEqual([found["line"] for found in answer], [1], line[:40])

    def test_what_is_no_file_is_named(self):
        os.mkfifo(self.folder / "pipe.yml")
        for arguments, message in [
            (["check", "pipe.yml"], "pipe.yml: error: neither a file nor a folder"),
            (["check", "/dev/zero"], "/dev/zero: error: neither"),
            (["match", "--rules", "rules", "."], "yagura match: .: Is a directory"),
            (["explain", "--rule", "rules", "."], "yagura explain: .: Is a directory"),
            (["encode", "-o", "e.batches", "."], "yagura encode: .: Is a directory"),
            (["decode", "."], "yagura decode: .: Is a directory"),
        ]:
            self.run_yagura(*arguments, expect=NO_INPUT)
            self.assertIn(message, self.err)

    def test_a_file_of_something_else_does_not_scroll_everything_away(self):
        self.write("e.jsonl", b"nonsense\n" * 10000 + self.good)
        self.assertEqual(len(self.run_json("match", "--rules", "rules", "--format", "json", "e.jsonl", expect=DATA)), 1)
        self.assertEqual(self.err.count("[bad-json]"), 20)
        self.assertIn("further ones are counted", self.err)
        self.assertIn("10000 lines are no events", self.err)

    def test_rules_are_refused_with_place_and_reason(self):
        for content, code in [
            (b"\x7fELF\1\2\3\xff", "not-utf8"),
            (b"title: \xff", "not-utf8"),
            (b"title: a\0b", "not-utf8"),
            (b"[" * 10000, "yaml-too-deep"),
            (b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "yaml-alias"),
            (b"a: 1\na: 2\n", "yaml-duplicate-key"),
            (b"x" * (4 * 1024 * 1024 + 1), "file-too-large"),
            (b"- a\n", "not-a-rule"),
            (b"title: 'a", "yaml-syntax"),
        ]:
            self.write("rules/bad.yml", content)
            self.run_yagura("check", "rules", expect=FINDINGS)
            self.assertIn("1 loaded, 1 refused", self.out, code)
            self.assertRegex(self.err, rf"rules/bad\.yml.*: error: .*\[{code}\]")

    def test_batches_are_refused_with_place_and_reason(self):
        for content, message in [
            (b"\xff" * 100, "byte 0"),
            (b"\xff\xff\xff\xff\x0f", "byte 0"),
            (length_of(b"\xff" * 10) + b"\xff" * 10, "record 0"),
            (b"\x05abc", "byte 0"),
            (os.urandom(64) * 1000, ""),
        ]:
            for mode in [[], ["--alerts"]]:
                self.write("e.batches", content)
                self.run_yagura("decode", *mode, "e.batches", expect=DATA)
                self.assertIn(message, self.err)

    def test_text_that_is_no_utf8_is_detected_and_comes_back(self):
        """As a sensor can send it, though JSON cannot: the batch is changed behind the encoder."""
        self.write("e.jsonl", [process("C:\\a.exe", CommandLine="XX evil")])
        self.run_yagura("encode", "-o", "e.batches", "e.jsonl")
        batches = (self.folder / "e.batches").read_bytes().replace(b"XX evil", b"\xff\0 evil")
        self.write("e.batches", batches)
        [event] = self.run_json("decode", "e.batches")
        self.assertEqual(base64.b64decode(event["CommandLine_base64"]), b"\xff\0 evil")
        self.assertEqual(event["CommandLine"], "\ufffd\0 evil")


class Terminal(Case):
    """What is different where a person looks."""

    def run_on_terminal(self, *arguments, **environment):
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f"this machine gives no terminal: {error}")
        environment = {**{key: value for key, value in os.environ.items() if key != "NO_COLOR"}, "TERM": "xterm",
                       **environment}
        running = subprocess.Popen([YAGURA, *arguments], cwd=self.folder, stdout=theirs, stderr=theirs,
                                   env=environment)
        os.close(theirs)
        output = b""
        try:
            while piece := os.read(ours, 65536):
                output += piece
        except OSError:
            pass  # the other end was closed
        os.close(ours)
        running.wait()
        return output

    def test_has_colour(self):
        self.write("rules/d.yml", BROKEN)
        self.assertIn(b"\x1b[31m", self.run_on_terminal("check", "rules"))

    def test_has_no_colour_under_no_color_or_a_dumb_terminal(self):
        self.write("rules/d.yml", BROKEN)
        self.assertNotIn(b"\x1b[31m", self.run_on_terminal("check", "rules", NO_COLOR="1"))
        self.assertNotIn(b"\x1b[31m", self.run_on_terminal("check", "rules", TERM="dumb"))

    def test_sees_progress_and_a_pipe_does_not(self):
        self.write("rules/a.yml", WHOAMI)
        self.write("e.jsonl", [process("C:\\a.exe")] * 1000)
        for arguments in [["match", "--rules", "rules", "e.jsonl"], ["encode", "-o", "e.batches", "e.jsonl"]]:
            self.assertIn(b"\r\x1b[K", self.run_on_terminal(*arguments))
            self.run_yagura(*arguments)
            self.assertNotIn("\r", self.err)

    def test_gets_no_batches(self):
        self.write("e.jsonl", EVENTS)
        self.assertIn(b"-o FILE", self.run_on_terminal("encode", "e.jsonl"))


if __name__ == "__main__":
    YAGURA, BROKER = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    unittest.main()
