//! The log: the last events, numbered, within a bound of bytes.

use super::change::Change;
use super::client_event::ClientEvent;
use super::exchange::Exchange;
use super::identity::Identity;
use super::recorded_request::{RecordedFetch, RecordedRequest};
use super::summary::Summary;
use crate::directory::Directory;
use crate::route::Route;
use serde::Serialize;
use serde_json::Value;
use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use workload_identity_core::Timestamp;

/// Most events that are kept.
pub const MAX_EVENTS: usize = 500;
/// Most bytes of messages that are kept. Older events are dropped beyond that.
pub const MAX_RECORDED_BYTES: usize = 8 * 1024 * 1024;
/// Most events in one part of the stream, so that a part stays small.
const MAX_PART: usize = 100;

/// The last events. Shared by the emulator, which knows the credentials, and the host, which knows the answers.
///
/// ```
/// use workload_identity_core::Timestamp;
/// use workload_identity_emulator::{EventLog, http};
/// let log = EventLog::new("http://127.0.0.1:8080");
/// let request = http::Request::get("/api/resource").body(Vec::new())?;
/// let response = http::Response::builder().status(401).body(Vec::new())?;
/// log.record(&request, Some(&response), 2, Timestamp::from_seconds(0));
/// assert_eq!(log.last_id(), 1);
/// assert!(log.stream_after(0).0.contains(r#""path":"/api/resource","status":401"#));
/// # Ok::<(), http::Error>(())
/// ```
pub struct EventLog {
    base_url: String,
    ring: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    last_id: u64,
    /// The number that the last removal of all events took.
    cleared: u64,
    bytes: usize,
    entries: VecDeque<Arc<Entry>>,
    identities: Arc<[Identity]>,
}

/// What a reader gets next.
struct Part {
    /// The number of the removal of events that the reader has.
    cleared: Option<u64>,
    /// How many events are lost.
    gap: u64,
    entries: Vec<Arc<Entry>>,
    last: u64,
}

struct Entry {
    id: u64,
    time: Timestamp,
    event: Event,
}

/// One event as it was recorded.
pub(super) enum Event {
    /// A token request.
    Exchange(Exchange),
    /// Another request.
    Request(RecordedRequest),
    /// A document of another issuer that the host fetched.
    Fetch(RecordedFetch),
    /// A change of credentials or faults.
    Change(Change),
    /// What a client reports.
    Client(ClientEvent),
}

impl fmt::Debug for EventLog {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EventLog").field("last_id", &self.last_id()).finish_non_exhaustive()
    }
}

impl EventLog {
    /// An empty log of an emulator at this address.
    #[must_use]
    pub fn new(base_url: &str) -> Self {
        Self { base_url: base_url.to_owned(), ring: Mutex::default() }
    }

    /// Records a request and its answer: the response, or `None` when the connection was reset.
    ///
    /// Requests of the inspector itself (its page and the control paths) are not recorded.
    pub fn record(
        &self,
        request: &http::Request<impl AsRef<[u8]>>,
        response: Option<&http::Response<impl AsRef<[u8]>>>,
        took_ms: u64,
        now: Timestamp,
    ) {
        let recorded = |target| RecordedRequest::new(target, request, response, took_ms);
        let event = match Route::of(request.uri().path()) {
            Route::Control(_) | Route::Inspector(_) => return,
            // Browsers ask for it by themselves.
            Route::Unknown if request.uri().path() == "/favicon.ico" => return,
            Route::Token { tenant, version } => {
                let exchange = Exchange::new(recorded("token"), tenant, version, request, response);
                Event::Exchange(exchange.with_identities(&self.lock().identities))
            }
            route => Event::Request(recorded(route.name())),
        };
        self.add(event, now);
    }

    /// Records a document that the host fetched for an exchange: the status, or why there is none.
    pub fn record_fetch(
        &self,
        url: &str,
        outcome: Result<u16, &str>,
        took_ms: u64,
        now: Timestamp,
    ) {
        self.add(Event::Fetch(RecordedFetch::new(url, outcome, took_ms)), now);
    }

    /// The number of the newest event; 0 before the first.
    #[must_use]
    pub fn last_id(&self) -> u64 {
        self.lock().last_id
    }

