#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The Debian package in a clean Debian 12 with systemd: installed, set up as its pages say, used,
upgraded, removed and purged."""

import re
import resource
import sys
import tempfile
import unittest
from pathlib import Path

import packages
from machine import CannotRun, Machine, check_possible, clean_root, eventually
from packages import run

UNIT = "wirepas-grpcd.service"
CONF = "/etc/wirepas-grpc/wirepas-grpcd.conf"
CREDENTIAL = "/etc/credstore/wirepas-grpcd.mqtt-password"
PASSWORD = "correct horse"
APT = ["apt-get", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confdef",
       "-o", "Dpkg::Options::=--force-confold"]
BROKER = """\
listener 1883 127.0.0.1
allow_anonymous false
password_file /etc/mosquitto/users
"""


def next_version(package, folder):
    """The package again, as a later version with another file of options. Returns its path."""
    tree = folder / "next"
    run("dpkg-deb", "--raw-extract", package, tree)
    control = tree / "DEBIAN/control"
    version = packages.field(package, "Version") + "+next"
    control.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", control.read_text()))
    with open(tree / CONF.lstrip("/"), "a", encoding="utf-8") as conf:
        conf.write("# A remark that is new.\n")
    made = folder / f"wirepas-grpcd_{version}_{packages.ARCHITECTURE}.deb"
    run("dpkg-deb", "--build", "--root-owner-group", "-Znone", tree, made)
    return made


class MachineTest(unittest.TestCase):

    def setUp(self):
        self._folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="wirepas-")))
        package = packages.daemon_package()
        root = clean_root(packages.field(package, "Depends"))
        self.machine = self.enterContext(Machine(root))

    def test_from_install_to_purge(self):
        for step in (self._install, self._start_without_a_broker, self._start_without_a_password,
                     self._use, self._is_shut_in, self._give_the_socket_to_a_group,
                     self._hang, self._upgrade, self._remove, self._purge):
            print(f"{step.__name__.strip('_').replace('_', ' ')}", flush=True)
            step()

    # -- steps

    def _install(self):
        machine = self.machine
        files = [machine.copy_in(path) for path in
                 (packages.daemon_package(), packages.symbols_package())]
        machine.run(*APT, "install", *files)
        self.assertEqual(machine.unit("ActiveState", "UnitFileState", "NRestarts"),
                         ["inactive", "disabled", "0"])
        user = machine.run("getent", "passwd", "wirepas-grpcd").strip().split(":")
        self.assertEqual(user[5:], ["/var/lib/wirepas-grpcd", "/usr/sbin/nologin"])
        verified = machine.try_run("systemd-analyze", "verify", "--man=no", UNIT)
        self.assertEqual((verified.returncode, verified.stdout + verified.stderr), (0, ""))
        # What the next steps expect to be there is there before they need it.
        machine.run(*APT, "purge", "wirepas-grpcd-dbgsym")

    def _start_without_a_broker(self):
        started = self.machine.try_run("systemctl", "start", UNIT)
        self.assertNotEqual(started.returncode, 0)
        self.assertEqual(self.machine.unit("Result", "ExecMainStatus", "NRestarts"),
                         ["exit-code", "2", "0"])
        self.assertIn("mqtt_hostname", self._journal())

    def _start_without_a_password(self):
        machine = self.machine
        machine.write("/etc/mosquitto/conf.d/users.conf", BROKER)
        machine.run("mosquitto_passwd", "-c", "-b", "/etc/mosquitto/users", "backend", PASSWORD)
        machine.run("chown", "mosquitto", "/etc/mosquitto/users")
        machine.run("systemctl", "restart", "mosquitto")
        self._set(mqtt_hostname='"localhost"', mqtt_port="1883", mqtt_username='"backend"',
                  mqtt_force_unsecure="true")
        machine.run("systemctl", "enable", "--now", UNIT)
        # It serves as soon as the start has returned, though the broker refuses it.
        machine.run("wirepas-grpcd", "health", "--live")
        self.assertEqual(machine.try_run("wirepas-grpcd", "health").stdout, "NOT_SERVING\n")

    def _use(self):
        machine = self.machine
        self._keep_the_password()
        self._set(mqtt_password_file='"/run/credentials/wirepas-grpcd.service/mqtt-password"')
        machine.run("systemctl", "restart", UNIT)
        self._wait_until_it_serves()
        machine.run("wirepas-grpcd", "health", "unix:/run/wirepas-grpcd/grpc.sock")
        self.assertIn("broker ok", machine.page("http://127.0.0.1:9464/readyz"))
        self.assertEqual(machine.run("stat", "-c", "%A %U %G", "/run/wirepas-grpcd/grpc.sock"),
                         "srw-rw---- wirepas-grpcd wirepas-grpcd\n")
        self.assertEqual(machine.run("stat", "-c", "%A %U %G", "/var/lib/wirepas-grpcd"),
                         "drwx------ wirepas-grpcd wirepas-grpcd\n")
        self.assertIn("broker", machine.unit("StatusText"))
        # Nothing of it is unwell, in a journal that has its lines.
        lines = machine.run("journalctl", "--quiet", "-o", "cat", f"_PID={self._pid()}")
        self.assertIn("listening on", lines)
        unwell = [line for line in lines.splitlines() if re.search(r" (warning|error|critical) ", line)]
        # The broker is on this machine.
        self.assertEqual([line for line in unwell if "--mqtt_force_unsecure:" not in line], [])

    def _is_shut_in(self):
        machine = self.machine
        pid = self._pid()
        status = machine.read(f"/proc/{pid}/status")
        for line in ("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000"):
            self.assertIn(line, status)
        self.assertNotIn("Uid:\t0\t", status)
        for file in ("cmdline", "environ"):
            self.assertNotIn(PASSWORD, machine.read(f"/proc/{pid}/{file}"))
        self.assertEqual(machine.unit("WatchdogUSec", "TimeoutStartUSec", "LimitNOFILE"),
                         ["30s", "15min", "524288"])
        # Where systemd may not raise the limit, it is ours.
        limit = re.search(r"^process_max_fds (\d+)", machine.page("http://127.0.0.1:9464/metrics"),
                          re.MULTILINE).group(1)
        self.assertIn(int(limit), (524288, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        # As root, who need not heed permissions: it is mounted so.
        for path, expected in (("/etc/x", False), ("/usr/x", False), ("/home/x", False),
                               ("/var/lib/wirepas-grpcd/x", True), ("/run/wirepas-grpcd/x", True)):
            with self.subTest(path):
                tried = machine.try_run("nsenter", "--target", pid, "--mount", "touch", path)
                self.assertEqual(tried.returncode == 0, expected, tried.stderr)

    def _give_the_socket_to_a_group(self):
        machine = self.machine
        machine.run("groupadd", "clients")
        machine.run("usermod", "-a", "-G", "clients", "wirepas-grpcd")
        self._set(unix_socket_group='"clients"')
        machine.run("systemctl", "restart", UNIT)
        self.assertEqual(machine.run("stat", "-c", "%A %G", "/run/wirepas-grpcd/grpc.sock"),
                         "srw-rw---- clients\n")
        self._wait_until_it_serves()

    def _hang(self):
        machine = self.machine
        machine.write(f"/run/systemd/system/{UNIT}.d/test.conf", "[Service]\nWatchdogSec=3s\n")
        machine.run("systemctl", "daemon-reload")
        machine.run("systemctl", "restart", UNIT)
        self._wait_until_it_serves()
        pid = self._pid()
        machine.run("systemctl", "kill", "--kill-whom=main", "--signal=SIGSTOP", UNIT)
        eventually(lambda: self._pid() not in (pid, "0"), "the watchdog to start it anew")
        self._wait_until_it_serves()
        self.assertEqual(machine.unit("NRestarts"), "1")
        self.assertIn("Watchdog timeout", self._journal())
        machine.run("rm", "-r", f"/run/systemd/system/{UNIT}.d")
        machine.run("systemctl", "daemon-reload")

    def _upgrade(self):
        machine = self.machine
        conf, pid = machine.read(CONF), self._pid()
        state = machine.run("stat", "-c", "%i", "/var/lib/wirepas-grpcd")
        package = next_version(packages.daemon_package(), self._folder)
        machine.run(*APT, "install", machine.copy_in(package))
        self.assertEqual(machine.run("dpkg-query", "-W", "-f", "${Version}", "wirepas-grpcd"),
                         packages.field(package, "Version"))
        self.assertEqual(machine.read(CONF), conf)
        self.assertIn("A remark that is new", machine.read(f"{CONF}.dpkg-dist"))
        self.assertEqual(machine.unit("ActiveState", "UnitFileState"), ["active", "enabled"])
        self.assertNotIn(self._pid(), (pid, "0"))
        self._wait_until_it_serves()
        self.assertEqual(machine.run("stat", "-c", "%i", "/var/lib/wirepas-grpcd"), state)

    def _remove(self):
        machine = self.machine
        pid = self._pid()
        machine.run(*APT, "remove", "wirepas-grpcd")
        self.assertNotEqual(machine.try_run("test", "-e", f"/proc/{pid}").returncode, 0)
        self.assertIn("SIGTERM: shutting down", self._journal())
        for path in (CONF, "/var/lib/wirepas-grpcd"):
            machine.run("test", "-e", path)
        machine.run("test", "!", "-e", "/usr/bin/wirepas-grpcd")

    def _purge(self):
        machine = self.machine
        machine.run(*APT, "purge", "wirepas-grpcd")
        left = set(machine.run("find", "/", "-xdev", "-name", "*wirepas*").split())
        # The password is the administrator's, as is what the test brought.
        self.assertEqual({path for path in left if not path.startswith("/root/")}, {CREDENTIAL})
        self.assertEqual(machine.try_run("systemctl", "cat", UNIT).returncode, 1)
        # No other gets the number that was its.
        machine.run("getent", "passwd", "wirepas-grpcd")

    # -- what they have in common

    def _pid(self):
        return self.machine.unit("MainPID")

    def _journal(self):
        return self.machine.run("journalctl", "--quiet", "--unit", UNIT)

    def _wait_until_it_serves(self):
        eventually(lambda: self.machine.try_run("wirepas-grpcd", "health").stdout == "SERVING\n",
                   "the service to reach its broker")

    def _keep_the_password(self):
        """As the file of options says."""
        commands = re.findall(r"(?m)^#   (.*credstore.*)$", self.machine.read(CONF))
        self.assertEqual(len(commands), 2)
        for command in commands:
            self.machine.run("sh", "-c", command, text=PASSWORD + "\n")
        told = self.machine.run("stat", "-c", "%A %U", "/etc/credstore", CREDENTIAL)
        self.assertEqual(told, "drwx------ root\n-rw------- root\n")

    def _set(self, **options):
        """Sets options in the file, those that are commented out in their places."""
        text = self.machine.read(CONF)
        for name, value in options.items():
            text, count = re.subn(rf"(?m)^#?{name} = .*$", f"{name} = {value}", text, count=1)
            if not count:
                text += f"{name} = {value}\n"
        self.machine.write(CONF, text)


if __name__ == "__main__":
    try:
        check_possible()
    except CannotRun as error:
        print(f"skipped: {error}")
        sys.exit(77)
    unittest.main()
