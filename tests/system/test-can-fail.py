#!/usr/bin/env python3
"""The tests of durability can fail: mado is built with one of its promises taken out, and the test that
watches over it has to say so.

Each row of SPOILED changes the source in a copy; a text that is not there any more is a failure here, so
that the row is kept in step with the source."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import SOURCE, Failed, Skipped, case, expect, main  # noqa: E402

HERE = Path(__file__).resolve().parent
PARTS = ("ctl", "daemon", "etc", "include", "lib", "man", "scripts", "systemd", "tests", "meson.build",
         "meson_options.txt")
SPOILED = {
    "the source is told before the commit": (
        [("daemon/role-desk.c",
          "    if (!store_commit(desk->store, &error))\n"
          "        desk_give_up(error);\n"
          "    peers_foreach(desk, peer_flush);\n    forget",
          "    peers_foreach(desk, peer_flush);\n"
          "    if (!store_commit(desk->store, &error))\n"
          "        desk_give_up(error);\n    forget")],
        ["test-power-cut.py"], "mails are lost of which a server was told"),
    "commits are not synced": (
        [("lib/store/store.c", "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF")],
        ["test-power-cut.py"], "not ok 1"),  # mails are lost, or the whole store is
    "the same bytes may be there twice": (
        [("lib/store/schema.sql", "sha256 TEXT NOT NULL UNIQUE,", "sha256 TEXT NOT NULL,"),
         ("lib/store/mail.c", "SELECT id FROM mail WHERE sha256 = ?1", "SELECT 0 WHERE ?1 IS NULL")],
        ["test-faults.py", "lmtp_taken"], "ledger: found (4"),
    "a letter is given out before that is noted": (
        [("daemon/outbox.c", "    if (!store_letter_sending(desk->store, due->id, error) ||\n        (fd",
          "    if ((fd")],
        ["test-faults.py", "smtp_dot_written"], "not ok"),
}


class Copy:
    """The source and a build of it, spoiled in one way at a time."""

    def __init__(self, folder):
        self.source, self.build = folder / "source", folder / "build"
        self.source.mkdir()
        for part in PARTS:
            if (SOURCE / part).is_dir():
                shutil.copytree(SOURCE / part, self.source / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(SOURCE / part, self.source / part)
        self.run("meson", "setup", str(self.build), str(self.source), "-Dfaults=true", "-Doptimization=0")

    @staticmethod
    def run(*words):
        done = subprocess.run(words, capture_output=True, text=True)
        expect(done.returncode == 0, f"{' '.join(words)}: {done.stdout[-2000:]}{done.stderr[-500:]}")

    def make(self, changes):
        for name, text, other in changes:
            whole = (SOURCE / name).read_text()
            expect(whole.count(text) == 1, f"{name} has no longer one \"{text}\"")
            (self.source / name).write_text(whole.replace(text, other))
        self.run("ninja", "-C", str(self.build), "madod", "madoctl")
        for name, _, _ in changes:
            shutil.copyfile(SOURCE / name, self.source / name)

    def test(self, program, *words):
        done = subprocess.run([sys.executable, str(HERE / program), *words], capture_output=True, text=True,
                              env={**os.environ, "MADO_BUILD": str(self.build)})
        return done.returncode, done.stdout


copy = None


def must_fail(name):
    global copy  # pylint: disable=global-statement
    changes, test, words = SPOILED[name]
    copy = copy or Copy(Path(tempfile.mkdtemp(prefix="mado-spoiled-", dir="/tmp")))
    copy.make(changes)
    status, said = copy.test(*test)
    if "# SKIP" in said:
        raise Skipped(said.rsplit("# SKIP ", 1)[1].strip())
    if status == 0 or words not in said:
        raise Failed(f"{' '.join(test)} does not see that {name}: {said[-2000:]}")


def add_case(name):
    def fails():
        must_fail(name)
    fails.__name__ = f"{SPOILED[name][1][0]} fails when {name}"
    case(fails)


@case
def what_is_not_spoiled_passes():
    """Else the others would show nothing."""
    global copy  # pylint: disable=global-statement
    copy = Copy(Path(tempfile.mkdtemp(prefix="mado-spoiled-", dir="/tmp")))
    copy.make([])
    for test in {tuple(test) for _, test, _ in SPOILED.values()}:
        status, said = copy.test(*test)
        expect(status == 0, f"{' '.join(test)} fails: {said[-2000:]}")


for spoiled in SPOILED:
    add_case(spoiled)

if __name__ == "__main__":
    try:
        main()
    finally:
        if copy:
            shutil.rmtree(copy.source.parent, ignore_errors=True)
