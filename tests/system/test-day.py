#!/usr/bin/env python3
"""A day at a contact point: forty mails, telephone calls, a case that is TLP:RED, and one that is coordinated with two
peers who have numbers of their own, and with a provider who has no key.

The first peer is a mado as well. All mail goes through one Postfix, and who reads along there has a copy of every byte:
nothing of what is TLP:RED, and outside nothing of who reported, is ever in it."""

import email
import email.policy
import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from crypto_keys import Home  # noqa: E402
from harness import (BOUND, PROGRAMS, SHORT, Desk, Skipped, case, expect, expect_equal, main, plain_mail,  # noqa: E402
                     relay_at, sample, wait_until)
from postfix import Postfix  # noqa: E402

RED = "the code of the pump house is 7391"  # said in the case that is TLP:RED alone
HANAKO, KAEDE, PROVIDER = "hanako@yamabuki.example", "csirt@kaede.example", "abuse@example-net.example"
OURS, MOMIJI, COPY = "csirt@sakura.example", "csirt@momiji.example", "everything@copy.example"
COLLEAGUE = "daemon"  # a user of this host: the commander
SOURCE = '{ name = "mta"; type = "lmtp"; path = "run/lmtp.sock"; }'


# -- who takes part -------------------------------------------------------------------------------

class Contact(Desk):
    """A contact point that takes mail by LMTP and sends through the hub."""

    def __init__(self, tag, domain):
        self.tag, self.address = tag, f"csirt@{domain}"
        super().__init__(start=False, group="postfix")
        self.folder.chmod(0o711)
        self.domain = domain

    def open(self, hub):
        self.configure(sources=SOURCE, outgoing=relay_at(hub.port, more='undo = "0s";'), group="postfix",
                       notices=f"duty@{self.domain}", telling='bundle = "1s";')
        me = pwd.getpwuid(os.geteuid()).pw_name
        operators = (f'operators = ( {{ user = "{me}"; name = "Tanaka"; role = "admin"; }},'
                     f' {{ user = "{COLLEAGUE}"; name = "Sato"; role = "commander"; }} );')
        text = self.configuration.read_text()
        for ours, theirs in (("SAKURA", self.tag), ("sakura.example", self.domain), ("さくら工業", self.tag)):
            text = text.replace(ours, theirs)
        self.configuration.write_text("\n".join(operators if line.startswith("operators") else line
                                                for line in text.splitlines()) + "\n")
        self.start()
        (self.folder / "run").chmod(0o755)  # the commander is of no group here
        (self.folder / "run/control.sock").chmod(0o666)
        self.fingerprint, = [row["fingerprint"] for row in self.ctl("key", "init")]
        told(self, "key", "export", "--own", self.folder / "own.asc")
        self.public = (self.folder / "own.asc").read_bytes()

    def type(self, *words, text="", user=None, status=0):
        """madoctl as an operator types it: its rows; with another status what it said."""
        command = [str(PROGRAMS / "madoctl"), "--socket", str(self.folder / "run/control.sock"), *map(str, words), "--json"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND, user=user,
                              extra_groups=[] if user is not None else None)
        expect_equal(done.returncode, status, f"madoctl {' '.join(map(str, words))}: {done.stdout}{done.stderr}")
        return done.stderr if status else [json.loads(line) for line in done.stdout.splitlines()]

    def commander(self, *words):
        return self.type(*words, user=pwd.getpwnam(COLLEAGUE).pw_uid)

    def knows(self, name, address, public=None, *facts):
        """A contact whom somebody has called; with a key that was read out on the telephone."""
        told(self, "contact", "add", name, "--address", address, *facts, "verified=by telephone")
        if public:
            file = self.folder / "theirs.asc"
            file.write_bytes(public)
            offered = self.ctl("key", "import", str(file))
            told(self, "key", "pin", offered[0]["fingerprint"], "--contact", name, "--how", "by telephone")

    def ticket(self, words):
        """The ticket whose subject has these words, once it is there."""
        def found():
            rows = [row for row in self.incidents() if words in (row["subject"] or "")]
            return rows[0] if rows else None
        return wait_until(found, f"{self.tag} has a ticket about {words}")

    def shown(self, number):
        return self.ctl("show", number)[0]


