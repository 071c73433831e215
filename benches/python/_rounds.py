"""Measures cases in alternating short rounds, and prints the rows (benches/README.md)."""

from __future__ import annotations

import json
from collections.abc import Callable
from statistics import median

# Does its work `count` times and returns the nanoseconds it took.
Case = Callable[[int], int]

_ROUNDS = 15
_SLICE_NS = 40_000_000


def take_turns(cases: dict[str, Case], rounds: int = _ROUNDS) -> dict[str, float]:
    """Returns the median nanoseconds of one operation, by case."""
    counts = {name: _count(case) for name, case in cases.items()}
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            times[name].append(case(counts[name]) / counts[name])
    for name, found in times.items():
        print(f"{name}: {median(found):,.0f} ns ({min(found):,.0f} to {max(found):,.0f})", flush=True)
    return {name: median(found) for name, found in times.items()}


def _count(case: Case) -> int:
    """Returns the number of operations that fill a slice. Measuring it also warms the case up."""
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
    """Prints a row for a limit, which takes the place of the peer's time."""
    row(name, measured, "limit", most, 1.0)
