//! The stages that talk to the token service: finding its endpoint and exchanging the assertion.

use super::{Acquisition, Context, Resume, Stage, transport_error, unexpected};
use crate::effect::{Effect, Failure, Outcome};
use crate::http::retry;
use crate::oauth::authority::Authority;
use crate::oauth::token_request::{TIMEOUT_MS, TokenRequest};
use crate::oauth::{discovery, token_response};
use crate::token::AccessToken;
use crate::trust;
use crate::{Code, Error};
use alloc::string::{String, ToString};

impl Acquisition {
    /// Returns the discovery request, or `None` when the endpoint is known.
    pub(super) fn discover(&mut self, cx: &mut Context<'_>) -> Option<Effect> {
        let known = self.known_endpoint(cx);
        match (known, &cx.config.authority) {
            (None, Authority::Oidc { issuer: Some(issuer), .. }) => {
                Some(Effect::Http(discovery::request(issuer, TIMEOUT_MS)))
            }
            (known, _) => {
                self.endpoint = known.unwrap_or_default();
                None
            }
        }
    }

    fn known_endpoint(&self, cx: &Context<'_>) -> Option<String> {
        let known = cx.config.authority.token_endpoint(self.request.tenant.as_deref());
        let partition = self.request.client.flight_partition();
        known.or_else(|| cx.caches.endpoint(partition, cx.now).map(ToString::to_string))
    }

    pub(super) fn discovered(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        let response = match outcome {
            Outcome::Http(response) => response,
            Outcome::Failed { failure, detail } => {
                return self.transport_failed(*failure, detail, Resume::Discover, cx);
            }
            _ => return self.finish(Err(unexpected())),
        };
        let Authority::Oidc { issuer: Some(issuer), .. } = &cx.config.authority else {
            return self.finish(Err(unexpected()));
        };
        match discovery::token_endpoint(response, issuer, &cx.config.addresses) {
            Ok(url) => {
                let partition = self.request.client.flight_partition();
                let until = cx.now.plus_seconds(discovery::LIFETIME);
                cx.caches.keep_endpoint(partition, url.as_str(), cx.now, until);
                self.endpoint = url.as_str().to_string();
                self.enter(Stage::Source);
            }
            Err(mut error) if retry::is_transient(response.status) => {
                error.code = Code::ServiceUnavailable;
                error.message = alloc::format!(
                    "the discovery document answered with status {}; try again later",
                    response.status
                );
                error.retry_at = retry::after(&response.headers, cx.now);
                self.retry(error, Resume::Discover, cx);
            }
            Err(error) => self.finish(Err(error)),
        }
    }

    /// Returns the token request.
    pub(super) fn exchange(&mut self, cx: &mut Context<'_>) -> Option<Effect> {
        if let Some(path) = self.awaited_roots(cx) {
            return Some(Self::read_roots(path));
        }
        let Some(assertion) = &self.assertion else {
            self.finish(Err(Error::new(Code::Internal, "the exchange began without an assertion")));
            return None;
        };
        let entra = cx.config.authority.is_entra();
        let (endpoint, connection) = self.token_address(cx);
        let request = TokenRequest {
            endpoint: &endpoint,
            connection,
            client_id: cx.config.client_id.as_deref(),
            scopes: &self.request.scopes,
            claims: self.request.claims.as_deref(),
            fmi_path: self.request.fmi_path.as_deref(),
            assertion: &assertion.token,
            correlation_id: entra.then_some(&*self.correlation_id),
            timeout_ms: TIMEOUT_MS,
        };
        Some(Effect::Http(request.to_http()))
    }

    pub(super) fn exchanged(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        if let Some(path) = self.awaited_roots(cx) {
            return self.roots_read(path, outcome, cx);
        }
        let response = match outcome {
            Outcome::Http(response) => response,
            Outcome::Failed { failure, detail } => {
                return self.transport_failed(*failure, detail, Resume::Exchange, cx);
            }
            _ => return self.finish(Err(unexpected())),
        };
        let presented = self.assertion.as_ref().map(|assertion| &assertion.presented);
        match token_response::read(response, presented, &self.correlation_id, cx.now) {
            Ok(issued) => {
                let token = AccessToken::issued(
                    issued,
                    self.request.tenant.clone(),
                    self.request.scopes.clone(),
                    self.correlation_id.clone(),
                    cx.now,
                    cx.entropy,
                );
                if cx.config.store {
                    self.enter(Stage::Save(token));
                } else {
                    self.finish(Ok(token));
                }
            }
            Err(error) if error.code == Code::AssertionRejected => {
                if self.renew_assertion(cx) {
                    self.enter(Stage::Source);
                } else {
                    self.finish(Err(error));
                }
            }
            Err(error) if matches!(error.code, Code::Throttled | Code::ServiceUnavailable) => {
                if error.retry_at.is_some() {
                    cx.caches.throttle(&self.request.cache_key, &error, cx.now);
                }
                self.retry(error, Resume::Exchange, cx);
            }
            Err(mut error) => {
                trust::explain_error(&mut error);
                // Otherwise a corrected source would be used only after the refused assertion has expired.
                if matches!(error.code, Code::TrustMismatch | Code::ExchangeRejected) {
                    cx.caches.assertions.reject(&self.request.assertion_key);
                }
                self.finish(Err(error));
            }
        }
    }

    fn transport_failed(
        &mut self,
        failure: Failure,
        detail: &str,
        resume: Resume,
        cx: &mut Context<'_>,
    ) {
        let mut error = transport_error(failure, detail);
        if cx.config.token_proxy.is_some() && error.hint.is_none() {
            error.hint = Some("token requests go to AZURE_KUBERNETES_TOKEN_PROXY, with the authorities of AZURE_KUBERNETES_CA_FILE or _CA_DATA".into());
        }
        if error.retryable() && failure != Failure::Cancelled {
            self.retry(error, resume, cx);
        } else {
            self.finish(Err(error));
        }
    }
}
