#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Symbols: the pure libraries call no thread, socket, file, clock, log or Kafka function, whatever their sources look like.

    symbols.py LIBRARY.a...      exit 1 and one line per forbidden symbol
    symbols.py --twins LIBRARY.a...   exit 1 and one line per public name that two objects define: the linker takes the
                                 first, and a call lands in the wrong one
    symbols.py --self-test       checks that a library with forbidden calls is caught (needs cc and ar)

Reads `nm --undefined-only`, so calls through macros and inline functions count too."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

FORBIDDEN = {
    "threads": r"pthread_(?!.*self_test)\w+|thrd_\w+|mtx_\w+|cnd_\w+|sem_(init|wait|post|open)|fork|vfork|posix_spawn\w*|exec[lv]\w*",
    "sockets": r"socket|connect|bind|listen|accept4?|send(to|msg)?|recv(from|msg)?|getaddrinfo|poll|epoll_\w+|select",
    "files": r"f?open(64|at|dir)?|fdopen|freopen|fread|fwrite|fgets|fputs|fputc|puts|f?printf|__f?printf_chk|vf?printf|"
             r"__vf?printf_chk|read|write|pread|pwrite|close|stat|fstat|lstat|unlink|rename|mkdir|mmap|perror",
    "clocks": r"time|gettimeofday|clock(_\w+)?|nanosleep|usleep|sleep|localtime(_r)?",
    "environment": r"getenv|secure_getenv|setenv|setlocale|rand|srand|random|srandom|arc4random\w*",
    "the end of the process": r"exit|_exit|quick_exit|syslog",
    "Kafka": r"rd_kafka_\w+",
}


def undefined_symbols(library):
    out = subprocess.run(["nm", "--undefined-only", "--format=posix", library], check=True, capture_output=True, text=True)
    member = library
    for line in out.stdout.splitlines():
        if line.endswith(":"):
            member = line[:-1]
        elif line.split():
            yield member, line.split()[0]


def findings(library):
    for member, symbol in undefined_symbols(library):
        for what, pattern in FORBIDDEN.items():
            if re.fullmatch(pattern, symbol):
                yield f"{member}: {symbol}: {what} belong to ingest; a pure layer takes what it needs as an argument"


def twins(libraries):
    """Archives only pull the object that answers first, so a linker says nothing about a second one."""
    homes = {}
    for library in libraries:
        out = subprocess.run(["nm", "--defined-only", "--extern-only", "--format=posix", library], check=True,
                             capture_output=True, text=True)
        member = library
        for line in out.stdout.splitlines():
            if line.endswith(":"):
                member = line[:-1]
            elif len(line.split()) > 1 and line.split()[1] in "TDBRC":
                homes.setdefault(line.split()[0], []).append(member)
    return [f"{name}: defined by {' and by '.join(where)}; rename one" for name, where in homes.items() if len(where) > 1]


def archive(folder, name, *texts):
    objects = []
    for i, text in enumerate(texts):
        source, thing = str(Path(folder) / f"{name}{i}.c"), str(Path(folder) / f"{name}{i}.o")
        Path(source).write_text(text)
        subprocess.run(["cc", "-c", source, "-o", thing], check=True)
        objects.append(thing)
    library = str(Path(folder) / f"lib{name}.a")
    subprocess.run(["ar", "rc", library, *objects], check=True)
    return library


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        library = archive(folder, "bad", "#include <stdio.h>\n#include <time.h>\nlong f(void){puts(\"x\");return time(0);}\n")
        caught = " ".join(findings(library))
        twin = archive(folder, "twin", "int f(void){return 1;}", "int f(void){return 2;} static int g; int *h(void){return &g;}")
        caught += " ".join(twins([twin])).replace("f: defined by", ": twin: ")
    missed = [name for name in ("puts", "time", "twin") if f": {name}: " not in caught]
    for name in missed:
        print(f"symbols self-test: not caught: {name}")
    return 1 if missed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    if arguments[:1] == ["--twins"]:
        found = twins(arguments[1:])
    else:
        found = [line for library in arguments for line in findings(library)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
