#!/usr/bin/env python3
"""Mail out of a real Dovecot by POP3: each of it once, deleted only when the store has it, whatever breaks on
the way; and what is said of a server that cannot be used."""

import base64
import contextlib
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, wait_until  # noqa: E402
from mailboxes import expect_mails, large_mail, mail, sources, state, wait_for_state  # noqa: E402
from pop3 import LARGE, QUICK, house, killed_at, left, pop3_at, wait_until_empty  # noqa: E402
from wire import Scripted  # noqa: E402


# -- ways in ------------------------------------------------------------------------------------------

WAYS = (("tls", "plain", "pop3s"), ("tls", "login", "pop3s"), ("starttls", "plain", "pop3"),
        ("starttls", "login", "pop3"), ("none", "plain", "pop3"))


@case
def mail_comes_by_tls_starttls_and_without_on_this_host():
    users = [f"user{number}" for number in range(len(WAYS))]
    with Desk(start=False) as desk:
        made = Certificates(desk.folder)
        with Dovecot(desk.folder, made.good, users=[(user, "secret") for user in users]) as dovecot:
            desk.configure(sources=", ".join(
                pop3_at(dovecot.ports[port], desk, name=user, user=user, tls=tls, auth=auth, ca_file=made.ca)
                for user, (tls, auth, port) in zip(users, WAYS)))
            for number, user in enumerate(users):
                dovecot.drop(mail(number), user)
            desk.start()
            expect_mails(desk, len(WAYS))
            for user in users:
                wait_for_state(desk, "POP3, looks every", user)
            for user, (tls, _, _) in zip(users, WAYS):
                login, = (line for line in dovecot.log_text().splitlines() if "Login: " in line and f"user=<{user}>" in line)
                expect((", TLS, " in login) == (tls != "none"), login)
                expect_equal(len(dovecot.mails(user)), 1, "mails that are left as they are")


BAD = {"wrong_host": "for another host", "unknown_ca": "whom `ca_file` does not have",
       "expired": "has expired", "self_signed": "signed by nobody but itself"}


@case
def a_server_with_a_bad_certificate_hears_no_name():
    with Desk(start=False) as desk, contextlib.ExitStack() as servers:
        made = Certificates(desk.folder)
        rows, wanted, dovecots = [], [], []
        for name, why in BAD.items():
            (desk.folder / name).mkdir()
            dovecot = servers.enter_context(Dovecot(desk.folder / name, getattr(made, name)))
            dovecots.append(dovecot)
            for tls, port in (("tls", "pop3s"), ("starttls", "pop3")):
                wanted.append(why)
                rows.append(pop3_at(dovecot.ports[port], desk, name=f"{name}-{tls}", tls=tls, ca_file=made.ca))
        desk.configure(sources=", ".join(rows))
        desk.start()
        wait_until(lambda: [why in row["state"] for why, row in zip(wanted, sources(desk).values())] == [True] * len(wanted),
                   f"{BAD} are said")
        for dovecot in dovecots:
            expect("csirt" not in dovecot.log_text(), "nobody tried to log in: " + dovecot.log_text())
            expect("alert" in dovecot.log_text(), "it was called: " + dovecot.log_text())


def speak_oauth(connection):
    """A server that wants a token and has one mail."""
    connection.say(b"+OK ready\r\n")
    deleted = False
    while line := connection.line():
        if line == b"CAPA":
            connection.say(b"+OK\r\nSASL XOAUTH2\r\nUIDL\r\n.\r\n")
        elif line.startswith(b"AUTH XOAUTH2 "):
            right = base64.b64decode(line.split()[2]) == b"user=csirt\1auth=Bearer t0ken\1\1"
            connection.say(b"+OK\r\n" if right else b"-ERR\r\n")
        elif line in (b"LIST", b"UIDL"):
            connection.say(b"+OK\r\n1 %s\r\n.\r\n" % (b"100" if line == b"LIST" else b"one"))
        elif line == b"RETR 1":
            connection.say(b"+OK\r\n" + mail(1) + b".\r\n")
        else:
            deleted |= line == b"DELE 1"
            connection.say(b"+OK\r\n")


