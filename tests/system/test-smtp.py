#!/usr/bin/env python3
"""Letters through a real relay: what arrives there is what was stored, whatever breaks on the way it
arrives at most once, and the outbox says what became of it."""

import os
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot  # noqa: E402
from harness import (CASES, SHORT, Desk, case, expect, expect_equal, main, pace, plain_mail, relay_at,  # noqa: E402
                     stored_bytes, wait_until)
from postfix import Postfix  # noqa: E402
from relay import Relay  # noqa: E402
from wire import Scripted  # noqa: E402


def outbox(desk):
    """id -> row; nothing while the desk is being started again."""
    return {row["id"]: row for row in desk.ctl_now("outbox", "--all")}


def letters_in(desk, *states):
    return [row for row in outbox(desk).values() if row["state"] in states]


def wait_for(desk, state, number=1):
    return wait_until(lambda: len(letters_in(desk, state)) >= number and letters_in(desk, state),
                      f"{number} letters {state}")


def change(desk, *words):
    """madoctl outbox WORDS, which has to be done: the row that it printed."""
    return desk.ctl("outbox", *map(str, words))[0]


def expect_delivered(desk, relay, number):
    """So many letters at the relay, each once, each with the bytes of the outbox."""
    kept = relay.wait_for_kept(number)
    desk.stop()
    expect_equal(len(relay.kept()), number, "letters at the relay")
    with desk.store() as store:
        expect_equal(sorted(letter.mail for letter in kept), sorted(stored_bytes(store, "letter").values()),
                     "bytes at the relay")
    expect_equal({letter.sender for letter in kept}, {""}, "envelope senders")


def send_three(relay, settings):
    with Desk(outgoing=settings) as desk:
        for number in range(3):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        wait_for(desk, "sent", 3)
        expect("250 2.0.0 Ok: queued as" in letters_in(desk, "sent")[0]["reply"], "the relay's answer is kept")
        expect_delivered(desk, relay, 3)


# -- ways to the relay --

@case
def letters_go_without_tls_on_this_host():
    with Postfix() as relay:
        send_three(relay, relay_at(relay.port))


@case
def letters_go_over_tls_from_the_first_byte():
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(Path(folder))
        with Postfix(certificate=made.good) as relay:
            send_three(relay, relay_at(relay.tls_port, "tls", f'ca_file = "{made.ca}";'))


@case
def letters_go_over_starttls():
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(Path(folder))
        with Postfix(certificate=made.good) as relay:
            send_three(relay, relay_at(relay.port, "starttls", f'ca_file = "{made.ca}";'))


@case
def a_relay_that_is_pinned_needs_no_authority():
    with tempfile.TemporaryDirectory() as folder:
        made = Certificates(Path(folder))
        with Postfix(certificate=made.self_signed) as relay:
            pin = f'fingerprint = "{made.self_signed.fingerprint}";'
            send_three(relay, relay_at(relay.tls_port, "tls", pin))


def expect_nothing_is_sent(settings, words):
    """The letter waits, without an attempt counted, and status says why. Returns the log's text."""
    with Desk(outgoing=settings) as desk:
        desk.drop(plain_mail())
        wait_until(lambda: words in desk.ctl("status")[0]["courier"], f"status says {words!r}")
        waiting = wait_for(desk, "queued")
        expect_equal([row["attempts"] for row in waiting], [0], "attempts")
        return desk.log_text()


def bad_certificate(name, words):
    @case
    def refused():
        with tempfile.TemporaryDirectory() as folder:
            made = Certificates(Path(folder))
            with Postfix(certificate=getattr(made, name)) as relay:
                expect_nothing_is_sent(relay_at(relay.tls_port, "tls", f'ca_file = "{made.ca}";'), words)
                expect("client=" not in relay.log_text(), "the relay was given a letter")
    refused.__name__ = f"a_relay_whose_certificate_is_{name}_gets_nothing"
    CASES[-1].__name__ = refused.__name__


for bad, why in (("wrong_host", "for another host"), ("unknown_ca", "whom `ca_file` does not have"),
                 ("expired", "has expired"), ("self_signed", "signed by nobody but itself")):
    bad_certificate(bad, why)


# -- the login, which a real Dovecot checks --

