"""Mail that is signed or sealed, on its way through a real daemon with a real gpg."""

import contextlib
import functools
import json
import signal

from crypto_keys import Keys
from crypto_mails import HIDDEN_SUBJECT, MAILS, sealed_entity, signed_entity
from crypto_mime import ALICE, CANARY, SAID, SECRET, armour, flipped, letter, part, pgp_encrypted
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until

ENDED = contextlib.ExitStack()
MANY, SOME = 30, 15  # mails at once


@functools.cache
def keys():
    """The keys of all; made once, gone at the end."""
    return ENDED.enter_context(Keys())


class Team(Desk):
    """A desk whose team has a key (unless `own` is False), and knows Alice and her key."""

    def __init__(self, own=True, known=("alice",), **settings):
        super().__init__(**settings)
        for name in known:
            self.know(name)
        if own:
            self.bring_own("bob")

    def file(self, name, data):
        file = self.folder / name
        file.write_bytes(data)
        return str(file)

    def bring_own(self, name):
        secret = keys().home.gpg("--export-secret-keys", keys().fingerprint[name])
        self.ctl("key", "import", self.file("own.key", secret), "--own")

    def know(self, name):
        address = f"{name}@peer.example"
        self.ctl("contact", "add", name.title(), "--address", address)
        self.ctl("key", "import", self.file(f"{name}.key", keys().public(name)))
        self.ctl("key", "pin", keys().fingerprint[name], "--contact", name.title(), "--how", "by telephone")

    def mail(self, number=1):
        return self.ctl("show", f"mail:{number}")[0]

    def crypto(self, number=1):
        return self.mail(number)["crypto"]

    def take(self, *mails):
        for mail in mails:
            self.drop(mail)
        return self.settled(len(mails))

    def events(self, ticket):
        return [(event["kind"], event["text"]) for event in self.ctl("history", ticket)]

    def notices(self):
        return [letter for letter in self.ctl("outbox") if letter["kind"] == "unreadable"]


def check_no_canary(desk):
    """What came sealed stands in no log and in no letter in clear."""
    expect(CANARY not in desk.log_text(), "the log tells what was sealed")
    for file in (desk.folder / "out/new").iterdir():
        expect(CANARY.encode() not in file.read_bytes(), f"{file.name} tells what was sealed")


# -- signed --------------------------------------------------------------------------------------

@case
def a_signature_of_a_pinned_key_names_its_owner():
    with Team() as desk:
        desk.take(MAILS["pgp-mime-signed"](keys()))
        crypto = desk.crypto()
        expect_equal((crypto["encrypted"], crypto["signed"], crypto["signed_by"]), ("none", "full", "Alice"), "verdict")
        one = crypto["signatures"][0]
        expect_equal((one["fingerprint"], one["state"], one["owner"], one["is_from"]),
                     (keys().fingerprint["alice"], "good", "Alice", True), "the signature")
        expect(SAID in desk.mail()["text"], "the text is read")
        ticket = desk.incidents()[0]["ticket"]
        expect(any(kind == "verdict" and "signed full by Alice" in text for kind, text in desk.events(ticket)),
               "the journal tells the verdict")
        expect("Signed by" in desk.ask("show", ticket).stdout, "the screen tells it")


@case
def a_key_that_nobody_pinned_names_nobody():
    with Team(known=()) as desk:
        desk.ctl("key", "import", desk.file("alice.key", keys().public("alice")))
        desk.take(MAILS["pgp-mime-signed"](keys()))
        crypto = desk.crypto()
        expect_equal((crypto["signed"], crypto["signed_by"]), ("full", None), "verdict")
        expect("Signed by" not in desk.ask("show", "1").stdout, "the screen names nobody")


