"""`explain`, `preflight` and subjects: the decision table, bad input, and texts of tokens that are data."""

from __future__ import annotations

import asyncio
import json
import pickle
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest
from workload_identity import (
    AuthenticationError,
    Callback,
    ConfigurationError,
    Credential,
    HttpRequest,
    HttpResponse,
    SourceError,
    TokenError,
    TokenFile,
    Verdict,
    WorkloadIdentity,
    aio,
    build_subject,
    explain,
    parse_subject,
    preflight,
)

from conftest import REPOSITORY

TABLE = json.loads((REPOSITORY / "tests/vectors/trust.json").read_text("utf-8"))["cases"]

ISSUER = "https://token.actions.githubusercontent.com"
AUDIENCE = "api://AzureADTokenExchange"
# What attacks terminals and pages: an escape sequence, a bell, an override of the direction, markup.
HOSTILE = "repo:o/a\x1b[31m\x07\u202e<script>alert('&')</script>\r\n"
ESCAPED = r"repo:o/a\u{1b}[31m\u{7}\u{202e}\u{3c}script\u{3e}alert('\u{26}')\u{3c}/script\u{3e}\u{d}\u{a}"

CLIENT = {
    "tenant_id": "8f2f1c6e-5d0a-4c57-9b3e-2a7d64c1e0b9",
    "client_id": "3b1d7a52-c94e-4f08-8e67-90af5d2c6b14",
}


def token(claims: dict[str, Any], algorithm: str = "RS256") -> str:
    def part(value: Any) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': algorithm, 'kid': 'k'})}.{part(claims)}.{part('signature')}"


def github(subject: str = "repo:octo/app:pull_request", **more: Any) -> dict[str, Any]:
    return {"iss": ISSUER, "sub": subject, "aud": AUDIENCE, **more}


def outcome(verdict: Verdict) -> dict[str, Any]:
    """What a row of the table says."""
    fields = () if verdict.nearest is None else verdict.credentials[verdict.nearest].fields
    position = next((each.position for each in fields if each.field == verdict.field), None)
    found = {
        "field": verdict.field,
        "difference": verdict.difference,
        "position": position,
    }
    known = {name: value for name, value in found.items() if value is not None}
    return {"accepted": verdict.accepted, "aadsts": verdict.aadsts, **known}


@pytest.mark.smoke
def test_decision_table() -> None:
    assert len(TABLE) >= 150
    for case in TABLE:
        wanted = {
            name: value
            for name, value in case.items()
            if name not in ("name", "claims", "credentials")
        }
        credentials = [Credential(**each) for each in case["credentials"]]
        verdict = explain(claims=case["claims"], credentials=credentials)
        assert outcome(verdict) == wanted, case["name"]
        assert str(verdict).replace("\n", "").isascii()
        assert str(verdict).replace("\n", "").isprintable()
        assert explain(claims=case["claims"], credentials=case["credentials"]) == verdict


def test_report() -> None:
    credential = Credential(ISSUER, "repo:octo/app:environment:prod", audience=AUDIENCE, name="prod")
    verdict = explain(token(github()), [credential])
    assert verdict.credentials[0].fields[1].position == 14
    lines = str(verdict).splitlines()
    assert lines[:7] == [
        "refused: AADSTS700213",
        "prod",
        "  issuer: equal",
        "  subject: job_context at character 14",
        "    expected:  repo:octo/app:environment:prod",
        "    presented: repo:octo/app:pull_request",
        "  audience: equal",
    ]
    assert "to do" in lines
    assert pickle.loads(pickle.dumps(verdict)) == verdict


def test_texts_of_a_token_are_data() -> None:
    credential = Credential(ISSUER, "repo:o/a:ref:refs/heads/main", name=HOSTILE)
    for verdict in (
        explain(token(github(HOSTILE)), credential),
        explain(claims=github(HOSTILE), credentials=[credential]),
    ):
        subject = verdict.credentials[0].fields[1]
        assert subject.presented == HOSTILE
        assert verdict.credentials[0].name == HOSTILE
        assert ESCAPED in str(verdict)
        assert ESCAPED in str(subject)
        assert_harmless(str(verdict), *verdict.fix)
    report = preflight(token(github(HOSTILE)))
    assert report.subject == HOSTILE
    assert ESCAPED in str(report)
    assert_harmless(str(report), *(each.message for each in report.entra.problems))


