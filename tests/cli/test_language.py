#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What Sigma means, sentence by sentence: each row is a detection and events that it must and must not match.

Usage: test_language.py PATH_TO_YAGURA

Every row is asked twice: of the engine (`yagura match`, all rows in one rule set) and of the plain evaluator (`yagura explain`,
rule by rule). The order is that of the specification, 2.1: values, modifiers, conditions, log sources."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import uuid
from pathlib import Path

YAGURA = ""

# (title, item or whole detection, events that match, events that do not). An event that is no map is the value of F.
VALUES = [
    ("texts compare without case", "F: AbC", ["abc", "ABC"], ["abcd", "xabc", "", {}]),
    ("also beyond ASCII", "F: 'ПриветΣ'", ["привеТσ", "ПРИВЕТς"], ["приветs"]),
    ("signs that fold to ASCII", "F: 'Ks'", ["\u212as", "k\u017f", "\u212a\u017f"], ["\u212a"]),
    ("significant spaces", "F|contains: ' a '", ["x a b", " a "], ["a", "xa b"]),
    ("* is any length", "F: 'a*c'", ["ac", "abbbc", "a\nb\r\n\0c"], ["acd", "xac", "ab"]),
    ("* at either end", "F: '*a*'", ["a", "xay"], ["", "b"]),
    ("a lone * asks for presence", "F: '*'", ["", "x", 0, False], [{}]),
    ("? is one character", "F: 'a?c'", ["abc", "aéc", "a\U0001f600c", "a\nc", "a c"], ["ac", "abbc", "aéxc"]),
    ("? beside *", "F: 'a?*'", ["ab", "abc"], ["a", ""]),
    ("\\* is a star", "F: 'a\\*c'", ["a*c"], ["abc", "a\\*c", "a\\c"]),
    ("\\? is a question mark", "F: 'a\\?c'", ["a?c"], ["abc"]),
    ("\\\\* is a backslash and a wildcard", "F: 'a\\\\*'", ["a\\", "a\\b"], ["a*", "ab", "a"]),
    ("\\\\\\* is a backslash and a star", "F: 'a\\\\\\*'", ["a\\*"], ["a\\b", "a\\\\*", "a*"]),
    ("\\ before anything else is itself", "F: 'a\\b\\c'", ["a\\b\\c"], ["abc", "a\\\\b\\c"]),
    ("\\\\ is one backslash", "F: 'a\\\\b'", ["a\\b"], ["a\\\\b", "ab"]),
    ("\\\\\\\\ is two", "F: 'a\\\\\\\\b'", ["a\\\\b"], ["a\\b"]),
    ("a trailing backslash is itself", "F|endswith: 'a\\'", ["xa\\"], ["xa"]),
    ("% is itself without expand", "F: '%a%'", ["%A%"], ["a"]),
    ("'' is present and empty", "F: ''", ["", [""], ["a", ""]], ["a", None, {}, 0, False, " "]),
    ("null is absent or null", "F: null", [{}, None, {"G": 1}], ["", "null", 0, False, "a"]),
    ("null and a text", "F: [null, a]", [{}, None, "a"], ["", "b"]),
    ("a number is number and text", "F: 1", [1, "1", 1.0], [2, "01", "1.0x", "", None, {}, 10, True]),
    ("0 is neither absent nor empty", "F: 0", [0, "0", 0.0], ["", None, {}, False]),
    ("negative and large numbers", "F: [-5, 9223372036854775807]", [-5, "-5", 9223372036854775807], [5, 9223372036854775806]),
    ("a real number", "F: 4688.0", [4688, 4688.0, "4688"], [4689]),
    ("a quoted number is a text", "F: '1'", [1, "1"], [10, "01"]),
    ("true", "F: true", [True, "true", "TRUE", 1, "1", "yes", "Yes"], [False, 0, "no", "", "t", None, {}, 2]),
    ("false", "F: false", [False, "false", "FALSE", 0, "0", "no"], [True, 1, "yes", "", None, {}]),
    ("a list of values is OR", "F: [a, b]", ["a", "b"], ["c", "ab"]),
    ("an array matches if any element does", "F|startswith: a", [["x", "ab"], ["a"]], [["x", "y"], []]),
    ("an array of numbers", "F: 5", [[1, 5], ["5"]], [[1, 2], []]),
    ("field names are case-sensitive", "Field: a", [{"Field": "a"}], [{"field": "a"}, {"FIELD": "a"}]),
    ("field names with dots and dashes", "cs-uri.a_b: x", [{"cs-uri.a_b": "x"}, {"cs-uri": {"a_b": "x"}}], [{"cs-uri": "x"}]),
    ("a map is AND", "F: a\n        G: b", [{"F": "a", "G": "b"}], [{"F": "a"}, {"G": "b"}, {"F": "b", "G": "a"}]),
    ("maps in a list are OR", "- F: a\n          G: b\n        - H: c", [{"F": "a", "G": "b"}, {"H": "c"}], [{"F": "a"}, {}]),
    ("keywords are contained in any value", "- abc\n        - 'x y'", ["zABCz", {"Other": "x y"}, ["q", "abc"]],
     ["ab", {"abc": "name"}, {}]),
    ("keywords in the raw message", "- abc", [{"raw": "zabcz"}], [{"raw": "ab"}]),
    ("numbers as keywords", "- 4688", [4688, "a4688b", {"Other": 4688}], [468]),
    ("keywords with wildcards", "- 'a*c'", ["xabcx", "ac"], ["ca"]),
    ("keywords with all", "'|all':\n          - abc\n          - xyz", [{"F": "abc", "G": "xyz"}, "xyz abc"], ["abc", {}]),
    ("keywords by expression", "'|re': 'a[0-9]c'", ["xa5cx"], ["abc", "A5C"]),
    ("keywords beside maps", "- abc\n        - F: x", ["abc", "x"], ["xx"]),
    ("a NUL is a character", "F: \"a\\0b\"", ["a\0b", "A\0B"], ["a", "ab"]),
    ("what stands behind a NUL counts", "F|endswith: evil", ["a\0evil"], ["evil\0"]),
]

