//! The settings of a token cache. JSON form: `docs/protocol.md`, section 9.

use crate::Error;
use crate::json::config::{Bounded, Document, word};
use serde::Deserialize;

/// Bound on the entries of a cache without a setting.
const MAX_ENTRIES: usize = 10_000;
/// Bound on the bytes of a cache without a setting.
const MAX_BYTES: usize = 64 << 20;

/// The bounds of a token cache, and whether requests share flights. What is `None` has its default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheConfig {
    /// Bound on the entries: 10,000 by default, 0 turns the cache off.
    pub max_entries: Option<usize>,
    /// Bound on the bytes: 64 MiB by default.
    pub max_bytes: Option<usize>,
    /// Whether each request has a flight of its own, for hosts where no request may wait for another.
    pub per_request: Option<bool>,
}

/// The JSON form.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheForm {
    max_entries: Option<MaxEntries>,
    max_bytes: Option<MaxBytes>,
    #[serde(default, deserialize_with = "word")]
    flight: Option<FlightForm>,
}

/// The bound on entries in a configuration.
pub(crate) type MaxEntries = Bounded<10_000_000>;
/// The bound on bytes in a configuration.
pub(crate) type MaxBytes = Bounded<2_147_483_648>;

/// The member `flight`.
#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FlightForm {
    Shared,
    PerRequest,
}

impl CacheConfig {
    /// Parses the JSON form.
    ///
    /// # Errors
    /// `config_invalid` names the member that is wrong.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let form: CacheForm = Document::CONFIGURATION.read(bytes)?;
        Ok(Self::new(form.max_entries, form.max_bytes, form.flight))
    }

    pub(crate) fn new(
        max_entries: Option<MaxEntries>,
        max_bytes: Option<MaxBytes>,
        flight: Option<FlightForm>,
    ) -> Self {
        Self {
            max_entries: max_entries.map(|size| size.0 as usize),
            max_bytes: max_bytes.map(|size| size.0 as usize),
            per_request: flight.map(|flight| flight == FlightForm::PerRequest),
        }
    }

    /// The first member of an engine's configuration that is set.
    pub(crate) fn first_set(&self) -> Option<&'static str> {
        [
            ("cache_max_entries", self.max_entries.is_some()),
            ("cache_max_bytes", self.max_bytes.is_some()),
            ("flight", self.per_request.is_some()),
        ]
        .into_iter()
        .find_map(|(member, is_set)| is_set.then_some(member))
    }

    pub(crate) fn max_entries(&self) -> usize {
        self.max_entries.unwrap_or(MAX_ENTRIES)
    }

    pub(crate) fn max_bytes(&self) -> usize {
        self.max_bytes.unwrap_or(MAX_BYTES)
    }

    pub(crate) fn is_per_request(&self) -> bool {
        self.per_request.unwrap_or_default()
    }
}
