#!/usr/bin/env python3
"""Coordination: parties are asked, answer with numbers of their own, are reminded; departments and those who decide are
told. Who reported it is told to nobody."""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, case, expect, expect_equal, wait_until  # noqa: E402
from letters import Team, open_sealed, open_signed, parse, run_all  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
IN_A_MINUTE = 'transport = "maildir"; path = "out"; undo = "60s";'
USAGE, DATA, FORBIDDEN = 64, 65, 77
MONDAY = "2026-11-16T10:00:00+09:00"
REPORTER, NAME = "hanako@yamabuki.example", "Hanako Yamabuki"
ALICE, BOB, ISP = "alice@peer.example", "bob@cert.example", "abuse@isp.example"
HOURS = 'coordination : { reply_within = "1d"; reminders = [ "1h", "1d", "2d" ]; };'
SECRETS = (REPORTER, NAME, "Yamabuki Hanako", "hanako", "Yamabuki Trading", "@yamabuki.example")


def report(number=1, sender=f"{NAME} <{REPORTER}>", more=""):
    return (f"From: {sender}\nTo: csirt@sakura.example\nSubject: phishing site\nMessage-ID: <report-{number}@yamabuki.example>\n"
            "Date: Mon, 16 Nov 2026 09:00:00 +0900\nContent-Type: text/plain; charset=utf-8\n\n"
            f"We are Yamabuki Trading. A fake login page: hxxp://login.bad-site.example/a/b\nIt is at 198.51.100.23.\n{more}").encode()


def from_party(address, subject, text, references="", headers=()):
    from_party.count += 1
    return (f"From: {address}\nTo: csirt@sakura.example\nSubject: {subject}\nMessage-ID: <party-{from_party.count}@{address.split('@')[1]}>\n"
            + (f"In-Reply-To: {references}\nReferences: {references}\n" if references else "")
            + "".join(f"{header}\n" for header in headers)
            + f"Date: Tue, 17 Nov 2026 09:00:00 +0900\nContent-Type: text/plain; charset=utf-8\n\n{text}\n").encode()


from_party.count = 0


