#!/usr/bin/env python3
"""The directory of keys with a real daemon and a real gpg: made, brought in, offered, pinned by a
person and by nothing less than the whole fingerprint, watched, published."""

import base64
import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from crypto_keys import Home, Keys  # noqa: E402
from harness import BOUND, PROGRAMS, SHORT, Desk, case, expect, expect_equal, main, wait_until  # noqa: E402

DATA_ERROR, NO_INPUT, USAGE, FORBIDDEN = 65, 66, 64, 77
USER = pwd.getpwuid(os.geteuid()).pw_name
DAY = 24 * 3600
DUTY = "duty@sakura.example"
ALICE = "Alice Peer <alice@peer.example>"


@contextlib.contextmanager
def gpg():
    """A home of somebody else's."""
    folder = Path(tempfile.mkdtemp(prefix="mk-", dir=SHORT))
    home = Home(folder / "g")
    try:
        yield home
    finally:
        home.end()
        shutil.rmtree(folder, ignore_errors=True)


def make(home, user_id=ALICE, end="never"):
    """A key that signs and one that opens; its fingerprint."""
    told = home.gpg("--status-fd", "1", "--quick-gen-key", user_id, "future-default", "default", end).decode()
    return next(line.split()[3] for line in told.splitlines() if "KEY_CREATED" in line)


def file_of(desk, bytes_, name="key.asc"):
    (desk.folder / name).write_bytes(bytes_)
    return str(desk.folder / name)


def public(home, fingerprint):
    return home.gpg("--armor", "--export", fingerprint)


def secret(home, fingerprint):
    return home.gpg("--armor", "--export-secret-keys", fingerprint)


def results(rows):
    return [(row["fingerprint"], row["result"], row["place"]) for row in rows]


def places(desk):
    return {row["fingerprint"]: row["place"] for row in desk.ctl("key")}


def kept(desk):
    """All keys, without what passes by itself."""
    return [{name: value for name, value in row.items() if name != "days_left"} for row in desk.ctl("key")]


def refused(desk, status, said, *words):
    before = kept(desk)
    done = desk.ask(*words)
    expect_equal((done.returncode, done.stdout), (status, ""), f"{words}: {done.stderr}")
    sentence = " ".join(done.stderr.split())
    for word in (*said, "Nothing was changed"):
        expect(word in sentence, f"{words}: \"{word}\" is not said: {sentence}")
    expect_equal(kept(desk), before, f"keys behind {words}")


def add_peer(desk, address="alice@peer.example"):
    desk.ctl("contact", "add", "Alice Peer", "--kind", "peer", "--address", address)


def pin(desk, fingerprint, how="read out by telephone", contact="Alice Peer"):
    return desk.ask("key", "pin", fingerprint, "--contact", contact, "--how", how)


def with_pinned(desk, home, end="never"):
    """A contact with a pinned key; its fingerprint."""
    fingerprint = make(home, end=end)
    add_peer(desk)
    desk.ctl("key", "import", file_of(desk, public(home, fingerprint)))
    expect_equal(pin(desk, fingerprint).returncode, 0, "pinned")
    return fingerprint


def in_home(desk, *words, kind="fpr"):
    """What gpg itself says of our home, once the daemon has ended."""
    done = subprocess.run(["gpg", "--homedir", desk.folder / "state-keys", "--batch", "--with-colons", *words],
                          capture_output=True, text=True)
    subprocess.run(["gpgconf", "--homedir", desk.folder / "state-keys", "--kill", "all"], capture_output=True)
    return [line.split(":")[9] for line in done.stdout.splitlines() if line.startswith(kind)]


def change_store(desk, sql, *values):
    """What happens while the daemon does not run."""
    desk.kill_all()
    with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
        store.execute(sql, values)
        store.commit()


def journal(desk, kind):
    with desk.store() as store:
        return store.execute("SELECT actor, text FROM journal WHERE kind = ? ORDER BY id", (kind,)).fetchall()


# -- ours ------------------------------------------------------------------------------------------


