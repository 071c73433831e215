//! URLs that a request may be sent to: absolute, https (or http on loopback), without user information or fragment.
//!
//! The grammar is that of RFC 3986. Only the case of scheme and host is normalised: issuers are compared octet for octet.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use core::fmt;
use core::net::IpAddr;
use core::num::NonZeroU16;
use fluent_uri::Uri;
use fluent_uri::component::{Authority, Host, Scheme};

/// Longest URL, in bytes.
const MAX_BYTES: usize = 2048;
const HTTPS: &Scheme = Scheme::new_or_panic("https");
const HTTP: &Scheme = Scheme::new_or_panic("http");

/// Why a URL was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// Not an absolute http(s) URL of RFC 3986, or with user information or a fragment, or longer than 2048 bytes.
    Malformed,
    /// `http` to a host that is not loopback.
    Insecure,
}

impl fmt::Display for UrlError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            UrlError::Malformed => "not an absolute https URL",
            UrlError::Insecure => "http is allowed for loopback addresses only",
        })
    }
}

/// An absolute URL that is safe to send a credential to.
///
/// ```
/// use workload_identity_core::http::{Url, UrlError};
/// let url = Url::parse("https://Login.Example/tenant")?;
/// assert_eq!(url.host(), "login.example");
/// assert_eq!(Url::parse("http://login.example/"), Err(UrlError::Insecure));
/// assert!(Url::parse("http://127.0.0.1:8080").is_ok());
/// # Ok::<(), UrlError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    text: String,
    host_start: usize,
    host_end: usize,
    origin_end: usize,
    address: Option<IpAddr>,
}

impl Url {
    /// Parses a URL and applies the policy of this type.
    ///
    /// # Errors
    /// [`UrlError`] names the rule that was broken.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > MAX_BYTES {
            return Err(UrlError::Malformed);
        }
        let uri = Uri::parse(text).map_err(|_| UrlError::Malformed)?;
        let authority = uri
            .authority()
            .filter(|authority| !authority.has_userinfo() && has_valid_port(authority))
            .ok_or(UrlError::Malformed)?;
        let scheme = [HTTPS, HTTP]
            .into_iter()
            .find(|scheme| *scheme == uri.scheme() && !uri.has_fragment())
            .ok_or(UrlError::Malformed)?;
        let address = match authority.host_parsed() {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::RegName(name) if is_host_name(name.as_str()) => None,
            _ => return Err(UrlError::Malformed),
        };
        let host = authority.host().to_ascii_lowercase();
        if scheme == HTTP && !is_loopback(&host, address) {
            return Err(UrlError::Insecure);
        }
        let port = authority.port().map(|port| format!(":{port}")).unwrap_or_default();
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        let host_start = scheme.as_str().len() + "://".len();
        let host_end = host_start + host.len();
        Ok(Self {
            text: format!("{}://{host}{port}{}{query}", scheme.as_str(), uri.path()),
            host_start,
            host_end,
            origin_end: host_end + port.len(),
            address,
        })
    }

    /// The whole URL, with scheme and host in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host in lower case; an IPv6 address is in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text.get(self.host_start..self.host_end).unwrap_or_default()
    }

    /// The address that the host is, unless it is a name.
    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// The whole URL, with scheme and host in lower case.
    pub(crate) fn into_string(self) -> String {
        self.text
    }

    /// Whether the scheme is `https`.
    pub(crate) fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.text.get(..self.origin_end).unwrap_or_default()
    }

    /// Path and query as given. Empty when the URL ends with its authority.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        self.text.get(self.origin_end..).unwrap_or_default()
    }

    /// Returns this URL with the query parameter set; a parameter of the same name is replaced.
    #[must_use]
    pub fn with_query(&self, name: &str, value: &str) -> String {
        let (path, query) = self.text.split_once('?').unwrap_or((&self.text, ""));
        let mut url = path.to_owned();
        let mut separator = '?';
        let is_other =
            |pair: &&str| !pair.is_empty() && pair.split('=').next().unwrap_or_default() != name;
        for pair in query.split('&').filter(is_other) {
            url.push(separator);
            url.push_str(pair);
            separator = '&';
        }
        url.push(separator);
        url.push_str(name);
        url.push('=');
        url.push_str(&super::percent_encode(value));
        url
    }
}

/// Whether there is no port, or one from 1 to 65535.
fn has_valid_port(authority: &Authority<'_>) -> bool {
    authority.port().is_none_or(|port| port.as_str().parse::<NonZeroU16>().is_ok())
}

/// Whether the text consists of labels of letters, digits, dashes and underscores.
pub(crate) fn is_host_name(host: &str) -> bool {
    host.len() <= 253
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        })
}

/// IPv6's loopback address counts in its shortest form only: the others may be read differently by a proxy or a log.
fn is_loopback(host: &str, address: Option<IpAddr>) -> bool {
    match address {
        Some(IpAddr::V4(address)) => address.is_loopback(),
        Some(IpAddr::V6(_)) => host == "[::1]",
        None => host == "localhost",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_only_for_http() {
        for good in
            ["http://localhost", "http://127.9.9.9:1/x", "http://[::1]:80/", "https://a.b/c?d=e"]
        {
            assert!(Url::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://a.b",
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://[::2]/",
            "http://127.1",
            "http://127.0.0.1.1",
            "http://127.0.0.x",
            "http://127.0.0.0001",
            "http://127.0.0.01",
            "http://127.0.0.256",
            "http://[0:0:0:0:0:0:0:1]",
        ] {
            assert_eq!(Url::parse(bad), Err(UrlError::Insecure), "{bad}");
        }
    }

    #[test]
    fn odd_shapes_are_refused() {
        for bad in [
            "",
            "login.example",
            "ftp://a",
            "https://",
            "https:///x",
            "https://u@a",
            "https://u:p@a/",
            "https://a#f",
            "https://a:0",
            "https://a:65536",
            "https://a:",
            "https://a b",
            "https://ä",
            "https://a\\b",
            "https://-a",
            "https://a..b",
            "https://[::1",
            "https://[x]",
            "https://a:+1",
            "https://a\n",
            "https://[:::]",
            "https://[::1%25eth0]",
            "https://[v1.a]",
            "https://a%2eb",
            "https://a/%",
            "https://a/%4",
            "https://a/%zz",
            "https://a?[]",
        ] {
            assert_eq!(Url::parse(bad), Err(UrlError::Malformed), "{bad:?}");
        }
    }

    #[test]
    fn query_parameters_are_set_once() {
        let url = Url::parse("https://a/b?x=1&audience=old&y").expect("url");
        assert_eq!(
            url.with_query("audience", "api://A"),
            "https://a/b?x=1&y&audience=api%3A%2F%2FA"
        );
        let url = Url::parse("https://a").expect("url");
        assert_eq!(url.with_query("q", "1"), "https://a?q=1");
        assert_eq!((url.origin(), url.path_and_query()), ("https://a", ""));
    }
}
