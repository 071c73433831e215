"""A cold acquisition's own overhead: assertion from a callback, request, answer, storing, no network."""

from __future__ import annotations

from itertools import count as counting
from time import thread_time_ns

from _clients import Client, Ours, azure_client, msal_client
from _rounds import Case, row, take_turns
from _stubs import scope

# A cold acquisition costs at most a quarter of the peer's.
_REQUIRED = 4
# Like the peers, whose newest token is taken out each time since they get slower with every token, ours keeps one
# beside the newest. It pays for evicting the others.
_KEPT = 2


def misses(client: Client) -> Case:
    """Each miss asks for a scope that was never asked for, beside one cached token."""
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
