"""What a policy can say beyond the usual rules, and what its errors tell an API."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from workload_identity import (
    ConfigurationError,
    Issuer,
    TokenVerifier,
    WorkloadIdentityError,
    claim,
)

from loopback_issuer import SigningKey
from stubs import CANARY

TENANT = "11111111-2222-3333-4444-555555555555"


def refusal(verifier: Any, token: Any) -> WorkloadIdentityError:
    with pytest.raises(WorkloadIdentityError) as raised:
        verifier.verify(token)
    assert CANARY not in repr(raised.value)
    return raised.value


ISSUER = "https://issuer.example"


def minted(key: SigningKey, *, typ: str = "JWT", **claims: Any) -> str:
    usual = {"iss": ISSUER, "aud": "a", "sub": "s", "exp": 2**33}
    chosen = {name: value for name, value in {**usual, **claims}.items() if value is not None}
    return key.token(chosen, typ=typ)


INVALID = 'Bearer error="invalid_token", error_description="'
LACKS = "A claim does not have a value that the policy allows"


@pytest.mark.parametrize(
    ("options", "claims", "status", "claim_name", "rule", "header"),
    [
        ({}, {"exp": 1}, 401, "exp", None, f'{INVALID}The token has expired: exp"'),
        ({}, {"aud": "b"}, 401, "aud", "audience", None),
        ({"authorized_parties": ["p"]}, {"azp": "q"}, 401, "azp", "authorized_parties", None),
        (
            {"claims": [claim('x"\r\n').equals("1")]},
            {},
            401,
            'x"\r\n',
            "claims",
            f"{INVALID}A required claim is missing: x'??\"",
        ),
        (
            {"scopes": ["files.read", "files.write"]},
            {"scp": "user.read"},
            403,
            "scp",
            "scopes",
            f'Bearer error="insufficient_scope", error_description="{LACKS}: scp", scope="files.read files.write"',
        ),
        (
            {"roles": ["r"]},
            {"roles": ["q"]},
            403,
            "roles",
            "roles",
            f'Bearer error="insufficient_scope", error_description="{LACKS}: roles"',
        ),
        ({"require": ["jti"]}, {}, 401, "jti", "require", None),
    ],
)
def test_an_error_says_what_an_api_answers(
    options: Any, claims: Any, status: int, claim_name: str, rule: str | None, header: str | None
) -> None:
    key = SigningKey("rsa", "k")
    verifier = TokenVerifier.oidc(ISSUER, "a", keys={"keys": [key.jwk]}, **options)
    error = refusal(verifier, minted(key, **claims))
    assert (error.http_status, error.claim, error.rule) == (status, claim_name, rule)
    assert header is None or error.www_authenticate == header
    assert (error.www_authenticate or "").isprintable()


def test_answers_without_a_token_or_keys() -> None:
    verifier = TokenVerifier.oidc(ISSUER, "a", jwks_uri="https://keys.invalid/", timeout=0.001)
    error = refusal(verifier, None)
    assert (error.code, error.http_status, error.www_authenticate) == ("request_invalid", 401, "Bearer")
    error = refusal(verifier, minted(SigningKey("rsa", "k")))
    assert (error.http_status, error.www_authenticate) == (503, None)


def test_claims_challenge_for_clients_that_handle_it() -> None:
    key = SigningKey("rsa", "k")
    verifier = TokenVerifier.entra(
        TENANT, "a", keys={"keys": [key.jwk]}, claims=[claim("acrs").equals("c1")]
    )
    entra = {
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "tid": TENANT,
        "ver": "2.0",
    }
    error = refusal(verifier, minted(key, **entra, xms_cc=["cp1"]))
    assert error.www_authenticate is not None
    start, _, challenge = error.www_authenticate.partition(', claims="')
    assert start.startswith('Bearer error="insufficient_claims"')
    wanted = {"access_token": {"acrs": {"essential": True, "value": "c1"}}}
    assert json.loads(base64.b64decode(challenge.removesuffix('"'))) == wanted
    error = refusal(verifier, minted(key, **entra))
    assert error.www_authenticate == f'{INVALID}A required claim is missing: acrs"'


@pytest.mark.parametrize(
    ("around", "word"),
    [
        ("Bearer {}", "`Bearer `"),
        ("bearer {}", "`Bearer `"),
        ('"{}"', "quotation marks"),
        ("'{}'", "quotation marks"),
        ("\ufeff{}", "byte order mark"),
        (" {}", "white space"),
        ("{}\n", "white space"),
    ],
)
def test_what_stands_around_a_token_is_named(around: str, word: str) -> None:
    key = SigningKey("rsa", "k")
    verifier = TokenVerifier.oidc(ISSUER, "a", keys={"keys": [key.jwk]})
    token = minted(key)
    error = refusal(verifier, around.format(token))
    assert (error.code, word in error.message) == ("malformed", True)
    assert token[:20] not in str(error)


def test_a_token_of_the_other_version() -> None:
    key = SigningKey("rsa", "k")
    v1 = {"iss": f"https://sts.windows.net/{TENANT}/", "tid": TENANT, "ver": "1.0"}
    v2 = {
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "tid": TENANT,
        "ver": "2.0",
    }
    for profile, claims in (("entra-v2", v1), ("entra-v1", v2)):
        issuer = Issuer(profile, "a", tenant_id=TENANT, keys={"keys": [key.jwk]})
        error = refusal(TokenVerifier(issuer), minted(key, **claims))
        assert (error.code, error.retryable) == ("unknown_issuer", False)
        assert "`requestedAccessTokenVersion`" in error.message


BLANKS: list[Any] = ["", " ", [""], ["octo/app", " "], (name for name in ()), {}]


@pytest.mark.parametrize("blank", BLANKS, ids=repr)
@pytest.mark.parametrize("member", ["audience", "repository", "environment"])
def test_a_variable_that_is_not_set_turns_no_check_off(member: str, blank: Any) -> None:
    options = {"audience": "a", member: blank}
    with pytest.raises(ConfigurationError) as raised:
        TokenVerifier.github(**options)
    assert raised.value.code == "config_invalid"


@pytest.mark.parametrize(
    "make",
    [
        lambda: TokenVerifier.github("a", repository=[None]),  # type: ignore[list-item]
        lambda: TokenVerifier.github("a", repository=0),  # type: ignore[arg-type]
        lambda: TokenVerifier.oidc(ISSUER, "a", claims=[claim("sub").one_of("ab")]),
        lambda: TokenVerifier.oidc(ISSUER, "a", claims=[claim("sub").equals("")]),
        lambda: TokenVerifier(0),  # type: ignore[arg-type]
    ],
)
def test_values_of_a_wrong_type_are_refused(make: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make()
    assert raised.value.code == "config_invalid"


def test_tokens_without_an_audience_or_a_subject_are_asked_for() -> None:
    key = SigningKey("rsa", "k")
    keys = {"keys": [key.jwk]}
    rules = [claim("client_id").equals("app"), claim("token_use").equals("access")]
    options: dict[str, Any] = {"keys": keys, "dangerously_without_audience": True}
    cognito = TokenVerifier.oidc(ISSUER, None, claims=rules, **options)
    access = {"aud": None, "client_id": "app", "token_use": "access"}
    assert cognito.verify(minted(key, **access))["client_id"] == "app"
    assert refusal(cognito, minted(key, **{**access, "aud": "a"})).code == "audience_mismatch"
    assert refusal(cognito, minted(key, **{**access, "client_id": "b"})).code == "claim_mismatch"
    for claims in (None, rules[1:], [claim("client_id").present()], [claim("client_id").glob("*")]):
        with pytest.raises(ConfigurationError, match="dangerously_without_audience"):
            TokenVerifier.oidc(ISSUER, None, claims=claims, **options)
    with pytest.raises(ConfigurationError, match="dangerously_without_audience"):
        TokenVerifier.oidc(ISSUER, "a", claims=rules, **options)
    with pytest.raises(ConfigurationError, match="audience"):
        TokenVerifier.oidc(ISSUER, None, claims=rules, keys=keys)
    token = minted(key, typ="at+jwt", sub=None, client_id="app", jti="1", iat=1)
    strict = TokenVerifier.rfc9068(ISSUER, "a", keys=keys)
    assert refusal(strict, token).code == "claim_missing"
    relaxed = TokenVerifier.rfc9068(ISSUER, "a", keys=keys, without=["sub"])
    assert relaxed.verify(token).subject is None
    assert refusal(relaxed, minted(key)).code == "typ_mismatch"


def test_each_trust_domain_has_its_own_bundle() -> None:
    one, two = SigningKey("rsa", "k"), SigningKey("rsa-other", "k")
    bundle_of = lambda key: {"keys": [{**key.jwk, "use": "jwt-svid"}]}  # noqa: E731
    bundles = {"a.example": bundle_of(one), "b.example": json.dumps(bundle_of(two))}
    verifier = TokenVerifier.spiffe(bundles, "a")
    for key, domain, accepted in (
        (one, "a.example", True),
        (two, "b.example", True),
        (one, "b.example", False),
        (two, "a.example", False),
    ):
        token = minted(key, sub=f"spiffe://{domain}/x")
        if accepted:
            assert verifier.verify(token).subject == f"spiffe://{domain}/x"
        else:
            assert refusal(verifier, token).code == "signature_invalid"
    addresses = {"a.example": "https://spire.a.example/b", "b.example": "https://spire.b.example/b"}
    assert TokenVerifier.spiffe(addresses, "a")
    shared = bundle_of(one)
    for make in (
        lambda: TokenVerifier.spiffe({"a.example": shared, "b.example": shared}, "a"),
        lambda: TokenVerifier.spiffe(["a.example", "b.example"], "a", keys=shared),  # type: ignore[arg-type]
        lambda: TokenVerifier.spiffe({}, "a"),
    ):
        with pytest.raises(ConfigurationError):
            make()


@pytest.mark.parametrize(
    "cloud",
    ["public", "usgov", "china", "login.windows.net", "login.microsoft.com", "sts.windows.net"]
    + ["login.usgovcloudapi.net", "login.chinacloudapi.cn", "login.sovcloud-identity.fr"],
)
def test_a_cloud_is_named_by_any_of_its_hosts(cloud: str) -> None:
    assert TokenVerifier.entra(TENANT, "a", cloud=cloud)
