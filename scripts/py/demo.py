"""The demo: twenty-one mails come to the contact point of SAKURA-CSIRT on a Friday evening."""

import datetime
import email
import email.policy
import grp
import os
import pwd
import shutil
import sys
import tempfile
import unicodedata
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/system"))
sys.path.insert(0, str(TOP / "scripts/py"))
os.environ.setdefault("MADO_SOURCE", str(TOP))
import demo_sealed  # noqa: E402
from harness import NOW, Desk, Failed, wait_until  # noqa: E402

RUN = TOP / "demo-run"
SAMPLES = Path(os.environ.get("MADO_SAMPLES", TOP / "tests/samples"))
CONTACT = "csirt@sakura.example"
WIDTH = 80
FACTS = 2  # of one mail, in a line
LONGEST_SOCKET_FOLDER = 65  # a socket's path ends at 107 bytes, and gpg makes its own below it
CLOCK = int(datetime.datetime.fromisoformat(NOW).timestamp())
EVENING = 1795166520  # the files get the times from 2026-11-20 18:22 JST on

CONFIGURATION = """\
# The contact point of the demo. Every other setting has its default.
team :
{{
  name      = "SAKURA-CSIRT";
  name_ja   = "さくら工業 CSIRT";
  address   = "csirt@sakura.example";
  aliases   = [ "security@sakura.example", "abuse@sakura.example" ];
  emergency = "+81-3-0000-0110";
  timezone  = "Asia/Tokyo";
}};
intake   : {{ sources = ( {{ name = "inbox"; type = "maildir"; path = "Maildir"; }} ); }};
tickets  : {{ tag = "SAKURA"; }};
hours    : {{ holidays = "{holidays}"; }};
# Addresses and names in the demo are those kept for examples, which are left out elsewhere.
indicators : {{ documentation = "yes"; }};
notices  : {{ to = "duty@sakura.example"; }};
outgoing : {{ transport = "maildir"; path = "out"; }};
operators = ( {{ user = "{user}"; name = "{user}"; role = "admin"; }} );
keys     : {{ home = "{keys}"; }};
daemon   : {{ state = "state"; run = "{run}"; templates = "{templates}"; readers = 1;
             operator_group = "{group}"; deliver_group = "{group}"; }};
"""


def columns(text):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1
               for c in text)


def fit(text, width):
    """Exactly so many columns; what is cut ends in "..". """
    text = "".join(c if c.isprintable() else " " for c in text[:width + 1])  # thirty kB happen
    if columns(text) > width:
        while columns(text) > width - 2:
            text = text[:-1]
        text += ".."
    return text + " " * (width - columns(text))


class Evening:
    """What the daemon knows at the end, asked by madoctl, and what went out, read from out/."""

    def __init__(self, desk, arrivals, sealed, act):
        self.bytes = {name: (SAMPLES / name).read_bytes() for name in arrivals if name not in sealed} | sealed
        self.act = act
        self.ledger = desk.ledger()
        self.audit = desk.ctl("audit", "verify")[0]
        self.outbox = desk.ctl("outbox")
        self.doctor = {row["check"]: row for row in desk.ctl("key", "check")}
        self.tickets = {}
        self.ticket_of = {}
        for row in desk.ctl("list", "--all"):
            ticket = desk.ctl("show", row["ticket"])[0]
            self.tickets[row["ticket"]] = row
            for mail in ticket["mails"]:
                self.ticket_of[mail["mail"]] = row["ticket"]
        self.mails = [desk.ctl("show", f"mail:{number}")[0] for number in range(1, len(arrivals) + 1)]
        self.names = arrivals
        self.sent = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                     for path in sorted((RUN / "out/new").iterdir())]

    def mail(self, name):
        return self.mails[self.names.index(name)]

    def original(self, name):
        return email.message_from_bytes(self.bytes[name], policy=email.policy.compat32)

    def acks(self, name):
        message_id = self.original(name)["Message-ID"]
        return [letter for letter in self.sent if letter["In-Reply-To"] == message_id]

    def ticket(self, name):
        return self.ticket_of.get(self.mail(name)["mail"])


