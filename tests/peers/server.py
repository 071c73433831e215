"""A server process on a free loopback port, which is always stopped."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Callable, Mapping, Sequence


# How long a server may take to start on a busy machine.
SECONDS = 300
# Below the ports that systems give to programs that ask for any, so that no other program gets one before its server starts.
_PORTS = range(20_000, 32_000)


def free_port() -> int:
    """Returns a free port."""
    while True:
        port = random.choice(_PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def answers(url: str) -> bool:
    """Returns whether an HTTP server responds to `url` with success."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:
            return 200 <= response.status < 300
    except (OSError, urllib.error.URLError):
        return False


class Server:
    """One process group: `start`, `wait_until`, `stop`. Its output goes to a log file that errors quote."""

    def __init__(self, name: str, log: Path) -> None:
        self.name = name
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        """Starts `command` in a process group of its own, so that its children end with it."""
        with self.log.open("wb") as sink:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Waits until `ready()`; raises with the end of the log when the process ends or time is up."""
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            if self._process is not None and self._process.poll() is not None:
                raise RuntimeError(f"{self.name} ended with {self._process.returncode}: {self.tail()}")
            if ready():
                return
            time.sleep(0.1)
        raise TimeoutError(f"{self.name} was not ready after {SECONDS} s: {self.tail()}")

    def tail(self) -> str:
        """Returns the end of the log."""
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """Stops the process group with SIGTERM, and with SIGKILL if it is still running after 20 seconds."""
        if self._process is None:
            return
        for number, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
            try:
                os.killpg(self._process.pid, number)
            except ProcessLookupError:
                break
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            break
        self._process = None
