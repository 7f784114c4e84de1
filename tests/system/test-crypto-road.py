#!/usr/bin/env python3
"""Sealed and signed mail through the whole daemon: what comes in sealed stays in, and what goes out
is read by other programs. Real gpg, sq, notmuch, neomutt, Postfix and Dovecot.
"""

import os
import re
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from crypto_desk import give_key, home_of, pin, told  # noqa: E402
from crypto_keys import Keys, run  # noqa: E402
from crypto_mails import cms_detached, cms_enveloped, sealed_entity, signed_entity  # noqa: E402
from crypto_mime import (ALICE, CANARY, SAID, SECRET, XAVIER, armour, attached, cms, flipped, letter,  # noqa: E402
                         multipart, part, pgp_encrypted)
from crypto_readers import READERS, is_sealed, is_signed, parsed  # noqa: E402
from dovecot import Dovecot, source_at  # noqa: E402
from harness import SHORT, Desk, case, expect, expect_equal, main, relay_at, wait_until  # noqa: E402
from postfix import Postfix  # noqa: E402

STRANGER = "Stranger <stranger@else.example>"
DUTY = "duty@sakura.example"
TO_US = ("own",)


def report(keys, by="alice", sender=ALICE, text=SECRET, headers=()):
    return letter(sealed_entity(keys, part(text), TO_US, [by]), sender, "[...]", headers=headers)