def assert_harmless(*texts: str) -> None:
    for text in texts:
        assert all(line.isascii() and line.isprintable() for line in text.split("\n"))
    assert not set("<>&") & set(texts[0])


def test_files_of_credentials(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    listed = {"issuer": ISSUER, "subject": "repo:octo/app:pull_request", "audiences": [AUDIENCE]}
    path.write_text(json.dumps([{"id": "1", "name": "pr", **listed}]))
    for given in (path, str(path)):
        assert explain(token(github()), given).accepted
    path.write_text('[\n {"issuer": "https://i", "subjectt": "s"}\n]')
    with pytest.raises(ConfigurationError, match=r"subjectt.*line 2") as raised:
        explain(token(github()), path)
    assert raised.value.code == "config_invalid"
    with pytest.raises(ConfigurationError, match=r"absent.*cannot be read"):
        explain(token(github()), tmp_path / "absent")


def test_documents_and_the_answer_of_entra() -> None:
    credential = Credential(ISSUER, "repo:octo/app:pull_request")
    claims = github(iat=1000, exp=1300)
    verdict = explain(token(claims), credential, now=9000, jwks={"keys": []}, discovery=b"{}")
    outcomes = {check.check: check.outcome for check in verdict.checks}
    assert (verdict.accepted, outcomes["lifetime"]) == (False, "fail")
    assert explain(token(claims), credential, now=1100.5).accepted
    text = f"AADSTS700212: No matching federated identity record found for presented assertion audience 'x'. {ISSUER}"
    answered = explain(error=text, credentials=credential)
    assert (answered.aadsts, answered.field) == (700212, "audience")
    assert [each.presented for each in answered.credentials[0].fields] == ["x"]


def test_preflight_of_a_token() -> None:
    report = preflight(token(github(iat=100, exp=400)))
    assert report[:5] == ("RS256", ISSUER, "repo:octo/app:pull_request", (AUDIENCE,), 300)
    assert report.entra == (True, ())
    assert str(report).endswith("\nlifetime: 300 s\npossible")
    for wanted, given in {
        "algorithm_not_rs256": token(github(), "ES256"),
        "private_issuer": token({"iss": "https://10.0.0.1", "sub": "s", "aud": AUDIENCE}),
        "per_run_subject": token(
            {"iss": "https://oidc.fly.io/o", "sub": "o:app:148e12345b7789", "aud": AUDIENCE}
        ),
        "entra_issued": token({"iss": "https://sts.windows.net/t/", "sub": "s", "aud": AUDIENCE}),
    }.items():
        entra = preflight(given).entra
        assert (entra.possible, [each.code for each in entra.problems]) == (False, [wanted])
    keys = {"keys": [{"kid": str(number)} for number in range(101)]}
    problems = preflight(token(github()), jwks=keys).entra.problems
    assert [each.code for each in problems] == ["too_many_keys", "signing_key_missing"]


def test_subjects() -> None:
    subject = build_subject("github", "environment", owner="octo", repo="app", environment="prod")
    assert subject == "repo:octo/app:environment:prod"
    parsed = parse_subject(subject, ISSUER)
    assert (parsed.platform, parsed.form, parsed.generation) == ("github", "environment", 1)
    assert parsed.parts == {"owner": "octo", "repo": "app", "environment": "prod"}
    assert parse_subject("\x1b?").platform is None
    with pytest.raises(ConfigurationError, match="environment"):
        build_subject("github", "environment", owner="octo", repo="app")
    with pytest.raises(ConfigurationError, match="platform"):
        build_subject("gitbub", "environment")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({}, "request_invalid"),
        ({"token": "x", "claims": {}}, "request_invalid"),
        ({"token": 7}, "request_invalid"),
        ({"token": b"a.b.c"}, "request_invalid"),
        ({"token": "no token"}, "malformed"),
        ({"token": "a.b.c.d.e"}, "encrypted_unsupported"),
        ({"token": "x" * 1_000_000}, "too_large"),
        ({"claims": ["iss"]}, "request_invalid"),
        ({"claims": {"x": object()}}, "request_invalid"),
        ({"claims": {"x": float("nan")}}, "request_invalid"),
        ({"claims": github(), "credentials": 7}, "request_invalid"),
        ({"claims": github(), "credentials": [7]}, "request_invalid"),
        ({"claims": github(), "credentials": [Credential("https://i")]}, "request_invalid"),
        ({"claims": github(), "credentials": [{"subjectt": "s"}]}, "request_invalid"),
        ({"claims": github(), "credentials": "nul\0byte"}, "config_invalid"),
        ({"claims": github(), "now": "soon"}, "request_invalid"),
        ({"claims": github(), "now": float("inf")}, "request_invalid"),
        ({"error": "no number"}, "request_invalid"),
    ],
)
def test_bad_input(arguments: dict[str, Any], code: str) -> None:
    with pytest.raises((ConfigurationError, TokenError)) as raised:
        explain(**arguments)
    assert raised.value.code == code
    assert str(raised.value).isprintable()
    assert explain(claims=github()).accepted is False


