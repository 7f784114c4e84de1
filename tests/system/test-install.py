#!/usr/bin/env python3
"""What meson install puts where; and a host on which it was installed, configured and started as README.md says."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(__file__))
from harness import BOUND, BUILD, SOURCE, Failed, Skipped, case, expect, expect_equal, main, plain_mail, wait_until  # noqa: E402
from certificates import Certificates  # noqa: E402
from dovecot import Dovecot  # noqa: E402
from machine import Machine  # noqa: E402
from wire import Scripted  # noqa: E402

OPTIONS = {row["name"]: row["value"] for row in json.loads((BUILD / "meson-info/intro-buildoptions.json").read_text())}
PREFIX = Path(OPTIONS["prefix"])
CONFDIR = PREFIX / OPTIONS["sysconfdir"] / "mado"
SHARE = PREFIX / OPTIONS["datadir"]
MAN = PREFIX / OPTIONS["mandir"]
UNITS = PREFIX / "lib/systemd/system"
WORST_EXPOSURE = 1.5
LETTERS = [str(path.relative_to(SOURCE / "etc/mado/templates"))
           for path in (SOURCE / "etc/mado/templates").rglob("*.tmpl")]
LIBEXEC = PREFIX / OPTIONS["libexecdir"] / "mado"
OURS = [PREFIX / OPTIONS["bindir"] / "madod", PREFIX / OPTIONS["bindir"] / "madoctl",
        LIBEXEC / "mado-reader", LIBEXEC / "mado-keys",
        MAN / "man1/madoctl.1", MAN / "man5/mado.conf.5", MAN / "man5/mado-templates.5", MAN / "man8/madod.8",
        *(SHARE / "mado" / schema.name for schema in (SOURCE / "lib/store").glob("schema*.sql")),
        SHARE / "doc/mado/examples/mado.conf", SHARE / "doc/mado/examples/mado.conf.full",
        SHARE / "mado/holidays-jp.csv", SHARE / "locale/ja/LC_MESSAGES/mado.mo",
        SHARE / "bash-completion/completions/madoctl.bash",
        SHARE / "zsh/site-functions/_madoctl", SHARE / "fish/vendor_completions.d/madoctl.fish",
        UNITS / "madod.service", PREFIX / "lib/sysusers.d/mado.conf", PREFIX / "lib/tmpfiles.d/mado.conf"]
THEIRS = [CONFDIR / "templates/.shipped", *(CONFDIR / "templates" / name for name in LETTERS)]
ANSWERS = ["さくら工業 CSIRT", "csirt@sakura.example", "maildir", "", "maildir", "root", "duty@sakura.example"]
MAILBOX = "/var/lib/mado/Maildir"


def run(*words, **options):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=BOUND, **options)
    expect_equal(done.returncode, 0, f"{' '.join(map(str, words))}: {done.stdout}{done.stderr}")
    return done


class Tree:
    """An installation below a folder, as for a package."""

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="mado-", dir="/tmp"))
        self.install()
        return self

    def __exit__(self, kind, error, trace):
        shutil.rmtree(self.folder, ignore_errors=True)

    def install(self):
        run("meson", "install", "-C", BUILD, "--no-rebuild", "--destdir", self.folder)

    def path(self, installed):
        return self.folder / Path(installed).relative_to("/")

    def files(self):
        return {Path("/") / path.relative_to(self.folder) for path in self.folder.rglob("*") if not path.is_dir()}


@case
def every_file_has_its_place():
    with Tree() as tree:
        expect_equal(sorted(map(str, tree.files())), sorted(map(str, OURS + THEIRS)), "what was installed")
        for name in ("madod", "madoctl"):
            program = tree.path(PREFIX / OPTIONS["bindir"] / name)
            expect(run(program, "--version").stdout.startswith(name), f"{name} runs")
        for name in ("mado-reader", "mado-keys"):
            expect(run(tree.path(LIBEXEC / name), "--version").stdout.startswith(name), f"{name} runs")
        expect(str(LIBEXEC) in tree.path(UNITS / "madod.service").read_text(), "the service may run them")
        for path in (UNITS / "madod.service", PREFIX / "lib/tmpfiles.d/mado.conf"):
            text = tree.path(path).read_text()
            expect(str(CONFDIR) in text and "@" not in re.sub(r"@\w+[- ]?|~@", "", text), f"{path}: {text}")


@case
def an_uninstallation_leaves_what_an_operator_may_have_changed():
    with Tree() as tree:
        run("ninja", "-C", BUILD, "uninstall")
        expect_equal(sorted(map(str, tree.files())), sorted(map(str, THEIRS)), "what is left")


@case
def an_installation_writes_over_nothing_of_the_operators():
    with Tree() as tree:
        mine, old = (tree.path(CONFDIR / "templates/en" / name) for name in ("ack-new.tmpl", "notice.tmpl"))
        configuration = tree.path(CONFDIR / "mado.conf")
        configuration.write_text("# mine\n")
        mine.write_text("Subject: mine\n\nmine\n")
        shipped = tree.path(CONFDIR / "templates/.shipped")
        old.write_text("Subject: old\n\nas an older mado had it\n")
        digest = run("sha256sum", old).stdout.split()[0]
        shipped.write_text("".join(f"{digest}  en/notice.tmpl\n" if "en/notice.tmpl" in line else line + "\n"
                                   for line in shipped.read_text().splitlines()))
        tree.install()
        expect_equal((configuration.read_text(), mine.read_text()), ("# mine\n", "Subject: mine\n\nmine\n"), "mine")
        expect_equal(Path(f"{mine}.new").read_bytes(), (SOURCE / "etc/mado/templates/en/ack-new.tmpl").read_bytes(),
                     "the new text beside mine")
        expect_equal(old.read_bytes(), (SOURCE / "etc/mado/templates/en/notice.tmpl").read_bytes(),
                     "a text as it was shipped is replaced by the new one")


@case
def the_example_that_is_installed_checks_out():
    with Tree() as tree:
        text = tree.path(SHARE / "doc/mado/examples/mado.conf").read_text()
        (tree.folder / "Maildir").mkdir()
        file = tree.folder / "mado.conf"
        file.write_text(text.replace(MAILBOX, str(tree.folder / "Maildir"))
                        + f'daemon : {{ templates = "{tree.path(CONFDIR / "templates")}"; }};\n')
        done = run(tree.path(PREFIX / OPTIONS["bindir"] / "madoctl"), "check-config", file)
        expect(done.stdout.endswith("can be used.\n") and not done.stderr, done.stdout + done.stderr)


@case
def systemd_finds_nothing_to_say_of_the_unit():
    with Tree() as tree:
        (tree.folder / "bin").mkdir()
        shutil.copy("/bin/kill", tree.folder / "bin/kill")
        done = run("systemd-analyze", "verify", f"--root={tree.folder}", "--recursive-errors=no", "madod.service",
                   env={**os.environ, "MANPATH": str(tree.path(MAN)),
                        "SYSTEMD_UNIT_PATH": f"{UNITS}:"})
        expect_equal((done.stdout, done.stderr), ("", ""), "systemd-analyze verify")


@case
def the_unit_exposes_little():
    with Tree() as tree:
        done = run("systemd-analyze", "security", "--offline=yes", tree.path(UNITS / "madod.service"))
        exposure = float(re.search(r"exposure level for \S+: ([\d.]+)", done.stdout)[1])
        expect(exposure <= WORST_EXPOSURE, f"{exposure}: {done.stdout}")


@case
def the_completion_is_bash():
    with Tree() as tree:
        file = tree.path(SHARE / "bash-completion/completions/madoctl.bash")
        ask = f'. {file}; COMP_WORDS=(madoctl ini); COMP_CWORD=1; _madoctl; echo "${{COMPREPLY[@]}}"'
        expect_equal(run("bash", "-c", ask).stdout, "init\n", "what is offered for \"ini\"")


# -- a host ---------------------------------------------------------------------------------------


TO_A_FILE = "[Service]\nStandardOutput=append:/run/madod.log\nStandardError=append:/run/madod.log\n"
NETWORKED = """\
team : {{ name = "SAKURA-CSIRT"; address = "csirt@sakura.example"; }};
intake : {{ sources = (
  {{ name = "inbox"; type = "imap"; host = "localhost"; port = {port}; ca_file = "{confdir}/ca.pem"; user = "csirt";
     password_credential = "imap"; }},
  {{ name = "cloud"; type = "imap"; host = "localhost"; port = {cloud}; tls = "none"; user = "csirt"; auth = "xoauth2";
     token_command = [ "/usr/local/bin/token" ]; }} ); }};
