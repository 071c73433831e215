"""Test doubles for everything that is not measured: assertions, responses, transports."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from typing import Any

from workload_identity import HttpResponse

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
AUTHORITY = f"https://login.microsoftonline.com/{TENANT}"
SCOPE = "https://vault.azure.net/.default"

# As long as a real app token. No client reads it, so all share one.
ACCESS_TOKEN = "eyJ0eXAiOiJKV1Qi." + "t" * 1481 + "." + "s" * 342
ANSWER = {
    "token_type": "Bearer",
    "expires_in": 3599,
    "ext_expires_in": 3599,
    "access_token": ACCESS_TOKEN,
}
_BODY = json.dumps(ANSWER)
_DISCOVERY = json.dumps(
    {
        "issuer": f"{AUTHORITY}/v2.0",
        "authorization_endpoint": f"{AUTHORITY}/oauth2/v2.0/authorize",
        "token_endpoint": f"{AUTHORITY}/oauth2/v2.0/token",
        "jwks_uri": f"{AUTHORITY}/discovery/v2.0/keys",
    }
)


def scope(number: int) -> str:
    """Returns the scope of a resource with this number."""
    return f"https://resource-{number}.example.org/.default"


def _part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _assertion() -> str:
    now = int(time.time())
    payload = {
        "jti": "0b3cf3e4-6a0e-4ab0-9f3e-0d4b5a4c8f11",
        "sub": "repo:octo-org/octo-repo:environment:production",
        "aud": "api://AzureADTokenExchange",
        "ref": "refs/heads/main",
        "repository": "octo-org/octo-repo",
        "run_id": "1234567890",
        "iss": "https://token.actions.githubusercontent.com",
        "iat": now - 10,
        "nbf": now - 10,
        "exp": now + 86_400,
    }
    header = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
    signature = urlsafe_b64encode(bytes(range(256))).rstrip(b"=").decode()
    return f"{_part(header)}.{_part(payload)}.{signature}"


_ASSERTION = _assertion()


def assertion() -> str:
    """Returns the workload's token: the callback of all clients."""
    return _ASSERTION


class OurTransport:
    """A transport for our client that answers at once."""

    _headers = [("content-type", "application/json; charset=utf-8")]
    _body = _BODY.encode()

    def send(self, request: Any) -> HttpResponse:
        return HttpResponse(200, self._headers, self._body)


class MsalHttpClient:
    """msal's `http_client`, answering at once."""

    def post(self, url: str, **_: Any) -> _MsalAnswer:
        return _MsalAnswer(_BODY)

    def get(self, url: str, **_: Any) -> _MsalAnswer:
        return _MsalAnswer(_DISCOVERY)

    def close(self) -> None:
        """Nothing is open."""


class _MsalAnswer:
    status_code = 200
    headers = {"content-type": "application/json; charset=utf-8"}

    def __init__(self, text: str) -> None:
        self.text = text

    def raise_for_status(self) -> None:
        """The status is always 200."""
