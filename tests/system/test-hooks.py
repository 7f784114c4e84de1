#!/usr/bin/env python3
"""Hooks: the programs of operators are told what happens, and are never in the way."""

import ctypes
import json
import os
import re
import sqlite3
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import Desk, case, expect, expect_equal, main, plain_mail, processes, wait_until  # noqa: E402

LANDLOCK_CREATE_RULESET = 444
KEEPER = """#!/bin/sh
cat >> "$(dirname "$0")/../told/events"
"""


def hooked(programs, start=True, tell="", time="5s", **settings):
    """A desk with these programs: name -> text."""
    desk = Desk(start=False, hooks="", **settings)
    folder = desk.folder / "hooks.d"
    folder.mkdir(mode=0o755)
    (desk.folder / "told").mkdir()
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    desk.configure(hooks=f'folder = "{folder}"; time = "{time}"; {tell}', **settings)
    if start:
        desk.start()
    return desk


def events(desk):
    path = desk.folder / "told/events"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def wait_for_events(desk, count):
    return wait_until(lambda: len(events(desk)) >= count and events(desk), f"{count} events")


def waiting(desk):
    return int(re.search(r"(\d+) events wait", finding(desk)["text"])[1])


def finding(desk):
    return next(row for row in map(json.loads, desk.ask("doctor", "--json").stdout.splitlines()) if row["check"] == "hooks")


@case
def a_program_is_told_what_happens_and_nothing_more():
    with hooked({"keep": KEEPER}) as desk:
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        row, = desk.incidents()
        event, = wait_for_events(desk, 1)
        expect_equal(event, {"schema": "mado/1", "id": 1, "event": "incident-new", "number": row["ticket"], "state": "new",
                             "severity": row["severity"], "label": row["tlp"], "alarm": None, "at": event["at"]}, "a new incident")
        desk.ctl("take", "1")
        desk.ctl("close", "1")
        desk.ctl("set", "1", "severity=high")
        told = [(one["id"], one["event"], one["state"]) for one in wait_for_events(desk, 3)]
        expect_equal(told, [(1, "incident-new", "new"), (2, "state", "open"), (3, "state", "closed")], "in their order, once each")
        wait_until(lambda: waiting(desk) == 0, "nothing is left")
        expect_equal(finding(desk)["result"], "ok", "doctor")


@case
def more_is_told_by_the_gate_alone():
    with hooked({"keep": KEEPER}, tell='tell = [ "category", "subject" ];') as desk:
        for number, word in enumerate(("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"), 1):
            desk.drop(plain_mail(number).replace(b"Subject: ", f"Subject: [TLP:{word}] ".encode()))
            desk.settled(number)
            event = wait_for_events(desk, number)[-1]
            known = {field for field in ("number", "state", "severity", "label", "category", "subject") if event[field]}
            base = {"number", "state", "severity", "label"}
            expect_equal(known, {"CLEAR": base | {"category", "subject"}, "GREEN": base | {"category", "subject"},
                                 "AMBER": base | {"category"}, "AMBER+STRICT": base, "RED": {"number"}}[word], word)
        desk.ctl("restrict", "1")
        desk.ctl("close", "1")
        event = wait_for_events(desk, 6)[-1]
        expect_equal((event["event"], event["state"], event["subject"]), ("state", None, None), "for few")


@case
def one_that_hangs_fails_or_floods_is_ended_and_the_desk_goes_on():
    programs = {
        "10-hangs": "#!/bin/sh\nexec 9> $0.fifo\nsleep 1000\n",
        "20-fails": "#!/bin/sh\necho no network; exit 3\n",
        "30-floods": "#!/bin/sh\nexec cat /dev/zero\n",
        "40-forks": "#!/bin/sh\nsetsid sleep 4711 &\n(sleep 4711 &)\nexit 0\n",
        "50-keep": KEEPER,
    }
    with hooked(programs, time="1s") as desk:
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        expect_equal(desk.ask("status").returncode, 0, "the desk answers")
        wait_for_events(desk, 1)
        wait_until(lambda: waiting(desk) == 0, "it is done with it")
        log = desk.log_text()
        for sentence in ("10-hangs took longer than 1 seconds and was ended", "20-fails ended with status 3",
                         "30-floods printed more than 1048576 bytes and was ended", "20-fails says: no network"):
            expect(sentence in log, sentence)
        expect("40-forks ended" not in log, "it left something, and that is ended")
        left = [words for _, _, _, words in processes() if "4711" in words or any("10-hangs" in word for word in words)]
        expect_equal(left, [], "nothing is left running")
        expect_equal(finding(desk)["result"], "warning", "doctor")
        expect("20-fails ended with status 3" in finding(desk)["text"], finding(desk)["text"])
        desk.stop()
        with desk.store() as store:
            expect_equal(store.execute("SELECT count(*) FROM journal WHERE kind = 'hook-failed'").fetchone(), (1,), "the journal")


@case
def one_that_fails_again_and_again_is_an_alarm():
    with hooked({"fails": '#!/bin/sh\ntest -e "$0.mended" && cat >> "$(dirname "$0")/../told/events"\n'}) as desk:
        for number in (1, 2, 3):
            desk.drop(plain_mail(number))
        desk.wait_for_acks(3)
        alarm = wait_until(lambda: [row for row in desk.ctl("alarms") if row["condition"] == "hooks"], "an alarm")[0]
        expect("fails ended with status 1" in alarm["text"], alarm["text"])
        (desk.folder / "hooks.d/fails.mended").touch()
        desk.drop(plain_mail(4))
        wait_until(lambda: not desk.ctl("alarms"), "it is over")
        last = wait_until(lambda: [one for one in events(desk) if one["state"] == "over"], "and they are told so")[0]
        expect_equal((last["event"], last["alarm"], last["number"]), ("alarm", "hooks", None), "an alarm")