@case
def a_key_is_made_once_though_its_maker_dies():
    """Each worker ends when it has made it, before it can say so."""
    with Desk(fault="keys_once:1") as desk:
        made, = desk.ctl("key", "init")
        expect(desk.struck("keys_once:1"), "the fault is hit")
        expect_equal([row["fingerprint"] for row in desk.ctl("key", "list", "own")], [made["fingerprint"]], "ours")
        desk.stop()
        expect_equal(len(in_home(desk, "--list-secret-keys", kind="sec")), 1, "secret keys in our home")


@case
def two_who_want_a_key_at_the_same_moment_get_one():
    with Desk() as desk:
        stopped = desk.kill_role("keys", signal.SIGSTOP)
        with ThreadPoolExecutor(2) as both:
            asked = [both.submit(desk.ask, "key", "init") for _ in range(2)]
            wait_until(lambda: any(one.done() for one in asked), "one of them is refused")
            for pid in stopped:
                desk.send(pid, signal.SIGCONT)
            ends = [one.result() for one in asked]
        loser, = (end for end in ends if end.returncode)
        expect("Nothing was changed" in loser.stderr and "being made" in loser.stderr, loser.stderr)
        expect_equal(len(desk.ctl("key", "list", "own")), 1, "ours")
        desk.stop()
        expect_equal(len(in_home(desk, "--list-secret-keys", kind="sec")), 1, "secret keys in our home")


@case
def a_key_of_ours_is_made_extended_and_replaced():
    with Desk() as desk:
        made = desk.ctl("key", "init")
        first = made[0]["fingerprint"]
        expect_equal(results(made), [(first, "own", "own")], "made")
        expect_equal(made[0]["user_ids"], ["SAKURA-CSIRT <csirt@sakura.example>"], "name and address of the team")
        expect(made[0]["can_sign"] and made[0]["can_encrypt"], "it signs, and can be written to")
        expect(728 <= made[0]["days_left"] <= 731, f"two years: {made[0]['days_left']}")
        refused(desk, DATA_ERROR, (first, "--replace"), "key", "init")
        expect(desk.ctl("key", "extend", "--days", "1000")[0]["days_left"] in (999, 1000), "extended")
        expect(desk.ctl("key", "extend", first, "--until", "2030-12-31")[0]["expires"].startswith("2030-12-31"), "until")
        refused(desk, USAGE, ("over",), "key", "extend", "--until", "2020-01-01")
        refused(desk, USAGE, ("no day",), "key", "extend", "--until", "tomorrow")
        refused(desk, USAGE, ("no number of days",), "key", "extend", "--days", "0")
        rows = desk.ctl("key", "init", "--replace", "--name", "Sakura", "--address", "pgp@sakura.example", "--days", "90")
        second = rows[0]["fingerprint"]
        expect_equal(results(rows), [(second, "own", "own"), (first, "own-old", "own-old")], "rolled over")
        expect_equal(rows[0]["user_ids"], ["Sakura <pgp@sakura.example>"], "by another name")
        rows = desk.ctl("key", "init", "--replace", "--keep")
        expect_equal(results(rows), [(rows[0]["fingerprint"], "own", "own")], "with --keep the earlier one stays")
        desk.stop()
        expect_equal(set(in_home(desk, "--list-secret-keys")) >= {first, second}, True, "both are in our home")
        expect_equal([actor for actor, _ in journal(desk, "key-own")], [USER] * 3, "journal")
        expect_equal(len(journal(desk, "key-retired")), 1, "and of the earlier one")


@case
def a_secret_key_is_brought_in_and_earlier_ones_only_open():
    with Desk() as desk, gpg() as home:
        first = make(home, "Team <csirt@sakura.example>")
        second = make(home, "Team Two <csirt@sakura.example>")
        refused(desk, DATA_ERROR, ("no secret key",), "key", "import", "--own", file_of(desk, public(home, first)))
        expect_equal(results(desk.ctl("key", "import", "--own", file_of(desk, secret(home, first)))),
                     [(first, "own", "own")], "the first")
        expect_equal(results(desk.ctl("key", "import", "--own", file_of(desk, secret(home, second)))),
                     [(second, "own", "own"), (first, "own-old", "own-old")], "the second")
        third = make(home, "Team Three <csirt@sakura.example>")
        desk.ctl("key", "import", "--own", "--keep", file_of(desk, secret(home, third)))
        expect_equal(places(desk), {first: "own-old", second: "own", third: "own"}, "with --keep both sign")
        desk.stop()
        with desk.store() as store:
            kept = {fingerprint: bytes_ for fingerprint, bytes_ in store.execute("SELECT fingerprint, bytes FROM key")}
    for fingerprint, bytes_ in kept.items():
        with gpg() as other:
            other.gpg("--import", data=bytes_)
            expect(fingerprint.encode() in other.gpg("--list-keys", "--with-colons"), "the store has the public key")
            expect(not other.gpg("--list-secret-keys", "--with-colons"), "and no secret one")


