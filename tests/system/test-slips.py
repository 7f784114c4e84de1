#!/usr/bin/env python3
"""What goes wrong by haste, by chance or by design: letters taken back behind a merge, mails that were joined by mistake,
texts of strangers in letters of ours, and people who would approve what they have written."""

import contextlib
import json
import os
import pty
import pwd
import resource
import select
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, BUILD, Skipped, case, expect, expect_equal, plain_mail, wait_until  # noqa: E402
from letters import Team, parse, run_all  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
IN_A_MINUTE = 'transport = "maildir"; path = "out"; undo = "60s";'
SOON = 'transport = "maildir"; path = "out"; undo = "1s";'
DATA, FORBIDDEN = 65, 77
REPORTER, BOB = "reporter@peer.example", "bob@two.example"


class Office(Team):
    """A desk with one ticket, whose reporter was acknowledged."""

    def __init__(self, mail=None, outgoing=IN_A_MINUTE, **settings):
        super().__init__(outgoing=outgoing, **settings)
        self.drop(mail or plain_mail(1))
        self.settled(1)

    def type(self, *words, text=""):
        command = [str(BUILD / "madoctl"), "--config", str(self.configuration), *words]
        return subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)

    def write(self, *words, text="We look into it.\n", status=0):
        done = self.type(*words, "--yes", "--json", text=text)
        expect_equal(done.returncode, status, f"madoctl {' '.join(words)}: {done.stdout} {done.stderr}")
        return json.loads(done.stdout) if status == 0 else " ".join(done.stderr.split())

    def ticket(self, number):
        return self.ctl("show", str(number))[0]

    def tell(self, command, **args):
        """A row of the daemon's, asked for as madoctl does."""
        request = {"schema": "mado/1", "command": command, "args": args}
        with socket.socket(socket.AF_UNIX) as daemon:
            daemon.connect(str(self.folder / "run/control.sock"))
            daemon.sendall(json.dumps(request).encode() + b"\n")
            lines = b""
            while b'"end"' not in lines and b'"error"' not in lines or not lines.endswith(b"\n"):
                lines += daemon.recv(65536)
        return json.loads(lines.splitlines()[0])


# -- taken back -----------------------------------------------------------------------------------

@case
def a_letter_that_is_taken_back_changes_no_other_ticket():
    with Office() as desk:
        desk.drop(plain_mail(2, sender=BOB))
        desk.settled(2)
        row = desk.write("reply", "2", "--text", "-")
        desk.ctl("take", "1")
        desk.ctl("merge", "2", "1")
        desk.ctl("hold", "undo", str(row["id"]))
        expect_equal(desk.ticket(1)["state"], "open", "the ticket that it was merged into is as it was")
        desk.ctl("merge", "undo", "2")
        expect_equal(desk.ticket(2)["state"], "open", "and the part goes on")


@case
def a_notice_that_is_taken_back_leaves_the_ticket_as_it_was():
    with Office() as desk:
        desk.ctl("set", "1", "state=waiting:vendor: ACME")
        before = desk.ticket(1)
        row = desk.write("close", "1", "--result", "the site is down", "--notice")
        expect_equal(desk.ticket(1)["result"], "the site is down", "closed")
        desk.ctl("hold", "undo", str(row["id"]))
        after = desk.ticket(1)
        for name in ("state", "waits_for", "result", "closed"):
            expect_equal(after[name], before[name], name)


@case
def two_terminals_write_one_letter_each_and_know_of_the_other():
    with Office() as desk:
        sheets = []
        for text in ("We look into it.", "We look into it, too."):
            draft = desk.tell("draft", purpose="reply", id="1", text=text)
            sheet = {name: draft[name] for name in ("draft", "to", "language", "subject", "text")}
            sheets.append((sheet, desk.tell("weigh", purpose="reply", id="1", **sheet)))
        (one, weighed), (other, also) = sheets
        expect("id" in desk.tell("send", purpose="reply", id="1", **one, weighed=weighed["weighed"]), "the first one goes")
        refused = desk.tell("send", purpose="reply", id="1", **other, weighed=also["weighed"])
        expect("not what was looked at" in refused["error"]["message"], str(refused))
        again = desk.tell("weigh", purpose="reply", id="1", **other)
        said, = [check["text"] for check in again["checks"] if check["check"] == "letters"]
        expect("has not gone yet" in said and "hold" in said, said)
        expect("id" in desk.tell("send", purpose="reply", id="1", **other, weighed=again["weighed"]), "who knows may send it")