def sent(desk, address):
    """The bytes of each letter to this address, oldest first."""
    files = sorted((desk.folder / "out/new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    return [data for data in (file.read_bytes() for file in files) if address in parsed(data)["To"]]


def crypto_of(desk, mail):
    return desk.ctl("show", f"mail:{mail}", "--mail")[0]["crypto"]


def letters_without(desk, secret):
    """No letter that went out has it, in clear or under an encoding."""
    for letter_out in desk.letters():
        text = letter_out.as_string() + "".join(
            part.get_content() for part in letter_out.walk() if part.get_content_maintype() == "text")
        expect(secret not in text, f"{secret} went out: {letter_out['Subject']}")


def files_with(folder, secret, but=()):
    return [str(path) for path in Path(folder).rglob("*") if path.is_file() and path.name not in but
            and secret.encode() in path.read_bytes()]


@case
def a_sealed_report_is_opened_and_its_ack_is_sealed():
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        pin(desk, keys, "alice")
        desk.drop(report(keys))
        desk.wait_for_acks(1)
        crypto = crypto_of(desk, 1)
        expect_equal((crypto["encrypted"], crypto["integrity"], crypto["signed"], crypto["signed_by"]),
                     ("full", "ok", "full", "Alice Peer"), "crypto")
        expect(SAID in desk.ctl("show", "mail:1", "--mail")[0]["text"], "operators read it")
        ack, = sent(desk, "alice@peer.example")
        expect(is_sealed(ack), "the ack is sealed")
        expect(re.fullmatch(r"\[SAKURA#[\w-]+\]", parsed(ack)["Subject"]), parsed(ack)["Subject"])


def temporary():
    return [path for folder in {SHORT, "/tmp"} for path in Path(folder).iterdir()]


def answered_and_told(desk, mails):
    """However many notices it took: the first goes at once, the others together."""
    ours = [mail for mail in desk.letters() if mail["To"] == DUTY]
    texts = " ".join(f"{mail['Subject']} {part.get_content()}" for mail in ours for part in mail.walk()
                     if part.get_content_type() == "text/plain")
    return len(desk.letters()) - len(ours) == mails and all(row["ticket"] in texts for row in desk.incidents())


@case
def what_came_in_sealed_is_in_no_log_no_file_and_no_letter():
    with Keys() as keys, Desk(notices=DUTY, telling='bundle = "1s";') as desk:
        give_key(desk, keys)
        pin(desk, keys, "alice")
        before = set(temporary())
        inside = multipart("mixed", part(SECRET), attached(CANARY.encode() * 100, name=f"{CANARY}.txt"))
        desk.drop(letter(sealed_entity(keys, inside, TO_US, ["alice"]), subject="[...]"))
        desk.drop(report(keys, "stranger", STRANGER))
        desk.drop(letter(sealed_entity(keys, part(SECRET), ("carol",))))
        desk.settled(3)
        wait_until(lambda: answered_and_told(desk, 3), "acks and notices are sent")
        ticket = desk.incidents()[0]["ticket"]
        for words in (["history", ticket], ["alarms", "--all"], ["status"], ["ledger"], ["outbox"], ["doctor"]):
            told_now = desk.ask(*words)
            expect(CANARY not in told_now.stdout + told_now.stderr, f"madoctl {' '.join(words)}")
        expect_equal(desk.stop(), 0, "exit status")
        letters_without(desk, CANARY)
        expect(CANARY not in desk.log_text(), "the log")
        store = {"mado.db", "mado.db-wal", "mado.db-shm"}
        expect_equal(files_with(desk.folder, CANARY, but=store), [], "files of the daemon")
        left = [path for path in set(temporary()) - before if path.is_file()]
        expect_equal([path for path in left if CANARY.encode() in path.read_bytes()], [], "temporary files")
        with desk.store() as store:
            for table in ("journal", "outbox", "letter_chunk", "alarm"):
                rows = str(store.execute(f"SELECT * FROM {table}").fetchall())
                expect(CANARY not in rows, f"table {table}")


@case
def a_key_that_nobody_has_pinned_gets_a_signed_ack_in_clear():
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        desk.drop(report(keys, "stranger", STRANGER))
        desk.wait_for_acks(1)
        ack, = sent(desk, "stranger@else.example")
        expect(is_signed(ack), "signed, not sealed")
        expect(SAID not in ack.decode(), "no word of the report")
        expect_equal(crypto_of(desk, 1)["signed_by"], None, "signed by")


@case
def what_we_send_is_read_by_gpg_sq_notmuch_and_neomutt():
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        pin(desk, keys, "alice")
        desk.drop(report(keys))
        desk.drop(report(keys, "stranger", STRANGER))
        desk.wait_for_acks(2)
        tickets = {row["reporter"]["address"]: row["ticket"] for row in desk.incidents()}
        for name, address in (("alice", "alice@peer.example"), ("stranger", "stranger@else.example")):
            home = home_of(keys, name)
            mail, = sent(desk, address)
            for program, read in READERS.items():
                text, subject = read(home, keys.fingerprint["own"], mail)
                expect(f"Reference    SAKURA#{tickets[address]}" in text, f"{program} shows: {text[:300]}")
                expect_equal(subject, f"[SAKURA#{tickets[address]}] We have received your report", program)
            home.end()


@case
def the_same_signed_text_again_is_said():
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        pin(desk, keys, "alice")
        entity = signed_entity(keys)
        desk.drop(letter(entity))
        desk.settled(1)
        desk.drop(letter(entity, subject="Another subject").replace(b"Message-ID: <", b"Message-ID: <b"))
        desk.settled(2)
        second, first = (desk.ask("history", row["ticket"]).stdout for row in desk.incidents())
        expect("flag=replayed" in second, f"the second is said to have come before: {second}")
        expect("flag=replayed" not in first, f"the first is new: {first}")


@case
def what_we_cannot_open_has_a_number_and_opens_when_the_key_comes():
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        desk.drop(letter(sealed_entity(keys, part(SECRET), ("bob",), ["alice"])))
        ledger = desk.settled(1)
        expect_equal(ledger["unreadable"], 1, "unreadable")
        number, = [row["ticket"] for row in desk.incidents()]
        expect_equal(desk.ctl("status")[0]["unreadable"]["count"], 1, "counted in status")
        notice, = wait_until(lambda: sent(desk, "alice@peer.example"), "a notice")
        expect(number in parsed(notice)["Subject"], "the notice names the number")
        file = desk.folder / "bob.gpg"
        file.write_bytes(keys.home.gpg("--export-secret-keys", keys.fingerprint["bob"]))
        told(desk, "key", "import", file, "--own", "--keep")
        wait_until(lambda: desk.settled(1)["incident"] == 1, "it is tried again by itself")
        expect(SAID in desk.ctl("show", "mail:1", "--mail")[0]["text"], "it can be read now")
        expect_equal([row["ticket"] for row in desk.incidents()], [number], "it is in its own ticket")


@case
def the_notice_tells_nobody_what_is_wrong_with_a_ciphertext():
    """No oracle: a changed text, a cut one and one without integrity get the same words."""
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        sealed = keys.seal(part(SECRET), TO_US, more=["-z", "0"], armour=False)
        broken = [flipped(sealed, -8), flipped(sealed, -60), sealed[:-9]]
        for number, one in enumerate(broken):
            desk.drop(letter(pgp_encrypted(armour(one)), sender=f"R <r{number}@site{number}.example>"))
        desk.settled(len(broken))
        texts = wait_until(lambda: len(desk.letters()) == len(broken) and desk.letters(), "notices")
        bodies = {re.sub(r"SAKURA#[\w-]+|\d\d:\d\d", "N", text.get_body(("plain",)).get_content()) for text in texts}
        expect_equal(len(bodies), 1, "different notices")


@case
def whoever_changes_what_is_sealed_by_smime_sees_no_difference():
    """Not in what answers it, and not in the ticket: whether its padding is right stays here."""
    with Keys() as keys, Desk() as desk:
        ours = desk.folder / "team.p12"
        ours.write_bytes(keys.pkcs12("team"))
        told(desk, "key", "import", ours, "--own")
        whole = keys.cms_seal(part(SECRET), cipher="-aes256")
        seen = []
        padding = bytes([whole[-17] ^ 0x80])  # in CBC the block before changes the last byte of the text
        for number, sealed in enumerate((whole, whole[:-17] + padding + whole[-16:])):
            sender = f"R <r{number}@site{number}.example>"
            desk.drop(letter(part("A report.\n"), sender))
            first, = wait_until(lambda n=number: sent(desk, f"r{n}@site{n}.example"), "an ack")
            reply = [f"In-Reply-To: {parsed(first)['Message-ID']}"]
            desk.drop(letter(cms(sealed, "enveloped-data"), sender, headers=reply))
            desk.settled(2 * number + 2)
            _, second = wait_until(lambda n=number: len(found := sent(desk, f"r{n}@site{n}.example")) == 2 and found,
                                   "the second ack")
            seen.append(re.sub(r"SAKURA#[\w-]+|\d\d:\d\d", "N", parsed(second).get_body(("plain",)).get_content()))
        expect_equal(seen[0], seen[1], "what the sender is told")
        expect_equal(len(desk.incidents()), 2, "tickets")
        expect_equal([desk.ctl("show", f"mail:{n}", "--mail")[0]["ledger"] for n in (2, 4)],
                     ["incident", "unreadable"], "what the operators see")
        expect_equal(desk.ctl("status")[0]["unreadable"]["count"], 1, "status")


@case
def through_postfix_and_dovecot_unharmed():
    with Keys() as keys, Desk(start=False) as desk, Dovecot(desk.folder) as dovecot, Postfix() as relay:
        desk.configure(sources=source_at(dovecot.ports["imap"], desk.folder, tls="none"), outgoing=relay_at(relay.port))
        desk.start()
        give_key(desk, keys)
        pin(desk, keys, "alice")
        for number in range(3):
            dovecot.drop(report(keys, text=f"{SECRET}.dot {number}\n.\nFrom here\n  \n-- \nAlice\n"))
        kept = relay.wait_for_kept(3)
        home = home_of(keys, "alice")
        for one in kept:
            expect(is_sealed(one.mail), "the ack is sealed")
            for read in READERS.values():
                expect("Reference" in read(home, keys.fingerprint["own"], one.mail)[0], "read at the other end")
        home.end()
        for number in (1, 2, 3):
            expect_equal(crypto_of(desk, number)["signed_by"], "Alice Peer", f"mail {number}")


@case
def a_signed_ack_passes_postfix_unharmed():
    with Keys() as keys, Postfix() as relay, Desk(outgoing=relay_at(relay.port)) as desk:
        give_key(desk, keys)
        desk.drop(report(keys, "stranger", STRANGER))
        one, = relay.wait_for_kept(1)
        home = home_of(keys, "stranger")
        for read in READERS.values():
            expect("Reference" in read(home, keys.fingerprint["own"], one.mail)[0], "verified at the other end")
        home.end()


@case
def an_ack_to_a_certificate_is_sealed_by_smime():
    """A correspondent who has a certificate and no key; our own certificate signs."""
    with Keys() as keys, Desk() as desk:
        team, peer = desk.folder / "team.p12", desk.folder / "xavier.crt"
        team.write_bytes(keys.pkcs12("team"))
        peer.write_bytes(keys.file("xavier").read_bytes())
        told(desk, "key", "import", team, "--own")
        row, = desk.ctl("key", "import", str(peer))
        told(desk, "contact", "add", "Xavier Peer", "--kind", "person", "--address", "xavier@peer.example",
             "--language", "en")
        told(desk, "key", "pin", row["fingerprint"], "--contact", "Xavier Peer", "--how", "by telephone")
        desk.drop(letter(cms_enveloped(keys, cms_detached(keys, part(SECRET))), XAVIER))
        desk.wait_for_acks(1)
        crypto = crypto_of(desk, 1)
        expect_equal((crypto["encrypted"], crypto["integrity"], crypto["signed_by"]), ("full", "ok", "Xavier Peer"),
                     "crypto")
        ack, = sent(desk, "xavier@peer.example")
        expect_equal(parsed(ack).get_content_type(), "application/pkcs7-mime", "sealed by S/MIME")
        inside = run("openssl", "cms", "-decrypt", "-inkey", keys.file("xavier", "key"), "-recip", keys.file("xavier"),
                     data=ack)
        shown = run("openssl", "cms", "-verify", "-CAfile", keys.file("ca"), "-purpose", "any", data=inside)
        expect(b"Reference" in shown, "openssl decrypts and verifies it")


if __name__ == "__main__":
    main()
