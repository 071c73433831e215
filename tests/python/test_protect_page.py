"""The programs of docs/protect-an-api.md answer as its table says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import django.conf
import django.test
import httpx
import pytest
from workload_identity import TokenError, TokenVerifier, claim
from workload_identity.testing import TestIssuer

from conftest import REPOSITORY

PAGE = (REPOSITORY / "docs" / "protect-an-api.md").read_text("utf-8")
RULE = {"roles": ["Orders.Read", "Orders.Write"]}
# A port on which nothing listens.
UNREACHABLE = "http://127.0.0.1:9/"
ISSUER = TestIssuer.entra(audience="api://orders")

# The method of a request and its headers to status and challenge.
Ask = Callable[[str, "dict[str, str]"], "tuple[int, str | None]"]


def program(framework: str) -> ModuleType:
    """Returns the module that the page shows for a framework."""
    found = re.search(rf"^## {framework}\n+```python\n(.*?)^```$", PAGE, re.M | re.S)
    assert found, f"the page has no program for {framework}"
    module = ModuleType(f"protected_by_{framework.lower()}")
    exec(compile(found[1], "docs/protect-an-api.md", "exec"), vars(module))
    # The page's own verifier has the same rule.
    assert f"roles={RULE['roles']}".replace("'", '"') in found[1]
    return module


def answer(response: Any) -> tuple[int, str | None]:
    return response.status_code, response.headers.get("www-authenticate")


def ask_fastapi(module: ModuleType) -> Iterator[Ask]:
    async def ask(method: str, headers: dict[str, str]) -> tuple[int, str | None]:
        transport = httpx.ASGITransport(app=module.app)
        async with httpx.AsyncClient(transport=transport) as client:
            url = "http://orders.example/orders"
            return answer(await client.request(method, url, headers=headers))

    yield lambda method, headers: asyncio.run(ask(method, headers))


def ask_flask(module: ModuleType) -> Iterator[Ask]:
    with httpx.Client(transport=httpx.WSGITransport(app=module.app)) as client:
        yield lambda method, headers: answer(
            client.request(method, "http://orders.example/orders", headers=headers)
        )


def ask_django(module: ModuleType) -> Iterator[Ask]:
    if not django.conf.settings.configured:
        django.conf.settings.configure()
    handle = module.bearer_tokens(module.orders)
    requests = django.test.RequestFactory()
    yield lambda method, headers: answer(
        handle(requests.generic(method, "/orders", headers=headers))
    )


@pytest.fixture(params=["FastAPI", "Flask", "Django"])
def service(request: pytest.FixtureRequest) -> Iterator[tuple[ModuleType, Ask]]:
    module = program(request.param)
    asks = {"FastAPI": ask_fastapi, "Flask": ask_flask, "Django": ask_django}
    for ask in asks[request.param](module):
        yield module, ask


def verifier(module: ModuleType, issuer: TestIssuer) -> Any:
    """Returns a verifier of the class that the page's program uses."""
    if isinstance(module.verifier, TokenVerifier):
        return issuer.verifier(**RULE)
    return issuer.async_verifier(**RULE)


def test_answers(service: tuple[ModuleType, Ask]) -> None:
    module, ask = service
    module.verifier = verifier(module, ISSUER)

    def with_token(method: str, token: str) -> tuple[int, str | None]:
        return ask(method, {"authorization": f"Bearer {token}"})

    reader = ISSUER.token(roles=["Orders.Read"])
    assert ask("GET", {}) == (401, "Bearer")
    assert with_token("GET", reader)[0] == 200
    assert with_token("POST", ISSUER.token(roles=["Orders.Write"]))[0] == 200
    assert with_token("POST", reader) == (403, 'Bearer error="insufficient_scope"')
    for token in ("nonsense", ISSUER.expired_token(**RULE), ISSUER.forged_token(**RULE)):
        status, challenge = with_token("GET", token)
        assert status == 401
        assert challenge is not None and challenge.startswith('Bearer error="invalid_token"')
    for roles in (None, "Not.Orders.Read", ["Orders.Read.All"], 5):
        status, challenge = with_token("GET", ISSUER.token(roles=roles))
        assert (status, (challenge or "")[:33]) == (403, 'Bearer error="insufficient_scope"'), roles


def test_keys_that_are_not_to_be_had(service: tuple[ModuleType, Ask]) -> None:
    module, ask = service
    module.verifier = type(module.verifier).oidc(
        "https://issuer.example", "api://orders", jwks_uri=UNREACHABLE, allow_loopback_http=True
    )
    token = TestIssuer.oidc(audience="api://orders").token()
    assert ask("GET", {"authorization": f"Bearer {token}"}) == (503, None)


def test_claims_challenge() -> None:
    rule = re.search(r"^## Claims challenges\n.*?claims=(\[.*?\]),", PAGE, re.M | re.S)
    assert rule
    verifier = ISSUER.verifier(claims=eval(rule[1], {"claim": claim}))
    for capable, error in ((["cp1"], "insufficient_claims"), (None, "invalid_token")):
        with pytest.raises(TokenError) as raised:
            verifier.verify(ISSUER.token(xms_cc=capable))
        assert raised.value.http_status == 401
        assert f'error="{error}"' in (raised.value.www_authenticate or "")