@case
def a_reporter_is_told_once_that_it_is_over():
    for words in (["close", "1", "--result", "done", "--notice"], ["reject", "1", "--reason", "not ours"]):
        with Office() as desk:
            row = desk.write(*words)
            said = desk.write(*words, status=DATA)
            expect("told so" in said and "madoctl reply" in said, said)
            desk.ctl("hold", "undo", str(row["id"]))
            desk.write(*words)
    with Office() as desk:
        desk.ctl("close", "1", "--result", "done")
        desk.write("close", "1", "--result", "done", "--notice")
        desk.ctl("reopen", "1")
        desk.write("close", "1", "--result", "done again", "--notice")


# -- who has told us ------------------------------------------------------------------------------

@case
def who_is_split_off_has_told_us_nothing_of_the_other():
    with Office(outgoing=AT_ONCE) as desk:
        desk.drop(plain_mail(2, sender=BOB, text="Another matter."))
        desk.settled(2)
        desk.ctl("merge", "2", "1")  # by mistake, and more than a day ago
        row = desk.write("reply", "1", "--text", "-", "--to", BOB, "--approve")
        desk.ctl("hold", "undo", str(row["id"]))  # and so it told them nothing
        desk.ctl("split", "mail:2")
        said = desk.write("reply", "1", "--text", "-", "--to", BOB, status=DATA)
        expect("has not written to us about" in said, said)
        expect_equal([row["address"] for row in desk.ticket(1)["reporters"]], [REPORTER], "its reporters")
        desk.write("reply", "3", "--text", "-", "--to", BOB)


@case
def what_a_caller_said_more_strictly_is_not_the_reporters():
    with Office(outgoing=AT_ONCE) as desk:
        desk.ctl("log", "phone", "1", "caller=Tanaka of ACME", "what=the board knows", "label=AMBER+STRICT")
        said = desk.write("reply", "1", "--text", "-", status=FORBIDDEN)
        expect("TLP:AMBER+STRICT" in said, said)


@case
def whoever_has_a_new_address_is_verified_anew():
    with Office() as desk:
        desk.ctl("contact", "add", "Bob", "--address", BOB, "relation=client")
        desk.ctl("contact", "verify", "Bob", "--how", "by telephone")
        desk.ctl("contact", "edit", "Bob", "note=of the second floor")
        expect(desk.ctl("contact", "show", "Bob")[0]["verified"], "a note changes nothing of that")
        desk.ctl("contact", "edit", "Bob", "address+=bob@two-example.example")
        expect_equal(desk.ctl("contact", "show", "Bob")[0]["verified"], None, "anybody can have asked for that")
        desk.ctl("contact", "verify", "Bob", "--how", "by telephone")
        desk.ctl("contact", "edit", "Bob", "address-=bob@two-example.example")
        expect(desk.ctl("contact", "show", "Bob")[0]["verified"], "one address less is none more")


# -- texts ----------------------------------------------------------------------------------------

@case
def what_they_quote_is_no_placeholder():
    mail = plain_mail(1, text=">> an older mail\n>>> one more\nWe see <<< and {{ in the log.")
    with Office(mail, outgoing=AT_ONCE) as desk:
        row = desk.write("reply", "1", "--text", "-", "--quote")
        expect_equal(row["state"], "queued", "it goes")


@case
def what_came_of_it_is_a_short_line():
    with Office() as desk:
        draft = desk.tell("draft", purpose="close", id="1")
        sheet = {name: draft[name] for name in ("draft", "to", "language", "subject")} | {"text": "TLP:AMBER\nIt is done.\n"}
        weighed = desk.tell("weigh", purpose="close", id="1", **sheet)["weighed"]
        refused = desk.tell("send", purpose="close", id="1", **sheet, weighed=weighed, result="x" * 501)
        expect("longer than 500 bytes" in refused["error"]["message"], str(refused))
        desk.tell("send", purpose="close", id="1", **sheet, weighed=weighed, result="down\nfor \x1b[31mgood\u202e")
        expect_equal(desk.ticket(1)["result"], "down\\x0Afor \\x1B[31mgood\\u{202E}", "one line that can be seen")


@case
def a_draft_is_one_letter_and_no_other():
    with Office() as desk:
        draft = desk.tell("draft", purpose="reply", id="1", text="We look into it.")
        sheet = {name: draft[name] for name in ("draft", "to", "language", "subject", "text")}
        weighed = desk.tell("weigh", purpose="reply", id="1", **sheet)["weighed"]
        first = desk.tell("send", purpose="reply", id="1", **sheet, weighed=weighed)
        again = desk.tell("send", purpose="reply", id="1", **sheet, weighed=weighed)
        expect_equal(again["id"], first["id"], "the same order")
        other = desk.tell("send", purpose="reply", id="1", **{**sheet, "text": sheet["text"] + "More.\n"}, weighed=weighed)
        expect("error" in other and "is another letter" in other["error"]["message"], str(other))


