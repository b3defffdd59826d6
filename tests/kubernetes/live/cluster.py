# SPDX-License-Identifier: Apache-2.0
"""The cluster that KUBECONFIG names, by way of kubectl: whatever is asked of it has a bound."""

import json
import os
import re
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / "build" / "tools" / "kubernetes"
# What a busy machine may take for anything that is not about time.
PATIENCE_SECONDS = 90
LOG_LINES = 60


class Failure(Exception):
    """What the product or the cluster did is not what the test expects."""


class Skip(Exception):
    """The test cannot run here, and why."""


def program(name):
    """The path of a tool that deploy/install-deps put into the tree, or that of the machine."""
    found = shutil.which(name, path=os.pathsep.join(
        [str(TOOLS), str(TOOLS / "bin"), os.environ.get("PATH", "")]))
    if not found:
        raise Skip(f"there is no {name}; deploy/install-deps --tests installs it")
    return found


def run(command, text=None, seconds=PATIENCE_SECONDS, check=True):
    """The finished process; its standard output and error are text."""
    command = [str(word) for word in command]
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False,
                              timeout=seconds)
    except subprocess.TimeoutExpired as error:
        raise Failure(f"not done within {seconds} s: {' '.join(command)}") from error
    if check and done.returncode != 0:
        raise Failure(f"{' '.join(command)}\nended with {done.returncode}:\n"
                      f"{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done


def until(condition, what, seconds=PATIENCE_SECONDS, pause=0.3):
    """Waits for the condition to give something that is true, and returns that. A Failure that it
    raises meanwhile counts as not yet; the last one is told."""
    end = time.monotonic() + seconds
    told = ""
    while True:
        try:
            if result := condition():
                return result
        except Failure as failure:
            told = f"\n{failure}"
        if time.monotonic() > end:
            raise Failure(f"waited {seconds} s in vain for: {what}{told}")
        time.sleep(pause)


def expect(condition, what):
    if not condition:
        raise Failure(what)


class Cluster:
    """kubectl, in one namespace if that is given."""

    def __init__(self, namespace=None):
        self._kubectl = program("kubectl")
        self.namespace = namespace

    def command(self, *words):
        place = ["--namespace", self.namespace] if self.namespace else []
        return [self._kubectl, *place, *[str(word) for word in words]]

    def kubectl(self, *words, **options):
        return run(self.command(*words), **options)

    def get(self, *words):
        """The object, or None if there is none."""
        done = self.kubectl("get", *words, "--output", "json", "--ignore-not-found")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def items(self, kind, selector=None):
        words = ["--selector", selector] if selector else []
        return (self.get(kind, *words) or {}).get("items", [])

    def apply(self, *objects, text=None):
        """Server-side, as a rollout by a tool is, and with unknown fields refused."""
        if text is None:
            text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
        return self.kubectl("apply", "--server-side", "--validate=strict", "--filename", "-",
                            text=text)

    def delete(self, *words, wait=True):
        return self.kubectl("delete", *words, "--ignore-not-found", f"--wait={str(wait).lower()}")

    def logs(self, pod, container, *words):
        return self.kubectl("logs", pod, "--container", container, *words).stdout

    def exec(self, pod, container, *words, **options):
        return self.kubectl("exec", pod, "--container", container, "--", *words, **options).stdout

    def pod(self, selector):
        """The one pod that is not being deleted."""
        pods = [pod for pod in self.items("pods", selector)
                if "deletionTimestamp" not in pod["metadata"]]
        expect(len(pods) == 1, f"{len(pods)} pods have {selector}, not one")
        return pods[0]

    def await_ready(self, selector, seconds=PATIENCE_SECONDS):
        """Waits for the one pod to be ready, and returns it."""
        def found():
            pod = self.pod(selector)
            return pod if is_ready(pod) else None
        return until(found, f"a ready pod with {selector}", seconds)

    def http(self, pod, port, path):
        """The answer of a port of the pod, whatever NetworkPolicy says: the kubelet asks in it."""
        with subprocess.Popen(self.command("port-forward", f"pod/{pod}", f":{port}"),
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True) as forward:
            try:
                line = forward.stdout.readline()
                found = re.search(r"127\.0\.0\.1:(\d+)", line)
                expect(found, f"no port-forward: {line}")
                with urllib.request.urlopen(f"http://127.0.0.1:{found.group(1)}{path}",
                                            timeout=30) as response:
                    return response.read().decode()
            except OSError as error:
                raise Failure(f"no answer to {path} at port {port} of {pod}: {error}") from error
            finally:
                forward.kill()

    def follow(self, pod, container, path):
        """Starts to write the log, with times, to a file, until the container ends."""
        words = ["logs", pod, "--container", container, "--follow", "--timestamps"]
        return self._into(path, words)

    def watch_pod(self, name, path):
        """Starts to write each state of the pod to a file; see read_states()."""
        return self._into(path, ["get", "pod", name, "--watch", "--output", "json"])

    def _into(self, path, words):
        with open(path, "wb") as output:
            return subprocess.Popen(self.command(*words), stdout=output,
                                    stderr=subprocess.DEVNULL)

    def story(self):
        """All that may say why something failed: pods, events, and logs of all containers."""
        parts = []
        for words in (["get", "pods,statefulsets,deployments,jobs,pvc,pdb", "--output", "wide"],
                      ["get", "events", "--sort-by=.lastTimestamp"]):
            parts.append(self._told(*words))
        for pod in self.items("pods"):
            for status in container_statuses(pod):
                who = [pod["metadata"]["name"], "--container", status["name"],
                       f"--tail={LOG_LINES}"]
                if status.get("restartCount"):
                    parts.append(self._told("logs", *who, "--previous"))
                parts.append(self._told("logs", *who))
        return "\n".join(parts)

    def _told(self, *words):
        try:
            done = self.kubectl(*words, check=False)
        except Failure as failure:
            return str(failure)
        return f"--- kubectl {' '.join(words)}\n{done.stdout}{done.stderr}"


def read_states(path):
    """What watch_pod() has written so far, oldest first."""
    text, states, decoder = Path(path).read_text(encoding="utf-8"), [], json.JSONDecoder()
    while text := text.lstrip():
        try:
            state, end = decoder.raw_decode(text)
        except ValueError:  # still being written
            break
        states.append(state)
        text = text[end:]
    return states


def is_ready(pod):
    conditions = pod.get("status", {}).get("conditions", [])
    return any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)


def container_statuses(pod):
    status = pod.get("status", {})
    return status.get("initContainerStatuses", []) + status.get("containerStatuses", [])


def container_status(pod, name):
    for status in container_statuses(pod):
        if status["name"] == name:
            return status
    return {}
