"""One line about a performed effect for the log. It contains no secret. Every language logs the same line."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..errors import WorkloadIdentityError
    from .effects import Effect, Outcome


def effect_line(effect: Effect, outcome: Outcome, seconds: float) -> str:
    """Returns what was performed, how it ended, how long it took, and the id of a token request at the service:
    `POST https://host/path -> 200 in 12 ms, correlation id 8f2f1c6e-...`."""
    identifier = (effect.get("headers") or {}).get("client-request-id")
    suffix = _correlation(identifier)
    return f"{_target(effect)} -> {_result(outcome)} in {seconds * 1000:.0f} ms{suffix}"


def failure_line(error: WorkloadIdentityError) -> str:
    """Returns the line about a request that failed."""
    return f"failed: {error.code}{_correlation(error.correlation_id)}"


def _correlation(identifier: str | None) -> str:
    return "" if identifier is None else f", correlation id {identifier}"


def _target(effect: Effect) -> str:
    kind: str = effect["kind"]
    if kind == "http":
        # No query, because queries can contain secrets. The core refuses user information in an address.
        address = effect["url"].partition("?")[0].partition("#")[0]
        return f"{effect['method']} {address}"
    if kind == "read_file":
        return f"read {effect['path']}"
    return "wait before a retry" if kind == "sleep" else kind


def _result(outcome: Outcome) -> str:
    kind, status, head, _ = outcome
    if kind == "http":
        return str(status)
    return head.decode() if kind == "failed" else "done"
