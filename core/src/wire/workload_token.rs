//! The platform's token alone, as bindings ask for it: the preflight of a source.

use super::effect::WireEffect;
use super::outcome;
use crate::{Code, Config, EffectId, Error, Timestamp, WorkloadToken, trust};
use alloc::string::String;

/// The class `SourcePreflight` of `docs/protocol.md`, section 3.
///
/// ```
/// use workload_identity_core::wire::SourcePreflight;
/// let config = br#"{"tenant_id":"contoso.com","client_id":"11111111-2222-3333-4444-555555555555",
///     "source":{"kind":"file","path":"/t"}}"#;
/// let mut preflight = SourcePreflight::new(config, &[7; 32])?;
/// assert_eq!(preflight.effect(0), r#"{"id":1,"kind":"read_file","path":"/t","max_bytes":16384}"#);
/// preflight.answer("failed", 0, b"not_found", b"", 0);
/// assert_eq!(preflight.effect(0), "");
/// assert!(preflight.report().unwrap_err().contains("token_file_missing"));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct SourcePreflight {
    asked: Option<WorkloadToken>,
    effects: u64,
}

impl SourcePreflight {
    /// Parses the configuration of an engine. `seed` is 32 random bytes.
    ///
    /// # Errors
    /// The wire form of the error.
    pub fn new(config: &[u8], seed: &[u8]) -> Result<Self, String> {
        let seed = super::seed(seed)?;
        let config = Config::parse(config).map_err(|error| error.to_json())?;
        Ok(Self { asked: Some(WorkloadToken::new(config, seed)), effects: 1 })
    }

    /// The effect to perform, or an empty text when there is a result.
    pub fn effect(&mut self, now: i64) -> String {
        let Some(asked) = &mut self.asked else { return String::new() };
        let effect = asked.effect(Timestamp::from_millis(now));
        let wire = effect.as_ref().map(|effect| WireEffect::new(EffectId(self.effects), effect));
        wire.map(|wire| serde_json::to_string(&wire).unwrap_or_default()).unwrap_or_default()
    }

    /// Takes the outcome of the effect.
    pub fn answer(&mut self, kind: &str, status: u32, head: &[u8], body: &[u8], now: i64) {
        if let Some(asked) = &mut self.asked {
            self.effects += 1;
            asked.answer(&outcome::read(kind, status, head, body), Timestamp::from_millis(now));
        }
    }

    /// The report about the token: `docs/protocol.md`, section 10. It ends the preflight.
    ///
    /// # Errors
    /// The wire form of the error.
    pub fn report(&mut self) -> Result<String, String> {
        let report = self.examine().map_err(|error| error.to_json())?;
        Ok(serde_json::to_string(&report).unwrap_or_default())
    }

    fn examine(&mut self) -> Result<trust::Preflight, Error> {
        let asked = self.asked.take();
        let asked = asked.ok_or_else(|| Error::new(Code::Misuse, "the preflight has ended"))?;
        let token = asked.token()?;
        trust::preflight(&trust::TokenClaims::from_token(token.expose())?, None)
    }
}