@case
def a_bad_signature_is_a_fact_and_an_incident():
    with Team() as desk:
        signed = MAILS["pgp-mime-signed"](keys()).replace(SAID.encode(), SAID[::-1].encode())
        ledger = desk.take(signed)
        crypto = desk.crypto()
        expect_equal((crypto["signed"], crypto["signed_by"]), ("full", None), "verdict")
        expect_equal(crypto["signatures"][0]["state"], "bad", "the signature")
        expect_equal(ledger["incident"], 1, "incidents")
        expect_equal(len(desk.wait_for_acks(1)), 1, "acks")


@case
def s_mime_is_read_too():
    with Team() as desk:
        desk.take(MAILS["cms-signed-detached"](keys()), MAILS["cms-signed-opaque"](keys()))
        for number in (1, 2):
            expect_equal(desk.crypto(number)["signed"], "full", "signed")
            expect(SAID in desk.mail(number)["text"], "the text is read")


@case
def what_was_signed_and_comes_again_is_flagged():
    with Team() as desk:
        entity = signed_entity(keys())
        desk.take(letter(entity))
        again = letter(entity, sender="Mallory <mallory@evil.example>").replace(b"Message-ID: <", b"Message-ID: <again-")
        desk.drop(again)
        desk.settled(2)
        second = desk.mail(2)
        expect_equal(second["crypto"]["signed_by"], None, "whose the second one is")
        expect(any("replayed" in text for _, text in desk.events(second["ticket"])), "it is flagged")
        expect(not any("replayed" in text for _, text in desk.events(desk.mail(1)["ticket"])), "the first one is not")


@case
def a_ciphertext_that_comes_again_from_another_address_is_flagged():
    """Whether we can open it or not; and in another armour."""
    with Team() as desk:
        for number, to in enumerate((("bob",), ("alice",))):
            sealed = keys().seal(part(SECRET), to, armour=False)
            desk.take(letter(pgp_encrypted(armour(sealed))))
            again = armour(sealed).replace(b"\n\n", b"\nComment: mine\n\n", 1)
            desk.drop(letter(pgp_encrypted(again), sender="Mallory <mallory@evil.example>"))
            desk.settled(2 * number + 2)
            first, second = (desk.mail(2 * number + place)["ticket"] for place in (1, 2))
            expect(any("sealed-by-another" in text for _, text in desk.events(second)), "it is flagged")
            expect(not any("sealed-by-another" in text for _, text in desk.events(first)), "the first one is not")


# -- sealed --------------------------------------------------------------------------------------

@case
def a_sealed_mail_is_opened_and_tells_its_subject():
    with Team() as desk:
        desk.take(MAILS["headers-rfc9788-sealed"](keys()))
        crypto = desk.crypto()
        expect_equal((crypto["encrypted"], crypto["encrypted_to"], crypto["integrity"], crypto["signed_by"]),
                     ("full", [keys().fingerprint["bob"]], "ok", "Alice"), "verdict")
        expect(CANARY in desk.mail()["text"], "the text is read")
        expect_equal(desk.incidents()[0]["subject"], HIDDEN_SUBJECT, "subject of the ticket")
        desk.wait_for_acks(1)
        check_no_canary(desk)


@case
def layers_are_opened_one_in_the_other():
    with Team() as desk:
        desk.take(MAILS["pgp-mime-signed-inside-sealed"](keys()), MAILS["inline-sealed-and-signed"](keys()))
        for number in (1, 2):
            crypto = desk.crypto(number)
            expect_equal((crypto["encrypted"], crypto["signed"], crypto["signed_by"]), ("full", "full", "Alice"),
                         f"verdict {number}")


@case
def a_signature_around_the_encryption_names_nobody():
    with Team() as desk:
        desk.take(letter(signed_entity(keys(), sealed_entity(keys()))))
        crypto = desk.crypto()
        expect_equal((crypto["encrypted"], crypto["signed"], crypto["signed_by"]), ("full", "full", None), "verdict")
        expect(any("around the encryption" in problem for problem in crypto["problems"]), "the doubt")


