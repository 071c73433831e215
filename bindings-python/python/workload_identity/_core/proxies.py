"""The proxy of a request, as the environment's variables name it.

`HTTPS_PROXY`, `HTTP_PROXY` and `ALL_PROXY` name proxies, `NO_PROXY` the hosts that are reached without one. The lower case
of a variable wins, and an empty variable is absent. The tables tests/vectors/proxies.tsv and no_proxy.tsv define the rules.
"""

from __future__ import annotations

import ipaddress
import os
import re
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ..transport import TransportFailure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}


class Proxy(NamedTuple):
    """A proxy: `http`, or `https` if TLS protects the connection to it. `host` has no brackets."""

    variable: str
    scheme: str
    host: str
    port: int
    user: str | None
    password: str

    @property
    def url(self) -> str:
        """The URL without user and password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        """The header that identifies the client to the proxy, if the variable has a user."""
        if self.user is None:
            return {}
        from base64 import b64encode

        credentials = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"proxy-authorization": f"Basic {credentials}"}


def proxy_for(url: str, environment: Mapping[str, str] | None = None) -> Proxy | None:
    """Returns the proxy for a URL, or `None` if its host is reached directly.

    Raises:
        TransportFailure: A variable does not hold the URL of a proxy.
    """
    variables = os.environ if environment is None else environment
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    found = _setting(variables, parts.scheme)
    if found is None or _is_loopback(host):
        return None
    exceptions = _variable(variables, "no_proxy")
    if exceptions is not None and is_excepted(exceptions[1], host, port):
        return None
    return _parsed(*found)


def proxy_setting(url: str) -> str:
    """Returns what the environment says about a proxy for a URL, for messages. It contains no value of a variable."""
    found = _setting(os.environ, urlsplit(url).scheme)
    return "no proxy is set" if found is None else f"{found[0]} is set"


def refused_tunnel(proxy: Proxy | None, status: int) -> TransportFailure:
    """Returns the failure for a proxy that answers `CONNECT` with a status other than 200."""
    shown = "a proxy" if proxy is None else f"the proxy {proxy.url} of {proxy.variable}"
    if status == 407:
        return TransportFailure("proxy_authentication", f"{shown} asks for credentials")
    return TransportFailure("refused", f"{shown} refused the connection with status {status}")


def is_excepted(no_proxy: str, host: str, port: int) -> bool:
    """Returns whether an entry of `NO_PROXY` matches a host, which has no brackets."""
    name = host.lower().rstrip(".")
    address = _address(name)
    return any(
        _matches(entry.lower(), name, address, port) for entry in re.split(r"[\s,]+", no_proxy)
    )


def _setting(variables: Mapping[str, str], scheme: str) -> tuple[str, str] | None:
    return _variable(variables, f"{scheme}_proxy") or _variable(variables, "all_proxy")


def _variable(variables: Mapping[str, str], name: str) -> tuple[str, str] | None:
    """Returns the name and the value of a variable."""
    for spelling in (name, name.upper()):
        # A web server that runs CGI programs puts a request's header `Proxy` into HTTP_PROXY.
        if spelling == "HTTP_PROXY" and "REQUEST_METHOD" in variables:
            continue
        value = variables.get(spelling, "").strip()
        if value:
            return spelling, value
    return None


def _parsed(variable: str, value: str) -> Proxy:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host:
        raise TransportFailure("other", f"{variable} is not the URL of a proxy")
    if parts.scheme not in _PORTS:
        raise TransportFailure(
            "other",
            f"{variable} names a proxy with the scheme `{parts.scheme[:20]}`; use http or https",
        )
    user = None if parts.username is None else unquote(parts.username)
    password = unquote(parts.password or "")
    return Proxy(variable, parts.scheme, host, port or _PORTS[parts.scheme], user, password)


def _is_loopback(host: str) -> bool:
    # The loopback of a proxy is another machine.
    address = _address(host)
    return host.lower().rstrip(".") == "localhost" if address is None else address.is_loopback


def _matches(entry: str, name: str, address: Address | None, port: int) -> bool:
    if "/" in entry:
        return address is not None and _contains(entry, address)
    host, colon, wanted_port = entry.rpartition(":")
    if not colon or _address(entry.strip("[]")) is not None:
        host, wanted_port = entry, str(port)
    if wanted_port != str(port):
        return False
    if host == "*":
        return True
    literal = _address(host.strip("[]"))
    if literal is not None or address is not None:
        return literal == address
    domain = host.removeprefix("*").removeprefix(".").rstrip(".")
    return bool(domain) and (name == domain or name.endswith(f".{domain}"))


def _contains(block: str, address: Address) -> bool:
    # Not a mask such as 255.0.0.0, which Python would take.
    if not block.partition("/")[2].isdecimal():
        return False
    try:
        return address in ipaddress.ip_network(block, strict=False)
    except ValueError:
        return False


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
