# SPDX-License-Identifier: Apache-2.0
"""Lists of dependencies in CycloneDX's form: what the scripts that write them have in common."""

import json
import os
import subprocess
import uuid
from datetime import datetime, timezone
from pathlib import Path

from cyclonedx.factory.license import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

VERSION = os.environ["VERSION"]
OUT = Path(os.environ["RELEASE_OUT"])
OUR_LICENSE = "Apache-2.0"
_SUFFIX = ".cdx.json"


def output(*command, cwd=None):
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def component(name, version, purl, licenses=(), kind=ComponentType.LIBRARY, **more):
    """A component; `licenses` are ids of SPDX, or names where there is no id."""
    make = LicenseFactory().make_from_string
    return Component(name=name, version=version, purl=purl, bom_ref=str(purl), type=kind,
                     licenses=[make(license) for license in sorted(set(licenses))], **more)


def write_components(file_name, subject, components):
    """Writes the list of what `subject` depends on."""
    bom = Bom(components=components)
    bom.metadata.component = subject
    bom.register_dependency(subject, components)
    write(file_name, json.loads(JsonV1Dot6(bom).output_as_string()))


def write(file_name, bom):
    """Writes a list that a tool has made: the same one whenever it is made of the same, and
    without what it says of this machine. It must be as the schema says."""
    seconds = int(os.environ["SOURCE_DATE_EPOCH"])
    metadata = bom["metadata"]
    metadata["timestamp"] = datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    # Of the tools only which they were: some tell what they know of themselves at length.
    tools = metadata.pop("tools", [])
    tools = tools.get("components", []) if isinstance(tools, dict) else tools
    names = sorted({(tool.get("vendor", ""), tool["name"], tool["version"]) for tool in tools})
    if names:
        metadata["tools"] = {"components": [
            {"type": "application", "name": f"{vendor} {name}".strip(), "version": version}
            for vendor, name, version in names]}
    bom.pop("serialNumber", None)
    bom["components"] = sorted(bom.get("components", []), key=lambda part: part["bom-ref"])
    bom["dependencies"] = sorted(
        ({**one, "dependsOn": sorted(one["dependsOn"])} if "dependsOn" in one else one
         for one in bom.get("dependencies", [])), key=lambda one: one["ref"])
    content = json.dumps(bom, sort_keys=True)
    bom["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, content).urn
    text = json.dumps(bom, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    wrong = JsonStrictValidator(SchemaVersion.from_version(bom["specVersion"])).validate_str(text)
    if wrong:
        raise SystemExit(f"{file_name} is not as CycloneDX's schema says: {wrong}")
    for variable in ("RELEASE_SOURCE", "RELEASE_SCRATCH", "HOME"):
        folder = os.environ.get(variable, "")
        if len(folder) > 1 and folder + "/" in text:
            raise SystemExit(f"{file_name} names a folder of this machine, {folder}")
    if not bom["components"]:
        raise SystemExit(f"{file_name} has no components")
    (OUT / (file_name + _SUFFIX)).write_text(text, encoding="utf-8")
