#!/usr/bin/env python3
"""What was said of a ticket is nowhere in the store when its time is over, whatever was done with it."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import BOUND, PROGRAMS, case, expect, expect_equal, plain_mail, wait_until  # noqa: E402
from letters import Team, run_all  # noqa: E402

AT_ONCE = 'transport = "maildir"; path = "out"; undo = "0s";'
DAY = 24 * 3600
SAID = "swordfish"  # in all that anybody says; with a word that tells where it is
BOB = "bob@cert.example"


class Office(Team):
    def __init__(self, mails, **settings):
        super().__init__(outgoing=AT_ONCE, **settings)
        for number, mail in enumerate(mails, 1):
            self.drop(mail)
            self.settled(number)
        self.ctl("contact", "add", "Other CERT", "--kind", "peer", "--address", BOB, "relation=community", "verified=by telephone",
                 "language=en")

    def write(self, *words, text="", good=True):
        command = [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words, "--yes"]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode == 0, good, f"{words}: {done.stdout} {done.stderr}")

    def over(self):
        """All letters are gone, and all that is closed has been so for years."""
        wait_until(lambda: not [row for row in self.ctl("outbox") if row["state"] in ("queued", "sending")], "all letters went")
        self.kill_all()
        with self.rows() as store:
            store.execute("UPDATE incident SET closed_at = closed_at - ? WHERE closed_at > 0", (2000 * DAY,))
            store.execute("UPDATE ack_minute SET minute = minute - ?", (2000 * DAY // 60,))
            store.execute("UPDATE mail SET settled_at = settled_at - ?", (2000 * DAY,))
        self.start()

    def purge(self):
        self.over()
        count = sum(row["count"] for row in self.ctl("purge", "--dry-run"))
        self.write("purge", "--count", str(count))
        self.kill_all()
        return count

    def left(self):
        """What of it still stands in the tables, and in the files."""
        with self.rows() as store:
            tables = [name for name, in store.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            rows = [f"{name}: {row}" for name in tables if not name.startswith("search")
                    for row in store.execute(f'SELECT * FROM "{name}"') if SAID in repr(row)]
        files = [path.name for path in (self.folder / "state").iterdir() if SAID.encode() in path.read_bytes()]
        return rows, files


def report(number, sender=f"who@{SAID}-host.example"):
    return plain_mail(number, sender=sender, text=f"{SAID}-mail {number}, http://{SAID}-url{number}.example/x 192.0.2.{number}",
                      headers=[f"X-Word: {SAID}-header"])


@case
def nothing_of_it_is_left_whatever_was_done_with_it():
    with Office([report(1), report(2), report(3)]) as desk:
        desk.ctl("set", "1", "label=green", "--reason", f"{SAID}-reason")
        desk.ctl("note", "1", f"{SAID}-note")
        desk.ctl("note", "1", "--decision", f"{SAID}-name", f"{SAID}-decided")
        desk.ctl("set", "1", f"subject={SAID}-subject", "due=2999-01-01")
        desk.ctl("log", "phone", "1", f"caller={SAID}-caller", f"what={SAID}-what", f"back={SAID}-back")
        desk.ctl("named", "add", "1", "Other CERT", "--reason", f"{SAID}-named")
        desk.write("coord", "1", "--to", "Other CERT", "--text", "-", text=f"{SAID}-asked\n")
        desk.ctl("coord", "done", "1", "--result", f"{SAID}-done")
        desk.ctl("set", "1", f"state=waiting:vendor: {SAID}-vendor")
        desk.write("reply", "1", "--text", "-", text=f"{SAID}-reply\n")
        desk.write("reply", "1", "--text", "-", "--approve", text=f"{SAID}-held\n")
        held = str(desk.ctl("hold")[0]["id"])
        desk.ctl("hold", "drop", held, "--reason", f"{SAID}-drop")
        desk.ctl("close", "3", "--result", f"{SAID}-part-result")
        desk.ctl("merge", "3", "1", "--reason", f"{SAID}-merge")
        desk.ctl("link", "1", "2", "--reason", f"{SAID}-link")
        desk.write("close", "1", "--result", f"{SAID}-first-result", "--notice")
        desk.ctl("reopen", "1", "--reason", f"{SAID}-reopen")
        desk.write("close", "1", "--result", f"{SAID}-second-result", "--notice")
        desk.ctl("close", "2", "--result", f"{SAID}-result")
        desk.write("reply", "1", "--text", "-", "--to", "nobody@elsewhere.example", text=f"{SAID}-refused\n", good=False)
        desk.ctl("restrict", "2")
        desk.ask("search", f"{SAID}-search")
        expect(desk.purge() >= 3, "purged")
        rows, files = desk.left()
        expect_equal(rows, [], "rows")
        expect_equal(files, [], "files")


if __name__ == "__main__":
    run_all()
