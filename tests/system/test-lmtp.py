#!/usr/bin/env python3
"""LMTP: a real Postfix hands mail over. What it was told 250 of is in the store; what it was not it brings
again, and equal bytes are one mail."""

import contextlib
import grp
import os
import re
import signal
import smtplib
import socket
import stat
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, Desk, Skipped, case, expect, expect_equal, free_port, main, plain_mail,  # noqa: E402
                     stored_bytes, wait_until)
from harness import SOURCE as SOURCE_TREE  # noqa: E402
from mailboxes import state  # noqa: E402
from postfix import Postfix, why_not  # noqa: E402

TEAM = "csirt@sakura.example"
REPORTER = "reporter@peer.example"
SOURCE = '{ name = "mta"; type = "lmtp"; path = "run/lmtp.sock"; }'
ALIASES = 'aliases = ["soc@sakura.example"];'


@contextlib.contextmanager
def desk_and_postfix(fault=None, postfix=None, start=True, **settings):
    """A madod that waits at a socket, and a Postfix that hands everything over there."""
    if why_not():
        raise Skipped(why_not())
    with Desk(start=False, sources=SOURCE, group="postfix", team=ALIASES, **settings) as desk:
        desk.folder.chmod(0o711)
        if start:
            desk.start(fault)
        with Postfix(transport=f"lmtp:unix:{desk.folder}/run/lmtp.sock", settings=postfix) as mta:
            yield desk, mta


def mails(store):
    """Each mail of the store, as it came."""
    return list(stored_bytes(store, "mail").values())


def body(number):
    """What of plain_mail() tells it from others."""
    return f"This is report number {number}.\r\n".encode()


def socket_of(desk):
    return str(desk.folder / "run/lmtp.sock")


class Client(smtplib.LMTP):
    """A client at madod's Unix socket, as this user."""

    def __init__(self, desk):
        super().__init__(socket_of(desk), local_hostname="mta.sakura.example")
        self.sock.settimeout(BOUND)
        self.lhlo = self.ehlo()


# -- a real MTA -----------------------------------------------------------------------------------


@case
def postfix_hands_over_by_a_socket_and_the_envelope_is_kept():
    with desk_and_postfix() as (desk, mta):
        mta.submit(plain_mail(1), REPORTER, [TEAM, "soc@sakura.example", "csirt+SAKURA-1@sakura.example"])
        expect_equal(desk.settled(1)["incident"], 1, "incidents")
        desk.wait_for_acks(1)
        mta.empty()
        expect_equal(mta.log_text().count("status=sent (250 2.0.0 taken for <"), 3, "recipients that Postfix is rid of")
        expect_equal(desk.stop(), 0, "exit status")
        with desk.store() as store:
            mail, = mails(store)
            lines = mail.split(b"\r\n")
            expect_equal(lines[0], b"Return-Path: <reporter@peer.example>", "first line")
            expect_equal(sorted(lines[1:4]), [b"Delivered-To: csirt+SAKURA-1@sakura.example",
                         b"Delivered-To: csirt@sakura.example", b"Delivered-To: soc@sakura.example"], "recipients")
            expect(lines[4].startswith(b"Received: "), "then what Postfix said")
            expect(mail.endswith(plain_mail(1).split(b"\r\n\r\n", 1)[1]), "then the body")


@case
def postfix_hands_over_at_a_port():
    if why_not():
        raise Skipped(why_not())
    port = free_port()
    source = f'{{ name = "mta"; type = "lmtp"; listen = "127.0.0.1:{port}"; }}'
    with Desk(sources=source) as desk, Postfix(transport=f"lmtp:inet:127.0.0.1:{port}") as mta:
        mta.submit(plain_mail(1))
        expect_equal(desk.settled(1)["incident"], 1, "incidents")
        mta.empty()


def examples_of_the_manual():
    """madod(8), By LMTP: the source, the line of the transport map, the line of master.cf."""
    section = (SOURCE_TREE / "man/madod.8").read_text().split(".SS By LMTP\n")[1].split(".SS ")[0].replace("\\-", "-")
    return re.findall(r"\.EX\n(.*?)\n\.EE", section, re.DOTALL)


