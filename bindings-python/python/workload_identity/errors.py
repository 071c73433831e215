"""The exceptions of this package: one class for each party that has to act, with a stable `code` for programs.

Where azure-core is installed, they are its errors, too: those of a credential derive from `ClientAuthenticationError`, the
others from `AzureError`. Where azure-identity is installed, the codes `environment_incomplete`, `github_permission_missing`,
`source_not_found` and `token_file_missing` are its `CredentialUnavailableError`, so that a `ChainedTokenCredential` asks
the next credential.

docs/errors.md lists the codes. No message, attribute or `repr` contains a token, an assertion or a key.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypedDict

    from typing_extensions import Self

    from ._core.error_codes import ErrorCode
    from .federated_credential import Applied
    from .verdict import Verdict

    class Presented(TypedDict, total=False):
        """Unverified claims of a refused assertion."""

        issuer: str
        subject: str
        audience: list[str]
        algorithm: str


class WorkloadIdentityError(Exception):
    """Base of all errors of this package.

    Attributes:
        code: Stable name of the error, e.g. `"trust_mismatch"`.
        message: What is wrong and what to do, in one sentence.
        hint: Further advice, or `None`.
        retryable: Whether the same call can succeed later without a change.
        retry_at: Earliest time for a useful retry in unix seconds, or `None`.
        http_status: Status of the service's response, or `None` if there was none. For an error of a verifier, the
            status that an API answers: 401 for a token that is not valid, 403 for one without the required role or
            scope, 503 when the issuer's keys cannot be had.
        www_authenticate: The header `WWW-Authenticate` of that answer (RFC 6750, section 3), or `None`.
        claim: The claim that a refused token fails on, or `None`.
        rule: The rule that a refused token does not meet, by the name of its option, e.g. `"roles"`, or `None`.
        error: OAuth `error` of the response (RFC 6749, section 5.2), or `None`.
        suberror: Entra's `suberror`, or `None`.
        aadsts: AADSTS numbers of the response.
        correlation_id: Id of the request for Microsoft's support, or `None`.
        trace_id: Id of the response for Microsoft's support, or `None`.
        claims: A claims challenge to pass to the next `get_token`, or `None`.
        presented: Issuer, subject, audience and algorithm of the refused assertion, or `None`.
        explanation: Why the trust was refused and what to do, of a `trust_mismatch`, or `None`. The credentials of the
            application are not known here; `explain` compares them.
        applied: What `FederatedCredentials.apply` had changed before it failed, or `None`.
    """

    code: ErrorCode
    message: str
    hint: str | None = None
    retryable: bool = False
    retry_at: float | None = None
    http_status: int | None = None
    www_authenticate: str | None = None
    claim: str | None = None
    rule: str | None = None
    error: str | None = None
    suberror: str | None = None
    aadsts: tuple[int, ...] = ()
    correlation_id: str | None = None
    trace_id: str | None = None
    claims: str | None = None
    presented: Presented | None = None
    explanation: Verdict | None = None
    applied: Applied | None = None

    def __new__(cls, details: Mapping[str, Any]) -> Self:
        return super().__new__(_class_for(cls, details.get("code")), details)  # type: ignore[return-value]

    def __init__(self, details: Mapping[str, Any]) -> None:
        # `args` holds the only argument of the constructor, so that errors can be copied and pickled. Not `super()`: the
        # next class may be azure-core's, whose constructor replaces it.
        Exception.__init__(self, details)
        # Absent members keep the defaults of the class: bad tokens raise many of these.
        own = self.__dict__
        own.update(details)
        if "retry_at" in own:
            own["retry_at"] /= 1000
        if "aadsts" in own:
            own["aadsts"] = tuple(own["aadsts"])
        if "explanation" in own:
            from .verdict import verdict_of

            own["explanation"] = verdict_of(own["explanation"])

    def __str__(self) -> str:
        text = f"{self.message} ({self.code})"
        return text if self.hint is None else f"{text}; {self.hint}"

    def __repr__(self) -> str:
        # What is absent is left out.
        names = (
            "code",
            "message",
            "hint",
            "retryable",
            "retry_at",
            "http_status",
            "error",
            "aadsts",
        )
        shown = [f"{name}={getattr(self, name)!r}" for name in names if getattr(self, name)]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __reduce__(self) -> tuple[Any, ...]:
        # The class for a chain of credentials has no name of its own; the constructor finds it again.
        return _NAMED.get(type(self), type(self)), self.args, self.__dict__


class ConfigurationError(WorkloadIdentityError):
    """The caller must act: the configuration or the request is wrong, or its deadline has passed."""


class SourceError(WorkloadIdentityError):
    """The platform must act: the workload's token cannot be obtained from it."""


class TransportError(WorkloadIdentityError):
    """The connection to the token service or to an issuer failed."""


class AuthenticationError(WorkloadIdentityError):
    """The token service refused the request, or its response cannot be used."""


class TokenError(WorkloadIdentityError):
    """A token or a key set was refused."""


class InternalError(WorkloadIdentityError):
    """A defect in this library; please report it."""


# Codes of errors that follow a time limit. The call ends late if it imports azure-core then, which takes 0.2 s.
_AFTER_A_LIMIT = frozenset(("deadline_exceeded", "keys_unavailable", "network_timeout"))

# Whether Azure's classes are among the bases, as far as they are installed.
_has_azure_bases = False
# The class of an error after which a chain of credentials goes on, by the named class, and the reverse.
_UNAVAILABLE: dict[type[WorkloadIdentityError], type[WorkloadIdentityError]] = {}
_NAMED: dict[type[WorkloadIdentityError], type[WorkloadIdentityError]] = {}


def _class_for(named: type[WorkloadIdentityError], code: object) -> type[WorkloadIdentityError]:
    """Returns the class of an error. The first error adds Azure's classes to the bases.

    One that follows a time limit does so only if the application has imported azure-core.
    """
    global _has_azure_bases
    from ._core import azure_errors

    if not _has_azure_bases:
        if code in _AFTER_A_LIMIT and not azure_errors.is_imported():
            return named
        _has_azure_bases = True
        azure_errors.add_bases(
            WorkloadIdentityError,
            (ConfigurationError, SourceError, TransportError, AuthenticationError),
        )
    if code not in azure_errors.UNAVAILABLE:
        return named
    if named not in _UNAVAILABLE:
        _UNAVAILABLE[named] = azure_errors.unavailable_class(named)
        _NAMED[_UNAVAILABLE[named]] = named
    return _UNAVAILABLE[named]


_BY_FAULT: dict[str, type[WorkloadIdentityError]] = {
    "caller": ConfigurationError,
    "platform": SourceError,
    "transport": TransportError,
    "service": AuthenticationError,
    "input": TokenError,
}


def from_wire(details: Mapping[str, Any]) -> WorkloadIdentityError:
    """Returns the exception for an error of the core (docs/protocol.md, section 6)."""
    return _BY_FAULT.get(details.get("fault", ""), InternalError)(details)


def invalid_argument(code: ErrorCode, message: str) -> ConfigurationError:
    """Returns the error for an invalid argument that this package detects before it calls the core."""
    return ConfigurationError({"code": code, "message": message, "fault": "caller"})
