"""A year of a contact point in a few dozen seconds: mails of reporters who write again, of machines and of strangers,
what operators do with them, contacts that are asked and answer. All of it from one seed."""

import datetime
import email
import email.policy
import heapq
import json
import os
import random
import re
import smtplib
import zoneinfo

from harness import Failed, Desk, expect, free_port
from stepping import Clock

ZONE = zoneinfo.ZoneInfo("Europe/Berlin")  # with summer time
YEAR = 2028                                # with a leap day
FIRST = datetime.datetime(YEAR, 1, 1, tzinfo=ZONE)
LAST = datetime.datetime(YEAR + 1, 1, 1, tzinfo=ZONE)
HOLIDAYS = [f"{YEAR}-{day}" for day in ("01-01", "03-24", "04-14", "04-17", "05-01", "05-25", "06-05", "10-03", "12-25", "12-26")]
DUTY = "duty@sakura.example"
PEERS = 8
SLOT = 3600  # mails and deeds come on the hour, so that many come at once
WORDS = {"phishing": "a phishing page that imitates your login", "scan": "a port scan from your network",
         "malware-infection": "a host that is infected with malware", "dos": "a DDoS attack from your network",
         "plain": "something odd in our log files"}
SETTINGS = {
    "team": 'languages = [ "en" ];',
    "telling": 'bundle = "0s";',
    "outgoing": 'transport = "maildir"; path = "out"; undo = "0s"; }; '
                'hours : { holidays = "HOLIDAYS"; closed = [ "12-27..12-31" ]; }; '
                'contacts : { review = "100d"; review_on = [ "10-01" ]; daily = 3; }; figures : { first_month = 1; ',
}


def at(slot):
    """The moment of a slot; behind a change of the clock by an hour it is the real time that counts."""
    return datetime.datetime.fromtimestamp(int(FIRST.timestamp()) + slot * SLOT, ZONE)


SLOTS = int(LAST.timestamp() - FIRST.timestamp()) // SLOT


