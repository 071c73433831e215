"""The settings of a verifier: every kind of issuer, every rule, and settings that are refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
import workload_identity.aio
from workload_identity import (
    ConfigurationError,
    Issuer,
    Signed,
    TokenError,
    TokenVerifier,
    WorkloadIdentity,
    WorkloadIdentityError,
    claim,
    peek_unverified,
)
from workload_identity._core.error_codes import CODES

from loopback_issuer import SigningKey
from stubs import CANARY, workload_token

TENANT = "11111111-2222-3333-4444-555555555555"
KEYS = {"keys": [SigningKey("rsa", "k").jwk]}

KINDS: dict[str, Any] = {
    "entra": lambda kind, **rest: kind.entra(TENANT, "api://a", **rest),
    "entra-cloud": lambda kind, **rest: kind.entra(TENANT, ["a", "b"], cloud="usgov", **rest),
    "entra-app": lambda kind, **rest: kind.entra(TENANT, "a", app_only=True, roles=["r"], **rest),
    "tenants": lambda kind, **rest: kind.entra_multi_tenant([TENANT], "a", **rest),
    "any-tenant": lambda kind, **rest: kind.entra_multi_tenant("any", "a", **rest),
    "github": lambda kind, **rest: kind.github("a", repository=["o/a", "o/b"], ref="r", **rest),
    "gitlab": lambda kind, **rest: kind.gitlab("a", project_path="p/q", subject="p*", **rest),
    "gitlab-own": lambda kind, **rest: kind.gitlab("a", issuer="https://git.example", **rest),
    "kubernetes": lambda kind, **rest: kind.kubernetes(
        "https://cluster.example", "a", namespace="n", service_account={"s"}, **rest
    ),
    "google": lambda kind, **rest: kind.google("a", email="a@b.example", **rest),
    "oidc": lambda kind, **rest: kind.oidc("https://issuer.example", "a", **rest),
}
RULES: dict[str, Any] = {
    "algorithms": ("RS256",),
    "sole_audience": True,
    "max_age_seconds": 600,
    "require": {"jti"},
    "claims": [claim("/a/b").equals(1)],
    "authorized_parties": ["p"],
    "roles": ["r"],
    "scopes": ["s"],
}


@pytest.mark.parametrize("make", KINDS.values(), ids=list(KINDS))
async def test_kinds(make: Any) -> None:
    for kind in (TokenVerifier, workload_identity.aio.TokenVerifier):
        assert repr(make(kind)) and make(kind, keys=KEYS, leeway_seconds=5)
    entries = make(Issuer, keys=json.dumps(KEYS)).describe()
    assert {entry["profile"].split("-")[0] for entry in entries} <= {
        "entra",
        "github",
        "gitlab",
        "kubernetes",
        "google",
        "generic",
    }
    TokenVerifier([make(Issuer), Issuer("rfc9068", "a", issuer="https://as.example")])


def test_kinds_that_need_a_key_url() -> None:
    for keys in ({"keys": KEYS}, {"jwks_uri": "https://spire.example/bundle"}):
        assert TokenVerifier.spiffe("example.org", "a", **keys)
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/a/50dc6c495c0c9188"
    assert Issuer("alb", "client", issuer="https://i.example", signers=[arn], keys=KEYS)


def test_an_entra_tenant_has_tokens_of_two_versions() -> None:
    profiles = [entry["profile"] for entry in Issuer.entra(TENANT, "a").describe()]
    assert profiles == ["entra-v2", "entra-v1"]


@pytest.mark.parametrize("name", RULES)
def test_rules(name: str) -> None:
    assert TokenVerifier.oidc("https://issuer.example", "a", **{name: RULES[name]})


async def test_private_addresses() -> None:
    for kind in (TokenVerifier, workload_identity.aio.TokenVerifier):
        assert kind.oidc("https://192.168.7.7", "a")
        assert kind.kubernetes("https://kubernetes.default.svc", "a")
        assert kind.oidc("https://10.1.2.3", "a", allowed_networks=("10.1.0.0/16", "fd12::/16"))
        for issuer, options, named in (
            ("https://192.168.7.7", {"private_addresses": "deny"}, "`private_addresses`"),
            ("https://vault.default.svc", {"private_addresses": "deny"}, "`private_addresses`"),
            ("https://192.168.7.7", {"allowed_networks": ["10.0.0.0/8"]}, "`allowed_networks`"),
            ("https://10.0.0.1", {"allowed_networks": []}, "`allowed_networks`"),
            ("http://127.0.0.1", {}, "`allow_loopback_http`"),
            ("https://169.254.169.254", {}, "no option allows it"),
        ):
            with pytest.raises(ConfigurationError, match=named):
                kind.oidc(issuer, "a", **options)
    for kind in (WorkloadIdentity, workload_identity.aio.WorkloadIdentity):
        for options in ({}, {"allowed_networks": ["10.0.0.0/8"]}, {"private_addresses": "allow"}):
            assert kind(authority="https://10.0.0.1/realms/a", source=lambda: "", **options)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"private_addresses": "no"}, "config_invalid"),
        ({"private_addresses": "allow", "allowed_networks": ["::/0"]}, "config_invalid"),
        ({"allowed_networks": 5}, "config_invalid"),
        ({"allowed_networks": "localhost"}, "config_invalid"),
        ({"leeway_seconds": 301}, "config_invalid"),
        ({"leeway_seconds": "1"}, "config_invalid"),
        ({"timeout": "soon"}, "config_invalid"),
        ({"timeout": float("nan")}, "config_invalid"),
        ({"max_age_seconds": 0}, "config_invalid"),
        ({"algorithms": ["none"]}, "config_invalid"),
        ({"algorithms": ["HS256"]}, "config_invalid"),
        ({"claims": ["sub"]}, "config_invalid"),
        ({"jwks_uri": "http://issuer.example/keys"}, "config_invalid"),
        ({"keys": "not json"}, "config_invalid"),
        ({"keys": '{"keys":[]},"audience":"other"'}, "config_invalid"),
        ({"keys": 5}, "config_invalid"),
        ({"app_only": True}, "config_invalid"),
        ({"nonsense": 1}, "config_invalid"),
        ({"keys": '{"keys":[],"keys":[]}'}, "config_invalid"),
        ({"cache_max_bytes": -1}, "config_invalid"),
    ],
    ids=str,
)
def test_wrong_settings(options: dict[str, Any], code: str) -> None:
    with pytest.raises(WorkloadIdentityError) as raised:
        TokenVerifier.oidc("https://issuer.example", "a", **options)
    assert raised.value.code == code


EMPTY_LISTS: dict[str, Any] = {
    **{
        name: lambda name=name: TokenVerifier.oidc("https://issuer.example", "a", **{name: []})
        for name, value in RULES.items()
        if not isinstance(value, int)
    },
    "audience": lambda: TokenVerifier.oidc("https://issuer.example", []),
    "issuer": lambda: TokenVerifier.github("a", issuer=[]),  # type: ignore[arg-type]
    "issuers": lambda: TokenVerifier([]),
    "tenants": lambda: TokenVerifier.entra_multi_tenant([], "a"),
    "trust_domain": lambda: TokenVerifier.spiffe([], "a", keys=KEYS),
    "signers": lambda: TokenVerifier(Issuer("alb", "a", issuer="i", signers=[], keys=KEYS)),
    "one_of": lambda: TokenVerifier.oidc("i", "a", claims=[claim("c").one_of([])]),
    "repository": lambda: TokenVerifier.github("a", repository=[]),
    "namespace": lambda: TokenVerifier.kubernetes("i", "a", namespace=()),
    "email": lambda: TokenVerifier.google("a", email=[]),
    "claims beside a filter": lambda: TokenVerifier.github("a", repository="o/a", claims=[]),
    "a used up iterable": lambda: TokenVerifier.entra(TENANT, "a", roles=iter(())),
    "an empty text": lambda: TokenVerifier.oidc("i", "a", scopes="".split(",")),
    "tenants of a credential": lambda: WorkloadIdentity(
        tenant_id=TENANT,
        client_id=TENANT,
        source=workload_token,
        additionally_allowed_tenants=[],
    ),
    "certificates": lambda: WorkloadIdentity(
        tenant_id=TENANT, client_id=TENANT, source=Signed("k", "ES256", bytes, x5c=[])
    ),
}


@pytest.mark.parametrize("make", EMPTY_LISTS.values(), ids=list(EMPTY_LISTS))
def test_no_list_is_empty(make: Any) -> None:
    """A list that was filtered to nothing must not turn a check off."""
    with pytest.raises(ConfigurationError) as raised:
        make()
    assert raised.value.code == "config_invalid"


def test_a_rule_that_is_none_is_absent() -> None:
    absent = dict.fromkeys(RULES)
    assert TokenVerifier.oidc("https://issuer.example", "a", **absent)


def test_iterables_serve_both_versions_of_entra_tokens() -> None:
    both = Issuer.entra(TENANT, iter(["a"]), roles=iter(["r"])).describe()  # type: ignore[arg-type]
    assert [(entry["audience"], entry["roles"]) for entry in both] == [(["a"], ["r"])] * 2


def test_integers_are_exact() -> None:
    key = SigningKey("rsa", "k")
    keys = {"keys": [key.jwk]}
    for wanted in (2**53 + 1, 2**63, 2**64 - 1, -(2**63)):
        verifier = TokenVerifier.oidc(
            "https://issuer.example", "a", keys=keys, claims=[claim("n").one_of([wanted])]
        )
        for found in (wanted, wanted - 1, wanted + 1):
            claims = {"iss": "https://issuer.example", "aud": "a", "exp": 2**33, "n": found}
            token = key.token(claims)
            try:
                assert verifier.verify(token)["n"] == found == wanted
            except TokenError as error:
                assert (error.code, found != wanted) == ("claim_mismatch", True)
    for large in (2**64, -(2**63) - 1, float(2**63)):
        with pytest.raises(ConfigurationError, match="64 bits"):
            TokenVerifier.oidc("i", "a", keys=keys, claims=[claim("n").equals(large)])


def test_keys_behind_a_byte_order_mark() -> None:
    text = "\ufeff" + json.dumps(KEYS)
    for keys in (text, text.encode()):
        assert TokenVerifier.oidc("https://issuer.example", "a", keys=keys)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "option", [{"timeout": 3}, {"leeway_seconds": 1}, {"transport": object()}], ids=str
)
def test_an_issuer_has_no_options_of_a_verifier(option: Any) -> None:
    with pytest.raises(ConfigurationError) as raised:
        TokenVerifier([Issuer.github("a", **option)])
    assert raised.value.code == "config_invalid"


def test_claim_filters_of_a_wrong_type() -> None:
    for kind in (Issuer, TokenVerifier):
        for wrong in (5, True):
            with pytest.raises(ConfigurationError, match="`repository` takes a string or a list"):
                kind.github("a", repository=wrong)  # type: ignore[attr-defined]


def test_issuers_and_audience_are_required() -> None:
    for issuers in ([], [object()], None):
        with pytest.raises((ConfigurationError, TypeError)):
            TokenVerifier(issuers)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError):
        TokenVerifier.oidc("https://issuer.example", [])


def test_invalid_tokens() -> None:
    verifier = TokenVerifier.oidc("https://issuer.example", "a", keys=KEYS)
    for given, kind, code in (
        (None, ConfigurationError, "request_invalid"),
        (b"a.b.c", ConfigurationError, "request_invalid"),
        ("", TokenError, "malformed"),
        ("\ud800", TokenError, "malformed"),
        ("a.b.c.d.e", TokenError, "encrypted_unsupported"),
        ("a" * 20_000, TokenError, "too_large"),
    ):
        for function in (verifier.verify, peek_unverified):
            with pytest.raises(kind) as raised:
                function(given)  # type: ignore[operator]
            assert raised.value.code == code
            assert raised.value.code in CODES


def test_peek_unverified() -> None:
    peeked = peek_unverified(workload_token(sub="somebody"))
    assert peeked.unverified_claims["sub"] == "somebody"
    assert peeked.unverified_header["alg"] == "RS256"
    assert CANARY not in repr(peeked)
    for name in ("subject", "claims", "get", "keys"):
        assert not hasattr(peeked, name)
    with pytest.raises(TypeError):
        peeked["sub"]  # type: ignore[index]
