"""SPIFFE's JWT-SVIDs."""

from __future__ import annotations

import os

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Spiffe(Source):
    """A JWT-SVID of the SPIFFE Workload API, by the package `spiffe`: `pip install 'workload-identity-federation[spiffe]'`.

    With `spire_agent` the command `spire-agent api fetch jwt` is run in its place, which needs no package. Files of
    spiffe-helper are read by `TokenFile`. Entra accepts RS256 only: set `jwt_key_type = "rsa-2048"` in SPIRE's server.

    Args:
        socket: Address of the agent, `unix:///path` or `tcp://address:port`; by default `SPIFFE_ENDPOINT_SOCKET` of the environment.
        spiffe_id: The SPIFFE ID to ask for, if the workload has several.
        hint: The hint of the SVID to use, with `spire_agent`.
        audience: Audience of the token; by default the cloud's exchange audience.
        spire_agent: Path of the program `spire-agent`.
    """

    __slots__ = ("audience", "hint", "socket", "spiffe_id", "spire_agent")
    variables = ("SPIFFE_ENDPOINT_SOCKET",)

    def __init__(
        self,
        *,
        socket: str | None = None,
        spiffe_id: str | None = None,
        hint: str | None = None,
        audience: str | None = None,
        spire_agent: str | os.PathLike[str] | None = None,
    ) -> None:
        self.socket = socket
        self.spiffe_id = spiffe_id
        self.hint = hint
        self.audience = audience
        self.spire_agent = None if spire_agent is None else os.fspath(spire_agent)

    def describe(self) -> dict[str, Any]:
        return members(
            "spiffe",
            socket=self.socket,
            spiffe_id=self.spiffe_id,
            hint=self.hint,
            audience=self.audience,
            spire_agent=self.spire_agent,
        )

    def __repr__(self) -> str:
        return f"Spiffe(socket={self.socket!r}, spiffe_id={self.spiffe_id!r})"
