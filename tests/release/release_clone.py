# SPDX-License-Identifier: Apache-2.0
"""Clones of the repository as it stands, in which deploy/release runs, and what it makes looked into."""

import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = (ROOT / "VERSION").read_text(encoding="utf-8").strip()
TOOLS = ROOT / "build" / "tools"
# When what is in a clone was committed.
COMMITTED = 1_700_000_000
SKIPPED = 77
# Environment that another build may have left, and none of a release may heed.
STRAY = {"TZ": "Pacific/Chatham", "LANG": "C", "CC": "false", "CXX": "false", "CFLAGS": "-O0",
         "CXXFLAGS": "-O0", "LDFLAGS": "-Wl,-s", "LD_LIBRARY_PATH": str(ROOT),
         "CMAKE_GENERATOR": "Unix Makefiles", "CMAKE_BUILD_TYPE": "Debug", "GOOS": "windows",
         "GOARCH": "386", "GOFLAGS": "-mod=vendor", "CGO_ENABLED": "1",
         "MAVEN_OPTS": "-Dproject.build.sourceEncoding=UTF-16", "TAR_OPTIONS": "--verbose",
         "REVISION": "none", "VERSION": "0.0.0", "SOURCE_DATE_EPOCH": "1"}


def skip(why):
    """Ends the program so that ctest counts it as skipped."""
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def git(folder, *arguments):
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", "Tests"), ("EMAIL", "tests@example.com"), ("DATE", f"{COMMITTED} +0000"))}
    return subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **who}, check=True,
                          capture_output=True, text=True).stdout


def clone(folder):
    """The files of the repository as they stand, committed; with the tools of this one.

    Nothing else of this clone: what builds have left behind is not in it.
    """
    if subprocess.run(["git", "rev-parse", "--git-dir"], cwd=ROOT, capture_output=True,
                      check=False).returncode != 0:
        skip("sources without their history")
    for name in filter(None, git(ROOT, "ls-files", "-z", "--cached", "--others",
                                 "--exclude-standard").split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "As it stands")
    (folder / "build").mkdir()
    (folder / "build" / "tools").symlink_to(TOOLS)
    return folder


def release(folder, *arguments, umask=0o022, **environment):
    """Runs deploy/release in a clone."""
    return subprocess.run([folder / "deploy" / "release", *map(str, arguments)], check=False,
                          capture_output=True, text=True, umask=umask,
                          env={**os.environ, **environment})


def fake_time_library():
    return next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


def another_time():
    """Environment in which programs see a time that is more than a year away, if that can be."""
    library = fake_time_library()
    return {"LD_PRELOAD": str(library), "FAKETIME": "+400d"} if library else {}


def made_files(folder):
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*"))
            if path.is_file()}


def contents(name, data):
    """(name, bytes) of a file and, if it is an archive, of all that is in it; whatever its level."""
    yield name, data
    if re.search(r"\.(whl|jar|zip)$", name):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                yield from contents(f"{name}:{member.filename}", archive.read(member))
    elif re.search(r"\.(tar\.gz|tgz)$", name):
        yield from contents(name.removesuffix(".gz").replace(".tgz", ".tar"), gzip.decompress(data))
    elif name.endswith(".tar"):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                if member.isfile():
                    yield from contents(f"{name}:{member.name}", archive.extractfile(member).read())


def differences(first, second):
    """What differs between two folders, down to the files in archives; a line each."""
    left, right = made_files(first), made_files(second)
    for name in sorted(left.keys() ^ right.keys()):
        yield f"{name} is only in {first if name in left else second}"
    for name in sorted(left.keys() & right.keys()):
        a, b = left[name].read_bytes(), right[name].read_bytes()
        if a == b:
            continue
        inside = [dict(contents(name, data)) for data in (a, b)]
        yield f"{name} differs"
        for part in sorted(inside[0].keys() | inside[1].keys()):
            one, other = (of.get(part) for of in inside)
            if part != name and one != other:
                place = "is in one only" if None in (one, other) else (
                    f"differs from byte {len(os.path.commonprefix([one, other]))} on")
                yield f"  {part} {place}"