@case
def postfix_hands_over_as_the_manual_says():
    if why_not():
        raise Skipped(why_not())
    source, line, service = examples_of_the_manual()
    with Desk(start=False, group="postfix") as desk:
        place = f"{desk.folder}/run/lmtp.sock"
        desk.folder.chmod(0o711)
        desk.configure(sources=re.search(r"\{.*\}", source)[0].replace("/run/mado/lmtp.sock", place), group="postfix")
        desk.start()
        address, way = line.replace("/run/mado/lmtp.sock", place).split()
        with Postfix(transport="discard:", settings={"transport_maps": f"inline:{{{{{address} = {way}}}}}"}) as mta:
            expect(service in (mta.folder / "conf/master.cf").read_text().splitlines(), f"the service runs as {service!r}")
            mta.submit(plain_mail(1), REPORTER, [TEAM, "other@sakura.example"])
            expect_equal(desk.settled(1)["incident"], 1, "incidents")
            mta.empty()
            expect_equal(mta.log_text().count("status=sent (250 2.0.0 taken for <"), 1, "recipients that mado took")


@case
def any_bytes_arrive_as_postfix_sent_them():
    text = "Zeilen mit .\r\n.\r\n..\r\n.x\r\n" + "x" * 3000 + "\r\n窓\r\n."
    with desk_and_postfix() as (desk, mta):
        mta.submit(plain_mail(1, text=text))
        desk.settled(1)  # Postfix may hand over the younger first
        mta.submit(plain_mail(2).replace(b"From: A. Reporter", "From: 田中".encode()), "田中@peer.example",
                   [TEAM], options=("SMTPUTF8", "BODY=8BITMIME"))
        desk.settled(2)
        mta.empty()
        desk.stop()
        with desk.store() as store:
            first, second = mails(store)
            # Postfix folds a line of more than 998 bytes by itself (smtp_line_length_limit).
            expect("Zeilen mit .\r\n.\r\n..\r\n.x\r\nxxx".encode() in first, "dots")
            expect(first.endswith("\r\n窓\r\n.\r\n".encode()), "the last lines")
            expect(second.startswith("Return-Path: <田中@peer.example>\r\n".encode()), "an international sender")


@case
def a_null_sender_is_kept_as_one():
    with desk_and_postfix() as (desk, mta):
        mta.submit(plain_mail(1), "")
        desk.settled(1)
        desk.stop()
        with desk.store() as store:
            expect(mails(store)[0].startswith(b"Return-Path: <>\r\n"), "null sender")
        expect_equal(desk.letters(), [], "answers")


@case
def mail_to_others_and_mail_that_is_too_large_goes_back():
    with desk_and_postfix(intake='max_message = "1MiB";') as (desk, mta):
        mta.submit(plain_mail(1), REPORTER, ["nobody@sakura.example"])
        mta.submit(plain_mail(2, text="x" * 70 + "\r\n" + "y" * 70 * 20000), REPORTER, [TEAM])
        wait_until(lambda: "550 5.1.1" in mta.log_text(), "a stranger's mail is refused")
        wait_until(lambda: "message size" in mta.log_text() or "552 5.3.4" in mta.log_text(), "a large one is refused")
        mta.empty()
        expect_equal(desk.ledger()["arrived"], 0, "arrivals")


@case
def an_address_that_a_reload_brings_is_taken_at_once_and_one_that_it_takes_away_is_not():
    with Desk(sources=SOURCE) as desk, Client(desk) as client:
        client.mail(REPORTER)
        expect_equal(client.rcpt("soc@sakura.example")[0], 550, "an address that is not ours yet")
        desk.configure(sources=SOURCE, team=ALIASES)
        desk.process.send_signal(signal.SIGHUP)
        wait_until(lambda: client.rcpt("soc@sakura.example")[0] == 250, "it is ours")
        expect_equal(client.data(plain_mail(1))[0], 250, "its mail")
        desk.configure(sources=SOURCE)
        desk.process.send_signal(signal.SIGHUP)
        client.mail(REPORTER)
        wait_until(lambda: client.rcpt("soc@sakura.example")[0] == 550, "it is ours no more")
        expect_equal(desk.settled(1)["incident"], 1, "incidents")


