"""Runs a program for its standard output, with a time limit and a bound of the output.

The program gets no standard input and no shell, and its standard error is dropped. It has a session of its own, so that its
children end with it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from threading import Event, Lock, Thread

from ..transport import TransportFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# How often the end of a program is looked for whose child keeps the output open.
_INTERVAL = 0.02
# Seconds to wait for the rest of the output after the end.
_GRACE = 2


class Execution:
    """One run of a program.

    Args:
        command: The program and its arguments.
        environment: Variables beside those of this process.
        max_bytes: Bound of the output. One byte more is returned, so that the core detects a longer one.
        timeout: Seconds after which the program and its children are ended.
    """

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], max_bytes: int, timeout: float
    ) -> None:
        self._command = list(command)
        self._variables = {**os.environ, **environment}
        self._limit = max_bytes + 1
        self._deadline = time.monotonic() + timeout
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_ended = False
        self._is_complete = Event()
        self._output = bytearray()

    def run(self) -> bytes:
        """Returns the output. Raises `OSError` if the program cannot be started, otherwise `TransportFailure`."""
        process = self._start()
        reader = Thread(
            target=self._read, args=(process,), name="workload-identity-output", daemon=True
        )
        try:
            reader.start()
            # The output ends with the program, unless a child keeps it open.
            while not self._is_complete.wait(_INTERVAL) and process.poll() is None:
                self._check_time()
            is_long = len(self._output) >= self._limit
            if not is_long:
                try:
                    process.wait(max(self._deadline - time.monotonic(), 0))
                except subprocess.TimeoutExpired:
                    self._check_time()
        finally:
            self.end()
        reader.join(_GRACE)
        if process.returncode != 0 and not is_long:
            raise TransportFailure("other", f"exit status {process.returncode}")
        return bytes(self._output)

    async def run_in_thread(self) -> bytes:
        """Does the same in a thread. The program ends if the task is cancelled."""
        from asyncio import wrap_future

        from .background_call import call_in_background

        try:
            return await wrap_future(call_in_background(self.run))
        finally:
            self.end()

    def end(self) -> None:
        """Ends the program and its children, or keeps it from being started."""
        with self._lock:
            self._is_ended = True
            if self._process is not None:
                _kill(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_ended:
                raise TransportFailure("cancelled", "the program was not started")
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=self._variables,
                start_new_session=True,
            )
            return self._process

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as output:
            while len(self._output) < self._limit:
                part = os.read(output.fileno(), min(self._limit - len(self._output), 65536))
                if not part:
                    break
                self._output += part
        self._is_complete.set()

    def _check_time(self) -> None:
        if time.monotonic() >= self._deadline:
            raise TransportFailure("timeout", "the program did not end in time")


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        # The session's children, also after the end of the program itself.
        os.killpg(process.pid, signal.SIGKILL)
    except AttributeError:
        # Windows has no groups of this kind: only the program itself is ended.
        process.kill()
    except (ProcessLookupError, PermissionError):
        # Nothing of it is left.
        pass
    process.wait()
