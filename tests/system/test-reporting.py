#!/usr/bin/env python3
"""Reports go out by the calendar, under their label and through the gate, and each of them once: over new
starts, a clock that is set to and fro, holidays that change, and a long absence."""

import os
import sys

sys.path.insert(0, os.path.dirname(__file__))
from clocked import Clocked  # noqa: E402
from harness import case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

MONTHLY = '{ name = "board"; kind = "monthly"; audience = "company"; to = [ "board@sakura.example" ]; in_clear = "yes"; }'
DAILY = '{ name = "daily"; kind = "commander"; to = [ "chief@sakura.example" ]; in_clear = "yes"; formats = [ "html" ]; }'
WEEKLY = ('{ name = "weekly"; kind = "meeting"; to = [ "chief@sakura.example" ]; in_clear = "yes"; language = "en";'
          ' at = "08:30"; }')


def write_reports(desk, *reports, more="", **settings):
    desk.configure(**settings)
    with open(desk.configuration, "a") as file:
        file.write(f"reports = ( {', '.join(reports)} );\n{more}\n")


def started(desk, at, *reports, **settings):
    """It runs, at that time, and knows to whom it writes."""
    write_reports(desk, *reports, **settings)
    desk.set_to(at)
    desk.start()
    for name in ("board", "chief"):
        done = desk.ask("contact", "add", name, "--address", f"{name}@sakura.example", "relation=inside",
                        "verified=by hand")
        expect_equal(done.returncode, 0, done.stderr)
    return desk


def sent(desk):
    """The periods of the reports that went out: some are signed sooner than others that were written at the same time."""
    return sorted(letter["Subject"].split()[-1] for letter in desk.letters() if "[TLP:" in letter["Subject"])


def wait_for(desk, *periods):
    wait_until(lambda: len(sent(desk)) >= len(periods), f"{len(periods)} reports")
    expect_equal(sent(desk), list(periods), "reports that went out")


def planned(desk):
    desk.stop()
    with desk.store() as store:
        return store.execute("SELECT name, datetime(next, 'unixepoch', '+9 hours') FROM schedule WHERE name LIKE 'report %' ORDER BY name").fetchall()


def parts_of(letter):
    return {part.get_filename(): part for part in letter.iter_attachments()}


@case
def a_report_goes_once_whatever_happens_to_us_or_to_the_clock():
    with Clocked(start=False) as desk:
        started(desk, "2026-10-30T10:00:00+09:00", MONTHLY)
        desk.go_to("2026-11-02T08:59:57+09:00")
        expect_equal(sent(desk), [], "before its time")
        wait_for(desk, "2026-10")
        desk.restart()
        for to in ("2026-11-02T08:00:00+09:00", "2026-11-02T09:30:00+09:00", "2026-10-30T10:00:00+09:00",
                   "2026-11-02T10:00:00+09:00"):
            desk.go_to(to)
        expect_equal(planned(desk), [("report board", "2026-12-01 09:00:00")], "what is planned")
        desk.set_to("2026-12-01T09:01:00+09:00")
        desk.start()
        wait_for(desk, "2026-10", "2026-11")
        desk.go_to("2027-01-04T09:00:30+09:00")
        wait_for(desk, "2026-10", "2026-11", "2026-12")
        desk.stop()
        with desk.store() as store:
            kept = store.execute("SELECT count(*) FROM writing JOIN enclosure USING (letter) WHERE text <> ''"
                                 " GROUP BY letter").fetchall()
        expect_equal(kept, [(2,), (2,)], "files of letters that are kept: those of the last forty days")


@case
def a_clock_that_was_far_ahead_leaves_nothing_planned_there():
    with Clocked(start=False) as desk:
        started(desk, "2026-10-30T10:00:00+09:00", MONTHLY)
        desk.go_to("2036-10-30T10:00:00+09:00")
        wait_for(desk, "2026-10", "2036-07", "2036-08", "2036-09")
        desk.go_to("2026-10-31T10:00:00+09:00")
        expect_equal(planned(desk), [("report board", "2026-11-02 09:00:00")], "what is planned")


