# SPDX-License-Identifier: Apache-2.0
"""Every feature with one broker, compared with expected.py.

    python3 tests/brokers/main.py BROKER [unittest's options, such as -k FEATURE]
"""

import contextlib
import os
import sys
import time
import unittest

import expected
from brokers import BROKERS
from features import FEATURES
from stack import Stack
from world import World

KIND = BROKERS[os.environ["WIREPAS_BROKER"]]
# Of the features with traffic.
ROUNDS = 10 if os.environ.get("WIREPAS_GRPC_LONG_TESTS") else 1


class BrokerTest(unittest.TestCase):
    """A test for each feature; they share the broker with the usual settings."""

    maxDiff = None
    _shared = None

    def broker(self, settings):
        if not settings.items() <= KIND.always.items():
            stack = Stack()
            self.addCleanup(stack.close)
            return start(stack, settings)
        if BrokerTest._shared is None or not BrokerTest._shared.program.running:
            stack = Stack()
            unittest.addModuleCleanup(stack.close)
            BrokerTest._shared = start(stack, {})
        return BrokerTest._shared

    def check(self, feature):
        for _ in range(ROUNDS if feature.repeats else 1):
            with contextlib.closing(World(self.broker(feature.settings))) as world:
                feature.check(world, feature.version)


def start(stack, settings):
    broker = KIND(stack, **settings)
    broker.start()
    stack.callback(broker.kill)  # Nothing of it is needed any more.
    return broker


def test_of(feature):
    def test(self):
        start_time = time.monotonic()
        outcome = expected.outcome(self.check, feature)
        print(f"{outcome}, {time.monotonic() - start_time:.1f} s", end=" ", file=sys.stderr)
        self.assertIn(outcome, expected.outcomes(KIND, feature))
    return test


for each in FEATURES:
    if expected.applies(KIND, each):
        setattr(BrokerTest, f"test_{each.name}", test_of(each))


if __name__ == "__main__":
    unittest.main(verbosity=2)
