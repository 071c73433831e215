//! Between the server and the sans-IO emulator: translates messages, keeps the clock, fetches for it.

use crate::host::{self, Transport};
use crate::server::{Answer, Call, Handler};
use hyper::body::Bytes;
use hyper::{Response, StatusCode};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use workload_identity_core::Outcome;
use workload_identity_core::http::{HttpRequest, Method};
use workload_identity_emulator::{self as emulation, Emulator, Fetched, MAX_FETCHED_BYTES, Reply};

const FETCH_TIMEOUT_MS: u32 = 10_000;

/// An emulator that answers requests of a server.
pub(crate) struct Service {
    emulator: Mutex<Emulator>,
    transport: Transport,
}

impl Service {
    /// The transport fetches the metadata of external issuers.
    pub(crate) fn new(emulator: Emulator, transport: Transport) -> Self {
        Self { emulator: Mutex::new(emulator), transport }
    }

    /// The emulator itself, to change what it trusts or to ask it for a token.
    pub(crate) fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `GET` without redirects. What went wrong is told to the client in the emulator's answer.
    fn fetch(&self, url: String) -> Result<Fetched, String> {
        let request = HttpRequest {
            method: Method::Get,
            url,
            headers: vec![("accept", "application/json".to_owned())],
            body: String::new(),
            timeout_ms: FETCH_TIMEOUT_MS,
            max_bytes: u32::try_from(MAX_FETCHED_BYTES).unwrap_or(u32::MAX),
        };
        match self.transport.send(&request) {
            Outcome::Http(response) => Ok(Fetched { status: response.status, body: response.body }),
            Outcome::Failed { failure, detail } => Err(format!("{}: {detail}", failure.name())),
            _ => Err("other".to_owned()),
        }
    }
}

impl Handler for Service {
    fn answer(&self, call: &Call) -> Answer {
        let mut reply = self.emulator().handle(&translate(call), host::now());
        loop {
            match reply {
                Reply::Respond(response) => return send(response),
                Reply::Fetch { exchange, url } => {
                    // The lock is not held here: the issuer may be another path of this very server.
                    let fetched = self.fetch(url);
                    reply = self.emulator().fetched(exchange, fetched, host::now());
                }
            }
        }
    }
}

fn translate(call: &Call) -> emulation::Request {
    let headers = call.headers().iter().map(|(name, value)| {
        (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let path_and_query = call.uri().path_and_query().map_or("/", |target| target.as_str());
    emulation::Request {
        method: call.method().as_str().to_owned(),
        path_and_query: path_and_query.to_owned(),
        headers: headers.collect(),
        body: call.body().to_vec(),
    }
}

fn send(response: emulation::Response) -> Answer {
    let delay = Duration::from_millis(response.delay_ms);
    if response.reset {
        return Answer::Reset { delay };
    }
    let mut message = Response::builder().status(response.status);
    for (name, value) in &response.headers {
        message = message.header(name, value);
    }
    let response = message.body(Bytes::from(response.body)).unwrap_or_else(|_| {
        // A fault may name a media type that no header can carry.
        let mut response = Response::new(Bytes::from_static(b"the fault cannot be sent\n"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    });
    Answer::Send { response, delay }
}
