#!/usr/bin/env python3
"""What must not go in clear is held, with the reason, until there is a key; and gpg in trouble."""

import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, case, expect, expect_equal, plain_mail, wait_until  # noqa: E402
from letters import OURS, Team, add_row, everybody, open_sealed, open_signed, parse, run_all  # noqa: E402

DAY = 24 * 60 * 60


# -- held -----------------------------------------------------------------------------------------

def expect_held(desk, address, *words):
    desk.drop(plain_mail(1, sender=address))
    row = desk.held()[0]
    for word in (*words, "madoctl key"):
        expect(word in row["reply"], f"{word} is in the reason: {row['reply']}")
    expect_equal(row["to"], address, "to whom")
    expect_equal(list((desk.folder / "out/new").iterdir()), [], "sent")
    return row


@case
def an_expired_key_never_becomes_clear():
    with Team(pinned={"expired": "dave@peer.example"}) as desk:
        expect_held(desk, "dave@peer.example", "expired on", everybody().fingerprint["expired"])


@case
def a_revoked_key_never_becomes_clear():
    with Team(pinned={"revoked": "erin@peer.example"}) as desk:
        expect_held(desk, "erin@peer.example", "is revoked", everybody().fingerprint["revoked"])


@case
def seal_always_and_no_key_is_held():
    with Team(always=["faye@peer.example"]) as desk:
        expect_held(desk, "faye@peer.example", "seal always")


@case
def nothing_is_sealed_without_a_key_of_ours():
    with Team(own=None, pinned={"alice": "alice@peer.example"}) as desk:
        expect_held(desk, "alice@peer.example", "to sign with")


@case
def what_is_held_keeps_nobody_else_waiting():
    with Team(pinned={"expired": "dave@peer.example"}) as desk:
        expect_held(desk, "dave@peer.example")
        desk.drop(plain_mail(2))
        expect_equal(parse(desk.sent()[0])["To"], "reporter@peer.example", "who has a letter")
        counts = {row["state"]: row["count"] for row in desk.ctl("status")[0]["outbox"]}
        expect_equal(counts["held"], 1, "held, in the status")


@case
def a_key_that_expires_while_a_letter_waits_holds_it():
    """The gate is asked again when the letter is sealed."""
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        pids = desk.kill_role("keys", 19)
        desk.drop(plain_mail(1, sender="alice@peer.example"))
        wait_until(lambda: desk.ctl("outbox", "list", "queued"), "the letter is queued")
        desk.kill_all()
        with desk.rows() as store:
            store.execute("UPDATE key SET expires = ? WHERE place = 'pinned'", (int(time.time()) - DAY,))
        desk.start()
        expect("expired on" in desk.held()[0]["reply"], f"held; stopped were {pids}")


@case
def a_key_that_is_unpinned_while_a_letter_waits_holds_it():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        desk.kill_role("keys", 19)
        desk.drop(plain_mail(1, sender="alice@peer.example"))
        wait_until(lambda: desk.ctl("outbox", "list", "queued"), "the letter is queued")
        desk.kill_all()
        with desk.rows() as store:
            store.execute("UPDATE key SET place = 'unpinned', contact = NULL WHERE place = 'pinned'")
        desk.start()
        expect("was to be sealed" in desk.held()[0]["reply"], "held, and not in clear")


# -- hold -----------------------------------------------------------------------------------------

def import_and_pin(desk, name, address):
    """As an operator does it."""
    keys = everybody()
    file = desk.folder / f"{name}.gpg"
    file.write_bytes(keys.public(name))
    desk.ctl("key", "import", str(file))
    desk.ctl("key", "pin", keys.fingerprint[name], "--contact", address, "--how", "by telephone")


