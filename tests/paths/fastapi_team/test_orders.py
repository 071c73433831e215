"""The team's own tests: `orders.py` is their API."""

import asyncio

import httpx
import orders
import pytest
from workload_identity.aio import TokenVerifier
from workload_identity.testing import TestIssuer

ENTRA = TestIssuer.entra(audience="api://orders")
GITHUB = TestIssuer.github("octo/app", audience="api://orders", environment="production")


@pytest.fixture(autouse=True)
def verifier(monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = [
        ENTRA.trusted(roles=["Orders.Read"]),
        GITHUB.trusted(repository="octo/app", environment="production"),
    ]
    monkeypatch.setattr(orders, "verifier", TokenVerifier(trusted))


def ask(method: str, token: str) -> httpx.Response:
    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=orders.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://orders") as client:
            headers = {"authorization": f"Bearer {token}"}
            return await client.request(method, "/orders", headers=headers)

    return asyncio.run(send())


def test_an_application_reads() -> None:
    assert ask("GET", ENTRA.token(roles=["Orders.Read"])).status_code == 200
    assert ask("POST", ENTRA.token(roles=["Orders.Read"])).status_code == 403
    assert ask("POST", ENTRA.token(roles=["Orders.Read", "Orders.Write"])).status_code == 200


def test_a_job_reads() -> None:
    answer = ask("GET", GITHUB.token())
    assert (answer.status_code, answer.json()) == (200, "repo:octo/app:environment:production")


def test_without_a_role() -> None:
    answer = ask("GET", ENTRA.token())
    assert (answer.status_code, answer.json()["detail"]) == (403, "claim_missing")
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (ENTRA.expired_token(), "expired"),
        (ENTRA.forged_token(), "signature_invalid"),
        (ENTRA.token(aud="api://other"), "audience_mismatch"),
        (TestIssuer.oidc().token(), "unknown_issuer"),
        (GITHUB.token(repository="octo/other"), "claim_mismatch"),
    ],
)
def test_refused(token: str, code: str) -> None:
    answer = ask("GET", token)
    assert (answer.status_code, answer.json()["detail"]) == (401, code)


def test_a_function_that_takes_the_caller() -> None:
    caller = ENTRA.verified(roles=["Orders.Read"])
    assert caller.is_app and asyncio.run(orders.read(caller)) == caller.subject
