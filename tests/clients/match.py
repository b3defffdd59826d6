# SPDX-License-Identifier: Apache-2.0
"""Compares an answer, as JSON, with what a scenario expects of it.

An expected object needs only the fields that matter; null says that a field must not be there.
A list must have as many elements, in the same order; one that begins with "…" must contain the
others, in any order, and may have more. "…" stands for any value, "/…/" for text that the regular
expression matches as a whole, {"at_least": N} and {"at_most": N} for numbers (also those that JSON
has as text), {"any_of": [...]} for alternatives.
"""

import re

ANYTHING = "…"
_NUMBERS = {"at_least": lambda value, bound: value >= bound,
            "at_most": lambda value, bound: value <= bound}


def mismatch(expected, actual, path="answer"):
    """Nothing when it fits, else a line that says where it does not."""
    if expected == ANYTHING:
        return None
    if isinstance(expected, dict):
        return _object(expected, actual, path)
    if isinstance(expected, list):
        return _list(expected, actual, path)
    if isinstance(expected, str) and len(expected) > 1 and expected[0] == expected[-1] == "/":
        if isinstance(actual, str) and re.fullmatch(expected[1:-1], actual, re.DOTALL):
            return None
    elif expected == actual and isinstance(expected, bool) == isinstance(actual, bool):
        return None
    return f"{path}: {expected!r} is expected, and it is {actual!r}"


def _object(expected, actual, path):
    if "any_of" in expected:
        found = [mismatch(one, actual, path) for one in expected["any_of"]]
        return None if None in found else f"{path}: none of the alternatives: {'; '.join(found)}"
    if set(expected) & set(_NUMBERS):
        for name, bound in expected.items():
            try:
                fits = _NUMBERS[name](float(actual), bound)
            except (TypeError, ValueError):
                fits = False
            if not fits:
                return f"{path}: {name} {bound} is expected, and it is {actual!r}"
        return None
    if not isinstance(actual, dict):
        return f"{path}: an object is expected, and it is {actual!r}"
    for name, value in expected.items():
        if value is None:
            if name in actual:
                return f"{path}.{name}: must not be there, and is {actual[name]!r}"
        elif name not in actual:
            return f"{path}.{name}: is not there; {value!r} is expected, of {actual!r}"
        elif problem := mismatch(value, actual[name], f"{path}.{name}"):
            return problem
    return None


def _list(expected, actual, path):
    if not isinstance(actual, list):
        return f"{path}: a list is expected, and it is {actual!r}"
    if expected and expected[0] == ANYTHING:
        for value in expected[1:]:
            if all(mismatch(value, one, path) for one in actual):
                return f"{path}: nothing in it is as {value!r}: {actual!r}"
        return None
    if len(expected) != len(actual):
        return f"{path}: {len(expected)} elements are expected, and it has {len(actual)}: {actual!r}"
    for i, (value, one) in enumerate(zip(expected, actual)):
        if problem := mismatch(value, one, f"{path}[{i}]"):
            return problem
    return None
