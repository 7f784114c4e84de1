#!/usr/bin/env python3
"""What leaves: signed, and sealed where a key is pinned."""

import json
import shutil
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from crypto_keys import Home, run  # noqa: E402
from crypto_mime import letter, part, pgp_signed  # noqa: E402
from harness import case, expect, expect_equal, plain_mail, wait_until  # noqa: E402
from letters import (OURS, TAG, Team, add_row, crlf, everybody, expect_number_alone, open_sealed, open_signed,  # noqa: E402
                     parse, run_all)


# -- signed ---------------------------------------------------------------------------------------

@case
def every_acknowledgement_is_signed():
    with Team() as desk:
        desk.drop(plain_mail(1))
        data = desk.sent()[0]
        inner, outer = open_signed(data)
        expect_equal(inner["Subject"], outer["Subject"], "the subject, inside and outside")
        expect(TAG.search(outer["Subject"]), "the number is in it")
        expect_equal(inner.get_param("hp"), "clear", "RFC 9788")
        expect_equal(inner.get_param("protected-headers"), "v1", "what came before it")
        for name in ("From", "To", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted"):
            expect(outer[name], f"{name} stands outside")
            expect_equal(str(inner[name]), str(outer[name]), f"{name}, inside and outside")
        expect("addr=csirt@sakura.example" in outer["Autocrypt"], "our key is told")
        fingerprint = everybody().fingerprint[OURS]
        expect(fingerprint in inner.get_content().replace(" ", ""), "and its fingerprint, in the text")
        row = desk.ctl("outbox", "show", "1")[0]
        expect_equal(row["signed_with"], fingerprint, "signed_with")
        expect_equal(row["sealed_to"], [], "sealed_to")


@case
def what_operators_are_told_is_signed():
    with Team(notices="duty@sakura.example") as desk:
        desk.drop(plain_mail(1))
        letters = [open_signed(data)[1] for data in desk.sent(2)]
        expect_equal({letter["To"] for letter in letters}, {"duty@sakura.example", "reporter@peer.example"}, "to whom")


@case
def without_a_key_of_ours_letters_go_unsigned():
    with Team(own=None) as desk:
        desk.drop(plain_mail(1))
        letter = parse(desk.sent()[0])
        expect_equal(letter.get_content_type(), "text/plain", "type")
        expect_equal(desk.ctl("outbox", "show", "1")[0]["signed_with"], None, "signed_with")


@case
def an_answer_to_a_signed_letter_finds_its_thread():
    with Team() as desk:
        desk.drop(plain_mail(1))
        outer = parse(desk.sent()[0])
        desk.drop(plain_mail(2, headers=[f"In-Reply-To: {outer['Message-ID']}"]))
        second = parse(desk.sent(2)[1])
        expect_equal(TAG.search(second["Subject"])[0], TAG.search(outer["Subject"])[0], "number")
        expect_equal(len(desk.incidents()), 1, "tickets")


@case
def bytes_stay_the_same_over_a_restart():
    with Team() as desk:
        desk.drop(plain_mail(1))
        first = desk.sent()[0]
        desk.stop()
        with desk.store() as store:
            kept = b"".join(row[0] for row in store.execute("SELECT bytes FROM letter_chunk ORDER BY place"))
        expect(crlf(first).endswith(crlf(kept)), "what is kept is what was sent")
        desk.start()
        expect_equal(len(desk.ctl("outbox")), 1, "letters")
        expect_equal(desk.sent(), [first], "sent")


# -- sealed ---------------------------------------------------------------------------------------

@case
def an_acknowledgement_is_sealed_where_a_key_is_pinned():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        desk.drop(plain_mail(1, sender="alice@peer.example"))
        data = desk.sent()[0]
        inner, outer, words = open_sealed(data)
        expect(TAG.fullmatch(outer["Subject"]), f"the number alone: {outer['Subject']}")
        expect(outer["Subject"] in inner["Subject"] and len(inner["Subject"]) > len(outer["Subject"]), "all of it inside")
        expect_equal(inner.get_param("hp"), "cipher", "RFC 9788")
        expect_equal(inner.get_param("protected-headers"), "v1", "what came before it")
        expect(f"Subject: {outer['Subject']}" in inner.get_all("HP-Outer"), "what is outside is said inside")
        expect_equal(len([word for word in words if word.startswith("ENC_TO")]), 1, "recipients")
        for name in ("From", "To", "Date", "Message-ID", "In-Reply-To", "Auto-Submitted"):
            expect(outer[name], f"{name} stands outside")
        for hidden in ("received your report", "Content-Language", "HP-Outer"):
            expect(hidden.encode() not in data, f"{hidden} does not")
        expect(outer["Autocrypt"] and not inner["Autocrypt"], "our key is told once")
        row = desk.ctl("outbox", "show", "1")[0]
        expect_equal(row["sealed_to"], [everybody().fingerprint["alice"]], "sealed_to")


@case
def the_number_of_a_peer_stands_inside_alone():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        desk.drop(plain_mail(1, sender="alice@peer.example").replace(b"Subject: ", b"Subject: [JPCERT#12345678] "))
        inner, outer, _ = open_sealed(desk.sent()[0])
        expect(TAG.fullmatch(outer["Subject"]), f"our number alone: {outer['Subject']}")
        expect(inner["Subject"].startswith(outer["Subject"] + " [JPCERT#12345678] "), f"both: {inner['Subject']}")


@case
def an_answer_to_a_sealed_letter_finds_its_thread():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        desk.drop(plain_mail(1, sender="alice@peer.example"))
        outer = parse(desk.sent()[0])
        desk.drop(plain_mail(2, sender="alice@peer.example", headers=[f"In-Reply-To: {outer['Message-ID']}"]))
        expect_equal(parse(desk.sent(2)[1])["Subject"], outer["Subject"], "number")
        expect_equal(len(desk.incidents()), 1, "tickets")


@case
def two_keys_of_one_correspondent_both_open_it():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key("carol"), "pinned", 1)
        desk.start()
        desk.drop(plain_mail(1, sender="alice@peer.example"))
        words = open_sealed(desk.sent()[0])[2]
        expect_equal(len([word for word in words if word.startswith("ENC_TO")]), 2, "recipients")


