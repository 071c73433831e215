"""Responses that a gateway compressed although none was asked to: read within the bound, or named."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import workload_identity.aio
from workload_identity import HttpRequest, TransportFailure, WorkloadIdentity, WorkloadIdentityError

from loopback_tls import AnsweringServer
from stubs import IDS, SCOPE, workload_token
from transports import MAKERS, Send, every_transport
from waiting import SECONDS

TEXT = b'{"access_token": "x"}' * 20


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def answer(coding: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: {coding}\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


@pytest.fixture
def server() -> Iterator[AnsweringServer]:
    server = AnsweringServer(b"")
    yield server
    server.stop()


def request(url: str, max_bytes: int = 1000) -> HttpRequest:
    return HttpRequest("GET", url, {}, b"", SECONDS, max_bytes)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(TEXT)),
        ("GZip", gzip.compress(TEXT)),
        ("x-gzip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT))),
        ("identity", TEXT),
    ],
)
@every_transport
def test_codings_are_read(server: AnsweringServer, send: Send, coding: str, body: bytes) -> None:
    server.answer = answer(coding, body)
    assert send(request(server.url)).body == TEXT


@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip"])
@every_transport
def test_bomb_is_bounded(server: AnsweringServer, send: Send, coding: str) -> None:
    body = gzip.compress(b"\0" * 10_000_000)
    if coding == "gzip, gzip":
        body = gzip.compress(body)
    server.answer = answer(coding, body)
    assert len(send(request(server.url, 20_000)).body) == 20_001


@pytest.mark.parametrize(
    ("coding", "body", "word", "message"),
    [
        ("br", b"\x0b\x02\x80hello\x03", "unreadable", "the content coding `br`"),
        ("gzip, zstd", b"(\xb5/\xfd", "unreadable", "the content coding `zstd`"),
        ("gzip", TEXT, "unreadable", "is not gzip"),
        ("deflate", b"\xff\xff" + TEXT, "unreadable", "is not deflate"),
        ("gzip", gzip.compress(TEXT)[:-10], "refused", "gzip body ended early"),
        ("deflate", zlib.compress(TEXT)[:-10], "refused", "deflate body ended early"),
    ],
)
@every_transport
def test_unreadable_coding_is_named(
    server: AnsweringServer, send: Send, coding: str, body: bytes, word: str, message: str
) -> None:
    server.answer = answer(coding, body)
    with pytest.raises(TransportFailure, match=message) as raised:
        send(request(server.url))
    assert raised.value.word == word


@pytest.mark.parametrize("name", MAKERS)
async def test_errors_of_a_credential(server: AnsweringServer, name: str) -> None:
    async def error_for(coding: str, body: bytes) -> WorkloadIdentityError:
        server.answer = answer(coding, body)
        settings: dict[str, Any] = {
            **IDS,
            "source": workload_token,
            "authority_host": server.url,
            "transport": MAKERS[name](),
        }
        with pytest.raises(WorkloadIdentityError) as raised:
            if name in ("standard", "httpx"):
                with WorkloadIdentity(**settings) as identity:
                    identity.get_token(SCOPE)
            else:
                async with workload_identity.aio.WorkloadIdentity(**settings) as identity:
                    await identity.get_token(SCOPE)
        return raised.value

    bomb = gzip.compress(b"\0" * 10_000_000)
    assert (await error_for("gzip", bomb)).code == "response_too_large"
    server.heads.clear()
    error = await error_for("br", b"x")
    assert error.code == "response_invalid" and "`br`" in str(error)
    assert len(server.heads) == 1
