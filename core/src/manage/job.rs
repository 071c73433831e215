//! The work of a flight: an automaton with at most one pending effect.

use super::answer::{self, Answer, CallError};
use super::call::{Call, Sender};
use super::challenge;
use super::config::{ManagerConfig, VersionChoice};
use super::next::Next;
use super::pages::Pages;
use super::refusal;
use super::request::Operation;
use super::result::ManagerResult;
use super::work::Work;
use crate::effect::{Effect, Failure, Outcome};
use crate::entropy::Entropy;
use crate::http::HttpResponse;
use crate::http::retry::{MAX_RETRIES, Pauses};
use crate::redact::{MAX_DETAIL, redact};
use crate::secret::Secret;
use crate::transport_error::transport_error;
use crate::{Code, Error, Ticket, Timestamp};
use alloc::format;
use alloc::string::String;
use serde::Serialize;

/// Time for an access token.
const TOKEN_TIMEOUT_MS: u32 = 60_000;
/// Longest access token.
const MAX_TOKEN: usize = 64 * 1024;

/// What a job uses of its manager.
pub(super) struct Context<'c> {
    pub(super) config: &'c ManagerConfig,
    pub(super) entropy: &'c mut Entropy,
    pub(super) now: Timestamp,
    /// For an effect, the deadline of the leader; for an outcome, the latest deadline of all waiters.
    pub(super) deadline: Timestamp,
}

#[derive(Debug)]
enum Stage {
    /// The access token is asked for, then the call is made.
    Token,
    Call,
    /// Waits until an instant before the call.
    Pause(Timestamp),
    Finished(Result<ManagerResult, Error>),
}

/// The work of one request.
#[derive(Debug)]
pub(super) struct Job {
    /// The ticket whose request this is. Tickets that write later wait for its end.
    pub(super) owner: Ticket,
    work: Work,
    stage: Stage,
    call: Call,
    pages: Pages,
    /// Whether the version with expressions is asked.
    preview: bool,
    token: Option<Secret<String>>,
    /// The claims that the next token needs.
    claims: Option<String>,
    /// Whether a token was asked for because the service refused the former one.
    renewed: bool,
    /// Failed attempts at the current call.
    failures: u32,
    /// Whether the call was handed out and has no outcome.
    sent: bool,
    correlation_id: String,
}

/// The payload of the effect `ask_host` named `access_token`.
#[derive(Serialize)]
struct TokenRequest<'t> {
    scopes: [&'t str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    claims: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant_id: Option<&'t str>,
}

impl Job {
    pub(super) fn new(
        owner: Ticket,
        operation: Operation,
        config: &ManagerConfig,
        correlation_id: String,
    ) -> Self {
        let preview = match config.version {
            VersionChoice::AsNeeded => operation.has_expression(),
            VersionChoice::Stable => false,
            VersionChoice::Preview => true,
        };
        let work = Work::new(operation, config);
        Self {
            owner,
            call: work.begin(),
            work,
            stage: Stage::Token,
            pages: Pages::default(),
            preview,
            token: None,
            claims: None,
            renewed: false,
            failures: 0,
            sent: false,
            correlation_id,
        }
    }

    pub(super) fn is_finished(&self) -> bool {
        matches!(self.stage, Stage::Finished(_))
    }

    pub(super) fn into_result(self) -> Result<ManagerResult, Error> {
        match self.stage {
            Stage::Finished(result) => result,
            _ => Err(Error::new(Code::Internal, "a flight ended without a result")),
        }
    }

    /// Ends the work early.
    pub(super) fn interrupt(mut self, error: Error) -> Result<ManagerResult, Error> {
        match self.stage {
            Stage::Finished(result) => result,
            _ => self.work.interrupt(error),
        }
    }

    /// Returns the effect that comes now, or `None` at the end. A write whose leader fell silent is not sent again: whether it
    /// has arrived is looked up.
    pub(super) fn next_effect(&mut self, cx: &mut Context<'_>) -> Option<Effect> {
        loop {
            match &self.stage {
                Stage::Token => return Some(self.ask_for_token(cx)),
                Stage::Call if self.sent && self.call.writes() => {
                    let message = "the request was not answered before another caller took over";
                    let error = Error::new(Code::NetworkTimeout, message);
                    self.advance(Err(CallError::InDoubt(error)), cx);
                }
                Stage::Call => {
                    self.sent = true;
                    return Some(Effect::Http(self.request(cx.config)));
                }
                Stage::Pause(until) => return Some(Effect::Sleep { until: *until }),
                Stage::Finished(_) => return None,
            }
        }
    }

