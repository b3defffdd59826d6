# SPDX-License-Identifier: Apache-2.0
"""A clean Debian 12 with systemd as its process 1, for what is installed in it."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from packages import run
from stack import ROOT, find_program

BOOT = Path(__file__).resolve().with_name("boot")
CACHE = ROOT / "build" / "packages"
PATIENCE_SECONDS = 60
# The broker is the machine's own.
INCLUDED = "systemd,mosquitto"


class CannotRun(Exception):
    """This machine does not let us have another one in it."""


def eventually(condition, what, seconds=PATIENCE_SECONDS):
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"waited in vain for: {what}")
        time.sleep(0.05)
    return result


def clean_root(depends):
    """A Debian 12 without the package, made once; with Debian's packages that it depends on at hand,
    so that installing needs no network."""
    names = " ".join(sorted(part.split()[0] for part in depends.split(", ")))
    key = hashlib.sha256(f"{names} {INCLUDED} 1".encode()).hexdigest()[:16]
    folder = CACHE / f"root-{key}"
    if folder.is_dir():
        return folder
    CACHE.mkdir(parents=True, exist_ok=True)
    for old in CACHE.glob("root-*"):
        shutil.rmtree(old)
    made = CACHE / f"new-root-{os.getpid()}"
    try:
        run(find_program("mmdebstrap"), "--variant=minbase", "--format=directory", "--mode=root",
            f"--include={INCLUDED}", "--skip=cleanup/apt", "--dpkgopt=force-unsafe-io",
            '--customize-hook=chroot "$1" apt-get -q -y install --download-only '
            f"--no-install-recommends {names}",
            # This one is for the machine that it is made on.
            '--customize-hook=rm -f "$1/etc/resolv.conf" "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"',
            "bookworm", made)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _groups():
    """The folder of control groups that ours is to be in."""
    unified = Path("/sys/fs/cgroup")
    return unified if (unified / "cgroup.controllers").exists() else unified / "systemd"


def check_possible():
    """Fails with CannotRun where there is no way to boot a machine."""
    if os.geteuid() != 0:
        raise CannotRun("needs root, for namespaces and mounts")
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--net", "--cgroup", "--fork", "mount", "-t", "tmpfs",
         "tmpfs", "/tmp"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise CannotRun(f"namespaces cannot be had: {tried.stderr.strip()}")
    group = _groups() / f"wirepas-probe-{os.getpid()}"
    try:
        group.mkdir()
        group.rmdir()
    except OSError as error:
        raise CannotRun(f"control groups cannot be had: {error}") from error


class Machine(contextlib.ExitStack):
    """Context manager. Runs until its end, and leaves nothing behind."""

    def __init__(self, root):
        super().__init__()
        self._group = _groups() / f"wirepas-machine-{os.getpid()}"
        scratch = self.enter_context(tempfile.TemporaryDirectory(prefix="wirepas-"))
        self._log = self.enter_context(tempfile.TemporaryFile(mode="w+"))
        self.callback(self._remove_group)
        # The kernel ends it when this process is killed.
        self._boot = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", str(BOOT), str(root), scratch, str(self._group)],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT)
        self.callback(self._stop)
        self._first = eventually(self._process_one, "systemd to be there")
        eventually(lambda: self.try_run("systemctl", "is-system-running", "--wait").stdout.strip()
                   in ("running", "degraded"), "the machine to be up")
        # As Debian's installer writes it; what is made of packages alone has none.
        self.write("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")

    def _process_one(self):
        if self._boot.poll() is not None:
            self._log.seek(0)
            raise AssertionError(f"the machine does not boot: {self._log.read()}")
        boot = self._boot.pid
        for child in Path(f"/proc/{boot}/task/{boot}/children").read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return child
        return None

    def _stop(self):
        self._boot.kill()
        self._boot.wait()

    def _remove_group(self):
        def removed():
            try:
                for folder, _, _ in os.walk(self._group, topdown=False):
                    os.rmdir(folder)
            except OSError:
                return False  # what was in it has not ended yet
            return not self._group.exists()

        eventually(removed, f"{self._group} to be empty")

    def enter(self, *command):
        """The command as it is run in the machine."""
        return ["nsenter", "--target", self._first, "--all", "--wd", "--", "env", "-i",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                "DEBIAN_FRONTEND=noninteractive", *map(str, command)]

    def try_run(self, *command, text=None):
        return subprocess.run(self.enter(*command), input=text, text=True, errors="replace",
                              stdin=None if text is not None else subprocess.DEVNULL,
                              capture_output=True, check=False, timeout=300)

    def run(self, *command, text=None):
        done = self.try_run(*command, text=text)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout

    def read(self, path):
        return self.run("cat", path)

    def write(self, path, content, mode="644"):
        self.run("install", "-D", "-m", mode, "/dev/stdin", path, text=content)

    def copy_in(self, path):
        """A file of this machine into /root of that one. Returns its path there."""
        with open(path, "rb") as source:
            subprocess.run(self.enter("dd", "status=none", f"of=/root/{path.name}"), stdin=source,
                           check=True)
        return f"/root/{path.name}"

    def page(self, url):
        """What is at a URL of the machine."""
        script = ("import sys, urllib.request; "
                  "sys.stdout.write(urllib.request.urlopen(sys.argv[1], timeout=10).read().decode())")
        return run("nsenter", "--target", self._first, "--net", "--", "/usr/bin/python3", "-c",
                   script, url)

    def unit(self, *properties, name="wirepas-grpcd.service"):
        """Properties of a unit, as systemd says them."""
        told = self.run("systemctl", "show", name, *(f"--property={p}" for p in properties))
        values = dict(line.split("=", 1) for line in told.splitlines())
        return values[properties[0]] if len(properties) == 1 else [values[p] for p in properties]

    def signal(self, pid, number=signal.SIGTERM):
        self.run("kill", f"-{int(number)}", pid)
