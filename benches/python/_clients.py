"""The clients that are compared: same identity, same assertion, same response, no network."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import msal
from _stubs import ANSWER, AUTHORITY, CLIENT, TENANT, MsalHttpClient, OurTransport, assertion, scope
from azure.core.pipeline.transport import HttpTransport
from azure.identity import ClientAssertionCredential

from workload_identity import WorkloadIdentity

MSAL = f"msal {version('msal')}"
AZURE_IDENTITY = f"azure-identity {version('azure-identity')}"


class Client:
    """One client with its cache.

    Attributes:
        name: Name and version, as in the rows.
        get: Returns a token for a scope, from the cache if possible.
    """

    def __init__(self, name: str, get: Callable[[str], object]) -> None:
        self.name = name
        self.get = get

    def fill(self, tokens: int) -> None:
        """Fills the cache with the tokens of the scopes 0 to `tokens` - 1."""
        for number in range(tokens):
            self.get(scope(number))

    def forget_newest(self) -> None:
        """Removes the newest token, for clients whose misses get slower with every token."""


class Ours(Client):
    """This package, with a cache of at most `most` tokens."""

    def __init__(self, most: int) -> None:
        self.identity = WorkloadIdentity(
            tenant_id=TENANT,
            client_id=CLIENT,
            source=assertion,
            transport=OurTransport(),
            cache_max_entries=most,
            cache_max_bytes=most * 4096,
        )
        super().__init__("ours", self.identity.get_token)


class _Msal(Client):
    """A client that uses msal's token cache."""

    def __init__(
        self, name: str, get: Callable[[str], object], cache: Callable[[], msal.TokenCache]
    ) -> None:
        super().__init__(name, get)
        self._cache = cache

    def _tokens(self) -> dict[str, Any]:
        return self._cache()._cache["AccessToken"]  # type: ignore[no-any-return]

    def fill(self, tokens: int) -> None:
        # Real misses would take quadratic time.
        self.get(scope(0))
        held = self._tokens()
        key = self._cache().key_makers["AccessToken"]
        (first,) = held.values()
        for number in range(1, tokens):
            entry = {**first, "target": scope(number)}
            held[key(**entry)] = entry

    def forget_newest(self) -> None:
        self._tokens().popitem()


def msal_client() -> Client:
    """msal's confidential client with an assertion callback."""
    application = msal.ConfidentialClientApplication(
        CLIENT,
        authority=AUTHORITY,
        client_credential={"client_assertion": assertion},
        http_client=MsalHttpClient(),
    )

    def get(one: str) -> object:
        return application.acquire_token_for_client([one])

    return _Msal(MSAL, get, lambda: application.token_cache)


def azure_client() -> Client:
    """azure-identity's credential with an assertion callback."""
    credential = ClientAssertionCredential(TENANT, CLIENT, assertion, transport=_AzureTransport())
    return _Msal(AZURE_IDENTITY, credential.get_token, lambda: credential._client._cache)


class _AzureAnswer:
    """The attributes that azure-core's pipeline reads."""

    status_code = 200
    headers = {"content-type": "application/json; charset=utf-8"}
    content_type = "application/json; charset=utf-8"
    reason = "OK"
    _text = json.dumps(ANSWER)
    _body = _text.encode()

    def __init__(self, request: object) -> None:
        self.request = request

    def text(self, encoding: str | None = None) -> str:
        return self._text

    def body(self) -> bytes:
        return self._body

    def read(self) -> bytes:
        return self._body

    @property
    def content(self) -> bytes:
        return self._body


class _AzureTransport(HttpTransport):  # type: ignore[type-arg]
    """azure-core's transport, answering at once."""

    def send(self, request: Any, **_: Any) -> Any:
        return _AzureAnswer(request)

    def open(self) -> None:
        """Nothing to open."""

    def close(self) -> None:
        """Nothing is open."""

    def __exit__(self, *_: object) -> None:
        self.close()
