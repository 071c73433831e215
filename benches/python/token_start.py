"""The whole process `wif token` with a token file, beside the start of Python with a client of msal."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from statistics import median

from _emulator import emulator
from _rounds import limit, row
from _wif import from_wheel

_SCOPE = "https://vault.azure.net/.default"
_ROUNDS = 15
_LIMIT = 10_000_000
# It only makes the client; a token would take a request as well. The stub answers the discovery that the constructor asks for.
_MSAL = """
import json
import msal

class Answer:
    status_code, headers = 200, {}
    text = json.dumps({
        "issuer": "https://login.microsoftonline.com/t/v2.0",
        "authorization_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/authorize",
        "token_endpoint": "https://login.microsoftonline.com/t/oauth2/v2.0/token",
    })

class Stub:
    def get(self, *_, **__):
        return Answer()

msal.ConfidentialClientApplication(
    "11111111-2222-3333-4444-555555555555",
    authority="https://login.microsoftonline.com/66666666-7777-8888-9999-000000000000",
    client_credential={"client_assertion": lambda: "assertion"},
    instance_discovery=False,
    http_client=Stub(),
)
"""


def process(command: list[str], environment: Mapping[str, str] | None = None) -> float:
    """Returns the wall time of a process in nanoseconds."""
    start = time.perf_counter_ns()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter_ns() - start


def main() -> None:
    times: dict[str, list[float]] = {"wif": [], "msal": []}
    with tempfile.TemporaryDirectory() as folder:
        wif = from_wheel(Path(folder))
        ours = [wif, "token", "--scope", _SCOPE]
        theirs = [sys.executable, "-I", "-c", _MSAL]
        with emulator("aks", wif) as served:
            environment = {**os.environ, **served.environment}
            for _ in range(_ROUNDS):
                times["wif"].append(process(ours, environment))
                times["msal"].append(process(theirs))
    wall = {name: median(found) for name, found in times.items()}
    for name, found in times.items():
        print(f"{name}: {wall[name] / 1e6:.1f} ms ({min(found) / 1e6:.1f} to {max(found) / 1e6:.1f})")
    limit("wif token, token file, whole process", wall["wif"], _LIMIT)
    peer = f"msal {version('msal')}, import and client"
    row("wif token, token file, whole process", wall["wif"], peer, wall["msal"], 0)


if __name__ == "__main__":
    main()
