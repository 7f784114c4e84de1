#!/usr/bin/env python3
"""What is written down for the year: kinds of attack, what a leak may cost, goals and how far they are."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from harness import Desk, case, expect, expect_equal, plain_mail  # noqa: E402
from letters import run_all  # noqa: E402
from stepping import Clock  # noqa: E402

USAGE, DATA, NO_SUCH = 64, 65, 66
NOW = "2026-11-16T10:00:00+09:00"


def with_tickets(number=1, **settings):
    desk = Desk(options=["--now", NOW], **settings)
    for one in range(1, number + 1):
        desk.drop(plain_mail(one, sender=f"r{one}@org{one}.example"))
    desk.settled(number)
    return desk


@case
def facets_are_optional_and_of_the_public_words():
    with with_tickets() as desk:
        expect_equal(desk.ctl("show", "1")[0]["facets"], {}, "none at first")
        row, = desk.ctl("set", "1", "action=scan", "target=network", "attacker=hackers", "unauthorized-result=increased-access")
        expect_equal([change["field"] for change in row["changes"]], ["action", "target", "attacker", "unauthorized-result"], "told")
        desk.ctl("set", "1", "attacker=-", "action=PROBE")
        facets = desk.ctl("show", "1")[0]["facets"]
        expect_equal(facets, {"action": "probe", "target": "network", "unauthorized-result": "increased-access"}, "changed, and taken away")
        done = desk.ask("set", "1", "action=dance")
        expect(done.returncode == USAGE and "probe" in done.stderr, f"what there is is told: {done.stderr}")
        expect("action probe" in desk.ask("show", "1").stdout, "shown")
        expect("action=probe" in desk.ask("history", "1").stdout, "in the history")


@case
def damage_is_reckoned_with_every_factor_and_its_caution():
    with with_tickets() as desk:
        expect_equal(desk.ctl("damage", "1")[0]["damage"], None, "nobody has said")
        done = desk.ask("damage", "1", "persons=1200", "distress=2")
        expect(done.returncode == USAGE and "loss identification responsibility response" in done.stderr, f"what is missing: {done.stderr}")
        row, = desk.ctl("damage", "1", "persons=1200", "distress=2", "loss=1", "identification=easy", "responsibility=high", "response=good")
        damage = row["damage"]
        expect_equal([damage[name] for name in ("base", "sensitivity", "ease_factor", "responsibility_factor", "response_factor")], [500, 11, 6, 2, 1],
                     "every factor")
        expect_equal((damage["per_person"], damage["total"], damage["currency"]), (66000, 79200000, "JPY"), "and what comes of it")
        expect("disputed" in damage["caution"], "with its caution")
        expect_equal(desk.ctl("damage", "1", "persons=2400")[0]["damage"]["total"], 158400000, "one thing said anew")
        expect_equal(desk.ctl("show", "1")[0]["damage"]["total"], 158400000, "with the ticket")
        shown = desk.ask("damage", "1").stdout
        expect("158400000" in shown and "disputed" in shown, shown)
        expect_equal(desk.ask("damage", "1", "loss=7").returncode, DATA, "what it cannot be")


@case
def goals_are_counted_in_the_period_that_runs():
    with with_tickets(3) as desk:
        expect_equal(desk.ctl("goal"), [], "none at first")
        desk.ctl("set", "1", "severity=critical")
        desk.ctl("take", "1")
        row, = desk.ctl("goal", "set", "serious", "severity=high", "at-most=0")
        expect_equal((row["count"], row["state"], row["period"]), (1, "missed", "FY2026"), "one is too many")
        row, = desk.ctl("goal", "set", "all", "at-most=100", "period=monthly")
        expect_equal((row["count"], row["state"], row["period"]), (3, "kept", "2026-11"), "of a month")
        row, = desk.ctl("goal", "set", "quick", "measure=triage", "at-least=90", "period=quarterly")
        expect_equal((row["all"], row["state"]), (0, "nothing yet"), "nothing was due yet")
        clock = Clock(desk)
        clock.to("2026-11-30T18:00:00+09:00")
        rows = {row["goal"]: row for row in desk.ctl("goal")}
        expect_equal((rows["quick"]["count"], rows["quick"]["all"], rows["quick"]["state"]), (1, 3, "at risk"), "one of three in time")
        expect_equal(sorted(rows), ["all", "quick", "serious"], "all of them")
        expect("33%" in desk.ask("goal").stdout, "shown")
        expect_equal(desk.ask("goal", "set", "x", "measure=luck").returncode, DATA, "no such measure")
        expect_equal(desk.ask("goal", "set", "x", "category=nowhere", "at-most=1").returncode, DATA, "no such category")
        desk.ctl("goal", "drop", "all")
        expect_equal((desk.ask("goal", "drop", "all").returncode, len(desk.ctl("goal"))), (NO_SUCH, 2), "dropped once")


if __name__ == "__main__":
    run_all()
