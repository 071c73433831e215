//! A source that ends with one signed request to a service of AWS.

use super::access::Access;
use super::answer::{Answer, refusal};
use super::credentials::Credentials;
use super::progress::{Progress, State};
use super::region::Region;
use super::service_address::ServiceAddress;
use super::signature::Scope;
use crate::http::HttpRequest;
use crate::source::endpoint::Endpoint;
use crate::source::{SourceContext, SourceEffect, SourceError, SourceResult, TokenSource};
use crate::{Effect, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::String;
use core::fmt::Debug;

/// The request that gives the token.
pub(super) trait Action: Debug + Send + Sync {
    /// The name of the service in a signature.
    const SERVICE: &'static str;
    /// The service, as messages speak of it.
    const ENDPOINT: Endpoint;
    /// The member of the answer with the token.
    const TOKEN: &'static str;

    /// The audience that the token has to name.
    fn audience<'a>(&'a self, context: &SourceContext<'a>) -> &'a str;

    /// The request, without a signature.
    fn request(&self, state: &State, url: String) -> HttpRequest;
}

/// The source of an action.
#[derive(Debug)]
pub(super) struct SignedSource<A> {
    pub(super) action: A,
    pub(super) access: Access,
    pub(super) address: ServiceAddress,
}

impl<A: Action> SignedSource<A> {
    fn effect(&self, progress: Progress, mut state: State, now: Timestamp) -> SourceEffect {
        let effect = match progress {
            Progress::Ask(effect) => effect,
            Progress::Ready(region, credentials) => {
                state.sign();
                self.signed_request(&state, &region, &credentials, now)
            }
        };
        SourceEffect { effect, state: state.to_json() }
    }

    fn signed_request(
        &self,
        state: &State,
        region: &Region,
        credentials: &Credentials,
        now: Timestamp,
    ) -> Effect {
        let mut request = self.action.request(state, self.address.url(region, state.options));
        let scope = Scope { region: region.name(), service: A::SERVICE };
        scope.sign(&mut request, credentials, now);
        // It is not signed: a proxy may change it.
        request.headers.push(("accept", "application/json".into()));
        Effect::Http(request)
    }

    /// Reads the token of the answer to the signed request.
    fn token(
        &self,
        outcome: &Outcome,
        state: &State,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let Outcome::Http(response) = outcome else { return Err(SourceError::unexpected()) };
        if response.status != 200 {
            return Err(refusal(response, &A::ENDPOINT, now));
        }
        let token = Answer::of(response, &A::ENDPOINT)?.text(A::TOKEN).ok_or_else(|| {
            A::ENDPOINT.invalid(&format!("answered without a token in `{}`", A::TOKEN))
        })?;
        A::ENDPOINT.checked(&token, &state.audience, now)
    }
}

impl<A: Action> TokenSource for SignedSource<A> {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let mut state = State::new(self.action.audience(context), context.timeout_ms);
        let now = context.now;
        match self.access.begin(&mut state, now) {
            Ok(progress) => self.effect(progress, state, now),
            // The wait is over at once, and `read` then returns this error.
            Err(_) => SourceEffect { effect: Effect::Sleep { until: now }, state: state.to_json() },
        }
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        let mut state = State::parse(state)?;
        if state.is_signed() {
            return self.token(outcome, &state, now);
        }
        let progress = self.access.read(outcome, &mut state, now)?;
        Ok(SourceResult::Ask(self.effect(progress, state, now)))
    }

    fn failed(&self, failure: Failure, detail: &str, _state: &str) -> SourceError {
        A::ENDPOINT.failed(failure, detail)
    }

    /// After a failure there can be another provider of credentials.
    fn answer(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        match outcome {
            Outcome::Failed { failure: Failure::Cancelled, .. } => Err(SourceError::cancelled()),
            Outcome::Failed { failure, detail } if State::parse(state)?.is_signed() => {
                Err(self.failed(*failure, detail, state))
            }
            _ => self.read(outcome, state, now),
        }
    }
}
