# SPDX-License-Identifier: Apache-2.0
"""Names that pages have from elsewhere exist there: options, metrics, values of enums, links."""

import functools
import re
import subprocess
import sys

import pages

sys.path.insert(0, str(pages.ROOT / "tests" / "peers"))
from stack import build_dir  # noqa: E402

MONITORING = pages.DOCS / "monitoring.md"


def programs():
    """Those whose options pages name."""
    build = build_dir()
    return [build / "service" / "wirepas-grpcd", build / "tests/simulator/wirepas-gateway-sim",
            *(pages.ROOT / name for name in ("tests/bench/run", "tests/run", "tests/clients/run",
                                             "deploy/install-deps", "deploy/quickstart",
                                             "deploy/release")),
            build / "tests/bench/bench_flood_broker"]


@functools.cache
def help_of(program):
    return subprocess.run([program, "--help"], capture_output=True, text=True, check=True).stdout


@functools.cache
def help_of_command(program, command):
    return subprocess.run([program, command, "--help"], capture_output=True, text=True,
                          check=True).stdout


def has_option(program, option):
    text = help_of(program)
    if program.name == "wirepas-grpcd":
        text += help_of_command(program, "health")
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) is not None


def check_option(case, option):
    case.assertTrue(any(has_option(program, option) for program in programs()),
                    f"no program has an option {option}")


@functools.cache
def enum_values():
    return {value for file in pages.ROOT.glob("proto/wirepas/mesh/v1/*.proto")
            for value in re.findall(r"^  ([A-Z][A-Z0-9_]+) = \d", pages.read(file), re.MULTILINE)}


@functools.cache
def rpcs():
    """The names of the RPCs of each service of the API."""
    found = {}
    for file in pages.ROOT.glob("proto/wirepas/mesh/v1/*_service.proto"):
        text = pages.read(file)
        [service] = re.findall(r"^service (\w+) ", text, re.MULTILINE)
        found[service] = set(re.findall(r"^  rpc (\w+)\(", text, re.MULTILINE))
    return found


def rpcs_shown(of_pages):
    """The same of those that examples call with grpcurl."""
    found = {service: set() for service in rpcs()}
    for page in of_pages:
        for example in pages.examples(pages.read(page)):
            for service, rpc in re.findall(r"wirepas\.mesh\.v1\.(\w+)/(\w+)", example.commands):
                found[service].add(rpc)
    return found


def check_names(case, text):
    # Of other programs, as of the clients, are those without underscore.
    for option in set(re.findall(r"(?<![\w-])--[a-z]+_\w+", text)):
        if not option.startswith("--gtest_"):
            check_option(case, option)
    metrics = pages.section(MONITORING, "Metrics")
    for metric in set(re.findall(r"\bwirepas_grpc_[a-z0-9_]+", text)):
        case.assertTrue(f"| `{metric}` |" in metrics, f"{MONITORING.name} has no {metric}")
    prefixes = tuple(value.removesuffix("UNSPECIFIED") for value in enum_values()
                     if value.endswith("_UNSPECIFIED"))
    for word in set(re.findall(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b", text)):
        if word.startswith(prefixes):
            case.assertTrue(word in enum_values(), f"the API has no value {word}")


def check_options(case, text):
    """All options in the prose of a page that names only those of this repository's programs."""
    for option in set(re.findall(r"`(--[a-z][\w-]*)", pages.prose(text))):
        check_option(case, option)


def check_links(case, page):
    for link in pages.links(pages.read(page)):
        if link.startswith("https://"):
            continue
        with case.subTest(page=page.name, link=link):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            case.assertTrue(target.exists(), "leads nowhere")
            if anchor:
                case.assertIn(anchor, pages.anchors(pages.read(target)))