MODIFIERS = [
    ("contains", "F|contains: b", ["abc", "b", "B"], ["ac", "", {}]),
    ("contains takes wildcards", "F|contains: 'b*d'", ["abcde", "bd"], ["dcb"]),
    ("startswith", "F|startswith: ab", ["abc", "AB"], ["xab", "a"]),
    ("endswith", "F|endswith: bc", ["abc", "BC"], ["bcx", "c"]),
    ("contains all", "F|contains|all: [a, b]", ["ab", "b-a"], ["a", "b", {}]),
    ("all over an array", "F|contains|all: [a, b]", [["a", "b"]], [["a", "c"]]),
    ("cased", "F|cased: Ab", ["Ab"], ["ab", "AB"]),
    ("contains cased", "F|contains|cased: Ab", ["xAbx"], ["xabx"]),
    ("numbers under a text operator", "F|startswith: 46", [4688, "46"], [459, 146]),
    ("re is unanchored and case-sensitive", "F|re: 'b[0-9]+'", ["ab12c"], ["aB12", "b"]),
    ("re i", "F|re|i: 'b[0-9]+'", ["aB12", "b1"], ["b"]),
    ("re m", "F|re|m: '^b$'", ["a\nb\nc", "b"], ["ab"]),
    ("without m, ^ is the value's begin", "F|re: '^b'", ["b\na"], ["a\nb"]),
    ("re s", "F|re|s: 'a.b'", ["a\nb", "axb"], ["ab"]),
    ("without s, . is no line feed", "F|re: 'a.b'", ["axb", "a\rb"], ["a\nb"]),
    ("re works on characters", "F|re: '^a.c$'", ["aéc", "a\U0001f600c"], ["aéxc"]),
    ("classes beyond ASCII", "F|re: 'x[-/–]y'", ["x-y", "x/y", "x–y"], ["x—y", "x\u2010y", "xy"]),
    ("look-ahead", "F|re: 'a(?!b)'", ["ac", "a"], ["ab"]),
    ("look-behind", "F|re: '(?<=a)b'", ["ab"], ["cb", "b"]),
    ("back-references", "F|re: '(a|b)x\\1'", ["axa", "bxb"], ["axb"]),
    ("a pattern's counted repeats", "F|re: '^.{1000,}$'", ["x" * 1000], ["x" * 999]),
    ("flags within", "F|re: '(?i)ab'", ["AB"], ["b"]),
    ("word borders and classes", "F|re: '\\bnet\\s+user\\b'", ["x net  user y"], ["xnet user", "net users"]),
    ("re and all", "F|re|all: [a, b]", ["ab"], ["a"]),
    ("windash", "F|windash|contains: ' -a'", ["x -a", "x /a", "x \u2013a", "x \u2014A", "x \u2015a"], ["x a", "x-a", "x +a"]),
    ("windash from a slash", "F|windash|contains: ' /a'", ["x -a", "x \u2014a"], ["x a"]),
    ("windash leaves inner dashes alone", "F|windash: 'a-b'", ["a-b"], ["a/b", "a\u2013b"]),
    ("windash on two flags", "F|windash: '-a x/y -b'", ["/a x/y \u2013b", "-A X/Y /B"], ["-a x-y -b"]),
    ("windash and all", "F|contains|windash|all: [' -a', ' -b']", ["x /a \u2013b"], ["x /a"]),
    ("base64", "F|base64: 'foo bar'", ["Zm9vIGJhcg==", "zm9vigjhcg=="], ["Zm9vIGJhcg", "foo bar"]),
    ("base64 contains", "F|base64|contains: 'foo'", ["xxZm9vxx"], ["xxZm9x"]),
    ("base64 cased", "F|base64|cased: 'foo'", ["Zm9v"], ["zm9v"]),
    ("base64offset at every offset", "F|base64offset|contains: 'http://'",
     ["aHR0cDovL2E=", "eGh0dHA6Ly9h", "eHhodHRwOi8vYQ=="], ["aHR0cHM6Ly9h", "http://"]),
    ("wide base64offset", "F|wide|base64offset|contains: 'iex'", ["aQBlAHgAIABh", "eABpAGUAeAA=", "eAB4AGkAZQB4AA=="], ["aWV4"]),
    ("utf16be", "F|utf16be|base64: 'ab'", ["AGEAYg=="], ["YQBiAA=="]),
    ("utf16 has a mark", "F|utf16|base64: 'ab'", ["//5hAGIA"], ["YQBiAA=="]),
    ("wide without base64", "F|wide|contains: 'ab'", ["x\0a\0b\0x"], ["ab"]),
    ("cidr", "F|cidr: 192.168.0.0/23", ["192.168.1.255", "192.168.0.0"], ["192.168.2.0", "192.167.255.255", "", "x", {}, 1]),
    ("cidr odd prefixes", "F|cidr: [10.0.0.0/31, 0.0.0.0/0]", ["10.0.0.1", "1.2.3.4"], ["::1"]),
    ("cidr of IPv6", "F|cidr: ['fe80::/10', '::1/128']", ["fe80::1", "FEBF::1", "0:0:0:0:0:0:0:1"], ["fec0::1", "::2", "1.1.1.1"]),
    ("cidr in an array", "F|cidr: 10.0.0.0/8", [["x", "10.1.1.1"]], [["x", "11.1.1.1"]]),
    ("fieldref", "F|fieldref: G", [{"F": "aB", "G": "Ab"}, {"F": "", "G": ""}, {"F": 1, "G": "1"}],
     [{"F": "a", "G": "b"}, {"F": "a"}, {"G": "a"}, {}]),
    ("fieldref startswith", "F|fieldref|startswith: G", [{"F": "abc", "G": "AB"}], [{"F": "ab", "G": "abc"}]),
    ("fieldref endswith", "F|fieldref|endswith: G", [{"F": "abc", "G": "bc"}], [{"F": "abc", "G": "ab"}]),
    ("fieldref contains", "F|fieldref|contains: G", [{"F": "abc", "G": "b"}], [{"F": "abc", "G": "x"}]),
    ("fieldref neq", "F|fieldref|neq: G", [{"F": "a", "G": "b"}, {"F": "a"}, {}], [{"F": "a", "G": "A"}]),
    ("fieldref cased", "F|fieldref|cased: G", [{"F": "a", "G": "a"}], [{"F": "a", "G": "A"}]),
    ("exists", "F|exists: true", ["", "a", 0, None], [{}]),
    ("exists false", "F|exists: false", [{}, {"G": 1}], ["", "a", 0, None]),
    ("neq", "F|neq: a", ["b", "", {}, None], ["a", "A"]),
    ("neq of a list is none of them", "F|neq: [a, b]", ["c", {}], ["a", "b"]),
    ("contains neq", "F|contains|neq: b", ["ac", {}], ["abc"]),
    ("gt", "F|gt: 5", [6, 5.1, "6", "5.5"], [5, 4, "5", "x", "", None, {}]),
    ("gte", "F|gte: 5", [5, 6, "5"], [4.9, "x"]),
    ("lt", "F|lt: -5", [-6, "-5.5"], [-5, 0, "", {}]),
    ("lte", "F|lte: 5", [5, 4, "5.0"], [5.1, "x", {}]),
    ("a quoted number under gt", "F|gt: '5'", [6], [5]),
    ("numbers beyond 2^53 are exact", "F|gt: 9007199254740992", [9007199254740993, "9007199254740993"], [9007199254740992]),
    ("hour of RFC 3339", "F|hour: 22", ["2026-11-25T22:59:59Z", "2026-11-25T23:00:00.5+01:00"], ["2026-11-25T21:59:59Z", "22", {}]),
    ("minute of Sysmon's form", "F|minute: 5", ["2026-11-25 10:05:59.123"], ["2026-11-25 10:06:00.000", "x"]),
    ("day", "F|day: 25", ["2026-11-25T00:00:00Z"], ["2026-11-26T00:00:00Z"]),
    ("week of ISO 8601", "F|week: 53", ["2027-01-01T00:00:00Z"], ["2027-01-04T00:00:00Z"]),
    ("month", "F|month: 2", ["2024-02-29 01:00:00.000"], ["2024-03-01 01:00:00.000"]),
    ("year of Unix seconds", "F|year: 2026", [1795600000, "1795600000"], [0]),
    ("hour with a comparison", "F|hour|gte: 22", ["2026-11-25T22:00:00Z", "2026-11-25T23:00:00Z"], ["2026-11-25T21:00:00Z", ""]),
    ("expand", "F|expand: 'x-%who%'", ["x-alice", "X-BOBxx"], ["x-bo", "alice", "x-%who%"]),
    ("expand in the middle of contains", "F|expand|contains: '%who%-y'", ["aALICE-yb"], ["alice"]),
    ("expand behind a backslash", "F|expand: 'C:\\%who%'", ["c:\\alice"], ["c:alice"]),
]

