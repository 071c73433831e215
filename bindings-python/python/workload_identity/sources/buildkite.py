"""Buildkite."""

from __future__ import annotations

from .source import Source, members

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Buildkite(Source):
    """The OIDC token that Buildkite's agent API gives to a job.

    The default subject names commit and step; with `subject_claim` it is stable.

    Args:
        audience: Audience of the token; by default the cloud's exchange audience.
        subject_claim: The claim that becomes the subject, such as `pipeline_id`.
        lifetime: Life of the token in seconds; five minutes by default.
        claims: Optional claims to add, such as `organization_id`.
    """

    __slots__ = ("audience", "claims", "lifetime", "subject_claim")
    variables = ("BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_JOB_ID", "BUILDKITE_AGENT_ENDPOINT")

    def __init__(
        self,
        audience: str | None = None,
        *,
        subject_claim: str | None = None,
        lifetime: int | None = None,
        claims: list[str] | None = None,
    ) -> None:
        self.audience = audience
        self.subject_claim = subject_claim
        self.lifetime = lifetime
        self.claims = claims

    def describe(self) -> dict[str, Any]:
        return members(
            "buildkite",
            audience=self.audience,
            subject_claim=self.subject_claim,
            lifetime=self.lifetime,
            claims=self.claims,
        )

    def __repr__(self) -> str:
        return f"Buildkite(audience={self.audience!r})"