@case
def words_that_were_signed_long_ago_join_no_ticket_whoever_sends_them():
    keys, entity = everybody(), part("Words of Alice to a list.\n")
    for days, place in ((0, "incident"), (30, "pending")):
        now = (datetime.now(timezone.utc) + timedelta(days=days)).isoformat(timespec="seconds")
        with Team(pinned={"alice": "alice@peer.example"}, options=["--now", now], acknowledge='mode = "off";') as desk:
            desk.drop(plain_mail(1, sender="alice@peer.example"))
            desk.settled(1)
            tag = f"[SAKURA#{desk.ctl('list')[0]['ticket']}]"
            before = desk.ledger()[place]
            desk.drop(letter(pgp_signed(entity, keys.sign(entity, "alice")), subject=f"Re: {tag}"))
            desk.settled(2)
            expect_equal(desk.ledger()[place], before + 1, f"{place}, behind {days} days")


# -- what came sealed -----------------------------------------------------------------------------

CANARY = "the password of the gateway is correct horse battery staple"
SEALED_SUBJECT = "Intrusion at the gateway of Yamabuki"


def sealed_mail(sender, by=(), to=(OURS,), text=CANARY, number=1):
    """PGP/MIME (RFC 3156, 4), with a subject inside."""
    inner = (f'Content-Type: text/plain; charset=utf-8; protected-headers="v1"\r\nSubject: {SEALED_SUBJECT}\r\n\r\n'
             f"Hello,\r\n{text}\r\nand 192.0.2.17 was used at 04:11 UTC.\r\n").encode()
    return sealed_entity(sender, inner, by, to, number)


def sealed_entity(sender, inner, by=(), to=(OURS,), number=1):
    data = inner if isinstance(inner, bytes) else inner.encode()
    armour = everybody().seal(data, to=to, by=by)
    head = (f"From: <{sender}>\r\nTo: csirt@sakura.example\r\nSubject: ...\r\nMessage-ID: <sealed-{number}@peer.example>\r\n"
            "Date: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
            "--b\r\nContent-Type: application/octet-stream\r\n\r\n")
    return head.encode() + crlf(armour) + b"\r\n--b--\r\n"


