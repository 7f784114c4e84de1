#!/usr/bin/env python3
"""Whom mado tells a secret, and how: a real Dovecot in each way of logging in; and a server that is not
the right one, which lets in everybody and writes down what it hears."""

import base64
import contextlib
import os
import ssl
import sys

sys.path.insert(0, os.path.dirname(__file__))
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot, Tokens, source_at  # noqa: E402
from harness import Desk, case, expect, expect_equal, main, wait_until  # noqa: E402
from mailboxes import expect_mails, mail, sources, wait_for_state  # noqa: E402
from wire import Connection, Listener, Scripted  # noqa: E402

SECRET = "correct horse 電池"
CONFIG_REFUSED = 78


class Listening(Listener):
    """An IMAP server with that certificate that lets everybody in. `secrets`: what it was told but for
    CAPABILITY and STARTTLS, of all connections."""

    HARMLESS = (b"CAPABILITY", b"STARTTLS", b"LOGOUT")

    def __init__(self, certificate, starttls):
        super().__init__()
        self.starttls, self.secrets = starttls, []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.cert, certificate.key)

    def serve(self, sock, number):
        sock.settimeout(10)
        with sock, contextlib.suppress(OSError):
            if self.starttls:
                self.talk(Connection(sock, self.over))
            with self.context.wrap_socket(sock, server_side=True) as inside:
                self.talk(Connection(inside, self.over))

    def talk(self, connection):
        if not isinstance(connection.socket, ssl.SSLSocket) or not self.starttls:
            connection.say(b"* OK [CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR] ready\r\n")
        while line := connection.line():
            tag, _, words = line.partition(b" ")
            if words not in self.HARMLESS:
                self.secrets.append(words)
            if words == b"CAPABILITY":
                connection.say(b"* CAPABILITY IMAP4rev1 STARTTLS AUTH=PLAIN SASL-IR\r\n")
            connection.say(tag + b" OK done\r\n")
            if words == b"STARTTLS":
                return


# -- ways in ------------------------------------------------------------------------------------------

def way_in(tls, auth, port, mechanisms="plain login"):
    def comes_in():
        with Desk(start=False) as desk:
            made = Certificates(desk.folder)
            with Dovecot(desk.folder, made.good, no_plain=tls != "none", mechanisms=mechanisms,
                         users=(("csirt", SECRET),)) as dovecot:
                desk.configure(sources=source_at(dovecot.ports[port], desk.folder, SECRET, tls=tls, auth=auth,
                                                 ca_file=made.ca))
                dovecot.drop(mail(1))
                desk.start()
                expect_mails(desk, 1)
                expect("Login: user=<csirt>, method=PLAIN" in dovecot.log_text(), "a login is in the server's log")
                expect(SECRET not in desk.log_text(), "the password is in the log")
    comes_in.__name__ = f"mail_comes_by_{tls}_and_auth_{auth}"
    return case(comes_in)


for way in (("tls", "plain", "imaps"), ("starttls", "login", "imap"), ("none", "plain", "imap")):
    way_in(*way)


@contextlib.contextmanager
def with_tokens(auth):
    """A desk and a Dovecot that lets in by token alone; set(token) is what the token command prints."""
    with Desk(start=False) as desk:
        made, tokens = Certificates(desk.folder), Tokens(desk.folder)
        printed = desk.folder / "token"
        command = desk.folder / "print-token"
        command.write_text(f"#!/bin/sh\necho asked >>{desk.folder}/asked\nexec cat {printed}\n")
        command.chmod(0o755)
        with Dovecot(desk.folder, made.good, no_plain=True, mechanisms=auth, tokens=tokens) as dovecot:
            desk.configure(intake='rescan = "1s";', sources=source_at(
                dovecot.ports["imaps"], desk.folder, None, auth=auth, ca_file=made.ca,
                token_command=[str(command), "csirt"]))
            yield desk, dovecot, tokens, printed.write_text


def asked(desk):
    file = desk.folder / "asked"
    return len(file.read_text().split()) if file.exists() else 0


def by_token(auth):
    def lets_in():
        with with_tokens(auth) as (desk, dovecot, tokens, set_token):
            old, new = tokens.new(lasts=-60), tokens.new()
            set_token(old + "\n")
            dovecot.drop(mail(1))
            desk.start()
            wait_for_state(desk, "refuses the login of csirt")
            expect("see what token_command prints" in sources(desk)["inbox"]["state"], "it says what to do")
            set_token(new + "\n")
            expect_mails(desk, 1)
            expect(f"method={auth.upper()}" in dovecot.log_text(), "a login by token is in the server's log")
            before = asked(desk)
            dovecot.stop()
            wait_until(lambda: not sources(desk)["inbox"]["well"], "it is noticed")
            dovecot.drop(mail(2))
            dovecot.start()
            expect_mails(desk, 2)
            expect(asked(desk) > before, "each login has a token of its own")
            expect(old not in desk.log_text() and new not in desk.log_text(), "a token is in the log")
    lets_in.__name__ = f"a_token_lets_in_by_{auth}_and_an_old_one_does_not"
    return case(lets_in)


for kind in ("xoauth2", "oauthbearer"):
    by_token(kind)


