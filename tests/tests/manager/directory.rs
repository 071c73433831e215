//! The emulator with an identity whose credentials are managed.

use conformance::Simulation;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use workload_identity_core::http::HttpRequest;
use workload_identity_core::manage::{Manager, ManagerConfig, ManagerRequest, ManagerResult};
use workload_identity_core::{Effect, Error, Failure, Outcome, Request, Secret, Step};

/// The credentials of an identity by name: issuer, condition, audience, description.
pub(crate) type State = BTreeMap<String, (String, String, String, String)>;

/// Which service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Service {
    Graph,
    Arm,
}

/// The emulator and its clock.
pub(crate) struct Directory {
    pub sim: Simulation,
    pub service: Service,
    scope: String,
}

impl Directory {
    pub(crate) fn new(service: Service) -> Self {
        let sim = Simulation::github(|_| {});
        let scopes = sim.emulator.facts().management_token_scope;
        let scope = if service == Service::Graph { scopes.graph } else { scopes.arm };
        Self { sim, service, scope }
    }

    /// A manager of the identity.
    pub(crate) fn manager(&self, seed: u8) -> Manager {
        let facts = self.sim.emulator.facts();
        let config = match self.service {
            Service::Graph => json!({
                "identity": {"app_id": facts.client_id},
                "graph_url": facts.graph_url,
            }),
            Service::Arm => json!({
                "identity": {"managed_identity": facts.managed_identity_id},
                "arm_url": facts.arm_url,
            }),
        };
        let config = ManagerConfig::parse(config.to_string().as_bytes()).expect("a configuration");
        let mut manager = Manager::new(config);
        manager.reseed([seed; 32]);
        manager
    }

    pub(crate) fn token(&mut self) -> String {
        let token = self.sim.token(Request::new(&self.scope)).expect("an access token");
        token.secret().to_owned()
    }

    /// Performs an effect.
    pub(crate) fn perform(&mut self, effect: &Effect) -> Outcome {
        match effect {
            Effect::AskHost { name, .. } => {
                assert_eq!(*name, "access_token");
                Outcome::Answer(Secret::new(self.token().into_bytes()))
            }
            Effect::Http(request) => self.sim.http(request),
            Effect::Sleep { until } => {
                self.sim.now = self.sim.now.max(*until);
                Outcome::Elapsed
            }
            _ => Outcome::Failed { failure: Failure::Unsupported, detail: String::new() },
        }
    }

    /// Runs a request to its end, and returns how many writes were sent, too.
    pub(crate) fn run(
        &mut self,
        manager: &mut Manager,
        request: &Value,
    ) -> (Result<ManagerResult, Error>, usize) {
        let request = ManagerRequest::parse(request.to_string().as_bytes(), manager.config());
        let ticket = manager.begin(request);
        let mut writes = 0;
        let result = loop {
            match manager.poll(ticket, self.sim.now) {
                Step::Done { value, .. } => break Ok(value),
                Step::Fail(error) => break Err(error),
                Step::Wait { .. } => panic!("nobody else leads"),
                Step::Perform { effect_id, effect, .. } => {
                    writes += usize::from(is_write(&effect));
                    let outcome = self.perform(&effect);
                    manager.resolve(effect_id, &outcome, self.sim.now);
                }
            }
        };
        manager.end(ticket);
        assert_eq!(manager.open(), (0, 0, 0));
        (result, writes)
    }

    /// What the identity has, without the credentials that give the access token.
    pub(crate) fn state(&mut self) -> State {
        let mut manager = self.manager(99);
        let (result, _) = self.run(&mut manager, &json!({"operation": "list"}));
        let Ok(ManagerResult::Credentials { credentials }) = result else {
            panic!("a list: {result:?}")
        };
        let all = credentials.into_iter().map(|credential| {
            let condition = credential.subject.or(credential.expression).unwrap_or_default();
            let description = credential.description.unwrap_or_default();
            (credential.name, (credential.issuer, condition, credential.audience, description))
        });
        let own = self.sim.emulator.facts().base_url;
        all.filter(|(_, (issuer, ..))| !issuer.starts_with(&own)).collect()
    }
}

pub(crate) fn is_write(effect: &Effect) -> bool {
    matches!(effect, Effect::Http(HttpRequest { method, .. }) if method.name() != "GET")
}
