#!/usr/bin/env python3
"""What people write goes through gate, sealing and courier, can be taken back, and is approved by others."""

import contextlib
import json
import os
import pty
import pwd
import re
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, BUILD, Skipped, case, expect, expect_equal, plain_mail, wait_until  # noqa: E402
from letters import OURS, TAG, Team, everybody, open_sealed, open_signed, parse, run_all, sealed_mail  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
IN_A_MINUTE = 'transport = "maildir"; path = "out"; undo = "60s";'
SOON = 'transport = "maildir"; path = "out"; undo = "3s";'
USAGE, DATA, BUSY, FORBIDDEN = 64, 65, 75, 77
REPORTER, ALICE = "reporter@peer.example", "alice@peer.example"


class Office(Team):
    """A desk with one ticket, whose reporter was acknowledged."""

    def __init__(self, mail=None, outgoing=AT_ONCE, acks=1, **settings):
        super().__init__(outgoing=outgoing, **settings)
        self.drop(mail or plain_mail(1))
        self.sent(acks) if acks else self.settled(1)

    def type(self, *words, text=None, user=None):
        """madoctl, as an operator types it; the finished process."""
        command = [str(BUILD / "madoctl"), "--config", str(self.configuration), *words]
        return subprocess.run(command, input=text or "", capture_output=True, text=True, timeout=BOUND, user=user,
                              extra_groups=[] if user is not None else None)

    def write(self, *words, text="We look into it.\n", status=0, **more):
        """The row of what came of a letter; or, with another exit status, what was said."""
        done = self.type(*words, "--yes", "--json", text=text, **more)
        expect_equal(done.returncode, status, f"madoctl {' '.join(words)}: {done.stdout} {done.stderr}")
        return json.loads(done.stdout) if status == 0 else done.stderr

    def reply(self, *words, **more):
        return self.write("reply", "1", "--text", "-", *words, **more)

    def state(self):
        return self.ctl("show", "1")[0]["state"]

    def kinds(self):
        return [event["kind"] for event in self.ctl("history", "1")]

    def everything(self):
        """All that an operator can see, and the journal."""
        commands = (["outbox"], ["hold"], ["show", "1"], ["history", "1"], ["audit", "verify"], ["contact"], ["ledger"])
        return [re.sub(r'"(age|left)_seconds": *-?\d+', "", done.stdout) for done in
                (self.ask(*words, "--json") for words in commands)]


def japanese_mail():
    text = "貴社のサイトが改ざんされているようです。ご確認をお願いします。"
    head = ("From: =?utf-8?B?5bGx5ZC5IOiKseWtkA==?= <hanako@yamabuki.example>\r\nTo: csirt@sakura.example\r\n"
            "Subject: =?utf-8?B?5pS544GW44KT?=\r\nMessage-ID: <ja-1@yamabuki.example>\r\nMIME-Version: 1.0\r\n"
            "Date: Fri, 20 Nov 2026 09:00:00 +0900\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n")
    return (head + text + "\r\n").encode()


def text_of(entity):
    return entity.get_payload(decode=True).decode(entity.get_content_charset()).replace("\r\n", "\n")


# -- it goes --------------------------------------------------------------------------------------

@case
def an_answer_goes_signed_and_finds_its_thread():
    with Office() as desk:
        row = desk.reply()
        entity, outer = open_signed(desk.sent(2)[1])
        expect_equal(row["kind"], "letter", "kind")
        expect_equal(outer["To"], f"\"A. Reporter\" <{REPORTER}>", "to whom")
        expect_equal(outer["From"], "SAKURA-CSIRT <csirt@sakura.example>", "from whom")
        expect_equal(outer["In-Reply-To"], "<report-1@peer.example>", "what it answers")
        expect(TAG.match(outer["Subject"]), f"the number is in front: {outer['Subject']}")
        expect("TLP:AMBER" in outer["Subject"], "the label is in the subject")
        expect(outer["Auto-Submitted"] is None, "a person wrote it")
        text = text_of(entity)
        expect("\nTLP:AMBER\nWe look into it.\n" in text, f"label above the text: {text}")
        expect("\n-- \nTanaka\n" in text, f"who wrote it: {text}")
        expect_equal(desk.state(), "open", "state")
        expect("wrote" in desk.kinds(), "it is in the journal")


