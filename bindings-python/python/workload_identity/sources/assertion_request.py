"""What a callback source is told about the assertion that is wanted."""

from __future__ import annotations

from time import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal

    Reason = Literal["first", "refresh", "rejected"]


class AssertionRequest:
    """The context of the exchange that an assertion is for. What is not known is `None`.

    Members can be read as attributes and, like the items of a mapping, by their names.

    Attributes:
        client_id: The client id of the configuration.
        tenant_id: The tenant of the request.
        authority: The authority with the tenant, or the issuer of a generic authority.
        token_endpoint: URL to which the assertion is sent.
        audience: The audience that the token service expects in the assertion.
        claims: The claims challenge of the request (JSON).
        client_capabilities: Capabilities that the client announces: `cp1` with `enable_cae`.
        fmi_path: Path of the federated managed identity that the token is for.
        context: The context of the request.
        correlation_id: Id of the acquisition, for logs. The token service gets it, too.
        reason: `first` if no assertion was given for such a request, `refresh` if the former one has expired or could be
            used once only, `rejected` if the token service has refused it.
        attempt: Which attempt of the acquisition this is, from 1.
        deadline: When the answer must be there, in unix seconds.
    """

    __slots__ = (
        "_is_closed",
        "attempt",
        "audience",
        "authority",
        "claims",
        "client_capabilities",
        "client_id",
        "context",
        "correlation_id",
        "deadline",
        "fmi_path",
        "reason",
        "tenant_id",
        "token_endpoint",
    )

    client_id: str | None
    tenant_id: str | None
    authority: str
    token_endpoint: str
    audience: str | None
    claims: str | None
    client_capabilities: tuple[str, ...]
    fmi_path: str | None
    context: str | None
    correlation_id: str
    reason: Reason
    attempt: int
    deadline: float

    def __init__(self, payload: Mapping[str, Any], is_closed: Callable[[], bool]) -> None:
        self._is_closed = is_closed
        self.client_id = payload.get("client_id")
        self.tenant_id = payload.get("tenant_id")
        self.authority = payload["authority"]
        self.token_endpoint = payload["token_endpoint"]
        self.audience = payload.get("audience")
        self.claims = payload.get("claims")
        self.client_capabilities = tuple(payload["client_capabilities"])
        self.fmi_path = payload.get("fmi_path")
        self.context = payload.get("context")
        self.correlation_id = payload["correlation_id"]
        self.reason = payload["reason"]
        self.attempt = payload["attempt"]
        self.deadline = payload["deadline"] / 1000

    @property
    def cancelled(self) -> bool:
        """Whether nobody waits for the answer any more: the deadline has passed, or the credential was closed.

        A function that blocks can look at it between its steps. With asyncio a coroutine is cancelled as well.
        """
        return time() >= self.deadline or self._is_closed()

    def __getitem__(self, name: str) -> Any:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: str) -> bool:
        return self.get(name) is not None

    def get(self, name: str, default: Any = None) -> Any:
        """Returns a member by its name, or the default if it is not known."""
        value = None if name.startswith("_") else getattr(self, name, None)
        return default if value is None else value

    def __repr__(self) -> str:
        return f"AssertionRequest(audience={self.audience!r}, reason={self.reason!r}, attempt={self.attempt})"
