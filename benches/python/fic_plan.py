"""The whole process `wif fic plan` for a file of 20 credentials that the identity has, by the emulator's Microsoft Graph."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from _emulator import emulator
from _rounds import limit
from _wif import from_wheel

# The job of the emulator.
_SUBJECT = "repo:octo-org/octo-repo:ref:refs/heads/main"
_ROUNDS = 15
# Nanoseconds of the whole process: the job's token, its exchange and one page of credentials.
_LIMIT = 100_000_000


def main() -> None:
    times: list[int] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wif = from_wheel(folder)
        with emulator("github", wif) as served:
            environment = {**os.environ, **served.environment}
            address = environment["AZURE_AUTHORITY_HOST"]
            own = [
                {"name": "this-job", "issuer": f"{address}/_services/token", "subject": _SUBJECT},
                *({"name": f"n-{n}", "issuer": "https://i.example", "subject": f"s-{n}"} for n in range(19)),
            ]
            file = folder / "trust.yaml"
            identity = {"app_id": environment["AZURE_CLIENT_ID"]}
            file.write_text(json.dumps({"version": 1, "identity": identity, "credentials": own}))
            graph = ("--graph-url", f"{address}/graph")
            apply = [wif, "fic", "apply", str(file), *graph, "--yes", "--prune"]
            subprocess.run(apply, env=environment, check=True, stdout=subprocess.DEVNULL)
            plan = [wif, "fic", "plan", str(file), *graph]
            for _ in range(_ROUNDS):
                start = time.perf_counter_ns()
                subprocess.run(plan, env=environment, check=True, stdout=subprocess.DEVNULL)
                times.append(time.perf_counter_ns() - start)
    print(f"wif fic plan: {median(times) / 1e6:.1f} ms ({min(times) / 1e6:.1f} to {max(times) / 1e6:.1f})")
    limit("wif fic plan, 20 credentials, whole process", median(times), _LIMIT)



if __name__ == "__main__":
    main()
