"""The number of token requests that many concurrent callers with a cold cache cause."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from _emulator import Emulator, emulator
from _rounds import limit

import workload_identity.aio
from workload_identity import WorkloadIdentity, WorkloadIdentityError

_SCOPE = "https://vault.azure.net/.default"
_THREADS = 200
_TASKS = 1000
# Not an app of the emulator: the exchange is refused without retry.
_UNKNOWN_CLIENT = "00000000-1111-2222-3333-444444444444"


def together(work: Callable[[], object]) -> list[object]:
    """Runs `work` in all threads at once. Returns the results or the errors."""
    barrier = threading.Barrier(_THREADS)

    def run() -> object:
        barrier.wait()
        try:
            return work()
        except WorkloadIdentityError as error:
            return error.code

    with ThreadPoolExecutor(_THREADS) as threads:
        return [future.result() for future in [threads.submit(run) for _ in range(_THREADS)]]


def threads(served: Emulator) -> None:
    served.restart()
    identity = WorkloadIdentity(environment=served.environment)
    found = together(lambda: identity.get_token(_SCOPE).token)
    assert len(set(found)) == 1, "all have the same token"
    limit(f"python token requests of {_THREADS} threads", served.token_requests(), 1)

    served.restart()
    identity = WorkloadIdentity(environment=served.environment, client_id=_UNKNOWN_CLIENT)
    failures = together(lambda: identity.get_token(_SCOPE).token)
    assert len(set(failures)) == 1 and failures[0] not in found, "all have the same error"
    limit(f"python token requests of {_THREADS} threads, refused", served.token_requests(), 1)


async def tasks(served: Emulator) -> None:
    served.restart()
    async with workload_identity.aio.WorkloadIdentity(environment=served.environment) as identity:
        found = await asyncio.gather(*(identity.get_token(_SCOPE) for _ in range(_TASKS)))
        assert len({token.token for token in found}) == 1, "all have the same token"
    limit(f"python token requests of {_TASKS:,} asyncio tasks", served.token_requests(), 1)

    served.restart()
    async with workload_identity.aio.WorkloadIdentity(environment=served.environment) as identity:
        leader = asyncio.create_task(identity.get_token(_SCOPE))
        while served.token_requests() == 0:
            await asyncio.sleep(0.01)
        followers = [asyncio.create_task(identity.get_token(_SCOPE)) for _ in range(_TASKS)]
        await asyncio.sleep(0.05)
        leader.cancel()
        found = await asyncio.gather(*followers)
        assert leader.cancelled() and len({token.token for token in found}) == 1
    # The one of the leader that went, and the one of its successor.
    limit("python token requests with a cancelled leader", served.token_requests(), 2)


def main() -> None:
    with emulator() as served:
        threads(served)
        asyncio.run(tasks(served))


if __name__ == "__main__":
    main()
