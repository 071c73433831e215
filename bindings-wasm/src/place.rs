//! A static of a module without threads.

use core::cell::Cell;

/// Who works with the value takes it out and puts it back, so that a call that traps leaves nothing locked.
#[repr(transparent)]
pub(crate) struct Place<T>(Cell<T>);

// SAFETY: the module has no threads. For other targets this crate is only compiled, to be checked.
unsafe impl<T> Sync for Place<T> {}

impl<T: Default> Place<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Cell::new(value))
    }

    pub(crate) fn take(&self) -> T {
        self.0.take()
    }

    pub(crate) fn put(&self, value: T) {
        self.0.set(value);
    }
}
