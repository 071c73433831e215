"""Test doubles for the surroundings of a credential: workload tokens and token endpoints."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from base64 import urlsafe_b64encode

from workload_identity import HttpRequest, HttpResponse

from waiting import FOREVER

TENANT = "11111111-2222-3333-4444-555555555555"
CLIENT = "66666666-7777-8888-9999-000000000000"
SCOPE = "https://vault.azure.net/.default"
IDS = {"tenant_id": TENANT, "client_id": CLIENT}

# Part of every secret; it may appear only in requests and in returned tokens.
CANARY = "canary-9f3b"


def _part(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def workload_token(lifetime: float = 3600, **claims: object) -> str:
    """Returns a JWT like that of a platform; its signature is not valid."""
    now = int(time.time())
    payload = {
        "iss": "https://issuer.example",
        "sub": "repo:octo/app:ref:refs/heads/main",
        "aud": "api://AzureADTokenExchange",
        "iat": now - 10,
        "exp": now + int(lifetime),
        **claims,
    }
    header = {"alg": "RS256", "kid": "k", "typ": "JWT"}
    return f"{_part(header)}.{_part(payload)}.{_part(CANARY)}"


def access_token(number: int) -> str:
    """Returns an access token with a number."""
    return f"access-{CANARY}-{number}"


class Endpoint:
    """A token endpoint in memory. It logs the requests, and answers with what `answer` returns, unless it is held."""

    def __init__(self, *, held: bool = False, **members: object) -> None:
        self._may_answer = threading.Event()
        if not held:
            self._may_answer.set()
        self.members: dict[str, object] = {"token_type": "Bearer", "expires_in": 3600, **members}
        self.requests: list[HttpRequest] = []
        self.closed = 0
        self._lock = threading.Lock()

    def answer(self, number: int) -> HttpResponse:
        """Returns the response to request `number`, counted from 1."""
        return answered(200, {**self.members, "access_token": access_token(number)})

    def hold(self) -> None:
        """Keeps answers back until `release` is called."""
        self._may_answer.clear()

    def release(self) -> None:
        self._may_answer.set()

    def counted(self, request: HttpRequest) -> int:
        with self._lock:
            self.requests.append(request)
            return len(self.requests)


class Blocking(Endpoint):
    """The endpoint as a synchronous transport."""

    def send(self, request: HttpRequest) -> HttpResponse:
        number = self.counted(request)
        self._may_answer.wait(FOREVER)
        return self.answer(number)

    def close(self) -> None:
        self.closed += 1


class Awaited(Endpoint):
    """The endpoint as an asyncio transport."""

    async def send(self, request: HttpRequest) -> HttpResponse:
        number = self.counted(request)
        await asyncio.sleep(0)
        # No event of asyncio: `release` may be called from another thread.
        while not self._may_answer.is_set():
            await asyncio.sleep(0.005)
        return self.answer(number)

    async def close(self) -> None:
        self.closed += 1


def answered(status: int, body: object, **headers: str) -> HttpResponse:
    """Returns a JSON response."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(status, {"content-type": "application/json", **headers}, raw)


def entra_error(number: int, error: str = "invalid_client") -> dict[str, object]:
    """Returns an error body like Entra's."""
    return {
        "error": error,
        "error_description": f"AADSTS{number}: something is wrong. Trace ID: t Correlation ID: c",
        "error_codes": [number],
        "trace_id": "0a0a0a0a-0000-0000-0000-000000000000",
        "correlation_id": "0b0b0b0b-0000-0000-0000-000000000000",
    }
