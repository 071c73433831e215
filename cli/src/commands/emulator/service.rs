//! Connects the server with the sans-IO emulator: passes messages and the clock, and fetches documents.

use super::log::{Entry, Log};
use crate::host::{self, Transport};
use crate::serve::{Answer, Call, Handler, waiting};
use hyper::body::Bytes;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use workload_identity_core::Outcome;
use workload_identity_core::http::{Connection, HttpRequest, Method};
use workload_identity_emulator::{Emulator, Fetched, MAX_FETCHED_BYTES, Reply};

const FETCH_TIMEOUT_MS: u32 = 10_000;

/// An emulator that answers requests of a server.
pub(crate) struct Service {
    emulator: Mutex<Emulator>,
    transport: Transport,
    log: Option<Log>,
}

impl Service {
    /// The transport fetches the metadata of external issuers.
    pub(crate) fn new(emulator: Emulator, transport: Transport) -> Self {
        Self { emulator: Mutex::new(emulator), transport, log: None }
    }

    /// Logs requests and fetches.
    pub(super) fn with_log(mut self, log: Option<Log>) -> Self {
        self.log = log;
        self
    }

    /// The emulator itself, to change what it trusts or to ask it for a token.
    pub(crate) fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `GET` without redirects. The emulator's answer reports a failure to the client.
    fn fetch(&self, url: String, accept: &str) -> Result<Fetched, String> {
        let request = HttpRequest {
            method: Method::Get,
            url,
            headers: vec![("accept", accept.to_owned())].into(),
            body: String::new(),
            timeout_ms: FETCH_TIMEOUT_MS,
            max_bytes: u32::try_from(MAX_FETCHED_BYTES).unwrap_or(u32::MAX),
            connection: Connection::default(),
        };
        let start = Instant::now();
        let fetched = match waiting(|| self.transport.send(&request)) {
            Outcome::Http(response) => Ok(Fetched { status: response.status, body: response.body }),
            Outcome::Failed { failure, detail } => Err(format!("{}: {detail}", failure.name())),
            _ => Err("other".to_owned()),
        };
        if let Some(log) = &self.log {
            let outcome = fetched.as_ref().map(|fetched| fetched.status).map_err(String::as_str);
            log.add(&Entry::fetch(&request.url, outcome, start));
        }
        fetched
    }

    /// Passes a request to the emulator, and fetches what it needs.
    fn reply(&self, call: &Call) -> Answer {
        let request = call.clone().map(|body| body.to_vec());
        let mut reply = self.emulator().handle(&request, host::now());
        loop {
            // The lock is not held here: others sign meanwhile, and an issuer may be another path of this very server.
            match reply {
                Reply::Respond { response, delay } => {
                    return Answer::Send { response: response.map(Bytes::from), delay };
                }
                Reply::Reset { delay } => return Answer::Reset { delay },
                Reply::Sign(unsigned) => reply = unsigned.sign(),
                Reply::Fetch { exchange, url, accept } => {
                    let fetched = self.fetch(url, accept);
                    reply = self.emulator().fetched(exchange, fetched, host::now());
                }
            }
        }
    }
}

impl Handler for Service {
    fn answer(&self, call: &Call) -> Answer {
        let start = Instant::now();
        let answer = self.reply(call);
        if let Some(log) = &self.log {
            let response = match &answer {
                Answer::Send { response, .. } => {
                    Some((response.status().as_u16(), response.body().as_ref()))
                }
                Answer::Reset { .. } => None,
            };
            log.add(&Entry::request(call.method(), call.uri(), response, start));
        }
        answer
    }
}
