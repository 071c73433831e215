"""The token endpoint of GitHub Actions and Forgejo Actions."""

from __future__ import annotations

import os

from .source import Source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class GitHubActions(Source):
    """The ID token of a GitHub Actions job, or of Forgejo Actions, which has the same protocol.

    Args:
        audience: Audience of the token; by default the cloud's exchange audience.
        request_url: By default `ACTIONS_ID_TOKEN_REQUEST_URL` of the environment.
        request_token: By default `ACTIONS_ID_TOKEN_REQUEST_TOKEN` of the environment.
    """

    __slots__ = ("_request_token", "audience", "request_url")

    def __init__(
        self,
        audience: str | None = None,
        *,
        request_url: str | None = None,
        request_token: str | None = None,
    ) -> None:
        self.audience = audience
        self.request_url = request_url or os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL")
        self._request_token = request_token or os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")

    def describe(self) -> dict[str, Any]:
        if not self.request_url or not self._request_token:
            return {}
        source = {
            "kind": "github",
            "request_url": self.request_url,
            "request_token": self._request_token,
        }
        if self.audience is not None:
            source["audience"] = self.audience
        return source

    def incomplete(self) -> dict[str, str]:
        return {"GITHUB_ACTIONS": "true"}

    def __repr__(self) -> str:
        return f"GitHubActions(audience={self.audience!r}, request_url={self.request_url!r})"
