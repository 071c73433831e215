"""Time and memory of an import of the package, and the size of the wheel."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from statistics import median

from _rounds import limit, row

_EMPTY = "pass"
_OURS = "import workload_identity"
_PEERS = {
    f"msal {version('msal')}": "import msal",
    f"azure-identity {version('azure-identity')}": "import azure.identity",
}
# Isolated: neither this folder nor the user's site-packages are searched.
_INTERPRETER = (sys.executable, "-I", "-c")
_ROUNDS = 21
# The import takes at most this many times an empty interpreter's start.
_TIME = 1.3
_MEMORY = 3 * 1024 * 1024
_WHEEL = 2_000_000

# The peak of the process itself: what the system reports for a child includes the parent before `exec`.
_PEAK = """
import sys
if sys.platform == "linux":
    with open("/proc/self/status") as status:
        print(next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:")))
else:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(peak if sys.platform == "darwin" else peak * 1024)
"""


def run(program: str) -> str:
    return subprocess.run([*_INTERPRETER, program], check=True, capture_output=True, text=True).stdout


def start(program: str) -> float:
    """Returns the processor time of a process in nanoseconds, which does not include waiting for a core."""
    process = subprocess.Popen([*_INTERPRETER, program])
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, program
    return (used.ru_utime + used.ru_stime) * 1e9


def main() -> None:
    programs = {"an empty interpreter": _EMPTY, "ours": _OURS, **_PEERS}
    for program in programs.values():
        run(program)
    times: dict[str, list[float]] = {name: [] for name in programs}
    peaks: dict[str, list[int]] = {name: [] for name in programs}
    for _ in range(_ROUNDS):
        for name, program in programs.items():
            times[name].append(start(program))
    for _ in range(5):
        for name, program in programs.items():
            peaks[name].append(int(run(program + _PEAK)))
    time = {name: median(found) for name, found in times.items()}
    peak = {name: median(found) for name, found in peaks.items()}
    for name in programs:
        print(f"{name}: {time[name] / 1e6:.1f} ms, peak {peak[name] / 2**20:.1f} MiB")

    row("python import", time["ours"], "an empty interpreter", time["an empty interpreter"], 1 / _TIME)
    for name in _PEERS:
        row("python import", time["ours"], name, time[name], 1)
    empty = peak["an empty interpreter"]
    limit("python import, bytes of memory", max(1, peak["ours"] - empty), _MEMORY)
    (wheel,) = Path(os.environ["WIF_DIST"]).glob("workload_identity_federation-*.whl")
    limit("python wheel, bytes", wheel.stat().st_size, _WHEEL)


if __name__ == "__main__":
    main()
