#!/usr/bin/env python3
"""A mailbox of ten thousand mails is caught up with, whatever breaks meanwhile."""

import hashlib
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot, source_at  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

MAILS = 10_000
LONG = 1800


def mail(number):
    return plain_mail(number, sender=f"r{number}@site{number}.example")


def taken(desk):
    return max((row["mails"] for row in desk.ctl_now("ledger")), default=0)


def wait_for(desk, number):
    wait_until(lambda: taken(desk) >= number, f"{number} mails are in the store", LONG)


def disturbances(desk, dovecot):
    """Each at its time: how many mails are in the store by then, and what breaks."""
    return ((1500, lambda: desk.kill_role("intake")), (3000, dovecot.restart), (4500, desk.restart),
            (6000, lambda: desk.kill_role("dialler")), (7500, lambda: desk.kill_role("desk")))


@case
def ten_thousand_mails_are_caught_up_with_whatever_breaks():
    with Desk(start=False) as desk:
        made = Certificates(desk.folder)
        with Dovecot(desk.folder, made.good) as dovecot:
            desk.configure(acknowledge='mode = "off";', intake='rescan = "5s";', sources=source_at(
                dovecot.ports["imaps"], desk.folder, ca_file=made.ca, after="keyword", timeout="1m"))
            for number in range(MAILS):
                dovecot.drop(mail(number))
            desk.start()
            for number, happens in disturbances(desk, dovecot):
                wait_for(desk, number)
                happens()
            wait_for(desk, MAILS)
            wait_until(lambda: all("$MadoTaken" in flags for _, flags in dovecot.mails()), "all are marked", LONG)
            steps = [int(step) for step in re.findall(r"catch-up done=(\d+) of=\d+", desk.log_text())]
            expect(len(steps) >= 5, f"the log says how far it is: {steps}")
            expect_equal(len(dovecot.mails()), MAILS, "mails on the server")
            expect(not any("\\Seen" in flags for _, flags in dovecot.mails()), "none is seen")
            desk.kill_all()
            with desk.store() as store:
                found = [row[0] for row in store.execute("SELECT sha256 FROM mail")]
            expect_equal(len(found), MAILS, "mails in the store")
            expect_equal(set(found), {hashlib.sha256(mail(number)).hexdigest() for number in range(MAILS)}, "which")


if __name__ == "__main__":
    main()
