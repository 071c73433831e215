//! The body of a response that goes on: parts as they come, for one reader, with bounded memory.

use http_body_util::BodyExt;
use http_body_util::channel::{Channel, Sender};
use http_body_util::combinators::MapFrame;
use hyper::body::{Bytes, Frame};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{sleep, timeout};

/// Events that come within this time are sent together.
const TOGETHER: Duration = Duration::from_millis(20);
/// A comment is sent after this silence, so that a reader that is gone is noticed.
const SILENCE: Duration = Duration::from_secs(15);
/// A reader that takes nothing for this long is dropped.
const STALLED: Duration = Duration::from_secs(30);
/// A comment of `text/event-stream`.
const COMMENT: &[u8] = b": the stream is alive\n\n";

/// Where the parts of a body come from.
pub(crate) struct Feed {
    /// Changes when there may be a new part.
    pub(crate) changed: watch::Receiver<u64>,
    /// The next part; empty when there is none.
    pub(crate) next: Box<dyn FnMut() -> String + Send>,
    /// One of the places for readers.
    pub(crate) place: OwnedSemaphorePermit,
}

/// A reader's place. The first half to be dropped gives it back: the body of a reader that is gone, or the end of sending to
/// one that takes nothing.
struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Place {
    fn halves(permit: OwnedSemaphorePermit) -> (Self, Self) {
        let shared = Arc::new(Mutex::new(Some(permit)));
        (Self(Arc::clone(&shared)), Self(shared))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// The body that the server sends.
pub(super) type FeedBody =
    MapFrame<Channel<Bytes, Infallible>, Box<dyn FnMut(Frame<Bytes>) -> Frame<Bytes> + Send>>;

impl Feed {
    /// Starts to send. At most one part waits for the reader.
    pub(super) fn start(self) -> FeedBody {
        let Self { changed, next, place } = self;
        let (sender, body) = Channel::new(1);
        let (sending, reading) = Place::halves(place);
        tokio::spawn(async move {
            send(changed, next, sender).await;
            drop(sending);
        });
        body.map_frame(Box::new(move |frame| {
            let _held = &reading;
            frame
        }))
    }
}

/// Sends parts until the reader is gone.
async fn send(
    mut changed: watch::Receiver<u64>,
    mut next: Box<dyn FnMut() -> String + Send>,
    mut body: Sender<Bytes, Infallible>,
) {
    loop {
        changed.mark_unchanged();
        let part = next();
        let is_last = part.is_empty();
        let part = match is_last {
            false => Bytes::from(part),
            true => match timeout(SILENCE, changed.changed()).await {
                Ok(Ok(())) => {
                    sleep(TOGETHER).await;
                    continue;
                }
                Ok(Err(_)) => return,
                Err(_) => Bytes::from_static(COMMENT),
            },
        };
        if !matches!(timeout(STALLED, body.send_data(part)).await, Ok(Ok(()))) {
            return;
        }
    }
}
