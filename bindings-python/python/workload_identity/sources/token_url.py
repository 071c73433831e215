"""A URL that answers with a token."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal


class TokenUrl(Source):
    """A token from a URL, as google-auth's external accounts have it.

    Metadata services are refused.

    Args:
        url: https, or http to this machine.
        headers: Headers of the request.
        format: `text`, or `json` with `field`.
        field: The member of the JSON object that holds the token.
    """

    __slots__ = ("_headers", "field", "format", "url")

    def __init__(
        self,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        format: Literal["text", "json"] | None = None,
        field: str | None = None,
    ) -> None:
        self.url = url
        self._headers = headers
        self.format = format
        self.field = field

    def describe(self) -> dict[str, Any]:
        return members(
            "url",
            url=self.url,
            headers=self._headers,
            format=self.format,
            field=self.field,
        )

    def __repr__(self) -> str:
        return f"TokenUrl(url={self.url!r})"
