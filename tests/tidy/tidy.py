#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tidy: what the house style asks for and a script can check.

Each ban names its replacement. Exit 1 and one line per finding (file:line: message). Run from anywhere; reads what git
tracks. `tidy.py --self-test` checks that each rule catches what it is for."""

import re
import subprocess
import sys
from pathlib import Path

FILE_LINES_MAX = 500
TEST_LINES_MAX = 600  # tables of cases
HEADER_LINES_MAX = 140
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

LAYERS = ["proto", "rules", "detect", "ingest"]
TOP_LEVEL = set(LAYERS) | {"bench", "tests", "deploy", "CMakeLists.txt", "README.md", "LICENSE", "CMakePresets.json"}

GENERATED = {"cells.h"}  # named by pages, made by the build

# (pattern, where it applies, what to do instead)
BANS = [
    (r"\bgoto\b", ".*", "early return; AUTO(x_free) for cleaning up"),
    (r'#\s*include\s*"\.\./', ".*", 'include from the layer root: "layer/file.h"'),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok)\s*\(", ".*", "snprintf, or slices"),
    (r"\b(atoi|atol|atof)\s*\(", ".*", "strtoll and its kin with the end checked"),
    (r"\bvolatile\b", ".*", "C11 atomics with an explicit order"),
    (r"\b(TODO|FIXME|XXX|HACK)\b", ".*", "an issue, or the work itself"),
    (r"\btypedef\s+(struct|enum|union)\b", ".*", "the plain struct or enum name"),
    (r"\batomic_(load|store|exchange|fetch_(?:add|sub|or|xor|and)|compare_exchange_(strong|weak))\s*\(", ".*",
     "the _explicit form, with a sentence on what it orders"),
    (r"\bassert\s*\(\s*(0|false)\s*\)", ".*", "an assertion that states the invariant"),
    (r"\b(pthread_\w+|thrd_\w+|mtx_\w+)\s*\(", r"(proto|rules|detect)/", "the shell: ingest owns threads"),
    (r"\b(printf|fprintf|fopen|open|time|clock_gettime|getenv)\s*\(", r"(proto|rules|detect)/",
     "the shell: libraries return, ingest reads, writes and knows the time"),
    (r"\balloca\s*\(", ".*", "the arena"),
]

# Third-party headers, each included by the named files only.
THIRD_PARTY = {
    "hs/hs.h": r"detect/hs\.c|bench/.*|tests/oracle/failing_scans\.c", "hs.h": r"detect/hs\.c|bench/.*", "yaml.h": r"rules/yaml\.c",
    "pcre2.h": r"detect/\w+\.c", "jansson.h": r"ingest/jsonl\.c|tests/.*|bench/.*",
    "microhttpd.h": r"ingest/service/\w+\.c", "librdkafka/rdkafka.h": r"ingest/kafka/.*|bench/.*|tests/.*|ingest/command/.*",
    "openssl/evp.h": r"proto/digest\.[ch]",
}


def tracked_files(root):
    out = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True, capture_output=True).stdout
    return [Path(p.decode()) for p in out.split(b"\0") if p]


def code_only(text):
    """The text with comments and string contents blanked, line structure kept."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def findings_of_functions(lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            if number - start - 1 > FUNCTION_LINES_MAX:
                yield start, f"a function of {number - start - 1} lines; at most {FUNCTION_LINES_MAX}: split it"
            start = None


def findings_of_conditionals(lines):
    depth = 0
    for number, line in enumerate(lines, 1):
        if line == "{":
            depth = 1
        elif line == "}":
            depth = 0
        if depth and re.match(r"\s*#\s*(if|ifdef|ifndef)\b", line):
            yield number, "#if inside a function: variants are separate files that the build picks"


def findings_of_source(path, text):
    lines = text.split("\n")
    if "SPDX-License-Identifier: Apache-2.0" not in "\n".join(lines[:3]):
        yield 1, "no SPDX line: /* SPDX-License-Identifier: Apache-2.0 */ comes first"
    if path.suffix in (".c", ".h"):
        yield from findings_of_c(path, text, lines)


def findings_of_c(path, text, lines):
    limit = HEADER_LINES_MAX if path.suffix == ".h" else TEST_LINES_MAX if path.parts[0] == "tests" else FILE_LINES_MAX
    if len(lines) > limit and not path.name.endswith("_table.h"):
        yield 1, f"{len(lines)} lines; at most {limit}: split it by noun"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns; at most {COLUMNS_MAX}"
    code = code_only(text)
    code_lines = code.split("\n")
    for pattern, where, instead in BANS:
        if not re.match(where, str(path)):
            continue
        for number, (line, original) in enumerate(zip(code_lines, lines), 1):
            subject = original if "include" in pattern or "TODO" in pattern else line
            if re.search(pattern, subject):
                yield number, f"banned here: {re.search(pattern, subject).group(0).strip()}; use {instead}"
    yield from findings_of_includes(path, lines)
    yield from findings_of_functions(code_lines)
    yield from findings_of_conditionals(code_lines)
    if path.parts[0] != "tests":
        yield from findings_of_else(code_lines)