# -- the story --------------------------------------------------------------------------------------


def acknowledged(evening, name):
    acks = evening.acks(name)
    if not acks:
        return "no acknowledgement"
    japanese = any(unicodedata.east_asian_width(c) == "W" for c in acks[0]["Subject"])
    return "acknowledged in " + ("Japanese" if japanese else "English")


def place(evening, name):
    """Where one mail ended, in one line."""
    mail, number = evening.mail(name), evening.ticket(name)
    machine = mail["machine"]
    if number:
        ticket = evening.tickets[number]
        first = min(id for id, of in evening.ticket_of.items() if of == number)
        if mail["ledger"] == "machine":
            return f"-> noted at {number}, no answer: {machine['why']}"
        if first != mail["mail"]:
            return f"-> joined {number}"
        if mail["ledger"] == "unreadable":
            return f"-> {number}  cannot be read; the sender is told how to send it again"
        return f"-> {number}  {ticket['category'] or '-'}  {ticket['severity']}  {ticket['tlp']}   " \
               + acknowledged(evening, name)
    if mail["ledger"] == "pending":
        claim = f"; claims {mail['claims']}" if mail["claims"] else ""
        return f"-> NOT joined{claim}: a person sorts it, no answer"
    why = f": {machine['why']}" if machine["why"] else ""
    return f"-> {mail['ledger']}, no ticket, no answer{why}"


def protection(mail):
    """What may be said of a mail that came sealed or signed, in one line; "" for a plain one."""
    crypto = mail["crypto"]
    if not crypto or crypto["encrypted"] == crypto["signed"] == "none":
        return ""
    if mail["ledger"] == "unreadable":
        return "sealed, but not to a key of ours"
    seal = "sealed" if crypto["encrypted"] == "full" else "not sealed"
    signer = "nobody" if crypto["signed"] == "none" else crypto["signed_by"] \
        or "a key that nobody has checked"
    return f"{seal}; signed by {signer}"


def found(mail):
    """The facts that programs have found in it, in one line; "" for none."""
    facts = [f"{one['type']} {one['as_written']}" for one in mail["indicators"]]
    events = len(mail["report"]["events"]) + mail["report"]["events_left_out"]
    more = [f"and {len(facts) - FACTS} more"] if len(facts) > FACTS else []
    rows = [f"{events} event" + "s" * (events > 1)] if events else []
    return "found: " + ", ".join(rows + facts[:FACTS] + more) if rows or facts else ""


def tell(evening):
    print(f"\n{len(evening.names)} mails arrived at {CONTACT}\n")
    for number, name in enumerate(evening.names, 1):
        mail = evening.mail(name)
        sender = mail["from"]["name"] or mail["from"]["address"] or "(nobody)"
        print(f" {number:2}  {fit(sender, 22)}  {fit(mail['subject'] or '', WIDTH - 30)}".rstrip())
        for line in filter(None, (protection(mail), found(mail))):
            print("     " + fit(line, WIDTH - 6).rstrip())
        print("     " + fit(place(evening, name), WIDTH - 6).rstrip())


def show_first_ack(evening):
    ack = evening.acks(evening.names[0])[0]
    print("\nThe first acknowledgement, as it was sent:")
    for line in [f"To: {ack['To']}", f"Subject: {ack['Subject']}", "", *ack.get_content().splitlines()]:
        print(("  | " + line).rstrip())


def show_sealed_ack(evening):
    """All that anybody on the way sees, and what the peer's own gpg shows to the peer."""
    outside = evening.acks(SEALED)[0]
    inside, ours = evening.act.read(outside)
    print(f"\nThe answer to {demo_sealed.PEER}, as everybody on its way sees it:")
    for line in [f"To: {outside['To']}", f"Subject: {outside['Subject']}", "", "-----BEGIN PGP MESSAGE----- ..."]:
        print(("  | " + line).rstrip())
    print(f"and as {demo_sealed.PEER} reads it ({'signed by our key' if ours else 'NOT SIGNED'}):")
    for line in [f"Subject: {inside['Subject']}", "", *inside.get_content().splitlines()]:
        print(("  | " + line).rstrip())