operators = ( {{ user = "root"; role = "admin"; }} );
"""
TOKEN = "#!/bin/sh\npython3 -c 'print(chr(116) + \"oken-of-a-program\")'\n"


def cloud(heard):
    """An IMAP server that wants a token, and lets nobody in."""
    def talk(connection):
        connection.say(b"* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] ready\r\n")
        while line := connection.line():
            heard.append(line)
            tag, verb = line.split()[:2]
            connection.say({b"CAPABILITY": b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR\r\n" + tag + b" OK\r\n"}.get(
                verb, tag + b" NO [AUTHENTICATIONFAILED] not today\r\n"))
    return talk


def install_commands():
    """Those of README.md's section, without sudo, and with the build that is there."""
    section = re.search(r"^## Install\n(.*?)^## ", (SOURCE / "README.md").read_text(), re.M | re.S)[1]
    lines = "".join(re.findall(r"^```sh\n(.*?)^```", section, re.M | re.S)).splitlines()
    return [line.removeprefix("sudo ").split() for line in lines if line.startswith(("sudo", "madoctl"))]


def follow_readme(machine, answers=(*ANSWERS, "yes")):
    """Each command in its turn; what each of them printed, by its last two words."""
    said = {}
    for words in install_commands():
        options = {"input": "".join(line + "\n" for line in answers)} if words[-1] == "init" else {}
        if words[:2] == ["meson", "install"]:
            words = ["meson", "install", "-C", str(BUILD), "--no-rebuild"]
        if words[:2] == ["systemctl", "daemon-reload"]:
            machine.write("/run/units/madod.service.d/log.conf", TO_A_FILE)
        done = machine.run(*words, check=words[-1] != "doctor", **options)
        said[" ".join(words[-2:])] = done.stdout + done.stderr
    return said