class Hub(Postfix):
    """Who carries all mail, and keeps a copy of it."""

    def __init__(self, *teams):
        ways = ", ".join(f"{{{team.domain} = lmtp:unix:{team.folder}/run/lmtp.sock}}" for team in teams)
        addresses = ", ".join(f"{{duty@{team.domain} = virtual:}}" for team in teams)
        super().__init__(settings={"transport_maps": f"inline:{{ {addresses}, {ways} }}", "always_bcc": COPY})

    def letters(self, address):
        return [kept.mail for kept in self.kept() if kept.recipient == address]

    def letter(self, address, words, number=1):
        """The newest of so many letters to them with these words in the subject."""
        def found():
            those = [mail for mail in self.letters(address) if words in parse(mail)["Subject"]]
            return those[-1] if len(those) >= number else None
        return wait_until(found, f"{address} has {number} letters about {words}")


class Kaede:
    """A CSIRT that works with gpg and a ticket system of its own."""

    def __init__(self):
        self.home = Home(tempfile.mkdtemp(prefix="mk-", dir=SHORT))
        self.home.gpg("--quick-gen-key", f"KAEDE-CERT <{KAEDE}>", "ed25519", "sign", "never")
        fingerprint = next(line.split(":")[9] for line in
                           self.home.gpg("--with-colons", "--list-keys").decode().splitlines() if line.startswith("fpr"))
        self.home.gpg("--quick-add-key", fingerprint, "cv25519", "encr", "never")
        self.public = self.home.gpg("--armor", "--export")

    def sealed(self, text, subject, headers=()):
        """To us, signed by them."""
        entity = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
        data = self.home.gpg("--armor", "--trust-model", "always", "--recipient", OURS, "--sign", "--encrypt", data=entity)
        return mail(KAEDE, subject, [*headers, 'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; '
                                     'boundary="k"'],
                    "--k\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--k\r\n"
                    "Content-Type: application/octet-stream\r\n\r\n" + data.decode().replace("\n", "\r\n") + "\r\n--k--\r\n")

    def read(self, letter):
        """What a letter to them says."""
        sealed = [part for part in parse(letter).walk() if part.get_content_type() == "application/octet-stream"]
        expect(sealed, f"it is sealed: {letter[:400]}")
        plain = self.home.gpg("--decrypt", data=sealed[0].get_payload(decode=True))
        return parse(plain)

    def leave(self):
        self.home.end()
        shutil.rmtree(self.home.folder, ignore_errors=True)


def told(desk, *words):
    done = desk.ask(*map(str, words))
    expect_equal(done.returncode, 0, f"madoctl {' '.join(map(str, words))}: {done.stderr.strip()}")
    return done.stdout


