//! The loop between the core and the world: begin, poll, perform, resolve, end. Copy this file to write your own host.
//!
//! It blocks the calling thread and may be shared by any number of threads. Callers that want the same thing wait
//! for one of them, the leader, which performs the effects on behalf of all.

use super::clock::now;
use super::core_machine::{CoreMachine, Turn};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use workload_identity_core::{AccessToken, Effect, Engine, Error, Outcome, Request, Ticket};

/// Performs effects; knows nothing of tickets and flights.
pub(crate) trait Host: Send + Sync + 'static {
    /// Does what the effect says, however long it takes, and tells what came of it.
    fn perform(&self, effect: &Effect) -> Outcome;
}

/// A machine of the core, its lock and its host.
pub(crate) struct Driver<M, H> {
    machine: Mutex<M>,
    /// One condition for all flights: waking too many is harmless, because every woken caller polls again.
    woken: Condvar,
    host: H,
}

impl<H: Host> Driver<Engine, H> {
    /// Gets a token: from the cache, from another caller's exchange under way, or by an exchange of its own.
    ///
    /// A host in another language would keep the answer until `fresh_until` to save the crossing; here asking the
    /// engine costs no more than looking up a copy.
    pub(crate) fn token(
        self: &Arc<Self>,
        request: Result<Request, Error>,
    ) -> Result<AccessToken, Error> {
        self.ask(request)
    }
}

impl<M: CoreMachine, H: Host> Driver<M, H> {
    /// The machine must have its seed already.
    pub(crate) fn new(machine: M, host: H) -> Arc<Self> {
        Arc::new(Self { machine: Mutex::new(machine), woken: Condvar::new(), host })
    }

    /// The host, for those who know more of it than that it performs.
    pub(crate) fn host(&self) -> &H {
        &self.host
    }

    /// Puts a request to the machine and waits for what it comes to.
    pub(crate) fn ask(
        self: &Arc<Self>,
        request: Result<M::Request, Error>,
    ) -> Result<M::Value, Error> {
        let ticket = self.lock().begin(request);
        self.drive(ticket)
    }

    fn drive(self: &Arc<Self>, ticket: Ticket) -> Result<M::Value, Error> {
        // Declared before the guard and so dropped after it: ending locks the machine again.
        let _ending = Ending { driver: self, ticket };
        let mut machine = self.lock();
        loop {
            match machine.poll(ticket, now()) {
                Turn::Done { value, refresh } => {
                    if let Some(refresh) = refresh {
                        self.refresh_in_background(refresh);
                    }
                    return Ok(value);
                }
                Turn::Fail(error) => return Err(error),
                Turn::Perform { id, effect } => {
                    drop(machine);
                    let outcome = self.host.perform(&effect);
                    machine = self.lock();
                    if machine.resolve(id, outcome, now()) {
                        self.woken.notify_all();
                    }
                }
                Turn::Wait { until } => {
                    // The lock is held from the poll to the wait, so no wake-up falls in between.
                    let millis = u64::try_from(until.since(now())).unwrap_or(0);
                    machine = self
                        .woken
                        .wait_timeout(machine, Duration::from_millis(millis))
                        .unwrap_or_else(PoisonError::into_inner)
                        .0;
                }
            }
        }
    }

    /// The caller has a good answer already; its successor is fetched beside it. A failure is not an error: the
    /// machine tries again in time.
    fn refresh_in_background(self: &Arc<Self>, ticket: Ticket) {
        let driver = Arc::clone(self);
        thread::spawn(move || driver.drive(ticket).map(drop));
    }

    /// The machine, for what it answers at once.
    pub(crate) fn lock(&self) -> MutexGuard<'_, M> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the ticket on every way out, a panic of the host included, and wakes those whose leader is gone.
struct Ending<'a, M: CoreMachine, H: Host> {
    driver: &'a Driver<M, H>,
    ticket: Ticket,
}

impl<M: CoreMachine, H: Host> Drop for Ending<'_, M, H> {
    fn drop(&mut self) {
        if self.driver.lock().end(self.ticket) {
            self.driver.woken.notify_all();
        }
    }
}
