"""The issuers that a verifier trusts, and the rules for their tokens.

Every class method that makes an issuer takes these rules besides its own arguments (`Rules`):

- `keys`: the JWK Set itself, as a mapping or as JSON text; no keys are fetched then
- `jwks_uri`, `discovery`: the URL of the key set or of the discovery document, if it is not the issuer's own
- `algorithms`: a narrower list of signature algorithms than that of the kind of issuer
- `sole_audience`: the token must name no other audience
- `dangerously_without_audience`: the tokens have no `aud`, as access tokens of Amazon Cognito (`oidc` only, with
  `audience=None`). Needs `authorized_parties`, or a rule about `client_id`, `azp`, `appid`, `cid` or `sub`
- `max_age_seconds`: the token must have `iat`, and its age is at most this
- `require`: claims that must be present
- `claims`: rules made by `claim`; a rule on a claim that is a list holds if one of its items fits
- `authorized_parties`: accepted values of `azp`, `appid` or `client_id`
- `roles`, `scopes`: the token must have at least one of them
- `app_only`: an Entra token must have been issued to an application, not to a user (`idtyp`)

A list that is empty is refused (`config_invalid`), because it would turn the check off. `None` leaves the rule out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, NoReturn, TypeVar

from ._core.issuer_entry import entry_of, entry_of_bundle, wrong_type
from .claim_rules import claim, equal_or_among

# The types of a verifier's own options. For an issuer, which has no such options, they are `NoReturn`.
Count = TypeVar("Count")
Seconds = TypeVar("Seconds")
Flag = TypeVar("Flag")
Sender = TypeVar("Sender")
Path = TypeVar("Path")
Data = TypeVar("Data")
Private = TypeVar("Private")
Networks = TypeVar("Networks")

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Literal

    from typing_extensions import Self, TypedDict, Unpack

    from .claim_rules import ClaimRule

    Names = str | Iterable[str]
    PrivateAddresses = Literal["allow", "deny"]

    class Rules(TypedDict, total=False):
        """The rules that every kind of issuer takes; see the module."""

        keys: Mapping[str, Any] | str
        jwks_uri: str
        discovery: str
        algorithms: Iterable[str]
        sole_audience: bool
        dangerously_without_audience: bool
        max_age_seconds: int
        require: Iterable[str]
        claims: Iterable[ClaimRule]
        authorized_parties: Iterable[str]
        roles: Iterable[str]
        scopes: Iterable[str]
        app_only: bool

    class Options(Rules, Generic[Count, Seconds, Flag, Sender, Path, Data, Private, Networks], total=False):
        """The rules and, for a verifier, its own options (see `TokenVerifier`)."""

        leeway_seconds: Count
        max_token_bytes: Count
        cache_max_bytes: Count
        timeout: Seconds
        allow_loopback_http: Flag
        private_addresses: Private
        allowed_networks: Networks
        dangerously_allow_rsa_1024: Flag
        transport: Sender
        ca_file: Path
        ca_data: Data


class IssuerKinds(Generic[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]):
    """The class methods for the known kinds of issuers, of `Issuer` and of the verifiers.

    `Issuer.github(...)` makes an issuer; `TokenVerifier.github(...)` makes a verifier that trusts this issuer only.
    """

    __slots__ = ()

    @classmethod
    def entra(
        cls,
        tenant_id: str,
        audience: Names,
        *,
        cloud: str | None = None,
        authority_host: str | None = None,
        app_id: str | None = None,
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """One Entra tenant. Accepts access tokens of version 1 and 2; the API's registration decides which it gets.

            TokenVerifier.entra("72f988bf-...", "api://orders", roles=["Orders.Read"])

        Args:
            tenant_id: GUID of the tenant.
            audience: The API's client id (v2 tokens), its application id URI (v1 tokens), or both.
            cloud: `public`, `usgov`, `china` or a login host.
            authority_host: Who issues the tokens where that is no cloud of Entra: the address of an emulator.
            app_id: Id of an application with signing keys of its own.
            options: Rules for the tokens, and a verifier's own options.
        """
        return cls._make(
            ("entra-v2", "entra-v1"),
            audience,
            options,
            tenant_id=tenant_id,
            cloud=cloud,
            authority_host=authority_host,
            app_id=app_id,
        )

    @classmethod
    def entra_multi_tenant(
        cls,
        tenants: Iterable[str] | Literal["any"],
        audience: Names,
        *,
        cloud: str | None = None,
        authority_host: str | None = None,
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """An Entra application that several tenants use.

        Args:
            tenants: GUIDs of the tenants. `"any"` accepts every tenant of the cloud: the application must then
                authorize each tenant by the claim `tid`.
            audience: As for `entra`.
            cloud: As for `entra`.
            authority_host: As for `entra`.
            options: As for `entra`.
        """
        return cls._make(
            ("entra-common",),
            audience,
            options,
            tenants=tenants,
            cloud=cloud,
            authority_host=authority_host,
        )

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
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """GitHub Actions. Without a rule, jobs of every repository on GitHub are accepted.

            TokenVerifier.github("api://deploy", repository="octo/app", ref="refs/heads/main")

        Args:
            audience: The audience that the job requests its token for.
            repository: `octo/app`, or several.
            repository_owner: Organisation or user, or several.
            ref: Git reference such as `refs/heads/main`, or several.
            environment: Deployment environment, or several.
            job_workflow_ref: Reusable workflow, or several.
            subject: Pattern of `sub`, e.g. `repo:octo/app:*`.
            issuer: The issuer URL of an enterprise.
            options: Rules for the tokens, and a verifier's own options.
        """
        wanted = {
            "repository": repository,
            "repository_owner": repository_owner,
            "ref": ref,
            "environment": environment,
            "job_workflow_ref": job_workflow_ref,
        }
        return cls._make(("github",), audience, options, wanted, subject, issuer=issuer)

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
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """GitLab CI's ID tokens. `issuer` is the URL of a self-managed instance; otherwise as `github`."""
        wanted = {
            "project_path": project_path,
            "namespace_path": namespace_path,
            "ref": ref,
            "environment": environment,
        }
        return cls._make(("gitlab",), audience, options, wanted, subject, issuer=issuer)

    @classmethod
    def kubernetes(
        cls,
        issuer: Names,
        audience: Names,
        *,
        namespace: Names | None = None,
        service_account: Names | None = None,
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """Projected service account tokens of a cluster: of every account, or of the named ones."""
        wanted = {
            "/kubernetes.io/namespace": namespace,
            "/kubernetes.io/serviceaccount/name": service_account,
        }
        return cls._make(("kubernetes",), audience, options, wanted, issuer=issuer)

    @classmethod
    def google(
        cls,
        audience: Names,
        *,
        email: Names | None = None,
        subject: str | None = None,
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """Google's ID tokens: of every account, or of the named email addresses, which Google must have verified."""
        verified = [] if email is None else [claim("email_verified").equals(True)]
        return cls._make(("google",), audience, options, {"email": email}, subject, verified)

    @classmethod
    def spiffe(
        cls,
        trust_domain: str | Mapping[str, Mapping[str, Any] | str],
        audience: Names,
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """JWT-SVIDs of SPIFFE trust domains.

            TokenVerifier.spiffe({"a.example": "https://spire.a.example/bundle", "b.example": bundle}, "api://orders")

        Args:
            trust_domain: A trust domain, whose bundle `jwks_uri` or `keys` names; or a mapping from each trust domain to
                its own bundle, a URL or a JWK Set. A key is never accepted for another trust domain than its own.
            audience: As for `entra`.
            options: As for `entra`.
        """
        return cls._make(("spiffe-jwt-svid",), audience, options, trust_domain=trust_domain)

    @classmethod
    def rfc9068(
        cls,
        issuer: Names,
        audience: Names,
        *,
        without: Iterable[str] | None = None,
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """Access tokens with `typ` `at+jwt` (RFC 9068). Other types of tokens are refused.

            TokenVerifier.rfc9068("https://as.example", "api://orders", without=["sub"])

        Args:
            issuer: As for `oidc`.
            audience: As for `entra`.
            without: Claims among `sub`, `client_id`, `iat` and `jti` that the tokens may lack. RFC 9068 requires them.
            options: As for `entra`.
        """
        return cls._make(("rfc9068",), audience, options, issuer=issuer, rfc9068_without=without)

    @classmethod
    def oidc(
        cls,
        issuer: Names,
        audience: Names | None,
        **options: Unpack[Options[Count, Seconds, Flag, Sender, Path, Data, Private, Networks]],
    ) -> Self:
        """Any OpenID Connect issuer. Its keys are found by discovery, unless a rule names them.

        `audience` is `None` only for tokens without one, together with `dangerously_without_audience`.
        """
        return cls._make(("generic-oidc",), audience, options, issuer=issuer)

    @classmethod
    def _make(
        cls,
        profiles: tuple[str, ...],
        audience: Names | None,
        options: Mapping[str, Any],
        wanted: Mapping[str, Names | None] | None = None,
        subject: str | None = None,
        rules: Iterable[ClaimRule] = (),
        **members: Any,
    ) -> Self:
        """Makes an object for one entry of each profile. `wanted` are the accepted values of claims."""
        rules = [
            *rules,
            *(
                equal_or_among(name, value)
                for name, value in (wanted or {}).items()
                if value is not None
            ),
        ]
        if subject is not None:
            rules.append(claim("sub").glob(subject))
        given = options.get("claims")
        try:
            claims = None if given is None else list(given)
        except TypeError:
            raise wrong_type() from None
        # The caller's own list stays empty if it is: the core refuses that.
        if claims is None or claims:
            claims = [*(claims or ()), *rules] or None
        return cls._of_entries(profiles, audience, {**options, **members, "claims": claims})

    @classmethod
    def _of_entries(
        cls, profiles: tuple[str, ...], audience: Names | None, members: dict[str, Any]
    ) -> Self:
        raise NotImplementedError


class Issuer(
    IssuerKinds[
        NoReturn, NoReturn, NoReturn, NoReturn, NoReturn, NoReturn, NoReturn, NoReturn
    ]
):
    """One trusted issuer. Make it with `Issuer.entra`, `.github` and so on, or with the name of a profile.

        deployments = Issuer.github("api://deploy", repository="octo/app")
        verifier = TokenVerifier([deployments, Issuer.oidc("https://login.example", "api://deploy")])

    Args:
        profile: Name of the rules for a kind of issuer (docs/profiles.md).
        audience: The service's own names; the token must name at least one of them.
        members: Further members of the core's configuration (docs/protocol.md, section 8), e.g. `issuer`.
    """

    __slots__ = ("_entries",)

    def __init__(self, profile: str, audience: Names | None, **members: Any) -> None:
        self._entries: tuple[dict[str, Any], ...] = (entry_of(profile, audience, members),)

    def describe(self) -> tuple[dict[str, Any], ...]:
        """Returns the entries of `issuers` in the core's configuration."""
        return self._entries

    @classmethod
    def _of_entries(
        cls, profiles: tuple[str, ...], audience: Names | None, members: dict[str, Any]
    ) -> Self:
        first, *others = profiles
        issuer = cls(first, audience, **members)
        # Of the entry and not of the members, whose iterables may be used up.
        (entry,) = issuer._entries
        issuer._entries += tuple({**entry, "profile": profile} for profile in others)
        bundles = members.get("trust_domain")
        if isinstance(bundles, Mapping):
            issuer._entries = tuple(entry_of_bundle(entry, *item) for item in bundles.items())
        return issuer

    def __repr__(self) -> str:
        parts = [f"{entry['profile']} for {entry.get('audience')!r}" for entry in self._entries]
        return f"<Issuer {', '.join(parts)}>"
