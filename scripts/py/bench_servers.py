"""The benches that need a real server: IMAP catch-up beside mbsync, LMTP, a full outbox."""

import os
import resource
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/system"))
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot, source_at  # noqa: E402
from harness import Desk, expect_equal, free_port, pace, relay_at  # noqa: E402

AT_MOST = 3600
LOOK_EVERY = 0.25  # a question costs what some mails cost
TURNS = 3
LMTP_CLIENTS = 16
WAITING_LETTERS = 100_000
CAPS = "hourly = 100000;"
MBSYNC = """\
IMAPStore far
Host localhost
Port {port}
User csirt
Pass secret
SSLType IMAPS
CertificateFile {ca}

MaildirStore near
Inbox {near}/INBOX
SubFolders Verbatim
Path {near}/

Channel all
Far :far:
Near :near:
Patterns INBOX
Sync Pull New
Create Near
SyncState *
"""


def settled(desk, count):
    start = time.monotonic()
    while sum(row["places"]["incident"] for row in desk.ctl_now("ledger")) < count:
        pace(LOOK_EVERY)
        if time.monotonic() - start > AT_MOST:
            raise TimeoutError(f"{count} mails are not settled")


def mbsync_seconds(near, dovecot, ca, count):
    """How long isync's mbsync takes to fetch the same mailbox into an empty folder."""
    near.mkdir()
    configuration = near / "mbsyncrc"
    configuration.write_text(MBSYNC.format(port=dovecot.ports["imaps"], ca=ca, near=near))
    start = time.monotonic()
    subprocess.run(["mbsync", "-c", str(configuration), "-a", "-q"], check=True, timeout=AT_MOST)
    seconds = time.monotonic() - start
    fetched = sum(len(list((near / "INBOX" / name).iterdir())) for name in ("new", "cur"))
    expect_equal(fetched, count, "mails that mbsync has")
    return seconds


def catch_up_seconds(desk, count):
    """How long madod takes, from its start: until all is in the store, and until all is settled."""
    start = time.monotonic()
    desk.start()
    while not any(row["mails"] >= count for row in desk.ctl_now("ledger")):
        pace(LOOK_EVERY)
        if time.monotonic() - start > AT_MOST:
            raise TimeoutError(f"{count} mails are not in the store")
    taken = time.monotonic() - start
    settled(desk, count)
    return taken, time.monotonic() - start


def imap(folder, run, count, mail):
    """Catch-up of a full mailbox over TLS: from nothing until all is durably in the store. What is
    done with it then goes on meanwhile. mbsync fetches before and after, and its better run counts."""
    made = Certificates(folder / "certificates")
    with Dovecot(folder, made.good) as dovecot:
        for number in range(count):
            dovecot.drop(mail(number))
        source = source_at(dovecot.ports["imaps"], folder, ca_file=made.ca, timeout="1m")
        beside = [mbsync_seconds(folder / "before", dovecot, made.ca, count)]
        with Desk(folder=folder / "desk", start=False, run=run, acknowledge=CAPS, sources=source) as desk:
            taken, done = catch_up_seconds(desk, count)
            desk.stop()
            with desk.store() as store:
                mails = store.execute("SELECT count(*) FROM mail").fetchone()[0]
        beside.append(mbsync_seconds(folder / "after", dovecot, made.ca, count))
    return {"bench": "imap", "figure": round(mails / taken, 1), "unit": "mails/s", "beside": {
        "mails": mails, "mails_given": count, "seconds": round(taken, 2),
        "mbsync_mails_per_s": [round(count / seconds, 1) for seconds in beside],
        "of_mbsync": round(min(beside) / taken, 2), "settled_mails_per_s": round(count / done, 1),
        "load": round(os.getloadavg()[0], 1)}}


