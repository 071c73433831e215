"""`wif emulator` as a process, with its count of token requests."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

# Long enough that all callers wait before the response arrives.
_LATENCY = "latency=500"


class Emulator:
    """A running emulator.

    Attributes:
        environment: Environment variables of a job that the emulator trusts.
    """

    def __init__(self, startup_info: dict[str, Any]) -> None:
        self._base = startup_info["base_url"]
        self._count = startup_info["token_requests_url"]
        self.environment = {
            "AZURE_TENANT_ID": startup_info["tenant_id"],
            "AZURE_CLIENT_ID": startup_info["client_id"],
            "AZURE_AUTHORITY_HOST": self._base,
            "ACTIONS_ID_TOKEN_REQUEST_URL": startup_info["github_request_url"],
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": startup_info["github_request_token"],
            **startup_info.get("environment", {}),
        }

    def restart(self) -> None:
        """Resets the count."""
        _ask("DELETE", self._count)

    def token_requests(self) -> int:
        """Returns the number of token requests since `restart`."""
        count: int = json.loads(_ask("GET", self._count))["token_requests"]
        return count


def _ask(method: str, url: str) -> bytes:
    with urlopen(Request(url, method=method)) as answer:
        return answer.read()  # type: ignore[no-any-return]


@contextmanager
def emulator(platform: str | None = None, program: str | None = None) -> Iterator[Emulator]:
    """Runs an emulator on a free port until the block ends: a slow one, or that of a platform, which answers at once.

    `program` is another `wif` than that of the environment, which is a debug build.
    """
    chosen = ("--fault", _LATENCY) if platform is None else ("--platform", platform)
    command = [program or os.environ["WIF"], "emulator", "--json", "--quiet", *chosen]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Emulator(json.loads(process.stdout.readline()))
        finally:
            process.terminate()
