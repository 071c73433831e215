"""Programs that manage federated identity credentials: Microsoft's clients and ours, which take operations one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Mapping

from node_packages import PROGRAMS

GRAPH = "msgraph-sdk"
ARM_PYTHON = "azure-mgmt-msi"
ARM_NODE = "@azure/arm-msi"
OFFICIAL = (GRAPH, ARM_PYTHON, ARM_NODE)


class Client:
    """A process that performs operations; `with` ends it."""

    def __init__(self, argv: list[str | Path], environment: Mapping[str, str], job: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(
            [str(part) for part in argv], env={**os.environ, **environment},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self._send(job)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(120)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def run(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the outcome of an operation."""
        self._send(operation)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the client ended; its message is above"
        outcome: dict[str, Any] = json.loads(line)
        return outcome

    def _send(self, document: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(document) + "\n")
        self._process.stdin.flush()


def official(client: str, npm: Path, job: Mapping[str, Any]) -> Client:
    """One of Microsoft's clients: Python packages from this environment, npm packages from a folder."""
    if client == ARM_NODE:
        return Client(["node", npm / "management_official.mjs"], {"NODE_EXTRA_CA_CERTS": job["ca_file"]}, job)
    return Client([sys.executable, PROGRAMS / "management_official.py"], {}, job)


def ours(client: str, site: Path, our_npm: Path, job: Mapping[str, Any]) -> Client:
    """Our package in the same language."""
    if client == ARM_NODE:
        return Client(["node", our_npm / "management_ours.mjs"], {"NODE_EXTRA_CA_CERTS": job["ca_file"]}, job)
    return Client([sys.executable, PROGRAMS / "management_ours.py"], {"PYTHONPATH": str(site)}, job)