@case
def behind_an_absence_the_reports_of_meanwhile_go():
    with Clocked(start=False) as desk:
        started(desk, "2026-10-30T10:00:00+09:00", MONTHLY)
        desk.stop()
        desk.set_to("2027-01-05T12:00:00+09:00")
        desk.start()
        wait_for(desk, "2026-10", "2026-11", "2026-12")


@case
def holidays_that_change_move_what_lies_ahead():
    with Clocked(start=False) as desk:
        started(desk, "2026-10-30T10:00:00+09:00", MONTHLY)
        expect_equal(planned(desk), [("report board", "2026-11-02 09:00:00")], "without holidays")
        (desk.folder / "holidays.csv").write_text("2026/11/2,A\n2026/11/3,B\n")
        write_reports(desk, MONTHLY, more='hours : { holidays = "holidays.csv"; };')
        desk.start()
        expect_equal(planned(desk), [("report board", "2026-11-04 09:00:00")], "with holidays")
        write_reports(desk)
        desk.start()
        expect_equal(planned(desk), [], "without a report")


@case
def a_letter_has_text_a_page_and_a_table_under_its_label():
    with Clocked(start=False) as desk:
        started(desk, "2026-10-30T10:00:00+09:00", MONTHLY)
        desk.drop(plain_mail(1))
        desk.settled(1)
        desk.go_to("2026-11-02T09:00:30+09:00")
        wait_for(desk, "2026-10")
        letter, = [letter for letter in desk.letters() if "[TLP:" in letter["Subject"]]
        expect_equal(letter["Subject"], "[TLP:AMBER] さくら工業 CSIRT 月次報告 2026-10", "subject")
        expect_equal(letter["Auto-Submitted"], "auto-generated", "Auto-Submitted")
        parts = parts_of(letter)
        expect_equal(sorted(parts), ["monthly-2026-10.csv", "monthly-2026-10.html"], "files")
        expect_equal(parts["monthly-2026-10.html"].get_content_type(), "text/html", "type of the page")
        expect(parts["monthly-2026-10.csv"].get_payload(decode=True).startswith("\ufeff\"TLP:AMBER\"".encode()),
               "a table that Excel reads as UTF-8")
        text = letter.get_body(("plain",)).get_content()
        expect("受け付けた報告" in text and "TLP:AMBER" in text, "the text: " + text[:200])
        row, = [row for row in desk.ctl("outbox") if row["kind"] == "report"]
        expect_equal(row["state"], "sent", "state in the outbox")


@case
def what_the_gate_does_not_let_go_is_held():
    strangers = MONTHLY.replace("board@sakura.example", "someone@else.example")
    in_clear = MONTHLY.replace("; in_clear = \"yes\"", "").replace('"board"; kind', '"sealed"; kind')
    with Clocked(start=False) as desk:
        started(desk, "2026-10-30T10:00:00+09:00", strangers, in_clear)
        desk.go_to("2026-11-02T09:00:30+09:00")
        rows = wait_until(lambda: len(desk.ctl("hold")) == 2 and desk.ctl("hold"), "two are held")
        expect_equal({row["to"] for row in rows}, {"someone@else.example", "board@sakura.example"}, "to whom")
        expect_equal({row["purpose"] for row in rows}, {"report"}, "purpose")
        expect_equal(sent(desk), [], "what went out")


@case
def who_decides_is_told_each_day_of_business_and_before_the_meeting():
    with Clocked(start=False) as desk:
        started(desk, "2026-11-20T08:59:58+09:00", DAILY, WEEKLY)
        wait_for(desk, "2026-11-20")
        desk.go_to("2026-11-22T12:00:00+09:00")
        expect_equal(sent(desk), ["2026-11-20"], "nothing on a Sunday")
        desk.go_to("2026-11-23T09:00:01+09:00")
        wait_until(lambda: len(sent(desk)) == 3, "both on Monday")
        expect_equal(sorted(sent(desk)), ["2026-11-17/11-23", "2026-11-20", "2026-11-23"], "what went out")
        letters = [letter for letter in desk.letters() if "meeting" in letter["Subject"]]
        expect_equal(sorted(parts_of(letters[0])), ["meeting-2026-11-17_11-23.csv", "meeting-2026-11-17_11-23.html"],
                     "files")


if __name__ == "__main__":
    main()