def install(machine):
    """Without a configuration."""
    machine.run("meson", "install", "-C", BUILD, "--no-rebuild")
    machine.run("systemd-sysusers", "mado.conf")
    machine.run("systemd-tmpfiles", "--create", "mado.conf")
    machine.run("systemctl", "daemon-reload")


def log(machine):
    return machine.text("cat", "/run/madod.log", check=False)


def drop(machine, number):
    name = f"{MAILBOX}/new/{number}.test"
    machine.run("sh", "-c", 'cat >"$1" && chown mado "$1"', "drop", name.replace("/new/", "/tmp/"),
                input=plain_mail(number).decode())
    machine.run("mv", name.replace("/new/", "/tmp/"), name)


def letters(machine):
    return machine.text("sh", "-c", "cat /var/lib/mado/outgoing/new/*", check=False)


def property_of(machine, name):
    return machine.text("systemctl", "show", "--value", "--property", name, "madod").strip()


def facts_of(machine, pid):
    return dict(re.findall(r"^(\w+):\s+(\S+)", machine.text("cat", f"/proc/{pid}/status"), re.M))


def owners(machine, *paths):
    return dict(line.split(" ", 1) for line in machine.text("stat", "-c", "%n %a %U:%G", *paths).splitlines())


@case
def a_new_user_has_a_running_contact_point_behind_the_commands_of_the_readme():
    with Machine(UNITS) as machine:
        said = follow_readme(machine)
        expect("came in" in said["madoctl init"] or "not waited for" in said["madoctl init"], said["madoctl init"])
        expect("FAIL" not in said["madoctl doctor"], said["madoctl doctor"])
        expect_equal(property_of(machine, "ActiveState"), "active", log(machine))
        drop(machine, 1)
        wait_until(lambda: "In-Reply-To: <report-1@peer.example>" in letters(machine), "it is acknowledged")
        expect_equal(machine.text("systemctl", "is-enabled", "madod").strip(), "enabled", "after the next start")


@case
def what_the_unit_forbids_gpg_can_do_without():
    with Machine(UNITS) as machine:
        follow_readme(machine)
        machine.run("madoctl", "key", "init")
        drop(machine, 1)
        wait_until(lambda: "BEGIN PGP SIGNATURE" in letters(machine), f"a letter is signed: {log(machine)}")
        machine.run("systemctl", "stop", "madod")
        expect("gpg-agent" not in machine.text("sh", "-c", "cat /proc/[0-9]*/comm"), "nothing is left running")