@case
def a_key_that_somebody_put_into_our_home_is_taken_over():
    with Desk(start=False) as desk:
        folder = desk.folder / "state-keys"
        home = Home(folder)
        fingerprint = make(home, "Team <csirt@sakura.example>")
        home.end()
        desk.start()
        wait_until(lambda: places(desk) == {fingerprint: "own"}, "it is ours")
        expect_equal(desk.ctl("key")[0]["origin"], "found in our home", "from where")
        desk.stop()
        expect_equal([actor for actor, _ in journal(desk, "key-own")], ["mado"], "journal")


# -- those of others ---------------------------------------------------------------------------------


@case
def a_key_counts_for_nothing_until_a_person_pins_all_of_its_fingerprint():
    with Desk() as desk, gpg() as home:
        fingerprint = make(home)
        add_peer(desk)
        rows = desk.ctl("key", "import", file_of(desk, public(home, fingerprint)))
        expect_equal(results(rows), [(fingerprint, "offered", "offered")], "offered")
        expect_equal((rows[0]["user_ids"], rows[0]["contact"], rows[0]["pinned"]), ([ALICE], None, None), "a claim")
        expect_equal(rows[0]["origin"], f"{USER}: key.asc", "from where")
        for short in (fingerprint[-16:], fingerprint[-8:], "alice@peer.example", fingerprint[:-1], fingerprint + "0", ""):
            refused(desk, USAGE, ("40 digits", "forged"), "key", "pin", short, "--contact", "Alice Peer", "--how", "x")
        refused(desk, USAGE, ("--how",), "key", "pin", fingerprint, "--contact", "Alice Peer")
        refused(desk, USAGE, ("--how",), "key", "pin", fingerprint, "--contact", "Alice Peer", "--how", "  ")
        refused(desk, NO_INPUT, ("no contact",), "key", "pin", fingerprint, "--contact", "Nobody", "--how", "x")
        refused(desk, NO_INPUT, ("key import",), "key", "pin", "F" * 40, "--contact", "Alice Peer", "--how", "x")
        spaced = " ".join(fingerprint[i:i + 4] for i in range(0, 40, 4)).lower()
        done = pin(desk, spaced)
        expect_equal((done.returncode, done.stderr), (0, ""), "pinned, and no warning")
        row = desk.ctl("key", "show", "Alice Peer")[0]
        expect_equal((row["place"], row["contact"]), ("pinned", "Alice Peer"), "whose")
        expect_equal((row["pinned"]["by"], row["pinned"]["how"]), (USER, "read out by telephone"), "who and how")
        expect_equal(desk.ctl("contact", "show", "Alice Peer")[0]["keys"][0]["fingerprint"], fingerprint, "its contact has it")
        expect_equal(results(desk.ctl("key", "import", file_of(desk, public(home, fingerprint)))),
                     [(fingerprint, "refreshed", "pinned")], "a newer copy")
        desk.stop()
        expect_equal(in_home(desk, "--list-keys")[:1], [fingerprint], "our home has it now")
        actor, text = journal(desk, "key-pinned")[0]
        expect(actor == USER and fingerprint in text and "Alice Peer: read out by telephone" in text, f"journal: {text}")


@case
def an_offered_key_is_not_in_our_home():
    with Desk() as desk, gpg() as home:
        fingerprint = make(home)
        desk.ctl("key", "import", file_of(desk, public(home, fingerprint)))
        desk.stop()
        expect_equal(in_home(desk, "--list-keys"), [], "nothing")