# -- closed --------------------------------------------------------------------------------------

def sealed_to_nobody_here():
    return letter(sealed_entity(keys(), by=["alice"]), subject="...")


@case
def mail_that_stays_closed_has_a_number_and_one_notice():
    with Team(own=False, known=()) as desk:
        ledger = desk.take(sealed_to_nobody_here())
        expect_equal((ledger["unreadable"], ledger["incident"]), (1, 0), "places")
        ticket = desk.incidents()[0]
        expect_equal(ticket["subject"], "(encrypted)", "subject of the ticket")
        mail = desk.mail()
        expect_equal((mail["closed"]["reason"], mail["closed"]["tries"], mail["text"]), ("no-key", 1, ""), "what is told")
        expect(mail["closed"]["key_ids"], "the key ids are told")
        expect_equal(desk.ctl("status")[0]["unreadable"]["count"], 1, "status")
        findings = [json.loads(line) for line in desk.ask("doctor", "--json").stdout.splitlines()]
        found = {row["check"]: row["result"] for row in findings}
        expect_equal(found["closed mail"], "warning", "doctor")
        wait_until(lambda: len(desk.letters()) >= 1, "the notice is sent")
        expect_equal(len(desk.notices()), 1, "notices")


@case
def tried_again_without_a_key_it_stays_closed_and_nobody_is_told_twice():
    with Team(own=False) as desk:
        desk.take(sealed_to_nobody_here())
        rows = desk.ctl("retry")
        expect_equal([row["mail"] for row in rows], [1], "what is tried")
        wait_until(lambda: desk.mail()["closed"] and desk.mail()["closed"]["tries"] == 2, "it was tried")
        desk.settled(1)
        expect_equal(len(desk.incidents()), 1, "tickets")
        expect_equal(len(desk.notices()), 1, "notices")
        expect(desk.ask("retry", "mail:99").returncode != 0, "there is no such mail")


@case
def when_the_key_comes_the_mail_joins_its_own_ticket():
    with Team(own=False) as desk:
        desk.take(MAILS["headers-rfc9788-sealed"](keys()))
        ticket = desk.incidents()[0]["ticket"]
        desk.ctl("set", ticket, "severity=critical")
        desk.bring_own("bob")
        wait_until(lambda: desk.settled(1)["incident"] == 1, "it was opened")
        expect_equal(desk.incidents()[0]["severity"], "critical", "what a person has set stays")
        expect_equal([row["ticket"] for row in desk.incidents()], [ticket], "tickets")
        expect_equal(desk.incidents()[0]["subject"], HIDDEN_SUBJECT, "subject of the ticket")
        expect_equal(desk.mail()["closed"], None, "closed")
        expect_equal(desk.crypto()["signed_by"], "Alice", "whose it is")
        expect(any("opened at last" in text for _, text in desk.events(ticket)), "the journal tells it")
        wait_until(lambda: {row["kind"] for row in desk.ctl("outbox")} >= {"unreadable", "ack"}, "it is acknowledged")
        expect_equal(desk.ctl("status")[0]["unreadable"]["count"], 0, "status")
        check_no_canary(desk)


@case
def what_a_person_calls_the_ticket_stays_when_the_key_comes():
    with Team(own=False) as desk:
        desk.take(MAILS["headers-rfc9788-sealed"](keys()))
        ticket = desk.incidents()[0]["ticket"]
        desk.ctl("set", ticket, "subject=Shop of a customer")
        desk.bring_own("bob")
        wait_until(lambda: desk.settled(1)["incident"] == 1, "it was opened")
        expect_equal(desk.incidents()[0]["subject"], "Shop of a customer", "subject of the ticket")
        expect_equal(desk.mail()["subject"], HIDDEN_SUBJECT, "subject of the mail")


