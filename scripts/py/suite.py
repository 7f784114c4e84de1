"""Builds, runs the suites of each build and sums every case."""

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
# -O1: the sanitizers tell the same, and it builds in two thirds of the time.
SANITIZED = ["-Db_sanitize=address,undefined", "-Dfaults=true", "-Doptimization=1"]
FAULTS = ["-Dfaults=true", "-Doptimization=1"]
# Strangers' bytes and all units go to the sanitized build; what starts, ends and kills whole daemons
# to one with fault points alone, where it takes a fifth. The plain one is also the demo's and the
# bench's: memory limits and speed say nothing under a sanitizer.
# (folder, options, compiler, suites that are quick, suites for --all)
BUILDS = [
    ("build-test", SANITIZED, "gcc", {"quick"}, {"quick", "system", "slow"}),
    ("build-faults", FAULTS, "gcc", {"system"}, {"system"}),
    ("build", [], "gcc", {"plain"}, {"plain", "plain-slow"}),
    ("build-clang", SANITIZED, "clang-14", set(), {"quick", "system"}),
]
CASE = re.compile(r"^(ok|not ok)\b(?:.*\s#\s*(SKIP)\b)?", re.I)
BAD = {"FAIL", "ERROR", "TIMEOUT", "INTERRUPT", "UNEXPECTEDPASS"}


def run(*command):
    return subprocess.run(command, cwd=TOP).returncode


def build(folder, options, compiler):
    """False if it does not compile; says nothing when there is nothing to do."""
    options = [*options, "-Dcorpora=" + os.environ.get("MADO_CORPORA", "")]
    known = (TOP / folder / "build.ninja").exists()
    setup = ["meson", "configure", folder] if known else ["meson", "setup", folder]
    done = subprocess.run([*setup, *options], cwd=TOP, capture_output=True, text=True,
                          env={**os.environ, "CC": compiler})
    if done.returncode:
        print(done.stdout + done.stderr)
        return False
    return run("ninja", "-C", folder, "--quiet") == 0


def names(folder):
    done = subprocess.run(
        ["meson", "introspect", "--tests", folder], cwd=TOP, capture_output=True, text=True, check=True)
    return [(test["name"], {suite.split(":")[-1] for suite in test["suite"]})
            for test in json.loads(done.stdout)]


def chosen(folder, suites, wanted):
    return [name for name, member_of in names(folder) if member_of & suites
            and (not wanted or any(word in name for word in wanted))]


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


def run_tests(folder, tests, total):
    log = TOP / folder / "meson-logs" / "testlog.json"
    log.unlink(missing_ok=True)
    # Most of them wait for servers most of the time.
    at_once = str(3 * (os.cpu_count() or 1))
    run("meson", "test", "-C", folder, "--no-rebuild", "--print-errorlogs", "--num-processes", at_once, *tests)
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    for line in lines:
        for outcome, number in count(json.loads(line)).items():
            total[outcome] += number
    total["failed"] += max(0, len(tests) - len(lines))


def main():
    parser = argparse.ArgumentParser(prog="scripts/test")
    parser.add_argument("--all", action="store_true", help="the slow suites too")
    parser.add_argument("names", nargs="*", help="only tests whose name contains one of these")
    args = parser.parse_args()
    total = {"passed": 0, "failed": 0, "skipped": 0}
    for folder, options, compiler, quick, everything in BUILDS:
        suites = everything if args.all or (args.names and quick) else quick
        if not suites:
            continue
        if not build(folder, options, compiler):
            total["failed"] += 1
            continue
        tests = chosen(folder, suites, args.names)
        if tests:
            run_tests(folder, tests, total)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**total))
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