def parse(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def text_of(message):
    return "\n".join(part.get_content() for part in message.walk() if part.get_content_type() == "text/plain")


NUMBERS = iter(range(1, 10000))


def mail(sender, subject, headers=(), text=""):
    head = [f"From: <{sender}>", f"To: {OURS}", f"Subject: {subject}", f"Message-ID: <day-{next(NUMBERS)}@{sender.split('@')[1]}>",
            "Date: Fri, 20 Nov 2026 09:00:00 +0900", "MIME-Version: 1.0", *headers]
    if not any(line.startswith("Content-Type") for line in headers):
        head.append("Content-Type: text/plain; charset=utf-8")
    return ("\r\n".join(head) + "\r\n\r\n" + text + "\r\n").encode()


def answer_to(letter, sender, text, subject=None):
    """As a mail program answers it."""
    outer = parse(letter)
    return mail(sender, subject or f"Re: {outer['Subject']}", [f"In-Reply-To: {outer['Message-ID']}",
                                                               f"References: {outer['Message-ID']}"], text)


# -- the day --------------------------------------------------------------------------------------

HACKED = ("The shop page of your company was changed tonight: https://shop.example.org/news/ shows a fake login,\n"
          "and 198.51.100.23 loads it from http://bad.example.net/kit.js. I am a customer.\n\nHanako Yamabuki, Yamabuki K.K.")


def the_morning(day):
    """Forty mails, of which a person has to sort a few."""
    for number in range(1, 29):
        day.send(plain_mail(number, sender=f"user{number}@net{number}.example"), f"user{number}@net{number}.example")
    for name in ("01-defacement-ja", "04-scan-utf8-base64-ja", "05-staff-html-only-ja", "06-zip-password-en",
                 "07-feedback-report", "08-vulnerability-en", "10-long-subject-en", "12-list-advisory-en", "24-out-of-office-ja"):
        day.send(sample(f"{name}.eml"), "somebody@else.example")
    day.send(mail(HANAKO, "The web shop was changed", text=HACKED), HANAKO)
    day.send(mail(f"x@{'y' * 20}.example", "Re: [SAKURA#2026-0001-1V] what did they say?", text="Tell me all of it."), "x@y.example")
    day.send(day.kaede.sealed(f"TLP:RED\r\nThe plant at 198.51.100.77 is theirs now, {RED}.", "[...]"), KAEDE)
    day.sakura.settled(day.sent)
    expect_equal(day.sent, 40, "mails")
    for row in day.sakura.ctl("inbox"):
        told(day.sakura, "inbox", "spam" if "what did they say" in row["subject"] else "accept", row["mail"])
    expect_equal(day.sakura.ctl("inbox"), [], "what is left to sort")


def a_call(day):
    """Somebody telephones, and again: it was nothing."""
    row, = day.sakura.type("log", "phone", "caller=Mori, Aoba Bank", "what=calls from somebody who says he is our desk",
                           "kind=incident", "promised=a call by noon")
    told(day.sakura, "take", row["ticket"])
    again, = day.sakura.type("log", "phone", row["ticket"], "what=it was a new employee", "kind=follow-up")
    expect_equal(again["ticket"], row["ticket"], "the same case")
    told(day.sakura, "close", row["ticket"], "--result", "a misunderstanding")


def the_red_case(day):
    """Sealed, seen by few; the answer waits for a second person, and goes sealed."""
    ticket = wait_until(lambda: [row for row in day.sakura.incidents() if row["tlp"] == "TLP:RED"], "the RED case")[0]["ticket"]
    told(day.sakura, "take", ticket)
    expect_equal(day.sakura.ctl("search", "pump"), [], "what is RED is not indexed")
    row, = day.sakura.type("reply", ticket, "--text", "-", "--yes", text="We have told the plant. Keep us posted.\n")
    held, = [one for one in day.sakura.ctl("hold") if one["id"] == row["id"]]
    expect("TLP:RED" in held["reply"], f"why it waits: {held['reply']}")
    day.sakura.type("hold", "release", str(row["id"]), "--reason", "read it", status=77)
    day.commander("hold", "release", str(row["id"]), "--reason", "read it")
    letter = day.hub.letter(KAEDE, ticket, 2)
    expect("We have told the plant." in text_of(day.kaede.read(letter)), "they read it")
    for contact in ("MOMIJI-CSIRT", "Example-Net"):
        said = day.sakura.type("coord", ticket, "--to", contact, "--yes", status=77)
        expect("TLP:RED" in said and "Nothing was sent" in said, said)


def the_defacement(day):
    """Asked back, coordinated with three parties, closed with a notice."""
    ticket = day.sakura.ticket("The web shop was changed")["ticket"]
    told(day.sakura, "take", ticket)
    told(day.sakura, "set", ticket, "category=defacement", "severity=high")
    told(day.sakura, "set", ticket, "label=amber", "--reason", "agreed with her on the telephone")
    day.sakura.type("ask", ticket, "Since when do you see it?", "--yes")
    question = day.hub.letter(HANAKO, ticket, 2)
    day.hub.submit(answer_to(question, HANAKO, "Since 03:10 +09:00."), HANAKO, [OURS])
    wait_until(lambda: len(day.sakura.shown(ticket)["mails"]) == 2, "her answer has joined")
    expect_equal(day.sakura.shown(ticket)["state"], "open", "state")
    told(day.sakura, "note", ticket, "--advice", "take the page down, keep the logs")
    asked = {row["to"]: row["coordination"] for row in day.sakura.type(
        "coord", ticket, "--to", "MOMIJI-CSIRT", "--to", "KAEDE-CERT", "--to", "Example-Net", "--request", f"Please look into it, {HANAKO} sees it",
        "--in-clear", "--yes")}
    the_peer_with_mado(day, ticket, asked[MOMIJI])
    the_peer_with_gpg(day, ticket, asked[KAEDE])
    the_provider(day, ticket, asked[PROVIDER])
    told(day.sakura, "coord", "done", asked[MOMIJI], "--result", "they warned their members")
    day.sakura.type("close", ticket, "--result", "the page is clean", "--notice", "--yes")
    wait_until(lambda: any("the page is clean" in text_of(parse(one)) for one in day.hub.letters(HANAKO)), "she is told")
    expect_equal(day.sakura.shown(ticket)["state"], "closed", "state")


def becomes(day, coordination, state):
    return wait_until(lambda: [row for row in day.sakura.ctl("coord", "show", coordination) if row["state"] == state],
                      f"{coordination} is {state}")[0]


def the_peer_with_mado(day, ticket, coordination):
    """Their mado acknowledges with a number of its own; one of theirs answers, and both numbers stay together."""
    theirs = wait_until(day.momiji.incidents, "MOMIJI has a ticket")[0]["ticket"]
    row = becomes(day, coordination, "acknowledged")
    expect(theirs in (row["their_number"] or ""), f"their number: {row}")
    shown = day.momiji.shown(theirs)
    expect(any(f"SAKURA#{ticket}" in (one.get("id") or "") for one in shown["references"]), f"ours: {shown['references']}")
    shown = told(day.momiji, "show", theirs)
    expect("Signed by\tSAKURA-CSIRT" in shown, f"they know who asked: {shown}")
    told(day.momiji, "take", theirs)
    day.momiji.type("reply", theirs, "--text", "-", "--yes", text="Two of our members load it as well; they are warned.\n")
    becomes(day, coordination, "answered")
    expect_equal(len(day.momiji.incidents()), 1, "one case there, whatever went to and fro")


def the_peer_with_gpg(day, ticket, coordination):
    asked = day.kaede.read(day.hub.letter(KAEDE, ticket))
    words = text_of(asked)
    expect("hxxps://shop[.]example[.]org" in words and "198[.]51[.]100[.]23" in words, f"what was seen, defanged: {words}")
    table = [part for part in asked.walk() if part.get_content_type() == "text/csv"]
    expect(table, "with the evidence as a table")
    outer = day.hub.letter(KAEDE, ticket)
    quoted = "\r\n".join(f"> {line}" for line in words.splitlines())
    day.hub.submit(day.kaede.sealed(f"We look into it. Our number is [kaede.example #4711].\r\n\r\n{quoted}",
                                    f"Re: [SAKURA#{ticket}] [kaede.example #4711]",
                                    [f"In-Reply-To: {parse(outer)['Message-ID']}"]), KAEDE, [OURS])
    becomes(day, coordination, "answered")


def the_provider(day, ticket, coordination):
    """No key: it went in clear because its writer knew, and confirmed."""
    letter = day.hub.letter(PROVIDER, ticket)
    expect(b"multipart/encrypted" not in letter, "it can be read by who has no key")
    day.hub.submit(answer_to(letter, PROVIDER, "The page is down now."), PROVIDER, [OURS])
    becomes(day, coordination, "answered")


def the_evening(day):
    """The sums are right, the journal is whole, and who read along knows nothing that they may not."""
    ledger = day.sakura.ledger()
    expect(ledger["balanced"], f"the sum: {ledger}")
    expect_equal((ledger["told"]["phone"], ledger["waiting"]), (2, 0), "calls; what waits")
    for team in (day.sakura, day.momiji):
        expect_equal(team.ctl("audit", "verify")[0]["intact"], True, "the journal")
        expect_equal(team.ctl("outbox", "list", "held"), [], "what is held")
    day.hub.empty()
    everything = b"".join(day.hub.letters(COPY))
    opened = "".join(text_of(parse(mail)) for mail in day.hub.letters(COPY))
    expect(RED.encode() not in everything and RED not in opened, "nothing of TLP:RED went in clear")
    outside = [mail for address in (PROVIDER, MOMIJI) for mail in day.hub.letters(address)]
    outside += [str(day.kaede.read(mail)).encode() for mail in day.hub.letters(KAEDE) if b"multipart/encrypted" in mail]
    for mail_out in outside:
        words = mail_out.decode(errors="replace") + text_of(parse(mail_out))
        expect(HANAKO not in words and "Yamabuki" not in words, f"who reported it: {words[:600]}")


class Day:
    def __init__(self, sakura, momiji, hub, kaede):
        self.sakura, self.momiji, self.hub, self.kaede = sakura, momiji, hub, kaede
        self.sent = 0

    def send(self, data, sender):
        self.hub.submit(data, sender, [OURS])
        self.sent += 1

    def commander(self, *words):
        return self.sakura.commander(*words)


@case
def a_day_at_the_contact_point():
    if os.geteuid() != 0:
        raise Skipped("only root can be two operators, and start Postfix")
    with Contact("SAKURA", "sakura.example") as sakura, Contact("MOMIJI", "momiji.example") as momiji, \
            Hub(sakura, momiji) as hub:
        sakura.open(hub)
        momiji.open(hub)
        kaede = Kaede()
        try:
            kaede.home.gpg("--import", data=sakura.public)
            sakura.knows("KAEDE-CERT", KAEDE, kaede.public, "relation=community", "clearance=amber", "language=en")
            sakura.knows("MOMIJI-CSIRT", MOMIJI, momiji.public, "relation=community", "clearance=amber")
            sakura.knows("Example-Net", PROVIDER, None, "relation=provider", "clearance=amber")
            momiji.knows("SAKURA-CSIRT", OURS, sakura.public, "relation=community")
            day = Day(sakura, momiji, hub, kaede)
            for part in (the_morning, a_call, the_red_case, the_defacement, the_evening):
                part(day)
        finally:
            kaede.leave()


if __name__ == "__main__":
    main()