@case
def a_damaged_mail_is_kept_and_its_bytes_stay_closed():
    with Team() as desk:
        sealed = keys().seal(part(SECRET), armour=False)
        desk.take(letter(pgp_encrypted(armour(flipped(sealed, -30)))))
        mail = desk.mail()
        expect_equal((mail["ledger"], mail["text"]), ("unreadable", ""), "where it is")
        expect_equal(mail["crypto"]["encrypted"] in ("none", "partial"), True, "never said to be encrypted to us")


# -- joining --

JOINED = "it names this incident, and is signed with a pinned key of a correspondent"
HOME = "Alice <alice@home.example>"


def quoting(ticket, number, by=("alice",), sender=ALICE):
    """The number and a signature: no token, and no word of our own mail server on who sent it."""
    entity = part(f"Addition {number}.\n")
    return letter(signed_entity(keys(), entity, by) if by else entity, sender, f"[SAKURA#{ticket}] more")


def joined(desk, ticket):
    return [text for kind, text in desk.events(ticket) if kind == "joined"]


@case
def a_signature_of_a_pinned_correspondent_joins():
    with Team() as desk:
        desk.take(letter(part("A report.\n")))
        ticket = desk.incidents()[0]["ticket"]
        desk.ctl("contact", "edit", "Alice", "address+=alice@home.example")
        for number, sender in enumerate((ALICE, HOME), 2):
            desk.drop(quoting(ticket, number, sender=sender))
            desk.settled(number)
            expect_equal(joined(desk, ticket), [JOINED] * (number - 1), f"from {sender}")
        expect_equal(len(desk.incidents()), 1, "tickets")
        desk.drop(quoting(ticket, 4, sender=HOME).replace(b"[SAKURA#" + ticket.encode(), b"[SAKURA#2026-0001-ZZ"))
        expect_equal(desk.settled(4)["incident"], 4, "a report of its own")
        expect_equal(len(joined(desk, ticket)), 2, "a wrong number opens nothing, whoever has signed")


@case
def no_other_signature_joins():
    """Of a key that nobody has pinned, whatever it is called; of somebody else; of another text; or none."""
    with Team(known=("alice", "carol")) as desk:
        desk.take(letter(part("A report.\n")))
        ticket = desk.incidents()[0]["ticket"]
        again = quoting(ticket, 9)
        strangers = (quoting(ticket, 2, ["impostor"]), quoting(ticket, 3, ["stranger"], "S <stranger@else.example>"),
                     quoting(ticket, 4, ["carol"], "Carol Peer <carol@peer.example>"), quoting(ticket, 5, ["carol"]),
                     quoting(ticket, 6, sender="Mallory <mallory@evil.example>"),
                     quoting(ticket, 7).replace(b"Addition 7", b"Addition X"), quoting(ticket, 8, []))
        for number, mail in enumerate(strangers, 2):
            desk.drop(mail)
            desk.settled(number)
            expect_equal((desk.mail(number)["ledger"], desk.mail(number)["claims"]), ("pending", ticket), f"mail {number}")
        expect_equal(joined(desk, ticket), [], "what has joined")
        desk.drop(again)
        desk.settled(9)
        desk.drop(again.replace(b"Message-ID: <", b"Message-ID: <again-"))
        desk.settled(10)
        expect_equal((joined(desk, ticket), desk.mail(10)["ledger"]), ([JOINED], "pending"), "what was signed comes again")
        expect_equal(len(desk.incidents()), 1, "tickets")
        wait_until(lambda: len(desk.letters()) >= 2, "the report and what has joined are answered")
        desk.stop()
        expect_equal([letter_out["To"] for letter_out in desk.letters()], ["alice@peer.example"] * 2, "and nobody else")


# -- not now --

