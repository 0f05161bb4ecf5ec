#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Symbols: the pure libraries call no thread, socket, file, clock, log or Kafka function, whatever their sources look like.

    symbols.py LIBRARY.a...      exit 1 and one line per forbidden symbol
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


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        source, thing, library = (str(Path(folder) / name) for name in ("bad.c", "bad.o", "libbad.a"))
        Path(source).write_text("#include <stdio.h>\n#include <time.h>\nlong f(void){puts(\"x\");return time(0);}\n")
        subprocess.run(["cc", "-c", source, "-o", thing], check=True)
        subprocess.run(["ar", "rc", library, thing], check=True)
        caught = " ".join(findings(library))
    missed = [name for name in ("puts", "time") if f": {name}: " not in caught]
    for name in missed:
        print(f"symbols self-test: not caught: {name}")
    return 1 if missed else 0


def main(arguments):
    if arguments == ["--self-test"]:
        return self_test()
    found = [line for library in arguments for line in findings(library)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