class Office(Team):
    """A desk with one ticket, and parties who can be asked."""

    def __init__(self, outgoing=AT_ONCE, label="green", mail=None, **settings):
        settings = {"pinned": {"alice": ALICE}, "more": HOURS, "acknowledge": 'mode = "off";', **settings}
        super().__init__(outgoing=outgoing, **settings)
        self.drop(mail or report())
        self.settled(1)
        self.ctl("contact", "edit", ALICE, "relation=community", "verified=by telephone", "name=Peer CSIRT",
                 "number=PEER-000000")
        self.ctl("contact", "add", "Other CERT", "--kind", "peer", "--address", BOB, "relation=community", "language=ja",
                 "verified=by telephone")
        self.ctl("contact", "add", "Example Net", "--kind", "organisation", "--address", ISP, "relation=provider")
        self.ctl("contact", "add", "Yamabuki", "--address", REPORTER, "--organisation", "Yamabuki Trading")
        if label:
            self.ctl("set", "1", f"label={label}", "--reason", "agreed")
        self.seen = len(self.files())

    def files(self):
        return sorted((self.folder / "out/new").iterdir(), key=lambda file: file.stat().st_mtime_ns)

    def type(self, *words, text=""):
        command = [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)

    def order(self, *words, text="", status=0, yes=("--yes",)):
        done = self.type(*words, *yes, "--json", text=text)
        expect_equal(done.returncode, status, f"madoctl {' '.join(words)}: {done.stdout} {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()] if status == 0 else " ".join(done.stderr.split())

    def asked(self, *contacts, more=()):
        return self.order("coord", "1", *(word for one in contacts for word in ("--to", one)), *more)

    @staticmethod
    def by_address(letters):
        """To whom each went."""
        return {address: data for data in letters for address in (ALICE, BOB, ISP) if address in parse(data)["To"]}

    def new_letters(self, number=1):
        files = wait_until(lambda: len(self.files()) >= self.seen + number and self.files(), f"{number} letters go")
        new = [file.read_bytes() for file in files[self.seen:]]
        self.seen = len(files)
        return new

    def coordination(self, number):
        row, = self.ctl("coord", "show", str(number))
        return row

    def becomes(self, number, state):
        return wait_until(lambda: self.coordination(number)["state"] == state and self.coordination(number),
                          f"coordination {number} is {state}")

    def kinds(self):
        return [event["kind"] for event in self.ctl("history", "1")]


def text_of(entity):
    return entity.get_payload(decode=True).decode(entity.get_content_charset()).replace("\r\n", "\n")


def plain_of(data):
    entity = open_sealed(data)[0] if b"multipart/encrypted" in data else open_signed(data)[0]
    return entity, text_of(entity)


def expect_hidden(data):
    """Who reported it stands in no byte: neither outside nor inside."""
    entity, text = plain_of(data)
    whole = "\n".join([data.decode(errors="replace"), str(entity), text])
    for secret in SECRETS:
        expect(secret.lower() not in whole.lower(), f"\"{secret}\" is told: {text}")


@case
def two_parties_are_asked_and_answer_with_their_numbers():
    with Office() as desk:
        rows = desk.asked("Peer CSIRT", "Other CERT")
        numbers = [row["coordination"] for row in rows]
        expect_equal([number[-4:] for number in numbers], ["0001", "0002"], "each has a number")
        letters = desk.by_address(desk.new_letters(2))
        sealed, clear = letters[ALICE], letters[BOB]
        for data in (sealed, clear):
            expect_hidden(data)
        entity, text = plain_of(sealed)
        expect("hxxp://login[.]bad-site[.]example/a/b" in text and "198[.]51[.]100[.]23" in text, f"masked: {text}")
        expect("\nTLP:GREEN\n" in text, f"label: {text}")
        entity, text = plain_of(clear)
        expect("ご担当者 様" in text and "お願いしたいこと" in text, f"in their language: {text}")
        ticket = desk.ctl("show", "1")[0]
        expect_equal([row["state"] for row in ticket["coordinations"]], ["asked", "asked"], "shown with the ticket")
        expect_equal((ticket["state"], ticket["waits_for"]), ("waiting", "peer: Peer CSIRT"), "it waits")
        # a machine of theirs has it
        desk.drop(from_party(ALICE, f"[PEER-004711] Re: {parse(sealed)['Subject']}", "We received your report.",
                             parse(sealed)["Message-ID"], ["Auto-Submitted: auto-replied"]))
        row = desk.becomes(1, "acknowledged")
        expect_equal((row["their_number"], row["next_reminder"] is not None), ("PEER-004711", True), "and nothing else")
        # a person answers
        desk.drop(from_party(BOB, f"Re: {parse(clear)['Subject']} [JPCERT#12345678]", "We look into it.", parse(clear)["Message-ID"]))
        row = desk.becomes(2, "answered")
        expect_equal((row["their_number"], row["next_reminder"]), ("JPCERT#12345678", None), "no reminder any more")
        expect_equal(desk.ctl("show", "1")[0]["state"], "waiting", "the other one is waited for")
        desk.drop(from_party(ALICE, f"Re: {parse(sealed)['Subject']}", "It is taken down.", parse(sealed)["Message-ID"]))
        desk.becomes(1, "answered")
        expect_equal(desk.ctl("show", "1")[0]["state"], "open", "nobody is waited for")
        # both numbers stand in what goes to them then
        desk.order("reply", "1", "--to", ALICE, "--text", "-", text="Thank you.\n")
        entity, text = plain_of(desk.new_letters(1)[0])
        expect("PEER-004711" in entity["Subject"] and "SAKURA#" in entity["Subject"], f"both numbers: {entity['Subject']}")
        expect_equal(desk.coordination(1)["letters"][1]["purpose"], "reply", "it belongs to the coordination")
        done, = desk.ctl("coord", "done", "C-2026-0001", "--result", "taken down")
        expect_equal((done["state"], done["result"]), ("done", "taken down"), "done")
        expect(desk.kinds().count("coordination") >= 6, f"all of it is in the journal: {desk.kinds()}")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")


if __name__ == "__main__":
    run_all()