LOGIN = """\
service auth {{
  unix_listener {path} {{
    mode = 0666
  }}
}}
"""


@case
def the_relay_wants_a_login():
    with tempfile.TemporaryDirectory(dir=SHORT) as folder:
        made = Certificates(Path(folder) / "made")
        path, password = Path(folder) / "auth", Path(folder) / "password"
        only_known = {"smtpd_client_restrictions": "permit_sasl_authenticated, reject"}
        with Dovecot(folder, more=LOGIN.format(path=path)), \
                Postfix(certificate=made.good, sasl=path, settings=only_known) as relay:
            common = f'ca_file = "{made.ca}"; user = "csirt"; password_file = "{password}";'
            for given in ("wrong", "secret"):
                password.write_text(given + "\n")
                password.chmod(0o600)
                for auth in ("plain", "login"):
                    settings = relay_at(relay.tls_port, "tls", common + f' auth = "{auth}";')
                    if given == "wrong":
                        log = expect_nothing_is_sent(settings, "535")
                        expect("wrong" not in log, "the password is in the log")
                    else:
                        with Desk(outgoing=settings) as desk:
                            desk.drop(plain_mail(1, sender=f"{auth}@peer.example"))
                            wait_for(desk, "sent")
            expect_equal(sorted(kept.recipient for kept in relay.wait_for_kept(2)),
                         ["login@peer.example", "plain@peer.example"], "recipients")


# -- what the relay says --

@case
def what_the_relay_puts_off_or_refuses_is_told_and_can_be_sent_again():
    answers = {"gone@peer.example": "550 5.1.1 no such user", "full@peer.example": "450 4.2.0 mailbox is full"}
    with Postfix(answers=answers) as relay, Desk(outgoing=relay_at(relay.port)) as desk:
        for name in ("gone", "full", "well"):
            desk.drop(plain_mail(1, sender=f"{name}@peer.example"))
        failed, deferred = wait_for(desk, "failed")[0], wait_for(desk, "deferred")[0]
        wait_for(desk, "sent")
        expect("550 5.1.1" in failed["reply"] and "no such user" in failed["reply"], failed["reply"])
        expect("450 4.2.0" in deferred["reply"], deferred["reply"])
        expect_equal((failed["to"], deferred["to"]), ("gone@peer.example", "full@peer.example"), "to")
        relay.configure(answers={})
        relay.reload()
        again = change(desk, "retry", failed["id"])
        expect_equal((again["state"], again["attempts"], again["warning"]), ("queued", 1, None), "sent again")
        wait_until(lambda: outbox(desk)[failed["id"]]["state"] in ("sent", "failed"), "it is tried")
        dropped = change(desk, "drop", deferred["id"], "--reason", "told by telephone")
        expect_equal(dropped["state"], "dropped", "dropped")
        expect(desk.ask("outbox", "retry", str(deferred["id"])).returncode != 0, "what was dropped stays so")
        shown = change(desk, "show", deferred["id"])
        expect_equal(shown["dropped_why"], "told by telephone", "the reason")
        expect(any(line.startswith("Auto-Submitted:") for line in shown["headers"]), "headers are shown")
        states = {row["state"] for row in desk.ctl("status")[0]["outbox"]}
        expect_equal(states & {"dropped", "deferred"}, set(), "dropped letters do not count")


@case
def a_letter_does_not_overtake_another_to_the_same_address():
    with Postfix(answers={"full@peer.example": "450 4.2.0 mailbox is full"}) as relay, \
            Desk(outgoing=relay_at(relay.port)) as desk:
        desk.drop(plain_mail(1, sender="full@peer.example"))
        first = wait_for(desk, "deferred")[0]
        desk.drop(plain_mail(2, sender="full@peer.example"))
        desk.drop(plain_mail(3, sender="other@peer.example"))
        wait_for(desk, "sent")
        expect_equal([row["attempts"] for row in wait_for(desk, "queued")], [0], "attempts of the second")
        relay.configure(answers={})
        relay.reload()

        def both_sent():
            if outbox(desk)[first["id"]]["state"] == "deferred":  # the relay was not ready yet
                change(desk, "retry", first["id"])
            return len(letters_in(desk, "sent")) == 3
        wait_until(both_sent, "both are sent")
        order = [kept.mail for kept in relay.wait_for_kept(3)]
        desk.stop()
        with desk.store() as store:
            letters = stored_bytes(store, "letter")
        expect(order.index(letters[first["id"]]) < order.index(letters[max(letters)]) or
               letters[max(letters)].find(b"other@peer") > 0, "in their order")