class Year(Desk):
    """The daemon, and everybody who writes to it."""

    def __init__(self, mails, seed=7):
        self.random = random.Random(seed)
        self.port = free_port()
        self.clock = None
        self.moments = 0
        self.awaiting = {}   # Message-ID of a report -> its sender and subject
        self.threads = []    # (sender, subject, Message-ID of the acknowledgement)
        self.deeds = []      # heap of (slot, order, what, number)
        self.seen = {}       # Message-ID of each letter -> how often it went out
        self.reviews = []    # letters to contacts that will be answered
        self.order = 0
        super().__init__(start=False, notices=DUTY, options=["--now", (FIRST - datetime.timedelta(hours=1)).isoformat()],
                         sources=f'{{ name = "lmtp"; type = "lmtp"; listen = "127.0.0.1:{self.port}"; }}', **SETTINGS)
        holidays = self.folder / "holidays.csv"
        holidays.write_text("".join(f"{day},holiday\n" for day in HOLIDAYS))
        text = self.configuration.read_text().replace('"HOLIDAYS"', f'"{holidays}"')
        self.configuration.write_text(text.replace('timezone = "Asia/Tokyo"', f'timezone = "{ZONE.key}"'))
        self.plan = self.planned(mails)
        self.begin()

    # -- what comes when ----------------------------------------------------------------------

    def slot_of_somebody(self):
        """People write by day and on weekdays, most of them."""
        while True:
            slot = self.random.randrange(SLOTS)
            when = at(slot)
            weight = (1.0 if 8 <= when.hour < 19 else 0.15) * (1.0 if when.weekday() < 5 else 0.3)
            if self.random.random() < weight:
                return slot

    def planned(self, mails):
        kinds = ["report"] * 50 + ["answer"] * 36 + ["machine"] * 8 + ["copy"] * 4 + ["stranger"] * 2
        plan = sorted((self.slot_of_somebody(), number, self.random.choice(kinds)) for number in range(mails))
        leap = [slot for slot in range(SLOTS) if at(slot).strftime("%m-%d %H:%M") in ("02-29 10:00", "03-26 03:00", "10-29 02:00")]
        return sorted(plan[:-len(leap)] + [(slot, mails + number, "report") for number, slot in enumerate(leap)])

    # -- mails --------------------------------------------------------------------------------

    def mail(self, number, sender, subject, text, when, headers=()):
        return "\r\n".join([f"From: {sender}", "To: csirt@sakura.example", f"Subject: {subject}", f"Message-ID: <m{number}@{sender.split('@')[1]}>",
                            f"Date: {email.utils.format_datetime(when)}", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
                            "Content-Transfer-Encoding: 8bit", *headers, "", text, ""]).encode()

    def report(self, number, when):
        kind = self.random.choice(list(WORDS))
        sender = f"r{self.random.randrange(400)}@org{self.random.randrange(200)}.example"
        subject = f"Report {number} of {WORDS[kind]}"
        self.awaiting[f"<m{number}@{sender.split('@')[1]}>"] = (sender, subject)
        self.last = self.mail(number, sender, subject, f"We saw {WORDS[kind]}: hxxp://bad{number}.bad-site.example/a at 198.51.100.{number % 250}.", when)
        return self.last

    def answer(self, number, when):
        if not self.threads:
            return self.report(number, when)
        sender, subject, letter = self.random.choice(self.threads[-200:])
        return self.mail(number, sender, f"Re: {subject}", f"There is more of it, line {number}.", when,
                         (f"In-Reply-To: {letter}", f"References: {letter}"))

    def machine(self, number, when):
        return self.mail(number, f"robot{number % 9}@bulk.example", "Out of office", f"I am away, {number}.", when,
                         ("Auto-Submitted: auto-replied",))

    def copy(self, number, when):
        return getattr(self, "last", None) or self.report(number, when)

    def stranger(self, number, when):
        if not self.threads:
            return self.report(number, when)
        tag = re.search(r"\[(SAKURA#[^\]]+)\]", self.random.choice(self.threads)[1])[1]
        return self.mail(number, f"who{number}@nobody.example", f"[{tag}] hello", f"What about it? {number}", when)

    # -- the daemon and its clock -------------------------------------------------------------

    def begin(self):
        self.start()
        self.clock = Clock(self)
        self.lmtp = smtplib.LMTP("127.0.0.1", self.port)
        self.clock.settle()

    def again(self):
        """It is killed, and started again at the same moment."""
        self.options = ["--now", self.clock.now.isoformat()]
        self.kill_all()
        self.begin()

    def order_of(self, command, **args):
        """As madoctl asks, without a process."""
        self.clock.wire.sendall(json.dumps({"schema": "mado/1", "command": command, "args": args}).encode() + b"\n")
        rows = []
        while True:
            row = json.loads(self.clock.lines.readline())
            if "error" in row:
                raise Failed(f"{command} {args}: {row['error']}")
            if row.get("end"):
                return rows
            rows.append(row)

    def read_letters(self):
        """What went out since: each file is read once, and taken away."""
        folder = self.folder / "out/new"
        for name in sorted(os.listdir(folder)):
            data = (folder / name).read_bytes()
            (folder / name).unlink()
            letter = email.message_from_bytes(data.split(b"\n\n", 1)[0].split(b"\r\n\r\n", 1)[0] + b"\n\n", policy=email.policy.default)
            self.seen[letter["Message-ID"]] = self.seen.get(letter["Message-ID"], 0) + 1
            yield letter

    def hear(self, slot):
        for letter in self.read_letters():
            subject, to = str(letter["Subject"]), str(letter["To"])
            told = self.awaiting.pop(str(letter["In-Reply-To"]), None)
            number = re.search(r"\[SAKURA#([^\]]+)\]", subject)
            if told and number:
                self.threads.append((told[0], subject, str(letter["Message-ID"])))
                self.intend(slot, number[1])
            elif "contact review" in subject and self.random.random() < 0.6:
                self.do_later(slot + self.random.randrange(20, 300), "confirm", (to, subject, str(letter["Message-ID"])))

    # -- operators ----------------------------------------------------------------------------

    def do_later(self, slot, what, about):
        self.order += 1
        heapq.heappush(self.deeds, (slot, self.order, what, about))

    def intend(self, slot, number):
        soon = self.random.randrange(1, 8) if self.random.random() < 0.75 else self.random.randrange(40, 300)
        self.do_later(slot + soon, "take", number)
        if self.random.random() < 0.9:
            self.do_later(slot + soon + self.random.randrange(10, 1200), "close", number)
        if self.random.random() < 0.02:
            self.do_later(slot + soon + 1, "coordinate", number)

    def take(self, number):
        self.order_of("take", ids=[number])

    def close(self, number):
        self.order_of("close", id=number, result="dealt with")

    def coordinate(self, number):
        self.order_of("set", id=number, set=["label=green"], reason="agreed")
        self.ctl("coord", number, "--to", f"Peer {self.random.randrange(PEERS)}", "--reply-by", "3d", "--request", "Please take it down.", "--yes")

    def confirm(self, about):
        to, subject, letter = about
        self.order += 1
        self.hand_over(self.mail(f"c{self.order}", to, f"Re: {subject}", "No change.\r\n\r\nRegards,\r\nPeer", self.clock.now,
                            (f"In-Reply-To: {letter}", f"References: {letter}")))

    # -- the year -----------------------------------------------------------------------------

    def hand_over(self, mail):
        self.lmtp.sendmail("bounce@relay.example", ["csirt@sakura.example"], mail)

    def pass_to(self, slot):
        """Until then, with all that has to be done on the way."""
        while self.deeds and self.deeds[0][0] <= slot:
            due, _, what, about = heapq.heappop(self.deeds)
            if at(due) > self.clock.now:
                self.clock.to(at(due))
                self.hear(due)
            getattr(self, what)(about)
        if at(slot) > self.clock.now:
            self.clock.to(at(slot))
        self.clock.settle()
        self.hear(slot)

    def live(self, until=SLOTS, between=()):
        """Lets it pass until that slot; `between` are pairs of a slot and what is done then."""
        between = sorted(between, key=lambda one: one[0])
        while self.plan and self.plan[0][0] < until:
            slot, number, kind = self.plan.pop(0)
            while between and between[0][0] <= slot:
                when, deed = between.pop(0)
                self.pass_to(when)
                deed()
            if at(slot) > self.clock.now:
                self.pass_to(slot)
                self.moments += 1
            self.hand_over(getattr(self, kind)(number, self.clock.now))
            if not self.plan or self.plan[0][0] != slot:
                self.clock.settle()
                self.hear(slot)
        self.pass_to(until)
        expect(not between, "all of it has happened")