    /// Takes the outcome of the effect.
    pub(super) fn resolve(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        match (&self.stage, outcome) {
            (Stage::Token, outcome) => self.token_given(outcome, cx),
            (Stage::Call, Outcome::Http(response)) => {
                self.sent = false;
                self.answered(response, cx);
            }
            (Stage::Call, Outcome::Failed { failure, detail }) => {
                self.sent = false;
                self.unanswered(*failure, detail, cx);
            }
            (Stage::Call, _) => {
                self.sent = false;
                self.advance(Err(CallError::Refused(unexpected())), cx);
            }
            // The pause was cut to the deadline of the leader, and the next one has more time.
            (Stage::Pause(until), Outcome::Elapsed) if *until > cx.now => {}
            (Stage::Pause(_), _) => self.stage = Stage::Call,
            (Stage::Finished(_), _) => {}
        }
    }

    fn ask_for_token(&self, cx: &Context<'_>) -> Effect {
        let request = TokenRequest {
            scopes: [&cx.config.scope],
            claims: self.claims.as_deref(),
            tenant_id: cx.config.tenant_id.as_deref(),
        };
        // Text always has a JSON form.
        let payload = serde_json::to_string(&request).unwrap_or_default();
        Effect::AskHost { name: "access_token", payload, timeout_ms: TOKEN_TIMEOUT_MS }
    }