ABC = "a: {A: 1}\n    b: {B: 1}\n    c: {C: 1}\n    _h: {H: 1}\n    f_x: {X: 1}\n    f_y: {Y: 1}\n    condition: "
A, B, C, H, X, Y = ({name: 1} for name in "ABCHXY")

CONDITIONS = [
    ("and", ABC + "a and b", [A | B], [A, B, {}]),
    ("or", ABC + "a or b", [A, B], [C, {}]),
    ("not of an absent field is true", ABC + "not a", [{}, B], [A]),
    ("and binds before or", ABC + "a or b and c", [A, B | C], [B, C]),
    ("not binds before and", ABC + "not a and b", [B], [A | B, A, {}]),
    ("parentheses", ABC + "(a or b) and c", [A | C, B | C], [A | B, C]),
    ("operators in capitals", ABC + "a AND NOT b OR c", [A, C], [A | B]),
    ("1 of", ABC + "1 of f_*", [X, Y], [A, {}]),
    ("any of", ABC + "any of f_*", [X, Y], [A]),
    ("all of", ABC + "all of f_*", [X | Y], [X, Y]),
    ("2 of", ABC + "2 of them", [A | B, X | Y], [A, A | H]),
    ("not 1 of", ABC + "a and not 1 of f_*", [A], [A | X, A | Y]),
    ("of binds before not", ABC + "not all of f_* and a", [A, A | X], [A | X | Y]),
    ("them leaves _ out", ABC + "1 of them", [A, X], [H, {}]),
    ("* leaves _ out", ABC + "1 of *", [B], [H]),
    ("_* finds it", ABC + "1 of _*", [H], [A]),
    ("it can be named", ABC + "_h", [H], [A]),
    ("* anywhere in a pattern", ABC + "1 of *_x", [X], [Y, H]),
    ("a pattern that matches nothing is dropped", ABC + "a and not 1 of none_*", [A], [{}]),
    ("a list of conditions is OR", ABC + "[a and b, c]", [A | B, C], [A]),
]

