# SPDX-License-Identifier: Apache-2.0
"""Finishes the lists of dependencies that the tools of the package managers have made, in the folder
that is given, and makes that of Go."""

import json
import re
import sys
from pathlib import Path

from packageurl import PackageURL

import bom


def read(folder, language):
    return json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))


def write(language, made, left_out):
    """Writes what a tool has made, without the components that are left out."""
    made["components"] = [part for part in made["components"] if part["bom-ref"] not in left_out]
    made["dependencies"] = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", []) if ref not in left_out]}
        for one in made["dependencies"] if one["ref"] not in left_out]
    bom.write(f"wirepas-grpc-{language}-{bom.VERSION}", made)


def java(folder):
    write("java", read(folder, "java"), set())


def python(folder):
    made = read(folder, "python")
    subject = made["metadata"]["component"]
    subject["purl"] = f"pkg:pypi/{subject['name']}@{bom.VERSION}"
    # What is described is installed in the environment too.
    write("python", made, {part["bom-ref"] for part in made["components"]
                           if part["name"] == subject["name"]})


def typescript(folder, client):
    made = read(folder, "typescript")
    lock = json.loads((client / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    used = {f"{path.rpartition('node_modules/')[2]}@{package['version']}"
            for path, package in lock.items() if path and not package.get("dev")}
    subject = made["metadata"]["component"]
    subject["name"] = lock[""]["name"]  # npm takes that of the folder
    found = {part["bom-ref"] for part in made["components"]}
    if not used <= found:
        raise SystemExit(f"npm has not told of {used - found}")
    write("typescript", made, found - used)


def go_license(folder):
    """The license of a module, if its text is one of the two that are known here."""
    text = " ".join((folder / "LICENSE").read_text(encoding="utf-8").split())
    if re.match(r"Apache License Version 2\.0, January 2004 ", text):
        return ["Apache-2.0"]
    if all(part in text for part in (
            "Redistribution and use in source and binary forms", "must retain the above copyright",
            "must reproduce the above copyright", "Neither the name of")):
        return ["BSD-3-Clause"]
    return []


def go(folder):
    listed = bom.output("go", "list", "-deps", "-f",
                        "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Version}}\t{{.Dir}}{{end}}{{end}}",
                        ".", "./wirepas/...", cwd=folder)
    parts = []
    for line in sorted(set(filter(None, listed.splitlines()))):
        path, version, place = line.split("\t")
        parts.append(bom.component(path, version, go_purl(path, version), go_license(Path(place))))
    path = bom.output("go", "list", "-m", cwd=folder).strip()
    version = f"v{bom.VERSION}"
    subject = bom.component(path, version, go_purl(path, version), [bom.OUR_LICENSE])
    bom.write_components(f"wirepas-grpc-go-{bom.VERSION}", subject, parts)


def go_purl(path, version):
    namespace, _, name = path.rpartition("/")
    return PackageURL("golang", namespace, name, version)


def main():
    folder = Path(sys.argv[1])
    go("clients/go")
    java(folder)
    python(folder)
    typescript(folder, Path("clients/typescript"))


if __name__ == "__main__":
    main()
