#!/usr/bin/env python3
"""A relay that stalls, breaks off, floods, lies and injects, and one that is not the right one: each letter
ends in an honest state, none goes twice, no secret goes to whom it does not belong, and `status` or the
outbox says what is wrong."""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import words  # noqa: E402
from harness import LONG, Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from hostile import HANG_UP, SECRET, USER, Smtp  # noqa: E402
from twists import (CLOSED, EVIL, FORGED, LATE, MOST_FLOOD, MOST_GROWTH, at, drips, each_byte,  # noqa: E402
                    expect_clean, floods, garbage, half, instead, long_case, peaks, resets, stalls, swap)

NOT_TRIED, DEFERRED, FAILED, UNKNOWN, SENT = "queued", "deferred", "failed", "unknown", "sent"
ENDS = "The connection is ended"


def relay_at(port, desk, more):
    """With a login, in plain text unless `more` has it otherwise."""
    file = desk.folder / "password"
    file.touch(mode=0o600)
    file.write_text(SECRET + "\n")
    return words({"transport": "smtp", "host": "localhost", "port": port, "timeout": "1s", "tls": "none", "user": USER,
                  "password_file": file, **more})


def with_relay(server, work, **more):
    """work(desk) with a daemon that sends by this relay, and that is as well behind it as before."""
    with server, Desk(start=False) as desk:
        desk.configure(outgoing=relay_at(server.port, desk, more),
                       acknowledge="hourly = 10000; per_domain_hourly = 10000;")
        desk.start()
        before = wait_until(lambda: peaks(desk, "courier"), "a courier runs")
        work(desk)
        after = peaks(desk, "courier")
        expect_equal(set(after), set(before), "the courier, by pid")
        expect(sum(after.values()) - sum(before.values()) < MOST_GROWTH, f"kB of the courier: {before}, {after}")
        expect_equal(server.broken, [], "the server of the test")
        expect_clean(desk)
        desk.stop()


def letter_to(desk, number):
    """The letter that answers this mail."""
    rows = [row for row in desk.ctl_now("outbox", "--all") if row["to"] == f"r{number}@peer.example"]
    return rows[0] if rows else None


def expect_end(desk, number, name, state, says):
    """The letter comes to that state, and somebody is told why."""
    def told():
        letter = letter_to(desk, number)
        if not letter or letter["state"] != state:
            return False
        text = desk.ctl("status")[0]["courier"] if state == NOT_TRIED else letter["reply"]
        return says in text
    try:
        wait_until(told, f"{name}: {state}, and {says!r}")
    except Exception:
        print(f"# {letter_to(desk, number)} {desk.ctl('status')[0]['courier']!r}", flush=True)
        raise


def one_row(row):
    """A daemon for each: what takes time takes it side by side."""
    name, twist, state, says = row
    server = Smtp(twist)

    def work(desk):
        desk.drop(plain_mail(1, sender="r1@peer.example"))
        expect_end(desk, 1, name, state, says)
        expect(len(server.taken) <= 1, f"{name}: went {len(server.taken)} times")
    with_relay(server, work)


def in_turn(rows):
    """One daemon, whose relay does wrong in another way for each letter; and then right."""
    server = Smtp()

    def work(desk):
        for number, (name, twist, state, says) in enumerate(rows):
            desk.settled(number)
            server.twist, before = twist, len(server.taken)
            server.end_all()
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
            wait_until(lambda number=number: letter_to(desk, number), f"{name}: a letter")
            desk.ask("doctor")  # it may rest
            expect_end(desk, number, name, state, says)
            times = len(server.taken) - before
            expect(times == 1 if state in (SENT, UNKNOWN) else times <= 1, f"{name}: went {times} times")
            server.twist = None
            server.end_all()
            if state == DEFERRED:
                desk.ctl("outbox", "drop", str(letter_to(desk, number)["id"]), "--reason", "tested")
            if state == NOT_TRIED:
                expect_equal(letter_to(desk, number)["attempts"], 0, f"{name}: attempts")
                wait_until(lambda number=number: desk.ask("doctor") and letter_to(desk, number)["state"] == SENT,
                           f"{name}: sent when the relay is well")
    with_relay(server, work)
    expect(server.flooded < MOST_FLOOD * len(rows), f"took {server.flooded} bytes")
    recipients = [recipient for recipient, _ in server.taken]
    expect_equal(len(recipients), len(set(recipients)), "letters that went twice")


