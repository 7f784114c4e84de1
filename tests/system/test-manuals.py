#!/usr/bin/env python3
"""The manuals say what the code does: every command, option, exit status, limit and promise."""

import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, SOURCE, case, expect, expect_equal, main  # noqa: E402

WORDS = {"MAY": "yes", "PERM": "no", "ACCES": "no", "DIES": "dies"}
HEADS = {"reader's child": "child"}
ROLES_IN_A_TABLE = 6
NOT_ON_THIS_HOST = 208  # the code of a folder that is missing
# How the manual calls each limit of include/mado/limits.h, and its unit.
LIMITS = {
    "MAIL_BYTES": ("a mail, by default", "bytes"), "PARTS": ("parts of a mail", ""),
    "NESTING": ("parts within parts", ""), "HEADER_FIELDS": ("header fields", ""),
    "HEADER_BYTES": ("one header in all", "bytes"), "HEADER_FIELD_BYTES": ("one header field", "bytes"),
    "RECIPIENTS": ("recipients", ""), "PARAMETERS": ("parameters of a header field", ""),
    "TEXT_BYTES": ("text that is kept beside the mail", "bytes"),
    "TEXT_INDEXED": ("text of it that is searched", "bytes"),
    "RULE_TEXT": ("text in which a rule looks for words", "bytes"),
    "LOG_LINES_PER_MAIL": ("lines of log for a mail", ""), "PROBLEMS": ("problems noted of a mail", ""),
    "REFERENCES": ("references heeded", ""), "BOUNCES": ("recipients of one bounce", ""),
    "RETURNED_IDS": ("letters that one bounce brings back", ""), "READER_MEMORY": ("memory for one mail", "bytes"),
    "READER_CPU_SECONDS": ("processor time for one mail", "s"),
    "READER_WALL_SECONDS": ("time for one mail", "s"),
    "READER_DEATHS": ("readers that a mail may kill", ""),
    "READ_ATTEMPTS": ("tries of a mail in all", ""),
    "ROOM_BYTES": ("room on the disk of the store for mail to be taken", "bytes"),
    "ROOM_PERCENT": ("the same, as a part of the disk", "%"),
    "ROOM_RESERVE": ("room on that disk for anything to be written", "bytes"),
    "FACTS_BYTES": ("what a reader may say of a mail", "bytes"),
    "INDICATORS": ("indicators of a mail", ""), "SIGHTINGS": ("events of a mail", ""),
    "REPORT_FIELDS": ("other things that its reports say", ""), "MARKINGS": ("labels of a mail", ""),
    "TICKET_REFS": ("numbers of other trackers in a mail", ""), "REPORT_FORMATS": ("formats of one mail", ""),
    "FOUND_BYTES": ("one thing that is found", "bytes"),
    "REPORT_VALUES": ("values or elements of a report", ""), "REPORT_DEPTH": ("levels of a report", ""),
    "REPORT_LINES": ("lines of a report that is names and values", ""),
    "PART_BYTES": ("a file in which is looked for reports", "bytes"),
    "PARTS_BYTES": ("all such files of a mail", "bytes"),
    "SAVED_BYTES": ("a file that an operator saves", "bytes"),
    "LAYERS": ("layers of encryption and signature", ""),
    "PLAINTEXT_BYTES": ("what may come out of one", "bytes"),
    "SIGNATURES": ("signatures of one", ""), "SIGNATURE_BYTES": ("a signature", "bytes"),
    "OFFERS": ("keys that come with one mail", ""), "OFFER_BYTES": ("such a key", "bytes"),
    "OFFERS_OF_ONE": ("files with keys of one sender that are looked at in a day", ""),
    "OFFERS_OF_ALL": ("files with keys of all senders, likewise", ""),
    "ENCLOSURES": ("files that go out with a letter", ""), "ENCLOSURE_BYTES": ("one of them", "bytes"),
    "ENCLOSURES_BYTES": ("all of one letter", "bytes"), "UPLOADS_BYTES": ("files that wait for their letters", "bytes"),
    "CONTROL_MUCH": ("a request of madoctl that brings a file", "bytes"), "KEY_FILE_BYTES": ("a file of keys that is imported", "bytes"),
    "CONTROL_IMPORT": ("the same of an import, from an admin", "bytes"), "SHEET_BYTES": ("a spreadsheet that is imported", "bytes"),
    "SHEET_LINES": ("lines of it", ""), "SHEET_COLUMNS": ("columns of it", ""), "SHEET_CELL": ("one value of it", "bytes"),
    "SHEET_ROWS": ("tickets of one import", ""),
    "KEY_CPU_SECONDS": ("processor time to look at keys", "s"), "KEYS": ("keys", ""),
    "KEYS_HOME_PATH": ("bytes in the name of the folder of our keys", ""),
    "SESSION_KEYS": ("keys to which one mail is encrypted", ""),
    "SESSION_KEY_BYTES": ("all of them together", "bytes"),
    "OFFERED_KEYS": ("keys from mails that nobody has pinned", ""),
    "OFFERED_DAYS": ("days that such a key is kept", ""),
    "JOB_TRIES": ("tries of an operation of gpg", ""), "JOB_BYTES": ("what goes into one, or comes out", "bytes"),
    "TAINT_RUN": ("characters in a row that are taken for a copy", ""),
    "IPC_INLINE": ("a message between roles", "bytes"),
    "IPC_FDS": ("files that go with one", ""), "CONTROL_REQUEST": ("a request of madoctl", "bytes"),
    "SOURCES": ("mailboxes", ""), "CLOCK_DAYS": ("how far ahead business time is looked for", "days"), "LINE_BYTES": ("a line of a mail server", "bytes"),
    "SECRET_BYTES": ("a password or token", "bytes"), "UIDS": ("mails in one mailbox", ""),
    "DIAL_SECONDS": ("time for a connection", "s"),
    "DIAL_ADDRESS_SECONDS": ("time for one address of a server", "s"),
    "HOOK_SECONDS": ("time for a program that prints a token", "s"),
    "HOOK_PROGRAMS": ("programs of hooks.folder", ""), "HOOK_OUTPUT": ("what one of them may print", "bytes"),
    "HOOK_MEMORY": ("memory that it may have", "bytes"), "HOOK_EVENT": ("what it is told", "bytes"),
    "HOOK_WAITING": ("events that wait for them", ""), "HOOK_TRIES": ("tries of an event that ends the hook", ""),
    "LMTP_CLIENTS": ("mail servers that hand over at once", ""),
    "LMTP_COMMAND_BYTES": ("a command of theirs", "bytes"), "LMTP_ERRORS": ("mistakes of one of them", ""),
    "LMTP_MEMORY": ("mail of theirs that is in hand", "bytes"),
}


