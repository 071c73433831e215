//! A manager of the core with its host: it performs requests, and gives the access token that the manager asks for.

use super::access_args::AccessArgs;
use super::identity_args::IdentityArgs;
use super::interruption::Interruption;
use crate::commands::token_engine::{Presented, TokenEngine};
use crate::host::{self, Driver, Host, SystemHost, Transport};
use crate::{option_names, verbosity};
use serde::Deserialize;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use workload_identity_core::manage::{
    Identity, Manager, ManagerConfig, ManagerRequest, ManagerResult,
};
use workload_identity_core::trust::TokenClaims;
use workload_identity_core::{Code, Effect, Error, Failure, Outcome, Request, Secret};

/// Longest access token that is read, in bytes.
const MAX_TOKEN_BYTES: u64 = 64 * 1024;
/// Advice for a person, whose machine has no token source.
const PERSON: &str =
    "a person passes a token of `az account get-access-token` with `--access-token-file -`";
/// Shortest pause that is told to the user.
const LONG_PAUSE_MS: i64 = 1000;

/// A manager of one identity.
pub(super) struct Connection {
    driver: Arc<Driver<Manager, ManagementHost>>,
    timeout: Duration,
}

impl Connection {
    /// The option that names an identity wins over the file. With `json` pauses are not told, since standard error is JSON.
    ///
    /// # Errors
    /// `config_invalid` names the option that is wrong or missing.
    pub(super) fn open(
        identity: &IdentityArgs,
        access: &AccessArgs,
        of_file: Option<&Identity>,
        json: bool,
    ) -> Result<Self, Error> {
        let own = access.source().configuration(access.addresses())?;
        let mut document = json!({});
        for member in ["authority_host", "tenant_id"] {
            if let Some(value) = own.get(member).filter(|value| !value.is_null()) {
                document[member] = value.clone();
            }
        }
        document["identity"] = match (identity.identity(), of_file) {
            (Some(identity), _) => identity,
            (None, Some(identity)) => json!(identity),
            (None, None) => {
                return Err(Error::new(
                    Code::ConfigInvalid,
                    "whose credentials? give `--app-id`, `--app-object-id`, `--managed-identity` or `--agent-blueprint`",
                ));
            }
        };
        access.add_to(&mut document);
        let config = ManagerConfig::parse(document.to_string().as_bytes())?;
        let provider = match access.access_token_file() {
            Some(path) => Provider::Given(read_token(path)?),
            None => Provider::Engine(TokenEngine::new(access.source(), &own, access.ca_file())?),
        };
        let mut manager = Manager::new(config);
        manager.reseed(host::seed()?);
        let host = ManagementHost {
            system: SystemHost::new(Transport::trusting(access.ca_file())?),
            provider,
            timeout: access.timeout(),
            refusal: Mutex::new(None),
            interruption: OnceLock::new(),
            tells_pauses: !json && !verbosity::quiet() && !verbosity::verbose(),
        };
        Ok(Self { driver: Driver::new(manager, host), timeout: access.timeout() })
    }

    /// Performs a request in its JSON form.
    ///
    /// # Errors
    /// Those of the manager, or why there is no access token.
    pub(super) fn request(&self, request: &Value) -> Result<ManagerResult, Error> {
        let timeout = i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        let mut request = request.clone();
        request["deadline"] = host::now().plus_millis(timeout).millis().into();
        let request =
            ManagerRequest::parse(request.to_string().as_bytes(), self.driver.lock().config());
        if request.as_ref().is_ok_and(|request| request.operation.writes()) {
            self.driver.host().watch_signals();
        }
        self.driver.request(request).map_err(|error| {
            // The manager says that its host failed; the host has the reason.
            self.driver.host().refusal().take().unwrap_or(error)
        })
    }

    /// Whether the access token comes from a token source.
    pub(super) fn signs_in(&self) -> bool {
        matches!(self.driver.host().provider, Provider::Engine(_))
    }

    /// The claims of the workload token that got the access token from the identity which is managed. `None` if it is not known
    /// that it did.
    pub(super) fn own_token(&self) -> Option<TokenClaims> {
        let Provider::Engine(engine) = &self.driver.host().provider else { return None };
        let Presented { client_id, claims } = engine.presented()?;
        match self.driver.lock().config().identity() {
            Identity::AppId(id) if !client_id.eq_ignore_ascii_case(id) => None,
            // The client id of another identity does not tell its object id or resource id.
            _ => Some(claims),
        }
    }
}

/// Who gives the access token.
enum Provider {
    /// Read once: standard input and pipes have it once, and a command can ask several times.
    Given(Secret<Vec<u8>>),
    Engine(TokenEngine),
}