@case
def a_letter_says_no_weaker_label_than_its_ticket():
    """To the source, who may be told; and what it says would be passed on."""
    with Office() as desk:
        held = desk.write("reply", "1", "--text", "-", "--approve")
        desk.ctl("set", "1", "label=AMBER+STRICT")
        row = desk.write("reply", "1", "--text", "-", "--approve")
        expect("TLP:AMBER+STRICT" in row["subject"], "what is written now has the new one")
        reason = desk.ctl("hold", "show", str(held["id"]))[0]["gate_why"]
        for word in ("TLP:AMBER", "TLP:AMBER+STRICT by now", "hold drop"):
            expect(word in reason, f"{word}: {reason}")


# -- together and apart ---------------------------------------------------------------------------

@case
def what_was_written_under_the_stricter_label_keeps_it():
    for words in (["note", "1", "the minister is named"], ["log", "phone", "1", "what=the minister is named"]):
        with Office() as desk:
            desk.drop(plain_mail(2, sender=BOB, text="TLP:RED\nA secret."))
            desk.settled(2)
            desk.ctl("merge", "2", "1")
            desk.ctl(*words)
            desk.ctl("merge", "undo", "2")
            expect_equal(desk.ticket(1)["tlp"], "TLP:RED", f"behind {words}")


@case
def an_embargo_and_a_date_are_not_lost_by_order():
    with Office() as desk:
        desk.drop(plain_mail(2, sender=BOB))
        desk.settled(2)
        desk.ctl("set", "1", "state=embargo:2999-12-01", "due=2999-01-01")
        desk.ctl("set", "2", "state=embargo:2999-12-24", "due=2998-01-01")
        refused = desk.ask("merge", "2", "1")
        expect_equal(refused.returncode, DATA, "the later end counts")
        expect("state=embargo:2999-12-24" in " ".join(refused.stderr.split()), refused.stderr)
        desk.ctl("set", "1", "state=embargo:2999-12-24")
        merged, = desk.ctl("merge", "2", "1")
        expect("due=2998-01-01" in " ".join(merged["hints"]), f"what is due first: {merged['hints']}")
        own, = desk.ctl("split", "mail:2")
        expect_equal((own["state"], own["embargo_until"]), ("embargo", ticket_end(desk)), "what is split off")


def ticket_end(desk):
    return desk.ticket(1)["embargo_until"]


@case
def a_link_names_no_ticket_that_few_see():
    with Office() as desk:
        desk.drop(plain_mail(2, sender=BOB))
        desk.settled(2)
        for number in ("1", "2"):  # each for other few
            desk.ctl("restrict", number)
        desk.ctl("link", "1", "2", "--reason", "the same minister")
        for number, other in ((1, desk.ticket(2)["ticket"]), (2, desk.ticket(1)["ticket"])):
            said, = [event["text"] for event in desk.ctl("history", str(number)) if event["kind"] == "link"]
            expect(other not in said and "minister" not in said, f"{number}: {said}")


# -- who approves ---------------------------------------------------------------------------------

@case
def an_approval_is_of_a_person_who_is_known():
    if os.geteuid() != 0:
        raise Skipped("only root can be nobody's")
    with Office() as desk:
        row = desk.write("reply", "1", "--text", "-", "--approve")
        desk.kill_all()
        with desk.rows() as store:
            store.execute("UPDATE writing SET writer = 'tanaka'")
        lines = desk.configuration.read_text().splitlines()
        user = pwd.getpwuid(0).pw_name
        desk.configuration.write_text("\n".join(
            line.replace(f'user = "{user}"', 'user = "daemon"') if line.startswith("operators") else line for line in lines) + "\n")
        desk.start()
        done = desk.type("hold", "release", str(row["id"]), "--reason", "read it")
        expect_equal(done.returncode, FORBIDDEN, done.stderr)
        expect("operators" in done.stderr, done.stderr)


def gate_of(*purposes):
    return "gate : { approve = [" + ", ".join(f'"{one}"' for one in purposes) + "]; };"


