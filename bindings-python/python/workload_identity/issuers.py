"""Whom a verifier trusts, and what their tokens must say.

Every maker takes these rules beside its own arguments (`Rules`):

- `keys`: the JWK Set itself, as a mapping or as JSON text; nothing is fetched then
- `jwks_uri`, `discovery`: another address of the keys than the issuer's own
- `algorithms`: narrower than those that the kind of issuer uses
- `sole_audience`: the token must name no other audience
- `max_age_seconds`: the token must say when it was issued, and be no older
- `require`: claims that must be there
- `claims`: rules made by `claim`
- `authorized_parties`: accepted `azp`, `appid` or `client_id`
- `roles`, `scopes`: the token must have one of them
- `app_only`: Entra's tokens must be an application's own (`idtyp`)
"""

from __future__ import annotations

from .claim_rules import claim, equal_or_among
from .errors import by_caller

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Literal, TypedDict

    from typing_extensions import Self, Unpack

    from .claim_rules import ClaimRule

    Names = str | Iterable[str]

    class Rules(TypedDict, total=False):
        """What every issuer can be asked for; see the module."""

        keys: Mapping[str, Any] | str
        jwks_uri: str
        discovery: str
        algorithms: Iterable[str]
        sole_audience: bool
        max_age_seconds: int
        require: Iterable[str]
        claims: Iterable[ClaimRule]
        authorized_parties: Iterable[str]
        roles: Iterable[str]
        scopes: Iterable[str]
        app_only: bool


