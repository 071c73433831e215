"""The certificate authorities that transports trust.

Those of OpenSSL (`SSL_CERT_FILE` and `SSL_CERT_DIR` replace the machine's own), of `REQUESTS_CA_BUNDLE`, and of the options
`ca_file` and `ca_data`.
"""

from __future__ import annotations

import os
import ssl

from ..errors import invalid_argument
from ..transport import TransportFailure


class Certificates:
    """The trusted certificate authorities: the machine's, and those that the application names.

    Args:
        ca_file: A file of certificates (PEM, or one in DER).
        ca_data: Certificates: PEM as text or bytes, or one in DER.

    Raises:
        ConfigurationError: An argument holds no certificate.
    """

    def __init__(
        self, ca_file: str | os.PathLike[str] | None = None, ca_data: str | bytes | None = None
    ) -> None:
        self._added: list[str | bytes] = []
        self._context: ssl.SSLContext | None = None
        if ca_file is not None:
            try:
                with open(ca_file, "rb") as file:
                    self._add("ca_file", file.read())
            except (OSError, TypeError, ValueError) as failure:
                reason = getattr(failure, "strerror", None) or "it is not a path"
                raise invalid_argument(
                    "config_invalid", f"ca_file `{str(ca_file)[:200]}` cannot be read: {reason}"
                ) from None
        if ca_data is not None:
            self._add("ca_data", ca_data)

    @property
    def has_own(self) -> bool:
        """Whether the application has named certificates."""
        return bool(self._added)

    def context(self) -> ssl.SSLContext:
        """Returns the TLS settings, which are made once.

        Raises:
            TransportFailure: A variable of the environment names certificates that cannot be read.
        """
        if self._context is None:
            context = ssl.create_default_context()
            _load_environment(context)
            for authorities in self._added:
                context.load_verify_locations(cadata=authorities)
            self._context = context
        return self._context

    def _add(self, option: str, given: str | bytes) -> None:
        authorities = given
        if isinstance(given, (bytes, bytearray)) and b"-----BEGIN " in given:
            # Bundles have names beyond ASCII in comments, which `ssl` does not take.
            authorities = given.decode("ascii", "ignore")
        elif isinstance(given, str):
            authorities = given.encode("ascii", "ignore").decode()
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=authorities)
        except (ssl.SSLError, TypeError, ValueError):
            raise invalid_argument(
                "config_invalid",
                f"{option} holds no certificate; it takes PEM, or one certificate in DER",
            ) from None
        self._added.append(authorities)


def trusting_only(authorities: str) -> ssl.SSLContext:
    """Returns TLS settings that trust these certificate authorities (PEM) and no others.

    Raises:
        TransportFailure: The text holds no certificate.
    """
    # Without VERIFY_X509_STRICT, since authorities of clusters lack extensions that it requires.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Each of them ends a chain, also one that another authority has issued.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_verify_locations(cadata=authorities.encode("ascii", "ignore").decode())
    except (ssl.SSLError, ValueError):
        raise TransportFailure(
            "tls", "the certificate authority of this request is not a certificate in PEM form"
        ) from None
    return context


def any_certificate() -> ssl.SSLContext:
    """Returns TLS settings for a server whose certificate is compared afterwards."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _load_environment(context: ssl.SSLContext) -> None:
    # OpenSSL has read SSL_CERT_FILE and SSL_CERT_DIR already, but skips what it cannot read, and every server would look
    # untrusted.
    file = os.environ.get("SSL_CERT_FILE")
    _load(context, "SSL_CERT_FILE", file)
    folders = os.environ.get("SSL_CERT_DIR")
    if folders and not any(os.path.isdir(folder) for folder in folders.split(os.pathsep)):
        raise _unreadable("SSL_CERT_DIR", folders, "no such directory")
    bundle = os.environ.get("REQUESTS_CA_BUNDLE")
    # Reading a machine's authorities takes a tenth of a second.
    if bundle != file:
        _load(context, "REQUESTS_CA_BUNDLE", bundle)


def _load(context: ssl.SSLContext, variable: str, path: str | None) -> None:
    if not path:
        return
    try:
        if os.path.isdir(path):
            context.load_verify_locations(capath=path)
        else:
            context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        raise _unreadable(variable, path, "it holds no certificate") from None
    except OSError as failure:
        raise _unreadable(variable, path, failure.strerror or "no such file") from None


def _unreadable(variable: str, path: str, reason: str) -> TransportFailure:
    return TransportFailure("tls", f"{variable} names `{path[:200]}`, which cannot be read: {reason}")