def text(name):
    return (SOURCE / name).read_text()


def page(name):
    """As roff has it, without its escaped dashes."""
    return text(name).replace("\\-", "-")


def rendered(name):
    done = subprocess.run(["man", "--warnings", "-l", "-Tutf8", SOURCE / name], capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "80"}, timeout=BOUND)
    expect_equal((done.returncode, done.stderr), (0, ""), name)
    return re.sub(r".\x08", "", re.sub(r"\x1b\[[0-9;]*m", "", done.stdout))


def missing(words, manual):
    return [word for word in words if word not in manual]


def promise_rows():
    """Of confine-table.c: a row for each deed, a column for each role but the launcher; as many tables as it
    takes for a terminal of 80 columns."""
    table = text("lib/base/confine-table.c")
    deeds = re.findall(r'"([^"]*)"', re.search(r"deed_names\[DEEDS\] = \{(.*?)\};", table, re.S)[1])
    kinds = [(name, re.findall(r"\w+", cells)) for name, cells in re.findall(r'\{"([^"]+)",\s*\{([^}]*)\}', table)]
    kinds = [kind for kind in kinds if kind[0] != "launcher"]
    return [row for first in range(0, len(kinds), ROLES_IN_A_TABLE)
            for row in promise_table(deeds, kinds[first:first + ROLES_IN_A_TABLE])]


