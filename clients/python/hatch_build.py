# SPDX-License-Identifier: Apache-2.0
"""Generates the code of the API whenever the package is built.

In a clone it reads the .proto files of the repository, and a source distribution brings them along.
Run as a program, it puts the code into the folder `generated` beside it, where an editable
installation has it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent
# Below the folder that imports in .proto files start at.
API = Path("wirepas", "mesh", "v1")


def proto_folder() -> Path:
    """The folder that imports in .proto files start at."""
    candidates = [HERE / "proto", HERE.parent.parent / "proto"]
    for folder in candidates:
        if any(folder.joinpath(API).glob("*.proto")):
            return folder
    raise FileNotFoundError(
        "The code of wirepas.mesh.v1 is generated, and its .proto files are neither in "
        + " nor in ".join(str(folder / API) for folder in candidates)
        + ": build from a clone of the repository or from a source distribution."
    )


def generate(out: Path) -> None:
    """Makes `out` a folder that has the generated code, and nothing else."""
    protos = proto_folder()
    files = sorted(protos.joinpath(API).glob("*.proto"))
    # The generators of stubs make modules without content of files without a service.
    services = [file for file in files if re.search(r"^service ", file.read_text("utf-8"), re.M)]
    with tempfile.TemporaryDirectory() as scratch:
        fresh = Path(scratch, "generated")
        fresh.mkdir()
        _protoc(protos, files, f"--python_out={fresh}", f"--pyi_out={fresh}")
        _protoc(
            protos,
            services,
            f"--grpc_python_out={fresh}",
            f"--plugin=protoc-gen-mypy_grpc={_program('mypy-protobuf', 'protoc-gen-mypy_grpc')}",
            f"--mypy_grpc_out=quiet:{fresh}",
        )
        fresh.joinpath(API, "py.typed").touch()
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(fresh, out)


def _protoc(protos: Path, files: list[Path], *options: str) -> None:
    names = [file.relative_to(protos).as_posix() for file in files]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={protos}", *options]
    subprocess.run([*command, *names], check=True)


def _program(package: str, name: str) -> Path:
    """A program of an installed package: in the environment of a build it may be in no PATH."""
    for file in distribution(package).files or []:
        if file.stem == name:
            return Path(file.locate()).resolve()
    raise FileNotFoundError(f"{package} has no program {name}")


class GenerateHook(BuildHookInterface[Any]):
    """What hatchling calls before it collects the files of a wheel or a source distribution."""

    _scratch: tempfile.TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name == "sdist":
            api = proto_folder() / API
            build_data["force_include"][str(api)] = Path("proto", API).as_posix()
        elif version == "editable":
            generate(HERE / "generated")
        else:
            # Not in this folder: it may be read only, and others may be building from it.
            self._scratch = tempfile.TemporaryDirectory()
            code = Path(self._scratch.name, "generated")
            generate(code)
            build_data["force_include"][str(code / API)] = API.as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        if self._scratch:
            self._scratch.cleanup()


if __name__ == "__main__":
    generate(HERE / "generated")
