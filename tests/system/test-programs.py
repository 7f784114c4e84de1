#!/usr/bin/env python3
"""Which program each role is, what is linked into it, and where it is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, Desk, Skipped, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

NAMES = ("madod", "mado-reader", "mado-keys")
SERVERS = ("gnutls", "etpan", "sasl", "db-5", "systemd")
DATABASE = ("sqlite3",)
SETTINGS = ("config",)
JSON = ("jansson",)  # of reports, which the reader reads
MIME = ("gmime", "gio", "gobject", "xml2", "icu")
# Neither a mistake in what is not there nor its tables can be of use to whoever breaks a role; and each
# library is five mappings more that every fork copies.
MUST_NOT_HAVE = {
    "reader": SERVERS + DATABASE + SETTINGS,
    "keys": SERVERS + DATABASE + SETTINGS + JSON + MIME,
    "desk": ("xml2", "icu"),
}
OF_ITS_OWN = {"reader": "mado-reader", "keys": "mado-keys"}


def libraries(pid):
    names = {Path(line.split()[-1]).name for line in Path(f"/proc/{pid}/maps").read_text().splitlines()}
    return {name for name in names if name.startswith("lib") and ".so" in name}


def run(*words):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=BOUND,
                          stdin=subprocess.DEVNULL)


class Copied(Desk):
    """A daemon whose programs stand in a folder of its own."""

    def __init__(self, names=NAMES):
        super().__init__(start=False)
        (self.folder / "programs").mkdir()
        for name in names:
            shutil.copy(PROGRAMS / name, self.folder / "programs" / name)

    def command(self, *options):
        return [str(self.folder / "programs/madod"), *super().command(*options)[1:]]


@case
def a_role_that_looks_at_strangers_bytes_is_linked_with_what_it_needs_alone():
    with Desk() as desk:
        for role, stems in MUST_NOT_HAVE.items():
            pid = wait_until(lambda role=role: desk.role_pids(role), f"a {role} runs")[0]
            expect_equal(Path(f"/proc/{pid}/exe").resolve().name, OF_ITS_OWN.get(role, "madod"), f"program of the {role}")
            found = libraries(pid)
            expect(any(name.startswith("libglib-2.0.") for name in found), f"libraries of the {role}: {found}")
            wrong = {name for name in found for stem in stems if name.startswith(f"lib{stem}")}
            expect(not wrong, f"the {role} has {wrong}")


@case
def a_role_is_run_by_its_own_program_alone():
    for words in (("madod", "--role=reader"), ("madod", "--role=keys"), ("mado-reader", "--role=keys"),
                  ("mado-keys", "--role=desk"), ("mado-reader",), ("mado-keys", "--deliver")):
        done = run(PROGRAMS / words[0], *words[1:])
        expect_equal(done.returncode, os.EX_USAGE, f"exit status of {words}: {done.stderr}")


@case
def a_program_that_is_missing_is_said_and_nothing_is_started():
    with Copied(["madod", "mado-reader"]) as desk:
        desk.spawn()
        status = desk.process.wait(BOUND)
        if "mado-keys cannot be opened" not in desk.log_text():
            raise Skipped("mado is installed here, too")
        expect_equal(status, os.EX_UNAVAILABLE, f"exit status: {desk.log_text()}")
        expect(not (desk.folder / "state").exists(), "no store was made")


@case
def an_upgrade_waits_until_all_of_the_daemon_starts_anew():
    with Copied() as desk:
        desk.start()
        for name in NAMES:
            shutil.copy("/bin/false", desk.folder / "programs/new")
            (desk.folder / "programs/new").rename(desk.folder / "programs" / name)
        for role in ("reader", "keys", "courier"):
            old = desk.kill_role(role)
            wait_until(lambda role=role, old=old: desk.role_is_new(role, old), f"a new {role} runs")
        desk.drop(plain_mail(1))
        expect_equal(desk.settled(1)["incident"], 1, "incidents")


if __name__ == "__main__":
    main()
