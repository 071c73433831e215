//! `wif demo --platform`: what happens on a platform, from its environment to a refusal that is explained.

use super::request_log::RequestLog;
use super::running_emulator::RunningEmulator;
use super::scenario::{self, Scenario, StepResult};
use super::timeline::{Fact, Marker, Timeline};
use crate::commands::emulator::{self, Platforms, Service};
use crate::explain;
use crate::host::{self, Driver, Host as _, SystemHost, Transport};
use crate::serve::Listener;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use workload_identity_core::trust::{self, Credential, TokenClaims};
use workload_identity_core::{Code, Config, Engine, WorkloadToken, wire};
use workload_identity_emulator::{Platform, Reach};

/// Runs the steps and prints them. An error means that the demo itself failed.
pub(super) fn print<W: Write>(
    timeline: &mut Timeline<W>,
    platform: &'static Platform,
) -> Result<RunningEmulator, Box<dyn Error>> {
    timeline.remark(&format!("{}, all of it on this machine\n", platform.about))?;
    let listener = Listener::bind(0, platform.reach == Reach::TokenOverTls)?;
    let ca_file = listener.ca_file();
    let mut emulator = emulator::create(&listener, |settings| settings.trust_own_issuers = false)?;
    emulator.trust_platform(platform)?;
    let facts = emulator.facts();
    let trusted = emulator.credentials().first().ok_or("nothing is trusted")?;
    let credential = trusted.credential.clone();
    let service = Arc::new(Service::new(emulator, Transport::new(ca_file.clone())));
    let server = listener.serve(Arc::clone(&service));
    let platforms = Platforms::open(&[platform], &service, &server)?;
    let inspector_url = facts.inspector_url.clone();
    let scenario = Scenario::new(timeline, facts, ca_file.clone());
    let story = Story {
        scenario,
        platforms: &platforms,
        service,
        credential,
        reach: platform.reach,
        ca_file,
    };
    story.print()?;
    Ok(RunningEmulator { server, inspector_url, _platforms: Some(platforms) })
}

struct Story<'a, W: Write> {
    scenario: Scenario<'a, W>,
    platforms: &'a Platforms,
    service: Arc<Service>,
    credential: Credential,
    reach: Reach,
    ca_file: Option<PathBuf>,
}

