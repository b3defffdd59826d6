# SPDX-License-Identifier: Apache-2.0
"""Runs or checks the commands of pages that are for building and testing.

Those that are done in a moment are run. Of the others, what they name must exist: presets, targets,
tests, options, and programs; and that a script of the project runs them is checked where one does.
"""

import functools
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import names
from pages import ROOT

sys.path.insert(0, str(ROOT / "tests" / "peers"))
from stack import build_dir  # noqa: E402

_SECONDS = 60
# The line of a script that runs what is shown.
_RUN_ELSEWHERE = {
    "deploy/quickstart": ("tests/run", r"^\s*check quickstart deploy/quickstart --once$"),
    "deploy/install-deps": ("tests/run", r"^deploy/install-deps --tests$"),
    "deploy/release": ("tests/release/release_clone.py", r'folder / "deploy" / "release"'),
    "deploy/set-version": ("tests/release/version_test.py", r'ROOT / "deploy/set-version"'),
    "tests/run": (".ci/run", r"^exec .*tests/run\"$"),
    "tests/bench/run": ("tests/bench/CMakeLists.txt", r"COMMAND .*/run --smoke\)$"),
    "tests/clients/run": ("tests/run", r"^\s*tests/clients/run "),
    "tests/brokers/main.py": ("tests/brokers/CMakeLists.txt", r"COMMAND .*/main\.py \$\{broker\}\)$"),
    "tests/brokers/table.py": ("tests/docs/brokers_test.py", r"table\.table\(\)"),
    "tests/docs/options_table.py": ("tests/docs/options_test.py", r"options_table\.table\(\)"),
    "tests/kubernetes/options_schema.py": ("tests/kubernetes/manifests_test.py", r"options_schema\."),
    "deploy/kubernetes/render": ("tests/kubernetes/manifests_test.py", r"render.*--check"),
}


@functools.cache
def presets():
    """The names of presets by kind: configure, build, test."""
    listed = subprocess.run(["cmake", "--list-presets=all"], cwd=ROOT, check=True,
                            capture_output=True, text=True).stdout
    return {kind: set(re.findall(r'"(\w+)"', body)) for kind, body in
            re.findall(r"Available (\w+) presets:\n\n((?:  .*\n)+)", listed)}


@functools.cache
def tests():
    """The labels of all tests of the build, by their names."""
    # In a folder of its own: ctest writes a log even when it only shows, and may be what runs this.
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "CTestTestfile.cmake").write_text(f'subdirs("{build_dir().resolve()}")\n')
        listed = subprocess.run(["ctest", "--test-dir", folder, "--show-only=json-v1"], check=True,
                                capture_output=True, text=True).stdout
    return {test["name"]: next((p["value"] for p in test.get("properties", ())
                                if p["name"] == "LABELS"), [])
            for test in json.loads(listed)["tests"]}


def clients():
    return {path.parent.name for path in ROOT.glob("clients/*/check")}


def scripts_of_tests_run():
    text = (ROOT / "tests/run").read_text()
    return set(re.findall(r"^\s*(?:check|matches) (\w+)\b", text, re.MULTILINE))


def _is_run(case, program):
    script, line = _RUN_ELSEWHERE[program]
    case.assertTrue((ROOT / program).is_file())
    case.assertRegex((ROOT / script).read_text(), re.compile(line, re.MULTILINE))


def _run(case, command):
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_SECONDS,
                          check=False)
    case.assertEqual(done.returncode, 0, done.stdout + done.stderr)
    return done.stdout


def _cmake(case, arguments):
    kind = "build" if arguments.pop(0) == "--build" else "configure"
    if kind == "build":
        case.assertEqual(arguments.pop(0), "--preset")
    case.assertIn(arguments.pop(0), presets()[kind])
    if arguments:
        option, target = arguments
        case.assertEqual(option, "--target")
        lists = "\n".join(path.read_text() for path in ROOT.glob("tests/**/CMakeLists.txt"))
        case.assertRegex(lists, rf"\(\s*{target}\b")


def _ctest(case, arguments):
    option, preset, selector, what = arguments
    case.assertEqual(option, "--preset")
    case.assertIn(preset, presets()["test"])
    of_label = {label for labels in tests().values() for label in labels}
    among = {"-L": of_label, "-R": tests()}[selector]
    case.assertTrue(any(re.search(what, name) for name in among), f"no test is {what}")


def _google_test(case, program, arguments):
    [gtest_filter] = arguments
    case.assertRegex(_run(case, [build_dir() / program, gtest_filter]), r"\[  PASSED  \] [1-9]")


def _script(case, program, arguments):
    """A script of the project with its options."""
    _is_run(case, program)
    if program == "tests/brokers/main.py":
        broker, option, feature = arguments
        case.assertIn(f"brokers_{broker}", tests())
        case.assertEqual(option, "-k")
        case.assertIn(f'Feature("{feature}"', (ROOT / "tests/brokers/features.py").read_text())
        return
    words = iter(arguments)
    for word in words:
        if program == "tests/clients/run":
            case.assertIn(word, clients())
            continue
        case.assertTrue(names.has_option(ROOT / program, word), f"{program} has no {word}")
        if word == "--filter":
            what = next(words)
            case.assertTrue(any(re.search(what, name)
                                for name in scripts_of_tests_run() | set(tests())), what)
        elif word == "--skip-client":
            case.assertIn(next(words), clients())


def _of_a_client(case, program, arguments):
    case.assertTrue((ROOT / program).is_file())
    case.assertLessEqual(set(arguments), clients())


def _fuzzer(case, topic, arguments):
    case.assertTrue((ROOT / f"tests/fuzz/{topic}_fuzzer.cc").is_file())
    case.assertIn(f"tests/fuzz/corpus/{topic}", arguments)
    case.assertTrue((ROOT / f"tests/fuzz/corpus/{topic}").is_dir())


def check_command(case, line):
    for command in line.split(" && "):
        _check(case, command)


def _check(case, command):
    program, *arguments = shlex.split(command)
    if program == "python3":
        program = arguments.pop(0)
    if program == "cmake":
        _cmake(case, arguments)
    elif program == "ctest":
        _ctest(case, arguments)
    elif match := re.fullmatch(r"build/release/(tests/.*_test)", program):
        _google_test(case, match.group(1), arguments)
    elif match := re.fullmatch(r"build/fuzz/tests/fuzz/fuzz_(\w+)", program):
        _fuzzer(case, match.group(1), arguments)
    elif program in _RUN_ELSEWHERE:
        _script(case, program, arguments)
    elif re.fullmatch(r"clients/\w+/check|clients/go/generate", program):
        _of_a_client(case, program, arguments)
    elif program == "tests/docs/page_test.py":
        _run(case, [sys.executable, ROOT / program, *arguments])
    elif program == "build/tools/buf/bin/buf":
        _run(case, [program, *arguments])
    elif program == "clang-format":
        case.assertIn("BasedOnStyle: Google", (ROOT / ".clang-format").read_text())
    elif program == "mkdir":
        pass
    else:
        case.fail(f"no test knows what to do with the command {program}")
