#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""deploy/quickstart shows alerts on the embedded broker, says what it does, and leaves nothing behind."""

import os
import subprocess
import sys
from pathlib import Path

from harness import SOURCE, check, main


def leftovers():
    return {path.name for path in Path("/tmp").glob("yagura-quickstart.*")}


def test(build):
    if Path(build).resolve() != SOURCE / "build/release":
        print("skipped: the quick start builds and runs build/release")
        return 77
    before = leftovers()
    environment = {**os.environ, "TERM": "dumb"}
    run = subprocess.run([str(SOURCE / "deploy/quickstart"), "--no-install", "--duration", "20", "--scenes", "300"],
                         capture_output=True, text=True, timeout=170, check=False, env=environment, start_new_session=True)
    print(run.stdout[-6000:], run.stderr[-3000:])
    check(run.returncode == 0, "exit 0")
    for text in ("[1/5]", "[5/5]", "kcat -C -b", "events/s", "Summary of", "What to try next"):
        check(text in run.stdout, f"it says {text}")
    check(" 0 alerts of 0 rules" not in run.stdout, "there are alerts")
    check(leftovers() <= before, "nothing is left in /tmp")
    return 0


if __name__ == "__main__":
    sys.exit(main(test))