@case
def mail_for_which_there_is_no_answer_now_waits():
    """The hour's cap of operations with private keys: no verdict, no ticket, no loss."""
    with Team(own=False) as desk:
        desk.stop()
        text = desk.configuration.read_text()
        desk.configuration.write_text(text + "keys : { hourly = 10; };\n")
        desk.start()
        for number in range(14):
            desk.drop(letter(signed_entity(keys(), part(f"Report {number}\n"))))
        for number in range(3):
            desk.drop(plain_mail(number))
        wait_until(lambda: "opening-waits" in desk.log_text(), "some wait")
        wait_until(lambda: desk.ctl("ledger")[0]["waiting"] <= 14 - 10, "the others are read")
        ledger = desk.ledger()
        expect_equal((ledger["unreadable"], ledger["quarantine"]), (0, 0), "nothing is said of them")
        expect(ledger["waiting"] >= 1, "some wait")
        expect_equal(ledger["incident"] + ledger["waiting"], 17, "all are there")
        expect_equal(desk.ctl("status")[0]["waiting_mail"], ledger["waiting"], "status tells them")
        for number in range(1, 18):
            crypto = desk.crypto(number)
            expect(crypto["signed"] == "none" or crypto["signed_by"] == "Alice", f"mail {number}: {crypto}")
        expect_equal(desk.stop(), 0, "it ends")


# -- under load ----------------------------------------------------------------------------------

def some_mails(number):
    made = []
    for i in range(number):
        if i % 3 == 0:
            made.append(plain_mail(i))
        elif i % 3 == 1:
            made.append(letter(sealed_entity(keys(), part(f"{SECRET}{i}\n"), by=["alice"])))
        else:
            made.append(letter(signed_entity(keys(), part(f"Report {i}\n"))))
    return made


def check_all(desk, number):
    for i in range(1, number + 1):
        crypto = desk.crypto(i)
        kinds = {"plain": ("none", "none"), "sealed": ("full", "full"), "signed": ("none", "full")}
        expect((crypto["encrypted"], crypto["signed"]) in kinds.values(), f"mail {i}: {crypto}")
        if crypto["signed"] == "full":
            expect_equal(crypto["signed_by"], "Alice", f"whose mail {i} is")
    signed = sum(desk.crypto(i)["signed"] == "full" for i in range(1, number + 1))
    expect_equal(signed, number - (number + 2) // 3, "signed mails")


@case
def many_at_once_are_all_opened():
    with Team() as desk:
        mails = some_mails(MANY)
        ledger = desk.take(*mails)
        expect_equal(ledger["incident"], MANY, "incidents")
        check_all(desk, MANY)


@case
def a_desk_that_ends_meanwhile_begins_again():
    with Team() as desk:
        for mail in some_mails(SOME):
            desk.drop(mail)
        for share in (2, 6, 10):
            wait_until(lambda share=share: any(row["mails"] - row["waiting"] >= share
                                               for row in desk.ctl_now("ledger")), f"{share} are read")
            old = desk.kill_role("desk", signal.SIGKILL)
            wait_until(lambda old=old: desk.role_is_new("desk", old), "a new desk")
        ledger = desk.settled(SOME)
        expect_equal(ledger["incident"], SOME, "incidents")
        check_all(desk, SOME)


@case
def keys_workers_that_end_at_every_fourth_job_tell_nothing_false():
    with Team(fault="keys_work:4") as desk:
        for mail in some_mails(SOME):
            desk.drop(mail)
        expect_equal(desk.settled(SOME)["incident"], SOME, "incidents")
        expect(desk.struck("keys_work:4"), "the fault is hit")
        check_all(desk, SOME)


@case
def readers_that_end_meanwhile_lose_nothing():
    with Team() as desk:
        for mail in some_mails(SOME):
            desk.drop(mail)
        for share in (2, 8):
            wait_until(lambda share=share: any(row["mails"] - row["waiting"] >= share
                                               for row in desk.ctl_now("ledger")), f"{share} are read")
            desk.kill_role("reader")
        expect_equal(desk.settled(SOME)["incident"], SOME, "incidents")
        check_all(desk, SOME)


if __name__ == "__main__":
    with ENDED:
        main()
