//! The few URLs this crate handles: absolute, https (or http on loopback), without user info or fragment.

use crate::concat::concat;
use crate::number;
use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

/// Why a URL was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlError {
    /// Not an absolute http(s) URL, or with user information, fragment or characters outside RFC 3986.
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
}

const SECURE: &str = "https://";
const PLAIN: &str = "http://";

impl Url {
    /// Parses and checks.
    ///
    /// # Errors
    /// [`UrlError`] says which rule was broken.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (secure, authority, path) = parts(text).ok_or(UrlError::Malformed)?;
        let (host, port) = split_port(authority).ok_or(UrlError::Malformed)?;
        if !is_host(host) || !is_port(port) {
            return Err(UrlError::Malformed);
        }
        let scheme = if secure { SECURE } else { PLAIN };
        let host = host.to_ascii_lowercase();
        if !secure && !is_loopback(&host) {
            return Err(UrlError::Insecure);
        }
        Ok(Self {
            text: concat(&[scheme, &host, port, path]),
            host_start: scheme.len(),
            host_end: scheme.len() + host.len(),
            origin_end: scheme.len() + authority.len(),
        })
    }

    /// The whole URL, scheme and host in lower case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host in lower case, IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.text.get(self.host_start..self.host_end).unwrap_or_default()
    }

    /// The whole URL, kept.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// Whether it is `https`.
    pub(crate) fn is_secure(&self) -> bool {
        self.host_start == SECURE.len()
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.text.get(..self.origin_end).unwrap_or_default()
    }

    /// Path and query as given; empty when the URL ends with its authority.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        self.text.get(self.origin_end..).unwrap_or_default()
    }

    /// This URL with the query parameter set, replacing one of the same name.
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

/// Whether the URL is `https`; its authority; path and query.
fn parts(text: &str) -> Option<(bool, &str, &str)> {
    let excluded = |byte: u8| {
        matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#')
    };
    let allowed = |byte: u8| byte.is_ascii_graphic() && !excluded(byte);
    if text.len() > 2048 || !text.bytes().all(allowed) {
        return None;
    }
    let secure = after(text, SECURE);
    let rest = secure.or_else(|| after(text, PLAIN))?;
    let end = rest.bytes().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end)?;
    Some((secure.is_some(), authority, path))
}

/// What follows a scheme, whichever case that is in.
fn after<'t>(text: &'t str, scheme: &str) -> Option<&'t str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// The host, IPv6 in brackets, and what follows it.
fn split_port(authority: &str) -> Option<(&str, &str)> {
    let bytes = authority.as_bytes();
    let end = match bytes.first() {
        Some(b'[') => bytes.iter().position(|byte| *byte == b']')? + 1,
        _ => bytes.iter().position(|byte| *byte == b':').unwrap_or(bytes.len()),
    };
    authority.split_at_checked(end)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix("[").and_then(|rest| rest.strip_suffix("]")) {
        // Whether it is a real address is for the transport to say; what matters here is that nothing else hides in it.
        return (2..=45).contains(&address.len())
            && address.bytes().any(|byte| byte == b':')
            && address.bytes().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'));
    }
    is_host_name(host)
}

/// Labels of letters, digits, dashes and underscores.
pub(crate) fn is_host_name(host: &str) -> bool {
    host.len() <= 253
        && labels(host).all(|label| {
            (1..=63).contains(&label.len())
                && label.first() != Some(&b'-')
                && label.last() != Some(&b'-')
                && label.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        })
}

/// The parts of a host name, or of an IPv4 address.
pub(crate) fn labels(host: &str) -> impl DoubleEndedIterator<Item = &[u8]> {
    host.as_bytes().split(|byte| *byte == b'.')
}

/// Whether this is nothing, or a colon and a port.
fn is_port(port: &str) -> bool {
    match port.strip_prefix(":") {
        Some(port) => {
            number::read(port.as_bytes()).is_some_and(|port| (1..=65_535).contains(&port))
        }
        None => port.is_empty(),
    }
}

fn is_loopback(host: &str) -> bool {
    let octet = |part: &[u8]| part.len() <= 3 && part.iter().all(u8::is_ascii_digit);
    host == "localhost"
        || host == "[::1]"
        || (host.starts_with("127.") && labels(host).count() == 4 && labels(host).all(octet))
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
