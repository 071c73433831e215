//! The clients of one engine: configurations whose tokens are in the same cache.

use crate::config::Config;
use crate::oauth::authority::Authority;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;

/// A configuration for [`Engine::begin_for`](crate::Engine::begin_for). Copies share their content.
///
/// Clients of the same authority and client id have one partition of the cache. Its tokens are the same whatever source gave
/// the assertion, because the token service knows the client by its id. Requests share a flight, and exchanges an assertion,
/// if the clients also agree in their source, their address policy, and whether they have a shared store. Then each of them
/// can lead the flight of another.
#[derive(Clone, Debug)]
pub struct Client(Arc<Parts>);

/// The parts of a client.
#[derive(Debug)]
struct Parts {
    config: Config,
    partition: String,
    flight_partition: String,
}

impl Client {
    /// A client of an engine that several share.
    ///
    /// # Errors
    /// `environment_incomplete` without a client id, which keeps the clients of one cache apart. `config_invalid` if the
    /// configuration has a setting of the cache.
    pub fn new(config: Config) -> Result<Self, Error> {
        let Some(client_id) = config.client_id.as_deref() else {
            return Err(Error::new(
                Code::EnvironmentIncomplete,
                "no client_id: a shared token cache keeps clients apart by it; configure `client_id`",
            ));
        };
        if let Some(member) = config.cache.first_set() {
            return Err(Error::new(
                Code::ConfigInvalid,
                format!("`{member}` is a setting of the shared token cache; set it there"),
            ));
        }
        let mut partition = String::new();
        append(&mut partition, config.authority.identity());
        if let Authority::Oidc { token_endpoint, .. } = &config.authority {
            append(&mut partition, token_endpoint.as_ref().map_or("", |url| url.as_str()));
        }
        append(&mut partition, client_id);
        let mut flight_partition = partition.clone();
        append(&mut flight_partition, &config.source_digest);
        append(&mut flight_partition, &format!("{:?}", config.addresses));
        append(&mut flight_partition, if config.store { "store" } else { "" });
        Ok(Self(Arc::new(Parts { config, partition, flight_partition })))
    }

    /// The only client of an engine. Its keys need no partition.
    pub(super) fn sole(config: Config) -> Self {
        let (partition, flight_partition) = (String::new(), String::new());
        Self(Arc::new(Parts { config, partition, flight_partition }))
    }

    pub(super) fn config(&self) -> &Config {
        &self.0.config
    }

    /// What the keys of its tokens begin with.
    pub(super) fn partition(&self) -> &str {
        &self.0.partition
    }

    /// What the keys of its flights and assertions begin with.
    pub(super) fn flight_partition(&self) -> &str {
        &self.0.flight_partition
    }
}

/// Appends a part of a key with its length, so that different requests never share a key.
pub(super) fn append(key: &mut String, part: &str) {
    key.push_str(&format!("|{}:{part}", part.len()));
}
