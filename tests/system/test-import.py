#!/usr/bin/env python3
"""import: years kept in a spreadsheet become tickets, all good rows of a file or none."""

import json
import os
import pty
import select
import subprocess
import sys

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, Desk, Failed, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402

HEADS = "受付番号,受付日,件名,報告者,連絡先,種別,状況,担当,完了日,備考"
LEDGER = f"""2025年度 インシデント管理台帳,,,,,,,,,
{HEADS}
A-17,2026/4/1,Webサイトが改ざんされた,山吹 花子,hanako@yamabuki.example,Webサイト改ざん,完了,Tanaka,2026/4/3,"復旧済み
再発なし"
A-18,令和8年4月2日,フィッシングの報告,田中,03-0000-0000,フィッシング,対応中,佐藤,,
A-19,R7.12.24,不審なメール,,,謎の種別,様子見,,,
"""


def run_import(desk, *words, text=None, env=None):
    return subprocess.run([PROGRAMS / "madoctl", "--config", str(desk.configuration), "import", *map(str, words)], input=text or "",
                          capture_output=True, text=True, timeout=BOUND, env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})})


def file_of(desk, content=LEDGER, name="ledger.csv"):
    path = desk.folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows_of(done):
    expect_equal(done.returncode, 0, done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Terminal:
    """A person at a terminal of 80 columns."""

    def __init__(self, desk, *words):
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"LC_ALL": "C.UTF-8", "TERM": "xterm", "COLUMNS": "80", "NO_COLOR": "1"})
            os.execv(PROGRAMS / "madoctl", ["madoctl", "--config", str(desk.configuration), *map(str, words)])

    def wait_for(self, text, answer=None):
        """Until that is shown, and then types `answer`."""
        start = len(self.shown) if answer is None else 0
        def there():
            if text in self.shown[start:] or text in self.shown:
                return True
            ready, _, _ = select.select([self.fd], [], [], 1)
            if ready:
                try:
                    self.shown += os.read(self.fd, 65536).decode(errors="replace")
                except OSError as gone:
                    raise Failed(f"it ended without {text!r}: {self.shown}") from gone
            return text in self.shown
        wait_until(there, f"{text!r} behind {self.shown!r}")
        self.shown = self.shown.split(text, 1)[1]
        if answer is not None:
            os.write(self.fd, answer.encode() + b"\n")

    def end(self):
        try:
            while block := os.read(self.fd, 65536):
                self.shown += block.decode(errors="replace")
        except OSError:
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@case
def a_ledger_becomes_tickets_with_their_old_numbers():
    with Desk() as desk:
        path = file_of(desk)
        looked = rows_of(run_import(desk, path, "--dry-run", "--json"))
        expect_equal([(row["line"], row["result"], row["state"]) for row in looked],
                     [(3, "new", "closed"), (5, "new", "open"), (6, "new", "waiting")], "a look")
        expect_equal((looked[2]["not_understood"], looked[1]["not_understood"]), (["category 謎の種別"], ["handler 佐藤"]), "unknown words")
        expect_equal(desk.ctl("list", "--all"), [], "a look changes nothing")

        *rows, made = rows_of(run_import(desk, path, "--yes", "--json"))
        expect_equal((made["import"], made["incidents"], made["result"]), (1, 3, "imported"), "all of it")
        by_old = {row["old"]: row for row in rows}
        expect_equal({old: row["ticket"][:9] for old, row in by_old.items()},
                     {"A-19": "2025-0001", "A-17": "2026-0001", "A-18": "2026-0002"}, "numbers of their years")
        first, = desk.ctl("show", "A-17")
        expect_equal((first["state"], first["category"], first["reporter"]["name"], first["received"][:10], first["closed"][:10]),
                     ("closed", "defacement", "山吹 花子", "2026-04-01", "2026-04-03"), "what the line says")
        expect("備考: 復旧済み\n再発なし" in first["told"][0]["what"], "all of the line is there")
        expect_equal((first["told"][0]["back"], first["told"][0]["way"]), ("hanako@yamabuki.example", "import"), "and who told it")
        expect_equal(first["acknowledged"]["state"], "none", "nobody is acknowledged")
        for words in (["search", "再発なし"], ["search", "A-17"], ["list", "--all", "ref:A-17"]):
            expect_equal([row["ticket"] for row in desk.ctl(*words)], [first["ticket"]], " ".join(words))
        expect_equal((desk.acks(), desk.ctl("outbox")), ([], []), "no letter")
        ledger, = desk.ctl("ledger")
        expect_equal((ledger["told"]["import"], ledger["arrived"], ledger["balanced"]), (3, 0, True), "beside the ledger of mail")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")

        desk.drop(plain_mail())
        desk.wait_for_acks(1)
        expect_equal([row["ticket"][:9] for row in desk.incidents() if row["state"] == "new"], ["2026-0003"], "numbers go on")


