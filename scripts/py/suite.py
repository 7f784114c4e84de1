"""Builds, runs the suites of each build and sums every case."""

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# The sanitizers tell the same of what is not optimized, and it builds in half of the time.
SANITIZED = ["-Db_sanitize=address,undefined", "-Dfaults=true", "-Doptimization=0"]
# Strangers' bytes and all units go to the sanitized build; what starts, ends and kills whole daemons
# to the plain one, where it takes a fifth. That is also the demo's and the bench's: memory limits and
# speed say nothing under a sanitizer.
# (folder, options, compiler, suites that are quick, suites for --all)
BUILDS = [
    ("build-test", SANITIZED, "gcc", {"quick"}, {"quick", "system", "slow"}),
    ("build", [], "gcc", {"system", "plain"}, {"system", "plain", "plain-slow"}),
    ("build-clang", SANITIZED, "clang-14", set(), {"quick", "system"}),
]
MEMORY, MEMORY_WANTED = "/dev/shm", 4 << 30
CASE = re.compile(r"^(ok|not ok)\b(?:.*\s#\s*(SKIP)\b)?", re.I)
LINES_OF_A_CASE, WIDEST_LINE = 12, 1000
BAD = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"}


def run(*command):
    return subprocess.run(command, cwd=TOP).returncode


def introspected(folder, what):
    done = subprocess.run(["meson", "introspect", what, folder], cwd=TOP, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def wanted_targets(folder):
    """What is built by default, without the tests that only other suites run."""
    return [os.path.relpath(file, TOP / folder) for target in introspected(folder, "--targets")
            if target["build_by_default"] for file in target["filename"]]


def build(folder, options, compiler, whole):
    """False if it does not compile; says nothing when there is nothing to do."""
    options = [*options, "-Dcorpora=" + os.environ.get("MADO_CORPORA", "")]
    known = (TOP / folder / "build.ninja").exists()
    setup = ["meson", "configure", folder] if known else ["meson", "setup", folder]
    done = subprocess.run([*setup, *options], cwd=TOP, capture_output=True, text=True,
                          env={**os.environ, "CC": compiler})
    if done.returncode:
        print(done.stdout + done.stderr)
        return False
    return run("ninja", "-C", folder, "--quiet", *([] if whole else wanted_targets(folder))) == 0


def chosen(folder, suites, wanted):
    """(name, whether others may run meanwhile) of each test."""
    return [(test["name"], test["is_parallel"]) for test in introspected(folder, "--tests")
            if suites & {suite.split(":")[-1] for suite in test["suite"]}
            and (not wanted or any(word in test["name"] for word in wanted))]


def count(log):
    """(passed, failed, skipped) of one test: its TAP cases, and itself if it ended badly."""
    sums = {"passed": 0, "failed": 0, "skipped": 0}
    for line in (log.get("stdout") or "").splitlines():
        case = CASE.match(line)
        if case:
            word = (case[2] or "").upper()
            sums["skipped" if word == "SKIP" else "failed" if case[1] == "not ok" else "passed"] += 1
    if log["result"] in BAD and not sums["failed"]:
        sums["failed"] += 1
    if not any(sums.values()):
        sums["skipped" if log["result"] == "SKIP" else "passed"] += 1
    return sums


def complaints(log):
    """What a failed test says of its cases that failed, or the end of what it said at all."""
    lines = [*(log.get("stdout") or "").splitlines(), *(log.get("stderr") or "").splitlines()]
    failed = [number for number, line in enumerate(lines) if line.startswith("not ok")]
    told = [line for number in failed for line in (lines[number], *itertools.takewhile(
        lambda line: line.startswith("#"), lines[number + 1:number + 1 + LINES_OF_A_CASE]))]
    return [log["name"], *(told or lines[-LINES_OF_A_CASE:])] if log["result"] in BAD else []


def in_memory():
    """What names a folder where nothing waits for a disk: no test that ends and kills processes can tell it from one.
    None where there is too little of it, or where no program may be run from it."""
    if not os.access(MEMORY, os.W_OK):
        return {}
    place = os.statvfs(MEMORY)
    usable = place.f_bavail * place.f_frsize > MEMORY_WANTED and not place.f_flag & os.ST_NOEXEC
    return {"TMPDIR": MEMORY, "MADO_TMP": MEMORY} if usable else {}


def meson_test(words, environment):
    """Line by line, because several write at once."""
    with subprocess.Popen(["meson", "test", *words], cwd=TOP, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace", env={**os.environ, **environment}) as process:
        for line in process.stdout:
            print(line, end="", flush=True)


def run_tests(folder, tests, environment):
    """What came of each, and what is to be said of those that failed; one of which there is no record has failed."""
    log = TOP / folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    # Most of them wait for servers most of the time.
    at_once = str(2 * (os.cpu_count() or 1))
    meson_test(["-C", folder, "--no-rebuild", "--print-errorlogs", "--num-processes", at_once, *tests], environment)
    logs = [json.loads(line) for line in log.read_text(errors="replace").splitlines()] if log.exists() else []
    lost = {"passed": 0, "failed": max(0, len(tests) - len(logs)), "skipped": 0}
    return [*map(count, logs), lost], [line[:WIDEST_LINE] for one in logs for line in complaints(one)]


def built(args):
    """(folder, tests) of each build, or None for one that does not compile."""
    for folder, options, compiler, quick, everything in BUILDS:
        suites = everything if args.all or (args.names and quick) else quick
        if suites and not build(folder, options, compiler, args.all or args.names):
            yield None
        elif suites:
            tests = chosen(folder, suites, args.names)
            if tests:
                yield folder, tests


def turns(rows, everything):
    """Who runs at the same time: one build after the other what is slow, and alone what is measured."""
    parts = [[(folder, [name for name, parallel in tests if parallel == together]) for folder, tests in rows]
             for together in (True, False)]
    together, *alone = [[row for row in part if row[1]] for part in parts]
    return [*([[row] for row in together] if everything else [together]), *([row] for part in alone for row in part)]


def main():
    parser = argparse.ArgumentParser(prog="scripts/test")
    parser.add_argument("--all", action="store_true", help="the slow suites too")
    parser.add_argument("names", nargs="*", help="only tests whose name contains one of these")
    args = parser.parse_args()
    rows = list(built(args))
    results, told = [{"passed": 0, "failed": 1, "skipped": 0}] * rows.count(None), []
    for number, turn in enumerate(turns([row for row in rows if row], args.all)):
        # What is measured is measured on a disk, and with --all everything is run on one.
        environment = {} if number or args.all else in_memory()
        with ThreadPoolExecutor() as pool:
            for sums, lines in pool.map(lambda row: run_tests(*row, environment), turn):  # pylint: disable=cell-var-from-loop
                results += sums
                told += lines
    total = {outcome: sum(result[outcome] for result in results) for outcome in ("passed", "failed", "skipped")}
    print(*told, sep="\n", end="\n" if told else "")
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**total))
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
