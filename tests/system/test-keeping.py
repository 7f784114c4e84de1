#!/usr/bin/env python3
"""What keeps the store safe, and small: backups and their restore, the journal and its exports, what is purged, and the
store made again from its mails."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from crypto_desk import give_key, pin  # noqa: E402
from crypto_keys import Home, Keys  # noqa: E402
from crypto_mime import letter, part, pgp_encrypted  # noqa: E402
from harness import BOUND, PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail, wait_until, without_time  # noqa: E402
from stepping import Clock  # noqa: E402

CANARY = "swordfish-canary-text"
ASKED = (["list", "--all"], ["ledger"], ["audit", "verify"], ["show", "1"], ["show", "1", "--mail"], ["contact"])
DAY = 24 * 3600


def folder_settings(desk_folder, more=""):
    return f'}}; backup : {{ folder = "{desk_folder}/backups"; }}; audit : {{ folder = "{desk_folder}/audits"; {more}'


def offline(desk, *words, fault=None):
    return subprocess.run(desk.command(*map(str, words)), capture_output=True, text=True, timeout=BOUND,
                          env=desk.environment(fault), stdin=subprocess.DEVNULL)


def restored(desk, file, *more):
    done = offline(desk, "--restore", file, "--replace", *more)
    expect_equal(done.returncode, 0, f"restore: {done.stderr}")
    return done


def answers(desk):
    return [(words, without_time(row, ("checked", "events"))) for words in ASKED for row in desk.ctl(*words)]


def expect_same(found, wanted, what):
    for here, there in zip(found, wanted):
        expect_equal(here, there, what)
    expect_equal(len(found), len(wanted), f"{what}: rows")


def forget_mailbox(desk):
    """What lies there would be taken again, and be reports as any other."""
    for path in (desk.folder / "Maildir").glob("*/*"):
        path.unlink()


def worked_desk(mails=3, **settings):
    """With a key of its own, tickets, notes and a contact, and nothing under way."""
    desk = Desk(**settings)
    desk.ctl("key", "init")
    for number in range(mails):
        desk.drop(plain_mail(number, text=f"{CANARY} number {number}"))
    desk.settled(mails)
    desk.ctl("note", "1", "called the owner")
    desk.ctl("set", "1", "severity=high")
    desk.ctl("contact", "add", "Peer", "--address", "csirt@peer.example")
    wait_until(lambda: not [row for row in desk.ctl("outbox") if row["state"] != "sent"], "all letters went")
    return desk


def backed_up(desk, name="copy.tar"):
    file = desk.folder / name
    expect_equal(wait_until(lambda: desk.ask("backup", str(file)).returncode == 0, "a backup"), True, "backup")
    return file


def members(file):
    with tarfile.open(file) as tar:
        return [(one.name, tar.extractfile(one).read()) for one in tar]


def written(file, parts):
    with tarfile.open(file, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in parts:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return file


def no_plaintext_outside(desk):
    for root, _, files in os.walk(desk.folder):
        if "/state" in f"{root}/" or "/Maildir" in root or "/out" in root:
            continue
        for file in files:
            path = Path(root) / file
            expect(not path.is_file() or CANARY.encode() not in path.read_bytes(), f"{file} has a text of a mail")


# -- backup and restore ---------------------------------------------------------------------------


@case
def a_restored_store_answers_the_same():
    with worked_desk() as desk:
        before = answers(desk)
        file = backed_up(desk)
        no_plaintext_outside(desk)
        expect_equal({name.split(".")[0] for name, _ in members(file)}, {"data", "manifest"}, "what is in it")
        desk.drop(plain_mail(9))
        desk.settled(4)
        forget_mailbox(desk)
        expect_equal(offline(desk, "--restore", file, "--replace").returncode, 75, "while the daemon runs")
        desk.stop()
        expect_equal(offline(desk, "--restore", file).returncode, 64, "over a store, unasked")
        checked = offline(desk, "--check-backup", file)
        expect("whole and intact" in checked.stdout, f"check: {checked.stdout} {checked.stderr}")
        restored(desk, file)
        kept = list((desk.folder / "state").glob("mado.db.before-*"))
        expect_equal(len(kept), 1, "the store from before")
        expect_equal([path.name for path in (desk.folder / "state").glob("*.tmp*")], [], "what is left over")
        desk.start()
        expect_same(answers(desk), before, "what the restored store answers")
        desk.drop(plain_mail(10))
        desk.settled(4)
        newest = max(row["ticket"] for row in desk.incidents())
        expect(int(newest.split("-")[1]) > 1000, f"{newest}: a number that may have been given since")
        forget_mailbox(desk)
        desk.stop()
        for path in (desk.folder / "state").iterdir():
            path.unlink()
        expect_equal(offline(desk, "--restore", file).returncode, 0, "in place of none")
        desk.start()
        expect_same(answers(desk), before, "what it answers")


@case
def any_host_with_our_key_can_open_it_without_mado():
    with worked_desk() as desk:
        file = backed_up(desk)
        home = Home(desk.folder / "state-keys")
        parts = dict(members(file))
        plain = b"".join(home.gpg("--decrypt", data=data) for name, data in sorted(parts.items()) if name.endswith(".pgp"))
        expect_equal(hashlib.sha256(plain).hexdigest(), json.loads(parts["manifest.json"])["sha256"], "its sum")
        path = desk.folder / "plain.db"
        path.write_bytes(plain)
        with contextlib.closing(sqlite3.connect(path)) as store:
            expect_equal(store.execute("SELECT count(*) FROM mail").fetchone(), (3,), "mails in it")


@case
def what_is_not_whole_or_not_ours_is_refused():
    with worked_desk() as desk:
        file = backed_up(desk)
        desk.ctl("note", "1", "x" * 8000)
        other = backed_up(desk, "other.tar")
        desk.stop()
        parts, others = members(file), dict(members(other))
        stranger = Home(desk.folder / "stranger")
        stranger.gpg("--batch", "--passphrase", "", "--quick-gen-key", "S <s@evil.example>", "ed25519")
        forged = stranger.gpg("--batch", "--armor", "--detach-sign", data=dict(parts)["manifest.json"])
        stranger.end()
        tries = {
            "cut short": file.read_bytes()[:-4000],
            "a bit changed": bytes(byte ^ (at == 1500) for at, byte in enumerate(file.read_bytes())),
            "a piece less": [one for one in parts if one[0] != "data.000000.pgp"],
            "a piece of another": [(name, others[name] if name.startswith("data") else data) for name, data in parts],
            "another list": [(name, data.replace(b'"pieces":1', b'"pieces":0')) for name, data in parts],
            "no signature": [one for one in parts if not one[0].endswith(".asc")],
            "signed by a stranger": [(name, forged if name.endswith(".asc") else data) for name, data in parts],
            "no tar": b"hello" * 1000,
        }
        was = (desk.folder / "state/mado.db").read_bytes()
        for what, how in tries.items():
            spoiled = desk.folder / "spoiled.tar"
            spoiled.unlink(missing_ok=True)
            if isinstance(how, bytes):
                spoiled.write_bytes(how)
            else:
                written(spoiled, how)
            done = offline(desk, "--restore", spoiled, "--replace")
            expect_equal(done.returncode, 65, f"{what}: {done.stdout}")
            expect_equal((desk.folder / "state/mado.db").read_bytes(), was, f"{what}: the store")
            expect_equal(list((desk.folder / "state").glob("*.tmp*")), [], f"{what}: what is left")


@case
def without_a_key_of_ours_nothing_is_written():
    with Desk() as desk:
        done = desk.ask("backup", str(desk.folder / "copy.tar"))
        expect("madoctl key init" in done.stderr, done.stderr)
        expect_equal((done.returncode != 0, (desk.folder / "copy.tar").exists()), (True, False), "a file")
        expect("backup.folder" in desk.ask("backup").stderr, "no folder")


@case
def whoever_is_killed_in_a_backup_leaves_nothing_and_loses_nothing():
    for fault in ("store_copy:1", "store_copy:2", "archive_piece:1", "archive_whole:1"):
        with worked_desk() as desk:
            before = answers(desk)
            desk.restart(fault)
            desk.ask("backup", str(desk.folder / "copy.tar"))
            wait_until(lambda: desk.struck(fault), f"{fault} struck")
            wait_until(lambda: desk.ctl_now("status"), "the desk is there again")
            left = [path.name for path in (desk.folder / "state").iterdir() if not path.name.startswith("mado.db")]
            expect_equal(left, [], f"{fault}: what is left")
            expect_same(answers(desk)[:3], before[:3], f"{fault}: the store")
            desk.restart()
            expect("intact" in offline(desk, "--check-backup", backed_up(desk, "again.tar")).stdout, f"{fault}: again")


@case
def whoever_is_killed_in_a_restore_leaves_one_of_both():
    with worked_desk() as desk:
        file = backed_up(desk)
        before = answers(desk)
        desk.drop(plain_mail(9))
        desk.settled(4)
        forget_mailbox(desk)
        desk.stop()
        copy = desk.folder / "state-copy"
        shutil.copytree(desk.folder / "state", copy)
        for fault in ("restore_opened", "restore_checked", "place_marked", "place_aside", "place_taken"):
            shutil.rmtree(desk.folder / "state")
            shutil.copytree(copy, desk.folder / "state")
            done = offline(desk, "--restore", file, "--replace", fault=f"{fault}:1")
            expect_equal(done.returncode, -signal.SIGKILL, f"{fault}: {done.stderr}")
            desk.start()
            expect_equal(desk.ledger()["mails"], 3 if fault.startswith("place") else 4, f"{fault}: the new one, or the old one")
            expect_equal(len(list((desk.folder / "state").glob("mado.db.before-*"))), fault.startswith("place"), fault)
            desk.stop()
            restored(desk, file)
            desk.start()
            expect_same(answers(desk), before, f"{fault}: what it answers at last")
            desk.stop()


@case
def who_is_ended_while_a_backup_is_fetched_leaves_none():
    with worked_desk() as desk:
        pids = desk.role_pids("desk")
        for pid in pids:
            desk.send(pid, signal.SIGSTOP)
        file = desk.folder / "copy.tar"
        fetching = subprocess.Popen([str(PROGRAMS / "madoctl"), "--config", str(desk.configuration), "backup", str(file)])
        wait_until(lambda: list(desk.folder.glob("copy.tar*")), "it has begun")
        fetching.send_signal(signal.SIGINT)
        fetching.wait(BOUND)
        expect(not file.exists(), "half a backup has the name of one")
        for pid in pids:
            desk.send(pid, signal.SIGCONT)
        backed_up(desk)
        expect_equal([path.name for path in desk.folder.glob("copy.tar*")], ["copy.tar"], "files")


@case
def each_day_by_itself_and_the_newest_stay():
    with Desk(start=False) as desk:
        desk.configure(daemon=folder_settings(desk.folder).replace('backups";', 'backups"; keep = 2;'))
        (desk.folder / "backups").mkdir()
        for day in range(4):
            (desk.folder / f"backups/mado-store-2020010{day}T000000Z.tar").touch()
        ahead = [desk.folder / f"backups/mado-store-2099010{day}T000000Z.tar" for day in range(3)]
        for file in ahead:
            file.touch()
        desk.start()
        wait_until(lambda: desk.ctl("status")[0]["backup"]["why"], "it failed: there is no key")
        wait_until(lambda: [row for row in desk.ctl("alarms") if row["condition"] == "backup"], "an alarm")
        expect("failed" in desk.ask("doctor").stdout, "doctor")
        desk.ctl("key", "init")
        expect_equal(desk.ask("backup").returncode, 0, "by hand")
        expect_equal(desk.ctl("status")[0]["backup"]["why"], None, "status")
        expect_equal([file.exists() for file in ahead], [True] * 3, "named by a clock that was ahead")
        names = sorted(path.name for path in (desk.folder / "backups").iterdir() if path not in ahead)
        expect_equal((len(names), names[0]), (2, "mado-store-20200103T000000Z.tar"), f"{names}")
        wait_until(lambda: not [row for row in desk.ctl("alarms") if row["condition"] == "backup"], "it is over")
        desk.stop()
        with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
            store.execute("UPDATE keeping SET begun_at = begun_at - 200000, done_at = 0")
            store.commit()
        desk.start()
        wait_until(lambda: list((desk.folder / "audits").glob("*.tar")), "an export of the journal")
        wait_until(lambda: len(list((desk.folder / "backups").glob("mado-store-2026*"))) == 2, "a backup by itself")


# -- the journal ----------------------------------------------------------------------------------


def chain(before, row):
    """As the manual says; nothing of mado."""
    fields = [before, row["id"], row["at"], row["actor"], row["kind"], row["incident"], row["mail"], row["text_sha256"]]
    text = "".join(f"{len(str(field).encode())}:{field}," for field in fields)
    return hashlib.sha256(text.encode()).hexdigest()


@case
def an_export_is_checked_by_who_has_nothing_of_mado():
    with worked_desk() as desk:
        file = desk.folder / "journal.jsonl"
        expect_equal(desk.ask("audit", "export", str(file)).returncode, 0, "export")
        hashed = ""
        for number, line in enumerate(file.read_text().splitlines(), 1):
            row = json.loads(line)
            expect_equal((row["id"], row["hash"]), (number, chain(hashed, row)), f"row {number}")
            expect_equal(hashlib.sha256(row["text"].encode()).hexdigest(), row["text_sha256"], f"text {number}")
            hashed = row["hash"]
        done = desk.ask("audit", "verify", str(file))
        expect_equal((done.returncode, done.stdout[:6]), (0, "intact"), done.stderr)
        lines = file.read_text().splitlines(keepends=True)
        for what, spoiled, row in (
                ("changed", [line.replace("called the owner", "called nobody") for line in lines], None),
                ("less one", lines[:3] + lines[4:], 4), ("in another order", [lines[1], lines[0], *lines[2:]], 1),
                ("empty", [], 1)):
            file.write_text("".join(spoiled))
            done = desk.ask("audit", "verify", str(file))
            expect_equal(done.returncode, 1, f"{what}: {done.stdout}")
            expect(row is None or f"row {row} " in done.stdout, f"{what}: {done.stdout}")


def rechained(store):
    """Who knows how the chain is made and writes it anew."""
    hashed = ""
    for values in store.execute("SELECT id, at, actor, kind, incident, mail, text_sha256 FROM journal ORDER BY id").fetchall():
        row = dict(zip(("id", "at", "actor", "kind", "incident", "mail", "text_sha256"), values))
        hashed = chain(hashed, row)
        store.execute("UPDATE journal SET hash = ? WHERE id = ?", (hashed, row["id"]))
    store.execute("UPDATE meta SET number = (SELECT max(id) FROM journal), text = ? WHERE name = 'journal'", (hashed,))


@case
def whatever_is_done_to_the_journal_is_found_and_named():
    tries = {  # SQL; chained anew?; what verify says alone; what it says against the last export
        "a text": (["UPDATE journal SET text = 'x' WHERE id = 5"], False, "row 5 "),
        "an actor": (["UPDATE journal SET actor = 'x' WHERE id = 5"], False, "row 5 "),
        "a row less": (["DELETE FROM journal WHERE id = 5"], False, "row 5 "),
        "two rows in each other's place": (["UPDATE journal SET id = -5 WHERE id = 5", "UPDATE journal SET id = 5 WHERE id = 6",
                                            "UPDATE journal SET id = 6 WHERE id = -5"], False, "row 5 "),
        "the end": (["DELETE FROM journal WHERE id > 5"], False, "row 6 "),
        "the end, with its count": (["DELETE FROM journal WHERE id > 5"], True, "cut off"),
        "all of it, written anew": (["UPDATE journal SET actor = 'x' WHERE id = 5"], True, "written anew"),
    }
    with Desk(start=False) as desk:
        desk.configure(daemon=folder_settings(desk.folder))
        desk.start()
        desk.ctl("key", "init")
        desk.drop(plain_mail(1))
        desk.settled(1)
        desk.stop()
        with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
            store.execute("DELETE FROM keeping")
            store.commit()
        desk.start()
        wait_until(lambda: list((desk.folder / "audits").glob("*.tar")), "an export")
        export = desk.folder / "journal.jsonl"
        expect_equal(desk.ask("audit", "export", str(export)).returncode, 0, "export")
        expect(desk.ctl("audit", "verify")[0]["compared"].endswith(".tar"), "compared with the last export")
        desk.stop()
        expect_equal([name for name, _ in members(next((desk.folder / "audits").glob("*.tar")))],
                     ["data.000000.pgp", "manifest.json", "manifest.json.asc"], "the sealed export")
        good = (desk.folder / "state/mado.db").read_bytes()
        for what, (sql, anew, said) in tries.items():
            (desk.folder / "state/mado.db").write_bytes(good)
            with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
                for one in sql:
                    store.execute(one)
                if anew:
                    rechained(store)
                store.execute("UPDATE keeping SET done_at = done_at + 100000")  # no other export comes meanwhile
                store.commit()
            desk.start()
            done = desk.ask("audit", "verify")
            expect_equal(done.returncode, 1, f"{what}: {done.stdout}")
            expect(said in done.stdout, f"{what}: {done.stdout}")
            done = desk.ask("audit", "verify", str(export))
            expect_equal(done.returncode, 1, f"{what}, against an export: {done.stdout}")
            desk.stop()


# -- purge ----------------------------------------------------------------------------------------


def aged(desk, days=2000):
    """All that is over was over so long ago."""
    desk.stop()
    with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
        store.execute("UPDATE incident SET closed_at = closed_at - ? WHERE closed_at > 0", (days * DAY,))
        store.execute("UPDATE mail SET settled_at = settled_at - ?", (days * DAY,))
        store.commit()
    desk.start()


def bytes_of_store(desk):
    return b"".join(path.read_bytes() for path in (desk.folder / "state").iterdir())


@case
def what_is_purged_is_gone_and_the_rest_holds():
    with worked_desk(5) as desk:
        desk.drop(plain_mail(7, text=f"spam {CANARY}"))
        desk.settled(6)
        for number in ("1", "2", "3"):
            desk.ctl("close", number, "--result", "done")
        desk.ctl("set", "2", "keep=the court wants it")
        numbers = sorted(row["ticket"] for row in desk.incidents())
        aged(desk)
        counted = {row["rule"]: row["count"] for row in desk.ctl("purge", "--dry-run")}
        expect_equal(counted, {"closed": 2, "spam": 0, "unreadable": 0, "feed": 0, "bounce": 0, "machine": 0}, "dry run")
        for words in (["--yes"], ["--yes", "--count", "3"], []):
            expect(desk.ask("purge", *words).returncode != 0, f"purge {words}")
        expect_equal(sum(row["count"] for row in desk.ctl("purge", "--dry-run")), 2, "nothing went")
        shown = {number: desk.ctl("show", number)[0]["subject"] for number in "123456"}
        texts = {number: desk.ctl("show", number, "--mail")[0]["text"].strip().encode() for number in "123"}
        first = next(number for number in range(5) if f"number {number}".encode() in texts["1"])
        expect_equal(desk.ask("purge", "--yes", "--count", "2").stdout.split(), ["purged", "2"], "purge")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")
        ledger = desk.ledger()
        expect_equal((ledger["balanced"], ledger["mails"], ledger["incident"]), (True, 6, 6), "the ledger")
        expect_equal(sorted(row["ticket"] for row in desk.incidents()), numbers, "the numbers")
        for number in "123456":
            row = desk.ctl("show", number)[0]
            expect_equal(row["subject"], "(purged)" if number in "13" else shown[number], f"ticket {number}")
            expect_equal(row["purged"] is not None, number in "13", f"ticket {number}, purged")
        expect(any(row["kind"] == "purged" for row in desk.ctl("history", "1")), "the journal says so")
        expect_equal({row["ticket"] for row in desk.ctl("search", CANARY)}, set(numbers[1:2] + numbers[3:]), "search")
        expect_equal(desk.ask("show", "1", "--mail").returncode, 0, "its mails")
        for row in desk.ctl("outbox"):
            expect_equal(desk.ask("outbox", "show", str(row["id"])).returncode, 0, "its letters")
        desk.drop(plain_mail(first, text=texts["1"].decode()))  # of the first: the same bytes again
        desk.drop(plain_mail(20))
        desk.settled(7)
        expect_equal(len(desk.incidents()), 7, "tickets: one more for the new mail, none for the old one")
        desk.stop()
        stored = bytes_of_store(desk)
        expect_equal({number: text in stored for number, text in texts.items()}, {"1": False, "2": True, "3": False},
                     "texts in the files of the store")


@case
def open_held_kept_and_embargoed_ones_stay_and_all_is_done_by_itself_if_it_may():
    with worked_desk(4, daemon='}; retention : { auto = "yes";') as desk:
        desk.ctl("close", "1", "--result", "done")
        desk.ctl("close", "2", "--result", "done")
        desk.ctl("set", "2", "keep=evidence")
        desk.ctl("set", "3", "state=embargo:2999-01-01")
        desk.stop()
        with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
            store.execute("INSERT OR REPLACE INTO keeping VALUES ('purge', unixepoch() - 86400, 0, '', 0, '')")
            store.commit()
        aged(desk)
        wait_until(lambda: desk.ctl("show", "1")[0]["purged"], "the first one is purged")
        expect_equal([desk.ctl("show", number)[0]["purged"] for number in "234"], [None] * 3, "the others")
        desk.ctl("set", "2", "keep=-")
        expect_equal(desk.ctl("purge", "--dry-run")[0]["count"], 1, "kept no more")


@case
def a_clock_that_is_years_ahead_purges_nothing_on_its_first_day():
    with worked_desk(1, daemon='}; retention : { auto = "yes";') as desk:
        desk.ctl("close", "1", "--result", "done")
        desk.stop()
        desk.options = ["--now", "2036-11-20T18:42:00+09:00"]
        desk.start()
        with contextlib.closing(Clock(desk)) as clock:
            for second in range(10):  # at each of them it looks for what is to go
                clock.leap(f"2036-11-21T05:00:{second:02}+09:00")
            expect_equal(desk.ctl("show", "1")[0]["purged"], None, "so long ago")
            clock.leap("2036-11-21T18:00:00+09:00")
            wait_until(lambda: desk.ctl("show", "1")[0]["purged"], "but one that goes on does")


# -- rebuild --------------------------------------------------------------------------------------


@case
def a_rebuilt_store_has_what_people_did_and_reads_the_mails_again():
    with Keys() as keys, Desk() as desk:
        give_key(desk, keys)
        pin(desk, keys, "alice")
        for number in range(4):
            desk.drop(plain_mail(number, text=f"{CANARY} {number} http://evil{number}.example/x"))
        desk.drop(letter(pgp_encrypted(keys.seal(part(f"sealed {CANARY}\r\n".encode()), to=("own",), by=("alice",)))))
        desk.settled(5)
        desk.ctl("note", "1", "called the owner")
        desk.ctl("set", "2", "severity=critical", "subject=ours")
        desk.ctl("close", "3", "--result", "done")
        wait_until(lambda: not [row for row in desk.ctl("outbox") if row["state"] != "sent"], "all letters went")
        before, letters = answers(desk), len(desk.letters())
        sealed = without_time(desk.ctl("show", "5", "--mail"), ("checked", "events"))
        desk.stop()
        with contextlib.closing(sqlite3.connect(desk.folder / "state/mado.db")) as store:
            for sql in ("UPDATE message SET text = 'wrong', subject = 'wrong'", "DELETE FROM indicator",
                        "DELETE FROM crypto", "DELETE FROM signature", "DELETE FROM attachment"):
                store.execute(sql)
            store.commit()
        done = offline(desk, "--rebuild")
        expect_equal(done.returncode, 0, done.stderr[-800:])
        expect("5 mails were read again" in done.stderr, done.stderr[-800:])
        expect_equal(len(list((desk.folder / "state").glob("mado.db.before-*"))), 1, "the old store")
        desk.start()
        expect_same(answers(desk), before, "what it answers")
        expect_equal(without_time(desk.ctl("show", "5", "--mail"), ("checked", "events")), sealed, "the sealed mail")
        expect_equal(len(desk.ctl("search", CANARY)), 5, "search")
        expect_equal(len(desk.letters()), letters, "letters")
        desk.drop(plain_mail(30))
        desk.settled(6)
        expect_equal(len({row["ticket"] for row in desk.incidents()}), 6, "tickets, all with numbers of their own")


def journal_of(desk):
    with desk.store() as store:
        return store.execute("SELECT hash FROM journal ORDER BY id").fetchall()


@case
def a_rebuild_that_is_stopped_or_killed_leaves_the_store_as_it_was():
    with worked_desk(12) as desk:
        before = answers(desk)
        expect_equal(offline(desk, "--rebuild").returncode, 75, "while the daemon runs")
        desk.stop()
        was = journal_of(desk)
        for number in (signal.SIGTERM, signal.SIGKILL):
            with subprocess.Popen(desk.command("--rebuild"), stderr=subprocess.DEVNULL, start_new_session=True) as process:
                wait_until((desk.folder / "state/rebuild.tmp").exists, "it has begun")
                desk.process = process
                process.send_signal(number)
                process.wait(BOUND)
                desk.kill_all()
            if not list((desk.folder / "state").glob("mado.db.before-*")):
                expect_equal(journal_of(desk), was, "the store")
        expect_equal(offline(desk, "--rebuild").returncode, 0, "once more")
        for fault in ("place_marked", "place_aside", "place_taken"):
            desk.spawn(f"{fault}:1", "--rebuild")
            wait_until(lambda: desk.struck(f"{fault}:1"), fault)
            desk.kill_all()
            expect_equal(offline(desk, "--rebuild").returncode, 0, f"{fault}: again")
            desk.log.unlink()
        desk.start()
        expect_same(answers(desk), before, "what it answers")


if __name__ == "__main__":
    main()