@case
def what_the_gate_asks_approval_for_can_be_approved():
    """Not what its writer asks for, which is counted elsewhere."""
    with Office(outgoing=SOON, more=gate_of("reply")) as desk:
        row = desk.write("reply", "1", "--text", "-")
        expect_equal(desk.ctl("hold")[0]["approvals_missing"], 1, "how many are asked for")
        desk.kill_all()
        with desk.rows() as store:  # as if a colleague had written it
            store.execute("UPDATE writing SET writer = 'sato'")
        desk.start()
        desk.ctl("hold", "release", str(row["id"]), "--reason", "read it")
        wait_until(lambda: desk.ctl("outbox", "show", str(row["id"]))[0]["state"] == "sent", "it goes")
        expect("approved" in [event["kind"] for event in desk.ctl("history", "1")], "it is in the journal")


@case
def an_approval_ends_with_the_role_of_whoever_gave_it():
    with Office(outgoing=SOON, more=gate_of("reply")) as desk:
        row = desk.write("reply", "1", "--text", "-")
        expect_equal(row["state"], "held", "it waits")
        desk.kill_all()
        with desk.rows() as store:  # as if a colleague had approved it
            store.execute("INSERT INTO approval (letter, user, at, reason) VALUES (?, 'sato', 0, 'read it')", (row["id"],))
        whole = desk.configuration.read_text()
        sato = ', {{ user = "sato"; name = "Sato"; role = "{}"; }} );'
        desk.configuration.write_text(whole.replace('"admin"; } );', '"admin"; }' + sato.format("handler")))
        desk.start()
        expect_equal(desk.ctl("hold")[0]["approvals_missing"], 1, "a handler's counts for nothing")
        desk.kill_all()
        desk.configuration.write_text(whole.replace('"admin"; } );', '"admin"; }' + sato.format("commander")))
        desk.start()
        wait_until(lambda: desk.ctl("outbox", "show", str(row["id"]))[0]["state"] == "sent", "a commander's does")


# -- at the prompt --------------------------------------------------------------------------------