@case
def a_key_with_other_addresses_is_pinned_with_a_warning():
    with Desk() as desk, gpg() as home:
        fingerprint = make(home, "Alice <alice@evil.example>")
        add_peer(desk)
        desk.ctl("key", "import", file_of(desk, public(home, fingerprint)))
        done = pin(desk, fingerprint)
        warning = " ".join(done.stderr.split())
        expect_equal(done.returncode, 0, "a person decides")
        for word in ("alice@evil.example", "alice@peer.example", "are you sure", f"madoctl key unpin {fingerprint}"):
            expect(word in warning, f"the warning says {word}: {warning}")


@case
def a_pinned_key_belongs_to_one_and_is_unpinned_with_a_reason():
    with Desk() as desk, gpg() as home:
        fingerprint = with_pinned(desk, home)
        desk.ctl("contact", "add", "Bob", "--address", "bob@peer.example")
        desk.ctl("contact", "add", "All", "--kind", "group")
        refused(desk, DATA_ERROR, ("pinned to Alice Peer", "unpin"), "key", "pin", fingerprint, "--contact", "Bob", "--how", "x")
        refused(desk, USAGE, ("--reason",), "key", "unpin", fingerprint)
        row = desk.ctl("key", "unpin", fingerprint, "--reason", "lost the laptop")[0]
        expect_equal(row["place"], "unpinned", "unpinned")
        refused(desk, DATA_ERROR, ("not pinned",), "key", "unpin", fingerprint, "--reason", "once more")
        refused(desk, DATA_ERROR, ("is a group",), "key", "pin", fingerprint, "--contact", "All", "--how", "x")
        expect_equal(pin(desk, fingerprint, contact="Bob").returncode, 0, "now it may be another's")
        own = desk.ctl("key", "init")[0]["fingerprint"]
        refused(desk, DATA_ERROR, ("one of ours",), "key", "pin", own, "--contact", "Bob", "--how", "x")
        refused(desk, DATA_ERROR, ("no OpenPGP key of ours",), "key", "extend", fingerprint)
        desk.stop()
        expect("lost the laptop" in journal(desk, "key-unpinned")[0][1], "journal")


@case
def two_who_pin_a_key_at_the_same_moment_do_not_both_have_it():
    with gpg() as home, Desk() as desk:
        fingerprint = make(home)
        add_peer(desk)
        desk.ctl("contact", "add", "Mallory", "--address", "mallory@peer.example")
        desk.ctl("key", "import", file_of(desk, public(home, fingerprint)))
        pids = desk.kill_role("keys", 19)
        pins = [subprocess.Popen([str(PROGRAMS / "madoctl"), "--config", str(desk.configuration), "key", "pin", fingerprint,
                                  "--contact", name, "--how", "by telephone"], stdout=subprocess.DEVNULL,
                                 stderr=subprocess.PIPE, text=True) for name in ("Alice Peer", "Mallory")]
        # An order is begun before any question that comes later is answered.
        for _ in range(20):
            expect_equal(desk.ctl("key")[0]["place"], "offered", "while no keys role is at work")
        for pid in pids:
            desk.send(pid, 18)
        said = [pin.communicate(timeout=BOUND)[1] for pin in pins]
        expect_equal(sorted(pin.returncode for pin in pins), [0, DATA_ERROR], f"exit: {said}")
        won = ("Alice Peer", "Mallory")[pins[1].returncode == 0]
        expect_equal([row["contact"] for row in desk.ctl("key")], [won], "whose it is")


@case
def a_key_whose_encrypting_part_has_ended_is_not_sealed_to():
    """It was pinned before that; the newer one of the same contact is used alone."""
    with gpg() as home, Desk() as desk:
        then = ("--faked-system-time", "20200101T000000")
        told = home.gpg(*then, "--status-fd", "1", "--quick-gen-key", ALICE, "ed25519", "cert,sign", "never").decode()
        old = next(line.split()[3] for line in told.splitlines() if "KEY_CREATED" in line)
        home.gpg(*then, "--quick-add-key", old, "cv25519", "encr", "1y")
        desk.ctl("key", "init")
        add_peer(desk)
        desk.ctl("key", "import", file_of(desk, public(home, old)))
        expect_equal(pin(desk, old).returncode, 0, "pinned")
        change_store(desk, "UPDATE key SET can_encrypt = 1 WHERE fingerprint = ?", old)
        desk.start()
        wait_until(lambda: not desk.ctl("key", "show", old)[0]["can_encrypt"], "the directory knows")
        new = make(home, "Alice Peer (new) <alice@peer.example>")
        desk.ctl("key", "import", file_of(desk, public(home, new)))
        expect_equal(pin(desk, new).returncode, 0, "pinned")
        desk.drop(mail_with(public(home, new)))
        sent = wait_until(lambda: [row for row in desk.ctl("outbox") if row["state"] == "sent"], "an answer")
        expect_equal(desk.ctl("outbox", "show", str(sent[0]["id"]))[0]["sealed_to"], [new], "sealed to")