impl<W: Write> Story<'_, W> {
    fn print(mut self) -> StepResult {
        let facts = self.scenario.facts.clone();
        self.scenario.good(
            "emulator",
            "a token endpoint, the platform's endpoints and an API on loopback",
            [
                ("authority", facts.authority.clone()),
                ("application", facts.client_id.clone()),
                ("trusts issuer", self.credential.issuer.clone()),
                ("trusts subject", self.credential.subject().unwrap_or_default().to_owned()),
                ("trusts audience", self.credential.audience.clone()),
            ],
        )?;
        self.source()?;
        match (self.exchange(), self.reach) {
            (Err(error), Reach::Refused(code)) => self.end_of_reach(error, code)?,
            (exchanged, _) => exchanged?,
        }
        self.scenario.remark(
            "\nNo secret was stored anywhere. Next: `wif emulator --help`, `wif explain --help`",
        )
    }

    /// From the workload's token to a refusal.
    fn exchange(&mut self) -> StepResult {
        self.workload_token()?;
        let driver = self.driver()?;
        let token = self.scenario.exchange(&driver)?;
        self.scenario.validate(&token)?;
        self.scenario.call_api(&token)?;
        self.scenario.cache_hit(&driver)?;
        self.refusal()
    }

    /// The platform gives no more than this error on a machine with nothing but the emulator.
    fn end_of_reach(&mut self, error: Box<dyn Error>, expected: Code) -> StepResult {
        let error = error.downcast::<workload_identity_core::Error>()?;
        if error.code != expected {
            return Err(error);
        }
        let mut facts = scenario::named([
            ("code", error.code.name().to_owned()),
            ("message", error.message.clone()),
        ]);
        facts.extend(scenario::named(explain::facts(&error)));
        let summary = "the workload gets no further on this machine, and the error says why";
        self.scenario.step(Marker::Refused, "refused", summary, &facts)
    }

    /// Shows which source the platform's variables lead to.
    fn source(&mut self) -> StepResult {
        let report = wire::sources(self.environment().to_string().as_bytes())?;
        let report: Vec<Value> = serde_json::from_str(&report)?;
        let chosen = report.iter().find(|source| source["chosen"] == true);
        let chosen = chosen.ok_or("the platform's variables lead to no source")?;
        let text = |name: &str| chosen[name].as_str().unwrap_or_default().to_owned();
        let names: Vec<_> = self.platforms.variables().keys().copied().collect();
        self.scenario.good(
            "source",
            "the platform's variables lead to its token source",
            [("variables", names.join(", ")), ("source", text("name")), ("because", text("why"))],
        )
    }

    /// Asks the source once and examines its token. The engine fetches its own.
    fn workload_token(&mut self) -> StepResult {
        let log = self.log();
        let mut asked = WorkloadToken::new(self.config()?, host::seed()?);
        while let Some(effect) = asked.effect(host::now()) {
            asked.answer(&log.perform(&effect), host::now());
        }
        let token = asked.token()?;
        let report = trust::preflight(&TokenClaims::from_token(token.expose())?, None)?;
        let lifetime = report.lifetime_s.map(|seconds| format!("{seconds} s"));
        let mut facts = scenario::effects(&log);
        facts.extend(scenario::named([
            ("issuer", report.issuer.unwrap_or_default()),
            ("subject", report.subject.unwrap_or_default()),
            ("audience", report.audience.join(", ")),
            ("algorithm", report.algorithm.unwrap_or_default()),
            ("valid for", lifetime.unwrap_or_default()),
            ("sha-256", scenario::digest(token.expose())),
        ]));
        // The emulator's issuers are on this machine, which Entra could not reach.
        let problems = report.entra.problems.into_iter();
        let problem = |problem: trust::Problem| -> Option<Fact> {
            (problem.code != "private_issuer").then(|| (problem.code.into(), problem.message))
        };
        facts.extend(problems.filter_map(problem));
        let summary = "the platform gives the workload a short-lived token";
        self.scenario.step(Marker::Good, "workload", summary, &facts)
    }

    /// The credential is for another workload.
    fn refusal(&mut self) -> StepResult {
        let Credential { issuer, audience, .. } = &self.credential;
        let subject = self.credential.subject().unwrap_or_default();
        let other = format!("{subject}-other");
        {
            let mut emulator = self.service.emulator();
            emulator.distrust(issuer, subject);
            emulator.trust(Credential::exact(issuer, &other, audience))?;
        }
        let driver = self.driver()?;
        let error = match driver.request(Ok(scenario::request())) {
            Ok(_) => return Err("a subject that nobody trusts was accepted".into()),
            Err(error) => error,
        };
        let mut facts = scenario::effects(driver.host());
        facts.extend(scenario::named([
            ("code", error.code.name().to_owned()),
            ("message", error.message.clone()),
            ("trusted subject", other),
        ]));
        facts.extend(scenario::named(explain::facts(&error)));
        let summary = "with a credential for another subject it is refused, and the error says why";
        self.scenario.step(Marker::Refused, "refused", summary, &facts)
    }

    fn driver(&self) -> Result<Arc<Driver<Engine, RequestLog>>, Box<dyn Error>> {
        let mut engine = Engine::new(self.config()?);
        engine.reseed(host::seed()?);
        Ok(Driver::new(engine, self.log()))
    }

    fn log(&self) -> RequestLog {
        let variables = self.platforms.variables().iter();
        let variables = variables.map(|(name, value)| ((*name).to_owned(), value.clone()));
        let transport = Transport::new(self.ca_file.clone());
        RequestLog::new(SystemHost::new(transport).with_variables(variables.collect()))
    }

    fn config(&self) -> Result<Config, Box<dyn Error>> {
        let mut configuration = self.environment();
        let facts = &self.scenario.facts;
        configuration["authority_host"] = facts.base_url.as_str().into();
        configuration["tenant_id"] = facts.tenant_id.as_str().into();
        configuration["client_id"] = facts.client_id.as_str().into();
        Ok(Config::parse(configuration.to_string().as_bytes())?)
    }

    /// Only what the platform sets: this machine's own variables play no part.
    fn environment(&self) -> Value {
        let variables = self.platforms.variables().iter();
        let variables: Map<String, Value> =
            variables.map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
        json!({ "environment": variables })
    }
}
