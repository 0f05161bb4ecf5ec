#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packs: every rule that ships against the events beside it, through `yagura match`.

usage: packs.py YAGURA PACK_FOLDER

All events go through in one call, so the rules are also seen side by side. Exit 1 and a line per wrong verdict; a rule without
a positive and a negative test is wrong too."""

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path


def rule_id(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("id:"):
            return line.split(":", 1)[1].strip()
    raise SystemExit(f"{path}: no id")


def read_tests(pack):
    """Yields (rule path, line number, test)."""
    for rule in sorted(pack.rglob("*.yml")):
        tests = rule.with_suffix("").with_suffix(".test.jsonl")
        if not tests.exists():
            continue
        for number, line in enumerate(tests.read_text(encoding="utf-8").splitlines(), 1):
            yield rule, number, json.loads(line)


def untested(pack, cases):
    """Yields a sentence for each rule that lacks a positive or a negative test."""
    seen = defaultdict(set)
    for rule, _, test in cases:
        seen[rule].add(test["expect"])
    for rule in sorted(pack.rglob("*.yml")):
        for verdict, name in ((True, "must match"), (False, "must not match")):
            if verdict not in seen[rule]:
                yield f"{rule}: no event that it {name}"


def match(yagura, pack, events):
    """The set of rule ids for each event."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
        file.flush()
        run = subprocess.run([yagura, "match", "--strict", "--format", "json", "--rules", str(pack), file.name],
                             capture_output=True, text=True, check=False, timeout=120)
    if run.returncode != 0:
        raise SystemExit(f"yagura match exited with {run.returncode}:\n{run.stderr}")
    hits = [set() for _ in events]
    for line in run.stdout.splitlines():
        found = json.loads(line)
        hits[found["line"]] = set(found["rules"])
    return hits


def event_of(test):
    """The event as `yagura match` reads it: the log source is a member of it."""
    return {**test["event"], "logsource": test["logsource"]} if "logsource" in test else test["event"]


def main():
    yagura, pack = sys.argv[1], Path(sys.argv[2])
    cases = list(read_tests(pack))
    problems = list(untested(pack, cases))
    hits = match(yagura, pack, [event_of(test) for _, _, test in cases])
    for (rule, number, test), found in zip(cases, hits):
        if (rule_id(rule) in found) != test["expect"]:
            verb = "must match" if test["expect"] else "must not match"
            problems.append(f"{rule.with_suffix('.test.jsonl')}:{number}: {verb}: {test['why']}")
    print("\n".join(problems + [f"{len(cases)} events, {len(problems)} wrong"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