@case
def a_token_lets_in():
    with Desk(start=False) as desk, Scripted(speak_oauth) as server:
        program = desk.folder / "token"
        program.write_text("#!/bin/sh\necho t0ken\n")
        program.chmod(0o755)
        (desk.folder / "password").touch(0o600)
        desk.configure(sources=f'{{ name = "inbox"; type = "pop3"; host = "localhost"; port = {server.port}; tls = "none"; '
                               f'user = "csirt"; auth = "xoauth2"; token_command = [ "{program}" ]; }}')
        desk.start()
        expect_mails(desk, 1)


# -- deleting, or not ---------------------------------------------------------------------------------

@case
def what_was_taken_is_deleted():
    with house(after="delete") as (desk, dovecot):
        for number in range(100):
            dovecot.drop(mail(number))
        expect_mails(desk, 100)
        wait_until_empty(dovecot)
        expect_equal(desk.ledger()["arrived"], 100, "arrivals")


@case
def what_is_left_is_taken_once_also_by_another_daemon():
    with house(after="leave") as (desk, dovecot):
        for number in range(20):
            dovecot.drop(mail(number))
        expect_mails(desk, 20)
        wait_for_state(desk, "POP3, looks every 1 s")
        desk.restart()
        dovecot.drop(mail(20))
        expect_mails(desk, 21)
        expect_equal(desk.ledger()["arrived"], 21, "arrivals")
        expect_equal(left(dovecot), 21, "mails that are left")


# Those that the store has are fetched again before they are deleted, and are the same mails.
killed_at("intake_taken:3", range(5, 11))


# -- trouble ------------------------------------------------------------------------------------------

@case
def a_server_that_starts_again_is_connected_again():
    with house() as (desk, dovecot):
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        dovecot.stop()
        wait_for_state(desk, "trouble")
        dovecot.drop(mail(2))
        dovecot.start()
        expect_mails(desk, 2)
        wait_for_state(desk, "POP3, looks every 1 s")


def peak(desk):
    """The most memory that the intake has had, in kB."""
    pid = wait_until(lambda: desk.role_pids("intake"), "an intake runs")[0]
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


@case
def a_large_mail_takes_no_memory():
    with house(intake=QUICK + ' max_message = "50MiB";', after="delete") as (desk, dovecot):
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        before = peak(desk)
        large = large_mail(LARGE, begin=b".")  # which the protocol doubles
        dovecot.drop(large)
        wait_until(lambda: desk.ledger()["mails"] == 2, "the large mail is taken")
        expect(peak(desk) - before < LARGE // 1024 // 8, f"memory grew from {before} kB to {peak(desk)} kB")
        wait_until_empty(dovecot)
        desk.stop()
        with desk.store() as store:
            expect_equal(store.execute("SELECT max(size) FROM mail").fetchone()[0], len(large), "bytes of the large mail")


@case
def a_mail_that_is_too_large_stays_and_is_said():
    with house(intake=QUICK + ' max_message = "64KiB";', after="delete") as (desk, dovecot):
        dovecot.drop(large_mail(100000))
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        wait_until(lambda: "intake.max_message allows 65536" in desk.left_behind(), "it is said")
        wait_until(lambda: left(dovecot) == 1, "the other is deleted, it stays")


def speak_without_uidl(connection):
    connection.say(b"+OK ready\r\n")
    while line := connection.line():
        connection.say(b"+OK\r\n1 100\r\n.\r\n" if line == b"LIST" else b"-ERR what?\r\n" if line in (b"UIDL", b"CAPA")
                       else b"+OK\r\n")


@case
def a_server_without_uidl_is_said_and_untouched():
    with Desk(start=False) as desk, Scripted(speak_without_uidl) as server:
        desk.configure(intake=QUICK, sources=pop3_at(server.port, desk, after="delete"))
        desk.start()
        wait_for_state(desk, "the server has no UIDL")
        expect("read this mailbox by IMAP" in state(desk), "the state says what to do: " + state(desk))
        expect(not any(b"RETR" in heard or b"DELE" in heard for heard in server.heard), "nothing was fetched or deleted")


@case
def the_doctor_proves_it():
    with house() as (desk, dovecot):
        wait_for_state(desk, "POP3, looks every 1 s")
        expect("inbox" in desk.ask("doctor").stdout, "the doctor names the source: " + desk.ask("doctor").stdout)
        expect_equal(desk.ask("doctor").returncode, 0, "exit status: " + desk.ask("doctor").stdout)


if __name__ == "__main__":
    main()
