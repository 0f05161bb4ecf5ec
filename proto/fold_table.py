#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes fold.def from Unicode's CaseFolding.txt (Debian package unicode-data, 15.0.0):

    proto/fold_table.py /usr/share/unicode/CaseFolding.txt >proto/fold.def

Status C and S (simple folding) without ASCII. Neighbouring characters with the same distance, or with it at every second
character, are one row."""

import sys


def pairs(path):
    for line in open(path, encoding="utf-8"):
        fields = [field.strip() for field in line.split("#")[0].split(";")]
        if len(fields) >= 3 and fields[1] in ("C", "S") and int(fields[0], 16) >= 0x80:
            yield int(fields[0], 16), int(fields[2], 16)


def ranges(mapping):
    rows = []
    for source, target in sorted(mapping):
        if rows:
            first, last, step, delta = rows[-1]
            gap = source - last
            if target - source == delta and gap in (1, 2) and (first == last or gap == step):
                rows[-1] = (first, source, gap, delta)
                continue
        rows.append((source, source, 1, target - source))
    return rows


def main():
    print("/* SPDX-License-Identifier: Apache-2.0 */")
    print("/* FOLD(first, last, step, delta): characters first, first + step ... last fold to themselves + delta.")
    print(" * Made by proto/fold_table.py from CaseFolding.txt of Unicode 15.0.0, status C and S, without ASCII. */")
    for first, last, step, delta in ranges(pairs(sys.argv[1])):
        print(f"FOLD(0x{first:04X}, 0x{last:04X}, {step}, {delta})")


if __name__ == "__main__":
    main()
