# SPDX-License-Identifier: Apache-2.0
"""Writes the list of Debian packages that the service depends on: of a Debian package, or of an image.

    sbom_debian.py deb FILE
    sbom_debian.py image ARCHIVE

Libraries that are headers alone are in it too; the folder of the build, build/release, knows them.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.component import ComponentType
from debian.copyright import Copyright, NotMachineReadableError
from debian.deb822 import Deb822
from packageurl import PackageURL

import bom

# What copyright files call licenses, where SPDX has another id.
_SPDX = {"Expat": "MIT", "BSD-3-clause": "BSD-3-Clause", "BSD-2-clause": "BSD-2-Clause",
         "GPL-1": "GPL-1.0-only", "GPL-2": "GPL-2.0-only", "GPL-2+": "GPL-2.0-or-later",
         "GPL-3": "GPL-3.0-only", "GPL-3+": "GPL-3.0-or-later", "LGPL-2": "LGPL-2.0-only",
         "LGPL-2+": "LGPL-2.0-or-later", "LGPL-2.1": "LGPL-2.1-only",
         "LGPL-2.1+": "LGPL-2.1-or-later", "LGPL-3": "LGPL-3.0-only",
         "LGPL-3+": "LGPL-3.0-or-later", "MPL-2": "MPL-2.0", "zlib": "Zlib", "Apache-2": "Apache-2.0"}


def licenses(copyright_file):
    """What a copyright file in Debian's machine-readable form says; of others nothing."""
    try:
        parsed = Copyright(copyright_file.decode("utf-8", "replace").splitlines(keepends=True),
                           strict=False)
    except (NotMachineReadableError, ValueError):
        return set()
    found = {part.license.synopsis for part in parsed.all_files_paragraphs() if part.license}
    return {_SPDX.get(name, name) for name in filter(None, (name.strip() for name in found))}


def source_of(record):
    """Name and version of the source package."""
    source, _, version = record.get("Source", record["Package"]).partition(" ")
    return source, version.strip("()") or record["Version"]


def package(status, copyright_file):
    """The component of a package, of what dpkg has of it and of its copyright file."""
    record = Deb822(status)
    purl = PackageURL("deb", "debian", record["Package"], record["Version"],
                      {"arch": record["Architecture"], "distro": "debian-12"})
    return bom.component(
        record["Package"], record["Version"], purl, licenses(copyright_file),
        properties=[Property(name="debian:source", value=" ".join(source_of(record)))])


def installed(name):
    """dpkg's record of a package of this machine, and its copyright file."""
    plain = name.split(":", 1)[0]
    return (bom.output("dpkg-query", "--status", name),
            Path(f"/usr/share/doc/{plain}/copyright").read_bytes())


def compiled_in(statuses):
    """The components of packages whose headers the service was built with and of which no library is
    among these packages, so that all of them that is used is in the program."""
    linked = {source_of(Deb822(status))[0] for status in statuses}
    used = re.findall(r"^ +(/usr/\S+)", bom.output("ninja", "-C", "build/release", "-t", "deps"),
                      re.MULTILINE)
    paths = sorted({os.path.realpath(path) for path in used})
    if not paths:
        raise SystemExit("build/release does not know what it was built of")
    owners = {line.split(":", 1)[0] for line in
              bom.output("dpkg-query", "--search", *paths).splitlines()}
    found = [installed(name) for name in sorted(owners)]
    # Those of the kernel are its interface.
    return [package(status, text) for status, text in found
            if source_of(Deb822(status))[0] not in linked | {"linux"}]


def subject(file, purl, kind):
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return bom.component(file.name, bom.VERSION, purl, [bom.OUR_LICENSE], kind,
                         hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)])


def owner(path):
    """The installed package that has the file. It may be recorded as before /lib was a link."""
    for name in (path, path.removeprefix("/usr")):
        try:
            return bom.output("dpkg-query", "--search", name).split(": ", 1)[0]
        except subprocess.CalledProcessError:
            pass
    raise SystemExit(f"{path} is of no package")


def of_deb(file):
    with tempfile.TemporaryDirectory() as folder:
        bom.output("dpkg-deb", "--extract", file, folder)
        loaded = bom.output("ldd", f"{folder}/usr/bin/wirepas-grpcd")
    if "not found" in loaded:
        raise SystemExit(f"a library is not there: {loaded}")
    paths = {os.path.realpath(path) for path in re.findall(r"(/\S+) \(0x", loaded)}
    found = [installed(name) for name in sorted({owner(path) for path in paths})]
    parts = [package(*one) for one in found] + compiled_in(status for status, _ in found)
    name, version, arch = file.stem.split("_")
    purl = PackageURL("deb", "wirepas-grpc", name, version, {"arch": arch})
    bom.write_components(file.name, subject(file, purl, ComponentType.APPLICATION), parts)


def of_image(archive):
    """The archive is docker's: a manifest, and layers that are archives themselves."""
    files = {}
    with tarfile.open(archive) as image:
        [manifest] = json.load(image.extractfile("manifest.json"))
        for name in manifest["Layers"]:
            with tarfile.open(fileobj=image.extractfile(name)) as layer:
                for member in layer:
                    path = member.name.removeprefix("./")
                    if member.isfile() and re.fullmatch(
                            r"var/lib/dpkg/status\.d/[^/]+|usr/share/doc/[^/]+/copyright", path):
                        files[path] = layer.extractfile(member).read()
    found = []
    for path, content in sorted(files.items()):
        name = path.rpartition("/")[2]
        if path.startswith("var/") and not name.endswith(".md5sums") and name != "wirepas-grpcd":
            found.append((content, files.get(f"usr/share/doc/{name}/copyright", b"")))
    parts = [package(*one) for one in found] + compiled_in(status for status, _ in found)
    purl = PackageURL("oci", None, "wirepas-grpc", bom.VERSION)
    bom.write_components(archive.name.removesuffix(".tar.gz"),
                         subject(archive, purl, ComponentType.CONTAINER), parts)


def main():
    {"deb": of_deb, "image": of_image}[sys.argv[1]](Path(sys.argv[2]))


if __name__ == "__main__":
    main()