@case
def an_event_survives_a_kill_and_is_told_with_the_same_id():
    slow = '#!/bin/sh\ncat >> "$(dirname "$0")/../told/events"\ntest -e "$0.go" || sleep 1000\n'
    with hooked({"slow": slow}, time="60s") as desk:
        desk.drop(plain_mail())
        wait_for_events(desk, 1)
        expect_equal(waiting(desk), 1, "it is kept until it is done")
        desk.kill_all()
        (desk.folder / "hooks.d/slow.go").touch()
        desk.start()
        first, second = wait_for_events(desk, 2)
        expect_equal((first["id"], first["number"]), (second["id"], second["number"]), "the same")
        wait_until(lambda: waiting(desk) == 0, "done")
        pids = desk.kill_role("hook")
        wait_until(lambda: desk.role_is_new("hook", pids), "a new one")
        desk.ctl("take", "1")
        expect_equal(wait_for_events(desk, 3)[-1]["state"], "open", "it goes on")


@case
def what_may_be_written_by_others_is_not_run():
    with hooked({"good": KEEPER, "bad": KEEPER, "dotted.sh": KEEPER, "text": KEEPER}, start=False) as desk:
        (desk.folder / "hooks.d/bad").chmod(0o777)
        (desk.folder / "hooks.d/text").chmod(0o644)
        desk.start()
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        wait_for_events(desk, 1)
        wait_until(lambda: waiting(desk) == 0, "done")
        expect_equal(len(events(desk)), 1, "one of four")
        expect("bad: others than root and this user may write it" in desk.log_text(), "why")
        (desk.folder / "hooks.d").chmod(0o777)
        desk.ctl("take", "1")
        wait_until(lambda: finding(desk)["result"] == "warning", "said")
        expect("may be written by others" in finding(desk)["text"], finding(desk)["text"])


@case
def a_program_cannot_open_the_store():
    look = ('#!/bin/sh\nhere="$(dirname "$0")/.."\n{ head -c 16 "$here/state/mado.db"; ls "$here/state"; cat "$here/mado.conf" > /dev/null && echo read; '
            'cat /proc/self/status; env; } > "$here/looked" 2>&1\n')
    with hooked({"look": look}, start=False) as desk:
        looked = desk.folder / "looked"
        looked.touch()
        desk.start()
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        text = wait_until(lambda: "NoNewPrivs" in looked.read_text(errors="replace") and looked.read_text(errors="replace"), "it has looked")
        if ctypes.CDLL(None).syscall(LANDLOCK_CREATE_RULESET, None, 0, 1) >= 2:
            expect("SQLite format" not in text, text)
            expect_equal(text.count("Permission denied"), 2, text)
        expect("read\n" in text and "NoNewPrivs:\t1" in text, text)
        expect("NOTIFY_SOCKET" not in text, "its environment")


@case
def without_a_folder_nothing_is_kept():
    with hooked({"keep": KEEPER}) as desk:
        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        wait_for_events(desk, 1)
        desk.stop()
        desk.configure()
        desk.start()
        desk.ctl("take", "1")
        expect(all(json.loads(line)["check"] != "hooks" for line in desk.ask("doctor", "--json").stdout.splitlines()), "doctor")
        desk.stop()
        with desk.store() as store:
            expect_equal(store.execute("SELECT count(*) FROM hook_event").fetchone(), (0,), "nobody is to be told")


@case
def an_import_tells_nobody():
    with hooked({"keep": KEEPER}) as desk:
        path = desk.folder / "ledger.csv"
        path.write_text("受付番号,受付日,件名\n1,2026/4/1,x\n2,2026/4/2,y\n")
        expect_equal(desk.ask("import", path, "--yes").returncode, 0, "imported")
        expect_equal(waiting(desk), 0, "no event")
        desk.drop(plain_mail())
        expect_equal(wait_for_events(desk, 1)[0]["number"][:9], "2026-0003", "but of what is new")


@case
def a_run_by_hand_tells_all_before_it_ends():
    with hooked({"keep": KEEPER}, start=False) as desk:
        desk.drop(plain_mail())
        desk.once()
        expect_equal([one["event"] for one in events(desk)], ["incident-new"], "told")


@case
def too_many_that_wait_are_bounded():
    with hooked({"slow": "#!/bin/sh\nsleep 1000\n"}, time="60s") as desk:
        desk.drop(plain_mail())
        wait_until(lambda: waiting(desk) == 1, "it hangs")
        desk.kill_all()
        with sqlite3.connect(desk.folder / "state/mado.db") as store:
            store.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500) INSERT INTO hook_event "
                          "(kind, incident, what, alarm, at) SELECT 'state', 1, 'open', '', 1 FROM n")
        store.close()
        desk.start()
        wait_until(lambda: waiting(desk) == 1000, "the newest thousand")
        expect("the oldest are forgotten" in desk.log_text(), "said")


if __name__ == "__main__":
    main()
