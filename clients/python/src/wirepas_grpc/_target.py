# SPDX-License-Identifier: Apache-2.0
"""Where a client connects to, and how."""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

import grpc

# The service allows a ping every 10 s, and answers stay below 4 MiB. Attempts to connect are close
# to each other, since those of a subscription have a back-off of their own.
_OPTIONS: tuple[tuple[str, int], ...] = (
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 0),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    # For how long an attempt may last, in spite of its name.
    ("grpc.min_reconnect_backoff_ms", 10_000),
    ("grpc.max_send_message_length", -1),
)

# Where distributions have the system's certificates, should OpenSSL be built for another place.
_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")


@dataclass(frozen=True)
class Tls:
    """How the two sides prove who they are; files in PEM form."""

    ca: str | Path | None = None
    """Certificates of those whom the server's leads to; None: the system's."""
    certificate: str | Path | None = None
    """The client's own certificate, with `key`; None: the server asks for none."""
    key: str | Path | None = None

    def credentials(self) -> grpc.ChannelCredentials:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("Tls: certificate and key go together")

        def read(path: str | Path | None) -> bytes | None:
            return None if path is None else Path(path).read_bytes()

        ca = _system_certificates() if self.ca is None else read(self.ca)
        return grpc.ssl_channel_credentials(ca, read(self.key), read(self.certificate))


def _system_certificates() -> bytes | None:
    """The certificates that the system trusts. gRPC would take those that it brings along."""
    if "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH" in os.environ:
        return None  # gRPC reads it itself
    for path in (ssl.get_default_verify_paths().cafile, *_BUNDLES):
        if path and os.path.isfile(path):
            return Path(path).read_bytes()
    # Where they are in no file, as in Windows.
    found = ssl.create_default_context().get_ca_certs(binary_form=True)
    return "".join(map(ssl.DER_cert_to_PEM_cert, found)).encode() or None


@dataclass(frozen=True)
class Target:
    """A target with what follows from the arguments of connect()."""

    name: str
    credentials: grpc.ChannelCredentials | None
    """None: plaintext."""
    metadata: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, target: str, tls: Tls | bool | None, token: str | None) -> Target:
        if not target:
            raise ValueError("the target is empty")
        if token is not None and not (token.isascii() and token.isprintable()):
            raise ValueError("the token has characters that no header can have")
        local = is_local(target)
        if tls is None:
            tls = not local
        if not tls and not local and token is not None:
            raise ValueError(f"a token is not sent to {target} without TLS")
        credentials = None
        if tls:
            credentials = (Tls() if tls is True else tls).credentials()
        metadata = (("authorization", f"Bearer {token}"),) if token is not None else ()
        # A proxy would see what is meant for this machine.
        options = (*_OPTIONS, ("grpc.enable_http_proxy", 0)) if local else _OPTIONS
        return cls(target, credentials, metadata, options)


def is_local(target: str) -> bool:
    """Whether a target is on this machine: a Unix socket or an address of the loopback."""
    if target.startswith(("unix:", "unix-abstract:")):
        return True
    # Another DNS server than the system's (dns://server/name) may have any address for any name.
    address = re.sub(r"^(dns:(///)?|ipv[46]:(//)?)", "", target)
    host = re.sub(r":\d+$", "", address).strip("[]") if address.count(":") != 2 else address
    if address.startswith("["):
        host = address[1:].split("]")[0]
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
