# SPDX-License-Identifier: Apache-2.0
"""The promises of the API stand in its .proto files, and the tests that prove them exist.

The pages of this folder list promises: each a sentence of a .proto file as a quotation ("> "), word by
word, and below it the tests that prove it, a line for each file: "- PATH: TEST, TEST". A test is
Suite.Name in C++, a function in Go and Python, and the name of a case in the clients' scenario.
"""

import functools
import json
import re
import sys
import unittest
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
PROTOS = ROOT / "proto" / "wirepas" / "mesh" / "v1"


def joined(lines):
    return re.sub(r"\s+", " ", " ".join(lines)).strip()


@functools.cache
def comments():
    """The comments of the .proto files, each as one line of text."""
    found = []
    for path in sorted(PROTOS.glob("*.proto")):
        block = []
        for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
            comment = re.match(r"\s*// ?(.*)$", line)
            if comment and comment.group(1):
                block.append(comment.group(1))
            elif block:
                found.append(joined(block))
                block = []
    return found


def is_sentence(text):
    """Whether it stands in a comment like this, from one word to the end of a sentence."""
    pattern = re.compile(rf"(?:^| ){re.escape(text)}(?: |$)")
    return text.endswith(".") and any(pattern.search(comment) for comment in comments())


def read(page):
    """Gives (sentence, [(path, [test])]) of each promise."""
    sentence, tests = [], []
    for line in [*page.read_text(encoding="utf-8").splitlines(), "> "]:
        if line.startswith(">"):
            if tests:
                yield joined(sentence), tests
                sentence, tests = [], []
            sentence.append(line[1:])
        elif line.startswith("- ") or line.startswith("  ") and tests:
            if line.startswith("- "):
                path, _, line = line[2:].partition(":")
                tests.append((path, []))
            tests[-1][1].extend(name for name in map(str.strip, line.split(",")) if name)


@functools.cache
def tests_of(path):
    """The names of the tests in a file."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if path.endswith(".cc"):
        return {f"{suite}.{name}" for suite, name in
                re.findall(r"^TEST(?:_[FP])?\((\w+),\s*(\w+)\)", text, re.MULTILINE)}
    if path.endswith(".json"):
        # Names are separated by commas on the pages.
        return {case["name"].replace(",", "") for case in json.loads(text)["cases"]}
    return set(re.findall(r"^\s*(?:def|func) ((?:test|Test)\w+)\(", text, re.MULTILINE))


PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")


class PromisesTest(unittest.TestCase):

    def test_there_are_some(self):
        for page in PAGES:
            self.assertTrue(list(read(page)), page.name)
        self.assertGreater(sum(len(list(read(page))) for page in PAGES), 60)

    def test_each_is_a_sentence_of_the_api(self):
        for page in PAGES:
            for sentence, _ in read(page):
                with self.subTest(page=page.name, sentence=sentence):
                    self.assertTrue(is_sentence(sentence), "stands in no comment of the API")

    def test_none_is_there_twice(self):
        sentences = [sentence for page in PAGES for sentence, _ in read(page)]
        self.assertEqual(sorted({one for one in sentences if sentences.count(one) > 1}), [])

    def test_the_tests_exist(self):
        for page in PAGES:
            for sentence, tests in read(page):
                for path, names in tests:
                    with self.subTest(page=page.name, sentence=sentence, path=path):
                        self.assertTrue((ROOT / path).is_file(), "there is no such file")
                        self.assertTrue(names, "names no test")
                        self.assertEqual(set(names) - tests_of(path), set())


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main()