    fn token_given(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        let service = cx.config.service();
        let failed = |what: String| {
            Error::new(
                Code::CallbackFailed,
                format!("the credential gave no access token for {service}: {what}"),
            )
        };
        let error = match outcome {
            Outcome::Answer(answer) => {
                let text = core::str::from_utf8(answer.expose()).unwrap_or_default().trim_ascii();
                let fits = (1..=MAX_TOKEN).contains(&text.len());
                if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
                    self.token = Some(Secret::new(String::from(text)));
                    self.stage = Stage::Call;
                    return;
                }
                failed("what it returned is empty, too long, or not fit for a header".into())
            }
            Outcome::Failed { failure: Failure::Cancelled, .. } => {
                Error::new(Code::Cancelled, "the caller gave up")
            }
            Outcome::Failed { failure, detail } => {
                let detail = redact(detail, MAX_DETAIL);
                failed(if detail.is_empty() { failure.name().into() } else { detail })
            }
            _ => unexpected(),
        };
        self.advance(Err(CallError::Refused(error)), cx);
    }

    fn request(&self, config: &ManagerConfig) -> crate::http::HttpRequest {
        let token = self.token.as_ref().map(|token| token.expose().as_str()).unwrap_or_default();
        let sender =
            Sender { config, preview: self.preview, token, correlation_id: &self.correlation_id };
        match (&self.call, self.pages.next()) {
            (Call::List, Some(url)) => sender.page(url),
            (call, _) => call.to_http(&sender),
        }
    }

    fn answered(&mut self, response: &HttpResponse, cx: &mut Context<'_>) {
        let (config, writes) = (cx.config, self.call.writes());
        if (200..300).contains(&response.status) {
            self.renewed = false;
            return self.succeeded(response, cx);
        }
        if response.status == 401 && !self.renewed {
            self.renewed = true;
            self.claims = challenge::claims(&response.headers);
            self.token = None;
            self.stage = Stage::Token;
            return;
        }
        let error = refusal::refused(&self.call, response, config, &self.correlation_id, cx.now);
        match response.status {
            429 => self.retry(error, cx),
            404 => self.advance(Err(CallError::Missing(error)), cx),
            409 | 412 if writes => self.advance(Err(CallError::Conflict(error)), cx),
            400 | 422 if writes => self.advance(Err(CallError::Rejected(error)), cx),
            408 | 500.. if writes => self.advance(Err(CallError::InDoubt(error)), cx),
            408 | 500.. => self.retry(error, cx),
            _ => self.advance(Err(CallError::Refused(error)), cx),
        }
    }

    fn succeeded(&mut self, response: &HttpResponse, cx: &mut Context<'_>) {
        let answer = if let Call::List = self.call {
            let page = answer::page(response, cx.config, &self.correlation_id);
            match page.and_then(|page| self.pages.add(page, cx.config)) {
                // The next page.
                Ok(true) => {
                    self.failures = 0;
                    return;
                }
                Ok(false) => {
                    let pages = core::mem::take(&mut self.pages);
                    Ok(Answer::Credentials(pages.into_credentials()))
                }
                Err(error) => Err(CallError::Refused(error)),
            }
        } else {
            let answer = answer::item(&self.call, response, cx.config, &self.correlation_id);
            answer.map_err(|error| {
                // A page of a gateway with status 200 does not tell whether a write was passed on.
                if self.call.writes() {
                    CallError::InDoubt(error)
                } else {
                    CallError::Refused(error)
                }
            })
        };
        if cx.config.version == VersionChoice::AsNeeded
            && !self.preview
            && answer.as_ref().is_ok_and(hides_expression)
        {
            self.preview = true;
            self.failures = 0;
            return;
        }
        self.advance(answer, cx);
    }

    fn unanswered(&mut self, failure: Failure, detail: &str, cx: &mut Context<'_>) {
        let (service, setting) = (cx.config.service(), cx.config.url_member());
        let error = transport_error(service, setting, failure, detail);
        let not_sent = matches!(
            failure,
            Failure::Dns | Failure::Tls | Failure::ProxyAuthentication | Failure::Unsupported
        );
        if failure == Failure::Cancelled {
            self.advance(Err(CallError::Refused(error)), cx);
        } else if self.call.writes() && !not_sent {
            self.advance(Err(CallError::InDoubt(error)), cx);
        } else if error.retryable() {
            self.retry(error, cx);
        } else {
            self.advance(Err(CallError::Refused(error)), cx);
        }
    }

    /// Makes the call again after a pause, unless attempts or time run out.
    fn retry(&mut self, error: Error, cx: &mut Context<'_>) {
        let until = pause(&error, self.failures, cx);
        if self.failures >= MAX_RETRIES || until >= cx.deadline {
            return self.advance(Err(CallError::Refused(error)), cx);
        }
        self.failures += 1;
        self.stage = Stage::Pause(until);
    }

    /// Goes on after a call.
    fn advance(&mut self, answer: Result<Answer, CallError>, cx: &mut Context<'_>) {
        self.failures = 0;
        self.sent = false;
        self.pages = Pages::default();
        match self.work.answered(answer, cx.config.identity.is_managed()) {
            Next::Call(call) => {
                self.call = *call;
                self.stage = Stage::Call;
            }
            Next::ReadAgain { error, failures } => {
                let until = pause(&error, failures, cx);
                self.call = Call::List;
                self.stage = if until >= cx.deadline {
                    Stage::Finished(self.work.interrupt(error))
                } else {
                    Stage::Pause(until)
                };
            }
            Next::Done(result) => self.stage = Stage::Finished(result),
        }
    }
}

/// The end of a pause, with jitter, and not before the service wants to be asked again.
fn pause(error: &Error, failures: u32, cx: &mut Context<'_>) -> Timestamp {
    let asked_ms = error.retry_at.map_or(0, |at| at.since(cx.now));
    cx.now.plus_millis(Pauses::TOKENS.next_ms(failures, asked_ms, cx.entropy))
}

/// Whether a credential has neither subject nor expression, because only the preview shows expressions.
fn hides_expression(answer: &Answer) -> bool {
    let credentials = match answer {
        Answer::Credentials(credentials) => credentials.as_slice(),
        Answer::Credential(credential) => core::slice::from_ref(credential),
        _ => &[],
    };
    credentials
        .iter()
        .any(|credential| credential.subject.is_none() && credential.expression.is_none())
}

fn unexpected() -> Error {
    Error::new(Code::Misuse, "the host answered an effect with an outcome of another kind")
}
