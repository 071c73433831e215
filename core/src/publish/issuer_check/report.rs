//! The result of the check of an issuer, for people and as JSON.

use super::{CheckedKey, Finding, IssuerCheck, IssuerCheckStep, Service};
use alloc::string::String;
use alloc::vec::Vec;
use serde::ser::{Serialize, SerializeMap as _, Serializer};

/// The outcome of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepOutcome {
    /// Nothing was found.
    Passed,
    /// Every service can use it, and something should be better.
    Warning,
    /// A service cannot use the issuer because of it.
    Failed,
    /// An earlier step ended the check.
    NotReached,
}

/// Whether a service can use the issuer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServiceVerdict {
    /// The service.
    pub service: Service,
    /// Whether it can.
    pub usable: bool,
    /// Why not.
    pub reasons: Vec<Finding>,
    /// Whether it can once the key set is uploaded, for a service that takes one.
    pub usable_with_uploaded_keys: Option<bool>,
}

/// The result of a check.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IssuerReport {
    /// The issuer as it was given.
    pub issuer: String,
    /// The address of its keys, when the discovery document was read.
    pub jwks_uri: Option<String>,
    /// Everything that was found, in the order of the steps.
    pub findings: Vec<Finding>,
    /// One verdict for each of [`Service::ALL`].
    pub verdicts: Vec<ServiceVerdict>,
    /// The keys, in the order of the document; at most 1000.
    pub keys: Vec<CheckedKey>,
    reached: IssuerCheckStep,
}

impl IssuerCheck {
    /// The result. While there is a request, what was found so far.
    #[must_use]
    pub fn report(&self) -> IssuerReport {
        let mut findings = self.findings.clone();
        findings.sort_by_key(|finding| finding.step);
        IssuerReport {
            issuer: self.issuer.clone(),
            jwks_uri: self.jwks_uri.clone(),
            verdicts: Service::ALL.iter().map(|service| self.verdict(*service)).collect(),
            findings,
            keys: self.keys.clone(),
            reached: self.reached,
        }
    }

    fn verdict(&self, service: Service) -> ServiceVerdict {
        let blocks = |finding: &&Finding| finding.blocks.contains(&service);
        let reasons: Vec<_> = self.findings.iter().filter(blocks).cloned().collect();
        let usable = reasons.is_empty() && self.reached == IssuerCheckStep::Keys;
        let fetching = reasons.iter().all(|finding| finding.step.is_about_fetching());
        ServiceVerdict {
            service,
            usable,
            reasons,
            usable_with_uploaded_keys: service.rules().takes_upload.then_some(usable || fetching),
        }
    }
}

impl IssuerReport {
    /// Whether every service can use the issuer.
    #[must_use]
    pub fn is_usable_by_all(&self) -> bool {
        self.verdicts.iter().all(|verdict| verdict.usable)
    }

    /// The outcome of a step.
    #[must_use]
    pub fn outcome(&self, step: IssuerCheckStep) -> StepOutcome {
        let mut found = self.findings.iter().filter(|finding| finding.step == step).peekable();
        if found.peek().is_none() {
            return if step <= self.reached {
                StepOutcome::Passed
            } else {
                StepOutcome::NotReached
            };
        }
        match found.any(|finding| !finding.blocks.is_empty()) {
            true => StepOutcome::Failed,
            false => StepOutcome::Warning,
        }
    }
}

impl StepOutcome {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::NotReached => "not_reached",
        }
    }
}

/// `issuer`, `usable`, a member for each service, `checks`, `findings`, `jwks_uri`, `keys`.
impl Serialize for IssuerReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let checks = IssuerCheckStep::ALL.map(|step| (step.name(), self.outcome(step).name()));
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("issuer", &self.issuer)?;
        members.serialize_entry("usable", &self.is_usable_by_all())?;
        for verdict in &self.verdicts {
            members.serialize_entry(verdict.service.name(), verdict)?;
        }
        members.serialize_entry("checks", &Members(&checks))?;
        members.serialize_entry("findings", &self.findings)?;
        members.serialize_entry("jwks_uri", &self.jwks_uri)?;
        members.serialize_entry("keys", &self.keys)?;
        members.end()
    }
}

impl Serialize for ServiceVerdict {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("usable", &self.usable)?;
        members.serialize_entry("reasons", &self.reasons)?;
        if let Some(usable) = self.usable_with_uploaded_keys {
            members.serialize_entry("usable_with_uploaded_keys", &usable)?;
        }
        members.end()
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("check", self.step.name())?;
        members.serialize_entry("code", self.code.name())?;
        members.serialize_entry("message", &self.message)?;
        members.serialize_entry("blocks", &self.blocks)?;
        members.end()
    }
}

/// An object whose members have text.
struct Members<'a>(&'a [(&'static str, &'static str)]);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().copied())
    }
}
