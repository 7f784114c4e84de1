#!/usr/bin/env python3
"""madoctl init: six questions at a terminal or from a pipe, and a configuration that checks out, or nothing."""

import os
import pty
import pwd
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, PROGRAMS, SHORT, SOURCE, Skipped, case, expect, expect_equal, free_port, main, wait_until  # noqa: E402
from postfix import Postfix  # noqa: E402

MADOCTL = str(PROGRAMS / "madoctl")
ME = pwd.getpwuid(os.geteuid()).pw_name
SECRET = "kirsche-Ω-4711 \"quoted\""
MAILDIR = ["さくら工業 CSIRT", "csirt@sakura.example", "maildir", "", "maildir", ME, "duty@sakura.example", "no"]
IMAP = ["SAKURA-CSIRT", "csirt@sakura.example", "imap", "imap.sakura.example", "", SECRET,
        "smtp", "", "", "", ME, "-", "no"]


class Place:
    """A folder for one configuration, with the texts beside it."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mado-", dir=SHORT))
        self.file = self.folder / "mado.conf"
        shutil.copytree(SOURCE / "etc/mado/templates", self.folder / "templates")
        self.before = self.names()
        return self

    def __exit__(self, kind, error, trace):
        shutil.rmtree(self.folder, ignore_errors=True)

    def names(self):
        return sorted(str(path) for path in self.folder.rglob("*"))

    def command(self, *words):
        return [MADOCTL, "--config", str(self.file), *(words or ("init",))]

    def pipe(self, answers, before=()):
        """The answers from a pipe, as a script gives them."""
        return subprocess.run([*before, *self.command()], input="".join(line + "\n" for line in answers),
                              capture_output=True, text=True, timeout=BOUND,
                              env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"} if before else None)

    def untouched(self, what):
        expect_equal(self.names(), self.before, what)

    def check(self):
        done = subprocess.run(self.command("check-config"), capture_output=True, text=True, timeout=BOUND)
        expect_equal((done.returncode, done.stderr), (0, ""), "check-config: " + done.stdout)


class Terminal:
    """init at a terminal of 80 columns: what is shown, and what is typed."""

    def __init__(self, place):
        self.master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        self.slave = slave
        self.process = subprocess.Popen(place.command(), stdin=slave, stdout=slave, stderr=slave,
                                        preexec_fn=self.take_terminal, close_fds=True)
        self.shown = ""

    @staticmethod
    def take_terminal():
        os.setsid()
        import fcntl
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def read(self):
        if select.select([self.master], [], [], 0.05)[0]:
            self.shown += os.read(self.master, 65536).decode(errors="replace")
        return True

    def wait_for(self, prompt):
        """The next prompt stands there, and nothing behind it."""
        wait_until(lambda: self.read() and self.shown.rstrip(" ").endswith(prompt),
                   f"{prompt!r} is asked; shown: {self.shown[-300:]!r}")

    def type(self, prompt, answer):
        self.wait_for(prompt)
        self.shown += "\0"  # the same prompt may come again
        os.write(self.master, (answer + "\n").encode())

    def end(self):
        def ended():
            self.read()
            return self.process.poll() is not None
        wait_until(ended, f"init ends; shown: {self.shown[-300:]!r}")
        return self.process.returncode

    def echoes(self):
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)


def mode(path):
    return oct(stat.S_IMODE(path.stat().st_mode))


@case
def answers_from_a_pipe_make_a_configuration_that_checks_out():
    with Place() as place:
        done = place.pipe(MAILDIR)
        expect_equal(done.returncode, 0, done.stderr)
        expect_equal(mode(place.file), "0o644", "mode of the configuration")
        place.check()
        text = place.file.read_text()
        for line in ('name = "さくら工業 CSIRT";', 'address = "csirt@sakura.example";', 'to = "duty@sakura.example";',
                     f'{{ user = "{ME}"; role = "admin"; }}', f'path = "{place.folder}/Maildir";'):
            expect(line in text, f"{line} in {text}")
        expect_equal([(place.folder / "Maildir" / name).is_dir() for name in ("new", "cur", "tmp")], [True] * 3,
                     "a Maildir was made")
        expect(not (place.folder / "credentials").exists(), "no passwords, no folder for them")


@case
def it_says_what_it_made_and_what_comes_next():
    with Place() as place:
        said = place.pipe(MAILDIR).stderr
        for words in (f"made  {place.file}", "madod --config", "doctor", "CSIRT#2026-0001"):
            expect(words in said, f"{words} in {said}")
        expect(all(len(line) <= 80 for line in said.splitlines() if str(place.folder) not in line), said)


@case
def wrong_answers_at_a_terminal_are_explained_and_asked_again():
    with Place() as place:
        terminal = Terminal(place)
        wrong = [("name:", "", "may not be empty"), ("name:", "tab\x16\tulator", "control characters"),
                 ("name:", "S" * 101, "up to 100 bytes")]
        for prompt, answer, why in wrong:
            terminal.type(prompt, answer)
            terminal.wait_for("name:")
            expect(why in terminal.shown, f"{why} in {terminal.shown}")
        terminal.type("name:", "SAKURA-CSIRT")
        for answer in ("csirt", "a@b@c", "csirt@sakura.example"):
            terminal.type("address:", answer)
        for answer in ("imapp", "maildir"):
            terminal.type("kind [maildir]:", answer)
        for answer in ("Maildir", "/no/such/folder", str(place.folder / "templates"), ""):
            terminal.type("/Maildir]:", answer)
        terminal.type("way [smtp]:", "maildir")
        for answer in ("nobody-of-this-name", ME):
            terminal.type("]:", answer)
        for answer in ("csirt@sakura.example", "CSIRT@sakura.example", "duty@sakura.example"):
            terminal.type("[-]:", answer)
        for answer in ("perhaps", "no"):
            terminal.type("[yes]:", answer)
        expect_equal(terminal.end(), 0, terminal.shown)
        for why in ("one address, such as", 'did you mean "imap"?', "the whole path", "there is no folder",
                    "is no Maildir", "is no user of this host", "notices for reports", "write yes or no"):
            expect(why in terminal.shown, f"{why} in {terminal.shown}")
        place.check()


@case
def a_password_is_neither_shown_nor_anywhere_but_in_its_file():
    with Place() as place:
        terminal = Terminal(place)
        for prompt, answer in (("name:", "SAKURA-CSIRT"), ("address:", "csirt@sakura.example"),
                               ("kind [maildir]:", "imap"), ("server:", "imap.sakura.example:1993"),
                               ("user [csirt@sakura.example]:", "csirt"), ("(is not shown):", SECRET),
                               ("way [smtp]:", ""), ("server [imap.sakura.example]:", "relay.sakura.example"),
                               ("starttls [tls]:", "starttls"), ("login [csirt]:", "robot"),
                               ("(is not shown):", "other secret"), ("]:", ME), ("[-]:", ""), ("[yes]:", "no")):
            terminal.type(prompt, answer)
        expect_equal(terminal.end(), 0, terminal.shown)
        expect(terminal.echoes(), "the terminal shows again what is typed")
        expect("kirsche" not in terminal.shown and "other" not in terminal.shown, terminal.shown)
        for name, password in (("mailbox", SECRET), ("relay", "other secret")):
            file = place.folder / "credentials" / name
            expect_equal((file.read_text(), mode(file), mode(file.parent)), (password + "\n", "0o600", "0o700"), name)
        text = place.file.read_text()
        expect("kirsche" not in text and "other secret" not in text, text)
        for line in ('type = "imap";', "port = 1993;", 'user = "csirt";', 'password_file = "credentials/mailbox";',
                     'host = "relay.sakura.example";', 'tls = "starttls";', 'password_file = "credentials/relay";'):
            expect(line in text, f"{line} in {text}")
        place.check()


@case
def no_program_that_it_starts_gets_a_password_as_argument_or_in_its_environment():
    with Place() as place:
        trace = place.folder / "trace"
        answers = [*IMAP[:6], "maildir", ME, "-", "yes"]
        done = place.pipe(answers, ["strace", "-f", "-v", "-s", "100000", "-e", "trace=execve", "-o", str(trace)])
        executed = trace.read_text()
        expect("madod" in executed, f"the daemon was started: {done.stderr}")
        expect("kirsche" not in executed, "argument or environment")
        expect("kirsche" not in done.stdout + done.stderr, "output")
        found = [path for path in place.names() if Path(path).is_file() and b"kirsche" in Path(path).read_bytes()]
        expect_equal(found, [str(place.folder / "credentials/mailbox")], "files that have it")


@case
def the_relay_of_the_same_account_is_not_asked_a_second_password():
    with Place() as place:
        done = place.pipe(IMAP)
        expect_equal(done.returncode, 0, done.stderr)
        text = place.file.read_text()
        expect_equal(text.count('password_file = "credentials/mailbox";'), 2, text)
        place.check()


@case
def pop3_and_lmtp_are_known_too_and_a_relay_on_this_host_needs_no_tls():
    with Place() as place:
        done = place.pipe(["SAKURA", "csirt@sakura.example", "lmtp", "", "smtp", "", ME, "-", "no"])
        expect_equal(done.returncode, 0, done.stderr)
        text = place.file.read_text()
        for line in ('type = "lmtp";', f'path = "{place.folder}/run/lmtp.sock";', 'host = "localhost";',
                     'tls = "none";', "port = 25;"):
            expect(line in text, f"{line} in {text}")
        place.check()
    with Place() as place:
        done = place.pipe(["SAKURA", "csirt@sakura.example", "pop3", "127.0.0.1:1110", "csirt", "secret",
                           "smtp", "127.0.0.1:2525", ME, "-", "no"])
        expect_equal(done.returncode, 0, done.stderr)
        text = place.file.read_text()
        expect_equal((text.count('tls = "none";'), "port = 1110;" in text, "port = 2525;" in text),
                     (2, True, True), text)
        place.check()


@case
def a_server_may_be_named_with_its_port_or_by_its_address():
    for typed, wanted in (("imap.sakura.example:1993", ["host = \"imap.sakura.example\";", "port = 1993;"]),
                          ("[2001:db8::25]:1993", ["host = \"2001:db8::25\";", "port = 1993;"]),
                          ("2001:db8::25", ["host = \"2001:db8::25\";"]),
                          ("[::1]", ["host = \"::1\";", "tls = \"none\";"]),
                          ("127.sakura.example", ["host = \"127.sakura.example\";"])):
        with Place() as place:
            done = place.pipe([*IMAP[:3], typed, *IMAP[4:7], "localhost", *IMAP[10:]])
            expect_equal(done.returncode, 0, done.stderr)
            place.check()
            intake = place.file.read_text().split("outgoing :")[0]
            expect_equal([line for line in wanted if line not in intake], [], intake)
            expect_equal("port" in intake, "1993" in typed, "a port where one was named")


@case
def without_the_texts_nothing_is_asked():
    with Place() as place:
        shutil.rmtree(place.folder / "templates")
        place.before = place.names()
        done = place.pipe(MAILDIR)
        expect_equal(done.returncode, 66, done.stderr)
        expect("name:" not in done.stderr and "etc/mado/templates" in done.stderr, done.stderr)
        place.untouched("nothing is there")


@case
def an_end_of_the_answers_leaves_nothing():
    for number in range(len(IMAP)):
        with Place() as place:
            done = place.pipe(IMAP[:number])
            expect_equal(done.returncode, 1, f"{number} answers: {done.stderr}")
            expect("Nothing was written" in done.stderr, done.stderr)
            place.untouched(f"after {number} answers")


@case
def ctrl_c_leaves_nothing_and_a_terminal_that_shows_what_is_typed():
    for prompt, answers in (("kind [maildir]:", 2), ("(is not shown):", 5)):
        with Place() as place:
            terminal = Terminal(place)
            for answer in IMAP[:answers]:
                terminal.type(":", answer)
            terminal.wait_for(prompt)
            os.write(terminal.master, b"\x03")
            expect_equal(terminal.end(), -signal.SIGINT, "ended by the signal")
            expect(terminal.echoes(), "the terminal shows what is typed")
            place.untouched("after Ctrl-C at " + prompt)


@case
def from_a_pipe_the_first_bad_answer_ends_it():
    with Place() as place:
        done = place.pipe(["SAKURA", "no address", *MAILDIR[2:]])
        expect_equal(done.returncode, 65, done.stderr)
        expect("one address" in done.stderr, done.stderr)
        place.untouched("after a bad answer")


@case
def a_configuration_that_is_there_is_never_written_over():
    with Place() as place:
        expect_equal(place.pipe(MAILDIR).returncode, 0, "the first")
        before = place.file.read_bytes()
        place.before = place.names()
        done = place.pipe([*MAILDIR[:1], "soc@sakura.example", *MAILDIR[2:]])
        expect_equal(done.returncode, 73, done.stderr)
        expect_equal(place.file.read_bytes(), before, "the file")
        place.untouched("by the second")
        changes = [line for line in done.stderr.splitlines() if line[:2] in ("- ", "+ ")]
        expect_equal(changes, ['- address = "csirt@sakura.example";', '+ address = "soc@sakura.example";'], "changes")
        for words in ("stays as it is", "move it away", "reload madod"):
            expect(words in done.stderr, f"{words} in {done.stderr}")


@case
def where_a_configuration_is_already_that_is_said_first_and_no_password_is_asked():
    with Place() as place:
        expect_equal(place.pipe(MAILDIR).returncode, 0, "the first")
        place.before = place.names()
        terminal = Terminal(place)
        terminal.wait_for("name:")
        expect("Nothing is changed" in terminal.shown, terminal.shown)
        for prompt, answer in (("name:", "SAKURA-CSIRT"), ("address:", "csirt@sakura.example"),
                               ("kind [maildir]:", "imap"), ("server:", "imap.sakura.example"),
                               ("user [csirt@sakura.example]:", "csirt"), ("way [smtp]:", ""),
                               ("server [imap.sakura.example]:", "relay.sakura.example"),
                               ("starttls [tls]:", ""), ("login [csirt]:", "robot"), ("]:", ME), ("[-]:", "")):
            terminal.type(prompt, answer)
        expect_equal(terminal.end(), 73, terminal.shown)
        expect('+ password_file = "credentials/relay";' in terminal.shown, terminal.shown)
        place.untouched("by the second")


@case
def what_does_not_check_out_leaves_nothing():
    with Place() as place:
        place.folder = place.folder / ("x" * 90)  # too long for a socket
        place.folder.mkdir()
        place.file = place.folder / "mado.conf"
        shutil.copytree(SOURCE / "etc/mado/templates", place.folder / "templates")
        place.before = place.names()
        done = place.pipe(IMAP)
        expect_equal(done.returncode, 78, done.stderr)
        expect("daemon.run" in done.stderr or "up to 80" in done.stderr, done.stderr)
        place.untouched("after a failed check")
        place.folder = place.folder.parent


@case
def a_full_disk_leaves_nothing_and_is_said():
    if os.geteuid():
        raise Skipped("a disk of its own takes root")
    with Place() as place:
        disk = place.folder / "credentials"
        disk.mkdir()
        place.before = place.names()
        mount = 'mount -t tmpfs -o size=4k tmpfs "$0" && head -c 4096 /dev/zero >"$0/other"; exec "$@"'
        done = place.pipe(IMAP, before=["unshare", "--mount", "sh", "-c", mount, str(disk)])
        expect_equal(done.returncode, 74, done.stderr)
        expect(re.search(r"credentials/\S+ cannot be written: No space left .*Nothing was left behind", done.stderr),
               done.stderr)
        place.untouched("nothing is left")


@case
def the_configuration_of_the_host_takes_root_and_its_user():
    done = subprocess.run([MADOCTL, "init"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND,
                          env={key: value for key, value in os.environ.items() if key != "MADOCTL_CONFIG"})
    try:
        pwd.getpwnam("mado")
        known = True
    except KeyError:
        known = False
    if os.geteuid() != 0:
        expect_equal(done.returncode, 77, done.stderr)
        expect("sudo madoctl init" in done.stderr, done.stderr)
    elif not known:
        expect_equal(done.returncode, 66, done.stderr)
        expect("systemd-sysusers" in done.stderr, done.stderr)
    else:
        expect_equal(done.returncode, 1, done.stderr)


@case
def a_trial_starts_the_daemon_and_ends_it_again():
    with Place() as place:
        done = place.pipe([*MAILDIR[:-1], "yes"])
        expect_equal(done.returncode, 0, done.stderr + done.stdout)
        rows = [line.split("\t")[:2] for line in done.stdout.splitlines()]
        expect_equal(rows, [["ok", "letter"], ["ok", "arrival"]], done.stdout)
        letters = list((place.folder / "state/outgoing/new").iterdir())
        expect_equal(len(letters), 1, "letters that left")
        expect(re.search(r"^To: .*csirt@sakura\.example", letters[0].read_text(), re.M), letters[0].read_text())
        gone = subprocess.run(place.command("status"), capture_output=True, text=True, timeout=BOUND)
        expect_equal(gone.returncode, 69, "the daemon has ended: " + gone.stdout)


def rows_of(done):
    return [line.split("\t")[:2] for line in done.stdout.splitlines()]


@case
def the_letter_of_a_trial_goes_out_by_the_relay_and_comes_in_by_the_mailbox():
    with Postfix() as relay, Place() as place:
        answers = ["SAKURA-CSIRT", "csirt@sakura.example", "maildir", str(relay.folder / "kept"), "smtp",
                   f"127.0.0.1:{relay.port}", ME, "-", "yes"]
        done = place.pipe(answers)
        expect_equal((done.returncode, rows_of(done)), (0, [["ok", "letter"], ["ok", "arrival"]]),
                     done.stdout + done.stderr)
        expect("came in as mail:1 from maildir" in done.stdout, done.stdout)
        kept = [path.read_text() for path in (relay.folder / "kept/cur").iterdir()]
        expect_equal(len(kept), 1, "one letter")
        expect("Return-Path: <>\n" in kept[0] and "X-Original-To: csirt@sakura.example\n" in kept[0], kept[0])


@case
def a_relay_that_refuses_the_letter_of_a_trial_is_named():
    with Postfix(answers={"csirt@sakura.example": "550 5.1.1 no such user here"}) as relay, Place() as place:
        done = place.pipe(["SAKURA-CSIRT", "csirt@sakura.example", "maildir", "", "smtp", f"127.0.0.1:{relay.port}",
                           ME, "-", "yes"])
        expect_equal((done.returncode, rows_of(done)), (1, [["FAIL", "letter"]]), done.stdout + done.stderr)
        expect("no such user here" in done.stdout and "madoctl outbox" in done.stdout, done.stdout)


@case
def servers_of_a_trial_that_are_away_are_named_and_not_waited_for_long():
    with Place() as place:
        began = time.monotonic()
        done = place.pipe(["SAKURA-CSIRT", "csirt@sakura.example", "maildir", "", "smtp", f"127.0.0.1:{free_port()}",
                           ME, "-", "yes"])
        expect_equal((done.returncode, rows_of(done)), (1, [["WARN", "letter"]]), done.stdout + done.stderr)
        expect("connection refused" in done.stdout, done.stdout)
        expect(time.monotonic() - began < 60, "it does not wait as long as for one that works")
    with Postfix() as relay, Place() as place:
        (relay.folder / "kept").mkdir(exist_ok=True)
        done = place.pipe(["SAKURA-CSIRT", "csirt@sakura.example", "imap", f"127.0.0.1:{free_port()}", "csirt", SECRET, "smtp",
                           f"127.0.0.1:{relay.port}", ME, "-", "yes"])
        expect("connection refused" in done.stdout, done.stdout + done.stderr)


@case
def a_trial_that_cannot_start_says_why_and_keeps_the_configuration():
    with Place() as place:
        (place.folder / "templates/ja/notice.tmpl").write_text("no subject\n")
        done = place.pipe([*MAILDIR[:-1], "yes"])
        expect_equal(done.returncode, 69, done.stderr)
        expect("notice.tmpl" in done.stderr, "the daemon's own words: " + done.stderr)
        expect(place.file.exists(), "the configuration stays")


if __name__ == "__main__":
    main()
