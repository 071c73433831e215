//! The stage that has an assertion ready for the exchange.

use super::{Acquire, Context, Resume, Stage};
use crate::effect::{Effect, Outcome};
use crate::entra::token_request::TIMEOUT_MS;
use crate::secret::Secret;
use crate::source::{Again, Answer, Assertion, Purpose, REREAD_MS, Refusal};

/// How often a file that is being written is read again.
const SHORT_RETRIES: u32 = 3;

impl Acquire {
    /// The source's effect; `None` when an assertion is at hand.
    pub(super) fn ask_source(&mut self, cx: &mut Context<'_>) -> Option<Effect> {
        if let Some(held) = cx.memory.assertions.find(&self.wanted.assertion_key, cx.now) {
            self.assertion = Some(held);
            return None;
        }
        if let Some(effect) = &self.source_effect {
            return Some(effect.clone());
        }
        let jti = cx.entropy.uuid();
        let purpose = Purpose {
            tenant: self.wanted.tenant.as_deref(),
            client_id: cx.config.client_id.as_deref(),
            token_endpoint: &self.endpoint,
            audience: cx.config.authority.exchange_audience(),
            claims: self.wanted.claims.as_deref(),
            context: self.wanted.context.as_deref(),
            correlation_id: &self.correlation_id,
            timeout_ms: cx.timeout_ms(TIMEOUT_MS),
            now: cx.now,
        };
        let question = cx.config.source.ask(&purpose, &jti);
        self.source_memory = Secret::new(question.memory);
        Some(question.effect)
    }

    pub(super) fn source_answered(&mut self, outcome: &Outcome, cx: &mut Context<'_>) {
        self.source_effect = None;
        let token = match cx.config.source.answer(outcome, self.source_memory.expose(), cx.now) {
            Ok(Answer::Assertion(token)) => token,
            Ok(Answer::Ask(question)) => {
                self.source_memory = Secret::new(question.memory);
                self.source_effect = Some(question.effect);
                return;
            }
            Err(refusal) => return self.refused(refusal, cx),
        };
        match Assertion::check(token, cx.now) {
            Ok(assertion) => {
                if cx.config.source.is_signed() {
                    // Used once. Attempts go on being counted: signing is part of each.
                    self.stage = Stage::Exchange;
                } else {
                    cx.memory.assertions.keep(&self.wanted.assertion_key, &assertion, cx.now);
                    self.enter(Stage::Exchange);
                }
                self.assertion = Some(assertion);
            }
            Err(error) => {
                // A half-written file looks malformed, one about to be renewed expired: look again soon.
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
            Some(Again::Backoff) => self.again(error, Resume::Source, cx),
            Some(Again::Shortly(millis)) => {
                let until = cx.now.plus_millis(millis);
                self.again_at(error, Resume::Source, until, SHORT_RETRIES, cx);
            }
        }
    }

    /// Forgets an assertion that the service refused; true when the source is to be asked once more.
    pub(super) fn renew_assertion(&mut self, cx: &mut Context<'_>) -> bool {
        cx.memory.assertions.forget(&self.wanted.assertion_key);
        !core::mem::replace(&mut self.renewed, true)
    }
}