@case
def what_is_no_key_is_refused():
    with Desk() as desk:
        refused(desk, DATA_ERROR, (), "key", "import", file_of(desk, b"hello, I am a key\n"))
        refused(desk, DATA_ERROR, ("empty",), "key", "import", file_of(desk, b""))
        refused(desk, DATA_ERROR, ("larger than",), "key", "import", file_of(desk, b"x" * 1_100_000))
        refused(desk, NO_INPUT, ("none.asc",), "key", "import", str(desk.folder / "none.asc"))


@case
def keys_are_found_by_a_part_and_shown_in_full():
    with Desk() as desk, gpg() as home:
        fingerprint = with_pinned(desk, home)
        own = desk.ctl("key", "init")[0]["fingerprint"]
        expect_equal([row["fingerprint"] for row in desk.ctl("key")], [own, fingerprint], "ours first")
        for part in ("alice", fingerprint[-6:].lower(), "pinned", "Alice Peer"):
            expect_equal([row["fingerprint"] for row in desk.ctl("key", "list", part)], [fingerprint], f"part {part}")
        for wanted in (fingerprint, fingerprint[-4:], "alice@peer.example"):
            expect_equal([row["fingerprint"] for row in desk.ctl("key", "show", wanted)], [fingerprint], f"show {wanted}")
        refused(desk, NO_INPUT, ("key import",), "key", "show", "F" * 40)


# -- that come with mail ------------------------------------------------------------------------------


def mail_with(bytes_, number=1, sender="alice@peer.example"):
    """A report with a key in a file of its own."""
    coded = base64.encodebytes(bytes_).decode().replace("\n", "\r\n")
    return (f"From: Alice <{sender}>\r\nTo: csirt@sakura.example\r\nSubject: scans, case {number}\r\n"
            f"Message-ID: <{number}@peer.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
            f"We see scans, case {number}.\r\n--b\r\nContent-Type: application/pgp-keys\r\n"
            f"Content-Transfer-Encoding: base64\r\n\r\n{coded}\r\n--b--\r\n").encode()


@case
def a_key_that_comes_with_a_mail_is_offered_once_and_used_by_nobody():
    with Desk() as desk, gpg() as home:
        fingerprint = make(home)
        desk.drop(mail_with(public(home, fingerprint)))
        row = wait_until(lambda: desk.ctl("key"), "it is offered")[0]
        expect_equal((row["fingerprint"], row["place"], row["origin"]), (fingerprint, "offered", "mail:1"), "offered")
        expect_equal(desk.ctl("show", "mail:1")[0]["keys_offered"], [fingerprint], "the mail names it")
        expect(fingerprint in desk.ask("show", "1").stdout, "and so does its ticket")
        desk.drop(mail_with(public(home, fingerprint), number=2))
        desk.settled(2)
        expect_equal(len(desk.ctl("key")), 1, "the same once more")
        add_peer(desk)
        expect_equal(pin(desk, fingerprint).returncode, 0, "a person pins it")
        # Somebody sends a copy that never ends, or says more: what is pinned stays as it is.
        before = kept(desk)
        home.gpg("--quick-add-uid", fingerprint, "Mallory <mallory@evil.example>")
        desk.drop(mail_with(public(home, fingerprint), number=3, sender="mallory@evil.example"))
        desk.settled(3)
        other = make(home, "Other <other@peer.example>")
        desk.drop(mail_with(public(home, other), number=4))
        wait_until(lambda: len(desk.ctl("key")) == 2, "the next one is looked at behind it")
        expect_equal(kept(desk)[0], before[0], "the pinned one")
        desk.stop()
        expect_equal(in_home(desk, "--list-keys").count(other), 0, "what is offered is not in our home")


