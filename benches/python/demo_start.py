"""The time from the start of `wif demo` to its first line, with the packages as users install them."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from _rounds import limit
from _wif import DIST, from_wheel

_ROUNDS = 15
# Nanoseconds of the whole process, Node.js included.
_LIMIT = 300_000_000


def first_line(command: list[str]) -> float:
    """Returns the wall time until the first line in nanoseconds."""
    start = time.perf_counter_ns()
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        taken = time.perf_counter_ns() - start
        process.stdout.read()
    assert line and process.returncode == 0, command
    return taken


def from_npm(folder: Path) -> list[str]:
    folder.mkdir()
    (folder / "package.json").write_text('{"private":true}\n')
    packages = sorted(DIST.glob("workload-identity-cli-*.tgz"))
    install = ("install", "--offline", "--no-audit", "--no-fund", *packages)
    subprocess.run(["npm", *install], check=True, cwd=folder, stdout=sys.stderr)
    return [str(folder / "node_modules/.bin/wif")]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        programs = {
            "wheel": [from_wheel(Path(folder, "venv"))],
            "npm": from_npm(Path(folder, "npm")),
        }
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(_ROUNDS):
            for name, program in programs.items():
                times[name].append(first_line([*program, "demo"]))
    for name, taken in times.items():
        limit(f"wif demo, first line, {name}", median(taken), _LIMIT)


if __name__ == "__main__":
    main()
