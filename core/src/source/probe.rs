//! A metadata service that answers on this machine: used where the configuration says `probe` and the environment offers nothing.

use super::google::metadata::GoogleMetadata;
use super::managed_identity::ManagedIdentity;
use super::metadata_service::MetadataService;
use super::{
    Detection, SourceContext, SourceEffect, SourceError, SourceKind, SourceResult, TokenSource,
    members, step,
};
use crate::{Code, Effect, Error, Failure, Outcome, Timestamp};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

pub(super) const KIND: SourceKind = SourceKind {
    name: "probe",
    variables: &[],
    paths: &[],
    detect: |_| Detection::Absent("is used only where `probe` is true or `source` names it".into()),
    configure: |form, _| {
        let ProbeForm {} = members(form)?;
        Ok(Arc::new(Probe::new()?))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProbeForm {}

#[derive(Debug)]
struct Probe {
    google: GoogleMetadata,
    azure: ManagedIdentity,
}

/// What the pending effect is about.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// Whether this service is there. `absent` says it of those before.
    Look { service: MetadataService, absent: Vec<String>, exchange: Exchange },
    /// A token of the service that is there, with the state of its own source.
    Token { service: MetadataService, state: String },
}

/// What the request for the token needs of the exchange.
#[derive(Deserialize, Serialize)]
struct Exchange {
    audience: Option<String>,
    correlation_id: String,
    timeout_ms: u32,
}

impl Probe {
    fn new() -> Result<Self, Error> {
        Ok(Self { google: GoogleMetadata::usual()?, azure: ManagedIdentity::of_machine()? })
    }

    fn source(&self, service: MetadataService) -> &dyn TokenSource {
        match service {
            MetadataService::Google => &self.google,
            MetadataService::Azure => &self.azure,
        }
    }

    /// The request for a token of a service that is there.
    fn token(&self, service: MetadataService, exchange: &Exchange) -> SourceEffect {
        let Exchange { audience, correlation_id, timeout_ms } = exchange;
        let effect = match service {
            MetadataService::Google => self.google.token(audience.as_deref(), *timeout_ms),
            MetadataService::Azure => {
                self.azure.first(audience.as_deref(), correlation_id, *timeout_ms)
            }
        };
        of_service(service, effect)
    }

    /// Chooses a service by its answer, or goes on to the next one.
    fn looked(
        &self,
        service: MetadataService,
        mut absent: Vec<String>,
        exchange: Exchange,
        outcome: &Outcome,
    ) -> Result<SourceResult, SourceError> {
        if service.is_available(outcome) {
            return Ok(SourceResult::Ask(self.token(service, &exchange)));
        }
        absent.push(format!("{} ({})", service.title(), MetadataService::absence(outcome)));
        let mut following = MetadataService::ALL.into_iter().skip_while(|known| *known != service);
        match following.nth(1) {
            Some(next) => Ok(SourceResult::Ask(look(next, absent, exchange))),
            None => {
                let message = format!(
                    "no platform's token source is in the environment, and neither of these was found: {}; configure `source`",
                    absent.join(", ")
                );
                Err(Error::new(Code::SourceNotFound, message).into())
            }
        }
    }
}

/// The question whether a service is there.
fn look(service: MetadataService, absent: Vec<String>, exchange: Exchange) -> SourceEffect {
    let effect = Effect::Http(service.availability_request(exchange.timeout_ms));
    SourceEffect::at(effect, &Step::Look { service, absent, exchange })
}

/// An effect of a service's own source.
fn of_service(
    service: MetadataService,
    SourceEffect { effect, state }: SourceEffect,
) -> SourceEffect {
    SourceEffect::at(effect, &Step::Token { service, state })
}

impl TokenSource for Probe {
    fn ask(&self, context: &SourceContext<'_>) -> SourceEffect {
        let exchange = Exchange {
            audience: context.audience.map(ToString::to_string),
            correlation_id: context.correlation_id.into(),
            timeout_ms: context.timeout_ms,
        };
        let [first, _] = MetadataService::ALL;
        look(first, Vec::new(), exchange)
    }

    /// Differs from other sources: a service that cannot be reached is not there, which is no error yet.
    fn answer(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        if matches!(outcome, Outcome::Failed { failure: Failure::Cancelled, .. }) {
            return Err(SourceError::cancelled());
        }
        self.read(outcome, state, now)
    }

    fn read(
        &self,
        outcome: &Outcome,
        state: &str,
        now: Timestamp,
    ) -> Result<SourceResult, SourceError> {
        match step(state)? {
            Step::Look { service, absent, exchange } => {
                self.looked(service, absent, exchange, outcome)
            }
            Step::Token { service, state } => {
                Ok(match self.source(service).answer(outcome, &state, now)? {
                    SourceResult::Ask(effect) => SourceResult::Ask(of_service(service, effect)),
                    assertion => assertion,
                })
            }
        }
    }

    fn failed(&self, failure: Failure, detail: &str, state: &str) -> SourceError {
        match step(state) {
            Ok(Step::Token { service, state }) => {
                self.source(service).failed(failure, detail, &state)
            }
            Ok(Step::Look { .. }) => SourceError::unexpected(),
            Err(error) => error,
        }
    }
}