# -- what the relay says -----------------------------------------------------------------------------

HARMLESS = "\\x1B]0;owned\\x07"


@case
def a_relay_that_lies_or_breaks_off():
    in_turn([
        ("gone at the greeting", at("greeting", lambda turn: HANG_UP), NOT_TRIED, CLOSED),
        ("a reset at once", at("greeting", resets), NOT_TRIED, "trouble"),
        ("not SMTP", instead("greeting", b"* OK " + FORGED + b"\r\n"), NOT_TRIED, "no SMTP"),
        ("not now", instead("greeting", b"421 " + FORGED + b"\r\n"), NOT_TRIED, "421 a\\x0DALARM desk: forged\\x1B[31mred"),
        ("a NUL", instead("EHLO", b"250-a\0b\r\n250 c\r\n"), NOT_TRIED, "NUL"),
        ("a line without end", floods("greeting", b"220 ", b"x" * 65536), NOT_TRIED, ENDS),
        ("lines without end", floods("EHLO", b"", b"250-A\r\n" * 8192), NOT_TRIED, "trouble"),
        ("codes that differ", swap("EHLO", b"250 HELP", b"550 HELP"), NOT_TRIED, "no SMTP"),
        ("negative codes", instead("EHLO", b"-250 a\r\n"), NOT_TRIED, "no SMTP"),
        ("no login", instead("AUTH", b"535 5.7.8 " + EVIL + b"\r\n"), NOT_TRIED, HARMLESS),
        ("asks and asks", instead("AUTH", b"334 " + b"x" * 1000 + b"\r\n"), NOT_TRIED, "trouble"),
        ("a size that nothing has", swap("EHLO", b"-SIZE", b"-SIZE 1"), FAILED, "takes letters up to 1 bytes"),
        ("a size beyond all", swap("EHLO", b"-SIZE", b"-SIZE 99999999999999999999999"), SENT, "taken"),
        ("a negative size", swap("EHLO", b"-SIZE", b"-SIZE -5"), SENT, "taken"),
        ("gone at MAIL", at("MAIL", lambda turn: HANG_UP), DEFERRED, "lost at MAIL"),
        ("refused", instead("RCPT", b"550 5.1.1 " + EVIL + b"\r\n"), FAILED, HARMLESS),
        ("refused in lines", instead("RCPT", b"550-5.1.1 no\r\n550-5.1.1 " + FORGED + b"\r\n550 5.1.1 such\r\n"), FAILED,
         "no a\\x0DALARM desk: forged"),
        ("a long refusal", instead("RCPT", b"550 5.1.1 " + "窓".encode() * 5000 + b"\r\n"), FAILED, "窓"),
        ("an answer too many", instead("MAIL", b"250 ok\r\n250 ok\r\n354 go\r\n250 2.0.0 taken\r\n"), DEFERRED, "no SMTP"),
        ("done before it began", instead("DATA", b"354 go on\r\n250 2.0.0 taken\r\n"), DEFERRED, "no SMTP"),
        ("gone at DATA", at("DATA", lambda turn: HANG_UP), DEFERRED, "lost at DATA"),
        ("a reset behind the dot", at("DOT", resets), UNKNOWN, "no answer to the final dot"),
        ("gone behind the dot", at("DOT", lambda turn: HANG_UP), UNKNOWN, "no answer to the final dot"),
        ("half an answer to the dot", instead("DOT", b"250-2.0.0 tak"), UNKNOWN, "no answer to the final dot"),
        ("garbage behind the dot", instead("DOT", EVIL + b"\r\n"), UNKNOWN, "no SMTP"),
        ("lines without end behind the dot", floods("DOT", b"", b"250-A\r\n" * 8192), UNKNOWN, "no SMTP"),
        ("refused behind the dot", instead("DOT", b"554 5.7.1 " + EVIL + b"\r\n"), FAILED, HARMLESS),
        ("put off behind the dot", instead("DOT", b"451 4.3.0 " + EVIL + b"\r\n"), DEFERRED, HARMLESS),
        ("odd characters in a yes", instead("DOT", b"250 " + EVIL + b"\r\n"), SENT, HARMLESS),
        ("one segment for each byte", each_byte, SENT, "taken"),
    ])