# -- the relay is away --

@case
def letters_wait_for_a_relay_that_is_away():
    with Postfix(start=False) as relay, Desk(outgoing=relay_at(relay.port)) as desk:
        for number in range(20):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        wait_for(desk, "queued", 20)
        wait_until(lambda: "trouble" in desk.ctl("status")[0]["courier"], "status says so")
        expect_equal({row["attempts"] for row in outbox(desk).values()}, {0}, "attempts")
        relay.start()
        wait_until(lambda: desk.ask("doctor") and letters_in(desk, "sent"), "a proof wakes the courier")
        wait_for(desk, "sent", 20)
        expect_equal(desk.log_text().count("relay-away"), 1, "lines about the relay that is away")
        expect("relay-back" in desk.log_text(), "the log says that it is back")
        expect_delivered(desk, relay, 20)


@case
def a_letter_that_never_reached_the_relay_is_sent_at_the_next_start():
    with Scripted(lambda connection: connection.wait_for_end()) as silent, \
            Desk(outgoing=relay_at(silent.port)) as desk:
        desk.drop(plain_mail())
        wait_for(desk, "sending")
        desk.stop()
        with Postfix() as relay:
            desk.configure(outgoing=relay_at(relay.port))
            desk.start()
            wait_for(desk, "sent")
            expect_delivered(desk, relay, 1)


@case
def a_relay_that_cannot_forget_a_letter_has_not_refused_the_next():
    def talk(connection):
        connection.say(b"220 relay\r\n")
        for line in iter(connection.line, b""):
            if line.startswith(b"RCPT") and b"gone@" in line:
                connection.say(b"550 5.1.1 no such user\r\n")
            elif line == b"RSET":
                connection.say(b"500 5.5.2 what?\r\n")
            elif line == b"DATA":
                connection.say(b"354 go on\r\n")
                for _ in iter(connection.line, b"."):
                    pass
                connection.say(b"250 taken\r\n")
            else:
                connection.say(b"250 ok\r\n")
    with Scripted(talk) as server, Desk(outgoing=relay_at(server.port)) as desk:
        desk.drop(plain_mail(1, sender="gone@peer.example"))
        wait_for(desk, "failed")
        desk.drop(plain_mail(2))
        wait_until(lambda: len(letters_in(desk, "sent", "failed")) == 2, "the second is settled")
        expect_equal(len(letters_in(desk, "sent")), 1, "letters sent")


# -- behind the dot --

@case
def an_acknowledgement_without_an_answer_is_not_repeated():
    with Relay(cut=lambda number: number == 0) as relay, Desk(outgoing=relay.settings) as desk:
        desk.drop(plain_mail(1))
        letter = wait_for(desk, "unknown")[0]
        expect("no answer to the final dot" in letter["reply"], letter["reply"])
        desk.drop(plain_mail(2, sender="other@peer.example"))
        wait_for(desk, "sent")
        desk.restart()
        desk.drop(plain_mail(3, sender="third@peer.example"))
        wait_for(desk, "sent", 2)
        expect_equal(len(relay.seen), 3, "letters at the relay")
        again = change(desk, "retry", letter["id"])
        expect("second copy" in again["warning"], "the operator is warned")
        wait_for(desk, "sent", 3)
        copies = [seen for seen in relay.seen if seen.letter == relay.seen[0].letter]
        expect_equal(len(copies), 2, "the second copy is byte for byte the first")


# -- whoever dies on the way --

def expect_at_most_once(desk, relay, mails):
    """No ack twice; what the outbox calls sent has arrived, what it calls unknown may have."""
    def settled():
        rows = outbox(desk).values()
        for row in rows:
            if row["state"] == "deferred":  # couriers died of it five times
                change(desk, "retry", row["id"])
        return len(rows) == mails and all(row["state"] in ("sent", "unknown") for row in rows) and rows
    rows = wait_until(settled, "every letter is sent or uncertain")
    sent = {row["to"] for row in rows if row["state"] == "sent"}
    relay.empty()
    arrived = [kept.recipient for kept in relay.kept()]
    expect_equal(len(arrived), len(set(arrived)), "acknowledged twice")
    expect_equal(sent - set(arrived), set(), "called sent, and not there")
    return len(sent), len(rows) - len(sent), len(arrived)