@case
def a_pinned_key_lets_go_what_is_held():
    with Team(always=["alice@peer.example"]) as desk:
        row = expect_held(desk, "alice@peer.example")
        import_and_pin(desk, "alice", "alice@peer.example")
        outer = open_sealed(desk.sent()[0])[1]
        expect_equal(outer["To"], "alice@peer.example", "to whom")
        kinds = [event["kind"] for event in desk.ctl("history", "1")]
        for kind in ("held", "released", "signed", "mail-out"):
            expect(kind in kinds, f"{kind} is in the journal: {kinds}")
        expect_equal(desk.ctl("hold"), [], f"held, after letter {row['id']} went")


@case
def a_changed_contact_lets_go_what_is_held():
    """Its address is found to be that of somebody whose key is pinned."""
    with Team(pinned={"alice": "alice@peer.example"}, always=["faye@peer.example"]) as desk:
        expect_held(desk, "faye@peer.example")
        desk.ctl("contact", "edit", "faye@peer.example", "address=other@peer.example")
        expect_equal(len(desk.ctl("hold")), 1, "held, for it never goes in clear")
        desk.ctl("contact", "edit", "alice@peer.example", "address+=faye@peer.example")
        expect_equal(open_sealed(desk.sent()[0])[1]["To"], "faye@peer.example", "to whom")
        expect_equal(desk.ctl("hold"), [], "held")


@case
def what_was_held_in_a_backup_goes_by_a_person_alone_behind_its_restore():
    """It may have been let go, and sent, since the copy was made."""
    with Team(pinned={"alice": "alice@peer.example"}, always=["faye@peer.example"]) as desk:
        expect_held(desk, "faye@peer.example")
        expect_equal(desk.ask("backup", str(desk.folder / "copy.tar")).returncode, 0, "a backup")
        desk.ctl("contact", "edit", "faye@peer.example", "address=other@peer.example")
        desk.ctl("contact", "edit", "alice@peer.example", "address+=faye@peer.example")
        desk.sent()
        desk.stop()
        done = subprocess.run(desk.command("--restore", str(desk.folder / "copy.tar"), "--replace"), capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, 0, done.stderr)
        for path in (desk.folder / "Maildir").glob("*/*"):
            path.unlink()
        desk.start()
        desk.ctl("contact", "edit", "faye@peer.example", "address=other@peer.example")
        desk.ctl("contact", "edit", "alice@peer.example", "address+=faye@peer.example")
        desk.drop(plain_mail(2, sender="alice@peer.example"))
        desk.sent(2)
        row, = desk.ctl("hold")
        expect("was restored" in row["reply"], row["reply"])
        expect_equal(desk.ask("hold", "release", str(row["id"]), "--reason", "it had not gone").returncode, 0, "by a person")
        desk.sent(3)


@case
def a_key_that_was_never_made_to_encrypt_holds_nothing():
    keys = everybody()
    keys.home.gpg("--quick-gen-key", "Signs <signs@peer.example>", "ed25519", "sign", "0")
    row = next(row for row in keys.home.gpg("--with-colons", "--list-keys", "signs@peer.example").decode().splitlines()
               if row.startswith("fpr:"))
    keys.fingerprint["signs"] = row.split(":")[9]
    with Team() as desk:
        desk.ctl("contact", "add", "Signs", "--address", "signs@peer.example")
        file = desk.folder / "signs.gpg"
        file.write_bytes(keys.home.gpg("--export", keys.fingerprint["signs"]))
        desk.ctl("key", "import", str(file))
        desk.ctl("key", "pin", keys.fingerprint["signs"], "--contact", "signs@peer.example", "--how", "by telephone")
        desk.drop(plain_mail(1, sender="signs@peer.example"))
        expect_equal(open_signed(desk.sent()[0])[1]["To"], "signs@peer.example", "signed, in clear")


