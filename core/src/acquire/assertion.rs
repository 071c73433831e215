//! The stage that gets an assertion for the exchange, from the cache or the source.

use super::{Acquisition, Context, Resume, Stage};
use crate::effect::{Effect, Outcome};
use crate::entra::token_request::TIMEOUT_MS;
use crate::secret::Secret;
use crate::source::{Again, Answer, Assertion, Purpose, REREAD_MS, Refusal};

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
        let purpose = Purpose {
            tenant: self.request.tenant.as_deref(),
            client_id: cx.config.client_id.as_deref(),
            token_endpoint: &self.endpoint,
            audience: cx.config.authority.exchange_audience(),
            claims: self.request.claims.as_deref(),
            context: self.request.context.as_deref(),
            correlation_id: &self.correlation_id,
            timeout_ms: TIMEOUT_MS,
            now: cx.now,
        };
        let question = cx.config.source.ask(&purpose, &jti);
        self.source_state = Secret::new(question.memory);
        Some(question.effect)
    }

    pub(super) fn source_answered(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        self.source_effect = None;
        let token = match cx.config.source.answer(outcome, self.source_state.expose(), cx.now) {
            Ok(Answer::Assertion(token)) => token,
            Ok(Answer::Ask(question)) => {
                self.source_state = Secret::new(question.memory);
                self.source_effect = Some(question.effect);
                return;
            }
            Err(refusal) => return self.refused(refusal, cx),
        };
        match Assertion::check(token, cx.now) {
            Ok(assertion) => {
                if cx.config.source.is_signed() {
                    // Used once. Failed attempts go on being counted, because each of them signs anew.
                    self.stage = Stage::Exchange;
                } else {
                    cx.caches.assertions.keep(&self.request.assertion_key, &assertion, cx.now);
                    self.enter(Stage::Exchange);
                }
                self.assertion = Some(assertion);
            }
            Err(error) => {
                // A file that is being written can be incomplete or hold an expired token, so it is read again soon.
                let file = matches!(outcome, Outcome::File(_));
                self.refused(
                    Refusal { error, again: file.then_some(Again::Shortly(REREAD_MS)) },
                    cx,
                );
            }
        }
    }

    fn refused(&mut self, refusal: Refusal, cx: &mut Context<'_>) {
        let Refusal { error, again } = refusal;
        match again {
            None => self.finish(Err(error)),
            Some(Again::Backoff) => self.retry(error, Resume::Source, cx),
            Some(Again::Shortly(millis)) => {
                let until = cx.now.plus_millis(millis);
                self.retry_at(error, Resume::Source, until, SHORT_RETRIES, cx);
            }
        }
    }

    /// Drops an assertion that the service refused. Returns whether the source may be asked once more.
    pub(super) fn renew_assertion(&mut self, cx: &mut Context<'_>) -> bool {
        cx.caches.assertions.forget(&self.request.assertion_key);
        !core::mem::replace(&mut self.renewed, true)
    }
}