class Client:
    """An MTA that hands over, in so few words of Python that mado is what is measured."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.replies = self.socket.makefile("rb")
        self.expect(b"220")
        self.say(b"LHLO mta.peer.example\r\n", b"250")

    def expect(self, code):
        """One reply, of however many lines."""
        line = b"   -"
        while line[3:4] == b"-":
            line = self.replies.readline()
        if not line.startswith(code):
            raise OSError(f"{line!r} instead of {code!r}")

    def say(self, words, *codes):
        self.socket.sendall(words)
        for code in codes:
            self.expect(code)

    def close(self):
        self.replies.close()
        self.socket.close()


def as_lmtp(number, mail):
    """What is said before the mail, in one piece (RFC 2920), and the mail with its end."""
    envelope = f"MAIL FROM:<r{number}@peer.example>\r\nRCPT TO:<csirt@sakura.example>\r\nDATA\r\n"
    return envelope.encode(), mail.replace(b"\r\n.", b"\r\n..") + b".\r\n"


def hand_over(port, letters, failed):
    try:
        client = Client(port)
        for envelope, mail in letters:
            client.say(envelope, b"250", b"250", b"354")
            client.say(mail, b"250")
        client.close()
    except OSError as error:
        failed.append(error)


def lmtp_seconds(folder, run, mails):
    """Until all have their 250, behind the commit; and until all are settled."""
    port = free_port()
    source = f'{{ name = "lmtp"; type = "lmtp"; listen = "127.0.0.1:{port}"; }}'
    with Desk(folder=folder, start=False, run=run, acknowledge=CAPS, sources=source) as desk:
        desk.start()
        failed = []
        letters = [as_lmtp(number, mail) for number, mail in mails]
        clients = [threading.Thread(target=hand_over, args=(port, letters[i::LMTP_CLIENTS], failed))
                   for i in range(LMTP_CLIENTS)]
        start = time.monotonic()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        accepted = time.monotonic() - start
        settled(desk, len(mails))
        seconds = time.monotonic() - start
        desk.stop()
    if failed:
        raise failed[0]
    return accepted, seconds


def maildir_seconds(folder, run, mails):
    """The same mails from a Maildir, as `scripts/bench intake` has them."""
    with Desk(folder=folder, start=False, run=run, acknowledge=CAPS) as desk:
        for _, mail in mails:
            desk.drop(mail)
        os.sync()
        start = time.monotonic()
        desk.start()
        settled(desk, len(mails))
        seconds = time.monotonic() - start
        desk.stop()
    return seconds


def with_work(function, *values):
    """What it returns; and the processor time of all processes that it started and that have ended."""
    def so_far():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    before = so_far()
    result = function(*values)
    return result, so_far() - before


def lmtp(folder, run, count, mail):
    """Many clients at once, as an MTA has them, beside a full Maildir, in turns. The processor time of a mail
    says the same on a machine that does other things, too."""
    mails = [(number, mail(number)) for number in range(count)]
    handed, found, work = [], [], {"lmtp": [], "maildir": []}
    for turn in range(TURNS):
        for taken, kind, function in ((handed, "lmtp", lmtp_seconds), (found, "maildir", maildir_seconds)):
            result, seconds = with_work(function, folder / f"{kind}{turn}", run, mails)
            taken.append(result)
            work[kind].append(seconds)
    seconds = min(settled for _, settled in handed)
    return {"bench": "lmtp", "figure": round(count / seconds, 1), "unit": "mails/s", "beside": {
        "mails": count, "mails_given": count, "seconds": round(seconds, 2), "clients": LMTP_CLIENTS,
        "accepted_per_s": round(count / min(accepted for accepted, _ in handed), 1),
        "maildir_per_s": [round(count / took, 1) for took in found],
        "lmtp_per_s": [round(count / took, 1) for _, took in handed],
        "of_maildir": round(min(found) / seconds, 3),
        **{f"{kind}_work_ms": round(1000 * min(used) / count, 2) for kind, used in work.items()}}}


def fill_outbox(file, count):
    """Letters that wait, of strangers each, in the store of a daemon that has ended."""
    store = sqlite3.connect(file)
    now = int(time.time())
    with store:
        for number in range(1, count + 1):
            address = f"w{number}@waiting{number % 1000}.example"
            letter = store.execute(
                "INSERT INTO outbox (kind, cause, state, sender, recipient, address, subject, message_id, opens,"
                " next_try, created_at, changed_at, leads)"
                " VALUES ('notice', ?, 'queued', '', ?, ?, 'waits', ?, 0, ?, ?, ?, 1)",
                (f"bench:{number}", address, address, f"bench.{number}@sakura.example", now, now, now)).lastrowid
            store.execute("INSERT INTO letter_chunk VALUES (?, 0, ?)", (letter, b"Subject: waits\r\n\r\n.\r\n" * 40))
    store.close()


def rate_with(folder, run, count, mail, letters):
    """Mails a second from a Maildir, with the relay down and so many letters waiting."""
    with Desk(folder=folder, start=False, run=run, acknowledge=CAPS, outgoing=relay_at(free_port())) as desk:
        desk.start()
        desk.stop()
        fill_outbox(desk.folder / "state/mado.db", letters)
        for number in range(count):
            desk.drop(mail(number))
        os.sync()
        start = time.monotonic()
        desk.start()
        settled(desk, count)
        seconds = time.monotonic() - start
        desk.stop()
    return count / seconds


def outbox(folder, run, count, mail):
    """The same mails with an empty and with a full outbox, in turns. As with LMTP, the processor time of a mail
    says the same on a machine that does other things, too."""
    rates, work = {"empty": [], "full": []}, {"empty": [], "full": []}
    for turn in range(TURNS):
        for kind, letters in (("empty", 0), ("full", WAITING_LETTERS)):
            rate, seconds = with_work(rate_with, folder / f"{kind}{turn}", run, count, mail, letters)
            rates[kind].append(rate)
            work[kind].append(seconds)
    return {"bench": "outbox", "figure": round(max(rates["full"]) / max(rates["empty"]), 3), "unit": "of the rate without",
            "beside": {"mails": count, "mails_given": count, "letters_waiting": WAITING_LETTERS,
                       **{f"{kind}_per_s": [round(rate, 1) for rate in found] for kind, found in rates.items()},
                       **{f"{kind}_work_ms": round(1000 * min(used) / count, 2) for kind, used in work.items()}}}


BENCHES = {"imap": imap, "lmtp": lmtp, "outbox": outbox}
