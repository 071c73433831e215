"""An azure-core transport on the standard library, so that azure-core's `requests` is not needed."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from typing import Any

from azure.core.pipeline.transport import HttpTransport


class Answer:
    """What azure-core's policies look at."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status_code = status
        self.headers = headers


class LoopbackTransport(HttpTransport[Any, Any]):
    """Sends GET requests."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def send(self, request: Any, **kwargs: Any) -> Answer:
        asked = urllib.request.Request(request.url, headers=dict(request.headers))
        try:
            with urllib.request.urlopen(asked, context=self._context) as answer:
                return Answer(answer.status, dict(answer.headers))
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Answer(refusal.code, dict(refusal.headers))

    def open(self) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> LoopbackTransport:
        return self

    def __exit__(self, *args: object) -> None: ...