def promise_table(deeds, kinds):
    head = "\t".join(["", *(HEADS.get(name, name) for name, _ in kinds)])
    return [head, *("\t".join([deed, *(WORDS[cells[i]] for _, cells in kinds)]) for i, deed in enumerate(deeds))]


def amount(value, unit):
    if unit != "bytes":
        return f"{value:,} {unit}".strip()
    return f"{value >> 20} MiB" if value >= 1 << 20 else f"{value >> 10} KiB"


def limit_rows():
    """Of limits.h: what is limited, and how much; a limit that nobody has named is an error."""
    found = re.findall(r"^#define LIMIT_(\w+) (\([\d *]+\)|\d+)", text("include/mado/limits.h"), re.M)
    expect_equal([name for name, _ in found if name not in LIMITS], [], "limits without a name in this test")
    return [f"{LIMITS[name][0]}\t{amount(eval(value), LIMITS[name][1])}" for name, value in found]


@case
def every_command_stands_in_the_manual():
    names = re.findall(r'^    \{"([a-z -]+)", "', text("lib/ctl/command.c"), re.M)
    not_for_people = ("consult", "recipients", "enclose", "draft", "weigh", "send", "step")
    expect(len(names) > 10, f"the commands are found: {names}")
    manual = page("man/madoctl.1")
    expect_equal([name for name in names if name not in not_for_people and f"\n.B {name}" not in manual], [], "commands")


@case
def every_option_of_madoctl_stands_in_the_manual():
    names = re.findall(r'\{"([a-z-]+)", (?:\'.\'|0), G_OPTION_ARG', text("ctl/options.c"))
    expect("json" in names and "now" in names, f"the options are found: {names}")
    told = {"json-help": "--json=help", "brief": "-h"}
    expect_equal(missing([told.get(name, "--" + name) for name in names], page("man/madoctl.1")), [], "options")


@case
def every_option_of_madod_stands_in_the_manual_and_no_other():
    names = re.findall(r'\{"([a-z-]+)", (?:\'.\'|0), 0, G_OPTION_ARG', text("daemon/main.c") + text("daemon/roles/start.c"))
    expect({"deliver", "once"} <= set(names), f"the options are found: {names}")
    manual = page("man/madod.8")
    expect_equal(missing(["--" + name for name in names], manual), [], "options")
    told = set(re.findall(r"--([a-z]+(?:-[a-z]+)*)", manual)) - {"help"}
    expect_equal(sorted(told - set(names)), [], "options that there are not")


@case
def every_exit_status_stands_in_both_manuals():
    used = set(re.findall(r"MADO_E_\w+, (EX_\w+)\}", text("lib/base/error.c"))) | {"EX_SOFTWARE"}
    status = {"EX_USAGE": 64, "EX_DATAERR": 65, "EX_NOINPUT": 66, "EX_UNAVAILABLE": 69, "EX_SOFTWARE": 70,
              "EX_IOERR": 74, "EX_TEMPFAIL": 75, "EX_NOPERM": 77, "EX_CONFIG": 78}
    expect_equal(sorted(used - set(status)), [], "statuses that this test does not know")
    expect_equal(missing([f"\n.B {status[name]}\n" for name in used], page("man/madoctl.1")), [], "madoctl(1)")
    topic = subprocess.run([PROGRAMS / "madoctl", "help", "exit-codes"], capture_output=True, text=True, timeout=BOUND)
    expect_equal(missing([f" {status[name]}  " for name in used], topic.stdout), [], "help exit-codes")
    daemon = used - {"EX_NOINPUT", "EX_NOPERM"}  # what only a question can end with
    expect_equal(missing([f"\n.B {status[name]}\n" for name in daemon], page("man/madod.8")), [], "madod(8)")


@case
def every_variable_that_is_heeded_stands_in_the_manual():
    code = "".join(path.read_text() for path in sorted((SOURCE / "ctl").glob("*.c")))
    names = set(re.findall(r'(?:getenv|is_set)\("(\w+)"\)', code))
    expect("COLUMNS" in names, f"the variables are found: {names}")
    expect_equal(missing(sorted(names), page("man/madoctl.1")), [], "variables")


