# SPDX-License-Identifier: Apache-2.0
"""The memory limit of the service's container is hit, since its log of packets in memory may become
larger. The kernel kills it, and Kubernetes starts it again in its pod."""

import re
import time
from datetime import datetime, timezone

import product
import sidecar
from cluster import container_status, expect, until
from context import RATE, World
from judge import Witness, expect_losses_told, expect_nothing_lost, since, summary
from objects import deployment, pod_spec, selector, witness_container

LIMIT = {"limits": {"memory": "96Mi"}}
OPTIONS = {"uplink_log_bytes": "512MiB"}
FLOOD_RATE, FLOOD_PAYLOAD = 3000, 1000
SIMULATOR = ["--payload_size", FLOOD_PAYLOAD]


def replace_limit(path):
    return {"op": "replace", "path": f"/spec/template/spec/{path}/0/resources", "value": LIMIT}


def flood(cluster, broker, pods, witness):
    """Packets until the service is killed, and what the witness has seen in the end."""
    def rate(packets_per_second):
        broker.tell_gateways(cluster, {"command": "rate",
                                       "packets_per_second": packets_per_second})

    def status():
        return container_status(cluster.pod(pods), product.SERVICE_CONTAINER)

    def killed():
        states = (status().get("state", {}), status().get("lastState", {}))
        return next((state["terminated"] for state in states if "terminated" in state), None)
    before = witness.await_traffic()
    begin = time.monotonic()
    rate(FLOOD_RATE)
    ended = until(killed, "the service is killed", 120)
    took = time.monotonic() - begin
    rate(RATE)
    expect(ended["reason"] == "OOMKilled", f"it ended otherwise: {ended}")
    cluster.await_ready(pods)
    seen = since(before, witness.await_traffic())
    expect(status()["restartCount"] >= 1, f"not restarted in its pod: {status()}")
    expect(seen["reconnects"] > 0, "the witness did not notice")
    return seen, (f"OOMKilled {took:.0f} s after the flood began, restarted "
                  f"{status()['restartCount']} time(s); {summary(seen)}; longest pause "
                  f"{seen['longest_pause_ms'] / 1000:.1f} s"), ended


def out_of_memory(context):
    """The state has all that came: nothing is missing. Operators see the restart in the metrics."""
    world = World(context, "memory", simulator=SIMULATOR, options=OPTIONS, patches=[
        product.patch("StatefulSet", product.SERVICE, replace_limit("containers"))])
    world.start()
    seen, text, ended = flood(world.cluster, world.broker, product.SERVICE_SELECTOR,
                              world.witness)
    expect_nothing_lost(seen)
    metrics = world.cluster.http(product.SERVICE_POD, 9100, "/metrics")
    started = re.search(r"^process_start_time_seconds (\S+)$", metrics, re.MULTILINE)
    expect(started, "there is no metric that tells of restarts")
    killed_at = datetime.fromisoformat(ended["finishedAt"].rstrip("Z")).replace(
        tzinfo=timezone.utc).timestamp()
    expect(float(started.group(1)) >= killed_at - 1,
           f"the metric says {started.group(1)}, killed at {killed_at}")
    return text


def sidecar_out_of_memory(context):
    """A sidecar without a state has lost what it had not handed over, and says so. The app beside
    it goes on."""
    cluster, broker = sidecar.start_network(context, "sidecar-memory", *SIMULATOR)
    app = witness_container(sidecar.APP, product.LOCALHOST)
    sidecar.start_apps(context, cluster, deployment(sidecar.APP, pod_spec(65532, [app])),
                       options=OPTIONS, patches=[product.patch(
                           "Deployment", sidecar.APP, replace_limit("initContainers"))])
    pods = selector(sidecar.APP)
    first = cluster.await_ready(pods)
    seen, text, _ = flood(cluster, broker, pods, Witness(cluster, pods, sidecar.APP))
    expect_losses_told(seen)
    expect(seen["gaps"], "no gap was told")
    now = cluster.pod(pods)
    expect(now["metadata"]["uid"] == first["metadata"]["uid"], "another pod has taken its place")
    status = container_status(now, sidecar.APP)
    expect(status["restartCount"] == 0, f"the app was restarted too: {status}")
    return text
