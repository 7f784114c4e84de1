#!/usr/bin/env python3
"""scripts/demo: the same story for everybody, every claim checked, nothing left outside its folder."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BUILD, SOURCE, case, expect, expect_equal, main  # noqa: E402

FOLDER = SOURCE / "demo-run"
FINGERPRINT = re.compile(r"([0-9A-F]{4} +){9}[0-9A-F]{4}")


def play(script="scripts/demo", **environment):
    words = ["sh"] if script.endswith("demo") else [sys.executable]
    return subprocess.run([*words, SOURCE / script], capture_output=True, text=True, timeout=240,
                          env={**os.environ, "MADO_BUILD": str(BUILD), **environment})


def columns(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def outside():
    """What git and /tmp see beside the folders that the demo may make."""
    status = subprocess.run(["git", "-C", SOURCE, "status", "--porcelain"], capture_output=True, text=True)
    return status.stdout


@case
def it_ends_well_twice_with_the_same_words():
    before = outside()
    first, second = play(), play()
    for done in (first, second):
        expect_equal(done.returncode, 0, f"exit status: {done.stdout[-1500:]}{done.stderr[-500:]}")
    expect_equal(*(FINGERPRINT.sub("(a new key)", done.stdout) for done in (second, first)), "the second run")
    expect_equal(outside(), before, "the tree")
    wide = [line for line in first.stdout.splitlines() if columns(line) > 80]
    expect(not wide, f"wider than 80 columns: {wide}")
    checks = [line for line in first.stdout.splitlines() if line.startswith("ok   ")]
    expect(len(checks) >= 7, f"{len(checks)} checks")
    expect("\x1b" not in first.stdout, "plain text")


@case
def what_the_readme_shows_is_what_it_says():
    shown = (SOURCE / "README.md").read_text().split("```text\n", 1)[1].split("```", 1)[0]
    said = [line.strip() for line in play().stdout.splitlines()]
    expect_equal([line for line in shown.splitlines() if line.strip() not in said], [], "lines of README.md")


@case
def a_false_claim_ends_it_with_status_1():
    with tempfile.TemporaryDirectory() as folder:
        samples = Path(folder) / "samples"
        shutil.copytree(SOURCE / "tests/samples", samples)
        (samples / "22-reply-forged-en.eml").write_bytes(
            (samples / "21-reply-with-token-ja.eml").read_bytes().replace(b"3C4D", b"5E6F"))
        done = play("scripts/py/demo.py", MADO_SAMPLES=str(samples))
        expect_equal(done.returncode, 1, "exit status")
        expect("FALSE" in done.stdout, "it says which claim is false")


@case
def demo_clean_removes_it():
    expect(FOLDER.exists(), "demo-run/ is there")
    subprocess.run(["sh", SOURCE / "scripts/demo-clean"], check=True)
    expect(not FOLDER.exists(), "demo-run/ is gone")


if __name__ == "__main__":
    main()
