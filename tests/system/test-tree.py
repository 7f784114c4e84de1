#!/usr/bin/env python3
"""The rules of the house that can be counted."""

import functools
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import SOURCE, case, expect, main  # noqa: E402

MOST_LINES_OF_A_FUNCTION = 60
MOST_LINES_OF_A_FILE = 500
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)
# What may be named where: the pattern, and the folders or files in which it may stand.
ONLY_IN = [
    ("the database", re.compile(r"#include <sqlite3\.h>"), ("lib/store/",)),
    ("SQL", re.compile(r'"(SELECT|INSERT|UPDATE|DELETE|BEGIN|CREATE TABLE) '), ("lib/store/",)),
    ("GMime", re.compile(r"#include <gmime/"), ("lib/read/", "lib/write/")),
    ("jansson", re.compile(r"#include <jansson\.h>"),
     ("lib/ctl/", "ctl/", "daemon/control", "lib/report/", "lib/share/", "lib/figures/")),
    ("libconfig", re.compile(r"#include <libconfig\.h>"), ("lib/conf/",)),
    ("GnuTLS", re.compile(r"#include <gnutls/"), ("lib/link/",)),
    ("libetpan", re.compile(r"#include <libetpan/"), ("lib/intake/",)),
    ("libxml2", re.compile(r"#include <libxml/"), ("lib/read/", "lib/report/")),
]
FIXED_WAIT = re.compile(r"\b(sleep|usleep|nanosleep|g_usleep|time\.sleep)\s*\(")
WAITS = {"tests/system/harness.py"}  # its loop waits for a condition, step by step


def files(*endings, under=""):
    listed = subprocess.run(["git", "-C", SOURCE, "ls-files", "-co", "--exclude-standard"],
                            capture_output=True, text=True)
    if listed.returncode:  # an unpacked archive
        names = [str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*")
                 if not str(path.relative_to(SOURCE)).startswith(("build", "demo-run", "."))]
    else:
        names = listed.stdout.splitlines()
    return [name for name in names if name.endswith(endings) and name.startswith(under)
            and (SOURCE / name).is_file()]


def sources(*endings):
    """The program itself: a test may be long, and may use a library to prove what it says."""
    return [name for name in files(*endings) if not name.startswith("tests/")]


def text(name):
    return (SOURCE / name).read_text(errors="replace")


def none(found, what):
    expect(not found, f"{what}: " + "; ".join(found))


@case
def no_function_is_longer_than_sixty_lines():
    tags = subprocess.run(
        ["ctags", "-L", "-", "--languages=C", "--kinds-C=f", "--fields=+ne", "-o", "-"],
        input="\n".join(sources(".c")), cwd=SOURCE, capture_output=True, text=True, check=True)
    long = []
    for tag in tags.stdout.splitlines():
        place = dict(re.findall(r"\t(line|end):(\d+)", tag))
        if len(place) == 2 and int(place["end"]) - int(place["line"]) + 1 > MOST_LINES_OF_A_FUNCTION:
            long.append(" ".join(tag.split("\t")[:2]))
    none(long, f"over {MOST_LINES_OF_A_FUNCTION} lines")


@case
def no_file_is_longer_than_five_hundred_lines():
    none([name for name in sources(".c", ".h", ".py") if text(name).count("\n") > MOST_LINES_OF_A_FILE],
         f"over {MOST_LINES_OF_A_FILE} lines")


@case
def includes_name_no_folder_of_another_stage():
    none([f"{name} includes {include}" for name in files(".c", ".h") for include in INCLUDE.findall(text(name))
          if "../" in include or include.startswith(("lib/", "daemon/", "include/"))], "upward includes")


@case
def each_library_and_all_sql_have_their_stage():
    none([f"{what} in {name}" for name in sources(".c", ".h") for what, pattern, places in ONLY_IN
          if pattern.search(text(name)) and not name.startswith(places)], "out of place")


@functools.cache
def library_flags():
    return subprocess.run(["pkg-config", "--cflags", "glib-2.0", "gio-unix-2.0", "jansson", "gmime-3.0", "sqlite3",
                           "gnutls"], capture_output=True, text=True, check=True).stdout.split()


def stands_alone(name):
    dirs = ["include", *(str(path.relative_to(SOURCE)) for stages in ("lib", "daemon")
                         for path in (SOURCE / stages).iterdir() if path.is_dir()), "daemon"]
    facts = os.environ.get("MADO_BUILD", str(SOURCE / "build-test"))
    done = subprocess.run(
        ["gcc", "-fsyntax-only", "-D_GNU_SOURCE", *("-I" + folder for folder in dirs), "-I" + facts, *library_flags(),
         "-x", "c", "-"], input=f'#include "{name}"\n', cwd=SOURCE, capture_output=True, text=True)
    return done.returncode == 0


@case
def every_header_compiles_alone():
    headers = files(".h")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        alone = list(pool.map(stands_alone, headers))
    none([name for name, good in zip(headers, alone) if not good], "needs another header first")


@case
def every_source_file_is_built():
    tables = "".join(text(name) for name in files("meson.build"))
    rows = re.findall(r"'([\w-]+)':", tables)
    none([name for name in files(".c") if f"'{Path(name).name}'" not in tables and f"'{name}'" not in tables and not (
        name.startswith("tests/") and (Path(name).stem.split("-", 1)[1] in rows
                                       or name.removeprefix("tests/") in tables))], "in no table of the build")


@case
def every_test_has_one_row():
    for place in ("unit", "system"):
        table = text("tests/meson.build").split(f"{place}_tests = {{\n")[1].split("\n}\n")[0]
        rows = re.findall(r"'([\w-]+)': [\['][^:]*(?=,)", table)
        files_of = [path.stem.removeprefix("test-") for path in (SOURCE / "tests" / place).glob("test-*")]
        none([f"{place}/{name}: {rows.count(name)} rows" for name in {*rows, *files_of}
              if rows.count(name) != 1 or name not in files_of], "tests and rows")


@case
def no_test_waits_for_a_fixed_time():
    none([name for name in files(".c", ".py", under="tests/") if name not in WAITS
          and FIXED_WAIT.search(re.sub(r'"[^"\n]*"', "", text(name))) and not name.endswith("test-tree.py")],
         "fixed waits")


@case
def nothing_is_left_undone_in_the_code():
    left = re.compile(r"\b(TODO|FIXME|XXX)\b")
    none([name for name in files(".c", ".h", ".py", "scripts/setup", "scripts/demo", "scripts/test")
          if left.search(text(name)) and not name.endswith("test-tree.py")], "left undone")


if __name__ == "__main__":
    main()
