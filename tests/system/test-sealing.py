"""What leaves: signed, sealed where a key is pinned, held where it must not go in clear."""

import contextlib
import email
import email.policy
import functools
import json
import re
import sqlite3
import time

from crypto_keys import Home, Keys, run
from harness import Desk, case, expect, expect_equal, main, plain_mail, wait_until

DAY = 24 * 60 * 60
TAG = re.compile(r"\[SAKURA#\d{4}-\d{4}-[0-9A-Z]{2}\]")
OURS = "bob"
ENDED = contextlib.ExitStack()


@functools.cache
def everybody():
    """The keys of all; made once, gone at the end."""
    return ENDED.enter_context(Keys())


# -- a desk with keys -----------------------------------------------------------------------------

def facts_of(home, fingerprint):
    rows = home.gpg("--with-colons", "--list-keys", fingerprint).decode().splitlines()
    fields = next(row for row in rows if row.startswith("pub:")).split(":")
    return int(fields[5]), int(fields[6] or 0), int(fields[1] == "r")


def add_row(store, key, place, contact=None):
    """A key as the directory has it; `key`: fingerprint, facts, bytes."""
    fingerprint, (created, expires, revoked), data = key
    store.execute("INSERT INTO key (fingerprint, cms, place, contact, user_ids, addresses, algorithm, created, expires,"
                  " revoked, can_sign, can_encrypt, origin, came_at, pinned_by, pinned_how, bytes)"
                  " VALUES (?, 0, ?, ?, '', '', 'ed25519/cv25519', ?, ?, ?, 1, 1, 'test', 0, '', '', ?)",
                  (fingerprint, place, contact, created, expires, revoked, data))


