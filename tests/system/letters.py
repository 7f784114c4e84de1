"""A team with keys, and letters of it read back: for the tests of what leaves."""

import contextlib
import email
import email.policy
import functools
import re
import sqlite3

from crypto_keys import Home, Keys, copied, run
from harness import Desk, expect, expect_equal, main, wait_until

TAG = re.compile(r"\[SAKURA#\d{4}-\d{4}-[0-9A-Z]{2}\]")
OURS = "bob"
ENDED = contextlib.ExitStack()


@functools.cache
def everybody():
    """The keys of all; made once, gone at the end."""
    return ENDED.enter_context(Keys())


@functools.cache
def begun():
    """What a daemon leaves that has been started and has ended: each test begins with a copy."""
    kept = everybody().folder / "begun"
    with Desk() as desk:
        expect_equal(desk.stop(), 0, "exit status")
        for name in ("state", "state-keys"):
            copied(desk.folder / name, kept / name)
    return kept


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
        copied(begun(), self.folder)
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
            self.home.folder = self.folder / "state-keys"
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


def sealed_mail(sender, text, subject="a report"):
    """To us, signed by nobody."""
    keys = everybody()
    entity = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    sealed = keys.home.gpg("--armor", "--trust-model", "always", "--recipient", keys.fingerprint[OURS], "--encrypt",
                           data=entity).decode().replace("\n", "\r\n")
    head = (f"From: <{sender}>\r\nTo: csirt@sakura.example\r\nSubject: {subject}\r\nMessage-ID: <sealed-1@{sender.split('@')[1]}>\r\n"
            "Date: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n')
    return (head + "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
            "--b\r\nContent-Type: application/octet-stream\r\n\r\n" + sealed + "\r\n--b--\r\n").encode()


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


def run_all():
    with ENDED:
        main()
