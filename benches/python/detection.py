"""The search for a token source in an environment that has none."""

from __future__ import annotations

import time

from workload_identity import detect_sources

from _rounds import limit, take_turns

_LIMIT = 1_000_000


def search(count: int) -> int:
    start = time.thread_time_ns()
    for _ in range(count):
        found = detect_sources({}, [])
    taken = time.thread_time_ns() - start
    assert not any(source.detected for source in found)
    return taken


def main() -> None:
    limit("python detection, nothing present", take_turns({"ours": search})["ours"], _LIMIT)


if __name__ == "__main__":
    main()
