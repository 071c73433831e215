//! How far an acquisition from AWS has come: the state of its effects.

use super::super::SourceError;
use super::credentials::Credentials;
use super::region::Region;
use super::service_address::EndpointOptions;
use crate::Effect;
use alloc::string::{String, ToString};
use serde::{Deserialize, Serialize};

/// What is known so far, and which outcome comes next. It is the state of an effect.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    pub(super) audience: String,
    pub(super) timeout_ms: u32,
    pub(super) region: Option<String>,
    pub(super) options: EndpointOptions,
    pub(super) metadata_token: Option<String>,
    pub(super) step: Step,
}

impl State {
    pub(super) fn new(audience: &str, timeout_ms: u32) -> Self {
        let audience = audience.to_string();
        Self {
            audience,
            timeout_ms,
            region: None,
            options: EndpointOptions::default(),
            metadata_token: None,
            step: Step::Begin,
        }
    }

    /// Reads the state of an effect.
    pub(super) fn parse(text: &str) -> Result<Self, SourceError> {
        serde_json::from_str(text).map_err(|_| SourceError::unexpected())
    }

    pub(super) fn to_json(&self) -> String {
        // Text and numbers always have a JSON form.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The next outcome is that of the source's own request.
    pub(super) fn sign(&mut self) {
        self.step = Step::Signed;
    }

    pub(super) fn is_signed(&self) -> bool {
        self.step == Step::Signed
    }
}

/// The effect whose outcome is awaited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Step {
    /// There was no first effect, but an error.
    Begin,
    ConfigFile,
    MetadataToken,
    Region,
    PodToken,
    AssumeRole,
    CredentialsFile,
    ContainerToken,
    Container,
    Role,
    RoleCredentials,
    /// The signed request of the source itself.
    Signed,
}

/// What an outcome leads to.
pub(super) enum Progress {
    Ask(Effect),
    /// Everything is known: the request of the source can be signed.
    Ready(Region, Credentials),
}
