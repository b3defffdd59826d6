# SPDX-License-Identifier: Apache-2.0
"""Ends a call on which nothing comes, for a thread that waits for its next response."""

from __future__ import annotations

import threading
import time
from typing import Any


class Watchdog:
    """One thread waits; a thread of the watchdog's own looks from time to time for how long."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._call: Any = None
        self._ended: Any = None
        self._since: float | None = None
        self._patience = 0.0
        self._thread: threading.Thread | None = None

    def waits(self, call: Any, patience: float | None) -> None:
        """The next response is waited for from now on; None: for any time."""
        if patience is None:
            return
        self._call, self._patience = call, patience
        self._since = time.monotonic()
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="wirepas-grpc-watchdog", daemon=True
            )
            self._thread.start()

    def rests(self) -> None:
        """Nobody waits."""
        self._since = None

    def has_ended(self, call: Any) -> bool:
        """Whether it was the watchdog that cancelled this call."""
        ended, self._ended = self._ended, None
        return ended is not None and ended is call

    def _run(self) -> None:
        left = self._patience
        while not self._stop.wait(left):
            since = self._since
            if since is None:
                left = self._patience / 8
                continue
            left = since + self._patience - time.monotonic()
            if left <= 0:
                self._since = None
                self._ended = self._call
                self._call.cancel()
                left = self._patience
