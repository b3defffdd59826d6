# SPDX-License-Identifier: Apache-2.0
"""The Debian packages of a build, and what is in them."""

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from stack import ROOT, build_dir, find_program  # noqa: E402

DEBIAN = ROOT / "deploy" / "debian"
# Its own name in the build folder; deploy/container and others have theirs.
FOLDER = build_dir().resolve() / "packages"


def run(*command, **options):
    """The output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")
    return done.stdout


ARCHITECTURE = run("dpkg", "--print-architecture").strip()
# As in /usr/lib/MULTIARCH.
MULTIARCH = run("dpkg-architecture", "-qDEB_HOST_MULTIARCH").strip()


def pack(folder):
    """Has cpack make the packages of the build in the folder."""
    run(find_program("cpack"), "--config", build_dir().resolve() / "CPackConfig.cmake", "-G", "DEB",
        "-B", folder, cwd=build_dir())
    shutil.rmtree(folder / "_CPack_Packages")


def _key():
    """What the packages are made of, as a short word."""
    service = build_dir() / "service"
    made_of = [service / "wirepas-grpcd", *(service / "reference").glob("wirepas-grpcd.*"),
               build_dir() / "CPackConfig.cmake", build_dir() / "cmake_install.cmake",
               ROOT / "CHANGELOG.md",
               *(path for path in DEBIAN.iterdir() if path.is_file())]
    # The time in them is that of the last commit.
    commit = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True,
                            check=False).stdout
    digest = hashlib.sha256(os.environ.get("SOURCE_DATE_EPOCH", "").encode() + commit)
    for path in sorted(made_of):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@functools.cache
def made():
    """The folder with the packages of this build. They are made once."""
    folder = FOLDER / _key()
    if not folder.is_dir():
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir(parents=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
            target = Path(scratch) / "made"
            target.mkdir()
            pack(target)
            target.rename(folder)
    return folder


def _one(pattern):
    [path] = made().glob(pattern)
    return path


def daemon_package():
    return _one("wirepas-grpcd_*.deb")


def symbols_package():
    return _one("wirepas-grpcd-dbgsym_*.deb")


def field(package, name):
    return run("dpkg-deb", "--field", package, name).strip()


def unpack(package, folder):
    run("dpkg-deb", "--extract", package, folder)
    return folder