@case
def the_answer_to_it_joins_by_the_token():
    with Office() as desk:
        desk.reply()
        ours = parse(desk.sent(2)[1])["Message-ID"]
        answer = plain_mail(2, sender="other@elsewhere.example", headers=[f"In-Reply-To: {ours}"],
                            text="Thank you.").replace(b"other@elsewhere.example", REPORTER.encode())
        desk.drop(answer)
        expect_equal(desk.settled(2)["incident"], 2, "mails of a ticket")
        expect_equal(len(desk.incidents()), 1, "tickets")


@case
def a_bounce_of_it_names_the_letter():
    with Office() as desk:
        row = desk.reply()
        letter = desk.sent(2)[1]
        sender = parse(letter)["Return-Path"].strip("<>")
        bounce = (f"Return-Path: <>\r\nDelivered-To: {sender}\r\nFrom: MAILER-DAEMON@peer.example\r\nTo: {sender}\r\n"
                  "Subject: Undelivered\r\nDate: Fri, 20 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
                  'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
                  "--b\r\nContent-Type: text/plain\r\n\r\nNo such user.\r\n"
                  "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.peer.example\r\n\r\n"
                  f"Final-Recipient: rfc822; {REPORTER}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n")
        desk.drop(bounce.encode())
        desk.settled(2)
        found = desk.ctl("outbox", "show", str(row["id"]))[0]
        expect("csirt+2026-0001." in sender, f"the sender has the token: {sender}")
        shown = desk.ctl("show", "1")[0]["deliveries"]
        expect_equal(shown[0]["recipient"], REPORTER, f"who was not reached; {found['state']}")


@case
def an_answer_goes_sealed_to_a_pinned_key():
    with Office(plain_mail(1, sender=ALICE), pinned={"alice": ALICE}) as desk:
        desk.reply()
        inner, outer, _ = open_sealed(desk.sent(2)[1])
        expect("We look into it." in text_of(inner), "what it says")
        expect_equal(TAG.sub("", outer["Subject"]), "", "outside there is the number alone")


@case
def a_japanese_reporter_is_answered_in_japanese():
    with Office(japanese_mail()) as desk:
        desk.reply(text="確認いたします。\n")
        entity, outer = open_signed(desk.sent(2)[1])
        text = text_of(entity)
        expect(str(outer["Subject"]).endswith("ご連絡いただいた件について"), f"subject: {outer['Subject']}")
        expect("山吹 花子 様" in text and "さくら工業 CSIRTのTanakaです" in text, text)
        expect_equal(entity["Content-Language"], "ja", "language")


@case
def whoever_reads_iso_2022_jp_alone_gets_that():
    with Office(japanese_mail()) as desk:
        desk.ctl("contact", "add", "Hanako", "--address", "hanako@yamabuki.example")
        desk.ctl("contact", "edit", "Hanako", "charset=iso-2022-jp")
        said = desk.reply(text="絵文字 😀 と ①\n", status=DATA)
        expect("😀" in said and "which has no" in said, said)
        desk.reply(text="確認～いたします。\n")
        entity, outer = open_signed(desk.sent(2)[1])
        expect_equal(entity.get_content_charset(), "iso-2022-jp", "charset")
        expect("iso-2022-jp" in str(desk.sent(2)[1]).lower().split("subject:")[1][:80], "of the subject")
        expect("確認〜いたします。" in text_of(entity), text_of(entity))
        expect(str(outer["Subject"]).endswith("ご連絡いただいた件について"), f"subject: {outer['Subject']}")


@case
def questions_are_asked_and_the_ticket_waits():
    with Office() as desk:
        desk.write("ask", "1", "Since when?", "Which host?")
        text = text_of(open_signed(desk.sent(2)[1])[0])
        expect("  (1) Since when?\n  (2) Which host?\n" in text, text)
        expect_equal(desk.state(), "waiting", "state")


@case
def a_notice_closes_and_a_reason_rejects():
    with Office() as desk:
        desk.write("close", "1", "--result", "the site is down", "--notice")
        text = text_of(open_signed(desk.sent(2)[1])[0])
        expect("Outcome   the site is down" in text, text)
        row = desk.ctl("show", "1")[0]
        expect_equal((row["state"], row["result"]), ("closed", "the site is down"), "the ticket")
    with Office() as desk:
        desk.write("reject", "1", "--reason", "it is not our network")
        text = text_of(open_signed(desk.sent(2)[1])[0])
        expect("it is not our network" in text, text)
        expect_equal(desk.state(), "rejected", "state")