def findings_of_includes(path, lines):
    layer = path.parts[0]
    for number, line in enumerate(lines, 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if not match:
            continue
        target = match.group(2)
        if target in THIRD_PARTY and not re.fullmatch(THIRD_PARTY[target], str(path)):
            yield number, f"{target} is included by {THIRD_PARTY[target]} only"
        top = target.split("/")[0]
        if layer in LAYERS and top in LAYERS and LAYERS.index(top) > LAYERS.index(layer):
            yield number, f"upward include: {layer} may not know {top}"
        if layer in LAYERS and top in ("tests", "bench"):
            yield number, f"a layer may not know {top}"


def findings_of_tree(paths):
    for path in paths:
        if path.parts[0] not in TOP_LEVEL and not path.parts[0].startswith("."):
            yield path, 0, "the top level holds only what the README's picture shows"
        if path.parts[0] in LAYERS + ["tests"] and {"util", "utils", "common", "misc", "helpers"} & set(path.parts):
            yield path, 0, "no folder for leftovers: every helper has one owner"


def findings_of_readme(text, names):
    """A page that names a file which is gone sends its reader nowhere."""
    for number, line in enumerate(text.split("\n"), 1):
        for word in re.findall(r"`[\w./-]*?([\w-]+\.(?:c|h|def|awk))`", line):
            if word not in names | GENERATED:
                yield number, f"no file of this name: {word}; name the one that took its place"


def findings_of_else(lines):
    for number, (line, following) in enumerate(zip(lines, lines[1:]), 1):
        if re.match(r"\s+return\b[^;]*;\s*$", line) and re.match(r"\s*}? ?else\b", following):
            yield number + 1, "else after return: the success path stays unindented"


def findings_of_headers_listed(root, paths):
    """Every header of a layer is in its add_layer list, so that it is compiled alone."""
    for layer in LAYERS:
        listed = (root / layer / "CMakeLists.txt").read_text()
        for path in paths:
            if path.parts[0] == layer and path.suffix == ".h":
                name = str(Path(*path.parts[1:]))
                if not re.search(r"(^|[\s/]){}(\s|$|\))".format(re.escape(name)), listed):
                    yield path, 1, f"not in {layer}/CMakeLists.txt: list it under HEADERS"


def all_findings(root):
    paths = [p for p in tracked_files(root) if (root / p).is_file()]
    yield from findings_of_tree(paths)
    yield from findings_of_headers_listed(root, paths)
    names = {path.name for path in paths}
    for path in paths:
        if path.name == "README.md":
            for number, message in findings_of_readme((root / path).read_text(encoding="utf-8"), names):
                yield path, number, message
        if path.suffix in (".c", ".h", ".def", ".py", ".sh", ".cmake", ".proto") or path.name == "CMakeLists.txt":
            text = (root / path).read_text(encoding="utf-8")
            for number, message in findings_of_source(path, text):
                yield path, number, message


def self_test():
    head = "/* SPDX-License-Identifier: Apache-2.0 */\n"
    body = "\n".join(["    x();"] * (FUNCTION_LINES_MAX + 1))
    planted = {
        "no SPDX": ("proto/a.c", "int x;\n"),
        "banned here: goto": ("proto/a.c", head + "void f(void)\n{\n    goto end;\n}\n"),
        "upward include": ("rules/a.c", head + '#include "detect/engine.h"\n'),
        "banned here: #include \"../": ("rules/a.c", head + '#include "../x.h"\n'),
        "a function of": ("proto/a.c", head + "void f(void)\n{\n" + body + "\n}\n"),
        "columns": ("proto/a.c", head + "/*" + " " * COLUMNS_MAX + "*/\n"),
        "#if inside": ("proto/a.c", head + "void f(void)\n{\n#ifdef X\n#endif\n}\n"),
        "is included by": ("detect/a.c", head + "#include <yaml.h>\n"),
        "banned here: atomic_load(": ("ingest/a.c", head + "void f(void)\n{\n    atomic_load(&x);\n}\n"),
        "banned here: pthread_create(": ("rules/a.c", head + "void f(void)\n{\n    pthread_create(x);\n}\n"),
        "else after return": ("proto/a.c", head + "void f(void)\n{\n    if (x)\n        return;\n    else\n        y();\n}\n"),
        "banned here: TODO": ("proto/a.c", head + "/* TODO later */\n"),
    }
    missed = [name for name, (path, text) in planted.items()
              if not any(message.startswith(name) or name in message for _, message in findings_of_source(Path(path), text))]
    clean = list(findings_of_source(Path("proto/a.c"), head + 'const char *x = "goto";\nvoid f(void)\n{\n}\n'))
    missed += [] if list(findings_of_readme("see `gone.c`\n", {"here.c"})) else ["no file of this name"]
    clean += [(0, m) for _, m in findings_of_readme("see `proto/here.c`, `cells.h`\n", {"here.c"})]
    for name in missed:
        print(f"tidy self-test: not caught: {name}")
    for _, message in clean:
        print(f"tidy self-test: false finding: {message}")
    return 1 if missed or clean else 0


def main():
    if "--self-test" in sys.argv[1:]:
        return self_test()
    root = Path(__file__).resolve().parents[2]
    count = 0
    for path, number, message in all_findings(root):
        print(f"{path}:{number}: {message}")
        count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
