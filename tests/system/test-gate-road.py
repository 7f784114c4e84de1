#!/usr/bin/env python3
"""Who may be told what: letters of people against label, contact and names; asked again when the letter is made ready,
and once more at the courier's door."""

import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, BUILD, case, expect, expect_equal, free_port, plain_mail, relay_at, wait_until  # noqa: E402
from letters import Team, parse, run_all  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
IN_A_WHILE = 'transport = "maildir"; path = "out"; undo = "5s";'
DATA, FORBIDDEN = 65, 77
REPORTER, BOB, ALICE = "reporter@peer.example", "bob@client.example", "alice@peer.example"


class Office(Team):
    """A desk with one ticket; Bob, who told us nothing, can be written to."""

    def __init__(self, outgoing=AT_ONCE, **settings):
        super().__init__(outgoing=outgoing, **settings)
        self.drop(plain_mail(1))
        wait_until(lambda: self.ctl("list"), "the ticket")
        self.kill_all()
        with self.rows() as store:
            store.execute("INSERT INTO correspondent (incident, address) VALUES (1, ?)", (BOB,))
            store.execute("INSERT INTO correspondent (incident, address) VALUES (1, ?)", (ALICE,))
        self.start()

    def reply(self, *words, status=0):
        command = [str(BUILD / "madoctl"), "--config", str(self.configuration), "reply", "1", "--text", "-", "--yes", "--json", *words]
        done = subprocess.run(command, input="We look into it.\n", capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, status, f"{words}: {done.stdout} {done.stderr}")
        return json.loads(done.stdout) if status == 0 else " ".join(done.stderr.split())

    def mails_to(self, address):
        """What went to them, but for acknowledgements."""
        sent = [row for row in self.ctl("outbox", "list", "sent") if row["to"] == address and row["kind"] == "letter"]
        files = [file.read_bytes() for file in (self.folder / "out/new").iterdir()]
        found = [data for data in files if address in str(parse(data)["To"])]
        expect(len(found) >= len(sent), f"{len(sent)} letters are said to be sent to {address}")
        return sent

    def goes_to(self, address):
        wait_until(lambda: self.mails_to(address), f"a letter to {address}")

    def held_because(self, *words):
        row = self.held()[0]
        for word in words:
            expect(word in row["reply"], f"\"{word}\" is in the reason: {row['reply']}")
        return row


@case
def the_source_is_told_without_a_word_more():
    with Office() as desk:
        expect_equal(desk.ctl("show", "1")[0]["tlp"], "TLP:AMBER", "its label")
        desk.reply()
        desk.goes_to(REPORTER)


@case
def who_told_us_nothing_is_a_client_verified_and_confirmed_first():
    with Office() as desk:
        said = desk.reply("--to", BOB, status=FORBIDDEN)
        for word in ("TLP:AMBER", "TLP:CLEAR at most", f"madoctl contact add NAME --address {BOB}"):
            expect(word in said, f"{word}: {said}")
        desk.ctl("contact", "add", "Bob", "--address", BOB, "relation=client")
        desk.reply("--to", BOB, "--in-clear")
        desk.held_because("nobody has verified who Bob is", "madoctl contact verify 'Bob'")
        desk.ctl("contact", "verify", "Bob", "--how", "by telephone")
        desk.goes_to(BOB)


@case
def a_clearance_opens_what_the_relation_does_not():
    with Office() as desk:
        desk.ctl("contact", "add", "Bob", "--address", BOB, "relation=provider")
        desk.ctl("contact", "verify", "Bob", "--how", "by telephone")
        expect("relation provider" in desk.reply("--to", BOB, status=FORBIDDEN), "refused")
        expect_equal(desk.ctl("contact", "edit", "Bob", "clearance=amber")[0]["clearance"], "TLP:AMBER", "cleared")
        expect("in clear" in desk.reply("--to", BOB, status=DATA), "asks whether it may go in clear")
        desk.reply("--to", BOB, "--in-clear")
        desk.goes_to(BOB)


@case
def red_is_for_who_is_named_sealed_and_approved():
    with Office(pinned={"alice": ALICE}) as desk:
        desk.ctl("set", "1", "label=red")
        desk.ctl("contact", "verify", ALICE, "--how", "by telephone")
        said = desk.reply("--to", ALICE, status=FORBIDDEN)
        expect("no named recipient" in said and "madoctl named add" in said, said)
        expect_equal(desk.ask("named", "add", "1", ALICE).returncode, 64, "a reason is asked for")
        row = desk.ctl("named", "add", "1", ALICE, "--reason", "the source agreed")[0]
        expect_equal((row["name"], row["reason"]), ("Known alice", "the source agreed"), "named")
        desk.reply("--to", ALICE)
        desk.held_because("TLP:RED", "1 more of you must approve")
        expect_equal(desk.mails_to(ALICE), [], "nothing went")
        expect_equal(desk.ctl("named", "remove", "1", ALICE, "--reason", "a mistake"), [], "named no longer")
        expect("named" in [event["kind"] for event in desk.ctl("history", "1")], "in the history")


@case
def a_label_that_rises_while_a_letter_may_be_taken_back_holds_it():
    with Office(outgoing=IN_A_WHILE) as desk:
        desk.ctl("contact", "add", "Bob", "--address", BOB, "relation=client", "verified=by telephone")
        desk.reply("--to", BOB, "--in-clear")
        desk.ctl("set", "1", "label=red")
        desk.held_because("TLP:RED", "Bob is no named recipient")
        expect_equal(desk.mails_to(BOB), [], "nothing went")


@case
def a_label_that_rises_while_a_letter_waits_for_the_relay_holds_it():
    for key in ({}, {"alice": ALICE}):
        with Office(outgoing=relay_at(free_port()) + 'undo = "0s";', acknowledge='mode = "off";', pinned=key) as desk:
            address = ALICE if key else BOB
            if not key:
                desk.ctl("contact", "add", "Bob", "--address", BOB)
            desk.ctl("contact", "edit", address, "relation=client", "verified=by telephone")
            desk.ctl("set", "1", "label=amber")
            desk.reply("--to", address, *([] if key else ["--in-clear"]))
            letter = wait_until(lambda: [row for row in desk.ctl("outbox") if row["to"] == address], "the letter")[0]
            wait_until(lambda: desk.ctl("outbox", "show", str(letter["id"]))[0]["signed_with"], "it was made ready")
            desk.ctl("set", "1", "label=red")
            desk.ask("outbox", "retry", str(letter["id"]))
            row = desk.held_because("TLP:RED", "no named recipient", "since then")
            expect_equal(row["to"], address, "which")


if __name__ == "__main__":
    run_all()
