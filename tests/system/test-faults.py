#!/usr/bin/env python3
"""madod dies at every named fault point on the way of a mail; afterwards the mail is there once, with
one incident and one acknowledgement. A fault point that no mail passes is a failure."""

import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import (SOURCE, Desk, case, expect_equal, main, plain_mail, wait_until)  # noqa: E402


def fault_points():
    """Every name in fault_pass("NAME") of the source."""
    found = {}
    for folder in ("lib", "daemon"):
        for file in (SOURCE / folder).rglob("*.c"):
            for name in re.findall(r'\bfault_pass\("(\w+)"\)', file.read_text()):
                found[name] = f"{folder}/{file.name}"
    return sorted(found)


def strike(desk, fault):
    """Gives the daemon mail until the fault strikes."""
    desk.drop(plain_mail(1))
    desk.drop(plain_mail(2, sender="second@peer.example"))
    desk.deliver(plain_mail(3, sender="third@peer.example"), fault)
    wait_until(lambda: desk.struck(fault), f"fault {fault} is hit", bound=20)


# This one strikes each child that reads a mail anew: three deaths, and the mail is set aside; see
# test-roles.py.
IN_EACH_CHILD = {"reader_child"}
# On the way to a relay, which no letter of this test takes; see test-smtp.py.
TO_THE_RELAY = "smtp_"


def one_death(name, nth):
    fault = f"{name}:{nth}"
    with Desk(fault=fault) as desk:
        if not desk.struck(fault):
            strike(desk, fault)
        desk.restart()
        if not desk.delivered:  # it struck at the start already
            desk.drop(plain_mail(1))
            desk.drop(plain_mail(2, sender="second@peer.example"))
        # An MTA that was told 75, or nothing, tries again with the same bytes.
        expect_equal(desk.deliver(plain_mail(3, sender="third@peer.example")), 0, "delivered at last")
        ledger = desk.settled(3)
        expect_equal((ledger["mails"], ledger["incident"], ledger["waiting"]), (3, 3, 0), "ledger")
        expect_equal(len(desk.incidents()), 3, "incidents")
        desk.wait_for_acks(3)
        expect_equal(desk.stop(), 0, "exit status")
        expect_equal(sorted(ack["To"].addresses[0].username for ack in desk.acks()),
                     ["reporter", "second", "third"], "acknowledgements")


def add_case(name, nth):
    def death():
        one_death(name, nth)
    death.__name__ = f"death_number_{nth}_at_{name}"
    case(death)


@case
def the_source_names_fault_points():
    expect_equal(bool(fault_points()), True, "fault points found")


for point in fault_points():
    for nth in (1, 2):
        if point not in IN_EACH_CHILD and not point.startswith(TO_THE_RELAY):
            add_case(point, nth)

if __name__ == "__main__":
    main()
