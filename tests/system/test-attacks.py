#!/usr/bin/env python3
"""Every attack of the literature on protected mail, and what mado says of it: crypto_table.py.

`madoctl explain --keys` is the real reader and the real keys role. Nobody is ever called the author
who is not, nothing is called sealed that is not, and what was sealed stands nowhere afterwards.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
import crypto_attacks  # noqa: E402,F401 pylint: disable=unused-import
import crypto_covert  # noqa: E402,F401 pylint: disable=unused-import
import crypto_sealed  # noqa: E402,F401 pylint: disable=unused-import
from crypto_keys import CERTIFIED, PEOPLE, Keys, run  # noqa: E402
from crypto_mails import HIDDEN_SUBJECT, MAILS  # noqa: E402
from crypto_mime import ADDED, CANARY, SAID  # noqa: E402
from crypto_table import table  # noqa: E402
from harness import PROGRAMS, SHORT, case, expect, expect_equal, main  # noqa: E402

os.environ.setdefault("ASAN_OPTIONS", "quarantine_size_mb=16")  # a worker that keeps bombs is long at starting a gpg
LETTERS = (("s", SAID), ("c", CANARY), ("a", ADDED))
DOUBTS = {  # mail -> words of a problem
    "cms-sealed": "no integrity", "efail-cbc-gadget": "no integrity", "sealed-without-integrity": "integrity",
    "replayed-with-another-subject": "400 days old", "signed-again-by-the-thief": "around the encryption",
    "surreptitiously-forwarded": "for others", "headers-protected-whose-from-is-another": "From",
    "m1-text-before-the-signed-part": "only a part", "covert-mix-pgp-mime": "stays closed",
    "i1-signed-by-another-than-from": "not that of From", "i3-two-from-fields": "not exactly one From",
    "signature-with-a-weak-digest": "weak", "signed-in-the-future": "future", "signatures-of-two": "Mallory",
    "three-layers-signed-sealed-sealed": "too complex", "sealed-with-a-password-only": "password",
    "bomb-of-zeros": "more than we take", "literal-only-called-sealed": "could not be opened",
    "sealed-by-a-version-to-come": "not known here", "two-sealed-messages-in-one": "more than one message",
}
EXPLAIN_BOUND = 600  # seconds, for all mails and the bombs


class World:
    """The mails as files, the keys of our team, and what madoctl explain says; made once."""

    def __init__(self):
        self.keys = Keys()
        self.folder = self.keys.folder
        self.known = self.keys.publish(self.folder / "known")
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.mails = self.folder / "mails"
        self.mails.mkdir()
        for name, make in MAILS.items():
            (self.mails / name).write_bytes(make(self.keys))
        self.names = {fingerprint: name for name, fingerprint in self.keys.fingerprint.items()}
        for name in CERTIFIED:
            told = run("openssl", "x509", "-in", self.keys.file(name), "-noout", "-fingerprint", "-sha1")
            self.names[told.decode().strip().split("=")[1].replace(":", "")] = name
        self.before = set(Path("/tmp").iterdir())
        self.done = self.explain(sorted(self.mails.iterdir()))
        self.rows = {Path(row["file"]).name: row for row in map(json.loads, self.done.stdout.splitlines())}

    def explain(self, files, *words):
        return subprocess.run([PROGRAMS / "madoctl", "explain", "--json", "--keys", self.known, *words, *files],
                              capture_output=True, cwd="/", timeout=EXPLAIN_BOUND,
                              env={**os.environ, "TMPDIR": str(self.temporary)})

    def key(self, fingerprint):
        """Our name of the key; of an unknown one mado may know the end of its fingerprint only."""
        return next((name for whole, name in self.names.items()
                     if len(fingerprint) >= 16 and whole.endswith(fingerprint)), fingerprint or "nobody")

    def owner(self, text):
        people = {**PEOPLE, **{name: common for name, (common, _, _) in CERTIFIED.items()}}
        return next((name for name, who in people.items() if who.startswith(text)), text) if text else "-"

    def signature(self, one):
        """key:state, and * for the key of From; the owner must be that of the key."""
        key = self.key(one["fingerprint"])
        owner = self.owner(one["owner"])
        expect(owner in (key, "-"), f"the key of {key} is said to be {owner}'s")
        return f"{key}:{one['state']}" + ("*" if one["is_from"] else "")

    def found(self, name):
        """What was said, in the words of the table."""
        row = self.rows[name]
        crypto, text = row["crypto"], row["message"]["text"]
        signatures = ",".join(sorted(map(self.signature, crypto["signatures"])))
        shown = "".join(letter for letter, word in LETTERS if word in text)
        return {"encrypted": crypto["encrypted"], "integrity": crypto["integrity"], "signed": crypto["signed"],
                "signatures": signatures or "-", "signed_by": self.owner(crypto["signed_by"]),
                "ledger": row["ledger"], "shown": shown or "-", "subject": row["message"]["subject_from"]}


MADE = []


def world():
    if not MADE:
        MADE.append(World())
    return MADE[0]


@case
def every_mail_has_its_row_in_the_table():
    expect_equal(sorted(set(MAILS) ^ set(table())), [], "mails without a row, or rows without a mail")
    done = world().done
    expect_equal(done.returncode, 0, "exit status: " + done.stderr.decode(errors="replace")[-500:])
    expect_equal(sorted(set(MAILS) ^ set(world().rows)), [], "mails of which nothing is said")


@case
def each_mail_is_told_exactly_as_what_it_is():
    wrong = []
    for name, wanted in table().items():
        found = world().found(name)
        differ = [f"{field} {found[field]} (wanted {wanted[field]})" for field in wanted
                  if found[field] != wanted[field]]
        if differ:
            wrong.append(f"{name}: " + ", ".join(differ))
    expect(not wrong, f"{len(wrong)} of {len(table())} differ\n# " + "\n# ".join(wrong))


@case
def nobody_is_called_the_author_of_what_another_wrote():
    """Whatever the table says: a mail that shows a word of the attacker is by nobody else."""
    for name in MAILS:
        found = world().found(name)
        if found["signed_by"] not in ("-", "mallory", "yvonne"):
            expect("a" not in found["shown"], f"{name} is called signed by {found['signed_by']}")
            expect_equal(found["signed"], "full", f"{name}: signed")


@case
def nothing_is_called_sealed_that_another_could_read():
    for name in MAILS:
        found = world().found(name)
        if found["encrypted"] == "full" and "covert" not in name and found["integrity"] == "ok":
            expect("a" not in found["shown"] or found["signed"] == "partial", f"{name} is called sealed")
        if "c" in found["shown"]:
            expect_equal(found["encrypted"], "full", f"{name} shows what was sealed, encrypted")


@case
def the_protected_subject_is_shown_and_no_other():
    for name, wanted in table().items():
        subject = world().rows[name]["message"]["subject"]
        if wanted["subject"] == "protected":
            expect_equal(subject, HIDDEN_SUBJECT, name)
        elif not name.startswith("headers-rfc9788-signed"):
            expect(subject != HIDDEN_SUBJECT, f"{name} shows {subject}")


@case
def what_was_sealed_to_us_names_our_key():
    ours = {"bob", "team"}
    for name in MAILS:
        crypto = world().rows[name]["crypto"]
        to = {world().key(one) for one in crypto["encrypted_to"]}
        expect(to <= ours, f"{name} is said to be sealed to {to}")
        expect(bool(to) == (crypto["encrypted"] == "full"), f"{name}: encrypted {crypto['encrypted']}, to {to}")


@case
def what_was_sealed_is_left_nowhere():
    expect(CANARY.encode() not in world().done.stderr, "standard error")
    expect_equal(list(world().temporary.iterdir()), [], "temporary files")
    left = [path for path in set(Path("/tmp").iterdir()) - world().before
            if path.is_file() and CANARY.encode() in path.read_bytes()]
    expect_equal(left, [], "files in /tmp")


@case
def what_an_operator_should_doubt_is_said():
    for name, word in DOUBTS.items():
        problems = world().rows[name]["crypto"]["problems"]
        expect(any(word in problem for problem in problems), f"{name}: no {word!r} in {problems}")
    for name in ("plain", "pgp-mime-signed", "pgp-mime-sealed-and-signed-at-once", "cms-signed-inside-sealed"):
        expect_equal(world().rows[name]["crypto"]["problems"], [], f"{name}: doubts")


@case
def people_read_the_same_verdict():
    """On a terminal: who signed is named where the table names somebody, and nowhere else."""
    for name, sealed, by in (("pgp-mime-sealed-and-signed-at-once", "all of it", "Alice Peer"),
                             ("signed-again-by-the-thief", "all of it", None),
                             ("i1-signed-by-another-than-from", None, None)):
        words = ["explain", "--keys", str(world().known), str(world().mails / name)]
        told = subprocess.run(["script", "-qec", " ".join([str(PROGRAMS / "madoctl"), *words]), "/dev/null"],
                              capture_output=True, text=True, timeout=EXPLAIN_BOUND,
                              env={**os.environ, "TMPDIR": str(world().temporary), "TERM": "xterm"}).stdout
        expect(not sealed or re.search(r"sealed +" + sealed, told), f"{name}: {told}")
        found = re.search(r"signed by +(.+?)\s*$", told, re.M)
        expect_equal(found and found[1], by, f"{name}: {told}")


@case
def nothing_is_left_of_our_keys_when_nobody_reads_the_answer():
    """As behind `| head`: what it writes then ends it."""
    folder = Path(tempfile.mkdtemp(prefix="mado-", dir=SHORT))
    reading, writing = os.pipe()
    os.close(reading)
    mail = world().mails / "pgp-mime-sealed-and-signed-at-once"
    done = subprocess.run([PROGRAMS / "madoctl", "explain", "--json", "--keys", world().known, mail],
                          stdout=writing, env={**os.environ, "TMPDIR": str(folder)}, timeout=EXPLAIN_BOUND)
    os.close(writing)
    left = list(folder.iterdir())
    shutil.rmtree(folder)
    expect(done.returncode, "it could not answer")
    expect_equal(left, [], "what is left")


if __name__ == "__main__":
    main()
