"""A real Postfix in a folder of its own: the MTA that hands over to mado, or the relay that mado sends to.

    with Postfix(transport=f"lmtp:unix:{socket}") as mta:      hands everything over by LMTP
        mta.submit(mail, "sender@peer.example", ["csirt@sakura.example"])
    with Postfix(certificate=certificates.good) as relay:      keeps what it takes in a Maildir
        relay.port, relay.tls_port; relay.kept() -> [Kept(sender, recipient, bytes)]

Its master runs in the foreground, as root, because Postfix changes to its own user by itself; it listens
on 127.0.0.1 alone. Nothing of the Postfix that the machine has is used but its programs.
"""

import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
from pathlib import Path

from harness import BOUND, SHORT, Failed, Skipped, expect, free_port, show_end, wait_until

PROGRAMS = Path("/usr/lib/postfix/sbin")
COMMANDS = Path("/usr/sbin")
OWNER, DROP_GROUP = "postfix", "postdrop"
ROOT_FOLDERS = ("pid", "etc", "dev", "usr", "lib")
SPOOLS = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")

# What is put off is tried again within a second; after five days it would come back.
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = mta.sakura.example
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
relay_domains = sakura.example
disable_dns_lookups = yes
smtp_host_lookup = native
smtputf8_enable = yes
strict_smtputf8 = no
biff = no
default_transport = {transport}
relay_transport = {transport}
virtual_mailbox_domains =
virtual_mailbox_base = {folder}
virtual_mailbox_maps = static:kept/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
mailbox_size_limit = 0
virtual_mailbox_limit = 0
message_size_limit = 104857600
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s
transport_retry_time = 1s
lmtp_connect_timeout = 10s
smtpd_recipient_restrictions = check_recipient_access inline:{{{answers}}}, permit_mynetworks, reject
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject
smtpd_delay_reject = yes
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_error_sleep_time = 0s
{tls}
{sasl}
{more}
"""
TLS = """\
smtpd_tls_cert_file = {certificate.cert}
smtpd_tls_key_file = {certificate.key}
smtpd_tls_security_level = may
smtpd_tls_session_cache_database =
smtp_tls_session_cache_database ="""
SASL = """\
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {path}
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = no"""
WRAPPED = """\
127.0.0.1:{port} inet n - n - - smtpd
  -o syslog_name=postfix/smtps
  -o smtpd_tls_wrappermode=yes
  -o smtpd_tls_security_level=encrypt
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
{wrapped}cleanup unix n - n - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def why_not():
    """Why Postfix cannot run here, or an empty string."""
    if os.geteuid() != 0:
        return "Postfix starts as root only"
    if not (PROGRAMS / "master").exists():
        return "Postfix is not installed"
    return ""


class Kept:
    """One mail that the relay delivered: the envelope as Postfix wrote it down, and the bytes as they came.

    Postfix keeps line ends as LF; `mail` has them as CRLF again."""

    def __init__(self, file):
        stored = file.read_bytes()
        head, self.fields = stored, {}
        for name in (b"Return-Path", b"X-Original-To", b"Delivered-To"):
            line, head = head.split(b"\n", 1)
            found, value = line.split(b": ", 1)
            expect(found == name, f"Postfix wrote {found!r} where {name!r} was expected")
            self.fields[name] = value.decode()
        self.sender = self.fields[b"Return-Path"].strip("<>")
        self.recipient = self.fields[b"X-Original-To"]
        self.stored = head
        self.received, self.mail = self.without_trace(head)

    @staticmethod
    def without_trace(head):
        """The Received field that this Postfix added, and what came."""
        lines = head.split(b"\n")
        end = 1
        while end < len(lines) and lines[end][:1] in (b" ", b"\t"):
            end += 1
        expect(lines[0].startswith(b"Received:"), "the relay's own trace is missing")
        return b"\n".join(lines[:end]), b"\r\n".join(lines[end:])