/// What the manager asks the host for.
#[derive(Deserialize)]
struct TokenRequest {
    scopes: Vec<String>,
    claims: Option<String>,
    tenant_id: Option<String>,
}

struct ManagementHost {
    system: SystemHost,
    provider: Provider,
    timeout: Duration,
    /// Why there was no access token.
    refusal: Mutex<Option<Error>>,
    /// From the first request that writes.
    interruption: OnceLock<Arc<Interruption>>,
    tells_pauses: bool,
}

impl Host for ManagementHost {
    fn perform(&self, effect: &Effect) -> Outcome {
        match effect {
            _ if self.is_interrupted() => {
                Outcome::Failed { failure: Failure::Cancelled, detail: String::new() }
            }
            Effect::AskHost { name: "access_token", payload, .. } => self.access_token(payload),
            Effect::Sleep { until } => {
                let millis = until.since(host::now());
                if millis >= LONG_PAUSE_MS && self.tells_pauses {
                    eprintln!("waiting {} s for the service", (millis + 999) / 1000);
                }
                match self.interruption.get() {
                    Some(interruption) => {
                        let millis = u64::try_from(millis).unwrap_or(0);
                        interruption.wait(Duration::from_millis(millis));
                        Outcome::Elapsed
                    }
                    None => self.system.perform(effect),
                }
            }
            _ => self.system.perform(effect),
        }
    }
}

impl ManagementHost {
    /// Where signals cannot be caught, one ends the process as before.
    fn watch_signals(&self) {
        if self.interruption.get().is_none()
            && let Ok(interruption) = Interruption::watch(self.tells_pauses)
        {
            let _ = self.interruption.set(interruption);
        }
    }

    fn is_interrupted(&self) -> bool {
        self.interruption.get().is_some_and(|interruption| interruption.wait(Duration::ZERO))
    }

    fn refusal(&self) -> std::sync::MutexGuard<'_, Option<Error>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn access_token(&self, payload: &str) -> Outcome {
        let token = match &self.provider {
            Provider::Given(token) => Ok(token.clone()),
            Provider::Engine(engine) => self.acquire(engine, payload),
        };
        match token {
            Ok(token) => Outcome::Answer(token),
            Err(error) => {
                *self.refusal() = Some(error);
                Outcome::Failed { failure: Failure::Other, detail: "no access token".to_owned() }
            }
        }
    }

    fn acquire(&self, engine: &TokenEngine, payload: &str) -> Result<Secret<Vec<u8>>, Error> {
        let asked: TokenRequest = serde_json::from_str(payload)
            .map_err(|_| Error::new(Code::Internal, "the core's request cannot be read"))?;
        let timeout = i64::try_from(self.timeout.as_millis()).unwrap_or(i64::MAX);
        let mut request = json!({
            "scopes": asked.scopes,
            "deadline": host::now().plus_millis(timeout).millis(),
        });
        for (member, value) in [("claims", asked.claims), ("tenant_id", asked.tenant_id)] {
            if let Some(value) = value {
                request[member] = value.into();
            }
        }
        let token = engine.acquire(Request::parse(request.to_string().as_bytes()), self.timeout)?;
        Ok(Secret::new(token.secret().as_bytes().to_vec()))
    }
}

/// Reads the file of an access token. It may end with a line feed.
fn read_token(path: &Path) -> Result<Secret<Vec<u8>>, Error> {
    let refuse = |reason: &str| {
        let path = crate::explain::escaped(&path.display().to_string());
        Error::new(Code::ConfigInvalid, format!("`--access-token-file` {path}: {reason}"))
    };
    let mut content = Vec::new();
    let read = match super::trust_file::is_standard_input(path) {
        true => io::stdin().lock().take(MAX_TOKEN_BYTES + 1).read_to_end(&mut content),
        false => File::open(path)
            .and_then(|file| file.take(MAX_TOKEN_BYTES + 1).read_to_end(&mut content)),
    };
    read.map_err(|error| refuse(&error.to_string()))?;
    let token = content.trim_ascii();
    match token {
        [] => Err(refuse("the file is empty")),
        _ if content.len() as u64 > MAX_TOKEN_BYTES => Err(refuse("no access token is so long")),
        token if token.iter().all(u8::is_ascii_graphic) => Ok(Secret::new(token.to_vec())),
        _ => Err(refuse("an access token has no blanks and no characters beyond ASCII")),
    }
}

/// An error in the words of the options.
pub(super) fn in_options(error: Error, access: &AccessArgs) -> Error {
    let mut error =
        option_names::of_fic(option_names::of_token(error, access.source().workload_token()));
    if error.code == Code::SourceNotFound && error.hint.is_none() {
        error.hint = Some(PERSON.into());
    }
    error
}