@case
def everything_belongs_to_whom_it_should():
    with Machine(UNITS) as machine:
        follow_readme(machine, ["SAKURA", "csirt@sakura.example", "imap", "127.0.0.1", "csirt", "secret word",
                                "maildir", "root", "-", "no"])
        wanted = {str(CONFDIR): "755 root:root", str(CONFDIR / "mado.conf"): "644 root:root",
                  str(CONFDIR / "enabled"): "644 root:root", str(CONFDIR / "credentials"): "700 mado:mado",
                  str(CONFDIR / "credentials/mailbox"): "600 mado:mado", "/var/lib/mado": "700 mado:mado",
                  "/var/lib/mado-keys": "700 mado:mado",
                  "/run/mado": "755 mado:mado", "/run/mado/control.sock": "660 mado:mado-operators",
                  "/run/mado/deliver.sock": "660 mado:mado-deliver"}
        expect_equal(owners(machine, *wanted), wanted, "modes and owners")


@case
def the_service_manager_does_not_start_what_is_not_configured():
    with Machine(UNITS) as machine:
        install(machine)
        machine.run("systemctl", "start", "madod")
        expect_equal((property_of(machine, "ActiveState"), property_of(machine, "ConditionResult")),
                     ("inactive", "no"), "without the file `enabled`")


@case
def under_the_service_manager_the_roles_are_held_twice_and_work():
    with Machine(UNITS) as machine:
        follow_readme(machine)
        roles = machine.text("sh", "-c", "grep -l ^mado- /proc/[0-9]*/comm | cut -d/ -f3").split()
        expect(len(roles) >= 4, f"roles run: {roles}")
        of_all = int(facts_of(machine, property_of(machine, "MainPID"))["Seccomp_filters"])
        for pid in roles:
            wait_until(lambda pid=pid: int(facts_of(machine, pid)["Seccomp_filters"]) > of_all > 0,
                       "each has the filters of the unit and one of its own")
            facts = facts_of(machine, pid)
            expect_equal((facts["NoNewPrivs"], facts["Seccomp"], int(facts["CapBnd"], 16)), ("1", "2", 0), facts)
        expect("not-confined" not in log(machine) and "weak" not in log(machine), log(machine))


@case
def it_is_reloaded_started_again_and_ended_by_the_service_manager():
    with Machine(UNITS) as machine:
        follow_readme(machine)
        machine.run("systemctl", "reload", "madod")
        wait_until(lambda: " reloaded" in log(machine), "it was reloaded: " + log(machine))
        first = property_of(machine, "MainPID")
        machine.run("kill", "-KILL", first)
        wait_until(lambda: property_of(machine, "ActiveState") == "active"
                   and property_of(machine, "MainPID") not in (first, "0"), "it is started again")
        drop(machine, 2)
        wait_until(lambda: "report-2@peer.example" in letters(machine), "and works")
        machine.run("systemctl", "stop", "madod")
        expect_equal((property_of(machine, "ActiveState"), property_of(machine, "Result")), ("inactive", "success"),
                     log(machine))


@case
def a_configuration_that_is_wrong_is_not_tried_for_ever():
    with Machine(UNITS) as machine:
        follow_readme(machine)
        machine.run("systemctl", "stop", "madod")
        machine.write(CONFDIR / "mado.conf", "team : { };\n")
        machine.run("systemctl", "start", "madod", check=False)
        wait_until(lambda: property_of(machine, "ActiveState") == "failed", "it has failed")
        expect_equal((property_of(machine, "NRestarts"), property_of(machine, "ExecMainStatus")), ("0", "78"),
                     "starts, status")


@case
def a_mailbox_outside_of_the_state_folder_is_made_known_to_the_unit():
    for path, wanted in (("/home/csirt/Maildir", "BindPaths=/home/csirt/Maildir"),
                         ("/srv/mail/csirt", "ReadWritePaths=/srv/mail/csirt")):
        with Machine(UNITS) as machine:
            install(machine)
            for name in ("new", "cur", "tmp"):
                machine.run("install", "-d", "-o", "mado", f"{path}/{name}")
            machine.run("chown", "mado", path)
            answers = [*ANSWERS[:3], path, *ANSWERS[4:], "no"]
            done = machine.run("madoctl", "init", input="".join(line + "\n" for line in answers))
            expect("systemctl daemon-reload" in done.stderr, done.stderr)
            expect(wanted in machine.text("cat", "/etc/systemd/system/madod.service.d/mailbox.conf"), wanted)
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "start", "madod")
            machine.run("sh", "-c", f'cat >{path}/tmp/1 && chown mado {path}/tmp/1 && mv {path}/tmp/1 {path}/new/1',
                        input=plain_mail(1).decode())
            wait_until(lambda: "report-1@peer.example" in letters(machine), f"what comes into {path} is acknowledged")