# -- it does not ----------------------------------------------------------------------------------

@case
def a_dry_run_changes_nothing():
    with Office() as desk:
        before = desk.everything()
        for words in (["reply", "1", "--text", "-"], ["ask", "1", "Why?"], ["reject", "1", "--reason", "no"],
                      ["close", "1", "--result", "done", "--notice"]):
            done = desk.type(*words, "--dry-run", text="An answer.\n")
            expect_equal(done.returncode, 0, f"{words}: {done.stderr}")
            expect("Nothing was sent" in done.stderr, done.stderr)
        expect_equal(desk.everything(), before, "the store")


@case
def without_a_terminal_nothing_is_sent_by_itself():
    with Office() as desk:
        done = desk.type("reply", "1", "--text", "-", text="An answer.\n")
        expect_equal(done.returncode, USAGE, done.stderr)
        expect("--yes" in done.stderr, done.stderr)


@case
def what_is_wrong_with_it_keeps_it_here():
    with Office() as desk:
        expect("placeholder" in desk.reply(text="<<< later >>>\n", status=DATA), "a mark is left")
        expect("placeholder" in desk.reply(text="\n", status=DATA), "an empty answer")
        expect("written to us" in desk.write("reply", "1", "--text", "-", "--to", "else@peer.example", status=DATA),
               "nobody else is written to")
        expect_equal(len(desk.ctl("outbox")), 1, "letters")
        expect(desk.kinds().count("refused") == 3, f"refusals are in the journal: {desk.kinds()}")


@case
def an_answer_to_what_came_sealed_is_held_without_a_key():
    with Office(sealed_mail(ALICE, "the password is hidden in plain sight"), acks=1) as desk:
        row = desk.reply()
        expect_equal(row["state"], "held", "state")
        expect("no key" in row["reply"], row["reply"])
        keys = everybody()
        file = desk.folder / "alice.gpg"
        file.write_bytes(keys.public("alice"))
        desk.ctl("contact", "add", "Alice", "--address", ALICE)
        desk.ctl("key", "import", str(file))
        desk.ctl("key", "pin", keys.fingerprint["alice"], "--contact", "Alice", "--how", "by telephone")
        inner = open_sealed(desk.sent(2)[1])[0]
        expect("We look into it." in text_of(inner), "sealed, once there is a key")


@case
def what_came_sealed_from_another_is_not_told_in_clear():
    secret = "the attacker signs in as backup-operator from the third floor"
    with Office() as desk:
        desk.drop(sealed_mail(ALICE, secret, f"[SAKURA#{desk.ctl('show', '1')[0]['ticket']}] more"))
        desk.settled(2)
        desk.ctl("inbox", "attach", str(desk.ctl("inbox")[0]["mail"]), "1")
        row = desk.reply("--to", REPORTER, text=f"> {secret}\nWe know.\n")
        expect_equal(row["state"], "held", "state")
        expect("came sealed" in row["reply"], row["reply"])
        desk.reply("--to", REPORTER, text="We know.\n")
        expect("We know." in text_of(open_signed(desk.sent(2)[1])[0]), "without it the answer goes")


# -- at a terminal --------------------------------------------------------------------------------