def at_terminal(desk, answers, *words):
    """What is shown; an answer is typed, or done, when its question stands there."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="dumb", COLUMNS="80")
        os.execv(BUILD / "madoctl", ["madoctl", "--config", str(desk.configuration), *words])
    shown, waiting = b"", list(answers)
    with contextlib.suppress(OSError):  # the other side has ended
        while select.select([fd], [], [], BOUND)[0]:
            shown += os.read(fd, 4096)
            if waiting and waiting[0][0].encode() in shown.rsplit(b"\n", 1)[-1]:
                _, typed, *done = waiting.pop(0)
                for do in done:
                    do()
                os.write(fd, typed.encode() + b"\n")
                shown += b"\n"
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode(errors="replace").replace("\r", "")


def killing(desk):
    """The launcher first; but without it the desk would live long enough to take what was written."""
    return "kill -9 " + " ".join(str(pid) for pid, _, _ in sorted(desk.family()))


def editor_that(desk, does):
    """It writes the answer, and does that behind it."""
    editor = desk.folder / "editor"
    editor.write_text(f"#!/bin/sh\nsed -i 's|<<<.*>>>|We have looked for hours.|' $1; [ -s $1 ] || echo We have looked for hours. > $1\n{does}\n")
    editor.chmod(0o755)
    return editor


@case
def only_an_answer_is_one():
    with Office() as desk:
        for typed in ("help", "yesterday", "n" * 63 + "y", "mail"):
            status, shown = at_terminal(desk, [("[N]o:", typed)], "ask", "1", "Why?")
            expect_equal(status, 1, f"{typed}: {shown}")
        expect_equal(desk.ctl("hold"), [], "letters that wait")
        status, shown = at_terminal(desk, [("[N]o:", "YES")], "ask", "1", "Why?")
        expect_equal(status, 0, shown)
        expect_equal(len(desk.ctl("hold")), 1, "letters that wait")


@case
def what_was_written_is_not_lost():
    """A mail comes while the letter is looked at; the daemon ends; the first line is spoilt."""
    with Office() as desk:
        editor = desk.folder / "editor"
        editor.write_text("#!/bin/sh\nsed -i 's|<<<.*>>>|We have looked for hours.|; 1d' $1\n")
        editor.chmod(0o755)
        os.environ["EDITOR"] = str(editor)

        def come():
            desk.drop(plain_mail(2, headers=["In-Reply-To: " + parse(desk.sent(1)[0])["Message-ID"]]))
            desk.settled(2)
        status, shown = at_terminal(desk, [("[N]o:", "y", come), ("[N]o:", "y")], "reply", "1")
        expect_equal(status, 0, shown)
        expect("not what was looked at" in shown and "its subject stays" in shown, shown)
        row = desk.ctl("hold")[0]
        expect(row["subject"].endswith("Your message to us"), row["subject"])
        expect("We have looked for hours." in desk.ctl("hold", "undo", str(row["id"]))[0]["text"], "what it says")
        status, shown = at_terminal(desk, [("[N]o:", "y", desk.kill_all)], "reply", "1")
        expect(status not in (0, 1), shown)
        expect("We have looked for hours." in shown.rsplit("cannot be reached", 1)[0].rsplit("[N]o:", 1)[1], shown)


@case
def who_writes_for_long_sends_all_the_same():
    """The daemon ends the connection of who says nothing for a minute, and is started again meanwhile."""
    with Office() as desk:
        os.environ["EDITOR"] = str(editor_that(desk, f"touch {desk.folder}/open; while [ ! -e {desk.folder}/go ]; do sleep .1; done"))

        def start_again():
            wait_until((desk.folder / "open").exists, "the editor is open")
            desk.restart()
            (desk.folder / "go").touch()
        with ThreadPoolExecutor(1) as pool:
            again = pool.submit(start_again)
            status, shown = at_terminal(desk, [("[N]o:", "y")], "reply", "1")
            again.result()
        expect_equal(status, 0, shown)
        row = desk.ctl("hold")[0]
        expect("We have looked for hours." in desk.ctl("hold", "undo", str(row["id"]))[0]["text"], "what it says")


@case
def what_was_written_for_a_colleague_is_not_lost_either():
    with Office() as desk:
        os.environ["EDITOR"] = str(editor_that(desk, killing(desk)))
        status, shown = at_terminal(desk, [], "note", "1")
        expect(status not in (0, 1), shown)
        expect("We have looked for hours." in shown, shown)


@case
def what_stood_in_an_editor_that_failed_is_given_back():
    with Office() as desk:
        os.environ["EDITOR"] = str(editor_that(desk, "exit 1"))
        status, shown = at_terminal(desk, [], "reply", "1")
        expect(status not in (0, 1), shown)
        expect("We have looked for hours." in shown, shown)
        os.environ["EDITOR"] = "false"  # and where nothing was written there is nothing
        expect("<<<" not in at_terminal(desk, [], "reply", "1")[1], "a draft that nobody has changed")


@case
def no_core_is_left_of_what_is_read():
    with Office() as desk:
        limits = desk.folder / "limits"
        most = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (most, most))
        os.environ["EDITOR"] = f"sh -c 'ulimit -c > {limits}; exit 1'"
        at_terminal(desk, [], "reply", "1")
        del os.environ["EDITOR"]
        expect_equal(limits.read_text().strip(), "0", "how large a core may be")


@case
def nothing_is_left_behind_when_the_terminal_is_closed():
    with Office() as desk:
        folder = desk.folder / "tmp"
        folder.mkdir()
        os.environ["TMPDIR"] = str(folder)
        os.environ["EDITOR"] = "sh -c 'kill -HUP $PPID; kill -INT $PPID; kill -TERM $PPID; exit 1'"
        at_terminal(desk, [], "reply", "1")
        del os.environ["TMPDIR"], os.environ["EDITOR"]
        expect_equal(list(folder.iterdir()), [], "files left behind")


@case
def a_label_that_rises_before_the_last_word_is_told():
    with Office() as desk:
        desk.ctl("contact", "add", "Reporter", "--address", REPORTER, "relation=inside")
        desk.ctl("contact", "verify", "Reporter", "--how", "by telephone")
        desk.ctl("log", "phone", "1", "what=more", "label=AMBER+STRICT")
        rise = (lambda: desk.ctl("set", "1", "label=RED"), lambda: desk.ctl("named", "add", "1", REPORTER, "--reason", "agreed"))
        status, shown = at_terminal(desk, [("[N]o:", "y"), ("Type clear:", "clear", *rise)], "ask", "1", "Why?")
        expect_equal(status, 1, shown)
        expect("It is TLP:RED by now." in shown, shown)
        expect_equal(desk.ctl("hold"), [], "letters that wait")


@case
def a_name_that_sounds_like_us_is_left_out():
    for name in ("{{text}}", "<<< urgent", "TLP:RED", "x" * 300):
        with Office(plain_mail(1).replace(b"A. Reporter", f'"{name}"'.encode())) as desk:
            draft = desk.tell("draft", purpose="ask", id="1", questions=["Why?"])
            expect_equal(draft.get("name", draft), None, name)
            expect("Dear colleague," in draft["text"] and name not in draft["text"], draft["text"])
            desk.write("ask", "1", "Why?")


if __name__ == "__main__":
    run_all()
