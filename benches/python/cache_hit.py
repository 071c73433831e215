"""Cache hits: beside the peers with one token and with many, and beside ours with one token."""

from __future__ import annotations

import random
from collections.abc import Callable
from time import thread_time_ns

from _clients import Client, Ours, azure_client, msal_client
from _rounds import Case, row, take_turns
from _stubs import scope

_MOST = 200_000
# The same number of look-ups for every cache size, so that only the cache grows.
_LOOKUPS = 1_000
# More than the processor's caches can hold.
_SPREAD = 20_000
_SCANNED = 10_000
# How many times slower than with one token a hit may be, by the number of tokens.
_ALLOWED = {10_000: 2, 100_000: 4}


def lookups(get: Callable[[str], object], tokens: int, number: int = _LOOKUPS) -> Case:
    """Looks up random scopes, which are prepared in advance, again and again."""
    chance = random.Random(tokens)
    wanted = [scope(chance.randrange(tokens)) for _ in range(number)]
    assert all(map(get, wanted)), "every scope must have a token"

    def case(count: int) -> int:
        passes, rest = divmod(count, number)
        start = thread_time_ns()
        for _ in range(passes):
            for one in wanted:
                get(one)
        for one in wanted[:rest]:
            get(one)
        return thread_time_ns() - start

    return case


def hits(client: Client, tokens: int) -> Case:
    client.fill(tokens)
    return lookups(client.get, tokens)


def peers() -> None:
    ours, msal, azure = Ours(_MOST), msal_client(), azure_client()
    one = take_turns({client.name: hits(client, 1) for client in (ours, msal, azure)})
    row("python hit, 1 token", one["ours"], msal.name, one[msal.name], 30)
    row("python hit, 1 token", one["ours"], azure.name, one[azure.name], 20)

    ours, azure = Ours(_MOST), azure_client()
    azure.fill(_SCANNED)
    cases = {"ours": hits(ours, _SCANNED), azure.name: lookups(azure.get, _SCANNED, 20)}
    many = take_turns(cases, rounds=7)
    row(f"python hit, {_SCANNED:,} tokens", many["ours"], azure.name, many[azure.name], 5000)


def growth() -> None:
    for tokens, times in _ALLOWED.items():
        name = f"python hit, {tokens:,} tokens"
        small, large = Ours(_MOST), Ours(_MOST)
        cases = {"1 token": hits(small, 1), name: hits(large, tokens)}
        # What memory alone costs: the simplest table there is, with the same keys.
        bare = {scope(number): number + 1 for number in range(tokens)}
        cases[f"{name}, spread"] = lookups(large.get, tokens, _SPREAD)
        cases["a bare dict, spread"] = lookups(bare.__getitem__, tokens, _SPREAD)
        cases["a bare dict, 1 entry"] = lookups({scope(0): 1}.__getitem__, 1)
        found = take_turns(cases)
        row(name, found[name], "ours, 1 token", found["1 token"], 1 / times)
        row(f"{name}, spread", found[f"{name}, spread"], "ours, 1 token", found["1 token"], 0)


if __name__ == "__main__":
    peers()
    growth()