class Issuer:
    """One trusted issuer. Make it with `Issuer.entra`, `.github` and so on, or with the name of a profile.

    Args:
        profile: Name of the rules for a kind of issuer (docs/profiles.md).
        audience: Own names; the token must name one of them.
        members: Further members of the core's configuration (docs/protocol.md, section 8), e.g. `issuer`.
    """

    __slots__ = ("_entries",)

    def __init__(self, profile: str, audience: Names, **members: Any) -> None:
        self._entries: tuple[dict[str, Any], ...] = (_entry(profile, audience, members),)

    def describe(self) -> tuple[dict[str, Any], ...]:
        """The entries of `issuers` in the core's configuration."""
        return self._entries

    @classmethod
    def entra(
        cls,
        tenant_id: str,
        audience: Names,
        *,
        cloud: str | None = None,
        app_id: str | None = None,
        **rules: Unpack[Rules],
    ) -> Self:
        """One Entra tenant, with access tokens of both versions: which one it is, the API's registration decides.

        Args:
            tenant_id: GUID of the tenant.
            audience: The API's client id (v2 tokens), its application id URI (v1 tokens), or both.
            cloud: `public`, `usgov`, `china` or a login host.
            app_id: The application with signing keys of its own.
        """
        own = {"tenant_id": tenant_id, "cloud": cloud, "app_id": app_id, **rules}
        both = cls("entra-v2", audience, **own)
        both._entries += (_entry("entra-v1", audience, own),)
        return both

    @classmethod
    def entra_multi_tenant(
        cls,
        tenants: Iterable[str] | Literal["any"],
        audience: Names,
        *,
        cloud: str | None = None,
        **rules: Unpack[Rules],
    ) -> Self:
        """An Entra application of several tenants.

        Args:
            tenants: GUIDs of the tenants; `"any"` accepts every tenant of the cloud, so that the application must
                decide by `tid` what each may do.
            audience: As for `entra`.
            cloud: As for `entra`.
        """
        return cls("entra-common", audience, tenants=tenants, cloud=cloud, **rules)

    @classmethod
    def github(
        cls,
        audience: Names,
        *,
        repository: Names | None = None,
        repository_owner: Names | None = None,
        ref: Names | None = None,
        environment: Names | None = None,
        job_workflow_ref: Names | None = None,
        subject: str | None = None,
        issuer: str | None = None,
        **rules: Unpack[Rules],
    ) -> Self:
        """GitHub Actions. Without a rule, the job of any repository on GitHub is accepted.

        Args:
            audience: What the job asked its token for.
            repository: `octo/app`, or several.
            repository_owner: Organisation or user, or several.
            ref: Such as `refs/heads/main`, or several.
            environment: Deployment environment, or several.
            job_workflow_ref: Reusable workflow, or several.
            subject: Pattern of `sub`, e.g. `repo:octo/app:*`.
            issuer: An enterprise's own issuer.
        """
        return cls._with(
            "github",
            audience,
            rules,
            {
                "repository": repository,
                "repository_owner": repository_owner,
                "ref": ref,
                "environment": environment,
                "job_workflow_ref": job_workflow_ref,
            },
            subject=subject,
            issuer=issuer,
        )

    @classmethod
    def gitlab(
        cls,
        audience: Names,
        *,
        project_path: Names | None = None,
        namespace_path: Names | None = None,
        ref: Names | None = None,
        environment: Names | None = None,
        subject: str | None = None,
        issuer: str | None = None,
        **rules: Unpack[Rules],
    ) -> Self:
        """GitLab CI's ID tokens; `issuer` names an instance of one's own. Otherwise as `github`."""
        return cls._with(
            "gitlab",
            audience,
            rules,
            {
                "project_path": project_path,
                "namespace_path": namespace_path,
                "ref": ref,
                "environment": environment,
            },
            subject=subject,
            issuer=issuer,
        )

    @classmethod
    def kubernetes(
        cls,
        issuer: Names,
        audience: Names,
        *,
        namespace: Names | None = None,
        service_account: Names | None = None,
        **rules: Unpack[Rules],
    ) -> Self:
        """Projected service account tokens of a cluster, of any or of the named accounts."""
        return cls._with(
            "kubernetes",
            audience,
            rules,
            {
                "/kubernetes.io/namespace": namespace,
                "/kubernetes.io/serviceaccount/name": service_account,
            },
            issuer=issuer,
        )

    @classmethod
    def google(
        cls,
        audience: Names,
        *,
        email: Names | None = None,
        subject: str | None = None,
        **rules: Unpack[Rules],
    ) -> Self:
        """Google's ID tokens, of anybody or of the named (and by Google verified) addresses."""
        verified = [] if email is None else [claim("email_verified").equals(True)]
        chosen: dict[str, Any] = {**rules, "claims": [*rules.get("claims", ()), *verified]}
        return cls._with("google", audience, chosen, {"email": email}, subject=subject)

    @classmethod
    def spiffe(cls, trust_domain: Names, audience: Names, **rules: Unpack[Rules]) -> Self:
        """JWT-SVIDs of SPIFFE trust domains; `jwks_uri` or `keys` says where their bundle is."""
        return cls("spiffe-jwt-svid", audience, trust_domain=trust_domain, **rules)

    @classmethod
    def oidc(cls, issuer: Names, audience: Names, **rules: Unpack[Rules]) -> Self:
        """Any OpenID Connect issuer; its keys are found by discovery, unless a rule says where they are."""
        return cls("generic-oidc", audience, issuer=issuer, **rules)

    @classmethod
    def _with(
        cls,
        profile: str,
        audience: Names,
        rules: Mapping[str, Any],
        wanted: Mapping[str, Names | None],
        *,
        subject: str | None = None,
        issuer: Names | None = None,
    ) -> Self:
        own = [equal_or_among(name, value) for name, value in wanted.items() if value is not None]
        if subject is not None:
            own.append(claim("sub").glob(subject))
        claims = [*rules.get("claims", ()), *own]
        return cls(profile, audience, **{**rules, "issuer": issuer, "claims": claims})

    def __repr__(self) -> str:
        said = [f"{entry['profile']} for {entry['audience']!r}" for entry in self._entries]
        return f"<Issuer {', '.join(said)}>"


def _entry(profile: str, audience: Names, members: Mapping[str, Any]) -> dict[str, Any]:
    entry = {"profile": profile, "audience": audience, **members}
    try:
        rules = [rule.describe() for rule in members.get("claims") or ()]
        written = {
            name: value if name == "keys" else _plain(value)
            for name, value in {**entry, "claims": rules or None}.items()
            if value is not None
        }
    except (AttributeError, TypeError):
        raise by_caller(
            "config_invalid",
            "a setting of an issuer has a wrong type: texts are str, several of them a list, rules are made by claim()",
        ) from None
    return written


def _plain(value: Any) -> Any:
    """Any iterable as the list that JSON knows."""
    if value is None or isinstance(value, (str, int, float, dict)):
        return value
    return list(value)
