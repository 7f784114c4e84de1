"""scripts/bench: counts what is durable, nothing else."""

import argparse
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/system"))
os.environ.setdefault("MADO_SOURCE", str(TOP))
import bench_pgp  # noqa: E402
import bench_servers  # noqa: E402
from harness import BUILD, Desk, pace, plain_mail, wait_until  # noqa: E402

MAIL_BYTES = 4096
CAPS = "hourly = 100000;"  # each mail comes from a site of its own
READS = {"list": ["list"], "show": ["show", "1"], "search": ["search", "scans"]}
AT_MOST = 3600
BENCHES = {**bench_servers.BENCHES, "pgp": bench_pgp.pgp}
MAILS = {"pgp": 600}  # each of them costs the work of gpg four times
LOOK_EVERY = 0.25  # a question costs what three mails cost


def mail_of_size(number):
    mail = plain_mail(number, sender=f"reporter@site{number}.example")
    line = b"Nov 20 09:00:00 gw sshd[411]: Failed password for root from 192.0.2.7 port 4711\r\n"
    return (mail + line * (1 + (MAIL_BYTES - len(mail)) // len(line)))[:MAIL_BYTES - 2] + b"\r\n"


def commits_a_second(folder, seconds=2.0):
    """The machine's own rate: one row of 4 kB a commit, as durable as the store's."""
    store = sqlite3.connect(folder / "commits.db", isolation_level=None)
    store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = FULL")
    store.execute("CREATE TABLE mail (id INTEGER PRIMARY KEY, bytes BLOB)")
    count, start = 0, time.monotonic()
    while time.monotonic() - start < seconds:
        store.execute("INSERT INTO mail (bytes) VALUES (?)", (os.urandom(MAIL_BYTES),))
        count += 1
    store.close()
    return count / (time.monotonic() - start)


def memory_kb(pid, name="Rss"):
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


def pss_of_all(desk):
    return sum(memory_kb(pid, "Pss") for pid, _, _ in desk.family())


def milliseconds(desk, words):
    def once():
        start = time.monotonic()
        desk.ask(*words)
        return (time.monotonic() - start) * 1000
    return round(statistics.median(once() for _ in range(5)), 1)


def timed_start(desk):
    start = time.monotonic()
    desk.start()
    return time.monotonic() - start


def durable(desk):
    """Mails of a stopped daemon's store that have an incident and a queued acknowledgement."""
    with desk.store() as store:
        return store.execute(
            "SELECT count(DISTINCT mail.id) FROM mail JOIN incident ON incident.id = mail.incident "
            "JOIN outbox ON outbox.mail = mail.id AND outbox.kind = 'ack'").fetchone()[0]


def take(desk, count):
    """Seconds until all are settled, and the desk's memory at a tenth of the way and at the end."""
    watched = {}

    def settled():
        done = desk.ledger()["incident"]
        pids = desk.role_pids("desk")
        if pids and done >= count // 10:
            watched.setdefault("early", memory_kb(pids[0]))
            watched["late"] = memory_kb(pids[0])
        return done >= count

    start = time.monotonic()
    desk.start()
    while not settled():
        pace(LOOK_EVERY)
        if time.monotonic() - start > AT_MOST:
            raise TimeoutError(f"{count} mails are not settled")
    return time.monotonic() - start, watched


def intake(folder, count):
    run = tempfile.mkdtemp(prefix="mado-", dir="/tmp")
    try:
        with Desk(folder=folder, start=False, acknowledge=CAPS, run=run) as desk:
            empty_start = timed_start(desk)
            at_rest = pss_of_all(desk)
            desk.stop()
            for number in range(count):
                desk.drop(mail_of_size(number))
            os.sync()
            commits = commits_a_second(folder)
            seconds, memory = take(desk, count)
            reads = {f"{name}_ms": milliseconds(desk, words) for name, words in READS.items()}
            letters = wait_until(lambda: not any(
                row["count"] for row in desk.ctl("status")[0]["outbox"]
                if row["state"] in ("queued", "sending")), "all is sent", AT_MOST) and count
            desk.stop()
            counted = durable(desk)
            full_start = timed_start(desk)
            desk.stop()
    finally:
        shutil.rmtree(run, ignore_errors=True)
    return {"bench": "intake", "figure": round(counted / seconds, 1), "unit": "mails/s", "beside": {
        "mails": counted, "mails_given": count, "letters": letters, "seconds": round(seconds, 2),
        "machine_commits_per_s": round(commits, 1), "desk_early_kb": memory.get("early", 0),
        "desk_late_kb": memory.get("late", 0), "pss_at_rest_kb": at_rest,
        "start_to_ready_s": round(empty_start, 3), "start_to_ready_full_s": round(full_start, 3),
        **reads}}


def show(result):
    beside = result["beside"]
    print(f"{result['figure']} {result['unit']}   {beside['mails']} of {beside['mails_given']} mails of "
          f"{MAIL_BYTES} bytes, in {beside['seconds']} s")
    print(f"{beside['machine_commits_per_s']} commits/s   what this machine does by itself")
    print(f"desk {beside['desk_early_kb']} kB after a tenth, {beside['desk_late_kb']} kB at the end; "
          f"all of madod at rest {beside['pss_at_rest_kb']} kB PSS")
    print(f"start to ready {beside['start_to_ready_s']} s empty, {beside['start_to_ready_full_s']} s full")
    print("   ".join(f"{name} {beside[name + '_ms']} ms" for name in READS)
          + f"   at {beside['mails']} incidents")


def show_plainly(result):
    print(f"{result['figure']} {result['unit']}")
    for name, value in result["beside"].items():
        print(f"    {name.replace('_', ' ')}: {value}")


def measure(bench, folder, count):
    if bench == "intake":
        return intake(folder, count)
    run = tempfile.mkdtemp(prefix="mado-", dir="/tmp")  # a socket's path must be short
    try:
        return BENCHES[bench](folder, run, count, mail_of_size)
    finally:
        shutil.rmtree(run, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("bench", choices=["intake", *BENCHES])
    parser.add_argument("--json", action="store_true", help="one object")
    parser.add_argument("--mails", type=int)
    parser.add_argument("--long", action="store_true", help="100,000 mails")
    args = parser.parse_args()
    # On the disk of the build, not on a /tmp that may be memory.
    folder = Path(tempfile.mkdtemp(prefix="bench-", dir=BUILD))
    try:
        result = measure(args.bench, folder, 100_000 if args.long else args.mails or MAILS.get(args.bench, 10_000))
    finally:
        subprocess.run(["rm", "-rf", folder], check=False)
    if args.json:
        print(json.dumps(result))
    elif args.bench == "intake":
        show(result)
    else:
        show_plainly(result)
    return 0 if result["beside"]["mails"] == result["beside"]["mails_given"] else 1


sys.exit(main())