    /// The events after a number in the form of `text/event-stream`, and the number of the last of them.
    ///
    /// A reader that is too slow finds the events gone that the log no longer keeps: an event `gap` has their number. An
    /// event `cleared` tells that all before it are forgotten. An unknown number, such as that of an earlier emulator, starts
    /// from the first that is kept.
    #[must_use]
    pub fn stream_after(&self, after: u64) -> (String, u64) {
        let Part { cleared, gap, entries, last } = self.part_after(after);
        let mut text = String::new();
        // Writing to a String cannot fail.
        if let Some(id) = cleared {
            let _ = write!(text, "id: {id}\nevent: cleared\ndata: {{}}\n\n");
        }
        if gap > 0 {
            let _ = write!(text, "event: gap\ndata: {{\"lost\":{gap}}}\n\n");
        }
        for entry in entries {
            let line = entry.summary(&self.base_url);
            let _ = write!(text, "id: {}\ndata: {line}\n\n", entry.id);
        }
        (text, last)
    }

    fn part_after(&self, after: u64) -> Part {
        let ring = self.lock();
        let after = if after > ring.last_id { 0 } else { after };
        let first = ring.entries.front().map_or(ring.last_id + 1, |entry| entry.id);
        let newer = ring.entries.iter().filter(|entry| entry.id > after);
        let entries: Vec<_> = newer.take(MAX_PART).cloned().collect();
        Part {
            cleared: (0 < after && after < ring.cleared).then_some(ring.cleared),
            gap: match after {
                0 => 0,
                after => first.saturating_sub(after.max(ring.cleared) + 1),
            },
            last: entries.last().map_or(ring.last_id, |entry| entry.id),
            entries,
        }
    }

    /// Everything about one event.
    pub(crate) fn detail(&self, id: u64) -> Option<Value> {
        let entry = self.lock().entries.iter().find(|entry| entry.id == id).cloned()?;
        let mut document = serde_json::from_str::<Value>(&entry.summary(&self.base_url)).ok()?;
        if let (Event::Exchange(exchange), Some(members)) = (&entry.event, document.as_object_mut())
        {
            members.extend(exchange.detail(&self.base_url));
        }
        Some(document)
    }

    /// Keeps the credentials that the exchange of this instant is compared with.
    pub(crate) fn see_credentials(&self, directory: &Directory, now: Timestamp) {
        let identities = [&directory.application, &directory.managed_identity];
        let mut ring = self.lock();
        let same = ring.identities.iter().zip(identities).all(|(known, one)| known.is(one, now));
        if ring.identities.is_empty() || !same {
            ring.identities = identities.map(|identity| Identity::of(identity, now)).into();
        }
    }

    pub(crate) fn changed(&self, change: Change, now: Timestamp) {
        self.add(Event::Change(change), now);
    }

    pub(crate) fn reported(&self, event: ClientEvent, now: Timestamp) {
        self.add(Event::Client(event), now);
    }

    /// Forgets all events. Numbers go on; one of them tells readers of it.
    pub(crate) fn clear(&self) {
        let mut ring = self.lock();
        ring.last_id += 1;
        ring.cleared = ring.last_id;
        ring.entries.clear();
        ring.bytes = 0;
    }

    fn add(&self, event: Event, time: Timestamp) {
        let mut ring = self.lock();
        ring.last_id += 1;
        ring.bytes += event.bytes();
        let entry = Arc::new(Entry { id: ring.last_id, time, event });
        ring.entries.push_back(entry);
        while ring.entries.len() > MAX_EVENTS || ring.bytes > MAX_RECORDED_BYTES {
            let Some(oldest) = ring.entries.pop_front() else { break };
            ring.bytes -= oldest.event.bytes();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Ring> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn summary(&self, base_url: &str) -> String {
        let (kind, summary) = match &self.event {
            Event::Exchange(exchange) => {
                ("exchange", Summary::Exchange(exchange.summary(base_url)))
            }
            Event::Request(request) if request.is_management() => {
                ("management", Summary::Request(request))
            }
            Event::Request(request) => ("request", Summary::Request(request)),
            Event::Fetch(fetch) => ("fetch", Summary::Fetch(fetch)),
            Event::Change(change) => (change.kind(), Summary::Change(change)),
            Event::Client(event) => ("client", Summary::Client(event)),
        };
        #[derive(Serialize)]
        struct Line<'e> {
            id: u64,
            time: i64,
            kind: &'static str,
            #[serde(flatten)]
            summary: Summary<'e>,
        }
        let line = Line { id: self.id, time: self.time.millis(), kind, summary };
        // The names of members are strings, so this cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    }
}

impl Event {
    /// The bytes of the messages.
    fn bytes(&self) -> usize {
        match self {
            Self::Exchange(exchange) => exchange.bytes(),
            Self::Request(request) => request.bytes(),
            Self::Fetch(fetch) => fetch.bytes(),
            Self::Change(change) => change.bytes(),
            Self::Client(event) => event.bytes(),
        }
    }
}
