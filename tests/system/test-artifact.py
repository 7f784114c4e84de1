#!/usr/bin/env python3
"""Files that came with mail, saved by an operator: cut out by a real reader, opened by a real gpg,
and read back out of the zip by another program."""

import contextlib
import functools
import hashlib
import os
import random
import resource
import subprocess
import sys
import threading
import zipfile

sys.path.insert(0, os.path.dirname(__file__))
from crypto_desk import give_key, pin  # noqa: E402
from crypto_keys import Keys  # noqa: E402
from crypto_mails import MAILS, sealed_entity  # noqa: E402
from crypto_mime import CANARY, attached, letter, multipart, part  # noqa: E402
from harness import PROGRAMS, Desk, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

ENDED = contextlib.ExitStack()
USAGE, DATA, NO_INPUT, IO = 64, 65, 66, 74
LIMIT = 64 << 20  # LIMIT_SAVED_BYTES
ANY = random.Random(5).randbytes(3 << 20)  # several answers, and nothing that a zip makes smaller


@functools.cache
def keys():
    return ENDED.enter_context(Keys())


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def mail(*files, sender="reporter@peer.example"):
    parts = [attached(data, name=name) for name, data in files]
    return letter(multipart("mixed", part("We see phishing.\n"), *parts), sender=sender)


def refused(desk, status, word, *words):
    done = desk.ask("artifact", "save", *words)
    expect_equal((done.returncode, done.stdout), (status, ""), f"{words}: {done.stderr}")
    expect(word in done.stderr, f"{word} in {done.stderr}")
    expect("Nothing was" in done.stderr, f"what was done: {done.stderr}")


def check_zip(file, name, data):
    """As Python reads it, and as unzip does."""
    with zipfile.ZipFile(file) as opened:
        expect_equal(opened.namelist(), [name], "its one member")
        expect(opened.infolist()[0].flag_bits & 1, "it opens without the password")
        expect(opened.read(name, pwd=b"infected") == data, f"other bytes in {file}")
    tested = subprocess.run(["unzip", "-tqP", "infected", file], capture_output=True, text=True)
    expect_equal(tested.returncode, 0, f"unzip says {tested.stdout}")
    expect(subprocess.run(["unzip", "-tqP", "x", file], capture_output=True).returncode, "any password opens it")
    expect_equal(os.stat(file).st_mode & 0o777, 0o600, "who else may read it")


def saved(desk, which, data, *, name):
    file = desk.folder / f"{which.replace('/', '-')}.zip"
    row, = desk.ctl("artifact", "save", which, "--to", str(file))
    expect_equal((row["file"], row["sha256"], row["size"]), (str(file), sha256(data), len(data)), "what it says")
    check_zip(file, name, data)
    return row


def journal(desk, ticket="1"):
    return [event["text"] for event in desk.ctl("history", ticket) if event["kind"] == "file-saved"]


@case
def a_file_is_saved_as_it_came():
    with Desk() as desk:
        desk.drop(mail(("tool.bin", ANY), ("empty.txt", b""), ("log.txt", b"GET /\n" * 40)))
        desk.settled(1)
        saved(desk, "1/1", ANY, name="tool.bin")
        saved(desk, "1/2", b"", name="empty.txt")
        saved(desk, f"1/{sha256(ANY)[:8].upper()}", ANY, name="tool.bin")
        ticket = desk.ctl("show", "1")[0]["ticket"]
        saved(desk, f"{ticket}/3", b"GET /\n" * 40, name="log.txt")
        expect_equal([text.split(",")[0] for text in journal(desk)],
                     ["tool.bin", "empty.txt", "tool.bin", "log.txt"], "what the journal says")
        expect(sha256(ANY) in journal(desk)[0], "its hash in the journal")


@case
def without_a_name_of_its_own_the_zip_is_called_after_the_ticket():
    with Desk() as desk:
        desk.drop(mail(("one.bin", b"one")))
        desk.settled(1)
        done = subprocess.run([str(PROGRAMS / "madoctl"), "--config", str(desk.configuration), "artifact", "save", "1"],
                              cwd=desk.folder, capture_output=True, text=True, timeout=30)
        expect_equal(done.returncode, 0, done.stderr)
        file = desk.folder / f"{desk.ctl('show', '1')[0]['ticket']}-{sha256(b'one')[:8]}.zip"
        expect(file.name in done.stdout and "infected" in done.stdout, f"the screen: {done.stdout}")
        check_zip(file, "one.bin", b"one")


@case
def names_are_made_harmless():
    with Desk() as desk:
        desk.drop(mail(("../../etc/cron.d/x", b"1"), ("C:\\\\windows\\\\a:b.exe", b"2"), ("..", b"3"), ("CV $(id)`.pdf", b"4")))
        desk.settled(1)
        names = [saved(desk, f"1/{n + 1}", str(n + 1).encode(), name=name)["member"]
                 for n, name in enumerate(("x", "a_b.exe", "file", "CV _(id)_.pdf"))]
        expect(not any("/" in name or "\\" in name for name in names), f"a path in {names}")


@case
def what_is_there_is_never_touched():
    with Desk() as desk:
        desk.drop(mail(("one.bin", b"one")))
        desk.settled(1)
        file, link = desk.folder / "mine.zip", desk.folder / "link.zip"
        file.write_bytes(b"mine")
        link.symlink_to(desk.folder / "elsewhere")
        refused(desk, IO, "mine.zip", "1", "--to", str(file))
        refused(desk, IO, "link.zip", "1", "--to", str(link))
        expect_equal(file.read_bytes(), b"mine", "what was there")
        expect(not (desk.folder / "elsewhere").exists(), "the link was followed")
        expect_equal(journal(desk)[1:], [], "only what was fetched is journaled")


