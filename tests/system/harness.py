"""A real madod in a folder of its own, and what a test asks of it.

A test file is a list of functions under @case and ends with main(). Each case gets nothing and
starts what it needs: `with Desk() as desk:`. Waiting is for an event within a bound, never for a
time.
"""

import contextlib
import email
import email.policy
import grp
import hashlib
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

SOURCE = Path(os.environ.get("MADO_SOURCE", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("MADO_BUILD", SOURCE / "build-test"))
PROGRAMS = Path(os.environ.get("MADO_PROGRAMS", BUILD))  # elsewhere where those of the build have no fault points
# A path of sockets must be short. scripts/test names one in memory, where nothing waits for a disk.
SHORT = os.environ.get("MADO_TMP", "/tmp")
BOUND = 60  # seconds; beyond it something hangs, however slow the machine
STEP, LONGEST_STEP = 0.01, 0.5
LONG = os.environ.get("MADO_LONG")  # set by test-*-all.py: every row, not some of each kind
NOW = "2026-11-20T18:42:00+09:00"
STRUCK = "struck"
UNAVAILABLE = 69
STORE_TROUBLE = 74

CONFIGURATION = """\
team : {{ name = "SAKURA-CSIRT"; name_ja = "さくら工業 CSIRT"; address = "csirt@sakura.example";
         timezone = "Asia/Tokyo"; {team} }};
intake : {{ sources = ( {sources} ); {intake} }};
indicators : {{ {indicators} }};
tickets : {{ tag = "SAKURA"; {tickets} }};
report : {{ {report} }};
acknowledge : {{ {acknowledge} }};
notices : {{ to = "{notices}"; {telling} }};
hooks : {{ {hooks} }};
outgoing : {{ {outgoing} }};
operators = ( {{ user = "{user}"; name = "Tanaka"; role = "admin"; }} );
daemon : {{ state = "state"; run = "{run}"; templates = "{templates}";
           operator_group = "{group}"; deliver_group = "{group}"; {daemon} }};
"""


class Failed(Exception):
    """A claim of a test is not true."""


class Skipped(Exception):
    """This machine or build cannot show it; the text says why."""


def expect(value, what):
    if not value:
        raise Failed(what)


def expect_equal(found, wanted, what):
    if found != wanted:
        raise Failed(f"{what}: found {found!r}, wanted {wanted!r}")


def without_time(value, others=()):
    """Of what madoctl tells, what is the same at any time, without some other fields."""
    if isinstance(value, dict):
        return {name: without_time(one, others) for name, one in value.items()
                if name not in ("age_seconds", "left_seconds", *others)}
    return [without_time(one, others) for one in value] if isinstance(value, list) else value


def wait_until(condition, what, bound=BOUND, longest=LONGEST_STEP):
    """The first true value of condition(); fails when the bound is over. What takes long to ask, or to come, is asked
    less often, for whoever is waited for needs the processor; `longest` is for what may pass meanwhile."""
    first = begin = time.monotonic()
    end = begin + bound
    while begin < end:
        value = condition()
        if value:
            return value
        now = time.monotonic()
        time.sleep(min(max(STEP, 2 * (now - begin), (now - first) / 8), longest))
        begin = time.monotonic()
    raise Failed(f"not within {bound} s: {what}")


def pace(seconds):
    """Lets time pass in a load generator; no claim may rest on it."""
    time.sleep(seconds)


def processes(among=lambda session, name: True):
    """(pid, session, parent, words of the command line) of every process, or of those that are among the wanted."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
                name, fields = stat.read().split("(", 1)[1].rsplit(")", 1)
            state, parent, _, session = fields.split()[:4]
            if state in "ZX" or not among(int(session), name):
                continue
            with open(f"/proc/{pid}/cmdline", "rb") as line:
                words = line.read().decode(errors="replace").split("\0")
        except (OSError, IndexError):
            continue
        yield int(pid), int(session), int(parent), words


def free_ports(number):
    """So many free ports of 127.0.0.1; all are held until all are known, so that they differ."""
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(number)]
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in listeners]


def free_port():
    return free_ports(1)[0]


def relay_at(port, tls="none", more="", host="localhost"):
    """For `outgoing` of a Desk: an SMTP server of a test."""
    return f'transport = "smtp"; host = "{host}"; port = {port}; tls = "{tls}"; timeout = "5s"; {more}'


def stored_bytes(store, what):
    """id -> bytes of each "mail", or of each "letter"."""
    found = {}
    for number, part in store.execute(f"SELECT {what}, bytes FROM {what}_chunk ORDER BY {what}, place"):
        found[number] = found.get(number, b"") + part
    return found


def show_end(name, log):
    """What a server said last, behind a case that failed."""
    for line in log.splitlines()[-25:]:
        print(f"# {name}: {line}")


class Desk:
    """One madod. Its folder stands directly under SHORT, because socket paths are short."""

    def __init__(self, fault=None, options=(), folder=None, configuration=None, start=True, **settings):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="mado-", dir=SHORT))
        self.own_folder = folder is None
        self.configuration = self.folder / "mado.conf"
        self.log = self.folder / "log"
        self.options = list(options)
        self.process = None
        self.delivered = 0
        for name in ("new", "cur", "tmp"):
            (self.folder / "Maildir" / name).mkdir(parents=True, exist_ok=True)
            (self.folder / "out" / name).mkdir(parents=True, exist_ok=True)
        self.configure(text=configuration, **settings)
        if start:
            self.start(fault)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.kill_all()
        if kind and kind is not Skipped:
            show_end("log", self.log_text())
        if self.own_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self, text=None, **settings):
        values = {"team": "", "intake": "", "acknowledge": "", "daemon": "", "notices": "", "run": "run", "telling": "", "hooks": "", "tickets": "",
                  "report": "", "indicators": 'documentation = "yes";',
                  "sources": '{ name = "inbox"; type = "maildir"; path = "Maildir"; }',
                  "outgoing": 'transport = "maildir"; path = "out";',
                  "user": pwd.getpwuid(os.geteuid()).pw_name,
                  "group": grp.getgrgid(os.getegid()).gr_name,
                  "templates": SOURCE / "etc/mado/templates", **settings}
        self.configuration.write_text(text or CONFIGURATION.format(**values))

    # -- the daemon ---------------------------------------------------------------------------

    def command(self, *options):
        return [str(PROGRAMS / "madod"), "--config", str(self.configuration), *self.options, *options]

    def environment(self, fault=None):
        return {**os.environ, **({"MADO_FAULT": fault} if fault else {})}

    def spawn(self, fault=None, *options, env=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command(*options), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**self.environment(fault), **(env or {})}, start_new_session=True)

    def start(self, fault=None, bound=BOUND):
        """Starts it and waits for READY=1, as a service manager would."""
        path = str(self.folder / "notify")
        Path(path).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(path)
            notify.settimeout(STEP)
            self.spawn(fault, env={"NOTIFY_SOCKET": path})
            wait_until(lambda: self.heard(notify, b"READY=1") or self.struck(fault), "ready", bound)

    def heard(self, notify, word):
        expect(self.running(), "madod ended at its start: " + self.log_text()[-500:])
        try:
            return word in notify.recv(4096)
        except TimeoutError:
            return False

    def struck(self, fault):
        return fault and f"fault {fault.split(':')[0]} {STRUCK}" in self.log_text()

    def once(self):
        """madod --once: what is there is done, and it ends."""
        self.spawn(None, "--once")
        expect_equal(self.process.wait(BOUND), 0, "exit status of --once")

    def running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM: drains. Returns the exit status."""
        self.process.terminate()
        try:
            return self.process.wait(BOUND)
        except subprocess.TimeoutExpired:
            raise Failed("madod does not end by SIGTERM") from None

    def family(self):
        """(pid, parent, words) of every process that this daemon is or started."""
        if not self.process:
            return []
        def may_be(session, name):
            return session == self.process.pid or name == "gpg-agent"
        return [(pid, parent, words) for pid, session, parent, words in processes(may_be)
                if session == self.process.pid or self.is_agent(words)]

    def is_agent(self, words):
        """The agent of its keys, which has a session of its own."""
        return words[0] == "gpg-agent" and any(word.startswith(f"{self.folder}/state-keys") for word in words)

    def kill_all(self):
        """The launcher first, so that nobody is started again; and who starts an agent meanwhile has one more."""
        def gone():
            for pid, _, _ in sorted(self.family()):
                self.send(pid, signal.SIGKILL)
            if self.process:
                self.process.poll()
            return not self.family()
        wait_until(gone, "all processes of madod are gone")

    def restart(self, fault=None):
        if self.running():
            self.kill_all()
        self.start(fault)

    def role_pids(self, role):
        """The standing processes of a role, without the children that it forks."""
        family = self.family()
        of_role = {pid for pid, _, words in family if f"--role={role}" in words}
        return [pid for pid, parent, _ in family if pid in of_role and parent not in of_role]

    def kill_role(self, role, number=signal.SIGKILL):
        """Signals the role; returns the pids that it had."""
        pids = wait_until(lambda: self.role_pids(role), f"a {role} runs")
        for pid in pids:
            self.send(pid, number)
        return pids

    def role_is_new(self, role, old):
        """A role runs that is none of the old pids."""
        pids = self.role_pids(role)
        return bool(pids) and not set(pids) & set(old)

    @staticmethod
    def send(pid, number):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass

    def log_text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    # -- mail in ------------------------------------------------------------------------------

    def drop(self, mail, name=None):
        """Puts one mail into the Maildir as an MTA does: written in tmp/, renamed into new/."""
        self.delivered += 1
        name = name or f"{time.time_ns() // 1000}.{os.getpid()}_{self.delivered}.test"
        written = self.folder / "Maildir/tmp" / name
        written.write_bytes(mail)
        written.rename(self.folder / "Maildir/new" / name)
        return hashlib.sha256(mail).hexdigest()

    def deliver(self, mail, fault=None):
        """Hands one mail to madod --deliver; returns the exit status."""
        with open(self.log, "ab") as log:
            return subprocess.run(self.command("--deliver"), input=mail, stderr=log, timeout=BOUND,
                                  env=self.environment(fault)).returncode

    # -- questions ----------------------------------------------------------------------------

    def ask(self, *words):
        """Runs madoctl as an operator would; returns the finished process."""
        return subprocess.run(
            [str(PROGRAMS / "madoctl"), "--config", str(self.configuration), *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND)

    def ctl(self, *words):
        """madoctl ... --json: the list of objects that it printed."""
        done = self.ask(*words, "--json")
        expect_equal(done.returncode, 0, f"madoctl {' '.join(words)}: {done.stderr.strip()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ctl_now(self, *words):
        """The same, or nothing while the desk is giving up, or being started again."""
        done = self.ask(*words, "--json")
        if done.returncode in (UNAVAILABLE, STORE_TROUBLE):
            return []
        expect_equal(done.returncode, 0, f"madoctl {' '.join(words)}: {done.stderr.strip()}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def left_behind(self):
        """The mails of all sources that could not be taken, each with the reason, as one text."""
        return "; ".join(source["left"] or "" for row in self.ctl_now("status") for source in row["sources"])

    def ledger(self):
        """The sum of the ledger, with each place as a field of its own."""
        row = self.ctl("ledger")[0]
        return {**row, **row["places"]}

    def incidents(self):
        return self.ctl("list", "--all")

    @contextlib.contextmanager
    def store(self, file=None):
        """The store of a daemon that has ended, found sound, to read."""
        wait_until(lambda: not self.family(), "the daemon has ended")
        with contextlib.closing(sqlite3.connect(file or self.folder / "state/mado.db")) as store:
            expect_equal(store.execute("PRAGMA integrity_check").fetchall(), [("ok",)], "integrity_check")
            expect_equal(store.execute("PRAGMA foreign_key_check").fetchall(), [], "foreign_key_check")
            yield store

    def settled(self, mails):
        """Waits until so many different mails have arrived and none of them waits."""
        def done():
            for row in self.ctl_now("ledger"):
                if row["mails"] >= mails and not row["waiting"]:
                    return {**row, **row["places"]}
            return None
        return wait_until(done, f"{mails} mails have their place")

    def letters(self):
        """What went out, parsed, oldest first."""
        files = sorted((self.folder / "out/new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
                for file in files]

    def acks(self):
        return [letter for letter in self.letters() if letter["Auto-Submitted"] == "auto-replied"]

    def wait_for_acks(self, number):
        return wait_until(lambda: len(self.acks()) >= number and self.acks(), f"{number} acks")


def plain_mail(number=1, sender="reporter@peer.example", text=None, headers=()):
    """A plain English report; different for each number."""
    lines = [f"From: A. Reporter <{sender}>", "To: csirt@sakura.example",
             f"Subject: Scan from 192.0.2.{number % 250}, case {number}",
             "Date: Fri, 20 Nov 2026 09:00:00 +0900", f"Message-ID: <report-{number}@{sender.split('@')[1]}>",
             "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
             "Content-Transfer-Encoding: 8bit", *headers, "",
             text or f"We see scans of port 22 from your network. This is report number {number}.", ""]
    return "\r\n".join(lines).encode()


def sample(name):
    return (SOURCE / "tests/samples" / name).read_bytes()


CASES = []


def case(function):
    CASES.append(function)
    return function


def run_case(number, function):
    name = function.__name__.replace("_", " ")
    try:
        function()
    except Skipped as why:
        print(f"ok {number} - {name} # SKIP {why}", flush=True)
        return True
    except Exception as error:  # pylint: disable=broad-except
        if not isinstance(error, Failed):
            print("".join("# " + line + "\n" for line in traceback.format_exc().splitlines()), end="")
        print(f"# {error}")
        print(f"not ok {number} - {name}", flush=True)
        return False
    print(f"ok {number} - {name}", flush=True)
    return True


def main():
    wanted = [function for function in CASES
              if not sys.argv[1:] or any(word in function.__name__ for word in sys.argv[1:])]
    print(f"1..{len(wanted)}", flush=True)
    failed = [function for number, function in enumerate(wanted, 1) if not run_case(number, function)]
    sys.exit(1 if failed else 0)
