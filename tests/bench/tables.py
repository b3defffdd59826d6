# SPDX-License-Identifier: Apache-2.0
"""The tables of the benchmark: what is measured for each, and how it is shown."""

import dataclasses
import statistics

import measure
from measure import LIBRARY, PAHO, SERVICE
from stack import StackError

LOG_MIB = 64
# The library starts a thread for each request that waits.
LIBRARY_IN_FLIGHT = 200


@dataclasses.dataclass
class Sizes:
    """How much is measured."""
    repeat: int = 3
    packets: int = 300_000
    steady_packets: int = 10_000
    steady_rate: int = 1_000
    many: int = 1_000           # gateways, and subscribers to one each
    listed: int = 10_000        # gateways in a long filter
    requests: int = 50_000
    in_flight: int = 1_000
    most_in_flight: int = 10_000
    gateways: int = 10_000      # in the directory
    idle_seconds: int = 10

    @classmethod
    def smoke(cls):
        return cls(repeat=1, packets=6_000, steady_packets=300, many=20, listed=200,
                   requests=400, in_flight=100, most_in_flight=200,
                   gateways=100, idle_seconds=1)


@dataclasses.dataclass
class Table:
    title: str
    columns: list     # after the first one
    rows: list        # (name, cells as text)
    runs: dict        # all figures of all runs, by row


def _take_turns(repeat, measurements):
    """Runs the measurements in turns; gives the results of each, by name."""
    runs = {name: [] for name in measurements}
    for _ in range(repeat):
        for name, one in measurements.items():
            try:
                runs[name].append(one())
            except StackError as error:
                raise StackError(f"{name}: {error}") from error
    return runs


def _median(runs, field):
    return statistics.median(run[field] for run in runs)


def _ratio(runs, base, field):
    """Of each turn, then the median: what slows one of a turn slows the other."""
    return statistics.median(run[field] / max(other[field], 1e-9)
                             for run, other in zip(runs, base))


def _peers(paho, library, service):
    """Those that are there, bare Paho first."""
    measurements = {PAHO: paho, **service}
    if measure.library_is_there():
        measurements[LIBRARY] = library
    return measurements