@case
def a_held_letter_is_released_by_a_person_only_with_a_key():
    with Team(pinned={"expired": "dave@peer.example"}) as desk:
        number = str(expect_held(desk, "dave@peer.example")["id"])
        shown = desk.ctl("hold", "show", number)[0]
        expect_equal((shown["gate"], shown["gate_rule"]), ("hold", "no-usable-key"), "what the gate says")
        refused = desk.ask("hold", "release", number, "--reason", "he is waiting")
        expect_equal(refused.returncode, 65, "exit status")
        for words in ("stays held", "expired on", "madoctl key pin", "Nothing was changed"):
            expect(words in refused.stderr, f"{words}: {refused.stderr}")
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key("alice"), "pinned", 1)
        desk.start()
        expect_equal(desk.ctl("hold", "release", number, "--reason", "a key is there")[0]["state"], "queued", "state")
        expect_equal(open_sealed(desk.sent()[0])[1]["To"], "dave@peer.example", "to whom")


@case
def a_held_letter_never_goes_in_clear():
    """Not even when nobody asks for a seal any more."""
    with Team(always=["faye@peer.example"]) as desk:
        number = str(expect_held(desk, "faye@peer.example")["id"])
        desk.ctl("contact", "edit", "faye@peer.example", "seal=auto")
        refused = desk.ask("hold", "release", number, "--reason", "never mind")
        expect("never goes in clear" in refused.stderr, refused.stderr)
        expect_equal(refused.returncode, 65, "exit status")
        expect_equal(desk.ctl("hold", "drop", number, "--reason", "told by telephone")[0]["state"], "dropped", "state")
        expect_equal(list((desk.folder / "out/new").iterdir()), [], "sent")
        expect("not held" in desk.ask("hold", "drop", number, "--reason", "again").stderr, "it is dropped once")


@case
def held_letters_are_told():
    with Team(pinned={"expired": "dave@peer.example"}, notices="duty@sakura.example") as desk:
        desk.drop(plain_mail(1, sender="dave@peer.example"))
        wait_until(lambda: desk.ctl("hold"), "a letter is held")
        row = wait_until(lambda: [one for one in desk.ctl("alarms") if one["condition"] == "held"], "an alarm")[0]
        expect("madoctl hold" in row["text"], row["text"])
        findings = {row["check"]: row for row in map(json.loads, desk.ask("doctor", "--json").stdout.splitlines())}
        expect_equal((findings["held"]["result"], findings["held"]["do"]), ("warning", "madoctl hold"), "doctor")
        told = wait_until(lambda: [data for data in desk.sent(1) if b"duty@" in data and b"alarm" in data.lower()],
                          "operators are told")
        expect_equal(open_signed(told[0])[1]["To"], "duty@sakura.example", "to whom")


# -- gpg in trouble -------------------------------------------------------------------------------

@case
def what_gpg_refuses_is_held_with_its_word():
    """Our key has no secret part in the home."""
    with Team(own=None) as desk:
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key(OURS), "own")
        desk.start()
        desk.drop(plain_mail(1))
        reply = desk.held()[0]["reply"]
        expect("could not be signed" in reply, reply)
        expect_equal(list((desk.folder / "out/new").iterdir()), [], "sent")


@case
def operators_hear_of_it_even_unsigned():
    with Team(own=None, notices="duty@sakura.example") as desk:
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key(OURS), "own")
        desk.start()
        desk.drop(plain_mail(1))
        data = next(data for data in wait_until(lambda: desk.sent(), "a letter") if b"To: duty@" in data)
        expect_equal(parse(data).get_content_type(), "text/plain", "type")


@case
def an_alarm_does_not_stand_behind_an_answer_to_the_same_address():
    """One of our own people has reported something, and nobody can sign the answer."""
    with Team(notices="duty@sakura.example", telling='trouble_after = "1s";', more="keys : { hourly = 1; };") as desk:
        def told():
            letters = [parse(data) for data in desk.sent() if b"To: duty@" in data]
            return [letter for letter in letters if letter.get_content_type() == "text/plain"]
        desk.drop(plain_mail(1))
        desk.sent()
        desk.drop(plain_mail(2, sender="duty@sakura.example"))
        waiting = wait_until(lambda: [row["id"] for row in desk.ctl("outbox", "list", "queued")
                                      if (row["kind"], row["to"]) == ("ack", "duty@sakura.example")], "the answer waits")
        before = len(told())
        desk.drop(plain_mail(3))
        wait_until(lambda: len(told()) > before, "operators are told", bound=180)
        expect_equal(desk.ctl("outbox", "show", str(waiting[0]))[0]["state"], "queued", "the answer")
        wait_until(lambda: "signatures" in [row["condition"] for row in desk.ctl("alarms")], "an alarm")