@case
def strangers_cannot_fill_the_store_with_keys():
    with Desk() as desk, gpg() as home:
        keys = [make(home, f"Key {number} <key{number}@peer.example>") for number in range(13)]
        for number, key in enumerate(keys[:12]):
            desk.drop(mail_with(public(home, key), number=number))
            desk.settled(number + 1)
        wait_until(lambda: len(desk.ctl("key")) >= 10, "ten of one sender")
        desk.drop(mail_with(public(home, keys[12]), number=99, sender="bob@peer.example"))
        wait_until(lambda: keys[12] in places(desk), "another sender's")
        expect_equal(len(desk.ctl("key")), 11, "and no more of the first")


# -- S/MIME ------------------------------------------------------------------------------------------


@case
def certificates_are_keys_too():
    with Desk() as desk, Keys() as keys:
        offered = desk.ctl("key", "import", file_of(desk, keys.file("xavier").read_bytes(), "xavier.pem"))
        fingerprint = offered[0]["fingerprint"]
        expect_equal((len(offered), offered[0]["type"], offered[0]["place"]), (1, "x509", "offered"), "offered")
        expect_equal(offered[0]["addresses"], ["xavier@peer.example"], "what it claims")
        desk.ctl("contact", "add", "Xavier", "--address", "xavier@peer.example")
        expect_equal(pin(desk, fingerprint, contact="Xavier").returncode, 0, "pinned")
        exported = desk.ask("key", "export", fingerprint).stdout
        expect_equal(x509(exported.encode()), x509(keys.file("xavier").read_bytes()), "the same certificate")
        ours = desk.ctl("key", "import", "--own", file_of(desk, keys.pkcs12("team"), "team.p12"))
        own = desk.ctl("key", "init")
        expect_equal([row["place"] for row in desk.ctl("key", "list", "own")], ["own", "own"],
                     "one of each kind: neither takes the place of the other")
        expect(own[0]["type"] == "openpgp" and any(row["type"] == "x509" for row in ours), "of each kind")
        refused(desk, DATA_ERROR, ("no OpenPGP key",), "key", "extend", ours[0]["fingerprint"])
        done = desk.ask("key", "check")
        expect_equal(done.returncode, 0, f"all are in our home: {done.stdout}")


def x509(pem):
    return subprocess.run(["openssl", "x509", "-outform", "DER"], input=pem, capture_output=True, check=True).stdout


# -- mail that waits for a key ---------------------------------------------------------------------------


def sealed_mail(home, fingerprint):
    inner = b"Content-Type: text/plain\r\n\r\nWe see scans of port 22, and this is sealed.\r\n"
    sealed = home.gpg("--armor", "--trust-model", "always", "--recipient", fingerprint, "--encrypt", data=inner)
    return (b"From: Alice <alice@peer.example>\r\nTo: csirt@sakura.example\r\nSubject: ...\r\n"
            b"Message-ID: <sealed@peer.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="s"\r\n\r\n'
            b"--s\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
            b"--s\r\nContent-Type: application/octet-stream\r\n\r\n" + sealed.replace(b"\n", b"\r\n") + b"\r\n--s--\r\n")


@case
def mail_that_stayed_closed_is_opened_when_a_key_of_ours_comes():
    with Desk() as desk, gpg() as home:
        fingerprint = make(home, "Team <csirt@sakura.example>")
        desk.drop(sealed_mail(home, fingerprint))
        expect_equal(desk.settled(1)["unreadable"], 1, "it stays closed")
        desk.ctl("key", "import", "--own", file_of(desk, secret(home, fingerprint)))
        wait_until(lambda: desk.ledger()["incident"] == 1, "it is opened by itself")
        expect("this is sealed" in desk.ask("show", "1", "--mail").stdout, "and read")


# -- out --------------------------------------------------------------------------------------------


