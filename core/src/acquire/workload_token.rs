//! The platform's token alone, without an exchange: to examine it before a trust exists.

use crate::config::Config;
use crate::effect::{Effect, Outcome};
use crate::entropy::{Entropy, Seed};
use crate::oauth::token_request::TIMEOUT_MS;
use crate::secret::Secret;
use crate::source::{Reason, SourceContext, SourceEffect, SourceResult};
use crate::{Code, Error, Timestamp};
use alloc::string::String;

/// Most effects of one source. The longest takes six: a credentials chain and the request.
const MAX_EFFECTS: u32 = 20;

/// Asks a token source once. It performs no I/O: the caller performs the effects one after the other.
///
/// It makes one attempt; an [`Engine`](crate::Engine) tries again after a failure that can pass.
///
/// ```
/// use workload_identity_core::{Config, Effect, Outcome, Secret, Timestamp, WorkloadToken};
/// let config = Config::parse(br#"{
///     "tenant_id": "contoso.com",
///     "client_id": "11111111-2222-3333-4444-555555555555",
///     "source": {"kind": "file", "path": "/var/run/secrets/token"}
/// }"#)?;
/// let now = Timestamp::from_seconds(1_767_225_600);
/// let mut asked = WorkloadToken::new(config, [7; 32]);
/// assert!(matches!(asked.effect(now), Some(Effect::ReadFile { .. })));
/// asked.answer(&Outcome::File(Secret::new(b"a.b.c\n".to_vec())), now);
/// assert_eq!(asked.effect(now), None);
/// assert_eq!(asked.token()?.expose(), "a.b.c");
/// # Ok::<(), workload_identity_core::Error>(())
/// ```
#[derive(Debug)]
pub struct WorkloadToken {
    config: Config,
    entropy: Entropy,
    effects: u32,
    pending: Option<(Effect, Secret<String>)>,
    result: Option<Result<Secret<String>, Error>>,
}

impl WorkloadToken {
    /// Begins with the source of a configuration.
    #[must_use]
    pub fn new(config: Config, seed: Seed) -> Self {
        Self { config, entropy: Entropy::new(seed), effects: 0, pending: None, result: None }
    }

    /// Returns the effect to perform, or `None` when there is a result.
    pub fn effect(&mut self, now: Timestamp) -> Option<Effect> {
        if self.result.is_some() {
            return None;
        }
        if self.pending.is_none() {
            self.pending = Some(self.ask(now));
        }
        self.pending.as_ref().map(|(effect, _)| effect.clone())
    }

    /// Takes the outcome of the effect.
    pub fn answer(&mut self, outcome: &Outcome, now: Timestamp) {
        let Some((_, state)) = self.pending.take() else { return };
        self.effects += 1;
        match self.config.source.answer(outcome, state.expose(), now) {
            Ok(SourceResult::Assertion(token)) => self.result = Some(Ok(token)),
            Ok(SourceResult::Ask(SourceEffect { effect, state })) if self.effects < MAX_EFFECTS => {
                self.pending = Some((effect, Secret::new(state)));
            }
            Ok(SourceResult::Ask(_)) => {
                let message = "the token source asks for more and more";
                self.result = Some(Err(Error::new(Code::Internal, message)));
            }
            Err(refused) => self.result = Some(Err(refused.error)),
        }
    }

    /// The token, whatever its form.
    ///
    /// # Errors
    /// That of the source; `misuse` while an effect is pending.
    pub fn token(self) -> Result<Secret<String>, Error> {
        self.result.unwrap_or_else(|| {
            Err(Error::new(Code::Misuse, "the token source has not answered yet"))
        })
    }

    fn ask(&mut self, now: Timestamp) -> (Effect, Secret<String>) {
        let (config, entropy) = (&self.config, &mut self.entropy);
        let tenant = config.tenant.as_ref().map(crate::entra::tenant::Tenant::as_str);
        let SourceEffect { effect, state } = config.source.ask(&SourceContext {
            tenant,
            client_id: config.client_id.as_deref(),
            authority: &config.authority.of_tenant(tenant),
            token_endpoint: &config.authority.token_endpoint(tenant).unwrap_or_default(),
            audience: config.authority.exchange_audience(),
            claims: None,
            capabilities: &[],
            fmi_path: None,
            context: None,
            correlation_id: &entropy.uuid(),
            reason: Reason::First,
            attempt: 1,
            deadline: now.plus_millis(i64::from(TIMEOUT_MS)),
            jti: &entropy.uuid(),
            timeout_ms: TIMEOUT_MS,
            now,
        });
        (effect, Secret::new(state))
    }
}