@case
def what_is_here_already_is_left_alone():
    with Desk() as desk:
        path = file_of(desk)
        rows_of(run_import(desk, path, "--yes", "--json"))
        done = run_import(desk, path, "--yes")
        expect_equal(done.returncode, 65, done.stderr)
        expect("3 are here already" in done.stderr, done.stderr)
        more = file_of(desk, LEDGER.replace("様子見", "完了") + "A-20,2026-05-01,新しい件,,,,,,,\n", "more.csv")
        looked = rows_of(run_import(desk, more, "--dry-run", "--json"))
        expect_equal([row["result"] for row in looked], ["known", "known", "rejected", "new"], "by what they say, and by number")
        expect("said something else" in looked[2]["why"], looked[2]["why"])
        *rows, made = rows_of(run_import(desk, more, "--yes", "--json"))
        expect_equal([row["old"] for row in rows], ["A-20"], "only what is new")
        rejected = (desk.folder / "more.rejected.csv").read_bytes().decode("utf-8-sig")
        expect("A-19" in rejected and "said something else" in rejected and rejected.count("\r\n") == 2, rejected)
        expect_equal(len(desk.ctl("list", "--all", "state:any")), 4, "tickets")


@case
def an_import_can_be_undone_while_nothing_was_done_with_it():
    with Desk() as desk:
        path = file_of(desk)
        rows_of(run_import(desk, path, "--yes", "--json"))
        row, = rows_of(run_import(desk, "--undo", "1", "--yes", "--json"))
        expect_equal((row["result"], row["incidents"]), ("undone", 3), "undone")
        expect_equal(desk.ctl("list", "--all", "state:any"), [], "they are gone")
        expect_equal(desk.ctl("search", "再発なし"), [], "their words too")
        expect_equal(desk.ask("show", "A-17").returncode, 64, "and their numbers")
        expect_equal(run_import(desk, "--undo", "1", "--yes").returncode, 65, "once")
        expect_equal(run_import(desk, "--undo", "9", "--yes").returncode, 66, "no such")
        *rows, _ = rows_of(run_import(desk, path, "--yes", "--json"))
        expect_equal({row["ticket"][:9] for row in rows}, {"2025-0002", "2026-0003", "2026-0004"}, "no number is given twice")
        desk.ctl("note", "A-18", "called them")
        done = run_import(desk, "--undo", "2", "--yes")
        expect_equal(done.returncode, 65, "worked on")
        expect("2026-0004" in done.stderr, done.stderr)
        expect_equal(len(desk.ctl("list", "--all", "state:any")), 3, "all of them are still there")
        expect_equal([(one["import"], one["result"]) for one in rows_of(run_import(desk, "--json"))],
                     [(2, "imported"), (1, "undone")], "the list")
        expect_equal(desk.ctl("audit", "verify")[0]["intact"], True, "the journal")


