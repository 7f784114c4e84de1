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
PARTS = ("ctl", "daemon", "etc", "include", "lib", "man", "po", "scripts", "systemd", "tests", "meson.build",
         "meson_options.txt")
# So often at most; a promise that is broken is seen long before.
ENOUGH = {"MADO_CUTS": "40", "MADO_KILLS": "200", "MADO_LONG": "1"}
POWER_CUT, KILLS, DEATHS = ("test-power-cut.py",), ("test-kills.py",), ("test-faults.py", "lmtp_taken")
# name: what is changed, as (file, text, other text); which tests have to fail, and what they say
SPOILED = {
    "the source is told before the commit": (
        [("daemon/desk/role-desk.c",
          "    if (!store_commit(desk->store, &error))\n"
          "        desk_give_up(error);\n"
          "    peers_foreach(desk, peer_flush);\n    forget",
          "    peers_foreach(desk, peer_flush);\n"
          "    if (!store_commit(desk->store, &error))\n"
          "        desk_give_up(error);\n    forget")],
        {POWER_CUT: "of which a server was told"}),
    "commits are not synced": (
        [("lib/store/store.c", "PRAGMA synchronous = FULL", "PRAGMA synchronous = OFF")],
        {POWER_CUT: "not ok 1"}),  # mails are lost, or the whole store is
    "the same bytes may be there twice": (
        [("lib/store/schema.sql", "sha256 TEXT NOT NULL UNIQUE,", "sha256 TEXT NOT NULL,"),
         ("lib/store/mail.c", "SELECT id FROM mail WHERE sha256 = ?1", "SELECT 0 WHERE ?1 IS NULL")],
        {KILLS: "mails that are there twice", DEATHS: "ledger: found (4"}),
    "a letter is not synced": (
        [("lib/send/maildir.c", "write_letter(fd, letter, error) && fsync(fd) == 0;", "write_letter(fd, letter, error);")],
        {POWER_CUT: "is called sent, and is lost"}),
    "the name of a letter is not synced": (
        [("lib/send/maildir.c", "maildir->inbox, name) && fsync(maildir->inbox) == 0)\n        return TRUE",
          "maildir->inbox, name))\n        return TRUE")],
        {POWER_CUT: "is called sent, and is lost"}),
    "a letter is given out before that is noted": (
        [("daemon/desk/outbox.c", "    if (!store_letter_sending(desk->store, due->id, error) ||\n        (fd",
          "    if ((fd")],
        {KILLS: "not ok 1"}),  # the store sees it, or the letter comes twice
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
                              env={**ENOUGH, **os.environ, "MADO_BUILD": str(self.build)})
        return done.returncode, done.stdout


copy = None


def make(changes):
    global copy  # pylint: disable=global-statement
    copy = copy or Copy(Path(tempfile.mkdtemp(prefix="mado-spoiled-", dir="/tmp")))
    copy.make(changes)


def must_fail(test, words):
    status, said = copy.test(*test)
    if "# SKIP" in said:
        raise Skipped(said.rsplit("# SKIP ", 1)[1].strip())
    if status == 0 or words not in said:
        raise Failed(f"{' '.join(test)} does not see it: {said[-2000:]}")


def add_case(test, name):
    def fails():
        make(SPOILED[name][0])
        must_fail(test, SPOILED[name][1][test])
    fails.__name__ = f"{test[0]} fails when {name}"
    case(fails)


@case
def what_is_not_spoiled_passes():
    """Else the others would show nothing. The longer tests run by themselves."""
    make([])
    status, said = copy.test(*DEATHS)
    expect(status == 0, f"{' '.join(DEATHS)} fails: {said[-2000:]}")


for spoiled, (_, tests) in SPOILED.items():
    for one in tests:
        add_case(one, spoiled)

if __name__ == "__main__":
    try:
        main()
    finally:
        if copy:
            shutil.rmtree(copy.source.parent, ignore_errors=True)
