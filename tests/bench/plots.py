# SPDX-License-Identifier: Apache-2.0
"""Draws the plots of a run of the benchmark, rate.svg and delay.svg, from its figures.

    tests/peers/python tests/bench/plots.py RESULTS_JSON FOLDER

Needs matplotlib, which is in the environment that deploy/install-deps --tests makes.
"""

import json
import statistics
import sys
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

PAHO, LIBRARY = "bare Paho C++", "Python library"
COLOURS = {PAHO: "#777777", LIBRARY: "#cc3311"}
SERVICE_COLOUR = "#0077bb"


def rates(runs):
    """Packets per second by who received them: medians of all runs."""
    return {who: statistics.median(run["packets_per_second"] for run in some)
            for who, some in runs.items()}


def delays(runs):
    """By who received the packets, their age in microseconds, by percentile.

    The slowest hundredth is left out: it would make the rest of the plot flat."""
    return {who: [statistics.median(run["delay_percentiles_us"][percent] for run in some)
                  for percent in range(100)] for who, some in runs.items()}


def _colour(who):
    return COLOURS.get(who, SERVICE_COLOUR)


def _axes(title, height):
    # Opaque and white: it can be read in pages that are light and in those that are dark.
    figure = Figure(figsize=(8, height), layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontweight="bold", pad=12)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    return axes


def _thousands(axis):
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def _runs(runs):
    count = max(len(some) for some in runs.values())
    return "one run" if count == 1 else f"median of {count} runs"


def rate_plot(runs):
    values = rates(runs)
    axes = _axes("Packets received, flat out", 1.6 + 0.42 * len(values))
    bars = axes.barh(list(values), list(values.values()), height=0.65,
                     color=[_colour(who) for who in values])
    axes.bar_label(bars, fmt="{:,.0f}", padding=4)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.grid(axis="x", color="#dddddd")
    axes.tick_params(axis="y", length=0)
    _thousands(axes.xaxis)
    axes.set_xlabel(f"packets/s from the broker ({_runs(runs)})")
    return axes.figure


def delay_plot(runs):
    values = delays(runs)
    axes = _axes("Age of packets when they are received, at a steady rate", 4.5)
    for who, line in values.items():
        # What is logarithmic cannot show zero.
        axes.plot(range(len(line)), [max(1, age) for age in line], color=_colour(who),
                  linewidth=2, label=who)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.set_xlim(0, 99)
    axes.set_xticks([0, 25, 50, 75, 90, 99])
    axes.grid(color="#dddddd")
    _thousands(axes.yaxis)
    axes.set_xlabel("packets that are at most this old (%)")
    axes.set_ylabel(f"age (µs, {_runs(runs)})")
    axes.legend(loc="upper left", frameon=False)
    return axes.figure


PLOTS = {"flood": ("rate.svg", rate_plot), "delay": ("delay.svg", delay_plot)}


def draw(results, folder):
    """Draws what the file has the figures of, and returns the paths."""
    # The same figures give the same file, whatever the user's settings are.
    matplotlib.rcdefaults()
    matplotlib.rcParams["svg.hashsalt"] = "wirepas-grpc"
    tables = json.loads(results.read_text())["tables"]
    written = []
    for table, (name, plot) in PLOTS.items():
        if table in tables:
            plot(tables[table]).savefig(folder / name, format="svg", metadata={"Date": None})
            written.append(folder / name)
    return written


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print("plots:", *draw(Path(sys.argv[1]), Path(sys.argv[2])))
