"""A real Dovecot of the test's own: IMAP and POP3, with and without TLS, on free ports of 127.0.0.1.

`with Dovecot(folder, certificates.good) as dovecot:` gives dovecot.ports["imap"|"imaps"|"pop3"|"pop3s"],
and users with their Maildirs. It runs as whoever runs the test; root's mails belong to `nobody`, for
Dovecot serves no mail of root's. It is ended by its process, with all that it started.
"""

import base64
import contextlib
import grp
import hmac
import imaplib
import json
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import time
from pathlib import Path

from harness import Failed, Skipped, free_ports, processes, show_end, wait_until

LISTENERS = ("imap", "imaps", "pop3", "pop3s")
ALL_FOR_ONE = "nobody"  # whose mails they are, when root runs the tests

ALL_IT_CAN = (
    "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE SORT THREAD=REFERENCES MULTIAPPEND UNSELECT CHILDREN NAMESPACE "
    "UIDPLUS LIST-EXTENDED I18NLEVEL=1 CONDSTORE QRESYNC ESEARCH ESORT MOVE SEARCHRES WITHIN LITERAL+")

CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = {folder.name}
log_path = {folder}/log
protocols = {protocols}
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{folder}/mail/%u:LAYOUT=fs:INBOX={folder}/mail/%u/INBOX
mail_plugins =
first_valid_uid = 1
ssl = {ssl}
{certificate}
ssl_min_protocol = TLSv1.2
ssl_dh =
disable_plaintext_auth = {no_plain}
auth_mechanisms = {mechanisms}
login_greeting = ready.
namespace inbox {{
  inbox = yes
  separator = /
}}
{oauth2}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  service_count = 0
  process_limit = 4
  inet_listener imap {{
    port = {ports[imap]}
  }}
  inet_listener imaps {{
    port = {ports[imaps]}
    ssl = yes
  }}
}}
service pop3-login {{
  chroot =
  service_count = 0
  process_limit = 4
  inet_listener pop3 {{
    port = {ports[pop3]}
  }}
  inet_listener pop3s {{
    port = {ports[pop3s]}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service auth {{
  unix_listener auth-userdb {{
    mode = 0666
  }}
}}
protocol imap {{
  mail_max_userip_connections = 100
  imap_idle_notify_interval = 120 s
  {capability}
}}
protocol pop3 {{
  mail_max_userip_connections = 100
  pop3_uidl_format = %08Xu%08Xv
}}
maildir_very_dirty_syncs = no
mailbox_list_index = yes
{more}
"""

OAUTH2 = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2
}}
"""
VALIDATION = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
username_format = %u
"""


class Tokens:
    """Gives out tokens (JWT, RFC 7519) that a Dovecot believes, which is told the key in files of `folder`."""

    def __init__(self, folder):
        self.folder = Path(folder) / "tokens"
        self.key = os.urandom(32)
        place = self.folder / "keys/default/HS256/default"
        place.parent.mkdir(parents=True)
        place.write_text(base64.b64encode(self.key).decode())
        (self.folder / "oauth2").write_text(VALIDATION.format(folder=self.folder))

    def new(self, user="csirt", lasts=3600):
        """A token for so many seconds; fewer than none: it has expired."""
        def part(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=")
        now = int(time.time())
        head = {"alg": "HS256", "typ": "JWT"}
        said = {"sub": user, "iat": now - 7200, "exp": now + lasts, "jti": os.urandom(8).hex()}
        signed = b".".join(part(json.dumps(value).encode()) for value in (head, said))
        return (signed + b"." + part(hmac.digest(self.key, signed, "sha256"))).decode()


def words(values):
    """As a configuration has them: text in quotes, numbers bare, lists in brackets."""
    def one(value):
        if isinstance(value, (list, tuple)):
            return "[" + ", ".join(one(part) for part in value) + "]"
        return str(value) if isinstance(value, int) else f'"{value}"'
    return " ".join(f"{name} = {one(value)};" for name, value in values.items())


def source_at(port, folder, password="secret", **values):
    """One of intake.sources: a server of a test on this host, whose password file is written here, if it
    has a password."""
    file = Path(folder) / "password"
    if password:
        if not file.exists():
            file.touch(mode=0o600)
        file.write_text(password + "\n")
        values["password_file"] = file
    return "{ " + words({"name": "inbox", "type": "imap", "host": "localhost", "port": port, "user": "csirt",
                         "timeout": "5s", **values}) + " }"


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except OSError:
        return False


class Dovecot:
    """certificate: of certificates.py, or None for a server without TLS. without: capabilities that the
    server does not name (MOVE, UIDPLUS, IDLE, ...). no_plain: LOGINDISABLED before TLS. tokens: the Tokens
    that it believes. more: further lines of its configuration."""

    def __init__(self, folder, certificate=None, without=(), mechanisms="plain login", no_plain=False,
                 users=(("csirt", "secret"),), tokens=None, more="", start=True):
        if not shutil.which("dovecot"):
            raise Skipped("dovecot is not installed")
        self.folder = Path(folder) / "dovecot"
        self.certificate = certificate
        self.without, self.mechanisms, self.no_plain, self.more = without, mechanisms, no_plain, more
        self.tokens = tokens
        self.users = dict(users)
        self.ports = dict(zip(LISTENERS, free_ports(len(LISTENERS))))
        self.process = None
        self.dropped = 0
        for name in ("run", "state", "mail"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self.owner = pwd.getpwnam(ALL_FOR_ONE) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.give(self.folder / "mail")
        Path(folder).chmod(0o755)
        self.configure()
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.kill()
        if kind and kind is not Skipped:
            show_end("dovecot", self.log_text())

    def give(self, path):
        if os.geteuid() == 0:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    @staticmethod
    def account(wanted, otherwise):
        """Dovecot wants users without privileges for its inside; the package made them."""
        try:
            return pwd.getpwnam(wanted).pw_name
        except KeyError:
            return otherwise

    def capability(self):
        """What it says that it can, less what the test has struck."""
        if not self.without:
            return ""
        return "imap_capability = " + " ".join(word for word in ALL_IT_CAN.split() if word not in self.without)

    def configure(self):
        me = pwd.getpwuid(os.geteuid()).pw_name
        root = os.geteuid() == 0
        internal = self.account("dovecot", ALL_FOR_ONE) if root else me
        values = {
            "folder": self.folder, "protocols": "imap pop3", "internal": internal,
            "login": self.account("dovenull", ALL_FOR_ONE) if root else me,
            "group": grp.getgrgid(pwd.getpwnam(internal).pw_gid).gr_name,
            "uid": self.owner.pw_uid, "gid": self.owner.pw_gid, "ports": self.ports,
            "ssl": "yes" if self.certificate else "no",
            "certificate": f"ssl_cert = <{self.certificate.cert}\nssl_key = <{self.certificate.key}"
                           if self.certificate else "",
            "no_plain": "yes" if self.no_plain else "no", "mechanisms": self.mechanisms,
            "capability": self.capability(), "more": self.more,
            "oauth2": OAUTH2.format(folder=self.tokens.folder) if self.tokens else ""}
        (self.folder / "dovecot.conf").write_text(CONFIGURATION.format(**values))
        users = self.folder / "users"
        users.write_text("".join(f"{user}:{{PLAIN}}{word}\n" for user, word in self.users.items()))
        users.chmod(0o644)

    def start(self):
        with open(self.folder / "output", "ab") as output:
            self.process = subprocess.Popen(
                ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")], stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)

        def is_up():
            if self.process.poll() is not None:
                raise Failed("dovecot ended: " + self.log_text()[-1500:])
            return all(answers(self.ports[name]) for name in LISTENERS if self.certificate or name[-1] != "s")
        wait_until(is_up, "dovecot answers")

    def family(self):
        return [pid for pid, session, _, _ in processes() if session == self.process.pid]

    def kill(self):
        """At once; a stop lets each of its processes have its time."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.ended()

    def ended(self):
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.family(), "dovecot has ended")
        self.process = None

    def stop(self):
        """All connections end with it."""
        if not self.process:
            return
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.ended()

    def restart(self):
        self.stop()
        self.start()

    def log_text(self):
        return "".join(file.read_text(errors="replace") for file in (self.folder / "output", self.folder / "log")
                       if file.exists())

    # -- mail, as an MTA delivers it ------------------------------------------------------------

    def maildir(self, user="csirt", box="INBOX"):
        """The Maildir of one folder, which is made if it is missing."""
        place = self.folder / "mail" / user / box
        missing = [folder for folder in (place, *place.parents) if not folder.exists()]
        for name in ("tmp", "new", "cur"):
            if not (place / name).exists():
                (place / name).mkdir(parents=True)
                self.give(place / name)
        for folder in missing:
            self.give(folder)
        return place

    def drop(self, mail, user="csirt", box="INBOX", name=None):
        """One mail, as Dovecot's own delivery would put it there."""
        place = self.maildir(user, box)
        self.dropped += 1
        name = name or f"{1700000000 + self.dropped}.M{self.dropped}P{os.getpid()}.test"
        written = place / "tmp" / name
        written.write_bytes(mail)
        self.give(written)
        written.rename(place / "new" / name)

    # -- a person's mail program ----------------------------------------------------------------

    @contextlib.contextmanager
    def person(self, user="csirt", box=None):
        """An imaplib session of that user, logged in; `box` is selected."""
        session = imaplib.IMAP4("127.0.0.1", self.ports["imap"], timeout=60)
        if self.certificate and self.no_plain:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            session.starttls(context)
        try:
            session.login(user, self.users[user])
            if box:
                status, answer = session.select(f'"{box}"')
                if status != "OK":
                    raise Failed(f"select {box}: {answer}")
            yield session
        finally:
            with contextlib.suppress(OSError, imaplib.IMAP4.error):
                session.logout()

    def mails(self, user="csirt", box="INBOX"):
        """[(uid, flags)] of a folder, as another client sees it; [] if there is no such folder."""
        with self.person(user) as session:
            if session.select(f'"{box}"', readonly=True)[0] != "OK":
                return []
            answer = session.uid("FETCH", "1:*", "(FLAGS)")[1]
        found = []
        for line in answer:
            if line and b"UID " in line:  # else another client's change, told unasked
                words = line.decode()
                flags = words[words.index("FLAGS (") + 7:words.index(")", words.index("FLAGS ("))].split()
                found.append((int(words.split("UID ")[1].split()[0].rstrip(")")), flags))
        return found