@case
def a_mail_of_20_MB_is_taken():
    large = plain_mail(1, text=("y" * 70 + "\r\n") * 290000)
    with desk_and_postfix() as (desk, mta):
        mta.submit(large)
        expect_equal(desk.settled(1)["mails"], 1, "mails")
        mta.empty()


# -- what breaks ----------------------------------------------------------------------------------


def expect_each_once(desk, mta, numbers):
    """Those mails are in the store, once each, and Postfix has none any more."""
    desk.settled(len(numbers))
    mta.empty()
    desk.stop()
    with desk.store() as store:
        found = mails(store)
        expect_equal(len(found), len(numbers), "mails in the store")
        for number in numbers:
            expect_equal(sum(body(number) in mail for mail in found), 1, f"how often mail {number} is there")


def break_at(fault):
    """The first mail passes, the second strikes; its successor in the restarted role passes again."""
    with desk_and_postfix(fault=f"{fault}:2") as (desk, mta):
        mta.submit(plain_mail(1))
        desk.settled(1)
        mta.empty()
        mta.submit(plain_mail(2))
        wait_until(lambda: desk.struck(fault), "the fault strikes")
        expect_each_once(desk, mta, [1, 2])


@case
def killed_before_the_answer_the_mail_comes_again_and_is_one():
    break_at("lmtp_handed")


@case
def killed_behind_the_commit_the_mail_comes_again_and_is_one():
    break_at("lmtp_taken")


@case
def everything_killed_between_commit_and_250_the_mail_comes_again_and_is_one():
    with desk_and_postfix(fault="lmtp_taken:2:hang") as (desk, mta):
        mta.submit(plain_mail(1))
        desk.settled(1)
        mta.empty()
        mta.submit(plain_mail(2))
        wait_until(lambda: desk.struck("lmtp_taken"), "the fault strikes")
        expect_equal(desk.settled(2)["arrived"], 2, "arrivals: it is committed")
        expect_equal(mta.waiting(), 1, "mails that Postfix has: it has no answer")
        desk.kill_all()
        desk.start()
        wait_until(lambda: desk.ledger()["arrived"] == 3, "it comes again")
        expect_each_once(desk, mta, [1, 2])


@case
def the_desk_killed_before_the_commit_leaves_the_mail_with_postfix():
    with desk_and_postfix() as (desk, mta):
        desk.stop()
        desk.start("store_commit:4")
        mta.submit(plain_mail(1))
        wait_until(lambda: desk.struck("store_commit"), "the fault strikes")
        wait_until(lambda: not desk.running() or desk.log_text().count("ready") > 1, "it starts anew, or has ended")
        desk.restart()
        expect_each_once(desk, mta, [1])


@case
def without_a_daemon_postfix_keeps_the_mail():
    with desk_and_postfix(start=False) as (desk, mta):
        mta.submit(plain_mail(1))
        wait_until(lambda: "status=deferred" in mta.log_text(), "it is put off")
        desk.start()
        expect_each_once(desk, mta, [1])


@case
def many_mails_while_roles_are_killed_are_there_once_each():
    numbers = range(150)
    with desk_and_postfix() as (desk, mta):
        for number in numbers:
            mta.submit(plain_mail(number))
            if number % 30 == 10:
                old = desk.kill_role("intake")
                wait_until(lambda: desk.role_is_new("intake", old), "the role is there again")
            if number == 75:
                desk.restart()
        expect_each_once(desk, mta, numbers)


# -- the socket, and who comes --------------------------------------------------------------------


@case
def the_socket_is_the_groups_and_a_stale_one_is_no_hindrance():
    with Desk(sources=SOURCE) as desk:
        for _ in range(2):
            facts = os.stat(socket_of(desk))
            expect(stat.S_ISSOCK(facts.st_mode), "it is a socket")
            expect_equal(stat.S_IMODE(facts.st_mode), 0o660, "its mode")
            expect_equal(facts.st_gid, os.getegid(), "its group " + grp.getgrgid(facts.st_gid).gr_name)
            Client(desk).quit()
            desk.restart()  # by kill -9


