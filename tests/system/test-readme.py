#!/usr/bin/env python3
"""What README.md tells people to type works, and what it names exists."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, BUILD, PROGRAMS, SOURCE, Desk, case, expect, expect_equal, main, plain_mail  # noqa: E402

README = (SOURCE / "README.md").read_text()
# Commands that another test runs, or that is running at this moment.
ELSEWHERE = {"./scripts/demo": "system demo", "./scripts/test": "this run"}
INSTALLED = ("bin/madoctl", "bin/madod", "share/man/man8/madod.8", "share/man/man1/madoctl.1")


def commands():
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def of_kind(*beginnings):
    return [line for line in commands() if line.startswith(beginnings)]


@case
def every_command_is_tried_by_some_test():
    # What is typed as an administrator: system install, on a host of its own.
    tried = set(ELSEWHERE) | set(of_kind("build/madoctl", "meson ", "./scripts/setup", "sudo ", "madoctl doctor"))
    expect_equal([line for line in commands() if line not in tried], [], "commands that nobody tries")


@case
def its_questions_are_answered():
    with Desk() as desk:
        desk.drop(plain_mail())
        desk.settled(1)
        desk.ctl("contact", "add", "FUJI-CERT", "--address", "cert@fuji.example")
        for line in of_kind("build/madoctl"):
            words = [word.replace("demo-run/mado.conf", str(desk.configuration)) for word in line.split()[1:]]
            done = subprocess.run([PROGRAMS / "madoctl", *words], cwd=SOURCE, capture_output=True, text=True,
                                  timeout=BOUND)
            expect_equal((done.returncode, bool(done.stdout.strip())), (0, True), f"{line}: {done.stderr}")


@case
def setup_finds_everything_in_place():
    done = subprocess.run([SOURCE / "scripts/setup", "test"], capture_output=True, text=True, timeout=BOUND)
    expect_equal((done.returncode, done.stdout, done.stderr), (0, "", ""), "scripts/setup test")


@case
def the_install_puts_programs_and_manuals_in_place():
    setup = of_kind("meson setup")[0]
    expect("--prefix=/usr" in setup, "the README installs below /usr")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", folder],
                              capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, 0, "meson install: " + done.stderr)
        found = {str(path) for path in Path(folder).rglob("*") if path.is_file()}
        for name in INSTALLED:
            expect(any(path.removesuffix(".gz").endswith(name) for path in found), f"{name} in {sorted(found)}")


@case
def the_files_that_it_names_exist():
    for name in re.findall(r"`((?:\./)?(?:scripts|daemon|include|tests)/[\w./-]*)", README):
        expect((SOURCE / name).exists(), name)


@case
def the_manuals_are_well_formed():
    for page in sorted((SOURCE / "man").glob("*.[1-8]")):
        done = subprocess.run(["man", "--warnings", "-l", "-Tutf8", page], capture_output=True, text=True,
                              env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}, timeout=BOUND)
        expect_equal((done.returncode, done.stderr), (0, ""), page.name)


if __name__ == "__main__":
    main()
