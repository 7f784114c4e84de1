#!/usr/bin/env python3
"""Who reported it is told to nobody: not encoded, not in a file, not by telephone number, not by what stands beside their
name; and what strangers call themselves stops no letter."""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, case, expect, expect_equal, wait_until  # noqa: E402
from letters import Team, open_signed, run_all  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
DATA = 65
REPORTER = "hanako@yamabuki.example"
BOB = "bob@cert.example"


def mail(text, sender="山吹 花子（やまぶき商事） <hanako@yamabuki.example>", number=1):
    return (f"From: {sender}\nTo: csirt@sakura.example\nSubject: phishing site\nMessage-ID: <hidden-{number}@yamabuki.example>\n"
            "Date: Mon, 16 Nov 2026 09:00:00 +0900\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            f"Content-Transfer-Encoding: 8bit\n\n{text}\n").encode()


class Office(Team):
    """A desk with one ticket, and a party who can be asked."""

    def __init__(self, text="A fake login page: hxxp://login.bad-site.example/a", label="green", **settings):
        super().__init__(outgoing=AT_ONCE, acknowledge='mode = "off";')
        self.drop(mail(text, **settings))
        self.settled(1)
        self.ctl("contact", "add", "Other CERT", "--kind", "peer", "--address", BOB, "relation=community", "verified=by telephone",
                 "language=en")
        self.ctl("set", "1", f"label={label}", "--reason", "agreed")

    def file(self, name, data):
        path = self.folder / "files" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return str(path)

    def type(self, *words, text=""):
        command = [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words, "--json"]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)

    def ask_bob(self, *words, text="", status=0, how="--yes"):
        done = self.type("coord", "1", "--to", "Other CERT", "--text", "-", how, *words, text=text)
        expect_equal(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return done.stdout if status == 0 else " ".join(done.stderr.split())

    def letter(self):
        """All that Bob reads: its subject, its text, and its files."""
        def found():
            return [data for data in self.sent(0) if f"To: {BOB}".encode() in data or f"<{BOB}>".encode() in data]
        entity, _ = open_signed(wait_until(found, "the letter goes")[0])
        parts = [part for part in entity.walk() if not part.is_multipart()]
        words = [part.get_payload(decode=True).decode() + " " + str(part.get_filename()) for part in parts]
        return "\n".join([str(entity["Subject"]), *words])


def expect_hidden(told, *secrets):
    for secret in ("yamabuki", "hanako", "山吹", "やまぶき", *secrets):
        expect(secret.lower() not in told.lower(), f"\"{secret}\" is told: {told}")


@case
def a_link_that_was_made_for_them_is_no_evidence():
    links = ("hxxp://login.bad-site.example/?u=hanako%40yamabuki.example", "hxxp://login.bad-site.example/?e=aGFuYWtvQHlhbWFidWtpLmV4YW1wbGU",
             "hxxp://login.bad-site.example/v/hanako%2540yamabuki.example/x", "hxxp://login.bad-site.example/plain")
    with Office(text="\n".join(links) + "\nWrite to soc@mail.yamabuki.example, too.") as desk:
        desk.ask_bob()
        told = desk.letter()
        expect("/plain" in told, f"what tells nothing goes: {told}")
        expect_hidden(told, "aGFuYWtv")
        for name in ("text", "csv", "json", "stix", "misp"):
            shared = desk.type("share", "1", "--format", name).stdout
            expect("plain" in shared, f"{name}: {shared}")
            expect_hidden(shared, "aGFuYWtv")


@case
def what_stands_beside_their_name_is_theirs():
    with Office() as desk:
        desk.ask_bob(text="山吹花子様 saw it, of やまぶき商事. So did 山吹 花子.")
        told = desk.letter()
        expect_hidden(told)
        expect_equal(told.count("(removed)"), 3, told)


@case
def who_told_it_by_telephone_can_be_called_by_us_alone():
    with Office(sender="Somebody <who@elsewhere.example>") as desk:
        desk.ctl("log", "phone", "1", "caller=Hanako Yamabuki, 03-1111-2222", "what=more",
                 "back=090-1234-5678 10-17 or hanako@yamabuki.example; compared with the list")
        desk.ask_bob(text="Call 090 1234 5678 or (03) 1111-2222, or write to hanako[at]yamabuki.example.")
        expect_hidden(desk.letter(), "1234", "2222")


@case
def what_a_form_says_of_them_is_theirs():
    form = ("コンピュータセキュリティインシデント報告様式\n名前: 山吹 花子\n電子メール: hanako@yamabuki.example\n電話番号: 03-1111-2222\n"
            "IPアドレス: 198.51.100.23\nインシデントの概要: a fake shop at hxxp://login.bad-site.example/a\n")
    with Office(text=form, sender="Form <noreply@forms.example>") as desk:
        desk.ask_bob(text="Ask hanako@yamabuki.example or 03-1111-2222.")
        expect_hidden(desk.letter(), "2222")


@case
def what_another_ticket_had_is_hidden_when_both_are_one():
    with Office(sender="Somebody <who@elsewhere.example>") as desk:
        desk.ctl("log", "phone", "caller=Hanako Yamabuki", "what=the same")
        desk.ctl("merge", "2", "1")
        desk.ctl("set", "1", "label=green", "--reason", "agreed")
        desk.ask_bob(text="Hanako Yamabuki saw it.")
        expect_hidden(desk.letter())


@case
def who_writes_again_under_another_name_is_the_same():
    with Office(sender="hy <hanako@yamabuki.example>") as desk:
        desk.drop(mail("More.", sender="Hanako Yamabuki <hanako@yamabuki.example>", number=2).replace(
            b"Subject: ", f"Subject: [SAKURA#{desk.ctl('show', '1')[0]['ticket']}] ".encode()))
        desk.settled(2)
        desk.ctl("inbox", "attach", str(desk.ctl("inbox")[0]["mail"]), "1")
        desk.ctl("set", "1", "label=green", "--reason", "agreed")
        desk.ask_bob(text="Hanako Yamabuki saw it.")
        expect_hidden(desk.letter())


@case
def a_file_in_an_old_charset_is_read():
    words = "報告者は山吹 花子さんです。\r\n"
    with Office() as desk:
        for charset in ("utf-8", "utf-16", "utf-16-le", "cp932", "euc-jp", "iso-2022-jp", "utf-8-sig"):
            said = desk.ask_bob("--attach", desk.file(f"{charset}.txt", words.encode(charset)), status=DATA)
            expect("tells who reported it" in said, f"{charset}: {said}")
        said = desk.ask_bob("--attach", desk.file("phish.eml", b"To: =?utf-8?B?" + b"5bGx5ZC56Iqx5a2Q?=\r\n\r\nx"), status=DATA)
        expect("tells who reported it" in said, said)
        said = desk.ask_bob("--attach", desk.file("hanako@yamabuki.example.txt", b"x"), status=DATA)
        expect("tells who reported it" in said, f"by its name: {said}")
        desk.ask_bob("--attach", desk.file("clean.txt", "何もありません。".encode("cp932")))


@case
def nobody_says_of_a_file_that_cannot_be_read_that_it_tells_nothing():
    with Office() as desk:
        seen = json.loads(desk.ask_bob("--attach", desk.file("sheet.xlsx", b"PK\x03\x04" + bytes(range(256))), how="--dry-run"))
        found = [one for one in seen["checks"] if "sheet.xlsx" in json.dumps(one)]
        expect_equal([one["result"] for one in found], ["WARNING"], f"{seen['checks']}")


@case
def a_name_that_stands_in_every_letter_stops_none():
    with Office(sender="Handling (Contact) <who@elsewhere.example>") as desk:
        desk.ask_bob()
        expect("Handling" in desk.letter(), "it goes")


if __name__ == "__main__":
    run_all()
