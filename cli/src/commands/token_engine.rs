//! An engine that gets access tokens for a command within its time.

use super::detected;
use super::token_args::TokenSourceArgs;
use crate::host::{self, Driver, Host, SystemHost, Transport};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;
use workload_identity_core::http::form_decode;
use workload_identity_core::trust::TokenClaims;
use workload_identity_core::{AccessToken, Code, Config, Effect, Engine, Error, Outcome, Request};

/// How much longer than its time an acquisition is waited for. Its own error says more.
const GRACE: Duration = Duration::from_millis(150);

/// An engine and its host.
pub(super) struct TokenEngine(Arc<Driver<Engine, ExchangeHost>>);

/// What the last token request presented.
#[derive(Clone)]
pub(super) struct Presented {
    /// The application or managed identity.
    pub(super) client_id: String,
    /// The claims of the workload token.
    pub(super) claims: TokenClaims,
}

/// A host that remembers what the last token request presented.
struct ExchangeHost {
    system: SystemHost,
    presented: Mutex<Option<Presented>>,
}

impl Host for ExchangeHost {
    fn perform(&self, effect: &Effect) -> Outcome {
        if let Effect::Http(request) = effect
            && let Some(presented) = Presented::of_form(&request.body)
        {
            *self.presented.lock().unwrap_or_else(PoisonError::into_inner) = Some(presented);
        }
        self.system.perform(effect)
    }
}

impl Presented {
    fn of_form(body: &str) -> Option<Self> {
        let members = form_decode(body)?;
        let member = |name: &str| members.iter().find(|(known, _)| known == name);
        let claims = TokenClaims::from_token(&member("client_assertion")?.1).ok()?;
        Some(Self { client_id: member("client_id")?.1.clone(), claims })
    }
}

impl TokenEngine {
    /// # Errors
    /// What is wrong with the configuration or its environment.
    pub(super) fn new(
        source: &TokenSourceArgs,
        configuration: &Value,
        ca_file: Option<PathBuf>,
    ) -> Result<Self, Error> {
        let assertion = source.assertion()?;
        detected::log(configuration);
        let config = Config::parse(configuration.to_string().as_bytes())?;
        let mut engine = Engine::new(config);
        engine.reseed(host::seed()?);
        let host = SystemHost::new(Transport::trusting(ca_file)?).with_assertion(assertion);
        let host = ExchangeHost { system: host, presented: Mutex::new(None) };
        Ok(Self(Driver::new(engine, host)))
    }

    /// What the last token request presented; `None` if there was none.
    pub(super) fn presented(&self) -> Option<Presented> {
        self.0.host().presented.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Acquires a token on another thread, which does not hold the program up when its time is over: reading a pipe has no
    /// limit.
    ///
    /// # Errors
    /// Those of the engine, and `deadline_exceeded`.
    pub(super) fn acquire(
        &self,
        request: Result<Request, Error>,
        timeout: Duration,
    ) -> Result<AccessToken, Error> {
        let driver = Arc::clone(&self.0);
        let (sender, receiver) = mpsc::sync_channel(1);
        thread::spawn(move || sender.send(driver.request(request).map(|result| result.token)));
        receiver.recv_timeout(timeout.saturating_add(GRACE)).unwrap_or_else(|_| {
            let message = format!("no token within {} s; see `--timeout`", timeout.as_secs_f64());
            Err(Error::new(Code::DeadlineExceeded, message))
        })
    }
}
