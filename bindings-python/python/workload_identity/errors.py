"""What can go wrong: one class for each party that has to act, and a stable `code` for programs.

The codes and their meanings are in docs/errors.md. No message, attribute or `repr` holds a token,
an assertion or a key.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypedDict

    from ._core.error_codes import ErrorCode

    class Presented(TypedDict, total=False):
        """What a refused assertion says of itself, unverified."""

        issuer: str
        subject: str
        audience: list[str]
        algorithm: str


class WorkloadIdentityError(Exception):
    """Base of all errors of this package.

    Attributes:
        code: Stable name of what happened, e.g. `"trust_mismatch"`.
        message: One sentence: what was wrong and what to do.
        hint: Further advice, or `None`.
        retryable: Whether the same call can succeed later without a change.
        retry_at: Not before this instant (unix seconds) will a retry do better, or `None`.
        http_status: Status of the service's answer, or `None` if there was none.
        error: OAuth `error` of the answer (RFC 6749, section 5.2), or `None`.
        suberror: Entra's `suberror`, or `None`.
        aadsts: AADSTS numbers of the answer.
        correlation_id: What Microsoft's support asks for first, or `None`.
        trace_id: What Microsoft's support asks for next, or `None`.
        claims: A claims challenge to pass to the next `get_token`, or `None`.
        presented: Issuer, subject, audience and algorithm of the refused assertion, or `None`.
    """

    code: ErrorCode
    message: str
    hint: str | None = None
    retryable: bool = False
    retry_at: float | None = None
    http_status: int | None = None
    error: str | None = None
    suberror: str | None = None
    aadsts: tuple[int, ...] = ()
    correlation_id: str | None = None
    trace_id: str | None = None
    claims: str | None = None
    presented: Presented | None = None

    def __init__(self, details: Mapping[str, Any]) -> None:
        # `args` is the one dictionary, so that copying and pickling an error work.
        super().__init__(details)
        # Refusals are thrown by the thousand when a server is flooded: what is absent costs nothing.
        own = self.__dict__
        own.update(details)
        if "retry_at" in own:
            own["retry_at"] /= 1000
        if "aadsts" in own:
            own["aadsts"] = tuple(own["aadsts"])

    def __str__(self) -> str:
        text = f"{self.message} ({self.code})"
        return text if self.hint is None else f"{text}; {self.hint}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(code={self.code!r}, message={self.message!r})"


class ConfigurationError(WorkloadIdentityError):
    """The calling program has to act: a wrong configuration or request, or its own deadline."""


class SourceError(WorkloadIdentityError):
    """The platform that should give the workload its token has to act."""


class TransportError(WorkloadIdentityError):
    """The network between the workload and the token service failed."""


class AuthenticationError(WorkloadIdentityError):
    """The token service refused, or its answer cannot be used."""


class TokenError(WorkloadIdentityError):
    """A token or key set must not be accepted."""


class InternalError(WorkloadIdentityError):
    """A defect in this library; please report it."""


_BY_FAULT: dict[str, type[WorkloadIdentityError]] = {
    "caller": ConfigurationError,
    "platform": SourceError,
    "transport": TransportError,
    "service": AuthenticationError,
    "input": TokenError,
}


def from_wire(details: Mapping[str, Any]) -> WorkloadIdentityError:
    """The error for its wire form (docs/protocol.md, section 6)."""
    return _BY_FAULT.get(details.get("fault", ""), InternalError)(details)


def invalid_argument(code: ErrorCode, message: str) -> ConfigurationError:
    """Returns the error for an invalid argument that this package detects before it calls the core."""
    return ConfigurationError({"code": code, "message": message, "fault": "caller"})
