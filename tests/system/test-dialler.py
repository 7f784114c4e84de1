#!/usr/bin/env python3
"""Connections and tokens by roles of their own: whoever speaks with a server cannot fetch either."""

import base64
import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import (BOUND, Desk, case, expect, expect_equal, free_port, main, plain_mail, relay_at,  # noqa: E402
                     wait_until)
from wire import Scripted  # noqa: E402

TOKEN = "ya29.A0ARrdaM-it-is-a-secret"
MANY = "hourly = 10000; per_domain_hourly = 10000;"


class Relay(Scripted):
    """Takes letters, and lets in whoever has the token."""

    def __init__(self):
        super().__init__(self.talk_smtp)
        self.logins, self.letters = [], []

    def talk_smtp(self, connection):
        connection.say(b"220 relay.sakura.example\r\n")
        while line := connection.line():
            verb = line.split()[0].upper()
            if verb == b"AUTH":
                self.logins.append(base64.b64decode(line.split()[2]))
            connection.say({b"EHLO": b"250-relay\r\n250-AUTH XOAUTH2\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                            b"AUTH": b"235 in\r\n", b"DATA": b"354 go on\r\n",
                            b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))
            if verb == b"DATA":
                self.letters.append(self.take_letter(connection))

    @staticmethod
    def take_letter(connection):
        lines = []
        while (line := connection.line()) != b".":
            lines.append(line)
        connection.say(b"250 taken\r\n")
        return b"\r\n".join(lines)


def token_from(program):
    return f'user = "csirt@sakura.example"; auth = "xoauth2"; token_command = [ "{program}", "csirt" ];'


@contextlib.contextmanager
def program(script):
    """A desk's folder with a program in it."""
    with Desk(start=False) as desk:
        path = desk.folder / "token"
        path.write_text("#!/bin/sh\n" + script)
        path.chmod(0o755)
        yield desk, path


def fill(desk, mails, first=0):
    for number in range(first, first + mails):
        desk.drop(plain_mail(number, sender=f"r{number}@peer.example"))


def outbox(desk, *states):
    return [row for row in desk.ctl_now("outbox", "--all") if row["state"] in states]


def sockets(pid):
    """The inodes of the sockets that a process has open."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            found.update(re.findall(r"socket:\[(\d+)\]", os.readlink(link)))
    return found


def connections():
    """The inodes of this host's TCP sockets."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return {line.split()[9] for line in lines}


@case
def a_desk_without_servers_has_no_dialler_and_no_hook():
    with Desk() as desk:
        expect_equal((desk.role_pids("dialler"), desk.role_pids("hook")), ([], []), "diallers and hooks")


@case
def letters_go_by_a_connection_that_the_courier_did_not_make():
    with Relay() as relay, Desk(outgoing=relay_at(relay.port)) as desk:
        expect_equal((len(desk.role_pids("dialler")), desk.role_pids("hook")), (1, []), "a dialler, no hook")
        fill(desk, 3)
        wait_until(lambda: len(relay.letters) == 3, "three letters at the relay")
        courier, = desk.role_pids("courier")
        dialler, = desk.role_pids("dialler")
        expect(sockets(courier) & connections(), "the courier has the connection")
        expect(not sockets(dialler) & connections(), "the dialler has kept none")
        expect_equal(desk.stop(), 0, "exit status")


@case
def it_is_ready_without_its_relay_and_says_what_is_wrong():
    port = free_port()
    with Desk(outgoing=relay_at(port, host="127.0.0.1")) as desk:  # READY=1 came
        fill(desk, 1)
        wait_until(lambda: f"127.0.0.1:{port}: connection refused" in desk.log_text(), "the log says why")
        expect_equal(desk.settled(1)["incident"], 1, "the mail is taken all the same")