@case
def what_cannot_be_meant_is_said():
    with Desk() as desk:
        desk.drop(mail(("one.bin", b"one"), ("two.bin", b"two")))
        desk.settled(1)
        desk.drop(plain_mail(2))
        desk.settled(2)
        for words, status, word in (
                (("1",), USAGE, "artifact list 1"), (("1/3",), NO_INPUT, "No file 3"),
                (("1/0",), NO_INPUT, "No file 0"), (("1/12345678",), NO_INPUT, "12345678"),
                (("1/" + sha256(b"one")[:7],), NO_INPUT, "artifact list"),
                (("2",), NO_INPUT, "No files"), (("7/1",), NO_INPUT, "no ticket 7"),
                (("x/1",), USAGE, "no ticket number"), (("1/",), USAGE, "Which"), ((), USAGE, "Which"),
                (("1/1", "1/2"), USAGE, "Which")):
            refused(desk, status, word, *words)
        expect_equal(journal(desk), [], "nothing was saved")


@case
def a_file_twice_is_one_file():
    with Desk() as desk:
        desk.drop(mail(("one.bin", b"one"), ("again.bin", b"one")))
        desk.settled(1)
        saved(desk, "1", b"one", name="one.bin")
        saved(desk, f"1/{sha256(b'one')}", b"one", name="one.bin")
        saved(desk, "1/2", b"one", name="again.bin")


@case
def a_full_disk_leaves_nothing_behind():
    with Desk() as desk:
        desk.drop(mail(("tool.bin", ANY)))
        desk.settled(1)
        file = desk.folder / "half.zip"
        done = subprocess.run(  # SIGXFSZ stays ignored, as Python has it: writing fails as on a full disk
            [str(PROGRAMS / "madoctl"), "--config", str(desk.configuration), "artifact", "save", "1", "--to", str(file)],
            capture_output=True, text=True, timeout=60, restore_signals=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
        expect_equal(done.returncode, IO, done.stderr)
        expect("Nothing was saved" in done.stderr, f"what was done: {done.stderr}")
        expect(not file.exists(), "half a file remains")


@case
def what_came_sealed_is_opened_again():
    with Desk() as desk:
        give_key(desk, keys())
        pin(desk, keys(), "alice")
        inside = multipart("mixed", part("We see phishing.\n"), attached(ANY, name="tool.bin"))
        desk.drop(letter(sealed_entity(keys(), inside, to=("own",), by=["alice"])))
        desk.settled(1)
        saved(desk, "1/1", ANY, name="tool.bin")
        expect_equal(desk.ctl("history", "1")[-1]["kind"], "file-saved", "the last that happened")
        expect_equal(desk.ledger()["balanced"], True, "the ledger")
        expect(CANARY not in desk.log_text(), "the log tells what was sealed")


@case
def what_is_signed_or_stays_closed_is_saved_too():
    with Desk() as desk:
        desk.drop(MAILS["pgp-mime-signed-with-attachment"](keys()))
        desk.settled(1)
        desk.drop(MAILS["pgp-mime-sealed"](keys()))
        desk.settled(2)
        for ticket in ("1", "2"):
            for row in desk.ctl("artifact", ticket):
                file = desk.folder / f"{ticket}-{row['n']}.zip"
                desk.ctl("artifact", "save", f"{ticket}/{row['n']}", "--to", str(file))
                with zipfile.ZipFile(file) as opened:
                    data = opened.read(opened.namelist()[0], pwd=b"infected")
                expect_equal(sha256(data), row["sha256"], f"file {row['n']} of ticket {ticket}")


@case
def a_mail_that_kills_its_readers_is_given_up_and_others_are_served():
    with Desk() as desk:
        desk.drop(mail(("one.bin", b"one")))
        desk.settled(1)
        desk.stop()
        desk.start(fault="reader_child:1")
        refused(desk, DATA, "kills", "1")
        expect_equal(desk.log_text().count("fault reader_child struck"), 3, "deaths")
        expect_equal(journal(desk), [], "nobody has it")
        expect_equal(desk.ctl("show", "mail:1")[0]["ledger"], "incident", "the mail stays what it was")
        desk.restart()
        saved(desk, "1", b"one", name="one.bin")


@case
def many_are_saved_at_once():
    with Desk() as desk:
        desk.drop(mail(*((f"{n}.bin", ANY[n:]) for n in range(3))))
        desk.settled(1)
        rows, done = {}, []

        def one(n):
            file = desk.folder / f"{n}.zip"
            wait_until(lambda: desk.ask("artifact", "save", f"1/{n + 1}", "--to", str(file)).returncode == 0,
                       f"file {n}", bound=60)
            done.append(n)

        threads = [threading.Thread(target=one, args=(n,)) for n in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expect_equal(sorted(done), [0, 1, 2], "all of them")
        for n in range(3):
            check_zip(desk.folder / f"{n}.zip", f"{n}.bin", ANY[n:])


@case
def what_is_too_large_is_refused():
    with Desk() as desk:
        desk.drop(mail(("one.bin", b"one")))
        desk.settled(1)
        desk.stop()
        with desk.store() as store:
            store.execute("UPDATE attachment SET size = ?", (LIMIT + 1,))
            store.commit()
        desk.start()
        refused(desk, DATA, str(LIMIT), "1")


if __name__ == "__main__":
    with ENDED:
        main()
