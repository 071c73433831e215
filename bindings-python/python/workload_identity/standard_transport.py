"""HTTP with the standard library.

Follows no redirects and keeps no connections. Uses the environment's proxies (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), and
OpenSSL's certificates (`SSL_CERT_FILE`, `SSL_CERT_DIR`) with those of `REQUESTS_CA_BUNDLE`.
"""

from __future__ import annotations

import http.client
import os
import ssl
import urllib.parse

from ._core.certificates import Certificates, any_certificate, trusting_only
from ._core.connection import Connection, Deadline, TlsConnection, connect, connect_unix
from ._core.content_coding import decoded
from ._core.proxies import Proxy, proxy_for, proxy_setting, refused_tunnel
from .errors import invalid_argument
from .transport import (
    USER_AGENT,
    ConnectionOptions,
    HttpRequest,
    HttpResponse,
    TransportFailure,
    detail_of,
    headers_of,
    word_for,
)

_CHUNK = 64 * 1024

# Of a request without options of its own.
_USUAL = ConnectionOptions()


class StandardTransport:
    """The default transport.

        StandardTransport(ca_file="/etc/ssl/company.pem")

    Args:
        ssl_context: TLS settings; `ssl.create_default_context()` by default.
        ca_file: A file of certificate authorities (PEM) to trust beside the machine's.
        ca_data: Certificate authorities to trust beside the machine's: PEM, or one in DER.

    Raises:
        ConfigurationError: `ca_file` or `ca_data` holds no certificate, or stands beside `ssl_context`.
    """

    connections = True

    def __init__(
        self,
        ssl_context: ssl.SSLContext | None = None,
        *,
        ca_file: str | os.PathLike[str] | None = None,
        ca_data: str | bytes | None = None,
    ) -> None:
        self.certificates = Certificates(ca_file, ca_data)
        self._ssl_context = ssl_context
        if ssl_context is not None and self.certificates.has_own:
            raise invalid_argument(
                "config_invalid", "ca_file and ca_data have no effect on ssl_context; load them there"
            )

    def send(self, request: HttpRequest) -> HttpResponse:
        """Sends a request. Raises `TransportFailure`."""
        deadline = Deadline(request.timeout)
        proxy = connection = None
        options = request.connection or _USUAL
        try:
            parts = urllib.parse.urlsplit(request.url)
            if not options.direct and options.unix_socket is None:
                proxy = proxy_for(request.url)
            connection = self._connect(parts, proxy, deadline, options)
            return _exchange(connection, parts, proxy, request)
        except TransportFailure:
            raise
        except TimeoutError:
            raise TransportFailure("timeout", "no complete response in time") from None
        except (OSError, ValueError, http.client.HTTPException) as failure:
            ended_early = isinstance(failure, http.client.IncompleteRead)
            word = word_for(failure, "refused" if ended_early else "other")
            detail = detail_of(failure)
            if proxy is not None:
                detail = f"{detail}, through the proxy {proxy.url}"
            if word == "dns" and not options.direct:
                detail = f"{detail}; {proxy_setting(request.url)}"
            raise TransportFailure(word, detail) from None
        finally:
            if connection is not None:
                connection.close()

    def _connect(
        self,
        parts: urllib.parse.SplitResult,
        proxy: Proxy | None,
        deadline: Deadline,
        options: ConnectionOptions,
    ) -> Connection:
        """Opens the connection for a request: directly, or through the proxy with `CONNECT` if the request uses TLS."""
        host, is_secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        if options.unix_socket is not None:
            carrier = connect_unix(options.unix_socket, deadline)
        elif proxy is None:
            carrier = connect(host, port, deadline)
        else:
            carrier = connect(proxy.host, proxy.port, deadline)
        connection = carrier
        try:
            if proxy is not None and proxy.scheme == "https":
                connection = TlsConnection(connection, self._context(), proxy.host)
            if proxy is not None and is_secure:
                _open_tunnel(connection, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", proxy)
            return self._secured(connection, host, options) if is_secure else connection
        except BaseException:
            carrier.close()
            raise

    def _secured(self, carrier: Connection, host: str, options: ConnectionOptions) -> Connection:
        """Opens TLS as the options of a request say."""
        if options.certificate_sha1 is not None:
            connection = TlsConnection(carrier, any_certificate(), options.server_name or host)
            connection.require_sha1(options.certificate_sha1)
            return connection
        context = self._context() if options.ca is None else trusting_only(options.ca)
        return TlsConnection(carrier, context, options.server_name or host)

    def _context(self) -> ssl.SSLContext:
        return self._ssl_context or self.certificates.context()


def _open_tunnel(connection: Connection, authority: str, proxy: Proxy) -> None:
    headers = {"host": authority, "user-agent": USER_AGENT, **proxy.headers}
    status = _answer(connection, "CONNECT", authority, headers, b"").status
    if not 200 <= status < 300:
        raise refused_tunnel(proxy, status)


def _exchange(
    connection: Connection, parts: urllib.parse.SplitResult, proxy: Proxy | None, request: HttpRequest
) -> HttpResponse:
    headers = {"host": parts.netloc.rpartition("@")[2], **headers_of(request)}
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    if proxy is not None and parts.scheme == "http":
        target = parts._replace(fragment="").geturl()
        headers.update(proxy.headers)
    response = _answer(connection, request.method, target, headers, request.body)
    body = bytearray()
    while len(body) <= request.max_bytes:
        chunk = response.read1(min(_CHUNK, request.max_bytes + 1 - len(body)))
        if not chunk:
            if response.length:
                raise TransportFailure("refused", "the response ended early")
            break
        body += chunk
    content = decoded(response.getheader("content-encoding"), bytes(body), request.max_bytes)
    return HttpResponse(response.status, response.headers.items(), content)


def _answer(
    connection: Connection, method: str, target: str, headers: dict[str, str], body: bytes
) -> http.client.HTTPResponse:
    """Sends a request, and reads the head of its response."""
    sender = http.client.HTTPConnection("")
    # Connected already. The response is read below, because `getresponse` closes the connection of the last one.
    sender.sock = connection
    sender.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        sender.putheader(name, value)
    if body or method in ("POST", "PUT"):
        sender.putheader("content-length", str(len(body)))
    sender.endheaders(body or None)
    while True:
        response = http.client.HTTPResponse(connection, method=method)  # type: ignore[arg-type]
        response.begin()
        # `http.client` reads away only one kind of interim response (RFC 9110, section 15.2).
        if response.status >= 200 or response.status == 101:
            return response
