#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The page of each language named holds: its commands run, its code is code that is compiled.

`sh` blocks are run one after the other in a copy of the repository, with the quick start's network
and the service where the page says; an output block right after one is compared ("…" stands for
anything). A code block of the language follows a comment `<!-- from: PATH -->` and stands in that
file as it is, but for its indentation.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import textwrap

from world import ROOT, World

sys.path.insert(0, str(ROOT / "tests" / "docs"))
import pages  # noqa: E402
from demo_network import SHOWN_ADDRESS, SIMULATOR_OPTIONS  # noqa: E402
from otap_file import scratchpad_file  # noqa: E402

# What code blocks are called in the page of a language.
CODE = {"go": {"go"}, "java": {"java", "xml"}, "python": {"python"}, "typescript": {"ts", "js", "typescript"}}
_PATIENCE = 300
_BLOCK = re.compile(r"(?:^<!-- from: (\S+) -->\n+)?^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def code_problems(language, page):
    """A line for each code block that is not code of the repository."""
    text = page.read_text(encoding="utf-8")
    for block in _BLOCK.finditer(text):
        path, kind, code = block.groups()
        line = text.count("\n", 0, block.start(2)) + 1
        if kind not in CODE[language]:
            continue
        if path is None:
            yield f"{page.name} line {line}: no comment says where this code is from"
        elif not stands_in(code, (ROOT / path).read_text(encoding="utf-8")):
            yield f"{page.name} line {line}: {path} has other code"


def stands_in(code, source):
    """Whether the lines of the code stand in the source, all further in by the same blanks."""
    wanted = textwrap.dedent(code).rstrip("\n").split("\n")
    lines = source.split("\n")
    for start in range(len(lines) - len(wanted) + 1):
        part = textwrap.dedent("\n".join(lines[start:start + len(wanted)])).split("\n")
        if [line.rstrip() for line in part] == [line.rstrip() for line in wanted]:
            return True
    return False


def run_examples(page, world, folder):
    """Runs the page's commands; yields a line for each that fails, None for the others."""
    (folder / "firmware.otap").write_bytes(scratchpad_file(bytes(range(256)) * 4))
    environment = {**os.environ, "PATH": f"{ROOT}/build/tools/bin:{os.environ['PATH']}"}
    for example in pages.examples(pages.read(page)):
        commands = example.commands.replace(SHOWN_ADDRESS, world.address)
        try:
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=folder,
                                  capture_output=True, text=True, timeout=_PATIENCE, check=False,
                                  env=environment)
        except subprocess.TimeoutExpired:
            yield f"{page.name} line {example.line}: takes longer than {_PATIENCE} s"
            continue
        printed = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout)  # colours are not compared
        shown = f"{page.name} line {example.line}:"
        if done.returncode != 0:
            yield f"{shown} ends with {done.returncode}\n{done.stdout}{done.stderr}"
        elif (example.output is not None
              and not pages.output_pattern(example.output).fullmatch(printed)):
            yield f"{shown} shows\n{example.output}\nand prints\n{printed}"
        else:
            yield None


def copy_repository(folder):
    """What is committed or about to be, without what builds leave behind; the built programs linked."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    (folder / "build").mkdir(exist_ok=True)
    (folder / "build" / "tools").symlink_to(ROOT / "build" / "tools")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="+", metavar="LANGUAGE")
    passed = failed = 0
    for language in parser.parse_args().languages:
        page = ROOT / "docs" / f"{language}.md"
        problems = list(code_problems(language, page))
        with World([SIMULATOR_OPTIONS.split()], []) as world:
            folder = world.folder / "repository"
            folder.mkdir()
            copy_repository(folder)
            problems += run_examples(page, world, folder)
        found = [problem for problem in problems if problem]
        passed += len(problems) - len(found)
        failed += len(found)
        for problem in found:
            print(f"FAILED  {language} {problem}")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
