#!/usr/bin/env python3
"""The scripts themselves: what setup says and does, what test counts, what style notices."""

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, SOURCE, case, expect, expect_equal, main  # noqa: E402

LINE = "apt-get install -y --no-install-recommends meson cppcheck"


def setup(user, sudo=True):
    """scripts/setup test on a machine that lacks meson and cppcheck: (status, stderr, what was run)."""
    with tempfile.TemporaryDirectory() as folder:
        ran = Path(folder) / "ran"
        programs = {
            "dpkg-query": 'for last; do :; done; case $last in meson|cppcheck) exit 1;; esac; echo installed',
            "id": f"echo {user}",
            "apt-get": f'echo "apt-get $*" >> {ran}',
            "sudo": f'shift; [ "$1" = true ] && exit {0 if sudo else 1}; echo "sudo $*" >> {ran}',
        }
        for name, text in programs.items():
            program = Path(folder) / name
            program.write_text("#!/bin/sh\n" + text + "\n")
            program.chmod(0o755)
        done = subprocess.run(["/bin/sh", SOURCE / "scripts/setup", "test"], capture_output=True, text=True,
                              env={"PATH": f"{folder}:/usr/bin:/bin"}, timeout=BOUND)
        return done.returncode, done.stderr, ran.read_text().splitlines() if ran.exists() else []


@case
def root_sees_one_line_and_then_it_is_run():
    status, said, ran = setup(0)
    expect_equal((status, ran[-1]), (0, LINE), "what was run")
    expect(LINE in said, "it was said first: " + said)


@case
def sudo_serves_where_it_asks_for_no_password():
    status, _, ran = setup(1000)
    expect_equal((status, ran[-1]), (0, "sudo " + LINE), "what was run")


@case
def without_root_one_line_names_everything_and_nothing_is_run():
    status, said, ran = setup(1000, sudo=False)
    expect_equal((status, ran, len(said.splitlines())), (1, [], 1), "status, commands, lines")
    expect(LINE in said, said)


def suite():
    spec = importlib.util.spec_from_file_location("suite", SOURCE / "scripts/py/suite.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@case
def cases_are_counted_and_a_test_that_dies_is_a_failure():
    for stdout, result, wanted in (
            ("1..3\nok 1 - a\nok 2 - b # SKIP no disk\nnot ok 3 - c\n", "FAIL", (1, 1, 1)),
            ("1..2\nok 1 - a\n", "ERROR", (1, 1, 0)),
            ("", "TIMEOUT", (0, 1, 0)),
            ("", "OK", (1, 0, 0)),
            ("1..0 # SKIP nothing\n", "SKIP", (0, 0, 1)),
            ("ok 1 /a/name with # in it\n", "OK", (1, 0, 0))):
        sums = suite().count({"stdout": stdout, "result": result})
        expect_equal((sums["passed"], sums["failed"], sums["skipped"]), wanted, repr(stdout))


FAULTY = """int len(const char *s);
int len(const char *s)
{
    int n[2] = {0, 0};

    if (!s)
        n[2] = *s;
    return n[0];
}
"""


@case
def analysis_and_layout_notice_a_fault():
    with tempfile.TemporaryDirectory(dir=SOURCE, prefix="build-style-") as folder:
        file = Path(folder) / "faulty.c"
        file.write_text(FAULTY)
        tidy = subprocess.run(["clang-tidy-14", "--quiet", file, "--"], capture_output=True, text=True, cwd=SOURCE)
        check = subprocess.run(["cppcheck", "--error-exitcode=1", "--quiet", file], capture_output=True)
        expect(tidy.returncode != 0 and "clang-analyzer" in tidy.stdout, tidy.stdout)
        expect(check.returncode != 0, "cppcheck sees the index")
        file.write_text(FAULTY.replace("    ", "\t"))
        layout = subprocess.run(["clang-format-14", "--dry-run", "-Werror", file], capture_output=True)
        expect(layout.returncode != 0, "layout")


if __name__ == "__main__":
    main()
