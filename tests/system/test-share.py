#!/usr/bin/env python3
"""What others are told of a ticket: each format, without who reported it, and never more than the label lets go."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, BUILD, Desk, case, expect, expect_equal, main  # noqa: E402

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


if __name__ == "__main__":
    main()
