"""The SPIFFE Workload API where it gives no token: no package, no socket, no answer, a denial."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

# Otherwise its import, which takes about a second, would be part of the first call.
import spiffe  # noqa: F401
from unix_servers import UnixServer
from waiting import SECONDS, UNDER_TEN, Stopwatch
from workload_identity import Spiffe, WorkloadIdentity, WorkloadIdentityError, aio

SCOPE = "https://vault.azure.net/.default"
IDENTITY = {
    "tenant_id": "11111111-1111-1111-1111-111111111111",
    "client_id": "22222222-2222-2222-2222-222222222222",
}


def refused(socket: Path | str, timeout: float = SECONDS) -> WorkloadIdentityError:
    """Returns the error of both faces, which are the same."""
    source = Spiffe(socket=f"unix://{socket}")
    with WorkloadIdentity(source=source, timeout=timeout, **IDENTITY) as identity:
        with pytest.raises(WorkloadIdentityError) as caught:
            identity.get_token(SCOPE)
    return caught.value


async def refused_in_loop(socket: Path, timeout: float) -> WorkloadIdentityError:
    source = Spiffe(socket=f"unix://{socket}")
    async with aio.WorkloadIdentity(source=source, timeout=timeout, **IDENTITY) as identity:
        with pytest.raises(WorkloadIdentityError) as caught:
            await identity.get_token(SCOPE)
    return caught.value


def test_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spiffe", None)
    error = refused(tmp_path / "agent.sock")
    assert error.code == "source_unsupported"
    assert "pip install 'workload-identity-federation[spiffe]'" in str(error)
    assert "spire_agent" in str(error)


def test_a_socket_that_does_not_exist(tmp_path: Path) -> None:
    error = refused(tmp_path / "agent.sock")
    assert error.code == "source_unreachable"
    assert "does not exist" in str(error)
    assert "SPIFFE_ENDPOINT_SOCKET" in str(error)


def test_a_socket_that_nobody_listens_at(tmp_path: Path) -> None:
    socket = tmp_path / "agent.sock"
    UnixServer(socket, None).stop()
    error = refused(socket)
    assert error.code == "source_unreachable"


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[Path]:
    server = UnixServer(tmp_path / "agent.sock", None)
    yield tmp_path / "agent.sock"
    server.stop()


def test_a_socket_that_never_answers(silent: Path) -> None:
    with Stopwatch(UNDER_TEN):
        error = refused(silent, 1)
    assert error.code in ("source_unreachable", "timeout")


@pytest.mark.asyncio
async def test_a_socket_that_never_answers_in_a_loop(silent: Path) -> None:
    with Stopwatch(UNDER_TEN):
        error = await refused_in_loop(silent, 1)
    assert error.code in ("source_unreachable", "timeout")


class Denying(grpc.GenericRpcHandler):
    """An agent that knows no registration entry for the workload."""

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        assert details.method == "/SpiffeWorkloadAPI/FetchJWTSVID"
        assert ("workload.spiffe.io", "true") in details.invocation_metadata

        def deny(_: bytes, context: grpc.ServicerContext) -> bytes:
            context.abort(grpc.StatusCode.PERMISSION_DENIED, "no identity issued")

        return grpc.unary_unary_rpc_method_handler(deny)


def test_an_agent_that_denies(tmp_path: Path) -> None:
    agent = grpc.server(ThreadPoolExecutor(1), handlers=[Denying()])
    agent.add_insecure_port(f"unix:{tmp_path}/agent.sock")
    agent.start()
    try:
        error = refused(tmp_path / "agent.sock")
    finally:
        agent.stop(None).wait()
    assert error.code == "source_rejected"
    assert "registration entry" in str(error)
    assert "no identity issued" in str(error)