@case
def a_place_where_nobody_can_wait_is_said_and_stops_no_other_source():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        place = f"127.0.0.1:{other.getsockname()[1]}"
        taken = f'{{ name = "mta"; type = "lmtp"; listen = "{place}"; }}'
        with Desk(sources='{ name = "inbox"; type = "maildir"; path = "Maildir"; }, ' + taken) as desk:
            desk.drop(plain_mail(1))
            desk.settled(1)
            wait_until(lambda: f"LMTP cannot wait at {place}" in state(desk, "mta"), "it is said")
            other.close()
            wait_until(lambda: state(desk, "mta") == f"LMTP, waits at {place}", "it waits there then")


@case
def status_says_where_it_waits():
    with Desk(sources=SOURCE) as desk:
        row, = desk.ctl("status")[0]["sources"]
        expect("LMTP" in row["state"] and "lmtp.sock" in row["state"], row["state"])


@case
def the_extensions_are_said():
    with Desk(sources=SOURCE, intake='max_message = "2MiB";') as desk:
        client = Client(desk)
        code, text = client.lhlo
        words = set(text.decode().split("\n")[1:])
        expect_equal((code, words), (250, {"PIPELINING", "SIZE 2097152", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"}),
                     "LHLO")
        client.quit()


@case
def who_says_nothing_holds_up_nobody():
    with Desk(sources=SOURCE) as desk:
        slow = []
        for _ in range(40):
            one = socket.socket(socket.AF_UNIX)
            one.connect(socket_of(desk))
            one.sendall(b"LHLO slow\r\nMAIL FROM:<a@b>\r\nRCPT TO:<csirt@sakura.example>\r\nDATA\r\nhalf a ma")
            slow.append(one)
        client = Client(desk)
        expect_equal(client.sendmail(REPORTER, [TEAM], plain_mail(1)), {}, "refused")
        expect_equal(desk.settled(1)["arrived"], 1, "arrivals")
        for one in slow:
            one.close()


def hand_over(desk, numbers, failed):
    try:
        client = Client(desk)
        for number in numbers:
            client.sendmail(REPORTER, [TEAM], plain_mail(number))
        client.quit()
    except (OSError, smtplib.SMTPException) as error:
        failed.append(error)


@case
def many_clients_at_once_are_all_served():
    with Desk(sources=SOURCE) as desk:
        failed = []
        clients = [threading.Thread(target=hand_over, args=(desk, range(first, 320, 32), failed)) for first in range(32)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        expect_equal(failed, [], "clients that failed")
        expect_equal(desk.settled(320)["arrived"], 320, "arrivals")


@case
def nothing_is_smuggled_behind_a_lone_line_feed():
    with Desk(sources=SOURCE) as desk:
        client = Client(desk)
        client.mail(REPORTER)
        client.rcpt(TEAM)
        expect_equal(client.docmd("DATA")[0], 354, "DATA")
        smuggled = b"MAIL FROM:<evil@peer.example>\r\nRCPT TO:<csirt@sakura.example>\r\nDATA\r\nX: y\r\n"
        client.send(plain_mail(1) + b"\n.\n" + smuggled + b"\n.\r\n" + smuggled + b"\r.\r" + smuggled + b"\r\n.\r\n")
        expect_equal(client.getreply()[0], 250, "the one answer")
        expect_equal(client.noop()[0], 250, "and nothing before the next")
        expect_equal(desk.settled(1)["arrived"], 1, "arrivals")
        client.quit()


@case
def nonsense_ends_the_session_and_nothing_else():
    with Desk(sources=SOURCE) as desk:
        old = desk.role_pids("intake")
        for nonsense in (b"\r\n" * 100, b"\0" * 100000 + b"\n", b"x" * 1000000, b"GET / HTTP/1.0\r\n\r\n", b"LHLO \xff\r\n"):
            with socket.socket(socket.AF_UNIX) as one, contextlib.suppress(BrokenPipeError, ConnectionResetError):
                one.connect(socket_of(desk))
                one.sendall(nonsense)
                one.shutdown(socket.SHUT_WR)
                one.settimeout(BOUND)
                while one.recv(65536):
                    pass
        Client(desk).sendmail(REPORTER, [TEAM], plain_mail(1))
        expect_equal(desk.settled(1)["arrived"], 1, "arrivals")
        expect_equal(desk.role_pids("intake"), old, "the role")


if __name__ == "__main__":
    main()