POSTFIX = """\
compatibility_level = 3.6
myhostname = mx.sakura.example
mydestination =
relay_domains = sakura.example
mynetworks = 127.0.0.0/8
inet_interfaces = loopback-only
maillog_file = /var/log/postfix.log
transport_maps = inline:{ {csirt@sakura.example=%s} }
"""


def manual_example(heading, begin):
    """The example of madod(8) below a heading that begins so."""
    page = (SOURCE / "man/madod.8").read_text().replace("\\-", "-")
    examples = re.findall(r"^\.EX\n(.*?)^\.EE", page.split(f".SS {heading}\n")[1].split("\n.S")[0], re.M | re.S)
    return next(example for example in examples if example.startswith(begin))


def hand_over(machine, transport, master):
    """A Postfix that was set up by the manual's lines brings a mail, which is acknowledged."""
    if not shutil.which("postfix"):
        raise Skipped("there is no Postfix")
    machine.write("/etc/postfix/main.cf", POSTFIX % transport)
    machine.run("sh", "-c", "cat >>/etc/postfix/master.cf", input=master)
    machine.run("postfix", "start")
    machine.run("sendmail", "-f", "reporter@peer.example", "csirt@sakura.example", input=plain_mail(5).decode())
    try:
        wait_until(lambda: "report-5@peer.example" in letters(machine), "what Postfix brings is acknowledged")
    except Failed as why:
        raise Failed(f"{why}: {machine.text('tail', '-5', '/var/log/postfix.log')}") from None


@case
def postfix_hands_over_by_lmtp_as_the_manual_says():
    with Machine(UNITS) as machine:
        follow_readme(machine, ["SAKURA", "csirt@sakura.example", "lmtp", "", "maildir", "root", "-", "no"])
        machine.run("usermod", "-aG", "mado-deliver", "postfix")
        transport = manual_example("By LMTP", "csirt@sakura.example").split()[1]
        hand_over(machine, transport, manual_example("By LMTP", "lmtp "))


@case
def postfix_hands_over_by_a_program_as_the_manual_says():
    with Machine(UNITS) as machine:
        follow_readme(machine)
        lines = manual_example("By a program", "mado ").replace("/usr/bin/madod", str(PREFIX / OPTIONS["bindir"] / "madod"))
        hand_over(machine, "mado:", lines)


@case
def connections_credentials_and_a_program_for_tokens_work_under_the_unit():
    heard = []
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, Scripted(cloud(heard)) as provider:
        made = Certificates(folder)
        with Dovecot(folder, made.good, no_plain=True) as dovecot, Machine(UNITS, network=True) as machine:
            install(machine)
            machine.write(CONFDIR / "ca.pem", Path(made.ca).read_text())
            machine.write(CONFDIR / "mado.conf",
                          NETWORKED.format(port=dovecot.ports["imaps"], cloud=provider.port, confdir=CONFDIR))
            machine.write(CONFDIR / "enabled", "")
            machine.write("/usr/local/bin/token", TOKEN)
            machine.write("/root/imap", "secret\n")
            machine.write("/run/units/madod.service.d/log.conf", TO_A_FILE + "LoadCredential=imap:/root/imap\n")
            machine.run("chmod", "755", "/usr/local/bin/token")
            machine.run("systemctl", "daemon-reload")
            machine.run("systemctl", "start", "madod")
            dovecot.drop(plain_mail(7))
            wait_until(lambda: "report-7@peer.example" in letters(machine), "mail over TLS is acknowledged")
            wait_until(lambda: any(b"AUTHENTICATE XOAUTH2" in line for line in heard), "the provider is asked to let in")
            sent = next(line for line in heard if b"AUTHENTICATE XOAUTH2" in line).split()[-1]
            expect(b"Bearer token-of-a-program" in base64.b64decode(sent), f"with the token: {sent}")


if __name__ == "__main__":
    main()