@case
def every_place_of_the_ledger_and_state_of_a_letter_is_explained():
    manual = page("man/madoctl.1")
    places = re.findall(r'\[LEDGER_\w+\] = "(\w+)"', text("lib/base/plan.c"))
    states = re.search(r"state IN \(('queued'.*?)\)", text("lib/store/schema.sql"))[1]
    words = [word for word in places if word] + re.findall(r"'(\w+)'", states) + ["dropped"]
    expect("unknown" in words and "copy" in words, f"the words are found: {words}")
    expect_equal(missing([f"\n.B {word}\n" for word in words], manual), [], "places and states")


@case
def every_type_of_indicator_is_named():
    kinds = re.findall(r'\[INDICATOR_\w+\] = "(\w+)"', text("lib/base/report.c"))
    expect("ipv4" in kinds and "jvn" in kinds, f"the types are found: {kinds}")
    expect(" ".join(kinds) in page("man/madoctl.1"), f"all types, in their order: {kinds}")


@case
def every_form_is_named():
    forms = re.findall(r'^    \{"([\w.-]+)", "', text("lib/report/form-known.c"), re.M)
    expect("jpcert-3.02" in forms, f"the forms are found: {forms}")
    expect_equal(missing([f"form:{name}" for name in forms], page("man/madoctl.1")), [], "forms")


@case
def every_reason_of_a_bounce_is_explained_and_which_are_permanent():
    code = text("lib/base/bounce.c")
    words = re.findall(r'"(\w+)"', re.search(r"bounce_reasons\[\] = \{(.*?)NULL", code, re.S)[1])
    permanent = re.findall(r'"(\w+)"', re.search(r"permanent_reasons\[\] = \{(.*?)NULL", code, re.S)[1])
    expect("userunknown" in permanent and len(words) > 20, f"the words are found: {words}")
    rows = dict(re.findall(r"\n\.TP\n\.B (\w+)\n(.*)", page("man/madoctl.1").split(".SH BOUNCES")[1].split(".SH ")[0]))
    expect_equal(sorted(rows), words, "reasons")
    expect_equal(sorted(word for word in rows if rows[word].endswith("Permanent.")), permanent, "permanent ones")


@case
def what_each_role_may_do_is_the_table_of_the_code():
    expect_equal(missing(promise_rows(), text("man/madod.8")), [], "rows that madod(8) lacks")


def configured(example):
    """The example as a whole file: with what is required, and with the operator that it names."""
    required = "" if "team :" in example else 'team : { name = "A"; address = "a@a.example"; };\n'
    if "intake :" not in example:
        required += 'intake : { sources = ( { path = "/var/lib/mado/Maildir"; } ); };\n'
    if "tanaka" in example:
        required += 'operators = ( { user = "tanaka"; role = "handler"; } );\n'
    return required + example.replace("/etc/mado/", f"{SOURCE}/etc/mado/")


@case
def every_example_of_the_configuration_is_right():
    examples = re.findall(r"^\.EX\n(.*?)^\.EE", page("man/mado.conf.5"), re.M | re.S)
    expect(len(examples) >= 3, f"the examples are found: {examples}")
    for example in examples:
        with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
            file.write(configured(example))
            file.flush()
            done = subprocess.run([PROGRAMS / "madoctl", "check-config", "--json", file.name], capture_output=True, text=True,
                                  timeout=BOUND)
        wrong = [row["text"] for row in map(json.loads, done.stdout.splitlines()) if row["code"] != NOT_ON_THIS_HOST]
        expect_equal(wrong, [], example)


@case
def every_limit_stands_in_the_manual():
    expect_equal(missing(limit_rows(), text("man/madod.8")), [], "rows that madod(8) lacks")


@case
def a_terminal_of_80_columns_shows_every_page():
    for path in sorted((SOURCE / "man").glob("*.[1-8]")):
        wide = [line for line in rendered(f"man/{path.name}").splitlines() if len(line) > 80]
        expect_equal(wide, [], path.name)


if __name__ == "__main__":
    main()
