#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Workers come and go while records stream: each record is judged exactly once, because what is given away is drained and
committed first."""

import sys

from harness import Bench, check, main, say

ROUNDS = 6


def test(build):
    with Bench(build) as bench:
        said = bench.run("rebalance", bench.bootstrap, ROUNDS)
        check("each judged once" in said, said.strip())
    say("partitions can be taken away from who is at work")


if __name__ == "__main__":
    sys.exit(main(test))
