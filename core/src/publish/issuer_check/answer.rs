//! The answer to a request for one of the issuer's documents.

use super::{Fetch, IssuerCheck, IssuerCheckStep, Service};
use crate::http::HttpResponse;
use crate::http::{proxy, retry};
use crate::json::JsonError;
use crate::keys::looks_like;
use crate::redact::{MAX_DETAIL, redact};
use crate::{Code, Failure, Outcome};
use alloc::format;
use alloc::string::String;

/// The most redirects that are followed.
const MAX_REDIRECTS: usize = 5;
/// The longest part of an address that a message repeats, in characters.
pub(super) const MAX_SHOWN: usize = 120;

impl IssuerCheck {
    /// Takes the outcome of the request. An outcome without a request changes nothing.
    pub fn answer(&mut self, outcome: &Outcome) {
        let Some(fetch) = self.fetch.take() else { return };
        match outcome {
            Outcome::Http(response) if is_redirect(response.status) => {
                self.redirected(fetch, response);
            }
            Outcome::Http(response) => self.received(&fetch, response),
            Outcome::Failed { failure, detail } => self.unanswered(&fetch, *failure, detail),
            _ => self.complain(
                &fetch,
                Code::Misuse,
                "was asked for, and the host answered with an outcome of another kind",
            ),
        }
    }

    fn received(&mut self, fetch: &Fetch, response: &HttpResponse) {
        let (status, body) = (response.status, response.body.as_slice());
        let (most, size) = match fetch.step {
            IssuerCheckStep::KeySet => (crate::jose::MAX_SET_BYTES, "1 MiB"),
            _ => (crate::oauth::discovery::MAX_DOCUMENT as usize, "256 KiB"),
        };
        if status == proxy::AUTHENTICATION_REQUIRED {
            return self.unanswered(fetch, Failure::ProxyAuthentication, "status 407");
        }
        if status != 200 {
            let advice = match status {
                401 | 403 => "; it has to be public, without any sign-in",
                404 | 410 => "; publish the document there, as `wif publish` writes it",
                _ => "",
            };
            let code = match retry::is_transient(status) {
                true => Code::ServiceUnavailable,
                false => Code::KeysUnavailable,
            };
            return self.complain(fetch, code, &format!("answers with status {status}{advice}"));
        }
        if body.len() > most {
            let message =
                format!("is larger than {size}; publish the document alone, with fewer keys");
            return self.complain(fetch, Code::ResponseTooLarge, &message);
        }
        match fetch.step {
            IssuerCheckStep::KeySet => self.check_key_set(fetch, body),
            _ => self.check_discovery_document(fetch, body),
        }
    }

    /// Follows a redirect, to tell what is behind it. OpenID Connect Discovery 1.0, section 4.2, needs status 200.
    fn redirected(&mut self, mut fetch: Fetch, response: &HttpResponse) {
        let target = response.headers.first("location").unwrap_or_default().trim_ascii();
        let shown = redact(target, MAX_SHOWN);
        fetch.redirected_from.push(fetch.url.as_str().into());
        match self.addresses.redirect(&fetch.url, target) {
            Err(refusal) => {
                let message =
                    format!("redirects to `{shown}`, which {refusal}; serve it without a redirect");
                self.complain(&fetch, Code::ResponseRedirect, &message);
            }
            Ok(to) if fetch.redirected_from.iter().any(|from| from == to.as_str()) => {
                let message = format!(
                    "redirects in a circle, back to `{shown}`; serve it without a redirect"
                );
                self.complain(&fetch, Code::RedirectLoop, &message);
            }
            Ok(_) if fetch.redirected_from.len() > MAX_REDIRECTS => {
                let message = format!(
                    "redirects more than {MAX_REDIRECTS} times; serve it without a redirect"
                );
                self.complain(&fetch, Code::RedirectLoop, &message);
            }
            Ok(to) => {
                if fetch.redirected_from.len() == 1 {
                    let message = format!(
                        "redirects to `{shown}` (status {}), and services need status 200; serve it without a redirect",
                        response.status
                    );
                    self.complain(&fetch, Code::ResponseRedirect, &message);
                }
                self.fetch = Some(Fetch { url: to, ..fetch });
            }
        }
    }

    fn unanswered(&mut self, fetch: &Fetch, failure: Failure, detail: &str) {
        let (code, what) = match failure {
            Failure::Timeout => (Code::NetworkTimeout, "does not answer in time"),
            Failure::Refused => (Code::NetworkRefused, "refuses or cuts the connection"),
            Failure::Dns => (Code::NetworkDns, "has a name that cannot be resolved"),
            Failure::Tls => (
                Code::NetworkTls,
                "fails in TLS; services trust the certificate of a public authority (AWS a thumbprint, too)",
            ),
            Failure::ProxyAuthentication => (
                Code::ProxyAuthenticationRequired,
                "cannot be asked: the proxy asks for credentials",
            ),
            Failure::Unreadable => {
                (Code::ResponseInvalid, "answers in a content coding that cannot be read")
            }
            Failure::Cancelled => (Code::Cancelled, "was not asked to the end"),
            _ => (Code::NetworkFailed, "cannot be asked"),
        };
        let detail = redact(detail, MAX_DETAIL);
        let separator = if detail.is_empty() { "" } else { ": " };
        self.complain(fetch, code, &format!("{what}{separator}{detail}"));
    }

    /// Notes that a body is not JSON as it has to be.
    pub(super) fn not_json(&mut self, fetch: &Fetch, body: &[u8], error: JsonError) {
        let code = match error {
            JsonError::Duplicate => Code::ResponseDuplicateMember,
            _ if body.trim_ascii().is_empty() => Code::ResponseEmpty,
            _ => Code::ResponseNotJson,
        };
        self.complain(fetch, code, &format!("is refused: {error}{}", looks_like(body)));
    }

    /// Notes a fault of the document, which no service can use.
    pub(super) fn complain(&mut self, fetch: &Fetch, code: Code, what: &str) {
        let message = format!("{} {what}", document(fetch));
        self.find(fetch.step, code, Service::ALL, message);
    }
}

fn document(fetch: &Fetch) -> String {
    let name = match fetch.step {
        IssuerCheckStep::KeySet => "the key set",
        _ => "the discovery document",
    };
    // The first address is the one that services ask.
    let address = fetch.redirected_from.first().map_or(fetch.url.as_str(), String::as_str);
    format!("{name} `{}`", redact(address, MAX_SHOWN))
}

const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}
