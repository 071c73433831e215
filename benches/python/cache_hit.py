"""Cache hits: against the peers with one token, with many, and against ourselves as tokens grow."""

from __future__ import annotations

import random
from time import thread_time_ns

from _clients import Client, Ours, azure_client, msal_client
from _rounds import Case, row, take_turns
from _stubs import scope

_LOOKUPS = 20_000
_SPREAD = (10_000, 100_000)
# How many times slower than with one token a hit may be.
_MOST = {10_000: 2, 100_000: 4}
_SCAN = 10_000


def hits(client: Client, tokens: int) -> Case:
    """Hits in random order, over scopes that are prepared ahead. Each answer was looked at once before."""
    chance = random.Random(tokens)
    wanted = [scope(chance.randrange(tokens)) for _ in range(_LOOKUPS)]

    def case(count: int) -> int:
        get = client.get
        passes, rest = divmod(count, _LOOKUPS)
        start = thread_time_ns()
        for _ in range(passes):
            for one in wanted:
                get(one)
        for one in wanted[:rest]:
            get(one)
        return thread_time_ns() - start

    return case


def filled(client: Client, tokens: int) -> Case:
    client.fill(tokens)
    first, last = client.get(scope(0)), client.get(scope(tokens - 1))
    assert first and last, "every scope has its token"
    return hits(client, tokens)


def main() -> None:
    ours, msal, azure = Ours(200_000), msal_client(), azure_client()
    one = take_turns({client.name: filled(client, 1) for client in (ours, msal, azure)})
    row("python hit, 1 token", one["ours"], msal.name, one[msal.name], 30)
    row("python hit, 1 token", one["ours"], azure.name, one[azure.name], 20)

    scanning = azure_client()
    many = take_turns(
        {"ours": filled(Ours(200_000), _SCAN), scanning.name: filled(scanning, _SCAN)}, rounds=7
    )
    row(f"python hit, {_SCAN:,} tokens", many["ours"], scanning.name, many[scanning.name], 5000)

    cases = {"1 token": filled(Ours(200_000), 1)}
    cases |= {f"{tokens:,} tokens": filled(Ours(200_000), tokens) for tokens in _SPREAD}
    flat = take_turns(cases)
    for tokens in _SPREAD:
        name = f"{tokens:,} tokens"
        row(f"python hit, {name}", flat[name], "ours, 1 token", flat["1 token"], 1 / _MOST[tokens])


if __name__ == "__main__":
    main()
