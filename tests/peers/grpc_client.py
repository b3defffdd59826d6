# SPDX-License-Identifier: Apache-2.0
"""A gRPC client by way of grpcurl: requests and responses are JSON, as Python dicts.

It keeps the service's protobuf classes out of a process that may have others. The names
of fields are those of the .proto files: reflection does not tell the JSON names.
"""

import json
import subprocess
import threading

from stack import API, Program, StackError, find_grpcurl

_CALL_SECONDS = 30
# grpcurl's exit code is this much more than the gRPC status code.
_EXIT_CODE_OFFSET = 64


class CallError(Exception):
    """An RPC ended with an error status."""

    def __init__(self, status):
        super().__init__(f"{status.get('code')}: {status.get('message')}")
        self.code = status.get("code")
        self.message = status.get("message", "")
        details = [d for d in status.get("details", [])
                   if d.get("@type", "").endswith("/wirepas.mesh.v1.GatewayError")]
        self.gateway_error = details[0] if details else None


def read_objects(text):
    """The JSON objects at the beginning of the text, and what follows the last of them."""
    decoder, objects = json.JSONDecoder(), []
    while text := text.lstrip():
        try:
            value, end = decoder.raw_decode(text)
        except ValueError:
            break
        objects.append(value)
        text = text[end:]
    return objects, text


class Client:
    def __init__(self, address):
        self._address = address
        self._grpcurl = find_grpcurl()

    def _command(self, method, request, *options):
        requests = request if isinstance(request, list) else [request]
        return [self._grpcurl, "-plaintext", "-format-error", *options, "-d",
                "\n".join(map(json.dumps, requests)), self._address,
                method if "/" in method else f"{API}/{method}"]

    def call_stream(self, method, request=None, seconds=_CALL_SECONDS):
        """All responses of an RPC that ends by itself. Raises CallError.

        request: a list where the client streams.
        seconds: the deadline.
        """
        done = subprocess.run(
            self._command(method, {} if request is None else request,
                          "-max-time", str(seconds)),
            capture_output=True, text=True, timeout=seconds + 10)
        if done.returncode == 0:
            objects, rest = read_objects(done.stdout)
            if rest:
                raise StackError(f"grpcurl: {method}: not JSON: {rest[:200]}")
            return objects
        status, rest = read_objects(done.stderr[done.stderr.find("{"):])
        if done.returncode < _EXIT_CODE_OFFSET or len(status) != 1 or rest:
            raise StackError(f"grpcurl: {method}: exit code {done.returncode}: {done.stderr}")
        raise CallError(status[0])

    def call(self, method, request=None):
        """The response of a unary RPC. Raises CallError."""
        [response] = self.call_stream(method, request)
        return response

    def open(self, method, request=None):
        """Starts an RPC whose responses go on until close()."""
        return Responses(Program(self._command(method, request or {})))


class Responses:
    """The responses of a stream as they come."""

    def __init__(self, program):
        self._program = program
        self._changed = threading.Condition()
        self._objects = []
        self._lines = []  # of a response that is not whole
        program.follow(self._on_line)

    def _on_line(self, line):
        self._lines.append(line)
        # grpcurl ends a response with a brace of its own line.
        if line not in ("}", "{}"):
            return
        objects, rest = read_objects("\n".join(self._lines))
        self._lines = [rest] if rest else []
        with self._changed:
            self._objects += objects
            self._changed.notify_all()

    def wait(self, condition, what, timeout=20):
        """Waits until the condition holds for the list of responses; returns the list."""
        with self._changed:
            if not self._changed.wait_for(lambda: condition(self._objects), timeout):
                raise AssertionError(f"waited {timeout} s in vain for: {what}; got "
                                     f"{len(self._objects)} responses: {self._objects[-3:]}")
            return list(self._objects)

    def close(self):
        self._program.stop()
