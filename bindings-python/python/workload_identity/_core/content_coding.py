"""Content codings of responses (RFC 9110, section 8.4.1): gzip and deflate.

Requests ask for none (`Accept-Encoding: identity`), but some gateways compress all the same.
"""

from __future__ import annotations

import zlib

from ..transport import TransportFailure

# `zlib` reads gzip with 31, the zlib format with 15, and deflate without a frame with -15.
_GZIP, _ZLIB, _RAW = 31, 15, -15


def decoded(coding: str | None, body: bytes, max_bytes: int) -> bytes:
    """Returns a body without its codings, at most one byte longer than `max_bytes`.

    Args:
        coding: The header `Content-Encoding`, or `None`.
        body: The body as it was sent. One longer than `max_bytes` is incomplete and is returned unchanged.
        max_bytes: Limit of the body and of what it contains.

    Raises:
        TransportFailure: The coding is unknown, or the body does not follow it.
    """
    names = [name.strip().lower() for name in (coding or "").split(",")]
    for name in reversed(names):
        if name in ("", "identity") or not body or len(body) > max_bytes:
            continue
        if name in ("gzip", "x-gzip"):
            body = _inflated(name, _GZIP, body, max_bytes)
        elif name == "deflate":
            # Senders disagree on the frame. The header of the zlib format is a multiple of 31 (RFC 1950, section 2.2).
            is_framed = body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            body = _inflated(name, _ZLIB if is_framed else _RAW, body, max_bytes)
        else:
            raise TransportFailure(
                "unreadable",
                f"the response has the content coding `{name[:40]}`, which cannot be read; gzip, deflate and identity can",
            )
    return body


def _inflated(name: str, format: int, body: bytes, max_bytes: int) -> bytes:
    content = b""
    try:
        # A gzip body may have several members (RFC 1952, section 2.2).
        while body and len(content) <= max_bytes:
            reader = zlib.decompressobj(format)
            content += reader.decompress(body, max_bytes + 1 - len(content))
            if len(content) <= max_bytes and not reader.eof:
                raise TransportFailure("refused", f"the response's {name} body ended early")
            body = reader.unused_data
    except zlib.error:
        raise TransportFailure("unreadable", f"the response's body is not {name}") from None
    return content
