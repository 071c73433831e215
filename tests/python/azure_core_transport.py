"""An azure-core transport on the standard library, so that `requests` is not needed."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from typing import Any

from azure.core.pipeline.transport import HttpTransport


class Response:
    """The attributes of a response that azure-core's policies read."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status_code = status
        self.headers = headers


class LoopbackTransport(HttpTransport[Any, Any]):
    """Sends GET requests."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def send(self, request: Any, **kwargs: Any) -> Response:
        native_request = urllib.request.Request(request.url, headers=dict(request.headers))
        try:
            with urllib.request.urlopen(native_request, context=self._context) as response:
                return Response(response.status, dict(response.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Response(error.code, dict(error.headers))

    def open(self) -> None: ...

    def close(self) -> None: ...

    def __enter__(self) -> LoopbackTransport:
        return self

    def __exit__(self, *args: object) -> None: ...
