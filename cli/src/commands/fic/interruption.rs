//! Ctrl-C while credentials are changed: the request that is under way is answered, none follows, and what was changed is
//! reported.

use crate::serve::Signals;
use std::io;
use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::runtime;

/// The status of a process that Ctrl-C ends: 128 and the number of SIGINT.
const INTERRUPTED: i32 = 130;

/// Whether a termination signal came.
#[derive(Default)]
pub(super) struct Interruption {
    came: Mutex<bool>,
    woken: Condvar,
}

impl Interruption {
    /// Catches termination signals from now on. A second one ends the process.
    ///
    /// # Errors
    /// The operating system does not pass them on.
    pub(super) fn watch(tells: bool) -> io::Result<Arc<Self>> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let mut signals = {
            let _entered = runtime.enter();
            Signals::watch()?
        };
        let interruption = Arc::new(Self::default());
        let watched = Arc::clone(&interruption);
        thread::spawn(move || {
            runtime.block_on(signals.next());
            *watched.locked() = true;
            watched.woken.notify_all();
            if tells {
                eprintln!(
                    "waiting for the answer to the last request; once more to end at once, without a report"
                );
            }
            runtime.block_on(signals.next());
            process::exit(INTERRUPTED);
        });
        Ok(interruption)
    }

    /// Waits for a signal. Returns whether one came.
    pub(super) fn wait(&self, time: Duration) -> bool {
        let waited = self.woken.wait_timeout_while(self.locked(), time, |came| !*came);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn locked(&self) -> MutexGuard<'_, bool> {
        self.came.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
