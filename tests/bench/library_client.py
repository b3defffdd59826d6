# SPDX-License-Identifier: Apache-2.0
"""The reference Python library as the benchmark's subscriber and sender. Runs in the
environment of the reference libraries, and prints what the programs beside it print."""

import argparse
import json
import signal
import struct
import threading
import time

from wirepas_mesh_messaging import GatewayResultCode
from wirepas_mqtt_library import WirepasNetworkInterface

LONGEST_SILENCE_SECONDS = 10


class Count:
    """Counts until there are enough, or none comes for long."""

    def __init__(self, wanted):
        self.wanted, self.count, self.first, self.last = wanted, 0, None, None
        self._done = threading.Event()

    def add(self):
        self.count += 1
        if self.first is None:
            self.first = time.time()
        if self.count == self.wanted:
            self.last = time.time()
            self._done.set()

    def wait(self):
        seen = 0
        while not self._done.wait(LONGEST_SILENCE_SECONDS):
            if self.count == seen != 0:
                break
            seen = self.count
        return self._done.is_set()


def subscribe(library, arguments):
    count, delays = Count(arguments.count), []

    def on_uplink(data):
        if arguments.delays:
            _, sent_us = struct.unpack_from("<QQ", data.data_payload)
            delays.append(time.time() * 1e6 - sent_us)
        count.add()

    library.register_uplink_traffic_cb(on_uplink)
    # Returns when the library counts itself as connected, its subscriptions made.
    library.get_gateways()
    print("ready", flush=True)
    complete = count.wait()
    result = {"packets": count.count, "lost": 0, "complete": complete,
              "seconds": count.last - count.first if complete else 0}
    if arguments.delays and complete:
        delays.sort()
        result["delay_percentiles_us"] = [
            round(delays[(len(delays) - 1) * i // 100]) for i in range(101)]
    return result


def send(library, arguments):
    count, failed = Count(arguments.count), 0
    room = threading.Semaphore(arguments.in_flight)

    def on_answer(code, _):
        nonlocal failed
        failed += code != GatewayResultCode.GW_RES_OK
        room.release()
        count.add()

    library.get_gateways()
    print("ready", flush=True)
    start, payload = time.time(), b"b" * 32
    for number in range(arguments.count):
        room.acquire()
        library.send_message(f"sim-gw-{number % arguments.gateways}",
                             f"sink{number // arguments.gateways % arguments.sinks}",
                             0xFFFFFFFF, 1, 1, payload, cb=on_answer)
    complete = count.wait()
    return {"answered": count.count, "failed": failed, "complete": complete,
            "seconds": count.last - start if complete else 0}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["subscribe", "send"])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--delays", action="store_true")
    parser.add_argument("--in_flight", type=int, default=100)
    parser.add_argument("--gateways", type=int, default=1)
    parser.add_argument("--sinks", type=int, default=1)
    arguments = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    library = WirepasNetworkInterface("127.0.0.1", arguments.port, None, None, insecure=True,
                                      no_uplink=arguments.what == "send")
    act = subscribe if arguments.what == "subscribe" else send
    print(json.dumps(act(library, arguments)), flush=True)
    # The CPU time of this process is to be read yet.
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    library.close()


main()