def expect_nowhere(desk, *secrets):
    """In no file of the daemon but the store, and in no line of its log."""
    desk.stop()
    for file in desk.folder.rglob("*"):
        if not file.is_file() or file.name.startswith("mado.db"):
            continue
        data = file.read_bytes()
        for secret in secrets:
            expect(secret.encode() not in data, f"\"{secret}\" stands in {file}")
    with desk.store() as store:
        texts = [row[0] for row in store.execute("SELECT text FROM message")]
        expect(any(secrets[0] in text for text in texts), "the store has it: else nothing was opened")
        letters = store.execute("SELECT bytes FROM letter_chunk").fetchall()
        for secret in secrets:
            expect(not any(secret.encode() in row[0] for row in letters), f"\"{secret}\" stands in a letter")


@case
def a_sealed_report_of_somebody_new_is_answered_with_the_number_alone():
    with Team(notices="duty@sakura.example") as desk:
        desk.drop(sealed_mail("new@yamabuki.example"))
        ack = next(data for data in desk.sent(2) if b"To: new@" in data)
        inner, outer = open_signed(ack)
        expect(TAG.search(outer["Subject"]), outer["Subject"])
        expect("We have received your report" in outer["Subject"], outer["Subject"])
        expect_number_alone(inner.get_content(), CANARY + "\n" + SEALED_SUBJECT)
        expect_nowhere(desk, CANARY, SEALED_SUBJECT)


@case
def a_sealed_report_of_a_pinned_key_is_answered_sealed():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        desk.drop(sealed_mail("alice@peer.example", by=("alice",)))
        inner, outer, _ = open_sealed(desk.sent()[0])
        expect(TAG.fullmatch(outer["Subject"]), outer["Subject"])
        expect_number_alone(inner.get_content(), CANARY + "\n" + SEALED_SUBJECT)
        expect_nowhere(desk, CANARY, SEALED_SUBJECT)


@case
def a_mail_that_cannot_be_opened_brings_our_key():
    with Team() as desk:
        desk.drop(sealed_mail("new@yamabuki.example", to=("carol",)))
        inner, outer = open_signed(desk.sent()[0])
        text, key = inner.iter_parts()
        expect(TAG.search(outer["Subject"]) and "復号できません" in outer["Subject"], outer["Subject"])
        expect("当窓口の現在の鍵では暗号化されていませんでした" in text.get_content(), text.get_content())
        home = Home(everybody().folder / "reader")
        home.gpg("--import", data=key.get_payload(decode=True))
        found = home.gpg("--with-colons", "--list-keys").decode()
        home.end()
        expect(f":{everybody().fingerprint[OURS]}:" in found, "it is our key that comes with it")
        row = desk.ctl("outbox", "show", "1")[0]
        expect_equal(row["kind"], "unreadable", "kind")
        expect_equal(len(desk.incidents()), 1, "tickets")


@case
def what_came_sealed_is_found_in_a_text():
    with Team() as desk:
        desk.drop(sealed_mail("new@yamabuki.example"))
        desk.settled(1)
        file = desk.folder / "answer.txt"

        def check(text):
            file.write_text(text)
            done = desk.ask("taint", "check", "1", str(file), "--json")
            return done.returncode, [json.loads(line)["run"] for line in done.stdout.splitlines()]

        expect_equal(check("Thank you, we look into it."), (0, []), "our own words")
        expect_equal(check("> The  PASSWORD of the\n> gateway is"), (1, ["The  PASSWORD of the\n> gateway is"]), "theirs")
        said = "We know that 192.0.2.17 was used at 04:11 UTC."
        expect_equal(check(said)[0], 1, "a fact")
        refused = desk.ask("taint", "release", "1", "198.51.100.4", "--reason", "they must know")
        expect("stands in no mail" in refused.stderr, refused.stderr)
        expect_equal(refused.returncode, 65 if "0104" in refused.stderr else 66, "exit status")
        expect(desk.ask("taint", "release", "1", "192.0.2.17").returncode != 0, "no reason, no release")
        desk.ctl("taint", "release", "1", "192.0.2.17 was used at 04:11 UTC", "--reason", "agreed by telephone")
        expect_equal(check(said), (0, []), "the fact, let go")
        expect_equal(check(said + " The password of the gateway is")[0], 1, "the rest, which was not")
        journal = [event for event in desk.ctl("history", "1") if event["kind"] == "fact-released"]
        expect("agreed by telephone" in journal[0]["text"], f"the journal: {journal}")


