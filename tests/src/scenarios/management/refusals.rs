//! What the services refuse, and configurations that cannot be used.

use super::*;

pub(super) fn all() -> Vec<Recorder> {
    Vec::new()
}