class Postfix:
    """transport: where everything goes ("virtual": is kept, "discard:", "lmtp:unix:/path",
    "lmtp:inet:127.0.0.1:2424", "error:..."). certificate: has .cert and .key; then there is STARTTLS at `port`
    and TLS from the first byte at `tls_port`. answers: address -> what RCPT is answered
    ("550 5.1.1 no such user"). sasl: path of a Dovecot auth socket. settings: lines of main.cf."""

    def __init__(self, transport="virtual", certificate=None, answers=None, sasl=None, settings=None, start=True):
        if why_not():
            raise Skipped(why_not())
        self.folder = Path(tempfile.mkdtemp(prefix="mado-mta-", dir=SHORT))
        self.port, self.tls_port = free_port(), free_port() if certificate else None
        self.transport, self.certificate, self.sasl = transport, certificate, sasl
        self.answers, self.settings = answers or {}, settings or {}
        self.process = None
        self.make_folders()
        self.configure()
        if start:
            self.start()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        self.kill()
        if kind and kind is not Skipped:
            show_end("postfix", self.log_text())
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- making -------------------------------------------------------------------------------

    def make_folders(self):
        owner = pwd.getpwnam(OWNER)
        drop = grp.getgrnam(DROP_GROUP).gr_gid
        self.folder.chmod(0o755)
        queue = self.folder / "queue"
        for folder in (queue, *(queue / name for name in ROOT_FOLDERS), self.folder / "conf"):
            folder.mkdir(mode=0o755)
        for folder in (*(queue / name for name in SPOOLS), self.folder / "data", self.folder / "kept",
                       *(self.folder / "kept" / name for name in ("new", "cur", "tmp"))):
            folder.mkdir(mode=0o700)
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        for name, mode in (("public", 0o2710), ("maildrop", 0o1730)):
            (queue / name).mkdir()
            os.chown(queue / name, owner.pw_uid, drop)
            (queue / name).chmod(mode)
        self.uid, self.gid = owner.pw_uid, owner.pw_gid

    def configure(self, **changes):
        """Writes the configuration; `changes` are arguments as of the constructor. reload() tells Postfix."""
        for name, value in changes.items():
            setattr(self, name, value)
        answers = ", ".join(f"{{{address} = {answer}}}" for address, answer in self.answers.items())
        (self.folder / "conf/main.cf").write_text(MAIN.format(
            folder=self.folder, transport=self.transport, uid=self.uid, gid=self.gid,
            answers=answers or "{nobody@nowhere.invalid = DUNNO}",
            tls=TLS.format(certificate=self.certificate) if self.certificate else "",
            sasl=SASL.format(path=self.sasl) if self.sasl else "",
            more="\n".join(f"{name} = {value}" for name, value in self.settings.items())))
        (self.folder / "conf/master.cf").write_text(MASTER.format(
            port=self.port, wrapped=WRAPPED.format(port=self.tls_port) if self.certificate else ""))

    # -- running ------------------------------------------------------------------------------

    def start(self):
        """Starts it and waits until it answers."""
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C", "MAIL_CONFIG": str(self.folder / "conf")}
        with open(self.folder / "out", "ab") as out:
            self.process = subprocess.Popen(
                [str(PROGRAMS / "master"), "-c", str(self.folder / "conf"), "-s"], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, env=environment, cwd=self.folder / "queue", start_new_session=True)
        wait_until(self.answers_calls, "Postfix answers")

    def answers_calls(self):
        expect(self.process.poll() is None, "Postfix ended at its start: " + self.log_text()[-800:])
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=BOUND) as call:
                return call.recv(4).startswith(b"220")
        except OSError:
            return False

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        """Ends it, as a crash would; what is in its queue is still there after start()."""
        if not self.process:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait(BOUND)
        self.process = None

    def log_text(self):
        files = [self.folder / name for name in ("out", "log")]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    # -- mail ---------------------------------------------------------------------------------

    def submit(self, mail, sender="reporter@peer.example", recipients=("csirt@sakura.example",), options=()):
        """Puts one mail into its queue, as any mail program would."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=BOUND) as session:
            refused = session.sendmail(sender, list(recipients), mail, mail_options=options)
        if refused:
            raise Failed(f"Postfix refused {refused}")

    def command(self, program, *words):
        return subprocess.run([str(COMMANDS / program), "-c", str(self.folder / "conf"), *words],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOUND)

    def waiting(self):
        """How many mails are in its queue."""
        folders = (self.folder / "queue" / name for name in ("maildrop", "incoming", "active", "deferred", "hold"))
        return sum(1 for folder in folders for file in folder.rglob("*") if file.is_file())

    def flush(self):
        """What was put off is tried now."""
        done = self.command("postqueue", "-f")
        expect(done.returncode == 0, f"postqueue -f: {done.stderr}")

    def empty(self, bound=BOUND):
        wait_until(lambda: not self.waiting(), "Postfix's queue is empty", bound)

    def kept(self):
        """What it took and keeps (transport "virtual"), oldest first."""
        files = sorted((self.folder / "kept/new").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        return [Kept(file) for file in files]

    def wait_for_kept(self, number, bound=BOUND):
        return wait_until(lambda: len(self.kept()) >= number and self.kept(), f"{number} mails at the relay", bound)
