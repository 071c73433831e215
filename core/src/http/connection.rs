//! How a request reaches its server where that differs from the host's usual way.

use alloc::string::String;

/// Instructions for the connection of one request. The default is the host's usual way.
///
/// A host that cannot follow one sends nothing and reports [`Failure::Unsupported`](crate::Failure::Unsupported).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connection {
    /// No proxy is used: the server is on this machine or in its own network, such as a metadata service.
    pub direct: bool,
    /// The connection goes to this Unix socket. The URL's host is only sent as `host`.
    pub unix_socket: Option<String>,
    /// The certificate authorities (PEM) that are trusted for this request, instead of the host's.
    pub ca: Option<String>,
    /// The name that TLS sends and that the certificate must have, instead of the URL's host.
    pub server_name: Option<String>,
    /// SHA-1 thumbprint, in lower-case hex, of the server's certificate: it replaces the check of chain and name.
    pub certificate_sha1: Option<String>,
}

impl Connection {
    /// A connection without a proxy.
    pub(crate) fn direct() -> Self {
        Self { direct: true, ..Self::default() }
    }
}
