# SPDX-License-Identifier: Apache-2.0
"""The service by itself, from the base of deploy/kubernetes, and what happens to pods in a cluster.
Throughout there is traffic, and a client that resumes."""

import time

import product
from cluster import Failure, container_status, expect, is_ready, until
from judge import expect_losses_told, expect_nothing_lost, since, summary, time_away
from objects import BROKER, selector

OUTAGE_SECONDS = 65


def figures(before, after, what, ready_seconds):
    seen = since(before, after)
    return (f"{summary(seen)}; after {what} ready in {ready_seconds:.1f} s, first packet in "
            f"{time_away(before, after, before['now']) / 1000:.1f} s, "
            f"{seen['reconnects']} reconnects")


def uid(cluster):
    return cluster.pod(product.SERVICE_SELECTOR)["metadata"]["uid"]


def await_other_pod(world, old_uid):
    """Waits until a new pod is ready in the place of that one."""
    def replaced():
        pod = world.cluster.pod(product.SERVICE_SELECTOR)
        return pod if pod["metadata"]["uid"] != old_uid and is_ready(pod) else None
    return until(replaced, "another pod of the service that is ready")


def interrupt(world, what, act):
    """Does something that moves the service to another pod, and shows that nothing was lost."""
    old = uid(world.cluster)
    before = world.witness.await_traffic()
    begin = time.monotonic()
    act()
    await_other_pod(world, old)
    ready_seconds = time.monotonic() - begin
    after = world.witness.await_traffic()
    seen = since(before, after)
    expect(seen["reconnects"] > 0, f"{what} did not interrupt the witness")
    expect_nothing_lost(seen)
    return figures(before, after, what, ready_seconds)


def delete_pod(context):
    world = context.standing()
    return interrupt(world, "the deletion", lambda: world.cluster.delete(
        "pod", product.SERVICE_POD))


def drain(context):
    """Honours the PodDisruptionBudget, and ends: with a budget that never gives way it would not.
    Only the service is evicted, since a single node has the broker and the witness too."""
    world = context.standing()
    budget = world.cluster.get("poddisruptionbudget", product.SERVICE)
    expect(budget, "there is no PodDisruptionBudget")

    def allowed():  # counted after the pod is ready
        status = world.cluster.get("poddisruptionbudget", product.SERVICE).get("status", {})
        expect(status.get("disruptionsAllowed") == 1, f"the status of the budget is {status}")
        return True
    until(allowed, "the budget allows the eviction of a pod that works", 30)
    node = world.cluster.pod(product.SERVICE_SELECTOR)["spec"]["nodeName"]

    def evict():
        try:
            world.cluster.kubectl(
                "drain", node, f"--pod-selector={product.SERVICE_SELECTOR}", "--timeout=60s",
                "--delete-emptydir-data")
        finally:
            world.cluster.kubectl("uncordon", node)
    return interrupt(world, "the eviction", evict)


def rolling_update(context):
    """A changed option rolls the pod: the ConfigMap has another name then."""
    world = context.standing()

    def roll():
        conf = world.overlay.folder / "wirepas-grpcd.conf"
        conf.write_text(conf.read_text(encoding="utf-8") + 'log_level = "debug"\n',
                        encoding="utf-8")
        world.apply()
        world.cluster.kubectl("rollout", "status", f"statefulset/{product.SERVICE}",
                              "--timeout=80s")
    result = interrupt(world, "the change", roll)
    expect(alive(world), "the service does not work")  # a call, which the log tells now
    log = world.cluster.logs(product.SERVICE_POD, product.SERVICE_CONTAINER)
    expect('"level":"debug"' in log, f"the new pod does not know its new option:\n{log[-2000:]}")
    return result


def wrong_option(context):
    """The service ends for it, again and again. As soon as the option is right, the pod is replaced
    without anybody's doing, though it never was ready; nothing is lost."""
    world = context.standing()
    conf = world.overlay.folder / "wirepas-grpcd.conf"
    right = conf.read_text(encoding="utf-8")
    before = world.witness.await_traffic()
    old = uid(world.cluster)
    conf.write_text(right + 'max_streams = "many"\n', encoding="utf-8")
    world.apply()

    def ended():
        pod = world.cluster.pod(product.SERVICE_SELECTOR)
        status = container_status(pod, product.SERVICE_CONTAINER)
        states = (status.get("state", {}), status.get("lastState", {}))
        ends = [state["terminated"] for state in states if "terminated" in state]
        expect(pod["metadata"]["uid"] != old and ends, f"the pod is in the state {status}")
        return pod["metadata"]["uid"], ends[0]
    wrong, end = until(ended, "a pod that ends for the wrong option")
    expect(end["exitCode"] == 2, f"it ended otherwise: {end}")
    conf.write_text(right, encoding="utf-8")
    begin = time.monotonic()
    world.apply()
    await_other_pod(world, wrong)
    ready_seconds = time.monotonic() - begin
    after = world.witness.await_traffic()
    expect_nothing_lost(since(before, after))
    return figures(before, after, "the right option", ready_seconds)


def broker_away(context):
    """For more than a minute. Nothing is restarted, and by its default readiness the service stays
    reachable, since it has what is stored; it says itself that it is not well."""
    world = context.standing()
    before = world.witness.await_traffic()
    old = world.cluster.pod(product.SERVICE_SELECTOR)
    world.scale(BROKER, 0)
    until(lambda: not healthy(world), "the service says that it is not of use", 30)
    begin = time.monotonic()
    while time.monotonic() - begin < OUTAGE_SECONDS:  # time itself is the subject
        expect(not healthy(world), "the service says that it is of use without its broker")
        expect(alive(world), "the service says that it is not alive, for a broker")
        expect(is_ready(world.cluster.pod(product.SERVICE_SELECTOR)),
               "the pod is not ready, though clients need it")
        time.sleep(5)
    world.scale(BROKER, 1)
    world.cluster.await_ready(selector(BROKER))
    until(lambda: healthy(world), "the service is of use again", 60)
    after = world.witness.await_traffic()

    pod = world.cluster.pod(product.SERVICE_SELECTOR)
    expect(pod["metadata"]["uid"] == old["metadata"]["uid"], "another pod has taken its place")
    status = container_status(pod, product.SERVICE_CONTAINER)
    expect(status["restartCount"] == 0, f"restarted {status['restartCount']} times: {status}")
    seen = since(before, after)
    # The broker's pod took its sessions with it.
    expect_losses_told(seen)
    expect(seen["reconnects"] == 0, "the subscription was ended for a broker that was away")
    return f"{summary(seen)}, all told; no restart in {time.monotonic() - begin:.0f} s"


def healthy(world):
    return health(world)


def alive(world):
    return health(world, "--live")


def health(world, *options):
    """What the service says of itself."""
    done = world.cluster.kubectl(
        "exec", product.SERVICE_POD, "--container", product.SERVICE_CONTAINER, "--",
        "/usr/bin/wirepas-grpcd", "health", *options, product.LOCALHOST, check=False)
    if done.returncode not in (0, 1):
        raise Failure(f"health ended with {done.returncode}: {done.stderr}")
    return done.returncode == 0