@case
def bad_rows_are_rejected_whole_and_written_beside():
    with Desk() as desk:
        content = HEADS + "\n" + "\n".join([
            "1,2026/4/1,good,,,,,,,",
            "2,,no day,,,,,,,",
            "3,2026/2/30,no such day,,,,,,,",
            "4,2026/4/1,no such state,,,,謎,,,",
            "5,2026/4/1,open and ended,,,,対応中,,2026/4/2,",
            "6,2026/4/1,,,,,,,,",
            "1,2026/4/2,the number again,,,,,,,",
            "8,2026/4/5,ended before,,,,完了,,2026/4/1,",
            "9,2027/4/5,from the future,,,,,,,",
            "10,4/1/26,a short year,,,,,,,",
        ]) + "\n"
        path = file_of(desk, content)
        looked = rows_of(run_import(desk, path, "--dry-run", "--json"))
        expect_equal([row["result"] for row in looked], ["new"] + ["rejected"] * 9, [row["why"] for row in looked])
        done = run_import(desk, path, "--yes")
        expect_equal(done.returncode, 0, done.stderr)
        expect("9 rows were rejected" in done.stderr, done.stderr)
        beside = desk.folder / "ledger.rejected.csv"
        text = beside.read_bytes().decode("utf-8-sig")
        expect_equal(text.count("\r\n"), 10, text)
        corrected = text.replace('"2026/2/30"', '"2026/2/28"')
        beside.write_bytes(corrected.encode("utf-8-sig"))
        rows = rows_of(run_import(desk, beside, "--yes", "--json"))
        expect_equal([row["old"] for row in rows if "old" in row], ["3"], "corrected, and imported as it is")
        expect_equal(beside.read_bytes().decode("utf-8-sig"), corrected, "what somebody works on is left alone")


@case
def spreadsheets_come_in_many_forms():
    text = HEADS + "\nA-1,２０２６／４／１,件名①,,,,,,,\n"
    forms = {"utf-8": text.encode(), "with a mark": text.encode("utf-8-sig"), "CP932": text.encode("cp932"),
             "semicolons": text.replace(",", ";").encode(), "tabs": text.replace(",", "\t").encode(),
             "UTF-16": text.replace(",", "\t").encode("utf-16"), "Mac": text.replace("\n", "\r\n").encode()}
    with Desk() as desk:
        for name, content in forms.items():
            row, = rows_of(run_import(desk, file_of(desk, content), "--dry-run", "--json"))
            expect_equal((row["old"], row["received"][:10], row["subject"]), ("A-1", "2026-04-01", "件名①"), name)


@case
def hostile_files_are_refused_or_harmless():
    big = HEADS + "\n"
    with Desk() as desk:
        for name, content, status in (
                ("NUL", big.encode() + b"a\0b", 65), ("a million columns", b"a," * 1000000, 65),
                ("100 MB", b"x" * 100_000_000, 66), ("an open quote", (big + '1,"2026/4/1').encode(), 65),
                ("one huge value", (big + "1,2026/4/1," + "x" * 70000).encode(), 65), ("nothing", b"", 65),
                ("neither UTF-8 nor Shift_JIS", big.encode() + b"\xff\xff", 65)):
            done = run_import(desk, file_of(desk, content), "--yes")
            expect_equal(done.returncode, status, f"{name}: {done.stderr[:300]}")
            expect("Nothing was" in done.stderr, f"{name}: {done.stderr[:300]}")
        formulas = big + '=1+1,2026/4/1,"=HYPERLINK(""http://x.example"")",+cmd,@x,,,,,\x1b[2J\n-2,,-x,,,,,,,\n'
        done = run_import(desk, file_of(desk, formulas), "--yes")
        expect_equal(done.returncode, 0, done.stderr)
        row, = desk.ctl("list", "--all")
        expect_equal(row["subject"], '=HYPERLINK("http://x.example")', "a text like any other")
        expect("\x1b" not in desk.ask("show", "1").stdout, "no control character")
        rejected = (desk.folder / "ledger.rejected.csv").read_bytes().decode("utf-8-sig")
        expect('"\'-2"' in rejected, "what a spreadsheet would compute is a text there")