OURS_QUOTED = """\
> This is Tanaka of SAKURA-CSIRT.
> Please continue to treat what we told you as TLP:AMBER:
>   for your organisation, and those clients who need it to act.
> If it happens again, or you learn something new, reply with
> We may use your report in statistics that identify neither persons
> nor organisations.
> \u304a\u4e16\u8a71\u306b\u306a\u3063\u3066\u304a\u308a\u307e\u3059\u3002\u3055\u304f\u3089\u5de5\u696d CSIRT\u306eTanaka\u3067\u3059\u3002
> --
> Tanaka
> SAKURA-CSIRT
> csirt@sakura.example"""


@case
def our_own_words_are_no_secret_of_who_sends_them_back():
    with Team() as desk:
        desk.drop(sealed_mail("new@yamabuki.example", text=OURS_QUOTED.replace("\n", "\r\n") + "\r\n" + CANARY))
        desk.settled(1)
        file = desk.folder / "answer.txt"

        def check(text):
            file.write_text(text)
            done = desk.ask("taint", "check", "1", str(file), "--json")
            return [json.loads(line)["run"] for line in done.stdout.splitlines()]

        expect_equal(check(OURS_QUOTED), [], "what we write to everybody")
        expect(check(OURS_QUOTED + "\n> the password of the gateway"), "what they said behind it")


@case
def what_went_in_clear_is_no_secret_any_more():
    said = "Your certificate of the shop ended on Sunday at noon."
    with Team(outgoing='transport = "maildir"; path = "out"; undo = "0s";') as desk:
        desk.drop(plain_mail(1, sender="new@yamabuki.example"))
        ack = parse(desk.sent()[0])
        text = desk.folder / "answer.txt"
        text.write_text(said)
        answers = f"In-Reply-To: {ack['Message-ID']}"
        desk.drop(sealed_mail("new@yamabuki.example", text="> " + said).replace(b"MIME-Version", answers.encode() + b"\r\nMIME-Version"))
        desk.settled(2)
        expect_equal(len(desk.incidents()), 1, "tickets")
        expect(desk.ask("taint", "check", "1", str(text)).returncode, "nobody has said it in clear")
        desk.stop()
        with desk.rows() as store:
            store.execute("INSERT INTO outbox (kind, cause, state, sender, recipient, address, subject, message_id, incident,"
                          " opens, next_try, created_at, changed_at) VALUES"
                          " ('letter', 'letter:1', 'sent', '', 'a@peer.example', 'a@peer.example', '', '1', 1, 0, 0, 1, 1)")
            store.execute("INSERT INTO writing (letter, purpose, writer, label, approvals, confirmed, template, language,"
                          " state_before, state_behind, text) SELECT max(id), 'reply', 'root', 'TLP:AMBER', 0, 0, 'reply',"
                          " 'en', '', '', ? FROM outbox", (said,))
        for state, sealed_to, status in (("sent", "F" * 40, 1), ("failed", "", 1), ("sent", "", 0)):
            with desk.rows() as store:
                store.execute("UPDATE outbox SET state = ?, sealed_to = ? WHERE kind = 'letter'", (state, sealed_to))
            desk.start()
            expect_equal(desk.ask("taint", "check", "1", str(text)).returncode, status, f"{state}, sealed to {sealed_to!r}")
            desk.stop()


@case
def what_came_sealed_is_known_where_it_was_split_from_or_linked_to():
    with Team(acknowledge='mode = "off";') as desk:
        desk.drop(plain_mail(1))
        desk.settled(1)
        desk.drop(sealed_mail("new@yamabuki.example"))
        desk.settled(2)
        file = desk.folder / "answer.txt"
        file.write_text("They say that " + CANARY)

        def known(number="1"):
            return desk.ask("taint", "check", number, str(file)).returncode

        expect_equal(known(), 0, "the other ticket has nothing to do with it")
        desk.ctl("link", "1", "2")
        expect_equal(known(), 1, "who works on both has read it")
        desk.ctl("taint", "release", "2", CANARY, "--reason", "agreed by telephone")
        expect_equal(known(), 0, "what was released there may go")
        file.write_text("They say that 192.0.2.17 was used at 04:11 UTC")
        expect_equal((known(), known("2")), (1, 1), "and nothing else")
        desk.ctl("link", "drop", "1", "2")
        expect_equal((known(), known("2")), (0, 1), "it has nothing to do with it any more")
        desk.ctl("merge", "2", "1")
        expect_equal(known(), 1, "it is a part of it")
        desk.ctl("split", "mail:2")
        expect_equal(known(), 1, "it came out of it")