# -- what is claimed --------------------------------------------------------------------------------

REPORT, REPLY, FORGED = "01-defacement-ja.eml", "21-reply-with-token-ja.eml", "22-reply-forged-en.eml"
WRONG, AWAY = "23-wrong-check-en.eml", "24-out-of-office-ja.eml"
MACHINES = ("12-list-advisory-en.eml", "13-bounce-en.eml", AWAY)
SEALED, FORGED_SIGNATURE, NEWCOMER, CLOSED = (
    "31-sealed-by-peer", "32-signed-by-mallory", "33-sealed-by-newcomer", "34-sealed-for-another")
CANARIES = (demo_sealed.CANARY, "214 logins", "shop.sakura", "改ざん", "4711", "phishing", "CVE-2026-99001", "mail gateway")


def claims(evening):
    """(sentence, is it true?)"""
    ledger, acks = evening.ledger, [letter for letter in evening.sent
                                    if letter["Auto-Submitted"] == "auto-replied"]
    places = sum(count for count in ledger["places"].values())
    text = "".join(letter["Subject"] + "".join(
        part.get_content() for part in letter.walk() if part.get_content_maintype() == "text") for letter in evening.sent)
    crypto = {name: evening.mail(name)["crypto"] for name in (SEALED, FORGED_SIGNATURE, NEWCOMER)}
    return [
        ("the ledger's places add up to what arrived",
         ledger["balanced"] and places == ledger["mails"] == len(evening.names) and not ledger["waiting"]),
        ("every mail could be read, but one that is sealed to another's key",
         not ledger["places"]["quarantine"] and ledger["places"]["unreadable"] == 1
         and evening.mail(CLOSED)["ledger"] == "unreadable"),
        (f"the sealed report is certainly {demo_sealed.PEER}'s, and its answer went out sealed",
         crypto[SEALED]["encrypted"] == "full" and crypto[SEALED]["signed_by"] == demo_sealed.PEER
         and evening.acks(SEALED)[0].get_content_type() == "multipart/encrypted" and evening.act.read(
             evening.acks(SEALED)[0])[1]),
        ("the mail that Mallory signed is nobody's", crypto[FORGED_SIGNATURE]["signed_by"] is None),
        ("a first sealed report, by a key not known, is answered by its number alone",
         crypto[NEWCOMER]["encrypted"] == "full"
         and evening.acks(NEWCOMER)[0].get_content_type() == "multipart/signed"),
        ("the first report has a number and one acknowledgement, in Japanese",
         evening.ticket(REPORT) and len(evening.acks(REPORT)) == 1
         and evening.ticket(REPORT) in evening.acks(REPORT)[0]["Subject"]
         and acknowledged(evening, REPORT).endswith("Japanese")),
        ("no mail was acknowledged twice",
         len(acks) == len({letter["In-Reply-To"] for letter in acks})),
        ("the reply that carries our token joined its ticket",
         evening.ticket(REPLY) == evening.ticket(REPORT) is not None),
        ("the stranger who quotes the number joined nothing and got no answer",
         evening.ticket(FORGED) is None and evening.mail(FORGED)["ledger"] == "pending"
         and not evening.acks(FORGED)),
        ("the number with wrong check characters joined nothing",
         evening.ticket(WRONG) != evening.ticket(REPORT)),
        ("list, bounce and out-of-office were not answered",
         not any(evening.acks(name) for name in MACHINES)),
        ("no letter of ours repeats a report, but its sender's own number",
         not any(word in text for word in CANARIES)),
        ("every letter is a file in demo-run/out, and nothing waits",
         len(evening.sent) == len(evening.outbox)
         and all(letter["state"] == "sent" for letter in evening.outbox)),
        ("the journal's chain of hashes is intact", evening.audit["intact"] and evening.audit["checked"] > 0),
    ]


def check(evening):
    """Prints what is false; the number of claims that hold."""
    results = claims(evening)
    print()
    for sentence, holds in results:
        print(f"{'ok   ' if holds else 'FALSE'} {sentence}")
    return sum(bool(holds) for _, holds in results), len(results)


# -- the evening ------------------------------------------------------------------------------------


