//! The stage that gets an assertion for the exchange, from the cache or the source.

use super::{Acquisition, Context, Resume, Stage};
use crate::effect::{Effect, Outcome};
use crate::entra::claims_challenge::CAPABILITY;
use crate::oauth::token_request::TIMEOUT_MS;
use crate::secret::Secret;
use crate::source::{
    Assertion, REREAD_MS, Retry, SourceContext, SourceEffect, SourceError, SourceResult,
};
use alloc::format;

/// Retries when a token file is probably being written.
const SHORT_RETRIES: u32 = 3;

impl Acquisition {
    /// Returns the source's effect, or `None` when an assertion is available.
    pub(super) fn ask_source(&mut self, cx: &mut Context<'_>) -> Option<Effect> {
        if let Some(held) = cx.caches.assertions.find(&self.request.assertion_key, cx.now) {
            self.assertion = Some(held);
            return None;
        }
        if let Some(effect) = &self.source_effect {
            return Some(effect.clone());
        }
        let jti = cx.entropy.uuid();
        let request = &self.request;
        let tenant = request.tenant.as_deref();
        let context = SourceContext {
            tenant,
            client_id: cx.config.client_id.as_deref(),
            authority: &cx.config.authority.of_tenant(tenant),
            token_endpoint: &self.endpoint,
            audience: cx.config.authority.exchange_audience(),
            claims: request.challenge.as_deref(),
            capabilities: if request.enable_cae { &[CAPABILITY] } else { &[] },
            fmi_path: request.fmi_path.as_deref(),
            context: request.context.as_deref(),
            correlation_id: &self.correlation_id,
            reason: cx.caches.assertions.reason(&request.assertion_key),
            attempt: self.asked + 1,
            deadline: cx.deadline.min(cx.now.plus_millis(i64::from(TIMEOUT_MS))),
            jti: &jti,
            timeout_ms: TIMEOUT_MS,
            now: cx.now,
        };
        let SourceEffect { effect, state } = cx.config.source.ask(&context);
        self.source_state = Secret::new(state);
        Some(effect)
    }

    pub(super) fn source_answered(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        self.source_effect = None;
        let token = match cx.config.source.answer(outcome, self.source_state.expose(), cx.now) {
            Ok(SourceResult::Assertion(token)) => token,
            Ok(SourceResult::Ask(SourceEffect { effect, state })) => {
                self.source_state = Secret::new(state);
                self.source_effect = Some(effect);
                return;
            }
            Err(refused) => {
                self.asked += 1;
                return self.refused(refused, cx);
            }
        };
        self.asked += 1;
        match Assertion::check(token, cx.now) {
            Ok(assertion) => {
                cx.caches.assertions.given(&self.request.assertion_key);
                if cx.config.source.is_single_use() {
                    // Used once. Failed attempts go on being counted, because each of them signs again.
                    self.stage = Stage::Exchange;
                } else {
                    if !cx.config.source.is_read_each_time() {
                        cx.caches.assertions.keep(&self.request.assertion_key, &assertion);
                    }
                    self.enter(Stage::Exchange);
                }
                self.assertion = Some(assertion);
            }
            Err(mut error) => {
                if let Some(platform) = cx.config.source.platform() {
                    error.message = format!("{platform}: {}", error.message);
                }
                // A file that is being written can be incomplete or hold an expired token, so it is read again soon.
                let file = matches!(outcome, Outcome::File(_));
                self.refused(
                    SourceError { error, retry: file.then_some(Retry::After(REREAD_MS)) },
                    cx,
                );
            }
        }
    }

    fn refused(&mut self, refused: SourceError, cx: &mut Context<'_>) {
        let SourceError { error, retry } = refused;
        match retry {
            None => self.finish(Err(error)),
            Some(Retry::Backoff) => self.retry(error, Resume::Source, cx),
            Some(Retry::Attempts(attempts)) => {
                self.retry_up_to(attempts.saturating_sub(1), error, Resume::Source, cx);
            }
            #[cfg(feature = "source-azure")]
            Some(Retry::Pauses(pauses)) => {
                let pause = pauses.get(self.failures as usize).copied().unwrap_or_default();
                let until = cx.now.plus_millis(pause).max(error.retry_at.unwrap_or(cx.now));
                self.retry_at(error, Resume::Source, until, pauses.len() as u32, cx);
            }
            Some(Retry::After(millis)) => {
                let until = cx.now.plus_millis(millis);
                self.retry_at(error, Resume::Source, until, SHORT_RETRIES, cx);
            }
        }
    }

    /// Drops an assertion that the service refused. Returns whether the source may be asked once more.
    pub(super) fn renew_assertion(&mut self, cx: &mut Context<'_>) -> bool {
        cx.caches.assertions.reject(&self.request.assertion_key);
        !core::mem::replace(&mut self.renewed, true)
    }
}
