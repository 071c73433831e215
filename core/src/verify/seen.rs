//! Verdicts that are remembered: opt-in, bounded by bytes, gone with the token, its key or the policy.

use super::VerifiedClaims;
use crate::ordered::Ordered;
use alloc::sync::Arc;

/// What an entry costs beside its payload.
const ENTRY_BYTES: usize = 512;

/// Accepted tokens by a digest of token and policy.
///
/// Two halves: what is used moves to the young one, and when that is full it becomes the old one, whose rest is
/// forgotten. So look-ups and bounds cost no list of uses.
#[derive(Debug)]
pub(super) struct Seen {
    young: Ordered<[u8; 32], Arc<VerifiedClaims>>,
    old: Ordered<[u8; 32], Arc<VerifiedClaims>>,
    young_bytes: usize,
    max_bytes: usize,
}

impl Seen {
    pub(super) const fn new(max_bytes: usize) -> Self {
        Self { young: Ordered::new(), old: Ordered::new(), young_bytes: 0, max_bytes }
    }

    pub(super) const fn is_on(&self) -> bool {
        self.max_bytes > 0
    }

    /// A verdict that is to be looked at again: it may hold no longer.
    pub(super) fn find(&mut self, digest: &[u8; 32]) -> Option<Arc<VerifiedClaims>> {
        if let Some(found) = self.young.get(digest) {
            return Some(Arc::clone(found));
        }
        let found = self.old.remove(digest)?;
        self.keep(*digest, Arc::clone(&found));
        Some(found)
    }

    pub(super) fn keep(&mut self, digest: [u8; 32], verified: Arc<VerifiedClaims>) {
        let bytes = cost(&verified);
        if bytes > self.max_bytes / 2 {
            return;
        }
        if self.young_bytes + bytes > self.max_bytes / 2 {
            self.old = core::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        if let Some(former) = self.young.insert(digest, verified) {
            self.young_bytes -= cost(&former);
        }
    }

    pub(super) fn forget(&mut self, digest: &[u8; 32]) {
        if let Some(former) = self.young.remove(digest) {
            self.young_bytes -= cost(&former);
        }
        self.old.remove(digest);
    }
}

/// Bytes an entry is counted with: the payload, and as much again for what was read from it.
fn cost(verified: &VerifiedClaims) -> usize {
    ENTRY_BYTES + 2 * verified.payload().len()
}
