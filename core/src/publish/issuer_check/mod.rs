//! Whether cloud services can use an issuer: a machine that asks for its documents, and the report about them.
//!
//! ```text
//! Discovery ──200──▶ KeySet ──200──▶ ended          redirects are followed, and reported: services need status 200
//!     └──any other answer──▶ ended └──▶ ended
//! ```
//!
//! The host performs [`IssuerCheck::request`] and hands the outcome to [`IssuerCheck::answer`] while there is a request.

mod answer;
mod discovery;
mod finding;
mod issuer_address;
mod keys;
mod report;
mod service;

use super::IssuerUrl;
use crate::http::address::{self, Network};
use crate::http::{AddressPolicy, HttpRequest, Url, UrlError};
use crate::jose::MAX_SET_BYTES;
use crate::keys::{DISCOVERY_MEDIA_TYPE, KEYS_MEDIA_TYPES};
use crate::oauth::discovery::MAX_DOCUMENT;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

pub use finding::{Finding, IssuerCheckStep};
pub use keys::{CheckedKey, KeyProblem};
pub use report::{IssuerReport, ServiceVerdict, StepOutcome};
pub use service::Service;

/// A document that is being fetched.
#[derive(Clone, Debug)]
struct Fetch {
    /// [`IssuerCheckStep::Discovery`] or [`IssuerCheckStep::KeySet`].
    step: IssuerCheckStep,
    url: Url,
    /// The addresses that redirected.
    redirected_from: Vec<String>,
}

/// The check of one issuer.
#[derive(Clone, Debug)]
pub struct IssuerCheck {
    issuer: String,
    addresses: AddressPolicy,
    timeout_ms: u32,
    fetch: Option<Fetch>,
    /// The last step that was made.
    reached: IssuerCheckStep,
    findings: Vec<Finding>,
    jwks_uri: Option<String>,
    /// The algorithms that the discovery document names.
    algorithms: Vec<String>,
    keys: Vec<CheckedKey>,
}

impl IssuerCheck {
    /// Begins with the issuer's URL. `addresses` says where requests may go, `timeout_ms` how long each may take.
    ///
    /// # Errors
    /// `config_invalid` when it is not the URL of an issuer.
    pub fn new(issuer: &str, addresses: AddressPolicy, timeout_ms: u32) -> Result<Self, Error> {
        let mut check = Self {
            issuer: issuer.into(),
            addresses,
            timeout_ms,
            fetch: None,
            reached: IssuerCheckStep::Address,
            findings: Vec::new(),
            jwks_uri: None,
            algorithms: Vec::new(),
            keys: Vec::new(),
        };
        if Url::parse(issuer) == Err(UrlError::Insecure) {
            check.find(
                IssuerCheckStep::Address,
                Code::IssuerUnsuitable,
                Service::ALL,
                "the issuer uses http; serve its documents over https, and issue tokens with that issuer",
            );
            return Ok(check);
        }
        let url = IssuerUrl::parse(issuer)?;
        issuer_address::check_address(&mut check, &url);
        check.reached = IssuerCheckStep::Network;
        if let Some(url) =
            check.allowed(IssuerCheckStep::Network, "the issuer", &url.discovery_url())
        {
            check.begin(IssuerCheckStep::Discovery, url);
        }
        Ok(check)
    }

    /// The request to perform; `None` when the check has ended.
    #[must_use]
    pub fn request(&self) -> Option<HttpRequest> {
        let fetch = self.fetch.as_ref()?;
        let (accept, max_bytes) = match fetch.step {
            IssuerCheckStep::KeySet => (KEYS_MEDIA_TYPES, MAX_SET_BYTES as u32),
            _ => (DISCOVERY_MEDIA_TYPE, MAX_DOCUMENT),
        };
        Some(HttpRequest::get(fetch.url.as_str().into(), accept, self.timeout_ms, max_bytes))
    }

    fn begin(&mut self, step: IssuerCheckStep, url: Url) {
        self.reached = step;
        self.fetch = Some(Fetch { step, url, redirected_from: Vec::new() });
    }

    /// Returns the URL if a request may go there, and notes whether services can reach it.
    fn allowed(&mut self, step: IssuerCheckStep, what: &str, address: &str) -> Option<Url> {
        match self.addresses.parse(address) {
            Ok(url) => {
                if address::network(&url) != Network::Public {
                    self.find(
                        step,
                        Code::IssuerUnsuitable,
                        Service::ALL,
                        format!(
                            "{what} is on a private network or this machine, where services cannot fetch its documents; \
                             publish them at a public https address"
                        ),
                    );
                }
                Some(url)
            }
            Err(refusal) => {
                let message = format!("{what} {refusal}");
                self.find(step, Code::IssuerUnsuitable, Service::ALL, message);
                None
            }
        }
    }

    fn find(
        &mut self,
        step: IssuerCheckStep,
        code: Code,
        blocks: &[Service],
        message: impl Into<String>,
    ) {
        self.findings.push(Finding { step, code, message: message.into(), blocks: blocks.into() });
    }
}

#[cfg(test)]
mod tests;