class Team(Desk):
    """A desk whose team has a key (unless `own` is None), and contacts with pinned keys."""

    def __init__(self, own=OURS, pinned=(), always=(), more="", **settings):
        super().__init__(start=False, **settings)
        with open(self.configuration, "a", encoding="utf-8") as configuration:
            configuration.write(more + "\n")
        self.home = None
        self.start()
        self.stop()
        if own:
            self.add_own(own)
        for name, address in dict(pinned).items():
            self.pin(name, address)
        for address in always:
            self.contact(address, "always")
        self.start()

    def __exit__(self, *error):
        super().__exit__(*error)
        if self.home:
            self.home.end()

    def home_of(self):
        if not self.home:
            self.home = object.__new__(Home)
            self.home.folder = self.folder / "state/keys"
            self.home.folder.mkdir(mode=0o700, exist_ok=True)
        return self.home

    @contextlib.contextmanager
    def rows(self):
        with contextlib.closing(sqlite3.connect(self.folder / "state/mado.db", timeout=30)) as store:
            yield store
            store.commit()

    def add_own(self, name):
        keys = everybody()
        home = self.home_of()
        home.gpg("--import", data=keys.home.gpg("--export-secret-keys", keys.fingerprint[name]))
        with self.rows() as store:
            add_row(store, self.key(name), "own")

    def key(self, name):
        keys = everybody()
        self.home_of().gpg("--import", data=keys.public(name))
        return keys.fingerprint[name], facts_of(self.home, keys.fingerprint[name]), keys.public(name)

    def contact(self, address, seal="auto"):
        with self.rows() as store:
            store.execute("INSERT INTO contact (kind, name, organisation, language, seal, note, verified_by, verified_how,"
                          " created_at, changed_at) VALUES ('person', ?, '', '', ?, '', '', '', 0, 0)", ("Known " + address.split("@")[0], seal))
            number = store.execute("SELECT max(id) FROM contact").fetchone()[0]
            store.execute("INSERT INTO contact_address (address, contact, place) VALUES (?, ?, 0)", (address, number))
        return number

    def pin(self, name, address):
        number = self.contact(address)
        with self.rows() as store:
            add_row(store, self.key(name), "pinned", number)

    def sent(self, number=1):
        """The bytes of what went out, oldest first."""
        def files():
            found = sorted((self.folder / "out/new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
            return [file.read_bytes() for file in found] if len(found) >= number else None
        return wait_until(files, f"{number} letters are sent")

    def held(self, number=1):
        def rows():
            found = self.ctl("outbox", "list", "held")
            return found if len(found) >= number else None
        return wait_until(rows, f"{number} letters are held")


# -- reading back ---------------------------------------------------------------------------------

def parse(data):
    return email.message_from_bytes(data, policy=email.policy.SMTP)


def crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def parts_of(data):
    """The bytes of the parts of a multipart, exactly (RFC 2046, 5.1.1)."""
    boundary = parse(data).get_boundary().encode()
    pieces = crlf(data).split(b"\r\n--" + boundary)
    expect_equal(pieces[-1], b"--\r\n", "behind the last part")
    return [piece[2:] for piece in pieces[1:-1]]


def check_signed(entity, signature):
    """By gpg, over the exact bytes: the fingerprint that signed."""
    keys = everybody()
    file = keys.folder / "signature"
    file.write_bytes(signature)
    words = run("gpg", "--homedir", keys.home.folder, "--batch", "--status-fd", "1", "--verify", file, "-",
                data=entity, good=range(256)).decode()
    found = re.search(r"^\[GNUPG:\] VALIDSIG .* (\w+)$", words, re.M)
    expect(found and "GOODSIG" in words, "the signature is good: " + words)
    return found.group(1)


def open_signed(data):
    """A signed mail: its entity, parsed; the outer one."""
    outer = parse(data)
    expect_equal(outer.get_content_type(), "multipart/signed", "type")
    expect_equal(outer.get_param("protocol"), "application/pgp-signature", "protocol")
    parts = parts_of(data)
    expect_equal(len(parts), 2, "parts of a signed mail")
    signature = parse(parts[1]).get_payload()
    expect_equal(check_signed(parts[0], signature.encode()), everybody().fingerprint[OURS], "who signed")
    return parse(parts[0]), outer


def open_sealed(data):
    """A sealed mail: what is inside, parsed; the outer one."""
    keys = everybody()
    outer = parse(data)
    expect_equal(outer.get_content_type(), "multipart/encrypted", "type")
    control, ciphertext = parts_of(data)
    expect_equal(parse(control).get_payload().strip(), "Version: 1", "first part")
    sealed = parse(ciphertext).get_payload().encode()
    plain = keys.home.gpg("--decrypt", data=sealed)
    words = keys.home.status("gpg", "--decrypt", data=sealed)
    expect(any(word.startswith("VALIDSIG") and word.endswith(keys.fingerprint[OURS]) for word in words),
           f"signed inside by us: {words}")
    return parse(plain), outer, words


def expect_number_alone(text, report):
    for line in report.splitlines():
        expect(len(line) < 12 or line not in text, f"nothing of the report is in the letter: {line}")


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


# -- held -----------------------------------------------------------------------------------------

def expect_held(desk, address, *words):
    desk.drop(plain_mail(1, sender=address))
    row = desk.held()[0]
    for word in (*words, "madoctl key"):
        expect(word in row["reply"], f"{word} is in the reason: {row['reply']}")
    expect_equal(row["to"], address, "to whom")
    expect_equal(list((desk.folder / "out/new").iterdir()), [], "sent")
    return row


@case
def an_expired_key_never_becomes_clear():
    with Team(pinned={"expired": "dave@peer.example"}) as desk:
        expect_held(desk, "dave@peer.example", "expired on", everybody().fingerprint["expired"])


@case
def a_revoked_key_never_becomes_clear():
    with Team(pinned={"revoked": "erin@peer.example"}) as desk:
        expect_held(desk, "erin@peer.example", "is revoked", everybody().fingerprint["revoked"])


@case
def seal_always_and_no_key_is_held():
    with Team(always=["faye@peer.example"]) as desk:
        expect_held(desk, "faye@peer.example", "seal always")


@case
def nothing_is_sealed_without_a_key_of_ours():
    with Team(own=None, pinned={"alice": "alice@peer.example"}) as desk:
        expect_held(desk, "alice@peer.example", "to sign with")


@case
def what_is_held_keeps_nobody_else_waiting():
    with Team(pinned={"expired": "dave@peer.example"}) as desk:
        expect_held(desk, "dave@peer.example")
        desk.drop(plain_mail(2))
        expect_equal(parse(desk.sent()[0])["To"], "reporter@peer.example", "who has a letter")
        counts = {row["state"]: row["count"] for row in desk.ctl("status")[0]["outbox"]}
        expect_equal(counts["held"], 1, "held, in the status")


@case
def a_key_that_expires_while_a_letter_waits_holds_it():
    """The gate is asked again when the letter is sealed."""
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        pids = desk.kill_role("keys", 19)
        desk.drop(plain_mail(1, sender="alice@peer.example"))
        wait_until(lambda: desk.ctl("outbox", "list", "queued"), "the letter is queued")
        desk.kill_all()
        with desk.rows() as store:
            store.execute("UPDATE key SET expires = ? WHERE place = 'pinned'", (int(time.time()) - DAY,))
        desk.start()
        expect("expired on" in desk.held()[0]["reply"], f"held; stopped were {pids}")


@case
def a_key_that_is_unpinned_while_a_letter_waits_holds_it():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        desk.kill_role("keys", 19)
        desk.drop(plain_mail(1, sender="alice@peer.example"))
        wait_until(lambda: desk.ctl("outbox", "list", "queued"), "the letter is queued")
        desk.kill_all()
        with desk.rows() as store:
            store.execute("UPDATE key SET place = 'unpinned', contact = NULL WHERE place = 'pinned'")
        desk.start()
        expect("was to be sealed" in desk.held()[0]["reply"], "held, and not in clear")


# -- hold -----------------------------------------------------------------------------------------

def import_and_pin(desk, name, address):
    """As an operator does it."""
    keys = everybody()
    file = desk.folder / f"{name}.gpg"
    file.write_bytes(keys.public(name))
    desk.ctl("key", "import", str(file))
    desk.ctl("key", "pin", keys.fingerprint[name], "--contact", address, "--how", "by telephone")


@case
def a_pinned_key_lets_go_what_is_held():
    with Team(always=["alice@peer.example"]) as desk:
        row = expect_held(desk, "alice@peer.example")
        import_and_pin(desk, "alice", "alice@peer.example")
        outer = open_sealed(desk.sent()[0])[1]
        expect_equal(outer["To"], "alice@peer.example", "to whom")
        kinds = [event["kind"] for event in desk.ctl("history", "1")]
        for kind in ("letter-held", "letter-released", "letter-signed", "mail-out"):
            expect(kind in kinds, f"{kind} is in the journal: {kinds}")
        expect_equal(desk.ctl("hold"), [], f"held, after letter {row['id']} went")


@case
def a_held_letter_is_released_by_a_person_only_with_a_key():
    with Team(pinned={"expired": "dave@peer.example"}) as desk:
        number = str(expect_held(desk, "dave@peer.example")["id"])
        shown = desk.ctl("hold", "show", number)[0]
        expect_equal((shown["gate"], shown["gate_rule"]), ("hold", "no-usable-key"), "what the gate says")
        refused = desk.ask("hold", "release", number, "--reason", "he is waiting")
        expect_equal(refused.returncode, 65, "exit status")
        for words in ("stays held", "expired on", "madoctl key pin", "Nothing was changed"):
            expect(words in refused.stderr, f"{words}: {refused.stderr}")
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key("alice"), "pinned", 1)
        desk.start()
        expect_equal(desk.ctl("hold", "release", number, "--reason", "a key is there")[0]["state"], "queued", "state")
        expect_equal(open_sealed(desk.sent()[0])[1]["To"], "dave@peer.example", "to whom")


@case
def a_held_letter_never_goes_in_clear():
    """Not even when nobody asks for a seal any more."""
    with Team(always=["faye@peer.example"]) as desk:
        number = str(expect_held(desk, "faye@peer.example")["id"])
        desk.ctl("contact", "edit", "faye@peer.example", "seal=auto")
        refused = desk.ask("hold", "release", number, "--reason", "never mind")
        expect("never goes in clear" in refused.stderr, refused.stderr)
        expect_equal(refused.returncode, 65, "exit status")
        expect_equal(desk.ctl("hold", "drop", number, "--reason", "told by telephone")[0]["state"], "dropped", "state")
        expect_equal(list((desk.folder / "out/new").iterdir()), [], "sent")
        expect("not held" in desk.ask("hold", "drop", number, "--reason", "again").stderr, "it is dropped once")


@case
def held_letters_are_told():
    with Team(pinned={"expired": "dave@peer.example"}, notices="duty@sakura.example") as desk:
        desk.drop(plain_mail(1, sender="dave@peer.example"))
        wait_until(lambda: desk.ctl("hold"), "a letter is held")
        row = wait_until(lambda: [one for one in desk.ctl("alarms") if one["condition"] == "held"], "an alarm")[0]
        expect("madoctl hold" in row["text"], row["text"])
        findings = {row["check"]: row for row in map(json.loads, desk.ask("doctor", "--json").stdout.splitlines())}
        expect_equal((findings["held"]["result"], findings["held"]["do"]), ("warning", "madoctl hold"), "doctor")
        told = wait_until(lambda: [data for data in desk.sent(1) if b"duty@" in data and b"alarm" in data.lower()],
                          "operators are told")
        expect_equal(open_signed(told[0])[1]["To"], "duty@sakura.example", "to whom")


# -- what came sealed -----------------------------------------------------------------------------

CANARY = "the password of the gateway is correct horse battery staple"
SEALED_SUBJECT = "Intrusion at the gateway of Yamabuki"


def sealed_mail(sender, by=(), to=(OURS,), text=CANARY, number=1):
    """PGP/MIME (RFC 3156, 4), with a subject inside."""
    inner = (f'Content-Type: text/plain; charset=utf-8; protected-headers="v1"\r\nSubject: {SEALED_SUBJECT}\r\n\r\n'
             f"Hello,\r\n{text}\r\nand 192.0.2.17 was used at 04:11 UTC.\r\n").encode()
    armour = everybody().seal(inner, to=to, by=by)
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
        expect(TAG.search(outer["Subject"]) and "could not decrypt" in outer["Subject"], outer["Subject"])
        expect("it is not encrypted to our current key" in text.get_content(), text.get_content())
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


# -- S/MIME ---------------------------------------------------------------------------------------

@case
def a_contact_with_a_certificate_has_it_sealed_by_that():
    keys = everybody()
    with Team() as desk:
        own, theirs = desk.folder / "team.p12", desk.folder / "xavier.crt"
        own.write_bytes(keys.pkcs12("team"))
        theirs.write_bytes(keys.file("xavier").read_bytes())
        ours = desk.ctl("key", "import", str(own), "--own")
        expect(any(row["place"] == "own" for row in ours), f"our certificate: {ours}")
        desk.ctl("contact", "add", "Xavier Peer", "--address", "xavier@peer.example")
        found = desk.ctl("key", "import", str(theirs))
        fingerprint = found[0]["fingerprint"]
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


# -- gpg in trouble -------------------------------------------------------------------------------

@case
def what_gpg_refuses_is_held_with_its_word():
    """Our key has no secret part in the home."""
    with Team(own=None) as desk:
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key(OURS), "own")
        desk.start()
        desk.drop(plain_mail(1))
        reply = desk.held()[0]["reply"]
        expect("could not be signed" in reply, reply)
        expect_equal(list((desk.folder / "out/new").iterdir()), [], "sent")


