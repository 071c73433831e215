"""The proxies of the environment: which requests use them, and what a proxy that refuses becomes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import workload_identity.aio
from workload_identity import HttpRequest, TransportFailure, WorkloadIdentity, WorkloadIdentityError
from workload_identity._core.proxies import proxy_for
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.standard_transport import StandardTransport

from loopback_tls import CA_DATA, AnsweringServer, LoopbackServer, Proxy, server_context
from stubs import IDS, SCOPE, workload_token
from transports import MAKERS, every_transport, sender
from waiting import SECONDS

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
VARIABLES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def rows(name: str) -> list[list[str]]:
    lines = (VECTORS / name).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if not line.startswith("#")]


@pytest.fixture(autouse=True)
def no_proxy_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture
def started() -> Iterator[Callable[[LoopbackServer], Any]]:
    """Stops servers after the test."""
    running: list[LoopbackServer] = []

    def keep(server: LoopbackServer) -> LoopbackServer:
        running.append(server)
        return server

    yield keep
    for server in reversed(running):
        server.stop()


def test_table_of_no_proxy() -> None:
    table = rows("no_proxy.tsv")
    assert len(table) > 70
    for no_proxy, host, direct in table:
        environment = {"HTTPS_PROXY": "http://proxy.example:3128", "NO_PROXY": no_proxy}
        found = proxy_for(f"https://{host}/path", environment)
        assert ("yes" if found is None else "no") == direct, (no_proxy, host)


def test_table_of_variables() -> None:
    table = rows("proxies.tsv")
    assert len(table) > 30
    for variables, url, expected in table:
        environment = dict(variable.split("=", 1) for variable in variables.split())
        found = proxy_for(url, environment)
        assert ("direct" if found is None else found.url) == expected, (variables, url)


def test_unusable_proxy_is_named() -> None:
    for value, message in (
        ("socks5://me:secret@proxy.example:1080", "HTTPS_PROXY names a proxy with the scheme `socks5`"),
        ("http://", "HTTPS_PROXY is not the URL of a proxy"),
        ("http://proxy.example:port", "HTTPS_PROXY is not the URL of a proxy"),
    ):
        with pytest.raises(TransportFailure, match=message) as raised:
            proxy_for("https://login.example/", {"HTTPS_PROXY": value})
        assert "secret" not in str(raised.value)


def request(url: str) -> HttpRequest:
    return HttpRequest("POST", url, {"accept": "application/json"}, b"body=END", SECONDS, 1000)


def trusting(name: str) -> Any:
    """Makes a transport that trusts the test's certificate authority."""
    if name == "thread":
        return workload_identity.aio.ThreadTransport(StandardTransport(ca_data=CA_DATA))
    return MAKERS[name](ca_data=CA_DATA)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("name", MAKERS)
def test_tunnel(
    started: Callable[[LoopbackServer], Any],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    scheme: str,
) -> None:
    server = started(AnsweringServer(OK, server_context("login.example")))
    context = server_context("127.0.0.1") if scheme == "https" else None
    proxy = started(Proxy(server.port, context))
    monkeypatch.setenv("ALL_PROXY", proxy.url.replace("://", "://me:p%40ss@"))
    send = sender(lambda: trusting(name))
    if (name, scheme) == ("aiohttp", "https") and sys.version_info < (3, 11):
        # asyncio has no TLS over TLS there.
        with pytest.raises(TransportFailure, match="ALL_PROXY names an https proxy"):
            send(request("https://login.example/token"))
        return
    answer = send(request("https://login.example/token"))
    assert (answer.status, answer.body) == (200, b"{}")
    head = proxy.heads[0].lower().split("\r\n")
    assert head[0].startswith("connect login.example:443 http/1.")
    # me:p@ss
    assert "proxy-authorization: basic bwu6cebzcw==" in head
    assert server.heads[0].startswith("POST /token HTTP/1.1\r\n")
    assert "proxy-authorization" not in server.heads[0].lower()


@every_transport
def test_http_through_a_proxy(
    started: Callable[[LoopbackServer], Any], monkeypatch: pytest.MonkeyPatch, send: Any
) -> None:
    proxy = started(AnsweringServer(OK))
    monkeypatch.setenv("http_proxy", proxy.url.replace("://", "://me:pass@"))
    assert send(request("http://login.example/token?a=b")).status == 200
    head = proxy.heads[0].split("\r\n")
    assert head[0] == "POST http://login.example/token?a=b HTTP/1.1"
    assert "proxy-authorization: basic bwu6cgfzcw==" in [line.lower() for line in head]


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "403 Forbidden"])
@every_transport
def test_proxy_that_refuses(
    started: Callable[[LoopbackServer], Any],
    monkeypatch: pytest.MonkeyPatch,
    send: Any,
    status: str,
) -> None:
    proxy = started(Proxy(0, status=status))
    monkeypatch.setenv("https_proxy", proxy.url)
    with pytest.raises(TransportFailure) as raised:
        send(request("https://login.example/token"))
    if status.startswith("407"):
        assert raised.value.word == "proxy_authentication"
    else:
        assert raised.value.word == "refused"
        assert "403" in str(raised.value)


def test_proxy_that_asks_for_credentials_is_asked_once(
    started: Callable[[LoopbackServer], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = started(Proxy(0, status="407 Proxy Authentication Required"))
    monkeypatch.setenv("https_proxy", proxy.url)
    with (
        WorkloadIdentity(**IDS, source=workload_token) as identity,
        pytest.raises(WorkloadIdentityError) as raised,
    ):
        identity.get_token(SCOPE)
    assert raised.value.code == "proxy_authentication_required"
    assert not raised.value.retryable
    assert len(proxy.heads) == 1


@every_transport
def test_unknown_name_says_whether_a_proxy_is_set(
    monkeypatch: pytest.MonkeyPatch, send: Any
) -> None:
    with pytest.raises(TransportFailure, match="; no proxy is set"):
        send(request("https://login.invalid/"))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.invalid:3128")
    with pytest.raises(TransportFailure, match="; HTTPS_PROXY is set"):
        send(request("https://login.example/"))


def test_loopback_is_reached_directly(
    started: Callable[[LoopbackServer], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = started(AnsweringServer(OK))
    monkeypatch.setenv("ALL_PROXY", "http://proxy.invalid:3128")
    for make in (StandardTransport, HttpxTransport, AsyncHttpxTransport, AiohttpTransport):
        assert sender(make)(request(server.url)).status == 200
