//! Either machine, driven by the calls of a transcript.

use serde_json::Value;
use std::sync::Arc;
use workload_identity_core::crypto::RustCrypto;
use workload_identity_core::wire::{Client, Engine, Manager, Verifier};

/// The machine that a transcript is about.
pub(crate) enum Player {
    /// Tokens are acquired.
    Engine(Box<Engine>),
    /// Tokens are acquired for several clients, which are numbered from 1.
    Shared(Box<Engine>, Vec<Client>),
    /// Tokens are verified.
    Verifier(Box<Verifier>),
    /// Federated identity credentials are managed.
    Manager(Box<Manager>),
}

/// Name of the second machine in a transcript's `machine`.
pub(crate) const VERIFIER: &str = "verifier";
/// The same for the manager.
pub(crate) const MANAGER: &str = "manager";
/// The same for an engine that several clients share.
pub(crate) const SHARED_CACHE: &str = "shared_cache";

impl Player {
    /// The machine of that name; the first one has none.
    pub(crate) fn new(machine: Option<&str>, config: &[u8]) -> Result<Self, String> {
        match machine {
            None => Engine::new(config).map(Box::new).map(Self::Engine),
            Some(SHARED_CACHE) => {
                Engine::shared(config).map(|engine| Self::Shared(Box::new(engine), Vec::new()))
            }
            Some(VERIFIER) => {
                Verifier::new(config, Arc::new(RustCrypto)).map(Box::new).map(Self::Verifier)
            }
            Some(MANAGER) => Manager::new(config).map(Box::new).map(Self::Manager),
            Some(other) => panic!("`{other}` is not a machine"),
        }
    }

    pub(crate) fn reseed(&mut self, seed: &[u8]) -> Result<(), String> {
        match self {
            Self::Engine(machine) | Self::Shared(machine, _) => machine.reseed(seed),
            Self::Verifier(machine) => machine.reseed(seed),
            Self::Manager(machine) => machine.reseed(seed),
        }
    }

    /// Adds a client and returns its number.
    pub(crate) fn client(&mut self, config: &[u8]) -> Result<u64, String> {
        match self {
            Self::Shared(_, clients) => {
                clients.push(Client::new(config)?);
                Ok(clients.len() as u64)
            }
            _ => panic!("only a shared cache has clients"),
        }
    }

    /// Begins a request: of the client with this number, or with 0 of the machine.
    pub(crate) fn begin(&mut self, client: u64, request: &[u8]) -> u64 {
        match self {
            Self::Engine(machine) => machine.begin(request),
            Self::Shared(machine, clients) => match client.checked_sub(1) {
                Some(index) => machine.begin_for(&clients[index as usize], request),
                None => machine.begin(request),
            },
            Self::Verifier(machine) => machine.begin(request),
            Self::Manager(machine) => machine.begin(request),
        }
    }

    pub(crate) fn poll(&mut self, ticket: u64, now: i64) -> String {
        match self {
            Self::Engine(machine) | Self::Shared(machine, _) => machine.poll(ticket, now),
            Self::Verifier(machine) => machine.poll(ticket, now),
            Self::Manager(machine) => machine.poll(ticket, now),
        }
    }

    pub(crate) fn resolve(
        &mut self,
        effect: u64,
        kind: &str,
        status: u32,
        head: &[u8],
        body: &[u8],
        now: i64,
    ) -> u64 {
        match self {
            Self::Engine(machine) | Self::Shared(machine, _) => {
                machine.resolve(effect, kind, status, head, body, now)
            }
            Self::Verifier(machine) => machine.resolve(effect, kind, status, head, body, now),
            Self::Manager(machine) => machine.resolve(effect, kind, status, head, body, now),
        }
    }

    pub(crate) fn end(&mut self, ticket: u64) -> u64 {
        match self {
            Self::Engine(machine) | Self::Shared(machine, _) => machine.end(ticket),
            Self::Verifier(machine) => machine.end(ticket),
            Self::Manager(machine) => machine.end(ticket),
        }
    }

    /// The verifier, whose calls the other machine does not have.
    pub(crate) fn verifier(&mut self) -> Result<&mut Verifier, String> {
        match self {
            Self::Engine(_) | Self::Shared(..) | Self::Manager(_) => {
                Err("the call is one of the verifier".to_string())
            }
            Self::Verifier(machine) => Ok(machine),
        }
    }
}

/// A JSON text as a value, for looking into it.
pub(crate) fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
