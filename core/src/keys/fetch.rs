//! One fetch: a discovery document if need be, then the key set, with a few attempts.

use super::discovery;
use super::monotonic::MonotonicClock;
use super::settings::{KeySourceSettings, Place};
use crate::http::{HttpRequest, HttpResponse};
use crate::http::{proxy, retry};
use crate::jose::MAX_SET_BYTES;
use crate::redact::{MAX_DETAIL, redact};
use crate::{Code, Effect, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};

/// The longest pause of a fetch. After a longer one the callers fail with the time of the next attempt.
const MAX_RETRY_PAUSE_MS: i64 = 10_000;
/// A fetch without a caller for this long after its effect should have ended is lost.
const GRACE_MS: i64 = 30_000;

/// The media type of a discovery document, for `Accept`.
pub const DISCOVERY_MEDIA_TYPE: &str = "application/json";
/// The media types of a key set, for `Accept`. kube-apiserver answers a request for the second alone with 406.
pub const KEYS_MEDIA_TYPES: &str = "application/jwk-set+json, application/json";

/// The documents of a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Document {
    Discovery,
    Keys,
}

#[derive(Clone, Debug)]
pub(super) struct Fetch {
    document: Document,
    /// Where it is; changes with redirects.
    url: String,
    /// Where the key set is, before redirects; empty while unknown.
    pub(super) jwks_uri: String,
    redirects: u8,
    failures: u32,
    /// Nothing is sent before this instant.
    pause_until: Option<i64>,
    /// When the question at hand was asked; `None` when none is.
    asked_at: Option<i64>,
    /// The caller's deadline shortens the request at hand.
    shortened: bool,
    /// The request named the version of the current key set.
    conditional: bool,
    /// Nobody waits beyond this instant.
    pub(super) deadline: i64,
    lease: i64,
}

/// What an outcome leads to.
pub(super) enum Progress<'a> {
    /// The next effect, or none of its business.
    Next,
    /// The one who asked gave up.
    Cancelled,
    /// The key set, asked for at that instant; without one (status 304) the set at hand is still the issuer's.
    Keys(&'a HttpResponse, i64),
    Failed(FetchError),
}

/// Why an attempt failed.
#[derive(Clone, Debug)]
pub(super) struct FetchError {
    pub(super) reason: String,
    pub(super) hint: Option<&'static str>,
    /// The code of the error if the callers find no key, where it says more than `keys_unavailable`.
    pub(super) code: Option<Code>,
    /// Another attempt can do better.
    passing: bool,
    /// A later fetch fails as well, until the configuration or the issuer changes.
    pub(super) lasting: bool,
    /// The pause that the server asks for.
    pub(super) wait_ms: i64,
}

impl From<String> for FetchError {
    fn from(reason: String) -> Self {
        Self { reason, hint: None, code: None, passing: false, lasting: false, wait_ms: 0 }
    }
}

impl Fetch {
    pub(super) fn new(settings: &KeySourceSettings, at: i64) -> Self {
        let (document, jwks_uri) = match &settings.place {
            Place::Discovery(_) => (Document::Discovery, String::new()),
            Place::Address(url) => (Document::Keys, url.clone()),
        };
        Self {
            document,
            url: settings.place.url().to_string(),
            jwks_uri,
            redirects: settings.redirects,
            failures: 0,
            pause_until: None,
            asked_at: None,
            shortened: false,
            conditional: false,
            deadline: i64::MAX,
            lease: at + GRACE_MS,
        }
    }

    /// Whether the caller that drove it has disappeared.
    pub(super) fn is_lost(&self, at: i64) -> bool {
        at > self.lease
    }

    /// Returns the next effect. A second call returns the same effect, for the successor of a caller that gave up.
    pub(super) fn ask(
        &mut self,
        settings: &KeySourceSettings,
        etag: Option<&str>,
        at: i64,
        clock: &MonotonicClock,
        now: Timestamp,
    ) -> Effect {
        self.asked_at = Some(at);
        if let Some(until) = self.pause_until {
            self.lease = until + GRACE_MS;
            return Effect::Sleep { until: clock.to_host(until, now) };
        }
        let left = self.deadline - at;
        let timeout_ms = left.clamp(1, i64::from(settings.timeout_ms));
        self.shortened = left <= timeout_ms;
        self.lease = at + timeout_ms + GRACE_MS;
        let (accept, max_bytes) = match self.document {
            Document::Discovery => (DISCOVERY_MEDIA_TYPE, discovery::MAX_BYTES),
            Document::Keys => (KEYS_MEDIA_TYPES, MAX_SET_BYTES as u32),
        };
        let mut request = HttpRequest::get(self.url.clone(), accept, timeout_ms as u32, max_bytes);
        self.conditional = false;
        if let (Some(etag), Document::Keys) = (etag, self.document) {
            self.conditional = true;
            request.headers.push(("if-none-match", etag.to_string()));
        }
        Effect::Http(request)
    }