@case
def a_wrong_password_is_said_and_a_new_one_is_read():
    with Desk(start=False) as desk, Dovecot(desk.folder) as dovecot:
        desk.configure(sources=source_at(dovecot.ports["imap"], desk.folder, "wrong one", tls="none"))
        dovecot.drop(mail(1))
        desk.start()
        wait_for_state(desk, "check user and password")
        expect("wrong one" not in desk.log_text(), "the password is in the log")
        source_at(dovecot.ports["imap"], desk.folder)
        desk.restart()
        expect_mails(desk, 1)


# -- servers that are not the right ones ----------------------------------------------------------------

BAD = {
    "wrong_host": "for another host", "unknown_ca": "whom `ca_file` does not have", "expired": "has expired",
    "future": "not yet valid", "self_signed": "signed by nobody but itself", "good": "fingerprint"}


@case
def a_server_with_a_bad_certificate_hears_no_secret_and_stops_no_other():
    """Six certificates, each from the first byte and by STARTTLS; `good` is not the one that is pinned."""
    with Desk(start=False) as desk, contextlib.ExitStack() as servers:
        made = Certificates(desk.folder)
        dovecot = servers.enter_context(Dovecot(desk.folder, made.self_signed))
        pinned = {"fingerprint": made.self_signed.fingerprint, "name": "pinned"}
        rows, liars = [source_at(dovecot.ports["imaps"], desk.folder, **pinned)], {}
        for bad in BAD:
            for tls in ("tls", "starttls"):
                name = f"{bad}-{tls}"
                liars[name] = servers.enter_context(Listening(getattr(made, bad), tls == "starttls"))
                trust = {"fingerprint": made.expired.fingerprint} if bad == "good" else {"ca_file": made.ca}
                rows.append(source_at(liars[name].port, desk.folder, name=name, tls=tls, **trust))
        desk.configure(sources=", ".join(rows))
        desk.start()
        for name, liar in liars.items():
            wait_for_state(desk, BAD[name.split("-")[0]], name)
            expect(liar.connections > 0, f"{name} was connected")
            expect_equal(liar.secrets, [], f"what {name} heard")
        dovecot.drop(mail(1))
        expect_mails(desk, 1)
        expect(sources(desk)["pinned"]["well"], "the pinned one is well")


@case
def the_same_server_with_a_good_certificate_hears_the_login():
    """Else the case before would prove nothing."""
    with Desk(start=False) as desk:
        made = Certificates(desk.folder)
        with Listening(made.good, False) as first, Listening(made.good, True) as second:
            desk.configure(sources=", ".join(
                source_at(server.port, desk.folder, name=tls, tls=tls, ca_file=made.ca)
                for server, tls in ((first, "tls"), (second, "starttls"))))
            desk.start()
            wanted = b"AUTHENTICATE PLAIN " + base64.b64encode(b"\0csirt\0secret")
            wait_until(lambda: wanted in first.secrets and wanted in second.secrets, "both heard the login")


@case
def without_tls_no_other_host_is_configured():
    with Desk(start=False) as desk:
        desk.configure(sources=source_at(143, desk.folder, host="imap.sakura.example", tls="none"))
        desk.spawn()
        expect_equal(desk.process.wait(60), CONFIG_REFUSED, "exit status")
        expect("`tls`" in desk.log_text() or "tls" in desk.log_text(), "it says why")


@case
def somebody_who_takes_starttls_away_hears_no_secret():
    class Stripped(Listening):
        def talk(self, connection):
            connection.say(b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n")
            while line := connection.line():
                tag, _, words = line.partition(b" ")
                if words not in self.HARMLESS:
                    self.secrets.append(words)
                connection.say(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n" + tag + b" OK done\r\n")

    with Desk(start=False) as desk:
        made = Certificates(desk.folder)
        with Stripped(made.good, True) as liar:
            desk.configure(sources=source_at(liar.port, desk.folder, tls="starttls", ca_file=made.ca))
            desk.start()
            wait_for_state(desk, "does not offer STARTTLS")
            expect_equal(liar.secrets, [], "what it heard")


# -- several sources ----------------------------------------------------------------------------------

@case
def each_source_has_its_own_state_and_a_dead_one_stops_none():
    users = (("csirt", "secret"), ("abuse", "secret"))
    with Desk(start=False) as desk, Dovecot(desk.folder, users=users) as dovecot, \
            Scripted(lambda connection: connection.wait_for_end()) as silent:
        def source(name, port, **values):
            return source_at(port, desk.folder, name=name, tls="none", timeout="2s", **values)
        ports = dovecot.ports
        desk.configure(intake='rescan = "1s";', sources=", ".join((
            source("dead", ports["imaps"]), source("silent", silent.port), source("csirt", ports["imap"]),
            source("abuse", ports["imap"], user="abuse"),
            '{ name = "files"; type = "maildir"; path = "Maildir"; }')))
        desk.start()
        for number in range(3):
            dovecot.drop(mail(3 * number), user="csirt")
            dovecot.drop(mail(3 * number + 1), user="abuse")
            desk.drop(mail(3 * number + 2))
        expect_mails(desk, 9)
        wait_for_state(desk, "was not done within", "silent")
        well = {name: row["well"] for name, row in sources(desk).items()}
        expect_equal(well, {"dead": False, "silent": False, "csirt": True, "abuse": True, "files": True}, "well")


if __name__ == "__main__":
    main()
