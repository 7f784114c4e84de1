#!/usr/bin/env python3
"""What leaves as files: one ticket, with its mails as they came, and everything as tables; of hostile mail, too."""

import csv
import io
import json
import mailbox
import os
import stat
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, BUILD, Desk, case, expect, expect_equal, main, plain_mail  # noqa: E402

EVIL = ('<script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)> "\' & =cmd|\'/c calc\'!A1')
HOSTILE = (f"From: \"=?utf-8?Q?=3Cb=3EEvil=3C/b=3E=0ABcc=3A_x?=\" <evil@peer.example>\r\nTo: csirt@sakura.example\r\n"
           f"Subject: ={EVIL}\r\nMessage-ID: <evil-1@peer.example>\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\n"
           "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
           "</pre><script src=\"http://evil.example/a.js\"></script>\r\nFrom the beginning of a line\r\n>From one that is quoted\r\n"
           "From MAILER-DAEMON Thu Nov 19 00:00:00 2026\r\n\x1b[31mred\x07 \u202eturned\u202c\r\n").encode()


class Office(Desk):
    def __init__(self, *mails, **settings):
        super().__init__(**settings)
        self.mails = mails or (HOSTILE,)
        for mail in self.mails:
            self.drop(mail)
        self.settled(len(self.mails))

    def export(self, *words, status=0, **more):
        command = [str(BUILD / "madoctl"), "--config", str(self.configuration), "export", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=BOUND, cwd=self.folder, **more)
        expect_equal(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return done.stdout if status == 0 else done.stderr


class Page(HTMLParser):
    """What a page would do."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, *attr) for attr in attrs]

    def handle_data(self, data):
        self.text += data


@case
def a_ticket_leaves_as_three_files_that_nobody_else_reads():
    with Office() as desk:
        row = json.loads(desk.export("1", "kept", "--json"))
        expect_equal(row["files"].split(), ["mails.mbox", "ticket.json", "ticket.html"], "files")
        expect_equal(stat.S_IMODE((desk.folder / "kept").stat().st_mode), 0o700, "the folder")
        for name in row["files"].split():
            expect_equal(stat.S_IMODE((desk.folder / "kept" / name).stat().st_mode), 0o600, name)
        expect("exported" in [event["kind"] for event in desk.ctl("history", "1")], "it is in the journal")
        usual = desk.ctl("show", "1")[0]["ticket"]
        desk.export("1")
        expect((desk.folder / usual / "ticket.html").is_file(), "the usual folder")


@case
def mails_are_as_they_came():
    with Office() as desk:
        desk.export("1", "kept")
        whole = (desk.folder / "kept/mails.mbox").read_bytes()
        start, rest = whole.split(b"\n", 1)
        expect(start.startswith(b"From MAILER-DAEMON "), f"it begins as one: {start}")
        lines = [line[1:] if line.lstrip(b">").startswith(b"From ") and line.startswith(b">") else line
                 for line in rest.split(b"\n")]
        expect_equal(b"\n".join(lines), HOSTILE + b"\n", "the bytes, without what mbox adds")
        expect_equal(len(mailbox.mbox(desk.folder / "kept/mails.mbox")), 1, "mails in it")


@case
def the_page_does_nothing_and_fetches_nothing():
    with Office() as desk:
        for language in ("ja", "en"):
            desk.export("1", language, "--language", language)
            text = (desk.folder / language / "ticket.html").read_text()
            page = Page(text)
            expect(not page.tags & {"script", "img", "link", "iframe", "object", "embed", "a", "form", "b", "base"}, f"tags: {page.tags}")
            expect(not [one for one in page.attributes if one[1].startswith("on") or one[1] in ("src", "href")], f"{page.attributes}")
            expect("default-src 'none'" in text, "it says so")
            expect("<script>alert(1)</script>" in page.text, "the subject is text")
            expect("\x1b" not in text and "\u202e" not in text and "\x07" not in text, "nothing that cannot be seen")
            expect(("経過" if language == "ja" else "Time-line") in page.text, "language")
            expect("TLP:AMBER" in page.text, "label")


@case
def all_that_is_known_is_in_the_document():
    with Office() as desk:
        desk.export("1", "kept")
        document = json.loads((desk.folder / "kept/ticket.json").read_text())
        expect_equal(document["schema"], "mado/1", "schema")
        expect(EVIL in document["ticket"]["subject"], "subject")
        expect("From the beginning" in document["mails"][0]["text"], "text")
        expect_equal(document["letters"][0]["kind"], "ack", "letters")
        expect(document["history"], "history")


@case
def what_is_there_stays_as_it_is():
    with Office() as desk:
        (desk.folder / "kept").mkdir()
        (desk.folder / "kept/note").write_text("mine")
        expect("is there already" in desk.export("1", "kept", status=74), "it says so")
        os.symlink("elsewhere", desk.folder / "link")
        desk.export("1", "link", status=74)
        expect(not (desk.folder / "elsewhere").exists(), "no link is followed")
        expect_equal(os.listdir(desk.folder / "kept"), ["note"], "files")
        desk.export("99", "none", status=66)
        expect(not (desk.folder / "none").exists(), "no folder without a ticket")


@case
def a_mail_of_several_pieces_is_whole():
    large = plain_mail(1).replace(b"\r\n\r\n", b"\r\n\r\n" + b"From " + b"x" * 900 + b"\r\n" + (b"y" * 70 + b"\r\n") * 40000, 1)
    with Office(large) as desk:
        desk.export("1", "kept")
        whole = (desk.folder / "kept/mails.mbox").read_bytes().split(b"\n", 1)[1]
        expect_equal(whole, large.replace(b"\nFrom x", b"\n>From x") + b"\n", "the bytes")


def table_of(tables, name, *columns):
    first, *lines = tables[name]
    return [tuple(line[first.index(column)] for column in columns) for line in lines]


@case
def everything_leaves_as_tables():
    with Office(HOSTILE, plain_mail(2)) as desk:
        desk.ctl("log", "phone", "1", "what=the site is down", "promised=a call back by noon")
        desk.ctl("set", "1", "action=scan")
        desk.ctl("damage", "1", "persons=1200", "distress=2", "loss=1", "identification=easy", "responsibility=normal",
                 "response=good")
        desk.ctl("goal", "set", "serious", "severity=high", "at-most=0")
        row = json.loads(desk.export("--all", "kept", "--json"))
        names = {"incidents", "mails", "letters", "contacts", "indicators", "coordinations", "journal", "told", "targets",
                 "legal", "escalations", "duty", "shifts", "handovers", "handover_items", "reviews", "facets", "damage",
                 "goals"}
        expect_equal({name[:-4] for name in row["files"].split()}, names, "tables")
        tables = {}
        for name in names:
            text = (desk.folder / f"kept/{name}.csv").read_bytes().decode("utf-8-sig")
            tables[name] = list(csv.reader(io.StringIO(text, newline="")))
            expect_equal({len(line) for line in tables[name]}, {len(tables[name][0])}, f"cells of {name}")
            for cell in (cell for line in tables[name] for cell in line):
                expect(not cell or cell[0] not in "=+-@\t\r", f"a formula in {name}: {cell}")
        expect_equal(len(tables["incidents"]), 3, "incidents")
        expect_equal(len(tables["mails"]), 3, "mails")
        expect_equal(table_of(tables, "told", "what", "promised"), [("the site is down", "a call back by noon")], "what was told")
        expect_equal(table_of(tables, "facets", "name", "value"), [("action", "scan")], "facets")
        expect_equal(table_of(tables, "damage", "persons", "response"), [("1200", "good")], "damage")
        expect_equal(table_of(tables, "goals", "goal", "severity", "value"), [("serious", "high", "0")], "goals")
        number = desk.ctl("show", "1")[0]["ticket"]
        kinds = {kind for one, kind in table_of(tables, "targets", "incident", "kind") if one == number}
        expect_equal(kinds, {"acknowledge", "triage", "reply", "update"}, "targets")
        expect_equal({table_of(tables, name, "incident")[0][0] for name in ("told", "facets", "damage")}, {number}, "of which ticket")
        expect_equal(row["rows"], sum(len(table) - 1 for table in tables.values()), "rows")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")


@case
def no_more_is_told_than_they_may_see():
    red = plain_mail(2).replace(b"Subject: ", b"Subject: [TLP:RED] ", 1)
    with Office(HOSTILE, red) as desk:
        red_ticket = next(row for row in desk.ctl("list") if row["tlp"] == "TLP:RED")
        desk.export("--all", "kept")
        seen = (desk.folder / "kept/incidents.csv").read_text()
        expect_equal(red_ticket["ticket"] in seen, bool(desk.ctl("show", red_ticket["ticket"])), "as an administrator sees it")


if __name__ == "__main__":
    main()
