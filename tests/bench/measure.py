# SPDX-License-Identifier: Apache-2.0
"""Single measurements: each starts what it needs, fresh, and stops it again."""

import contextlib
import functools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "peers"))
from stack import ROOT, Stack, StackError, build_dir, free_port  # noqa: E402

PAHO, LIBRARY, SERVICE = "bare Paho C++", "Python library", "service"

# Longest time for one measurement.
PATIENCE_SECONDS = 600
PEERS_PYTHON = ROOT / "tests" / "peers" / "python"
LIBRARY_CLIENT = Path(__file__).resolve().with_name("library_client.py")
# The broker of the benchmark takes any number.
IN_FLIGHT = ["--mqtt_max_inflight_messages", "256"]
# The library is not ready for an answer that comes at once. The same for all.
ANSWER_DELAY = '{"answer_delay_ms": 20}'


@functools.cache
def module_is_there(name):
    """Whether the environment of the tests has the Python module."""
    return subprocess.run([PEERS_PYTHON, "-c", f"import {name}"],
                          capture_output=True).returncode == 0


def library_is_there():
    return module_is_there("wirepas_mqtt_library")


@functools.cache
def service_has_option(name):
    done = subprocess.run([build_dir() / "service" / "wirepas-grpcd", "--help"],
                          capture_output=True, text=True)
    return re.search(rf"^\s*{name}\b", done.stdout, re.MULTILINE) is not None


def cpu_seconds(pid):
    """User and system time of a process so far, of all its threads."""
    # The kernel's id for the CPU clock of another process.
    return time.clock_gettime((~pid << 3) | 2)