def socket_folder():
    """(for the configuration, to be removed afterwards or None)"""
    if len(str(RUN / "run").encode()) <= LONGEST_SOCKET_FOLDER:
        return "run", None
    short = tempfile.mkdtemp(prefix="mado-", dir="/tmp")
    return short, short


def drop(desk, names, replace):
    """In order of name and time, as an MTA would have left them."""
    for name in names:
        mail = (SAMPLES / name).read_bytes()
        for word, value in replace.items():
            mail = mail.replace(word, value)
        desk.drop(mail, name.removesuffix(".eml"))
        order = sorted(path.name for path in SAMPLES.iterdir()).index(name)
        os.utime(desk.folder / "Maildir/new" / name.removesuffix(".eml"), (EVENING + order,) * 2)


def our_words():
    """What a reply quotes of the first acknowledgement."""
    wanted = email.message_from_bytes((SAMPLES / REPORT).read_bytes())["Message-ID"]
    for path in (RUN / "out/new").iterdir():
        ack = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        if ack["In-Reply-To"] == wanted:
            number = ack["Subject"].split("[", 1)[1].split("]", 1)[0]
            swapped = number[:-2] + number[-1] + number[-2]
            wrong = swapped if swapped != number else number[:-1] + ("2" if number[-1] != "2" else "3")
            return {b"@ACK@": ack["Message-ID"].strip("<>").encode(), b"@NUMBER@": number.encode(),
                    b"@WRONG@": wrong.encode()}
    raise Failed("the first report was not acknowledged; see demo-run/log")


def settle(desk, mails):
    """Every mail has its place, and every letter is out."""
    desk.settled(mails)
    wait_until(lambda: all(letter["state"] == "sent" for letter in desk.ctl("outbox")), "all letters are sent")


def second_act(desk, act, before):
    """One after the other, so that the story has an order."""
    act.meet(desk)
    mails = act.mails()
    for number, (name, mail) in enumerate(mails.items(), before + 1):
        desk.drop(mail, name)
        settle(desk, number)
    return mails


def play(run, act):
    names = sorted(path.name for path in SAMPLES.glob("*.eml"))
    replies = [name for name in names if name.startswith("2")]
    reports = [name for name in names if name not in replies]
    text = CONFIGURATION.format(
        user=pwd.getpwuid(os.geteuid()).pw_name, group=grp.getgrgid(os.getegid()).gr_name, run=run,
        keys="keys" if run == "run" else run + "/keys", templates=TOP / "etc/mado/templates",
        holidays=TOP / "etc/mado/holidays-jp.csv")
    with Desk(folder=RUN, configuration=text, options=["--now=" + NOW], start=False) as desk:
        drop(desk, reports, {})
        desk.once()
        drop(desk, replies, our_words())
        desk.once()
        desk.start()
        sealed = second_act(desk, act, len(names))
        evening = Evening(desk, reports + replies + list(sealed), sealed, act)
        if desk.stop() != 0:
            raise Failed("madod did not end well; see demo-run/log")
    return evening


def main():
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir()
    print("team SAKURA-CSIRT in demo-run/ (no network); the clock stands at\n"
          "Friday 2026-11-20 18:42 JST")
    run, temporary = socket_folder()
    act = demo_sealed.Act(RUN / "people" if not temporary else Path(temporary) / "people", CLOCK)
    try:
        evening = play(run, act)
        tell(evening)
        show_first_ack(evening)
        show_sealed_ack(evening)
        held, made = check(evening)
    except Failed as why:
        print(f"scripts/demo: {why}", file=sys.stderr)
        return 1
    finally:
        act.leave()
        if temporary:
            shutil.rmtree(temporary, ignore_errors=True)
    print(f"\n{held} of {made} checks passed. Look around:")
    if temporary:
        print("  (the path of this folder is long: give daemon.run in demo-run/mado.conf a short one)")
    print(f"  build/madod --config demo-run/mado.conf --now={NOW} &\n"
          "  build/madoctl --config demo-run/mado.conf list\n"
          "  build/madoctl explain tests/samples/03-peer-phishing-en.eml")
    return 0 if held == made else 1


sys.exit(main())