@case
def operators_hear_of_it_even_unsigned():
    with Team(own=None, notices="duty@sakura.example") as desk:
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key(OURS), "own")
        desk.start()
        desk.drop(plain_mail(1))
        data = next(data for data in wait_until(lambda: desk.sent(), "a letter") if b"To: duty@" in data)
        expect_equal(parse(data).get_content_type(), "text/plain", "type")


@case
def an_alarm_does_not_wait_for_a_keys_role_that_hangs():
    """Nor does anything else to our own people; an acknowledgement does."""
    with Team(notices="duty@sakura.example", more="keys : { patience = \"2s\"; };") as desk:
        def sent_while_stopped():
            for pid in desk.role_pids("keys"):
                desk.send(pid, 19)
            return [parse(file.read_bytes()) for file in (desk.folder / "out/new").iterdir()]
        desk.drop(plain_mail(1))
        letters = wait_until(sent_while_stopped, "operators are told", bound=180)
        expect_equal([letter["To"] for letter in letters], ["duty@sakura.example"], "to whom")
        expect_equal(letters[0].get_content_type(), "text/plain", "type")
        for pid in desk.role_pids("keys"):
            desk.send(pid, 18)
        open_signed(desk.sent(2)[1])


@case
def letters_in_hand_are_sealed_again_at_the_next_start():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        pids = desk.kill_role("keys", 19)
        for number in range(1, 6):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        desk.drop(plain_mail(7, sender="alice@peer.example"))
        wait_until(lambda: len(desk.ctl("outbox", "list", "queued")) == 6, "six letters wait")
        desk.kill_all()
        expect_equal(list((desk.folder / "out/new").iterdir()), [], f"sent, with {pids} stopped")
        desk.start()
        letters = [parse(data) for data in desk.sent(6)]
        expect_equal(sorted(letter.get_content_type() for letter in letters),
                     ["multipart/encrypted"] + ["multipart/signed"] * 5, "types")


if __name__ == "__main__":
    with ENDED:
        main()