@case
def at_a_terminal_it_proposes_and_asks():
    with Desk() as desk:
        path = file_of(desk, "整理,いつ,何が,メモ,進み具合\nX1,4/1/2026,壊れた,電話,おわり\nX2,4/2/2026,動いた,,おわり\n")
        person = Terminal(desk, "import", path)
        person.wait_for("Else write", "1=number 3=subject 5=state")
        person.wait_for("Else write", "9=state")
        person.wait_for("cannot be read")
        person.wait_for("Else write", "")
        person.wait_for("is the [m]onth first", "m")
        person.wait_for('state "おわり" (rows: 2)')
        person.wait_for("or Enter:", "closed")
        person.wait_for("2 new, 0 here already, 0 rejected")
        person.wait_for("Import 2 incidents? [y/N]", "y")
        expect_equal(person.end(), 0, person.shown)
        expect("Imported 2 incidents as import 1" in person.shown, person.shown)
        expect("import --undo 1" in person.shown, person.shown)
        expect_equal([(row["state"], row["received"][:10]) for row in desk.ctl("list", "--all", "state:any")],
                     [("closed", "2026-04-02"), ("closed", "2026-04-01")], "as it was said")
        mapping = (desk.folder / "ledger.mapping").read_text()
        expect("closed=おわり" in mapping and "order=month-first" in mapping, mapping)
        (desk.folder / "second.csv").write_text("整理,いつ,何が,メモ,進み具合\nX3,4/3/2026,また,,おわり\n")
        row, = rows_of(run_import(desk, desk.folder / "second.csv", "--mapping", desk.folder / "ledger.mapping", "--dry-run", "--json"))
        expect_equal((row["result"], row["old"], row["received"][:10], row["state"]), ("new", "X3", "2026-04-03", "closed"), "asked once")


@case
def who_says_no_changes_nothing():
    with Desk() as desk:
        path = file_of(desk)
        for answer in ("n", "", "\x04", "\x03"):
            person = Terminal(desk, "import", path)
            for asked in ("Else write", "or Enter:", "or Enter:"):  # columns, a category, a handler
                person.wait_for(asked, "")
            person.wait_for("[y/N]", None)
            os.write(person.fd, answer.encode() if answer in "\x03\x04" and answer else answer.encode() + b"\n")
            status = person.end()
            expect_equal(status, -2 if answer == "\x03" else 1, f"{answer!r}: {person.shown}")
            expect_equal(desk.ctl("list", "--all", "state:any"), [], "nothing is there")
        done = run_import(desk, path)
        expect_equal(done.returncode, 64, "nobody to ask")
        expect("--yes" in done.stderr, done.stderr)


@case
def only_an_admin_imports():
    told = subprocess.run([PROGRAMS / "madoctl", "help", "import"], capture_output=True, text=True).stdout
    expect("admin" in told, told)


@case
def thousands_of_rows_are_one_change():
    count = 3000
    with Desk() as desk:
        lines = "".join(f"N-{i},2026/{i % 9 + 1}/{i % 27 + 1},件名 {i},報告者 {i},a{i}@peer.example,フィッシング,完了,,,備考 {i}\n" for i in range(count))
        *rows, made = rows_of(run_import(desk, file_of(desk, HEADS + "\n" + lines), "--yes", "--json"))
        expect_equal((len(rows), made["incidents"]), (count, count), "all of them")
        expect_equal(len({row["ticket"] for row in rows}), count, "numbers of their own")
        row, = rows_of(run_import(desk, "--undo", "1", "--yes", "--json"))
        expect_equal(row["incidents"], count, "and out again")
        expect_equal(desk.ctl("status")[0]["states"] if "states" in desk.ctl("status")[0] else [], [], "nothing is left")


if __name__ == "__main__":
    main()
