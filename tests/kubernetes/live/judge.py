# SPDX-License-Identifier: Apache-2.0
"""What a witness has seen, and whether that is what was promised."""

import json

from cluster import Failure, expect, until
from objects import REPORT_PORT, WITNESS, selector

# A packet that came this soon after it was sent did not wait anywhere.
FRESH_MS = 2000
# So many fresh packets after an interruption, and nothing is held back any more.
FRESH_PACKETS = 100


class Witness:
    """A witness in a pod; see tests/kubernetes/witness."""

    def __init__(self, cluster, pod_selector=None, container=WITNESS, port=REPORT_PORT):
        self._cluster = cluster
        self._selector = pod_selector or selector(WITNESS)
        self._container = container
        self._address = f"127.0.0.1:{port}"

    def report(self):
        pod = self._cluster.pod(self._selector)["metadata"]["name"]
        text = self._cluster.exec(pod, self._container, "/usr/bin/witness", "report",
                                  "--http", self._address)
        report = json.loads(text)
        expect(not report["failure"], f"the witness gave up: {report['failure']}")
        return report

    def await_traffic(self, packets=FRESH_PACKETS, seconds=90):
        """Waits for so many further packets, the latest of them fresh, and returns the report."""
        first = until(self.report, "a witness that answers")["packets"]

        def flows():
            report = self.report()
            fresh = report["lag_ms"] < FRESH_MS and report["now"] - report["arrived"] < FRESH_MS
            if report["packets"] >= first + packets and fresh:
                return report
            raise Failure(f"the witness has seen {summary(report)}, "
                          f"{report['packets'] - first} of them since it was asked; "
                          f"the latest {report['now'] - report['arrived']} ms ago, "
                          f"{report['lag_ms']} ms after it was sent")
        return until(flows, f"{packets} packets more", seconds)


def since(before, after):
    """What came between two reports. Lists hold at most what the witness keeps."""
    result = {name: after[name] - before[name]
              for name in ("packets", "missing", "repeated", "strange", "reconnects")}
    for name in ("losses", "gaps", "pauses", "errors"):
        result[name] = after[name][len(before[name]):]
    result["longest_pause_ms"] = max(
        [each["until"] - each["from"] for each in result["pauses"]], default=0)
    return result


def summary(report):
    text = f"{report['packets']} packets, {report['missing']} missing, {report['repeated']} twice"
    if report["gaps"]:
        text += ", gaps: " + ", ".join(each["reason"] for each in report["gaps"])
    return text


def expect_nothing_lost(seen):
    """Every packet exactly once, and no gap told."""
    expect(seen["packets"] > 0, "no packet came")
    for name in ("missing", "repeated", "strange"):
        expect(seen[name] == 0, f"{seen[name]} packets {name}: {summary(seen)} {seen['losses']}")
    expect(not seen["gaps"], f"gaps were told: {seen['gaps']}")


def expect_losses_told(seen):
    """Nothing twice, and a gap before each packet that follows on missing ones."""
    expect(seen["packets"] > 0, "no packet came")
    for name in ("repeated", "strange"):
        expect(seen[name] == 0, f"{seen[name]} packets {name}: {summary(seen)}")
    untold = [each for each in seen["losses"] if not each["told"]]
    expect(not untold, f"missing, and nobody was told: {untold}; {summary(seen)}")


def time_away(before, after, start_ms):
    """Milliseconds from a moment by the witness's clock to the end of the longest pause after it;
    0 if packets came all the time."""
    pauses = [each for each in since(before, after)["pauses"] if each["until"] >= start_ms]
    if not pauses:
        return 0
    longest = max(pauses, key=lambda each: each["until"] - each["from"])
    return longest["until"] - start_ms