@case
def an_exported_key_is_what_gpg_takes():
    with Desk() as desk, gpg() as home, gpg() as other:
        fingerprint = with_pinned(desk, home)
        own = desk.ctl("key", "init")[0]["fingerprint"]
        expect_equal(desk.ask("key", "export", "--own", str(desk.folder / "ours.asc")).returncode, 0, "ours")
        text = (desk.folder / "ours.asc").read_text()
        expect(text.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n"), "armour")
        theirs = desk.ask("key", "export", fingerprint).stdout
        for armoured, wanted in ((text, own), (theirs, fingerprint)):
            # With the sum that is wrong gpg says so: it looks at it.
            told = other.status("gpg", "--import", data=armoured.encode())
            expect(any(line.startswith("IMPORT_OK") and wanted in line for line in told), f"gpg: {told}")
        broken = text.replace("\n=", "\n=AAAA", 1)
        expect(not any(line.startswith("IMPORT_OK") for line in other.status("gpg", "--import", data=broken.encode())),
               "a wrong sum is noticed")


@case
def a_published_key_is_found_where_the_draft_says():
    with Desk() as desk, gpg() as home:
        refused(desk, NO_INPUT, ("madoctl key init",), "key", "publish", str(desk.folder / "www"))
        own = desk.ctl("key", "init", "--address", "Csirt@Sakura.example")[0]["fingerprint"]
        rows = desk.ctl("key", "publish", str(desk.folder / "www"))
        www = desk.folder / "www"
        expect_equal({row["file"] for row in rows},
                     {str(path.relative_to(www)) for path in www.rglob("*") if path.is_file()}, "told is what was written")
        # gpg knows the name by itself.
        home.gpg("--import", data=(www / "key.asc").read_bytes())
        told = home.gpg("--with-wkd-hash", "--list-keys", "--with-colons", own).decode()
        listed = home.gpg("--with-wkd-hash", "--list-keys", own).decode()
        name = next(line.split("@")[0].strip() for line in listed.splitlines() if line.strip().endswith("@sakura.example")
                    and len(line.split("@")[0].strip()) == 32)
        expect(own in told, "gpg has it")
        for folder in ("", "sakura.example/"):
            path = www / f".well-known/openpgpkey/{folder}hu/{name}"
            expect(path.is_file(), f"{path} is there")
            expect((www / f".well-known/openpgpkey/{folder}policy").read_bytes() == b"", "an empty policy")
            with gpg() as other:
                told = other.status("gpg", "--import", data=path.read_bytes())
                expect(any("IMPORT_OK" in line and own in line for line in told), f"binary: {told}")
        header = (www / "autocrypt.txt").read_text()
        expect(header.startswith("Autocrypt: addr=csirt@sakura.example; prefer-encrypt=mutual; keydata=\n "), header[:80])
        data = base64.b64decode("".join(header.split("keydata=", 1)[1].split()))
        expect_equal(data, (www / f".well-known/openpgpkey/hu/{name}").read_bytes(), "the same key")
        expect_equal(name, zbase32(hashlib.sha1(b"csirt").digest()), "zbase32 of SHA-1 of the local part")
        expect(all(0o644 == path.stat().st_mode & 0o777 for path in www.rglob("*") if path.is_file()), "for all to read")


def zbase32(data):
    bits = "".join(f"{byte:08b}" for byte in data)
    return "".join("ybndrfg8ejkmcpqxot1uwisza345h769"[int(bits[i:i + 5], 2)] for i in range(0, len(bits), 5))


@case
def an_acknowledgement_names_our_key():
    with Desk() as desk:
        own = desk.ctl("key", "init")[0]["fingerprint"]
        desk.drop((b"From: A <a@peer.example>\r\nTo: csirt@sakura.example\r\nSubject: scans\r\n"
                   b"Message-ID: <1@peer.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\n\r\nWe see scans.\r\n"))
        text = desk.wait_for_acks(1)[0].get_body().get_content()
        expect(own in text.replace(" ", ""), f"the fingerprint: {text}")


# -- the watch -----------------------------------------------------------------------------------------


@case
def what_our_home_has_lost_is_brought_in_again_or_said():
    with Desk() as desk, gpg() as home:
        fingerprint = with_pinned(desk, home)
        own = desk.ctl("key", "init")[0]["fingerprint"]
        expect_equal(desk.ask("key", "check").returncode, 0, "all is well")
        desk.stop()
        subprocess.run(["gpgconf", "--homedir", desk.folder / "state-keys", "--kill", "all"])
        shutil.rmtree(desk.folder / "state-keys")
        desk.start()
        wait_until(lambda: "home of keys" in desk.ask("doctor").stdout, "doctor misses the secret key")
        done = desk.ask("key", "check")
        expect_equal(done.returncode, 2, "a failure")
        expect(own in done.stdout and "--own" in done.stdout, f"which, and what to do: {done.stdout}")
        desk.stop()
        expect_equal(set(in_home(desk, "--list-keys")) >= {fingerprint, own}, True, "the public ones are back")
        expect_equal(in_home(desk, "--list-secret-keys"), [], "a secret one has no second copy")


def told(desk):
    return [letter for letter in desk.letters() if "警報" in letter["Subject"]]


def wait_for_told(desk, number):
    return wait_until(lambda: len(told(desk)) >= number and told(desk), f"{number} letters of alarms")


def pass_days(desk, fingerprint, left, passed):
    """So many days later, so many are left."""
    change_store(desk, "UPDATE key SET expires = unixepoch() + ? WHERE fingerprint = ?", left * DAY, fingerprint)
    change_store(desk, "UPDATE alarm SET told_at = told_at - ?, condition = replace(condition,"
                 " substr(condition, -10), date(unixepoch() + ? + 9 * 3600, 'unixepoch'))", passed * DAY, left * DAY)


@case
def operators_are_told_once_at_each_step_to_the_end_of_a_key():
    with Desk(notices=DUTY) as desk, gpg() as home:
        fingerprint = with_pinned(desk, home, end="50d")
        letter = wait_for_told(desk, 1)[0]
        expect_equal(letter["To"], DUTY, "whom")
        expect(f"key {fingerprint} until" in letter.get_content(), "which, and until when")
        expect("Alice" not in letter.as_string(), "no other word")
        row = desk.ctl("alarms")[0]
        expect_equal((row["condition"].split(" until ")[0], row["times"]), (f"key {fingerprint}", 1), "the alarm")
        for number, (days, passed) in enumerate(((20, 30), (5, 15), (-1, 6)), 2):
            # Two hours later nobody is told again; many days later, at the next step, they are.
            change_store(desk, "UPDATE alarm SET told_at = told_at - 7200")
            desk.start()
            wait_until(lambda: desk.ctl("alarms")[0]["times"] == number - 1, "it runs")
            pass_days(desk, fingerprint, days, passed)
            desk.start()
            wait_for_told(desk, number)
            expect_equal(len(told(desk)), number, f"letters at {days} days")
            expect_equal(len(desk.ctl("alarms")), 1, "one alarm")
        doctor = desk.ask("doctor")
        expect("WARN\tkey of Alice Peer" in doctor.stdout and "expired" in doctor.stdout, f"doctor: {doctor.stdout}")
        expect_equal(doctor.returncode, 1, "a key of others is a warning")
        expect("Keys\tFAIL\tof others, 0 end soon, 1 are expired or revoked" in desk.ask("status").stdout, "status")
        desk.ctl("key", "unpin", fingerprint, "--reason", "expired")
        wait_until(lambda: not desk.ctl("alarms"), "nobody waits for an unpinned key")


@case
def the_end_of_our_own_key_is_a_failure_that_extending_ends():
    with Desk(notices=DUTY) as desk:
        own = desk.ctl("key", "init", "--days", "40")[0]["fingerprint"]
        wait_for_told(desk, 1)
        done = desk.ask("key", "check")
        expect_equal(done.returncode, 1, "it ends: a warning")
        expect("ends in 39 days" in done.stdout and "madoctl key extend" in done.stdout, done.stdout)
        change_store(desk, "UPDATE key SET expires = unixepoch() - 60")
        desk.start()
        wait_until(lambda: desk.ask("key", "check").returncode == 2, "it is over: a failure")
        expect("our key" in desk.ask("status").stdout, "status has it")
        expect_equal(desk.ctl("key", "extend")[0]["fingerprint"], own, "extended")
        wait_until(lambda: not desk.ctl("alarms"), "the alarm is over")
        wait_until(lambda: any("警報解消" in letter["Subject"] for letter in told(desk)), "and that is told")
        wait_until(lambda: desk.ask("key", "check").returncode == 0, "all is well")


if __name__ == "__main__":
    main()