BEHIND_THE_DOT = ("smtp_dot_told", "smtp_dot_written", "courier_sent")
TO_THE_RELAY = ("courier_send", "smtp_letter_written", *BEHIND_THE_DOT)


def courier_dies_at(point):
    @case
    def death():
        with Postfix() as relay, Desk(fault=f"{point}:2", outgoing=relay_at(relay.port)) as desk:
            for number in range(4):
                desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
            wait_until(lambda: desk.struck(point), f"fault {point} is hit")
            wait_for(desk, "sent")
            desk.stop()  # in peace: a letter in the hand of a daemon that dies is uncertain
            desk.start()
            sent, unknown, arrived = expect_at_most_once(desk, relay, 4)
            if point not in BEHIND_THE_DOT:
                expect_equal((sent, unknown), (4, 0), "all are sent")
            expect(arrived >= sent, "what was sent is there")
    CASES[-1].__name__ = f"the_courier_dies_at_{point}"


for fault in TO_THE_RELAY:
    courier_dies_at(fault)


@case
def random_deaths_double_nothing():
    chance = random.Random(20261120)
    with Postfix() as relay, Desk(outgoing=relay_at(relay.port)) as desk:
        for number in range(40):
            desk.drop(plain_mail(number, sender=f"reporter@peer{number}.example"))
            if number % 4 == 0:
                desk.kill_role(chance.choice(["courier", "courier", "dialler", "desk"]))
                pace(chance.uniform(0, 0.3))
        desk.settled(40)
        sent, unknown, arrived = expect_at_most_once(desk, relay, 40)
        print(f"# sent {sent}, uncertain {unknown}, at the relay {arrived}", flush=True)


@case
def many_that_failed_are_dropped_at_once_and_no_others():
    forged = [f"forged{number}@peer.example" for number in range(6)]
    with Relay(answers=dict.fromkeys(forged, b"550 5.1.1 no such user\r\n")) as relay:
        with Desk(outgoing=relay.settings, acknowledge="per_domain_hourly = 100;") as desk:
            for number, sender in enumerate([*forged, "real@peer.example"]):
                desk.drop(plain_mail(number, sender=sender))
            desk.settled(7)
            wait_until(lambda: sorted(row["state"] for row in desk.ctl("outbox")) == ["failed"] * 6 + ["sent"],
                       "all letters have their end")
            failed = sorted(row["id"] for row in desk.ctl("outbox", "failed"))
            sent, = (str(row["id"]) for row in desk.ctl("outbox", "sent"))

            for words, status, said in ((["1-7"], 64, "--reason TEXT"), (["7-1", "--reason", "x"], 64, "15-30"),
                                        (["1", "x", "--reason", "x"], 64, "neither a letter"),
                                        (["90-99", "--reason", "x"], 66, "No letter of 90-99"),
                                        ([sent, "--reason", "x"], 65, "has it already")):
                done = desk.ask("outbox", "drop", *words)
                expect_equal((done.returncode, said in done.stderr), (status, True), done.stderr)
            expect_equal(len(desk.ctl("outbox", "failed")), 6, "none was dropped by those")

            done = desk.ask("outbox", "drop", str(failed[0]), sent, str(failed[1]), "--reason", "forged")
            expect_equal((done.returncode, len(done.stdout.splitlines())), (65, 2), done.stderr)
            expect(f"Letter {sent} is sent" in done.stderr, done.stderr)
            rest = desk.ctl("outbox", "drop", "1-7", str(failed[2]), "--reason", "forged")
            expect_equal(sorted(row["id"] for row in rest), failed[2:], "the rest, each once")
            expect_equal({row["state"] for row in rest}, {"dropped"}, "state")
            expect_equal([str(row["id"]) for row in desk.ctl("outbox", "sent")], [sent], "what was sent stays so")
            wait_until(lambda: not desk.ctl("alarms"), "the alarm is over")


if __name__ == "__main__":
    main()
