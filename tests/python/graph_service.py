"""A service in place of Microsoft Graph, the credentials that are managed there, and both classes that manage them."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable
from typing import Any

from workload_identity import HttpRequest, HttpResponse, aio
from workload_identity.management import FederatedCredential

GITHUB = "https://token.actions.githubusercontent.com"
APP = "11111111-2222-3333-4444-555555555555"
CANARY = "c4n4ry-s3cr3t"
Make = Callable[..., Any]


def wanted(name: str, **more: str) -> FederatedCredential:
    return FederatedCredential(**{"name": name, "issuer": GITHUB, "subject": f"repo:octo/{name}:ref:refs/heads/main", **more})


class Blocking:
    """The asyncio class, called by the same tests."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._object = aio.FederatedCredentials(*arguments, **options)
        self._loop = asyncio.new_event_loop()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._object, name)
        if not inspect.iscoroutinefunction(method):
            return method
        return lambda *arguments, **options: self._loop.run_until_complete(method(*arguments, **options))

    def close(self) -> None:
        self._loop.run_until_complete(self._object.close())
        self._loop.close()


class Given:
    """A credential of azure-core's protocol with a token of its own."""

    def __init__(self, token: str = CANARY) -> None:
        self.token = token
        self.calls: list[tuple[tuple[str, ...], dict[str, Any]]] = []

    def get_token(self, *scopes: str, **options: Any) -> Any:
        self.calls.append((scopes, options))
        return type("AccessToken", (), {"token": self.token, "expires_on": 0})()


class GivenLater(Given):
    async def get_token(self, *scopes: str, **options: Any) -> Any:
        return super().get_token(*scopes, **options)


class Service:
    """Answers in turn; the last answer is that of all further requests."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest, /) -> HttpResponse:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        status, body, *headers = answer if isinstance(answer, tuple) else (200, answer)
        text = body if isinstance(body, str) else json.dumps(body)
        return HttpResponse(status, headers[0] if headers else {}, text.encode())


def page(*names: str, link: str | None = None) -> dict[str, Any]:
    values = [{"id": name, "audiences": ["api://AzureADTokenExchange"], **wire(wanted(name))} for name in names]
    return {"value": values} if link is None else {"value": values, "@odata.nextLink": link}


def wire(credential: FederatedCredential) -> dict[str, Any]:
    return {"name": credential.name, "issuer": credential.issuer, "subject": credential.subject}


def graph_error(code: str, message: str = "m") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}