@case
def what_could_not_be_signed_goes_when_it_can():
    """It was to go in clear, so that is not what it is held for."""
    with Team(own=None) as desk:
        desk.stop()
        with desk.rows() as store:
            add_row(store, desk.key(OURS), "own")
        desk.start()
        for number in range(1, 3):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        first = min(row["id"] for row in desk.held(2))
        keys = everybody()
        desk.home_of().gpg("--import", data=keys.home.gpg("--export-secret-keys", keys.fingerprint[OURS]))
        row = desk.ctl("hold", "release", str(first), "--reason", "the key is back")[0]
        expect_equal(row["state"], "queued", "state")
        open_signed(desk.sent()[0])
        desk.ask("key", "check")
        open_signed(desk.sent(2)[1])
        expect_equal(desk.ctl("hold"), [], "held")


@case
def what_waits_for_the_relay_is_looked_at_once_more():
    """A key was unpinned, one was pinned, and a contact is sealed always, since the letters were made ready."""
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        pids = desk.kill_role("courier", 19)
        desk.drop(plain_mail(1))
        wait_until(lambda: desk.ctl("outbox", "list", "sending"), "the courier has one in hand")
        desk.drop(plain_mail(2, sender="alice@peer.example"))
        desk.drop(plain_mail(3, sender="faye@peer.example"))
        desk.drop(plain_mail(4, sender="grace@peer.example"))
        wait_until(lambda: sum(bool(desk.ctl("outbox", "show", str(row["id"]))[0]["signed_with"])
                               for row in desk.ctl("outbox")) == 4, "three more are ready")
        desk.ctl("key", "unpin", everybody().fingerprint["alice"], "--reason", "it was not hers")
        desk.ctl("contact", "add", "Faye", "--address", "faye@peer.example", "--seal", "always")
        desk.ctl("contact", "add", "Grace", "--address", "grace@peer.example")
        import_and_pin(desk, "carol", "grace@peer.example")
        for pid in pids:
            desk.send(pid, 18)
        held = {row["to"]: row for row in desk.held(3)}
        for address, words in (("alice@peer.example", "unpinned or revoked"), ("faye@peer.example", "seal always"),
                               ("grace@peer.example", "has pinned a key")):
            expect(words in held[address]["reply"], held[address]["reply"])
            refused = desk.ask("hold", "release", str(held[address]["id"]), "--reason", "never mind")
            expect("stays held" in refused.stderr and refused.returncode == 65, refused.stderr)
        expect_equal([parse(data)["To"] for data in desk.sent()], ["reporter@peer.example"], "who has a letter")


@case
def letters_in_hand_are_sealed_again_at_the_next_start():
    with Team(pinned={"alice": "alice@peer.example"}) as desk:
        pids = desk.kill_role("keys", 19)
        for number in range(1, 6):
            desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))
        desk.drop(plain_mail(7, sender="alice@peer.example"))
        wait_until(lambda: len(desk.ctl("outbox", "list", "queued")) == 6, "six letters wait")
        desk.kill_all()
        expect_equal(list((desk.folder / "out/new").iterdir()), [], f"sent, with {pids} stopped")
        desk.start()
        letters = [parse(data) for data in desk.sent(6)]
        expect_equal(sorted(letter.get_content_type() for letter in letters),
                     ["multipart/encrypted"] + ["multipart/signed"] * 5, "types")


if __name__ == "__main__":
    run_all()
