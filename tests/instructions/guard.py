#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Guard: instructions per event of engine_match, counted by callgrind over a fixed stream and fixed rules.

    guard.py YAGURA_BENCH RULES     exit 1 if the count is more than 3 % above bound.json, 77 without valgrind

A change that makes judging dearer for a reason writes the new count into bound.json, and the reason into its commit. One
that makes it much cheaper does the same, so that the gain is kept. Counts depend on compiler and libraries: bound.json
names those that it was made with, and with others the guard only tells."""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BOUND = Path(__file__).parent / "bound.json"
STREAM = ["--seed", "1", "--events", "4000", "--tenants", "2", "--endpoints", "3", "--start-time", "1764000000"]
DEARER, CHEAPER = 1.03, 0.90
SKIPPED = 77


def versions():
    gcc = subprocess.run(["cc", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    hyperscan = subprocess.run(["pkg-config", "--modversion", "libhs"], capture_output=True, text=True).stdout.strip()
    return {"gcc": gcc, "hyperscan": hyperscan}


def instructions_per_event(bench, rules):
    with tempfile.TemporaryDirectory() as folder:
        stream = str(Path(folder) / "stream.bin")
        subprocess.run([bench, "gen", *STREAM, "--out", stream], check=True, capture_output=True)
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--toggle-collect=engine_match", f"--callgrind-out-file={folder}/out",
             bench, "engine", "--rules", rules, "--quick", "--format", "json", stream],
            check=True, capture_output=True, text=True)
    collected = int(re.search(r"Collected : (\d+)", run.stderr).group(1))
    rounds = 10  # one to warm up, nine timed
    return collected / rounds / json.loads(run.stdout)["streams"][0]["events"]


def main(bench, rules):
    if shutil.which("valgrind") is None:
        print("skipped: valgrind is not installed (deploy/install-deps test)")
        return SKIPPED
    bound = json.loads(BOUND.read_text())
    count = instructions_per_event(bench, rules)
    print(f"{count:.0f} instructions an event, {bound['instructions']} stored ({count / bound['instructions'] - 1:+.1%})")
    if versions() != bound["versions"]:
        print(f"skipped: stored with {bound['versions']}, this is {versions()}")
        return SKIPPED
    if count > bound["instructions"] * DEARER:
        print("judging became dearer: find out why, or store the count and give the reason in the commit")
        return 1
    if count < bound["instructions"] * CHEAPER:
        print("judging became much cheaper: store the count, so that the gain is kept")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