SYSMON = "Microsoft-Windows-Sysmon/Operational"
START = {"Channel": SYSMON, "EventID": 1, "Image": "C:\\a.exe"}
START_4688 = {"Channel": "Security", "EventID": 4688, "NewProcessName": "C:\\a.exe", "ParentProcessName": "C:\\p.exe"}
LINUX = {"Image": "/bin/a.exe", "logsource": {"product": "linux", "category": "process_creation"}}
SSHD = {"message": "a.exe", "logsource": {"product": "linux", "service": "sshd"}}
SCRIPT = {"Channel": "Microsoft-Windows-PowerShell/Operational", "EventID": 4104, "ScriptBlockText": "a.exe"}
SCRIPT_7 = {"Channel": "PowerShellCore/Operational", "EventID": 4104, "ScriptBlockText": "a.exe"}


def sysmon(number, **fields):
    return {"Channel": SYSMON, "EventID": number, "Image": "C:\\a.exe", **fields}


# (title, log source, detection, events that match, events that do not)
KEYWORD = "- a.exe"
LOG_SOURCES = [
    ("a category of a product", "{product: windows, category: process_creation}", "Image|endswith: a.exe",
     [START, START_4688], [LINUX, sysmon(3), {**START, "Channel": "Other"}]),
    ("a category alone", "{category: process_creation}", "Image|endswith: a.exe", [START, START_4688, LINUX], [sysmon(5)]),
    ("a product alone", "{product: windows}", KEYWORD, [START, START_4688, sysmon(99), SCRIPT], [LINUX, SSHD]),
    ("a service alone", "{service: sshd}", KEYWORD, [SSHD], [START, LINUX]),
    ("product and service", "{product: windows, service: sysmon}", KEYWORD, [START, sysmon(3), sysmon(99)], [START_4688, SSHD]),
    ("all three", "{product: windows, service: sysmon, category: process_creation}", KEYWORD, [START], [START_4688, sysmon(3)]),
    ("in capitals", "{product: Windows, service: Sysmon}", KEYWORD, [START], [SSHD]),
    ("the channel compares without case", "{product: windows, service: sysmon}", KEYWORD, [{**START, "Channel": SYSMON.upper()}], []),
    ("fields of a 4688 by the service's names", "{product: windows, service: security}", "NewProcessName|endswith: a.exe",
     [START_4688], [START]),
    ("and not by the category's", "{product: windows, service: security}", "Image|endswith: a.exe", [], [START_4688]),
    ("the parent of a 4688 by the category's names", "{product: windows, category: process_creation}",
     "ParentImage|endswith: p.exe", [START_4688], [START]),
    ("PowerShell's both channels", "{product: windows, category: ps_script}", "ScriptBlockText|contains: a.exe",
     [SCRIPT, SCRIPT_7], [{**SCRIPT, "EventID": 4103}]),
    ("a source that no table knows", "{product: acme, service: gate}", KEYWORD,
     [{"message": "a.exe", "logsource": {"product": "acme", "service": "gate"}}], [SSHD, START]),
]
CATEGORIES = {  # of Sysmon's events
    "process_creation": [1], "file_change": [2], "network_connection": [3], "sysmon_status": [4, 16],
    "process_termination": [5], "driver_load": [6], "image_load": [7], "create_remote_thread": [8], "raw_access_thread": [9],
    "process_access": [10], "file_event": [11], "registry_add": [12], "registry_delete": [12], "registry_set": [13],
    "registry_rename": [14], "registry_event": [12, 13, 14], "create_stream_hash": [15], "pipe_created": [17, 18],
    "wmi_event": [19, 20, 21], "dns_query": [22], "file_delete": [23], "clipboard_capture": [24], "process_tampering": [25],
    "file_delete_detected": [26], "file_block_executable": [27], "file_block_shredding": [28], "file_executable_detected": [29],
    "sysmon_error": [255]}
