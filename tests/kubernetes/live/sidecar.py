# SPDX-License-Identifier: Apache-2.0
"""The service as a native sidecar in pods of users, by the component of deploy/kubernetes."""

import json
from datetime import datetime

import product
from cluster import Failure, container_status, expect, is_ready, read_states, until
from context import RATE
from judge import Witness, expect_nothing_lost, summary
from objects import (BROKER, SIMULATOR, Broker, deployment, job, pod_spec, selector,
                     witness_container)

DRAINED_PACKETS = 2 * RATE
JOB_PACKETS = 3 * RATE
APP, LOCAL, SOCKET = "app", "by-localhost", "by-socket"
SOCKET_MOUNT = {"name": "wirepas-grpc-socket", "mountPath": product.SOCKET_FOLDER}


def start_network(context, name, *simulator):
    """A namespace with a broker and gateways, and that broker."""
    cluster, broker = context.namespace(name), Broker()
    cluster.apply(*broker.objects())
    cluster.await_ready(selector(BROKER))
    cluster.apply(*broker.simulator("--sinks", "2", "--rate", RATE, *simulator))
    cluster.await_ready(selector(SIMULATOR))
    return cluster, broker


def start_apps(context, cluster, *apps, **overlay):
    for app in apps:
        app["metadata"]["labels"] = product.SIDECAR_LABEL
    made = product.sidecar_overlay(
        context.folder(cluster.namespace), cluster.namespace, apps, **overlay)
    cluster.apply(text=made.build())


def log_lines(path):
    """(time, line) of a log that was followed with times."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        stamp, _, text = line.partition(" ")
        # Nanoseconds are more than Python takes.
        lines.append((datetime.fromisoformat(stamp[:26].rstrip("Z") + "+00:00"), text))
    return lines


def app_events(lines):
    """(time, event) of the witness, by the name of the event."""
    events = {}
    for time, text in lines:
        event = json.loads(text)
        events.setdefault(event["event"], (time, event))
    return events


def sidecar_order(context):
    """The service is there before the app and after it: the app's first call succeeds without a
    retry, and an app that was told to end drains over the service, which ends only then."""
    cluster, _ = start_network(context, "order")
    app = witness_container(APP, product.LOCALHOST, "--first-call", "--drain",
                            str(DRAINED_PACKETS))
    start_apps(context, cluster, deployment(APP, pod_spec(
        65532, [app], terminationGracePeriodSeconds=60)))
    pod = cluster.await_ready(selector(APP))
    name = pod["metadata"]["name"]
    folder = context.folder("order-logs")
    followers = [cluster.follow(name, each, folder / each)
                 for each in (product.SERVICE_CONTAINER, APP)]
    watcher = cluster.watch_pod(name, folder / "states")
    for process in (*followers, watcher):
        context.at_end(process.kill)
    witness = Witness(cluster, selector(APP), APP)
    report = witness.await_traffic()
    expect(report["reconnects"] == 0, f"the app had to try again: {report['errors']}")
    cluster.delete(f"deployment/{APP}")
    until(lambda: cluster.get("pod", name) is None, "the pod is gone")
    for follower in followers:
        follower.wait(timeout=30)
    watcher.terminate()
    watcher.wait(timeout=30)
    service = log_lines(folder / product.SERVICE_CONTAINER)
    events = app_events(log_lines(folder / APP))
    expect_order(service, events)
    expect_exits(read_states(folder / "states"))
    ahead = (events["started"][0] - service[0][0]).total_seconds()
    behind = (service[-1][0] - events["ended"][0]).total_seconds()
    return (f"service {ahead:.1f} s before the app, {behind:.1f} s after it; "
            f"{events['drained'][1]['packets']} packets drained")


def expect_order(service, events):
    expect(service, "the service has no log")
    for name in ("started", "first_call", "terminated", "last_call", "drained", "ended"):
        expect(name in events, f"the app has not told: {name}")
    listening = [time for time, text in service if "listening on" in text]
    expect(listening and listening[0] < events["started"][0],
           "the app started before the service listened")
    for name in ("first_call", "last_call"):
        expect(events[name][1]["result"] == "OK", f"{name}: {events[name][1]['result']}")
    expect(events["drained"][1]["reconnects"] == 0, "the service went away while the app drained")
    ending = [time for time, text in service if time > events["terminated"][0]]
    expect(ending and ending[0] > events["ended"][0],
           f"the service is not there from the app's SIGTERM to its end: {service[-5:]}")


def expect_exits(states):
    """The app first, and both by themselves, with code 0: nobody was killed."""
    times = []
    for name in (APP, product.SERVICE_CONTAINER):
        ends = [status["state"]["terminated"] for status in
                (container_status(state, name) for state in states)
                if "terminated" in status.get("state", {})]
        expect(ends, f"no state of the pod has the end of {name}")
        expect(ends[-1]["exitCode"] == 0, f"{name} ended with {ends[-1]}")
        times.append(ends[-1]["finishedAt"])
    expect(times[0] <= times[1], f"the service ended at {times[1]}, before the app at {times[0]}")


def localhost_and_socket(context):
    """Two apps in one pod, each by its way to the service."""
    cluster, _ = start_network(context, "ways")
    socket = witness_container(SOCKET, product.SOCKET, port=8081, volumeMounts=[SOCKET_MOUNT])
    start_apps(context, cluster, deployment(APP, pod_spec(
        65532, [witness_container(LOCAL, product.LOCALHOST), socket])))
    cluster.await_ready(selector(APP))
    results = []
    for name, port in ((LOCAL, 8080), (SOCKET, 8081)):
        witness = Witness(cluster, selector(APP), name, port)
        seen = witness.await_traffic()
        expect(seen["reconnects"] == 0, f"{name} had to try again: {seen['errors']}")
        expect_nothing_lost(seen)
        results.append(f"{name} {summary(seen)}")
    return "; ".join(results)


def job_completes(context):
    """A Job is done when its app is: the service then ends by itself."""
    cluster, _ = start_network(context, "job")
    app = witness_container(APP, product.LOCALHOST, "--first-call", "--count", str(JOB_PACKETS))
    start_apps(context, cluster, job(APP, pod_spec(65532, [app], restartPolicy="Never")))

    def done():
        conditions = cluster.get("job", APP)["status"].get("conditions", [])
        true = [each["type"] for each in conditions if each["status"] == "True"]
        if "Failed" in true:
            raise Failure(f"the Job failed: {conditions}")
        return "Complete" in true
    until(done, "the Job is complete")
    [pod] = cluster.items("pods", selector(APP))
    ends = {}
    for name in (product.SERVICE_CONTAINER, APP):
        status = container_status(pod, name)
        ended = status["state"].get("terminated")
        expect(ended and ended["exitCode"] == 0, f"{name} did not end well: {status}")
        ends[name] = ended
    expect(ends[product.SERVICE_CONTAINER]["startedAt"] <= ends[APP]["startedAt"]
           and ends[APP]["finishedAt"] <= ends[product.SERVICE_CONTAINER]["finishedAt"],
           f"not in order: {ends}")
    expect(not is_ready(pod), "a pod that is done is ready")
    begun = datetime.fromisoformat(pod["status"]["startTime"].rstrip("Z"))
    over = datetime.fromisoformat(ends[product.SERVICE_CONTAINER]["finishedAt"].rstrip("Z"))
    return f"{JOB_PACKETS} packets, then complete; {(over - begun).total_seconds():.0f} s in all"