def source_of(secret: str) -> Callback:
    return Callback(lambda: secret)


def test_preflight_of_a_source(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(token(github()))
    with WorkloadIdentity(**CLIENT, source=TokenFile(str(path))) as identity:
        assert identity.preflight() == preflight(token(github()))
        path.write_text("no token")
        with pytest.raises(TokenError) as refused:
            identity.preflight()
        assert refused.value.code == "malformed"
        path.unlink()
        with pytest.raises(SourceError) as missing:
            identity.preflight()
        assert missing.value.code == "token_file_missing"
        assert isinstance(missing.value.__cause__, FileNotFoundError)
        path.write_text(token(github(HOSTILE)))
        assert identity.preflight().subject == HOSTILE
    with pytest.raises(ConfigurationError, match="closed"):
        identity.preflight()
    absent = WorkloadIdentity(**CLIENT, environment={}, required=False)
    with pytest.raises(SourceError) as unavailable:
        absent.preflight()
    assert unavailable.value.code == "source_not_found"


def test_preflight_goes_through_the_transport() -> None:
    asked: list[HttpRequest] = []

    def respond(request: HttpRequest) -> HttpResponse:
        asked.append(request)
        body = json.dumps({"value": token(github("repo:octo/app:environment:prod"))}).encode()
        return HttpResponse(200, {"content-type": "application/json"}, body)

    class Transport:
        def send(self, request: HttpRequest) -> HttpResponse:
            return respond(request)

    class AsyncTransport:
        async def send(self, request: HttpRequest) -> HttpResponse:
            await asyncio.sleep(0)
            return respond(request)

    environment = {
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://pipelines.example/token?a=b",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "secret",
    }
    identity = WorkloadIdentity(**CLIENT, environment=environment, transport=Transport())
    report = identity.preflight()
    asynchronous = aio.WorkloadIdentity(**CLIENT, environment=environment, transport=AsyncTransport())
    assert asyncio.run(asynchronous.preflight()) == report
    assert report.subject == "repo:octo/app:environment:prod"
    assert [request.url for request in asked] == [asked[0].url] * 2
    assert AUDIENCE.replace(":", "%3A").replace("/", "%2F") in asked[0].url


def test_a_refused_trust_is_explained() -> None:
    description = (
        "AADSTS700213: No matching federated identity record found for presented assertion subject "
        "'repo:octo/app:pull_request'. Trace ID: t"
    )

    class Transport:
        def send(self, request: HttpRequest) -> HttpResponse:
            answer = {"error": "invalid_client", "error_description": description, "error_codes": [700213]}
            return HttpResponse(401, {"content-type": "application/json"}, json.dumps(answer).encode())

    secret = token(github())
    identity = WorkloadIdentity(**CLIENT, source=source_of(secret), transport=Transport())
    with pytest.raises(AuthenticationError) as raised:
        identity.get_token("https://vault.azure.net/.default")
    error = raised.value
    assert error.code == "trust_mismatch"
    assert error.presented is not None
    presented = error.presented
    assert (presented["issuer"], presented["audience"]) == (ISSUER, [AUDIENCE])
    assert presented["subject"] == "repo:octo/app:pull_request"
    explanation = error.explanation
    assert isinstance(explanation, Verdict)
    assert (explanation.accepted, explanation.aadsts, explanation.field) == (False, 700213, "subject")
    assert any(step.startswith("az ad app federated-credential create") for step in explanation.fix)
    assert secret not in f"{error!r} {explanation!r}"
    copied = pickle.loads(pickle.dumps(error))
    assert (copied.explanation, copied.code) == (explanation, error.code)