@case
def a_dialler_that_is_killed_or_hangs_under_load_is_started_again():
    with Relay() as relay, Desk(outgoing=relay_at(relay.port), acknowledge=MANY,
                                daemon='patience = "2s";') as desk:
        for number, how in enumerate((signal.SIGKILL, signal.SIGSTOP)):
            old = desk.kill_role("dialler", how)
            desk.kill_role("courier")  # which needs a new connection then
            fill(desk, 5, first=5 * number)
            wait_until(lambda old=old: desk.role_is_new("dialler", old), "a new dialler runs")
            wait_until(lambda number=number: len(outbox(desk, "sent", "unknown")) == 5 * number + 5,
                       "every letter has gone")
        expect_equal(len(set(relay.letters)), len(relay.letters), "no letter twice")


@case
def a_token_is_fetched_for_each_login_and_told_to_the_relay_alone():
    with program(f"printf '%s' '{TOKEN}'; echo \"got {TOKEN}\" >&2") as (desk, path), Relay() as relay:
        desk.configure(outgoing=relay_at(relay.port, more=token_from(path)))
        desk.start()
        fill(desk, 2)
        wait_until(lambda: len(relay.letters) == 2, "two letters at the relay")
        words = " ".join(" ".join(line) for _, _, line in desk.family())
        expect_equal(set(relay.logins), {f"user=csirt@sakura.example\1auth=Bearer {TOKEN}\1\1".encode()}, "logins")
        expect(TOKEN not in desk.log_text() and TOKEN not in words, "neither log nor argument has the token")
        expect_equal(desk.stop(), 0, "exit status")


@case
def a_program_that_fails_is_trouble_and_its_output_stays_its_own():
    with program(f"echo {TOKEN}; echo no network >&2; exit 3") as (desk, path), Relay() as relay:
        desk.configure(outgoing=relay_at(relay.port, more=token_from(path)))
        desk.start()
        fill(desk, 1)
        wait_until(lambda: f"token_command {path} ended with status 3" in desk.log_text(), "the log says why")
        expect("it says: no network" in desk.log_text(), "what the program complains of is logged")
        told = " ".join(str(row) for row in [*desk.ctl("status"), *desk.ctl("outbox")])
        expect(TOKEN not in desk.log_text() and TOKEN not in told, "its output is told to nobody")
        expect_equal((relay.letters, relay.logins), ([], []), "nothing went")
        path.write_text(f"#!/bin/sh\necho {TOKEN}\n")
        wait_until(lambda: relay.logins, "it is tried again")


@case
def a_mailbox_on_a_server_comes_with_no_folder():
    with Scripted(lambda connection: connection.say(b"* BYE\r\n")) as server, Desk(start=False) as desk:
        desk.configure(sources='{ name = "inbox"; type = "imap"; host = "127.0.0.1"; tls = "none"; user = "u"; '
                               f'port = {server.port}; password_file = "secret"; path = "nowhere"; }}')
        (desk.folder / "secret").write_text("a password\n")
        (desk.folder / "secret").chmod(0o600)
        desk.start()
        wait_until(lambda: server.connections, "it connects all the same")
        expect("does not start" not in desk.log_text(), "the folder is not asked for")


@case
def a_program_without_its_whole_path_is_refused():
    with program("") as (desk, _), Relay() as relay:
        desk.configure(outgoing=relay_at(relay.port, more=token_from("token")))
        done = subprocess.run(desk.command(), capture_output=True, text=True, timeout=BOUND)
        expect_equal(done.returncode, 78, "exit status")
        expect("no folders are searched for `token_command`" in done.stderr, done.stderr)


@case
def a_configuration_that_names_another_program_later_is_not_obeyed_for_another_server():
    with program(f"echo {TOKEN}") as (desk, path), Relay() as relay:
        desk.configure(outgoing=relay_at(relay.port, more=token_from(path)))
        desk.start()
        desk.configure(outgoing=relay_at(relay.port, more=token_from(path).replace("csirt@", "other@")))
        old = desk.kill_role("hook")
        wait_until(lambda: desk.role_is_new("hook", old) or "hook-trouble" in desk.log_text(), "a new hook")
        wait_until(lambda: "the configuration has changed since the daemon started" in desk.log_text(),
                   "it says why it does nothing")
        fill(desk, 1)
        expect_equal(desk.settled(1)["incident"], 1, "mail is taken all the same")
        expect_equal(relay.logins, [], "logins")


if __name__ == "__main__":
    main()
