"""The overhead of a cold acquisition without network: assertion callback, request, response, cache."""

from __future__ import annotations

from itertools import count as counting
from time import thread_time_ns

from _clients import Client, Ours, azure_client, msal_client
from _rounds import Case, row, take_turns
from _stubs import scope

# A cold acquisition costs at most a quarter of the peer's.
_REQUIRED = 4
# The peers get slower with every token, so their newest token is removed each time. Ours keeps one token besides the
# newest, and evicts the others.
_KEPT = 2


def misses(client: Client) -> Case:
    """Times misses: each requests a new scope, with one token in the cache."""
    client.get(scope(0))
    numbers = counting(1)

    def case(count: int) -> int:
        wanted = [scope(next(numbers)) for _ in range(count)]
        get, forget_newest = client.get, client.forget_newest
        start = thread_time_ns()
        for one in wanted:
            get(one)
            forget_newest()
        return thread_time_ns() - start

    return case


def main() -> None:
    ours, peers = Ours(_KEPT), [msal_client(), azure_client()]
    times = take_turns({client.name: misses(client) for client in (ours, *peers)})
    for peer in peers:
        row("python cold acquisition", times["ours"], peer.name, times[peer.name], _REQUIRED)


if __name__ == "__main__":
    main()
