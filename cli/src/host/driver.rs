//! The loop between the core and the world: begin, poll, perform, resolve, end. Copy this file to write your own host.
//!
//! It blocks the calling thread and may be shared by any number of threads. Callers that want the same token wait
//! for one of them, the leader, which performs the effects on behalf of all.

use super::clock::now;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use workload_identity_core::{AccessToken, Effect, Engine, Error, Outcome, Request, Step, Ticket};

/// Performs effects; knows nothing of tickets and flights.
pub(crate) trait Host: Send + Sync + 'static {
    /// Does what the effect says, however long it takes, and tells what came of it.
    fn perform(&self, effect: &Effect) -> Outcome;
}

/// An engine, its lock and its host.
pub(crate) struct Driver<H> {
    engine: Mutex<Engine>,
    /// One condition for all flights: waking too many is harmless, because every woken caller polls again.
    woken: Condvar,
    host: H,
}

impl<H: Host> Driver<H> {
    /// The engine must have its seed already.
    pub(crate) fn new(engine: Engine, host: H) -> Arc<Self> {
        Arc::new(Self { engine: Mutex::new(engine), woken: Condvar::new(), host })
    }

    /// The host, for those who know more of it than that it performs.
    pub(crate) fn host(&self) -> &H {
        &self.host
    }

    /// Gets a token: from the cache, from another caller's exchange under way, or by an exchange of its own.
    ///
    /// A host in another language would keep the answer until `fresh_until` to save the crossing; here asking the
    /// engine costs no more than looking up a copy.
    pub(crate) fn token(
        self: &Arc<Self>,
        request: Result<Request, Error>,
    ) -> Result<AccessToken, Error> {
        let ticket = self.lock().begin(request);
        self.drive(ticket)
    }

    fn drive(self: &Arc<Self>, ticket: Ticket) -> Result<AccessToken, Error> {
        // Declared before the guard and so dropped after it: ending locks the engine again.
        let _ending = Ending { driver: self, ticket };
        let mut engine = self.lock();
        loop {
            match engine.poll(ticket, now()) {
                Step::Done { token, refresh, .. } => {
                    if let Some(refresh) = refresh {
                        self.refresh_in_background(refresh);
                    }
                    return Ok(token);
                }
                Step::Fail(error) => return Err(error),
                Step::Perform { id, effect, .. } => {
                    drop(engine);
                    let outcome = self.host.perform(&effect);
                    engine = self.lock();
                    if engine.resolve(id, outcome, now()).is_some() {
                        self.woken.notify_all();
                    }
                }
                Step::Wait { until, .. } => {
                    // The lock is held from the poll to the wait, so no wake-up falls in between.
                    let millis = u64::try_from(until.since(now())).unwrap_or(0);
                    engine = self
                        .woken
                        .wait_timeout(engine, Duration::from_millis(millis))
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
            }
        }
    }

    /// The caller has a good token already; its successor is fetched beside it. A failure is not an error: the
    /// engine tries again before the token expires.
    fn refresh_in_background(self: &Arc<Self>, ticket: Ticket) {
        let driver = Arc::clone(self);
        thread::spawn(move || driver.drive(ticket).map(drop));
    }

    fn lock(&self) -> MutexGuard<'_, Engine> {
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the ticket on every way out, a panic of the host included, and wakes those whose leader is gone.
struct Ending<'a, H: Host> {
    driver: &'a Driver<H>,
    ticket: Ticket,
}

impl<H: Host> Drop for Ending<'_, H> {
    fn drop(&mut self) {
        if self.driver.lock().end(self.ticket).is_some() {
            self.driver.woken.notify_all();
        }
    }
}