def memory_mib(pid):
    """What the process has in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s*(\d+) kB", status).group(1)) / 1024


def _program(name):
    return build_dir() / "tests" / "bench" / name


def _result(program):
    result = json.loads(program.wait_for("^{.*}$", PATIENCE_SECONDS).group())
    if not result.get("complete", True):
        raise StackError(f"{program.name}: not all came: {result}\n{program.output()[-2000:]}")
    return result


def _start_subscriber(stack, who, packets, client_options, delays=False):
    """Gives the subscriber, ready, and the process whose work is measured."""
    if who == LIBRARY:
        subscriber = stack.start(
            [PEERS_PYTHON, LIBRARY_CLIENT, "subscribe", "--port", str(stack.mqtt_port),
             "--count", str(packets), *(["--delays"] if delays else [])])
        measured = subscriber.pid
    else:
        options = ["--packets", str(packets), *(["--delays"] if delays else [])]
        program, target = "bench_grpc_subscriber", stack.address
        if who == PAHO:
            program, target = "bench_paho_subscriber", f"127.0.0.1:{stack.mqtt_port}"
        subscriber = stack.start([_program(program), "--target", target, *options,
                                  *client_options])
        measured = subscriber.pid if who == PAHO else stack.service.pid
    subscriber.wait_for("^ready", PATIENCE_SECONDS)
    return subscriber, measured


@contextlib.contextmanager
def scraping(address):
    """Reads the metrics there every second, as Prometheus would."""
    done = threading.Event()

    def scrape():
        while not done.wait(1):
            # Nobody is there before the service, or after it.
            with contextlib.suppress(OSError), \
                    urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as response:
                response.read()

    thread = threading.Thread(target=scrape)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def scraped_flood(packets, subscribers, scrape):
    """A flood to a service that serves metrics, and is scraped or not."""
    address = f"127.0.0.1:{free_port()}"
    with scraping(address) if scrape else contextlib.nullcontext():
        return flood(SERVICE, packets, subscribers, flood_options=["--gateways", "500"],
                     service_options=["--metrics_listen", address])


def flood(who, packets, subscribers=1, deliveries=None, flood_options=(), service_options=(),
          client_options=()):
    """One run flat out. deliveries: how many packets all subscribers get together."""
    deliveries = packets * subscribers if deliveries is None else deliveries
    with Stack() as stack:
        broker = stack.start([_program("bench_flood_broker"), "--packets", str(packets),
                              *flood_options])
        stack.mqtt_port = int(broker.wait_for(r"^listening on 127\.0\.0\.1:(\d+)").group(1))
        if who == SERVICE:
            if "--state_dir" in service_options:
                service_options = [*service_options, str(stack.folder / "state")]
            stack.start_service("--max_streams", str(subscribers + 1000), *service_options)
            client_options = ["--subscribers", str(subscribers), *client_options]
        idle_memory = memory_mib(stack.service.pid) if who == SERVICE else None
        subscriber, measured = _start_subscriber(stack, who, deliveries, client_options)
        broker.wait_for("^subscribed:")
        before = cpu_seconds(measured)
        os.kill(broker.pid, signal.SIGUSR1)
        result = _result(subscriber)
        cpu = cpu_seconds(measured) - before
        if who == SERVICE:
            result["memory_idle_mib"] = idle_memory
            result["memory_mib"] = memory_mib(measured)
    result["packets_per_second"] = packets / result["seconds"]
    result["delivered_per_second"] = result["packets"] / result["seconds"]
    result["cpu_us_per_packet"] = cpu * 1e6 / packets
    result["cpu_us_per_delivery"] = cpu * 1e6 / max(1, result["packets"])
    return result


def steady(who, packets, rate):
    """One run through mosquitto at a rate that all keep up with: how old packets are."""
    with Stack() as stack:
        stack.start_broker()
        if who == SERVICE:
            stack.start_service()
        subscriber, measured = _start_subscriber(stack, who, packets, [], delays=True)
        before = cpu_seconds(measured)
        stack.start_simulator("--gateways", "10", "--sinks", "2", "--nodes", "50",
                              "--rate", str(rate), "--count", str(packets))
        result = _result(subscriber)
        cpu = cpu_seconds(measured) - before
    result["median_us"] = result["delay_percentiles_us"][50]
    result["p99_us"] = result["delay_percentiles_us"][99]
    result["cpu_us_per_packet"] = cpu * 1e6 / packets
    return result


def send(who, requests, in_flight, gateways=10, sinks=2):
    """One run of messages through mosquitto and simulated gateways, to the last answer."""
    options = ["--gateways", str(gateways), "--sinks", str(sinks), "--in_flight", str(in_flight)]

    def start(stack, count):
        if who == LIBRARY:
            return stack.start([PEERS_PYTHON, LIBRARY_CLIENT, "send", "--port",
                                str(stack.mqtt_port), "--count", str(count), *options])
        program, target = "bench_grpc_sender", stack.address
        if who == PAHO:
            program, target = "bench_paho_sender", f"127.0.0.1:{stack.mqtt_port}"
        return stack.start([_program(program), "--target", target, "--requests", str(count),
                            *options])

    with Stack() as stack:
        stack.start_broker()
        stack.start_simulator("--gateways", str(gateways), "--sinks", str(sinks), "--rate", "0",
                              "--faults", ANSWER_DELAY)
        warm_memory = None
        if who == SERVICE:
            stack.start_service(*IN_FLIGHT)
            # What this takes it keeps; more requests should take no more.
            warm_up = start(stack, 2 * in_flight)
            _result(warm_up)
            warm_up.stop()
            warm_memory = memory_mib(stack.service.pid)
        sender = start(stack, requests)
        sender.wait_for("^ready")
        measured = stack.service.pid if who == SERVICE else sender.pid
        before = cpu_seconds(measured)
        result = _result(sender)
        result["cpu_us_per_request"] = (cpu_seconds(measured) - before) * 1e6 / requests
        result["memory_mib"] = memory_mib(measured)
        result["memory_warm_mib"] = warm_memory
    result["answers_per_second"] = requests / result["seconds"]
    return result


def directory(gateways, sinks):
    """How long the service takes to know a network that the broker keeps the statuses of."""
    with Stack() as stack:
        stack.start_broker()
        stack.start_simulator("--gateways", str(gateways), "--sinks", str(sinks), "--nodes", "1",
                              "--rate", "0", "--shared_connection")
        address = f"127.0.0.1:{free_port()}"
        client = stack.start([_program("bench_directory_client"), "--target", address,
                              "--sinks", str(gateways * sinks)])
        client.wait_for("^ready")
        stack.start_service("--listen", address)
        result = _result(client)
        result["memory_mib"] = memory_mib(stack.service.pid)
    return result


def idle(seconds):
    """CPU time of a service that is connected and has nothing to do."""
    with Stack() as stack:
        stack.start_broker()
        stack.start_simulator("--gateways", "10", "--rate", "0")
        service = stack.start_service()
        # Nothing to wait for here: the time itself is what is measured.
        before = cpu_seconds(service.pid)
        time.sleep(seconds)
        cpu = cpu_seconds(service.pid) - before
        return {"cpu_us_per_second": cpu * 1e6 / seconds, "memory_mib": memory_mib(service.pid)}
