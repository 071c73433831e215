"""Verification of tokens: beside the peers, in two threads, refused tokens, and with the cache of verified tokens."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from threading import Barrier, Thread
from time import perf_counter_ns, thread_time_ns

from _rounds import Case, row, take_turns
from _tokens import SUBJECT, Tokens, tokens
from _verifiers import AS_DICT, PEERS, Verify, joserfc, ours

from workload_identity import WorkloadIdentityError

# Two threads verify this many times as many tokens as one.
_TWO_THREADS = 1.6


def accepted(verify: Verify, token: str) -> Case:
    """Times the verification of a valid token; one claim of each result is read."""

    def case(count: int) -> int:
        start = thread_time_ns()
        for _ in range(count):
            if verify(token)["sub"] != SUBJECT:
                raise AssertionError("another token's claims")
        return thread_time_ns() - start

    return case


def refused(verify: Verify, token: str, error: type[Exception]) -> Case:
    def case(count: int) -> int:
        missed = 0
        start = thread_time_ns()
        for _ in range(count):
            try:
                verify(token)
            except error:
                continue
            missed += 1
        assert missed == 0, "the token is accepted"
        return thread_time_ns() - start

    return case


def in_threads(verify: Verify, token: str, threads: int) -> Case:
    """Times verifications that threads share, by the clock: threads do not save processor time."""

    def case(count: int) -> int:
        barrier = Barrier(threads + 1)
        each = max(1, count // threads)

        def work() -> None:
            barrier.wait()
            for _ in range(each):
                if verify(token)["sub"] != SUBJECT:
                    raise AssertionError("another token's claims")

        started = [Thread(target=work) for _ in range(threads)]
        for thread in started:
            thread.start()
        barrier.wait()
        start = perf_counter_ns()
        for thread in started:
            thread.join()
        return (perf_counter_ns() - start) * count // (each * threads)

    return case


def beside_peers(given: Tokens) -> None:
    verify = ours(given)
    cases = {
        "ours": accepted(verify, given.good),
        # Ours makes claims on demand; the peers always make a dict of all claims.
        "ours, as a dict": accepted(lambda token: dict(verify(token)), given.good),
    }
    for name, (peer, _) in PEERS.items():
        cases[name] = accepted(peer(given), given.good)
    found = take_turns(cases)
    for name, (_, required) in PEERS.items():
        row(f"python verify {given.algorithm}", found["ours"], name, found[name], required[given.algorithm])
        least = AS_DICT.get((name, given.algorithm), 0)
        row(f"python verify {given.algorithm}, as a dict", found["ours, as a dict"], name, found[name], least)


def scaling(given: Tokens) -> None:
    verify = ours(given)
    cases = {f"{threads} threads": in_threads(verify, given.good, threads) for threads in (1, 2)}
    found = take_turns(cases)
    name = f"python verify {given.algorithm}, 2 threads"
    row(name, found["2 threads"], "ours, 1 thread", found["1 threads"], _TWO_THREADS)


def refusals(given: Tokens) -> None:
    verify = ours(given)
    wrong: dict[str, str] = {"unknown kid": given.unknown_key, "expired": given.expired}
    peer = joserfc(given)
    cases: dict[str, Callable[[int], int]] = {}
    for what, token in wrong.items():
        cases[what] = refused(verify, token, WorkloadIdentityError)
        cases[f"{what}, joserfc"] = refused(peer, token, Exception)
    found = take_turns(cases)
    for what in wrong:
        row(f"python refused, {what}", found[what], "joserfc", found[f"{what}, joserfc"], 0)


def cached(given: Tokens) -> None:
    cases = {
        "cache": accepted(ours(given, cache_max_bytes=1 << 20), given.good),
        "no cache": accepted(ours(given), given.good),
    }
    found = take_turns(cases)
    row(f"python verify {given.algorithm}, cached", found["cache"], "ours, no cache", found["no cache"], 1)


def main() -> None:
    # At import, Authlib warns that its module moved to joserfc.
    warnings.simplefilter("ignore")
    made = tokens()
    print(f"tokens of {', '.join(f'{len(given.good)} bytes ({name})' for name, given in made.items())}")
    for given in made.values():
        beside_peers(given)
    scaling(made["RS256"])
    refusals(made["RS256"])
    cached(made["RS256"])


if __name__ == "__main__":
    main()
