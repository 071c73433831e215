//! Connects the server with the sans-IO emulator: passes messages and the clock, and fetches documents.

use super::log::{Entry, Log};
use crate::host::{self, Transport};
use crate::serve::{Answer, Call, Feed, Handler, waiting};
use hyper::body::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, watch};
use workload_identity_core::Outcome;
use workload_identity_core::http::{Connection, HttpRequest, Method};
use workload_identity_emulator::{
    Emulator, EventLog, Fetched, MAX_FETCHED_BYTES, Reply, Response, http,
};

const FETCH_TIMEOUT_MS: u32 = 10_000;
/// Most readers of the stream of events at once.
const MAX_READERS: usize = 32;

/// An emulator that answers requests of a server.
pub(crate) struct Service {
    emulator: Mutex<Emulator>,
    transport: Transport,
    log: Option<Log>,
    events: Arc<EventLog>,
    /// The number of the newest event, for readers of the stream.
    newest: watch::Sender<u64>,
    places: Arc<Semaphore>,
}

impl Service {
    /// The transport fetches the metadata of external issuers.
    pub(crate) fn new(emulator: Emulator, transport: Transport) -> Self {
        Self {
            events: Arc::clone(emulator.events()),
            emulator: Mutex::new(emulator),
            transport,
            log: None,
            newest: watch::Sender::new(0),
            places: Arc::new(Semaphore::new(MAX_READERS)),
        }
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
        let outcome = fetched.as_ref().map(|fetched| fetched.status).map_err(String::as_str);
        self.events.record_fetch(&request.url, outcome, milliseconds(start), host::now());
        if let Some(log) = &self.log {
            log.add(&Entry::fetch(&request.url, outcome, start));
        }
        fetched
    }

    /// Answers with the events after a number, as they come.
    fn stream(&self, head: Response, after: u64) -> Answer {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            let mut response = http::Response::new(Bytes::from_static(b"too many readers\n"));
            *response.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
            return Answer::Send { response, delay: Duration::ZERO };
        };
        let events = Arc::clone(&self.events);
        let mut last = after;
        let next = move || {
            let (part, newest) = events.stream_after(last);
            last = newest;
            part
        };
        let changed = self.newest.subscribe();
        Answer::Stream {
            head: head.map(|_| ()),
            feed: Feed { changed, next: Box::new(next), place },
        }
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
                Reply::Stream { head, after } => return self.stream(head, after),
                Reply::Fetch { exchange, url, accept } => {
                    let fetched = self.fetch(url, accept);
                    reply = self.emulator().fetched(exchange, fetched, host::now());
                }
            }
        }
    }

    /// Records a request with its answer, and wakes the readers of events.
    fn record(&self, call: &Call, answer: &Answer, start: Instant) {
        let response = match answer {
            Answer::Send { response, .. } => Some(response),
            Answer::Reset { .. } => None,
            Answer::Stream { .. } => return,
        };
        self.events.record(call, response, milliseconds(start), host::now());
        let newest = self.events.last_id();
        self.newest.send_if_modified(|known| std::mem::replace(known, newest) != newest);
    }
}

fn milliseconds(start: Instant) -> u64 {
    u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX)
}

impl Handler for Service {
    fn answer(&self, call: &Call) -> Answer {
        let start = Instant::now();
        let answer = self.reply(call);
        self.record(call, &answer, start);
        if let Some(log) = &self.log {
            let response = match &answer {
                Answer::Send { response, .. } => {
                    Some((response.status().as_u16(), response.body().as_ref()))
                }
                Answer::Stream { head, .. } => Some((head.status().as_u16(), &[][..])),
                Answer::Reset { .. } => None,
            };
            log.add(&Entry::request(call.method(), call.uri(), response, start));
        }
        answer
    }
}
