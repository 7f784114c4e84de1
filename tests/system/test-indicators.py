#!/usr/bin/env python3
"""Indicators of real mails: found by the reader, sifted by the desk, kept, shown, and tied to the
tickets that have the same."""

import email.message
import hashlib
import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main, plain_mail  # noqa: E402

FIRST = """We were shown a copy of your page:

    hxxps://login[.]evil[.]example/session?id=1

It was sent by mallory [at] evil [dot] example from 192[.]0[.]2[.]17 (AS64496), see CVE-2026-1234.
Our proxy is version 10.1.2.3; the file is report.pdf.
ご確認ください。攻撃元は１９８．５１．１００．７です。
-- 
A. Reporter <reporter@peer.example>, https://www.peer.example/
"""
WANTED = [
    ("url", "https://login.evil.example/session?id=1", "hxxps://login[.]evil[.]example/session?id=1"),
    ("mail", "mallory@evil.example", "mallory [at] evil [dot] example"),
    ("ipv4", "192.0.2.17", "192[.]0[.]2[.]17"), ("asn", "AS64496", "AS64496"),
    ("cve", "CVE-2026-1234", "CVE-2026-1234"), ("ipv4", "198.51.100.7", "１９８．５１．１００．７"),
    ("url", "https://www.peer.example/", "https://www.peer.example/")]
FILE = b"PK\x03\x04 nothing to unpack"
HASH = hashlib.sha256(FILE).hexdigest()


def with_files(subject, text, sender="other@partner.example"):
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "csirt@sakura.example", subject
    mail["Message-ID"] = f"<{subject}@partner.example>"
    mail.set_content(text)
    mail.add_attachment(FILE, maintype="application", subtype="zip", filename=f"{subject}.zip")
    mail.add_attachment("time,address\n04:11,203.0.113.9\n", subtype="csv", filename="hosts.csv")
    return mail.as_bytes()


def found(row):
    return [(one["type"], one["value"], one["as_written"]) for one in row["indicators"]]


@case
def what_a_mail_says_is_shown_with_its_ticket():
    with Desk() as desk:
        desk.drop(plain_mail(text=FIRST))
        desk.settled(1)
        ticket = desk.ctl("show", "1")[0]
        expect_equal([one for one in found(ticket) if one[1] != "192.0.2.1"], WANTED, "indicators")
        expect_equal(ticket["indicators"][0]["from"], "subject", "where the first stands")
        expect_equal(ticket["indicators"][1]["from"], "text", "where the second stands")
        expect_equal(ticket["related"], [], "related")
        expect_equal(found(desk.ctl("show", "1", "--mail")[0]), found(ticket), "of its mail")
        screen = desk.ask("show", "1").stdout
        expect("hxxps://login[.]evil[.]example/session?id=1" in screen, f"the screen: {screen}")
        expect("mallory[at]evil[.]example" in screen, f"the screen: {screen}")


@case
def the_same_in_another_ticket_is_related():
    with Desk() as desk:
        desk.drop(plain_mail(text=FIRST))
        desk.settled(1)
        desk.drop(with_files("one", "It was 192.0.2.17 here, too."))
        desk.settled(2)
        desk.drop(with_files("two", "Nothing in common but the files."))
        desk.settled(3)
        second = desk.ctl("show", "2")[0]
        others = {one["ticket"][:9]: {(s["type"], s["value"]) for s in one["shared"]} for one in second["related"]}
        expect_equal(list(others), ["2026-0003", "2026-0001"], "newest first")
        by_place = list(others.values())
        expect(("attachment", HASH) in by_place[0] and ("ipv4", "203.0.113.9") in by_place[0], f"related {others}")
        expect_equal(by_place[1], {("ipv4", "192.0.2.17")}, "related to the first")
        expect_equal([one["from"] for one in second["indicators"] if one["value"] == "203.0.113.9"],
                     ["hosts.csv"], "from a file")


@case
def files_are_listed_with_where_else_they_came():
    with Desk() as desk:
        for number, name in enumerate(("one", "two"), 1):
            desk.drop(with_files(name, f"files of {name}"))
            desk.settled(number)
        rows = desk.ctl("artifact", "1")
        number = desk.ctl("show", "2")[0]["ticket"]
        expect_equal([(row["n"], row["name"], row["size"]) for row in rows],
                     [(1, "one.zip", len(FILE)), (2, "hosts.csv", rows[1]["size"])], "files")
        expect_equal((rows[0]["sha256"], rows[0]["elsewhere"]), (HASH, [number]), "hash, and where else")
        expect_equal(desk.ctl("artifact", "list", "1"), rows, "the long form")
        expect(HASH in desk.ask("artifact", "1").stdout, "the hash in text")


@case
def what_is_ours_or_an_example_is_left_out():
    settings = 'own = [ "198.18.0.0/24", "ours.co.jp" ];'
    text = "198.18.0.9 198.18.1.9 192.0.2.3 www.ours.co.jp theirs.co.jp a@evil.example csirt@sakura.example\n"
    with Desk(indicators=settings) as desk:
        mail = plain_mail(text=text)
        desk.drop(mail)
        desk.settled(1)
        kept = [("ipv4", "198.18.1.9", "198.18.1.9"), ("domain", "theirs.co.jp", "theirs.co.jp")]
        expect_equal(found(desk.ctl("show", "1")[0]), kept, "kept")
        file = desk.folder / "one.eml"
        file.write_bytes(mail)
        explained = json.loads(desk.ask("explain", "--json", str(file)).stdout)
        expect_equal(found(explained), kept, "explain says the same")


if __name__ == "__main__":
    main()
