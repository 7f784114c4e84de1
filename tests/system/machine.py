"""A host of its own: what an administrator does to a machine, done to a copy that vanishes.

Its root is an overlay over the root of this one, its first process a real systemd that starts
nothing by itself, and it has no network but its own loopback. Takes root, and a kernel that lets it
mount; elsewhere the case is skipped.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from harness import BOUND, BUILD, SOURCE, Failed, Skipped, wait_until

STUBS = ("sysinit", "basic", "shutdown", "multi-user", "network-online", "network", "time-sync", "nss-lookup",
         "umount", "final", "local-fs", "paths", "timers", "sockets", "slices")
# Nothing of this host's own units may run: the kernel is shared. `start` is what the first process starts.
BOOT = r"""
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs "$1"
mkdir "$1"/upper "$1"/work "$1"/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1"/root
for kept in "$2" "$3"; do
    mkdir -p "$1/root/$kept" && mount --bind "$kept" "$1/root/$kept"
done
cd "$1"/root
mount -t proc proc proc
mount -t tmpfs tmpfs run -o mode=755
mount -t tmpfs tmpfs tmp -o mode=1777
mount --rbind /sys sys
mount -t tmpfs tmpfs dev -o mode=755
for node in "null 3" "zero 5" "full 7" "random 8" "urandom 9"; do
    mknod -m 666 "dev/${node% *}" c 1 "${node#* }"
done
mkdir dev/shm dev/pts
mount -t tmpfs tmpfs dev/shm -o mode=1777
mount -t devpts devpts dev/pts -o newinstance,ptmxmode=0666
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
mkdir run/units run/old
for stub in start $4; do
    printf '[Unit]\nDefaultDependencies=no\n' >"run/units/$stub.target"
done
pivot_root . run/old
umount -l /run/old
mount --make-rshared / # as systemd has it on a host; credentials reach a service in no other way
export container=test SYSTEMD_UNIT_PATH="/run/units:/etc/systemd/system:$5"
exec /lib/systemd/systemd --system --unit=start.target --log-target=null --show-status=no
"""


def cgroup_mounts():
    """Where the hierarchies of control groups are, old ones and the unified one."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = line.split(" - ")
        if after.split()[0] in ("cgroup", "cgroup2"):
            yield Path(before.split()[4])


class Groups:
    """Control groups of its own, so that a second systemd touches none of the first."""

    def __init__(self, name):
        self.folders = [mount / name for mount in cgroup_mounts()]

    def enter(self):
        """In the new process; a hierarchy that does not want it is done without."""
        for folder in self.folders:
            with contextlib.suppress(OSError):
                folder.mkdir()
                (folder / "cgroup.procs").write_text(str(os.getpid()))

    def is_gone(self):
        for folder in self.folders:
            for inner, _, _ in os.walk(folder, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(inner)
        return not any(folder.exists() for folder in self.folders)


class Machine:
    """unit_folder: where the units are that it may start. network: this host's instead of a loopback of its own."""

    def __init__(self, unit_folder="/usr/local/lib/systemd/system", network=False):
        if os.geteuid() != 0:
            raise Skipped("a machine of its own takes root")
        missing = [program for program in ("unshare", "nsenter", "pivot_root", "/lib/systemd/systemd")
                   if not shutil.which(program)]
        if missing:
            raise Skipped(f"there is no {missing[0]}")
        self.folder = tempfile.mkdtemp(prefix="mado-machine-", dir="/tmp")
        self.log = open(Path(self.folder).with_suffix(".log"), "w+b")
        self.groups = Groups(Path(self.folder).name)
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc", "--cgroup",
             *([] if network else ["--net"]), "sh", "-c", BOOT, "boot", self.folder, str(SOURCE), str(BUILD), " ".join(STUBS), unit_folder],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
            preexec_fn=self.groups.enter)

    def __enter__(self):
        try:
            self.pid = wait_until(self.first_process, "the machine has a first process")
            wait_until(lambda: self.run("systemctl", "is-active", "start.target", check=False).returncode == 0,
                       "the machine has started")
        except Failed as why:
            self.__exit__(None, None, None)
            if self.process.returncode and b"mount" in self.said:
                raise Skipped(f"no mounts here: {self.said.decode().strip()}") from None
            raise Failed(f"{why}: {self.said.decode()}") from None
        return self

    def __exit__(self, kind, error, trace):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(BOUND)
        self.log.seek(0)
        self.said = self.log.read()
        self.log.close()
        os.unlink(self.log.name)
        os.rmdir(self.folder)
        wait_until(self.groups.is_gone, "its control groups are gone")

    def first_process(self):
        """As this host numbers it; systemd, not the shell that makes the machine."""
        if self.process.poll() is not None:
            raise Failed("the machine could not be made")
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            return int(children[0])
        return None

    def command(self, *words):
        return ["nsenter", "--target", str(self.pid), "--all", "--wdns=/", "--", *map(str, words)]

    def run(self, *words, check=True, **options):
        """A command of an administrator; fails unless it ends with 0."""
        done = subprocess.run(self.command(*words), capture_output=True, text=True, timeout=BOUND,
                              **{"stdin": None if "input" in options else subprocess.DEVNULL, **options})
        if check and done.returncode:
            raise Failed(f"{' '.join(map(str, words))}: {done.returncode} {done.stdout}{done.stderr}")
        return done

    def text(self, *words, **options):
        return self.run(*words, **options).stdout

    def write(self, path, text):
        self.run("sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1"', "write", path, input=text)
