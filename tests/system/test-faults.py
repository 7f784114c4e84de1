#!/usr/bin/env python3
"""madod dies at every named fault point on the way of a mail; afterwards the mail is there once, with
one incident and one acknowledgement. A fault point that no mail passes is a failure."""

import contextlib
import os
import re
import smtplib
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BUILD, LONG, PROGRAMS, SOURCE, Desk, Skipped, case, expect, expect_equal, main,  # noqa: E402
                     plain_mail, wait_until)
from relay import Relay, check_letters  # noqa: E402

SENDERS = ("reporter", "second", "third")
STRIKES = b"fault %s struck"  # what lib/base/fault.c says
MAILS = [plain_mail(number, sender=f"{name}@peer.example") for number, name in enumerate(SENDERS, 1)]


def fault_points():
    """Every name in fault_pass("NAME") of the source."""
    found = {}
    for folder in ("lib", "daemon"):
        for file in (SOURCE / folder).rglob("*.c"):
            for name in re.findall(r'\bfault_pass\("(\w+)"\)', file.read_text()):
                found[name] = f"{folder}/{file.name}"
    return sorted(found)


class Folders:
    """Two mails by a Maildir, one by --deliver; letters into a Maildir, which can tell a copy."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def desk(self, fault):
        return Desk(fault=fault)

    def give(self, desk, fault=None):
        """An MTA that was told 75, or nothing, tries again with the same bytes."""
        if not desk.delivered:
            desk.drop(MAILS[0])
            desk.drop(MAILS[1])
        return desk.deliver(MAILS[2], fault) == 0

    def check(self, desk):
        desk.wait_for_acks(3)
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(sorted(ack["To"].addresses[0].username for ack in desk.acks()), sorted(SENDERS), "acknowledgements")


class Servers:
    """All mails by LMTP, from an MTA that brings again what it has no answer to; letters to a relay."""

    def __enter__(self):
        self.relay = Relay().__enter__()
        return self

    def __exit__(self, *_):
        self.relay.__exit__()

    def desk(self, fault):
        return Desk(fault=fault, sources='{ name = "mta"; type = "lmtp"; path = "run/lmtp.sock"; }',
                    outgoing=self.relay.settings)

    def give(self, desk, fault=None):
        with contextlib.suppress(OSError, smtplib.SMTPException):
            with smtplib.LMTP(str(desk.folder / "run/lmtp.sock"), local_hostname="mta.sakura.example") as client:
                for mail in MAILS:
                    client.sendmail("reporter@peer.example", ["csirt@sakura.example"], mail)
            return True
        return False

    def check(self, desk):
        sent, unknown = check_letters(desk, self.relay, 3)
        expect_equal((sent + unknown, len(self.relay.copies())), (3, 3), "acknowledgements")
        expect_equal(desk.stop(), 0, "exit status")


# The first strikes each child that reads a mail anew: three deaths, and the mail is set aside. The others
# want an IMAP server without MOVE, mail that is signed or sealed, and backups.
ELSEWHERE = {"reader_child": "test-roles.py", "imap_copied": "test-imap.py", "keys_work": "test-crypto.py",
             "keys_once": "test-directory.py",
             **dict.fromkeys(("store_copy", "archive_piece", "archive_whole", "restore_opened", "restore_checked",
                              "place_marked", "place_aside", "place_taken"), "test-keeping.py")}
ON_THE_WIRE = ("lmtp_", "smtp_")


def one_death(name, nth):
    fault = f"{name}:{nth}"
    with (Servers if name.startswith(ON_THE_WIRE) else Folders)() as ways, ways.desk(fault) as desk:
        if not desk.struck(fault):
            ways.give(desk, fault)
        wait_until(lambda: desk.struck(fault), f"fault {fault} is hit", bound=20)
        desk.restart()
        wait_until(lambda: ways.give(desk), "all is handed over at last")
        ledger = desk.settled(3)
        expect_equal((ledger["mails"], ledger["incident"], ledger["waiting"]), (3, 3, 0), "ledger")
        expect_equal(len(desk.incidents()), 3, "incidents")
        ways.check(desk)


def add_case(name, nth):
    def death():
        one_death(name, nth)
    death.__name__ = f"death_number_{nth}_at_{name}"
    case(death)


@case
def the_source_names_fault_points():
    expect(fault_points(), "fault points found")
    for point, test in ELSEWHERE.items():
        expect(re.search(rf'"{point}[:"]', (SOURCE / "tests/system" / test).read_text()), f"{test} strikes at {point}")


@case
def what_is_installed_has_none():
    if PROGRAMS == BUILD:
        raise Skipped("this build has no other programs")
    for program in ("madod", "madoctl", "mado-reader", "mado-keys"):
        expect(STRIKES not in (BUILD / program).read_bytes(), f"{program} has fault points")
    expect(STRIKES in (PROGRAMS / "madod").read_bytes(), "those of the tests do")


# Each point strikes at its first or second pass, and with test-faults-all.py at both.
for place, point in enumerate(sorted(fault_points())):
    for nth in (1, 2) if LONG else (1 + place % 2,):
        if point not in ELSEWHERE:
            add_case(point, nth)

if __name__ == "__main__":
    main()
