"""Typical code of users, checked by mypy and not run by pytest."""

from __future__ import annotations

from azure.core.credentials import AccessToken, AccessTokenInfo, SupportsTokenInfo, TokenCredential
from azure.core.credentials_async import AsyncSupportsTokenInfo, AsyncTokenCredential
from workload_identity import (
    AssertionRequest,
    Callback,
    Credential,
    GitHubActions,
    HttpRequest,
    HttpResponse,
    Issuer,
    Preflight,
    SharedTokenCache,
    Signed,
    TokenFile,
    TokenVerifier,
    UnverifiedToken,
    Verdict,
    VerifiedToken,
    WorkloadIdentity,
    WorkloadIdentityError,
    aio,
    build_subject,
    claim,
    explain,
    parse_subject,
    peek_unverified,
    preflight,
)
from workload_identity.aiohttp_transport import AiohttpTransport
from workload_identity.httpx_transport import AsyncHttpxTransport, HttpxTransport
from workload_identity.management import (
    Applied,
    FederatedCredential,
    FederatedCredentials,
    Plan,
    TrustFile,
)
from workload_identity.standard_transport import StandardTransport


class MyTransport:
    def send(self, request: HttpRequest, /) -> HttpResponse:
        return HttpResponse(200, {"a": "b"}, request.body)


class MyStore:
    def load(self, key: str, /) -> str | None:
        return key

    def save(self, key: str, value: str, until: float, /) -> None:
        print(len(key), len(value), until)


async def ask() -> str:
    return "assertion"


def ask_for(request: AssertionRequest) -> str:
    return f"{request.audience}: {request.reason}, {request.attempt}, {request.cancelled}"


def sign(data: bytes) -> bytes:
    return data


sources = [TokenFile("/run/token"), GitHubActions(), Callback(ask), Callback(ask_for), Signed("k", "ES256", sign)]

credential: TokenCredential = WorkloadIdentity(source=TokenFile("/run/token"))
with_info: SupportsTokenInfo = WorkloadIdentity.from_environment(transport=StandardTransport())
for transport in (MyTransport(), HttpxTransport(), aio.ThreadTransport(MyTransport())):
    print(transport)

plain = WorkloadIdentity(source=lambda: "assertion", transport=MyTransport(), store=MyStore())
token: AccessToken = plain.get_token("a/.default", claims="{}", tenant_id="t", enable_cae=True)
agent: AccessToken = plain.get_token("a/.default", fmi_path="agents/a")
cache = SharedTokenCache(max_entries=10, max_bytes=100_000)
sharing = WorkloadIdentity(source=ask_for, cache=cache)
inline = WorkloadIdentity(source=lambda request: request.audience or "", cache=cache)
sharing_later = aio.WorkloadIdentity(source=ask_for, cache=cache)
info: AccessTokenInfo = plain.get_token_info("a/.default", options={"enable_cae": True})


wanted = FederatedCredential("production", issuer="https://a.example", subject="s")
trust_file = TrustFile.read("trust.yaml")
with FederatedCredentials(plain, **trust_file.identity) as managed:
    names: list[str] = [each.name for each in managed.list()]
    stored: FederatedCredential = managed.update({"name": "production", "description": "d"})
    plan: Plan = managed.plan([wanted, stored], prune=True)
    applied: Applied = managed.apply(trust_file, timeout=60)
    print(plan.changes[0].differs, applied.complete, managed.delete("production"))
try:
    FederatedCredentials(credential, app_id="a").apply("trust.yaml")
except WorkloadIdentityError as failure:
    print(failure.applied and failure.applied.changes[0].outcome)


async def use_asyncio() -> None:
    managed_later = aio.FederatedCredentials(aio.WorkloadIdentity(source=ask), managed_identity="/subscriptions/s")
    async with managed_later as credentials:
        print(await credentials.plan([wanted]), [each.id for each in await credentials.list()])
    later: AsyncTokenCredential = aio.WorkloadIdentity(source=ask, transport=AiohttpTransport())
    later_info: AsyncSupportsTokenInfo = aio.WorkloadIdentity(
        source=ask, transport=AsyncHttpxTransport(), store=MyStore()
    )
    got: AccessToken = await later.get_token("a/.default")
    print(got, await later_info.get_token_info("a/.default"))


subject: str = build_subject("github", "environment", owner="o", repo="r", environment="e")
verdict: Verdict = explain("a.b.c", [Credential("https://i", subject, name="n")], now=1.5, jwks={"keys": []})
same: Verdict = explain(claims={"iss": "https://i"}, credentials="credentials.json")
report: Preflight = plain.preflight()
possible: bool = preflight("a.b.c").entra.possible
project: str | None = parse_subject(subject).parts.get("repo")
positions: list[int | None] = [field.position for each in verdict.credentials for field in each.fields]


async def use_preflight() -> Preflight:
    return await aio.WorkloadIdentity(source=ask).preflight()


try:
    plain.get_token()
except WorkloadIdentityError as error:
    if error.explanation is not None:
        print(error.explanation.aadsts, error.explanation.fix)
    if error.code == "scope_missing":
        print(error.retry_at, error.presented and error.presented.get("issuer"))


def allowed(caller: VerifiedToken) -> bool:
    roles: list[str] = caller.get("roles", [])
    return (
        caller.subject is not None and "reader" in roles and caller["tid"] == caller.claims["tid"]
    )


entra = TokenVerifier.entra(
    "tenant", "api://mine", app_only=True, roles=["reader"], leeway_seconds=5
)
jobs = Issuer.github("api://mine", repository="octo/app", claims=[claim("ref").glob("refs/tags/*")])
# An issuer has no options of a verifier.
Issuer.github("api://mine", timeout=3)  # type: ignore[arg-type]
Issuer.oidc("https://issuer.example", "api://mine", allow_loopback_http=True)  # type: ignore[arg-type]
Issuer.github("api://mine", ca_file="ca.pem")  # type: ignore[arg-type]
TokenVerifier.oidc(
    "https://192.168.7.7", "api://mine", allowed_networks=["192.168.0.0/16"]
)
TokenVerifier.github("api://mine", private_addresses="deny")
TokenVerifier.github("api://mine", private_addresses="no")  # type: ignore[arg-type]
WorkloadIdentity(private_addresses="deny", allowed_networks=["10.0.0.0/8"])
TokenVerifier.github("api://mine", timeout="3")  # type: ignore[arg-type]
TokenVerifier.github("api://mine", ca_file="ca.pem", ca_data=b"")
TokenVerifier.github("api://mine", ca_data=5)  # type: ignore[arg-type]
TokenVerifier.github("api://mine", transport=MyTransport(), timeout=3, cache_max_bytes=0)
both = TokenVerifier([jobs, Issuer.spiffe("example.org", "me", keys={"keys": []})], timeout=3)
print(allowed(entra.verify("token", timeout=1)), both.snapshot(), both.load_keys()[0].unusable)
for answer in both.verify_many(["a", "b"]):
    print(answer.code if isinstance(answer, WorkloadIdentityError) else answer.key_id)

peeked: UnverifiedToken = peek_unverified("token")
allowed(peeked)  # type: ignore[arg-type]
allowed(peeked.unverified_claims)  # type: ignore[arg-type]


async def verified() -> bool:
    async with aio.TokenVerifier.entra_multi_tenant("any", "api://mine") as verifier:
        return allowed(await verifier.verify("token"))