def at_terminal(desk, answers, *words, editor=None):
    """What a terminal of 80 columns shows; `answers` are typed as they are asked for."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="dumb", EDITOR=editor or "true", COLUMNS="80")
        os.environ.pop("VISUAL", None)
        os.execv(BUILD / "madoctl", ["madoctl", "--config", str(desk.configuration), *words])
    shown, waiting = b"", list(answers)
    with contextlib.suppress(OSError):  # the other side has ended
        while select.select([fd], [], [], BOUND)[0]:
            shown += os.read(fd, 4096)
            if waiting and waiting[0][0].encode() in shown.rsplit(b"\n", 1)[-1]:
                os.write(fd, waiting.pop(0)[1].encode() + b"\n")
                shown += b"\n"
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode(errors="replace").replace("\r", "")


@case
def a_person_edits_looks_masks_and_sends():
    with Office() as desk:
        editor = desk.folder / "editor"
        editor.write_text("#!/bin/sh\nls -ld $(dirname $1) >&2; ls -l $1 >&2\n"
                          "sed -i 's|<<<.*>>>|See http://shop.example/a|' $1\n")
        editor.chmod(0o755)
        status, shown = at_terminal(desk, [("[N]o:", "m"), ("[N]o:", "y")], "reply", "1", editor=str(editor))
        expect_equal(status, 0, shown)
        for words in ("drwx------", "-rw-------", f"A. Reporter <{REPORTER}>", "no contact of ours", "TLP:AMBER",
                      "no placeholder left", "http://shop.example/a", "WARNING", "[m]ask links", "hold undo 2"):
            expect(words in shown, f"{words}: {shown}")
        text = text_of(open_signed(desk.sent(2)[1])[0])
        expect("See hxxp://shop[.]example/a\n" in text, text)


@case
def a_person_says_no_and_nothing_goes():
    with Office() as desk:
        before = desk.everything()
        for answer in ("n", "", "x"):
            status, shown = at_terminal(desk, [("[N]o:", answer)], "ask", "1", "Why?")
            expect_equal(status, 1, shown)
            expect("Nothing was sent." in shown, shown)
        status, shown = at_terminal(desk, [("[N]o:", "y")], "reply", "1")
        expect_equal(status, 1, shown)
        expect("It cannot go so." in shown and "[y]es" not in shown, shown)
        expect_equal(desk.everything(), before, "the store")


@case
def what_was_not_looked_at_does_not_go():
    """The daemon sends what was weighed, and nothing else."""
    with Office() as desk:
        def ask(command, **args):
            request = {"schema": "mado/1", "command": command, "args": {"purpose": "reply", "id": "1", **args}}
            with socket.socket(socket.AF_UNIX) as daemon:
                daemon.connect(str(desk.folder / "run/control.sock"))
                daemon.sendall(json.dumps(request).encode() + b"\n")
                return [json.loads(line) for line in read_answer(daemon)]
        draft = ask("draft", text="We look into it.")[0]
        sheet = {name: draft[name] for name in ("draft", "to", "language", "subject", "text")}
        weighed = ask("weigh", **sheet)[0]["weighed"]
        for change in ({"text": sheet["text"] + "More.\n"}, {"subject": sheet["subject"] + "!"}, {"language": "ja"}):
            refused = ask("send", **{**sheet, **change}, weighed=weighed)[0]
            expect("not what was looked at" in refused["error"]["message"], f"{change}: {refused}")
        first = ask("send", **sheet, weighed=weighed)[0]
        again = ask("send", **sheet, weighed=weighed)[0]
        expect_equal(again["id"], first["id"], "an order that is repeated is the same letter")
        expect_equal(len(desk.sent(2)), 2, "letters")


def read_answer(daemon):
    lines = b""
    while b'"end"' not in lines and b'"error"' not in lines or not lines.endswith(b"\n"):
        lines += daemon.recv(65536)
    return lines.splitlines()


# -- a minute -------------------------------------------------------------------------------------

@case
def a_letter_is_taken_back_within_its_minute():
    with Office(outgoing=IN_A_MINUTE) as desk:
        row = desk.write("ask", "1", "Since when?")
        expect(50 <= row["undo_seconds"] <= 60, f"it waits: {row}")
        expect_equal([one["id"] for one in desk.ctl("hold")], [row["id"]], "letters that wait")
        undone = desk.ctl("hold", "undo", str(row["id"]))[0]
        expect_equal(undone["state"], "dropped", "state")
        expect("(1) Since when?" in undone["text"], "its text is given back")
        expect_equal(desk.state(), "new", "the ticket is as it was")
        done = desk.type("hold", "undo", str(row["id"]))
        expect_equal(done.returncode, DATA, done.stderr)
        expect("undone" in desk.kinds(), "it is in the journal")


@case
def what_has_gone_is_not_taken_back():
    with Office() as desk:
        row = desk.reply()
        desk.sent(2)
        wait_until(lambda: desk.ctl("outbox", "show", str(row["id"]))[0]["state"] == "sent", "it is sent")
        done = desk.type("hold", "undo", str(row["id"]))
        expect_equal(done.returncode, DATA, done.stderr)
        expect("sent" in done.stderr, done.stderr)


@case
def a_kill_within_the_minute_sends_it_once():
    with Office(outgoing=SOON) as desk:
        desk.reply()
        desk.restart()
        desk.sent(2)
        wait_until(lambda: not desk.ctl("hold"), "nothing waits any more")
        expect_equal(len(desk.sent(2)), 2, "letters: an acknowledgement and an answer")


@case
def a_label_that_rises_within_the_minute_holds_it():
    with Office(outgoing=SOON) as desk:
        desk.drop(plain_mail(2, sender="second@peer.example", text="TLP:RED\nWe know more."))
        desk.settled(2)
        row = desk.reply()
        mail = desk.ctl("list")[0]
        expect(row["state"] == "queued", f"it goes: {row}")
        desk.ctl("set", "1", "label=RED", "--reason", "it is worse")
        held = desk.held()[0]
        expect_equal(held["id"], row["id"], f"held; {mail['ticket']}")


# -- approval -------------------------------------------------------------------------------------

def colleague():
    """A user of this host who is somebody else."""
    if os.geteuid() != 0:
        raise Skipped("only root can be two operators")
    return pwd.getpwnam("daemon")


def second_operator(role="commander"):
    return (f'operators = ( {{ user = "{pwd.getpwuid(os.geteuid()).pw_name}"; name = "Tanaka"; role = "admin"; }},'
            f' {{ user = "{colleague().pw_name}"; name = "Sato"; role = "{role}"; }} );')


class Two(Office):
    """A desk with two operators."""

    def __init__(self, role="commander", **settings):
        self.role = role
        super().__init__(**settings)

    def configure(self, text=None, **settings):
        super().configure(text, **settings)
        whole = self.configuration.read_text().splitlines()
        self.configuration.write_text("\n".join(
            second_operator(self.role) if line.startswith("operators") else line for line in whole) + "\n")
        os.chmod(self.folder, 0o755)

    def start(self, *words, **more):
        super().start(*words, **more)
        os.chmod(self.folder / "run", 0o755)
        os.chmod(self.folder / "run/control.sock", 0o666)

    def colleague(self, *words):
        return self.type("--socket", str(self.folder / "run/control.sock"), *words, user=colleague().pw_uid)


@case
def another_person_lets_it_go_and_never_its_writer():
    with Two() as desk:
        row = desk.reply("--approve")
        expect_equal(row["state"], "held", "state")
        number = str(row["id"])
        shown = desk.ctl("hold")[0]
        expect_equal((shown["writer"], shown["approvals_missing"], shown["approved_by"]),
                     (pwd.getpwuid(os.geteuid()).pw_name, 1, []), "who wrote it, and who is missing")
        done = desk.type("hold", "release", number, "--reason", "it is fine")
        expect_equal(done.returncode, FORBIDDEN, done.stderr)
        expect("has not written it" in done.stderr, done.stderr)
        expect("refused" in desk.kinds(), "the refusal is in the journal")
        done = desk.colleague("hold", "release", number, "--reason", "read it")
        expect_equal(done.returncode, 0, done.stderr)
        entity, _ = open_signed(desk.sent(2)[1])
        expect("We look into it." in text_of(entity), "it went")
        expect("approved" in desk.kinds(), "the approval is in the journal")


@case
def who_may_not_approve_does_not():
    with Two(role="handler") as desk:
        row = desk.reply("--approve")
        done = desk.colleague("hold", "release", str(row["id"]), "--reason", "read it")
        expect_equal(done.returncode, FORBIDDEN, done.stderr)
        expect_equal(desk.ctl("hold")[0]["state"], "held", "state")


@case
def two_operators_write_at_once():
    with Two() as desk:
        rows, threads = [], []

        def write(who, text):
            command = [str(BUILD / "madoctl"), "--socket", str(desk.folder / "run/control.sock"), "reply", "1",
                       "--text", "-", "--yes", "--json"]
            rows.append(subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND, user=who,
                                       extra_groups=[] if who else None))
        for who in (None, colleague().pw_uid):
            threads.append(threading.Thread(target=write, args=(who, f"From {who}.\n")))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        done = [row for row in rows if row.returncode == 0]
        for row in rows:
            expect(row.returncode in (0, BUSY), f"{row.returncode}: {row.stderr}")
        expect(done, "one of them was sent")
        texts = [text_of(open_signed(data)[0]) for data in desk.sent(1 + len(done))[1:]]
        expect_equal(len(set(texts)), len(done), "each letter is of one person")


if __name__ == "__main__":
    run_all()