REGISTRY_TYPES = {"registry_add": "CreateKey", "registry_delete": "DeleteValue"}  # tell what 12 is


def category_rows():
    for category, numbers in CATEGORIES.items():
        kind = {"EventType": REGISTRY_TYPES.get(category, "SetValue"), "User": "me"}
        yield (category, f"{{product: windows, category: {category}}}", "User: me",
               [sysmon(number, **kind) for number in numbers],
               [sysmon(number, **kind) for number in range(1, 30) if number not in numbers])


def rule_of(number, detection, logsource=None):
    """Each row has a log source of its own, so that rows do not see each other's events."""
    body = detection if "condition:" in detection else f"s:\n        {detection}\n    condition: s"
    logsource = logsource or f"{{product: rows, service: row{number}}}"
    return (f"title: Row {number}\nid: {uuid.uuid5(uuid.NAMESPACE_URL, str(number))}\nlogsource: {logsource}\n"
            f"detection:\n    {body}\n")


def event_of(number, event):
    fields = event if isinstance(event, dict) else {"F": event}
    return {**fields, "logsource": {"product": "rows", "service": f"row{number}"}}


class Language(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        (self.folder / "rules").mkdir()
        (self.folder / "lists").mkdir()
        (self.folder / "lists" / "who.txt").write_text("alice\nbob*\n")

    def run_yagura(self, *arguments):
        done = subprocess.run([YAGURA, *arguments], capture_output=True, cwd=self.folder, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, f"{arguments}\n{done.stderr.decode()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def judge(self, rows):
        events = []  # (row, event, whether it must match)
        for number, (_, detection, good, bad) in enumerate(rows):
            (self.folder / "rules" / f"{number}.yml").write_text(rule_of(number, detection))
            events += [(number, event, True) for event in good] + [(number, event, False) for event in bad]
        (self.folder / "events.jsonl").write_text("".join(json.dumps(event_of(n, e)) + "\n" for n, e, _ in events))
        hits = self.run_yagura("match", "--rules", "rules", "--lists", "lists", "--format", "json", "--strict", "events.jsonl")
        found = {line["line"] for line in hits}
        wrong = [(rows[number][0], event, "is missed" if expected else "is found")
                 for line, (number, event, expected) in enumerate(events) if (line in found) != expected]
        self.assertEqual(wrong, [], "by the engine")
        return events

    def judge_plainly(self, rows, events):
        wrong = []
        for line, (number, event, expected) in enumerate(events):
            [answer] = self.run_yagura("explain", "--rule", f"rules/{number}.yml", "--lists", "lists", "--format", "json",
                                       "--line", str(line), "events.jsonl")
            if answer["matches"] != expected:
                wrong.append((rows[number][0], event, "is missed" if expected else "is found"))
        self.assertEqual(wrong, [], "by the plain evaluator")

    def check(self, rows):
        self.judge_plainly(rows, self.judge(rows))

    def test_values(self):
        self.check(VALUES)

    def test_modifiers(self):
        self.check(MODIFIERS)

    def test_conditions(self):
        self.check(CONDITIONS)

    def check_log_source(self, title, logsource, detection, good, bad):
        (self.folder / "rules" / "0.yml").write_text(rule_of(0, detection, logsource))
        (self.folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in [*good, *bad]))
        hits = self.run_yagura("match", "--rules", "rules", "--format", "json", "--strict", "events.jsonl")
        self.assertEqual([line["line"] for line in hits], list(range(len(good))), title)
        for line in range(len(good) + len(bad)):
            [answer] = self.run_yagura("explain", "--rule", "rules/0.yml", "--format", "json", "--line", str(line),
                                       "events.jsonl")
            self.assertEqual(answer["matches"], line < len(good), (title, line))

    def test_log_sources(self):
        for row in LOG_SOURCES:
            self.check_log_source(*row)

    def test_categories(self):
        for row in category_rows():
            self.check_log_source(*row)


if __name__ == "__main__":
    YAGURA = os.path.abspath(sys.argv.pop(1))
    unittest.main()
