#!/usr/bin/env python3
"""Files that go with letters: what is looked at is what goes, signed and sealed with it, and no stranger's file goes as it is."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from crypto_readers import READERS  # noqa: E402
from harness import BOUND, BUILD, case, expect, expect_equal, plain_mail  # noqa: E402
from letters import OURS, Team, everybody, open_sealed, open_signed, run_all  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
REPORTER = "reporter@peer.example"
USAGE, DATA, FORBIDDEN = 64, 65, 77
SAMPLE = b"MZ\x90\x00 this program cannot be run" + bytes(range(256))
TABLE = "indicator,seen\r\n192.0.2.17,2026-11-20\r\n".encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mail_with(data, name="invoice.exe"):
    """plain_mail(1), with a file."""
    import base64  # pylint: disable=import-outside-toplevel
    return (f"From: A. Reporter <{REPORTER}>\r\nTo: csirt@sakura.example\r\nSubject: what they sent us\r\n"
            "Message-ID: <with-1@peer.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee the file.\r\n'
            f"--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename={name}\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + base64.encodebytes(data) + b"--b--\r\n"


class Office(Team):
    """A desk with one ticket, whose reporter was acknowledged, and a folder with files."""

    def __init__(self, mail=None, **settings):
        super().__init__(outgoing=AT_ONCE, **settings)
        self.drop(mail or plain_mail(1))
        self.sent(1)

    def file(self, name, data):
        path = self.folder / "files" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return str(path)

    def reply(self, *words, text="We look into it.\n", status=0, how="--yes"):
        command = [str(BUILD / "madoctl"), "--config", str(self.configuration), "reply", "1", "--text", "-", how, "--json", *words]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return json.loads(done.stdout) if status == 0 else " ".join(done.stderr.split())

    def look(self, *words):
        return self.reply(*words, how="--dry-run")

    def verify(self, address=REPORTER):
        if not self.ctl("contact"):
            self.ask("contact", "add", "Peer", "--address", address)
        self.ask("contact", "verify", self.ctl("contact")[0]["name"], "--how", "called them back")


def files_of(entity):
    """Name and bytes of what goes with a letter; its text is the first part."""
    expect_equal(entity.get_content_type(), "multipart/mixed", "type")
    parts = list(entity.iter_parts())
    expect_equal(parts[0].get_content_type(), "text/plain", "the text comes first")
    for part in parts[1:]:
        expect_equal(part.get_content_disposition(), "attachment", "disposition")
    return [(part.get_filename(), part.get_content_type(), part.get_payload(decode=True)) for part in parts[1:]]


@case
def files_go_with_the_text_inside_the_signature():
    with Office() as desk:
        picture = bytes(range(256)) * 4000
        row = desk.reply("--attach", desk.file("table.csv", TABLE), "--attach", desk.file("画面.png", picture))
        data = desk.sent(2)[1]
        entity, outer = open_signed(data)
        expect_equal(files_of(entity), [("table.csv", "text/csv", TABLE), ("画面.png", "image/png", picture)], "files")
        expect(all(byte < 128 for byte in data), "the letter is ASCII")
        shown = desk.ctl("outbox", "show", str(row["id"]))[0]["files"]
        expect_equal([(one["name"], one["size"], one["sha256"]) for one in shown],
                     [("table.csv", len(TABLE), sha256(TABLE)), ("画面.png", len(picture), sha256(picture))], "what is kept")
        wrote = [event["text"] for event in desk.ctl("history", "1") if event["kind"] == "wrote"]
        expect(sha256(picture) in wrote[0], f"the journal has its hash: {wrote}")


@case
def files_go_with_the_text_inside_the_seal():
    with Office(pinned={"alice": REPORTER}) as desk:
        desk.reply("--attach", desk.file("table.csv", TABLE))
        entity, _, _ = open_sealed(desk.sent(2)[1])
        expect_equal(files_of(entity), [("table.csv", "text/csv", TABLE)], "files")


@case
def what_people_read_mail_with_reads_them():
    keys = everybody()
    with Office(pinned={"alice": REPORTER}) as desk:
        desk.reply("--attach", desk.file("報告.txt", "本文\n".encode()))
        mail = desk.sent(2)[1]
        for name, read in READERS.items():
            text, _ = read(keys.home, keys.fingerprint[OURS], mail)
            text = text if isinstance(text, str) else json.dumps(text)
            expect("We look into it." in text, f"{name} shows the text: {text[:500]}")


@case
def old_programs_get_names_in_their_charset():
    with Office() as desk:
        desk.ask("contact", "add", "Peer", "--address", REPORTER)
        desk.ask("contact", "edit", "Peer", "charset=iso-2022-jp")
        desk.reply("--attach", desk.file("画面.png", b"png"), "--attach", desk.file("\u00e9t\u00e9.png", b"png"))
        data = desk.sent(2)[1]
        entity, _ = open_signed(data)
        expect_equal([name for name, _, _ in files_of(entity)], ["画面.png", "\u00e9t\u00e9.png"], "names")
        expect(b"filename*=iso-2022-jp''" in data, "RFC 2231, in their charset")
        expect(b"filename*=utf-8''" in data.lower(), "or in UTF-8, where it has them not")


@case
def what_was_looked_at_is_told():
    with Office() as desk:
        row = desk.look("--attach", desk.file("table.csv", TABLE))
        expect_equal(row["files"], [{"name": "table.csv", "type": "text/csv", "size": len(TABLE), "sha256": sha256(TABLE),
                                     "wraps": None}], "files")
        other = desk.look("--attach", desk.file("table.csv", TABLE + b"1,2\r\n"))
        expect(row["weighed"] != other["weighed"], "it is another letter")
        shown = subprocess.run([str(BUILD / "madoctl"), "--config", str(desk.configuration), "reply", "1", "--text", "-",
                                "--dry-run", "--attach", desk.file("table.csv", TABLE)], input="Hello.\n", capture_output=True,
                               text=True, timeout=BOUND).stdout
        expect("table.csv" in shown and sha256(TABLE) in shown, f"the preview names it: {shown}")


@case
def names_are_harmless_and_sizes_are_limited():
    with Office() as desk:
        name = "..\u202egnp.exe\r\nBcc: x"
        row = desk.look("--attach", desk.file(name, b"x"))
        expect_equal(row["files"][0]["name"], "_._gnp.exe__Bcc_ x", "name")
        said = desk.reply("--attach", desk.file("large.bin", bytes(10 * 1024 * 1024 + 1)), status=DATA)
        expect("at most 10485760" in said, f"too large: {said}")
        words = [word for n in range(3) for word in ("--attach", desk.file(f"{n}.bin", bytes([n]) * 7 * 1024 * 1024))]
        expect("20 files, of 20971520 bytes" in desk.reply(*words, status=DATA), "all of them are too large")
        words = [word for n in range(21) for word in ("--attach", desk.file(f"{n}.bin", bytes([n])))]
        expect("at most 20 files" in desk.reply(*words, status=DATA), "too many")
        expect_equal(len(desk.sent(1)), 1, "letters")


@case
def a_strangers_file_goes_to_nobody_as_it_is():
    with Office(mail_with(SAMPLE)) as desk:
        path = desk.file("harmless.txt", SAMPLE)
        expect_equal((desk.look("--attach", path)["gate"], desk.look("--attach", path)["gate_rule"]), ("refuse", "bare-files"),
                     "the gate")
        expect("came from strangers" in desk.reply("--attach", path, status=FORBIDDEN), "it says why")
        expect_equal(len(desk.sent(1)), 1, "letters")


@case
def a_strangers_file_goes_wrapped_up_to_who_is_verified():
    with Office(mail_with(SAMPLE)) as desk:
        held = desk.look("--attach", "sha256:" + sha256(SAMPLE))
        expect_equal((held["gate"], held["gate_rule"]), ("hold", "wrapped-files"), "the gate")
        expect_equal(held["files"][0]["wraps"], sha256(SAMPLE), "what is in it")
        desk.verify()
        row = desk.reply("--attach", "sha256:" + sha256(SAMPLE)[:12])
        entity, _ = open_signed(desk.sent(2)[1])
        (name, kind, data), = files_of(entity)
        expect_equal((name, kind), ("invoice.exe.zip", "application/zip"), "name and type")
        expect(SAMPLE not in data, "it is not there as it is")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            expect_equal(archive.read("invoice.exe", b"infected"), SAMPLE, "what is in it")
        again = desk.look("--attach", "sha256:" + desk.ctl("outbox", "show", str(row["id"]))[0]["files"][0]["sha256"])
        expect_equal(again["files"][0]["wraps"], sha256(SAMPLE), "what was sent before is known by what is in it")


@case
def what_came_sealed_does_not_leave_in_a_file():
    keys = everybody()
    secret = "The intruder has the password of the backup server."
    entity = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{secret}\r\n".encode()
    sealed = keys.home.gpg("--armor", "--trust-model", "always", "--recipient", keys.fingerprint[OURS], "--encrypt",
                           data=entity).decode().replace("\n", "\r\n")
    mail = ("From: <other@elsewhere.example>\r\nTo: csirt@sakura.example\r\nSubject: [SAKURA#2026-0001] more\r\n"
            "Message-ID: <sealed-1@elsewhere.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
            "--b\r\nContent-Type: application/octet-stream\r\n\r\n" + sealed + "\r\n--b--\r\n").encode()
    with Office() as desk:
        desk.drop(mail.replace(b"SAKURA#2026-0001", b"SAKURA#" + desk.ctl("show", "1")[0]["ticket"].encode()))
        desk.settled(2)
        desk.ctl("inbox", "attach", str(desk.ctl("inbox")[0]["mail"]), "1")
        row = desk.look("--attach", desk.file("notes.txt", ("Notes\n" + secret.upper() + "\n").encode()))
        expect_equal((row["gate"], row["gate_rule"]), ("hold", "tainted-files"), "the gate")
        for charset in ("utf-16", "utf-16-be", "cp932", "euc-jp", "iso-2022-jp"):  # as spreadsheets and editors write it
            row = desk.look("--attach", desk.file(f"{charset}.txt", ("メモ\n" + secret + "\n").encode(charset)))
            expect_equal(row["gate_rule"], "tainted-files", f"the gate, of {charset}")
        row = desk.look("--attach", desk.file("other.txt", b"Notes of our own.\n"))
        expect_equal(row["gate"], "clear", f"the gate, of another file: {row['gate_why']}")


@case
def a_held_letter_keeps_its_files_and_another_person_sees_them():
    with Office(mail_with(SAMPLE)) as desk:
        desk.reply("--attach", "sha256:" + sha256(SAMPLE))
        row = desk.held()[0]
        shown = desk.ctl("hold", "show", str(row["id"]))[0]
        expect_equal(shown["files"][0]["name"], "invoice.exe.zip", "what goes with it")
        desk.verify()
        desk.ask("hold", "release", str(row["id"]), "--reason", "they are verified")
        files = files_of(open_signed(desk.sent(2)[1])[0])
        expect_equal(files[0][0], "invoice.exe.zip", "what went with it")


if __name__ == "__main__":
    run_all()
