#!/usr/bin/env python3
"""What others are told of a ticket: each format, without who reported it, and never more than the label lets go."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, BUILD, Desk, case, expect, expect_equal, wait_until  # noqa: E402
from letters import OURS, Team, everybody, open_signed, parse, run_all, sealed_mail  # noqa: E402

REPORTER = "hanako.yamabuki@reporter-company.jp"
MARK = {"TLP:AMBER": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"}
TABLE = ("source,source_port,target,time,event,evidence\r\n"
         "45.67.89.10,4444,93.184.216.34,2026-11-19T23:00:00Z,login-attack,"
         "\"sshd: failed from 45.67.89.10 for hanako.yamabuki@reporter-company.jp\"\r\n"
         "45.67.89.11,4445,93.184.216.34,2026-11-19T23:00:01Z,=cmd|'/c calc'!A1,plain\r\n")


def report(text="Look at http://evil-shop.ru/login and 45.67.89.10, as I said.", subject="A fake shop of Hanako Yamabuki"):
    return (f"From: Hanako Yamabuki <{REPORTER}>\r\nTo: csirt@sakura.example\r\nSubject: {subject}\r\n"
            "Message-ID: <share-1@reporter-company.jp>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n'
            f"{text}\r\n--b\r\nContent-Type: text/csv; name=log.csv\r\n\r\n{TABLE}--b--\r\n").encode()


class Office(Desk):
    def __init__(self, **settings):
        super().__init__(**settings)
        self.drop(report())
        self.settled(1)

    def share(self, *words, status=0):
        command = [str(BUILD / "madoctl"), "--config", str(self.configuration), "share", "1", *words]
        done = subprocess.run(command, capture_output=True, timeout=BOUND)
        expect_equal(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return (done.stdout if status == 0 else done.stderr).decode("utf-8")


@case
def each_format_tells_what_is_known_and_not_by_whom():
    with Office() as desk:
        label = desk.ctl("show", "1")[0]["tlp"]
        expect_equal(label, "TLP:AMBER", "label")
        for name in ("text", "csv", "json", "stix", "misp"):
            told = desk.share("--format", name)
            expect("amber" in told.lower(), f"{name} has the label")
            expect("evil-shop" in told, f"{name} has the indicator: {told}")
            for word in ("yamabuki", "reporter-company"):
                expect(word not in told.lower(), f"{name} does not tell who reported it ({word}): {told}")
        text = desk.share()
        expect(text.startswith("TLP:AMBER\n") and text.endswith("\nTLP:AMBER\n"), f"above and below: {text}")
        expect("http://" not in text and "evil-shop.ru" not in text, "nobody can click on it")
        stix = json.loads(desk.share("--format", "stix"))
        expect(all(MARK[label] in one["object_marking_refs"] for one in stix["objects"]
                   if one["type"] not in ("marking-definition", "identity")), "every object is marked")


@case
def the_same_is_told_twice_and_noted():
    with Office() as desk:
        for name in ("csv", "stix", "misp", "json"):
            expect_equal(desk.share("--format", name), desk.share("--format", name), name)
        noted = [event["text"] for event in desk.ctl("history", "1") if event["kind"] == "shared"]
        expect_equal(len(noted), 8, "it is in the journal")
        expect("TLP-AMBER.csv" in noted[0] and "SHA-256" in noted[0], noted[0])


@case
def a_table_has_no_formula():
    with Office() as desk:
        told = desk.share("--format", "csv")
        expect(told.startswith("\ufeff"), "Excel is told that it is UTF-8")
        rows = list(csv.DictReader(io.StringIO(told[1:], newline="")))
        expect_equal({row["label"] for row in rows}, {"TLP:AMBER"}, "labels")
        expect(any(row["event"] == "'=cmd|'/c calc'!A1" for row in rows), f"no formula: {rows}")
        expect(any(row["evidence"] == "" and row["indicator"] == "45.67.89.10" for row in rows), "a line that names them is left out")


@case
def some_types_alone_and_wrong_words():
    with Office() as desk:
        told = json.loads(desk.share("--format", "json", "--only", "url"))
        expect_equal({one["type"] for one in told["indicators"]}, {"url"}, "types")
        expect_equal(told["events"], [], "events of others")
        expect("text, csv, json, stix, misp" in desk.share("--format", "xml", status=64), "formats are named")
        expect("ipv4" in desk.share("--only", "name", status=64), "types are named")
        row = desk.ctl("share", "1", "--format", "csv")[0]
        expect_equal(row["format"], "csv", "format")
        expect_equal(row["came_sealed"], False, "nothing came sealed")


@case
def a_title_of_ours_is_told():
    with Office() as desk:
        desk.ask("set", "1", "subject=A shop, reported by Hanako Yamabuki")
        text = desk.share()
        expect("A shop" in text and "Yamabuki" not in text, f"the title, without the name: {text}")


# -- in letters -----------------------------------------------------------------------------------

PEER = "csirt@peer.example"


class Letters(Team):
    """A desk with keys, the same ticket, and a peer whom a person has verified."""

    def __init__(self, mail=None, relation="community", **settings):
        super().__init__(outgoing='transport = "maildir"; path = "out"; undo = "0s";', **settings)
        self.drop(mail or report())
        self.settled(1)
        self.ask("contact", "add", "Peer", "--address", PEER)
        self.ask("contact", "edit", "Peer", f"relation={relation}")
        self.ask("contact", "verify", "Peer", "--how", "called them back")

    def share(self, *words, status=0, how="--yes"):
        command = [str(BUILD / "madoctl"), "--config", str(self.configuration), "share", "1", *words, how, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return json.loads(done.stdout) if status == 0 else " ".join(done.stderr.split())

    def to_peer(self):
        def found():
            return next((data for data in self.sent() if parse(data)["To"].endswith(f"{PEER}>") or parse(data)["To"] == PEER), None)
        return wait_until(found, "the letter to the peer")


@case
def a_letter_brings_it_to_who_may_have_it():
    with Letters() as desk:
        desk.ask("set", "1", "label=GREEN", "--reason", "published by its reporter")
        row = desk.share("--format", "stix", "--to", "Peer")
        expect_equal((row["kind"], row["to"]), ("letter", PEER), "letter")
        entity, outer = open_signed(desk.to_peer())
        parts = list(entity.iter_parts())
        bundle = json.loads(parts[1].get_payload(decode=True))
        expect_equal(bundle["type"], "bundle", "what comes along")
        expect(parts[1].get_filename().endswith("-TLP-GREEN.stix.json"), f"its name: {parts[1].get_filename()}")
        text = parts[0].get_payload(decode=True).decode() + outer["Subject"]
        expect("TLP:GREEN" in text and "yamabuki" not in text.lower(), f"the text: {text}")
        wrote = [event["text"] for event in desk.ctl("history", "1") if event["kind"] == "wrote"]
        expect("share to " + PEER in wrote[0], f"the journal: {wrote}")


@case
def a_letter_does_not_go_where_the_label_does_not_let_it():
    with Letters() as desk:
        expect("TLP:AMBER" in desk.share("--format", "csv", "--to", "Peer", status=77), "it says why")
        expect("There is no contact" in desk.share("--to", "nobody@elsewhere.example", status=66), "no stranger")
        expect_equal([row for row in desk.ctl("outbox") if row["kind"] == "letter"], [], "letters")


@case
def what_came_sealed_is_shared_sealed_or_not_at_all():
    keys = everybody()
    entity = "Content-Type: text/plain; charset=utf-8\r\n\r\nTheir server is 45.67.89.99, they say.\r\n".encode()
    sealed = keys.home.gpg("--armor", "--trust-model", "always", "--recipient", keys.fingerprint[OURS], "--encrypt",
                           data=entity).decode().replace("\n", "\r\n")
    mail = (f"From: <{REPORTER}>\r\nTo: csirt@sakura.example\r\nSubject: a report [TLP:GREEN]\r\n"
            "Message-ID: <sealed-1@reporter-company.jp>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
            'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
            "--b\r\nContent-Type: application/octet-stream\r\n\r\n" + sealed + "\r\n--b--\r\n").encode()
    with Letters(mail) as desk:
        desk.ask("set", "1", "label=GREEN", "--reason", "x")
        row = desk.share("--format", "csv", "--to", "Peer", how="--dry-run")
        expect_equal((row["gate"], row["gate_rule"]), ("hold", "tainted-files"), f"the gate: {row['gate_why']}")
        expect_equal(desk.ctl("share", "1", "--format", "csv")[0]["came_sealed"], True, "an operator is told")
        desk.share("--format", "csv", "--to", "Peer")
        expect_equal(len(desk.held()), 1, "it is held, and stays marked")
        expect("came sealed" in desk.held()[0]["reply"], desk.held()[0]["reply"])


@case
def what_came_sealed_does_not_leave_as_a_file_from_a_disk_either():
    with Letters(sealed_mail(REPORTER, "Their server is 45.67.89.99, they say.", subject="a report [TLP:GREEN]")) as desk:
        desk.ask("set", "1", "label=GREEN", "--reason", "x")
        table, text = desk.folder / "table.csv", desk.folder / "notes.txt"
        table.write_text(desk.ctl("share", "1", "--format", "csv")[0]["content"])
        text.write_text("We saw 45[.]67[.]89[.]99 there.")

        def gate(*files):
            attached = [word for file in files for word in ("--attach", str(file))]
            done = desk.ask("coord", "1", "--to", "Peer", *attached, "--dry-run", "--json")
            row = json.loads(done.stdout)
            return row["gate"], row["gate_rule"]

        expect_equal(gate()[0], "clear", "nothing of it")
        expect_equal(gate(table), ("hold", "tainted-files"), "the table that was printed")
        expect_equal(gate(text), ("hold", "tainted-files"), "an address, masked")
        desk.ctl("taint", "release", "1", "45.67.89.99", "--reason", "agreed")
        expect_equal((gate(table)[0], gate(text)[0]), ("clear", "clear"), "what was released")


@case
def what_was_released_frees_no_piece_of_itself():
    text = "They use 45.67.89.1 and 45.67.89.10, evil-shop.ru and not-evil-shop.ru."
    with Team() as desk:
        desk.drop(sealed_mail(REPORTER, text))
        desk.settled(1)
        for fact, kind, sealed in (("45.67.89.10", "ipv4", True), ("not-evil-shop.ru", "domain", True),
                                   ("45.67.89.1 and", "ipv4", False), (", evil-shop.ru", "domain", False)):
            desk.ctl("taint", "release", "1", fact, "--reason", "agreed")
            row, = desk.ctl("share", "1", "--format", "csv", "--only", kind)
            expect_equal(row["came_sealed"], sealed, f"{kind} behind the release of {fact}")


if __name__ == "__main__":
    run_all()