def flood(sizes):
    packets = sizes.packets

    def service(count, share, *options):
        return lambda: measure.flood(SERVICE, int(packets * share), count,
                                     service_options=options)

    services = {"service, 1 subscriber": service(1, 1),
                "service, 10 subscribers": service(10, 2 / 3),
                "service, 100 subscribers": service(100, 1 / 6)}
    if measure.service_has_option("--state_dir"):
        services["service, 1 subscriber, on disk"] = service(1, 1, "--state_dir")
    runs = _take_turns(sizes.repeat, _peers(
        lambda: measure.flood(PAHO, packets), lambda: measure.flood(LIBRARY, packets // 10),
        services))
    aims = {"service, 1 subscriber": "rate 0.9, CPU 1.4", "service, 10 subscribers": "rate 0.75",
            "service, 100 subscribers": "1,000,000 delivered/s",
            "service, 1 subscriber, on disk": "rate 0.7"}
    rows = [(name, [
        f"{_median(some, 'packets_per_second'):,.0f}",
        f"{_ratio(some, runs[PAHO], 'packets_per_second'):.2f}",
        f"{_median(some, 'cpu_us_per_packet'):.1f}",
        f"{_ratio(some, runs[PAHO], 'cpu_us_per_packet'):.2f}",
        f"{_median(some, 'delivered_per_second'):,.0f}",
        f"{_median(some, 'cpu_us_per_delivery'):.2f}",
        f"{_median(some, 'lost'):,.0f}",
        aims.get(name, "")]) for name, some in runs.items()]
    return Table(
        "Flat out: fed by a broker that is never the limit",
        ["packets/s", "ratio", "CPU us/packet", "ratio", "delivered/s", "CPU us/delivery", "lost",
         "aim"],
        rows, runs)


def delay(sizes):
    def steady(who):
        return lambda: measure.steady(who, sizes.steady_packets, sizes.steady_rate)

    runs = _take_turns(sizes.repeat, _peers(steady(PAHO), steady(LIBRARY),
                                            {SERVICE: steady(SERVICE)}))

    def added(some, field):
        return statistics.median(run[field] - other[field] for run, other in zip(some, runs[PAHO]))

    rows = [(name, [
        f"{_median(some, 'median_us'):,.0f}", f"{added(some, 'median_us'):+,.0f}",
        f"{_median(some, 'p99_us'):,.0f}", f"{added(some, 'p99_us'):+,.0f}",
        f"{_median(some, 'cpu_us_per_packet'):.1f}",
        "+300, +1,500" if name == SERVICE else ""]) for name, some in runs.items()]
    return Table(f"Delay at {sizes.steady_rate:,} packets/s through mosquitto",
                 ["median us", "added", "99th percentile us", "added", "CPU us/packet", "aim"],
                 rows, runs)


def filters(sizes):
    ten = ["--gateways", "10"]
    many = ["--gateways", str(sizes.many), "--sinks", "1", "--nodes", "1"]
    long_name, each_name = (f"filter of {sizes.listed:,} gateways",
                            f"{sizes.many:,} subscribers to one gateway each")
    short_name, all_name = "filter of 10 gateways", f"1 subscriber to all {sizes.many:,} gateways"
    packets = sizes.packets

    def listing(count):
        return lambda: measure.flood(SERVICE, packets, flood_options=ten,
                                     client_options=["--filter_gateways", str(count)])

    runs = _take_turns(sizes.repeat, {
        short_name: listing(10),
        long_name: listing(sizes.listed),
        all_name: lambda: measure.flood(SERVICE, packets, flood_options=many),
        each_name: lambda: measure.flood(SERVICE, packets, sizes.many, deliveries=packets,
                                         flood_options=many,
                                         client_options=["--one_gateway_each"]),
    })
    rows = []
    for name, base, aim in [(short_name, short_name, ""), (long_name, short_name, "CPU 1.5"),
                            (all_name, all_name, ""), (each_name, all_name, "CPU 2")]:
        some = runs[name]
        rows.append((name, [
            f"{_median(some, 'packets_per_second'):,.0f}",
            f"{_median(some, 'cpu_us_per_packet'):.1f}",
            f"{_ratio(some, runs[base], 'cpu_us_per_packet'):.2f}", aim]))
    return Table("Filters, flat out; each subscriber gets all that it asks for",
                 ["packets/s", "CPU us/packet", "ratio", "aim"], rows, runs)


def scrape(sizes):
    none, each = "without a scrape", "a scrape each second"
    subscribers = 10
    runs = _take_turns(sizes.repeat, {
        none: lambda: measure.scraped_flood(sizes.packets, subscribers, False),
        each: lambda: measure.scraped_flood(sizes.packets, subscribers, True)})
    return Table(
        f"What metrics cost: flat out, with 500 gateways and {subscribers} subscribers",
        ["packets/s", "ratio", "CPU us/packet", "ratio", "aim"],
        [(name, [f"{_median(some, 'packets_per_second'):,.0f}",
                 f"{_ratio(some, runs[none], 'packets_per_second'):.2f}",
                 f"{_median(some, 'cpu_us_per_packet'):.1f}",
                 f"{_ratio(some, runs[none], 'cpu_us_per_packet'):.2f}",
                 "rate 0.98" if name == each else ""]) for name, some in runs.items()], runs)


def sending(sizes):
    name, most_name = (f"service, {count:,} in flight"
                       for count in (sizes.in_flight, sizes.most_in_flight))

    def one(who, requests, in_flight):
        return lambda: measure.send(who, requests, in_flight)

    runs = _take_turns(sizes.repeat, _peers(
        one(PAHO, sizes.requests, sizes.in_flight),
        one(LIBRARY, max(100, sizes.requests // 10), LIBRARY_IN_FLIGHT),
        {name: one(SERVICE, sizes.requests, sizes.in_flight),
         most_name: one(SERVICE, sizes.requests, sizes.most_in_flight)}))
    rows = []
    for who, some in runs.items():
        of_service = who in (name, most_name)
        rows.append((who, [
            f"{_median(some, 'answers_per_second'):,.0f}",
            f"{_ratio(some, runs[PAHO], 'answers_per_second'):.2f}",
            f"{_ratio(some, runs[LIBRARY], 'answers_per_second'):.1f}" if LIBRARY in runs else "",
            f"{_median(some, 'failed'):,.0f}",
            f"{_median(some, 'cpu_us_per_request'):.1f}",
            f"{_median(some, 'memory_warm_mib'):.0f}" if of_service else "",
            f"{_median(some, 'memory_mib'):.0f}",
            "0.9 of Paho, 2 of library" if who == name else ""]))
    return Table(f"Messages sent: Paho with {sizes.in_flight:,} in flight, the library with "
                 f"{LIBRARY_IN_FLIGHT}",
                 ["answers/s", "to Paho", "to library", "failed", "CPU us/request", "MiB before",
                  "MiB after", "aim"], rows, runs)


def directory(sizes):
    sinks = 3
    runs = _take_turns(sizes.repeat, {
        SERVICE: lambda: measure.directory(sizes.gateways, sinks)})
    some = runs[SERVICE]
    return Table(f"Directory: {sizes.gateways:,} gateways with {sinks} sinks each", ["", "aim"], [
        ("seconds from connected until all are known",
         [f"{_median(some, 'known_seconds'):.2f}", ""]),
        ("seconds from connected until they are listed", [f"{_median(some, 'complete_seconds'):.2f}", "3"]),
        ("ListSinks page, ms, median", [f"{_median(some, 'page_median_ms'):.1f}", "20"]),
        ("ListSinks page, ms, longest", [f"{_median(some, 'page_longest_ms'):.1f}", ""]),
        ("memory, MiB", [f"{_median(some, 'memory_mib'):.0f}", ""]),
    ], runs)


def resources(sizes):
    stalled, readers = 10, 10
    # Enough to fill the log.
    packets = max(sizes.packets, sizes.packets * 4 // 3)
    runs = _take_turns(1, {
        "idle": lambda: measure.idle(sizes.idle_seconds),
        "flood": lambda: measure.flood(
            SERVICE, packets, readers, client_options=["--stalled", str(stalled)],
            service_options=["--uplink_log_bytes", f"{LOG_MIB}MiB"])})
    [idle], [after] = runs["idle"], runs["flood"]
    return Table("Idle CPU, and memory", ["", "aim"], [
        ("CPU of an idle service, us a second", [f"{idle['cpu_us_per_second']:,.0f}", "0"]),
        ("memory before, MiB", [f"{after['memory_idle_mib']:.0f}", ""]),
        (f"memory after {packets:,} packets, MiB", [f"{after['memory_mib']:.0f}", ""]),
        (f"the same without the log of {LOG_MIB} MiB",
         [f"{after['memory_mib'] - LOG_MIB:.0f}", "60"]),
        (f"(with {readers} subscribers and {stalled} that stopped reading)", ["", ""]),
    ], runs)


ALL = {"flood": flood, "delay": delay, "filters": filters, "scrape": scrape, "sending": sending,
       "directory": directory, "resources": resources}
