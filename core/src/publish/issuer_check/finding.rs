//! What a check of an issuer finds.

use super::Service;
use crate::Code;
use alloc::string::String;
use alloc::vec::Vec;

/// A step of the check, in the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IssuerCheckStep {
    /// The issuer's URL: scheme, length, port.
    Address,
    /// Whether services can reach it.
    Network,
    /// The discovery document: its answer, and that it is JSON.
    Discovery,
    /// That the document names the issuer, octet for octet.
    Issuer,
    /// The address of the key set.
    JwksUri,
    /// The key set: its answer, and that it is JSON with keys.
    KeySet,
    /// Each key: name, use, algorithm, strength.
    Keys,
}

impl IssuerCheckStep {
    /// Every step in order.
    pub const ALL: [Self; 7] = [
        Self::Address,
        Self::Network,
        Self::Discovery,
        Self::Issuer,
        Self::JwksUri,
        Self::KeySet,
        Self::Keys,
    ];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Network => "network",
            Self::Discovery => "discovery",
            Self::Issuer => "issuer",
            Self::JwksUri => "jwks_uri",
            Self::KeySet => "key_set",
            Self::Keys => "keys",
        }
    }

    /// Whether the step is only about fetching documents, which a service that holds an uploaded key set does not do.
    pub(super) const fn is_about_fetching(self) -> bool {
        !matches!(self, Self::Address | Self::Keys)
    }
}

/// A fault of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The step that found it.
    pub step: IssuerCheckStep,
    /// A stable code; see the table in `docs/errors.md`.
    pub code: Code,
    /// What is wrong, and what to do.
    pub message: String,
    /// The services that cannot use the issuer because of it. Without any it is a warning.
    pub blocks: Vec<Service>,
}
