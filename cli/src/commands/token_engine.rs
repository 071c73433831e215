//! An engine that gets access tokens for a command within its time.

use super::detected;
use super::token_args::TokenSourceArgs;
use crate::host::{self, Driver, SystemHost, Transport};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;
use workload_identity_core::{AccessToken, Code, Config, Engine, Error, Request};

/// How much longer than its time an acquisition is waited for. Its own error says more.
const GRACE: Duration = Duration::from_millis(150);

/// An engine and its host.
pub(super) struct TokenEngine(Arc<Driver<Engine, SystemHost>>);

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
        Ok(Self(Driver::new(engine, host)))
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
