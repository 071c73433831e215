"""Cases that take turns in short rounds, and the rows that come of them (benches/README.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median

# Does its work so many times and returns the nanoseconds that counted.
Case = Callable[[int], int]

_ROUNDS = 15
_SLICE_NS = 40_000_000


def take_turns(cases: dict[str, Case], rounds: int = _ROUNDS) -> dict[str, float]:
    """Median nanoseconds of one operation, by case."""
    counts = {name: _count(case) for name, case in cases.items()}
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            times[name].append(case(counts[name]) / counts[name])
    for name, found in times.items():
        print(f"{name}: {median(found):,.0f} ns ({min(found):,.0f} to {max(found):,.0f})", flush=True)
    return {name: median(found) for name, found in times.items()}


def _count(case: Case) -> int:
    """How many operations fill a slice; finding out also warms the case up."""
    count = 1
    while True:
        elapsed = case(count)
        if elapsed >= _SLICE_NS / 4:
            return max(1, int(count * _SLICE_NS / elapsed))
        count *= 4


def row(name: str, ours: float, peer: str, theirs: float, required: float) -> None:
    """Prints a row; good when `theirs / ours` is at least `required`."""
    members = {"row": name, "ours_ns": ours, "peer": peer, "peer_ns": theirs, "required": required}
    print(json.dumps(members), flush=True)


def limit(name: str, measured: float, most: float) -> None:
    """Prints a row for a bound: the limit stands where the peer's time would."""
    row(name, measured, "limit", most, 1.0)
