//! Signature Version 4 (IAM User Guide, "Create a signed AWS API request").

use super::credentials::Credentials;
use crate::Timestamp;
use crate::http::{HttpRequest, percent_encode};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base16ct::lower;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Which service a signature is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) region: &'a str,
    /// The name of the service in its endpoint: `sts`.
    pub(super) service: &'a str,
}

impl Scope<'_> {
    /// Adds the headers `x-amz-date`, `x-amz-security-token` for temporary credentials, and `authorization`.
    ///
    /// Every header of the request and `host` are signed. A header that is added afterwards is not.
    pub(super) fn sign(self, request: &mut HttpRequest, credentials: &Credentials, now: Timestamp) {
        let instant = instant(now);
        request.headers.push(("x-amz-date", instant.clone()));
        if let Some(token) = &credentials.session_token {
            request.headers.push(("x-amz-security-token", token.expose().clone()));
        }
        let authorization = self.authorization(request, credentials, &instant);
        request.headers.push(("authorization", authorization));
    }

    fn authorization(
        self,
        request: &HttpRequest,
        credentials: &Credentials,
        instant: &str,
    ) -> String {
        let Self { region, service } = self;
        let day = instant.split('T').next().unwrap_or_default();
        let (canonical, signed) = canonical_request(request);
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let to_sign = format!("{ALGORITHM}\n{instant}\n{scope}\n{}", hash(&canonical));
        let secret = Zeroizing::new(format!("AWS4{}", credentials.secret_access_key.expose()));
        let mut key = mac(secret.as_bytes(), day);
        for part in [region, service, "aws4_request"] {
            key = mac(key.as_slice(), part);
        }
        let signature = lower::encode_string(mac(key.as_slice(), &to_sign).as_slice());
        let id = &credentials.access_key_id;
        format!(
            "{ALGORITHM} Credential={id}/{scope}, SignedHeaders={signed}, Signature={signature}"
        )
    }
}

/// Returns the canonical request and the names of the signed headers.
fn canonical_request(request: &HttpRequest) -> (String, String) {
    let (host, path, query) = parts(&request.url);
    let mut headers =
        request.headers.iter().map(|(name, value)| (name, trimmed(value))).collect::<Vec<_>>();
    headers.push(("host", host.to_string()));
    // A stable sort keeps the order of values of one name.
    headers.sort_by_key(|(name, _)| *name);
    let mut lines = String::new();
    let mut names: Vec<&str> = Vec::new();
    for (name, value) in &headers {
        if names.last() == Some(name) {
            lines.push(',');
        } else {
            if !names.is_empty() {
                lines.push('\n');
            }
            lines.push_str(name);
            lines.push(':');
            names.push(name);
        }
        lines.push_str(value);
    }
    let names = names.join(";");
    let method = request.method.name();
    let body = hash(&request.body);
    let canonical = format!(
        "{method}\n{}\n{}\n{lines}\n\n{names}\n{body}",
        canonical_path(path),
        canonical_query(query)
    );
    (canonical, names)
}

/// Returns host and port as they are sent, path and query of a URL.
fn parts(url: &str) -> (&str, &str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    (authority.strip_suffix(default_port).unwrap_or(authority), path, query)
}

/// Removes dot segments and empty segments, and encodes each segment once more than it is in the URL.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let mut canonical = String::new();
    for segment in &segments {
        canonical.push('/');
        canonical.push_str(&percent_encode(segment));
    }
    if segments.is_empty() || path.ends_with('/') {
        canonical.push('/');
    }
    canonical
}

/// Sorts the parameters by name and value. Each one gets a `=`.
fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Returns the value with single spaces, and none around it.
fn trimmed(value: &str) -> String {
    value.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns an instant as `20150830T123600Z`.
fn instant(now: Timestamp) -> String {
    let instant = jiff::Timestamp::from_second(now.seconds()).unwrap_or_default();
    instant.to_string().chars().filter(|character| !matches!(character, '-' | ':')).collect()
}

fn hash(text: &str) -> String {
    lower::encode_string(&Sha256::digest(text))
}

fn mac(key: &[u8], text: &str) -> Zeroizing<Vec<u8>> {
    // HMAC takes keys of every length (RFC 2104), so there is always a result.
    let mac = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(text).finalize());
    Zeroizing::new(mac.map(|mac| mac.into_bytes().to_vec()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use crate::http::{Connection, Method};
    use serde_json::Value;

    const TABLE: &str = include_str!("../../../../tests/vectors/sigv4.json");

    #[test]
    fn requests_are_signed_as_the_published_cases() {
        let table: Value = serde_json::from_str(TABLE).expect("JSON");
        let text = |value: &Value| value.as_str().map(String::from);
        for case in table["cases"].as_array().expect("cases") {
            let name = case["name"].as_str().expect("name");
            let headers = case["headers"].as_array().expect("headers").iter();
            let mut request = HttpRequest {
                method: match case["method"].as_str() {
                    Some("GET") => Method::Get,
                    Some("PUT") => Method::Put,
                    _ => Method::Post,
                },
                url: text(&case["url"]).expect("url"),
                headers: headers
                    .map(|pair| (text(&pair[0]).expect("name"), text(&pair[1]).expect("value")))
                    .collect(),
                body: text(&case["body"]).unwrap_or_default(),
                timeout_ms: 0,
                max_bytes: 0,
                connection: Connection::default(),
            };
            let credentials = Credentials {
                access_key_id: text(&case["access_key_id"]).expect("id"),
                secret_access_key: Secret::new(text(&case["secret_access_key"]).expect("key")),
                session_token: text(&case["session_token"]).map(Secret::new),
                expires: None,
            };
            let region = case["region"].as_str().expect("region");
            let scope = Scope { region, service: case["service"].as_str().expect("service") };
            let now = Timestamp::from_millis(case["now"].as_i64().expect("now"));
            scope.sign(&mut request, &credentials, now);
            let sent = |name| request.headers.first(name).map(String::from);
            let authorization = case["authorization"].as_str();
            assert_eq!(sent("authorization").as_deref(), authorization, "{name}");
            let token = text(&case["session_token"]);
            assert_eq!(sent("x-amz-security-token"), token, "{name}");
        }
    }
}
