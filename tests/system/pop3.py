"""A desk that reads a mailbox of a real Dovecot by POP3, and what the tests of it ask."""

import contextlib

from dovecot import Dovecot, source_at
from harness import Desk, case, expect, expect_equal, wait_until
from mailboxes import expect_mails, mail
from wire import Wire

QUICK = 'rescan = "1s";'
LARGE = 48 << 20


def pop3_at(port, desk, **source):
    return source_at(port, desk.folder, **{"type": "pop3", "tls": "none", **source})


@contextlib.contextmanager
def house(intake=QUICK, wire=None, start=True, fault=None, more="", **source):
    """A desk that reads the mailbox of csirt in a Dovecot, without TLS; `wire`: the plan of a Wire between."""
    with Desk(start=False) as desk, Dovecot(desk.folder, more=more) as dovecot, contextlib.ExitStack() as between:
        port = dovecot.ports["pop3"]
        if wire:
            port = between.enter_context(Wire(port, wire)).port
        desk.configure(intake=intake, acknowledge='mode = "off";', sources=pop3_at(port, desk, **source))
        if start:
            desk.start(fault)
        yield desk, dovecot


def left(dovecot):
    """How many mails the mailbox has, as another client sees it."""
    return len(dovecot.mails())


def wait_until_empty(dovecot):
    wait_until(lambda: left(dovecot) == 0, "the mailbox is empty")


def killed_at(fault, arrived):
    def still_once():
        with house(after="delete", start=False) as (desk, dovecot):
            for number in range(5):
                dovecot.drop(mail(number))
            desk.spawn(fault)
            wait_until(lambda: desk.struck(fault), "the fault strikes")
            desk.kill_all()
            expect_equal(left(dovecot), 5, "mails on the server: QUIT was not said")
            desk.start()
            wait_until_empty(dovecot)
            expect_mails(desk, 5)
            expect(desk.ledger()["arrived"] in arrived, f"arrivals: {desk.ledger()['arrived']}")
    still_once.__name__ = f"killed_at_{fault.split(':')[0]}_all_are_there_once_and_deleted"
    return case(still_once)
