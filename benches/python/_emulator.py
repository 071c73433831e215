"""`wif emulator` as a process, asked how many token requests came in."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

# Long enough that everybody has asked before the answer comes.
_LATENCY = "latency=500"


class Emulator:
    """A running emulator whose token endpoint is slow.

    Attributes:
        environment: The variables of a job that it trusts.
    """

    def __init__(self, facts: dict[str, Any]) -> None:
        self._base = facts["base_url"]
        self._count = facts["token_requests_url"]
        self.environment = {
            "AZURE_TENANT_ID": facts["tenant_id"],
            "AZURE_CLIENT_ID": facts["client_id"],
            "AZURE_AUTHORITY_HOST": self._base,
            "ACTIONS_ID_TOKEN_REQUEST_URL": facts["github_request_url"],
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": facts["github_request_token"],
        }

    def restart(self) -> None:
        """Counts anew."""
        _ask("DELETE", self._count)

    def token_requests(self) -> int:
        """How many token requests came in since `restart`."""
        count: int = json.loads(_ask("GET", self._count))["token_requests"]
        return count


def _ask(method: str, url: str) -> bytes:
    with urlopen(Request(url, method=method)) as answer:
        return answer.read()  # type: ignore[no-any-return]


@contextmanager
def emulator() -> Iterator[Emulator]:
    """An emulator on a free port, for as long as the block lasts."""
    command = [os.environ["WIF"], "emulator", "--json", "--fault", _LATENCY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Emulator(json.loads(process.stdout.readline()))
        finally:
            process.terminate()