    /// Takes the outcome of the effect. A second outcome changes nothing.
    pub(super) fn answer<'a>(
        &mut self,
        outcome: &'a Outcome,
        settings: &KeySourceSettings,
        at: i64,
        now: Timestamp,
    ) -> Progress<'a> {
        let Some(asked_at) = self.asked_at.take() else { return Progress::Next };
        if matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. }) {
            return Progress::Cancelled;
        }
        if let Some(until) = self.pause_until {
            // A host that woke early sleeps again. A host that cannot sleep goes on at once.
            if !matches!(outcome, Outcome::Elapsed) || until <= at {
                self.pause_until = None;
            }
            return Progress::Next;
        }
        let response = match outcome {
            Outcome::Http(response) => response,
            Outcome::Failed { failure, detail } => {
                return Progress::Failed(self.unanswered(*failure, detail));
            }
            _ => return self.failed("the host answered with an outcome of another kind"),
        };
        match (response.status, self.document) {
            (200, Document::Keys) => Progress::Keys(response, asked_at),
            (304, Document::Keys) if self.conditional => Progress::Keys(response, asked_at),
            (200, Document::Discovery) => {
                match discovery::read(&response.body, &settings.issuer, &settings.addresses) {
                    Ok(url) => {
                        self.document = Document::Keys;
                        self.jwks_uri.clone_from(&url);
                        self.url = url;
                        Progress::Next
                    }
                    Err(refused) => Progress::Failed(FetchError {
                        lasting: refused.lasting,
                        ..FetchError::from(refused.reason)
                    }),
                }
            }
            (301 | 302 | 303 | 307 | 308, _) => match self.redirected(response, settings) {
                Ok(()) => Progress::Next,
                Err(reason) => self.failed(reason),
            },
            (proxy::AUTHENTICATION_REQUIRED, _) => {
                Progress::Failed(self.unanswered(Failure::ProxyAuthentication, "status 407"))
            }
            (status, _) => Progress::Failed(FetchError {
                reason: format!("{} answered with status {status}", self.what()),
                hint: None,
                code: None,
                passing: retry::is_transient(status),
                lasting: false,
                wait_ms: retry::seconds(&response.headers, now).unwrap_or(0) * 1000,
            }),
        }
    }

    /// Whether there is another attempt after this error; the caller has yet to pay for it.
    pub(super) fn may_retry(&self, error: &FetchError, pause_ms: i64, at: i64) -> bool {
        error.passing
            && self.failures < retry::MAX_RETRIES
            && pause_ms <= MAX_RETRY_PAUSE_MS
            && at + pause_ms < self.deadline
    }

    pub(super) fn pause(&mut self, until: i64) {
        self.failures += 1;
        self.pause_until = Some(until);
    }

    /// Attempts that failed so far.
    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    fn what(&self) -> &'static str {
        match self.document {
            Document::Discovery => "the discovery document's address",
            Document::Keys => "the key set's address",
        }
    }

    fn failed(&self, reason: &str) -> Progress<'static> {
        Progress::Failed(format!("{}: {reason}", self.what()).into())
    }

    fn unanswered(&self, failure: Failure, detail: &str) -> FetchError {
        let detail = redact(detail, MAX_DETAIL);
        let separator = if detail.is_empty() { "" } else { ": " };
        FetchError {
            reason: format!(
                "{} gave no answer ({}){separator}{detail}",
                self.what(),
                failure.name()
            ),
            hint: failure.hint(),
            code: match failure {
                Failure::Timeout if self.shortened => Some(Code::NetworkTimeout),
                Failure::ProxyAuthentication => Some(Code::ProxyAuthenticationRequired),
                _ => None,
            },
            passing: !matches!(
                failure,
                Failure::Tls
                    | Failure::Denied
                    | Failure::NotFound
                    | Failure::ProxyAuthentication
                    | Failure::Unreadable
            ),
            lasting: false,
            wait_ms: 0,
        }
    }

    fn redirected(
        &mut self,
        response: &HttpResponse,
        settings: &KeySourceSettings,
    ) -> Result<(), &'static str> {
        if settings.redirects == 0 {
            return Err("it redirects, and redirects are not followed; name the final address");
        }
        self.redirects = self.redirects.checked_sub(1).ok_or("it redirects too often")?;
        let target = response.headers.first("location").unwrap_or_default().trim_ascii();
        let from = settings.addresses.parse(&self.url);
        let from = from.map_err(|_| "it redirects from nowhere")?;
        let to = settings
            .addresses
            .redirect(&from, target)
            .map_err(|_| "it redirects to an address that is not allowed")?;
        if from.is_https() && !to.is_https() {
            return Err("it redirects from https to http");
        }
        self.url = to.into_string();
        Ok(())
    }
}
