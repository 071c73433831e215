"""HTTP with the standard library.

Follows no redirects and keeps no connections. Uses the environment's proxies for https (`HTTPS_PROXY`, `NO_PROXY`), and
OpenSSL's certificates (`SSL_CERT_FILE`, `SSL_CERT_DIR`).
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.parse
import urllib.request

from .transport import USER_AGENT, HttpRequest, HttpResponse, TransportFailure, detail_of, word_for

_CHUNK = 64 * 1024


class StandardTransport:
    """The default transport.

        StandardTransport(ssl.create_default_context(cafile="/etc/ssl/company.pem"))

    Args:
        ssl_context: TLS settings; `ssl.create_default_context()` by default.
    """

    def __init__(self, ssl_context: ssl.SSLContext | None = None) -> None:
        self._ssl_context = ssl_context

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        connection = None
        watchdog = None
        try:
            connection = self._connection(request)
            watchdog = _Watchdog(connection, request.timeout)
            return _exchange(connection, request)
        except TransportFailure:
            raise
        except (OSError, ValueError, http.client.HTTPException) as failure:
            if watchdog is not None and watchdog.expired:
                raise TransportFailure("timeout", "no complete response in time") from None
            word = word_for(
                failure, "refused" if isinstance(failure, http.client.IncompleteRead) else "other"
            )
            # `http.client` raises a bare OSError with the status line of a proxy that refused.
            detail = str(failure) if type(failure) is OSError else detail_of(failure)
            raise TransportFailure(word, detail) from None
        finally:
            if watchdog is not None:
                watchdog.cancel()
            if connection is not None:
                connection.close()

    def _connection(self, request: HttpRequest) -> http.client.HTTPConnection:
        parts = urllib.parse.urlsplit(request.url)
        host, port = parts.hostname or "", parts.port
        if parts.scheme != "https":
            # The core allows http for loopback only, which needs no proxy.
            return http.client.HTTPConnection(host, port, timeout=request.timeout)
        if self._ssl_context is None:
            self._ssl_context = ssl.create_default_context()
        proxy = _proxy_for(host)
        if proxy is None:
            return http.client.HTTPSConnection(
                host, port, timeout=request.timeout, context=self._ssl_context
            )
        connection = http.client.HTTPSConnection(
            proxy.hostname or "",
            proxy.port or 80,
            timeout=request.timeout,
            context=self._ssl_context,
        )
        connection.set_tunnel(host, port or 443, headers=_proxy_headers(proxy))
        return connection


class _Watchdog:
    """Closes the connection when the whole request has timed out.

    A socket's own timeout applies to each read, so a server that sends a byte at a time would never time out.
    """

    def __init__(self, connection: http.client.HTTPConnection, timeout: float) -> None:
        self.expired = False
        self._connection = connection
        self._timer = threading.Timer(timeout, self._close)
        self._timer.daemon = True
        self._timer.start()

    def _close(self) -> None:
        self.expired = True
        if self._connection.sock is not None:
            try:
                # Not `SSLSocket.shutdown`, which removes the TLS state while another thread reads.
                socket.socket.shutdown(self._connection.sock, socket.SHUT_RDWR)
            except OSError:
                return

    def cancel(self) -> None:
        self._timer.cancel()


def _exchange(connection: http.client.HTTPConnection, request: HttpRequest) -> HttpResponse:
    target = urllib.parse.urlsplit(request.url)._replace(scheme="", netloc="", fragment="").geturl()
    connection.putrequest(request.method, target or "/", skip_accept_encoding=True)
    for name, value in request.headers.items():
        connection.putheader(name, value)
    connection.putheader("user-agent", USER_AGENT)
    if request.body or request.method == "POST":
        connection.putheader("content-length", str(len(request.body)))
    connection.endheaders(request.body or None)
    response = connection.getresponse()
    body = bytearray()
    while len(body) <= request.max_bytes:
        chunk = response.read1(min(_CHUNK, request.max_bytes + 1 - len(body)))
        if not chunk:
            if response.length:
                raise TransportFailure("refused", "the response ended early")
            break
        body += chunk
    return HttpResponse(response.status, response.headers.items(), bytes(body))


def _proxy_for(host: str) -> urllib.parse.SplitResult | None:
    # The loopback of a proxy is another machine.
    if host in ("localhost", "::1") or host.startswith("127."):
        return None
    proxy = urllib.request.getproxies().get("https")
    if not proxy or urllib.request.proxy_bypass(host):
        return None
    return urllib.parse.urlsplit(proxy if "://" in proxy else f"http://{proxy}")


def _proxy_headers(proxy: urllib.parse.SplitResult) -> dict[str, str]:
    if proxy.username is None:
        return {}
    from base64 import b64encode

    user = urllib.parse.unquote(proxy.username)
    password = urllib.parse.unquote(proxy.password or "")
    return {"proxy-authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}
