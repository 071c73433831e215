"""Our verifiers as processes that run for one test, with the keys that they fetch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from node_packages import PROGRAMS

# Limit for one job; a program that takes longer is stopped.
SECONDS = 300


class Verifier:
    """One process; see programs/verifier_python.py for what it reads and writes."""

    def __init__(self, argv: list[str | Path], environment: Mapping[str, str], chosen: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(
            [str(part) for part in argv],
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(chosen)

    def verify(self, token: str) -> dict[str, Any]:
        """{"key_id"} of a token that is accepted, {"error"} of one that is not."""
        return self._ask({"verify": token})

    def advance(self, seconds: int) -> None:
        """Advances the program's clock."""
        self._ask({"advance": seconds})

    def stop(self) -> None:
        """Stops the process."""
        self._process.kill()
        self._process.communicate()

    def _ask(self, job: Mapping[str, Any]) -> dict[str, Any]:
        self._send(job)
        timer = threading.Timer(SECONDS, self._process.kill)
        timer.start()
        line = self._process.stdout.readline()
        timer.cancel()
        if not line:
            raise RuntimeError(f"the verifier ended with {self._process.wait()}")
        return json.loads(line)

    def _send(self, job: Mapping[str, Any]) -> None:
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()


def python(site: Path, chosen: Mapping[str, Any], *, asynchronous: bool) -> Verifier:
    """Our wheel, unpacked in `site`."""
    argv: list[str | Path] = [sys.executable, PROGRAMS / "verifier_python.py"]
    return Verifier(argv, {"PYTHONPATH": str(site)}, {**chosen, "asynchronous": asynchronous})


def node(folder: Path, chosen: Mapping[str, Any]) -> Verifier:
    """Our npm packages, installed in `folder`."""
    return Verifier(["node", folder / "verifier_node.mjs"], {}, chosen)
