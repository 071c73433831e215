//! The body of a response that goes on: parts as they come, for one reader, with bounded memory.

use http_body_util::channel::Channel;
use hyper::body::Bytes;
use std::convert::Infallible;
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
    /// One of the places for readers, given back at the end.
    pub(crate) place: OwnedSemaphorePermit,
}

impl Feed {
    /// Starts to send. At most one part waits for the reader.
    pub(super) fn start(self) -> Channel<Bytes, Infallible> {
        let (sender, body) = Channel::new(1);
        tokio::spawn(self.send(sender));
        body
    }

    async fn send(mut self, mut body: http_body_util::channel::Sender<Bytes, Infallible>) {
        let _place = self.place;
        loop {
            self.changed.mark_unchanged();
            let part = (self.next)();
            let is_last = part.is_empty();
            let part = match is_last {
                false => Bytes::from(part),
                true => match timeout(SILENCE, self.changed.changed()).await {
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
}