@case
def names_of_files_and_what_was_read_in_them_came_sealed_too():
    table = "source,time,evidence\r\n45.67.89.10,2026-11-19T23:00:00Z,the account backup-admin came in by the old gateway\r\n"
    inner = ('Content-Type: multipart/mixed; boundary="i"\r\n\r\n--i\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n'
             '--i\r\nContent-Type: text/csv; name="Yamabuki buys Sakura Foods.csv"\r\n\r\n' + table + "--i--\r\n")
    with Team(acknowledge='mode = "off";') as desk:
        desk.drop(sealed_entity("new@yamabuki.example", inner))
        desk.settled(1)
        file = desk.folder / "answer.txt"
        for said in ("Thank you for Yamabuki buys Sakura Foods.", "We see that backup-admin came in by the old gateway."):
            file.write_text(said)
            expect_equal(desk.ask("taint", "check", "1", str(file)).returncode, 1, said)


KEEPER = """#!/bin/sh
cat >> "$(dirname "$0")/told"
"""


@case
def a_program_is_told_no_subject_of_what_came_sealed_wherever_that_is_now():
    folder = Path(tempfile.mkdtemp(prefix="mado-hooks-"))
    (folder / "keep").write_text(KEEPER)
    (folder / "keep").chmod(0o755)
    try:
        with Team(hooks=f'folder = "{folder}"; tell = [ "subject" ];', acknowledge='mode = "off";') as desk:
            desk.drop(sealed_mail("new@yamabuki.example"))
            desk.settled(1)
            desk.drop(plain_mail(1))
            desk.settled(2)
            for number in ("1", "2"):
                desk.ctl("set", number, "label=green", "--reason", "agreed")
            desk.ctl("merge", "1", "2")
            desk.ctl("merge", "undo", "1")
            desk.ctl("merge", "2", "1")
            desk.ctl("split", "mail:1")
            desk.ctl("take", "1")
            told = folder / "told"
            wait_until(lambda: told.exists() and '"state":"open"' in told.read_text(), "it is told")
            expect("yamabuki" not in told.read_text().lower(), f"the subject was inside: {told.read_text()}")
    finally:
        shutil.rmtree(folder)


# -- S/MIME ---------------------------------------------------------------------------------------

@case
def a_contact_with_a_certificate_has_it_sealed_by_that():
    keys = everybody()
    with Team() as desk:
        own, theirs = desk.folder / "team.p12", desk.folder / "xavier.crt"
        own.write_bytes(keys.pkcs12("team"))
        theirs.write_bytes(keys.file("xavier").read_bytes() + keys.file("ca").read_bytes())
        desk.ctl("key", "import", str(own), "--own")
        desk.ctl("contact", "add", "Xavier Peer", "--address", "xavier@peer.example")
        desk.ctl("key", "import", str(theirs))
        words = run("openssl", "x509", "-in", keys.file("xavier"), "-noout", "-fingerprint", "-sha1").decode()
        fingerprint = words.strip().split("=")[1].replace(":", "")
        desk.ctl("key", "pin", fingerprint, "--contact", "Xavier Peer", "--how", "by telephone")
        desk.drop(plain_mail(1, sender="xavier@peer.example"))
        data = desk.sent()[0]
        outer = parse(data)
        expect_equal(outer.get_content_type(), "application/pkcs7-mime", "type")
        expect_equal(outer.get_param("smime-type"), "enveloped-data", "of S/MIME")
        expect(TAG.fullmatch(outer["Subject"]), outer["Subject"])
        opened = run("openssl", "cms", "-decrypt", "-inform", "DER", "-recip", keys.file("xavier"), "-inkey",
                     keys.file("xavier", "key"), data=outer.get_payload(decode=True))
        file = keys.folder / "opened"
        file.write_bytes(opened)
        plain = run("openssl", "cms", "-verify", "-in", file, "-CAfile", keys.file("ca"), "-purpose", "any")
        inner = parse(plain)
        expect("We have received your report" in inner["Subject"], f"inside: {inner['Subject']}")
        expect_equal(inner.get_param("hp"), "cipher", "RFC 9788")
        expect_equal(desk.ctl("outbox", "show", "1")[0]["sealed_to"], [fingerprint], "sealed_to")


if __name__ == "__main__":
    run_all()