STEPS = (("greeting", NOT_TRIED), ("EHLO", NOT_TRIED), ("AUTH", NOT_TRIED), ("MAIL", DEFERRED), ("RCPT", DEFERRED),
         ("DATA", DEFERRED), ("DOT", UNKNOWN))


@long_case
def a_relay_that_stalls_or_drips():
    rows = [(f"nothing at {verb}", stalls(verb), state, LATE) for verb, state in STEPS]
    rows += [(f"half at {verb}", half(verb), state, LATE) for verb, state in STEPS]
    rows += [(f"drips at {verb}", at(verb, lambda turn: drips(turn, b"2")), state, LATE) for verb, state in STEPS]
    with ThreadPoolExecutor(7) as pool:
        list(pool.map(one_row, rows))


# -- whom a secret belongs to ------------------------------------------------------------------------

def ways_to_a_wrong_relay(made):
    """(name, server, settings, what status says)"""
    for tls in ("tls", "starttls"):
        for number, (name, says) in enumerate((
                ("wrong_host", "for another host"), ("unknown_ca", "whom `ca_file` does not have"),
                ("expired", "has expired"), ("self_signed", "signed by nobody but itself"))):
            if LONG or number % 2 == (tls == "tls"):
                yield f"{name} by {tls}", Smtp(tls=tls, certificate=getattr(made, name)), {"tls": tls}, says
        yield (f"not pinned, by {tls}", Smtp(tls=tls, certificate=made.good),
               {"tls": tls, "fingerprint": made.self_signed.fingerprint}, "not the one that `fingerprint` names")
    for name, twist, says in (
            ("not offered", swap("EHLO", b"250-STARTTLS\r\n", b""), "STARTTLS"),
            ("refused", instead("STARTTLS", b"454 4.7.0 later\r\n"), "454"),
            ("injected", instead("STARTTLS", b"220 go on\r\n250 AUTH PLAIN\r\n235 in\r\n"), "between STARTTLS and TLS"),
            ("garbage for a handshake", at("STARTTLS", garbage), "speaks no TLS"),
            ("no handshake", at("STARTTLS", lambda turn: turn.stall(turn.usual)), LATE)):
        yield name, Smtp(twist, tls="starttls", certificate=made.good), {"tls": "starttls"}, says
    yield "plain where TLS belongs", Smtp(), {"tls": "tls"}, "trouble"


def wrong_relay(made, way):
    name, server, settings, says = way

    def work(desk):
        desk.drop(plain_mail(1, sender="r1@peer.example"))
        expect_end(desk, 1, name, NOT_TRIED, says)
        expect(server.connections, f"{name}: was never asked")
        expect(not server.saw_secret() and not server.taken, f"{name}: the relay saw a password, or a letter")
        expect(not {"AUTH", "MAIL", "DATA"} & set(server.verbs), f"{name}: {server.verbs}")
    with_relay(server, work, ca_file=made.ca, **settings)


@case
def nobody_but_the_right_relay_sees_a_secret_or_a_letter():
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(5) as pool:
        made = Certificates(folder)
        list(pool.map(lambda way: wrong_relay(made, way), ways_to_a_wrong_relay(made)))


@case
def the_right_relay_sees_both():
    """So that the case before means something."""
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(folder)
        for tls in ("tls", "starttls"):
            server = Smtp(tls=tls, certificate=made.good)

            def work(desk, server=server, tls=tls):
                desk.drop(plain_mail(1, sender="r1@peer.example"))
                expect_end(desk, 1, tls, SENT, "taken")
                expect(server.saw_secret() and len(server.taken) == 1, f"{tls}: no login, or no letter")
            with_relay(server, work, ca_file=made.ca, tls=tls)


if __name__ == "__main__":
    main()
