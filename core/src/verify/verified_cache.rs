//! The cache of verified tokens: off by default, bounded by bytes.

use super::VerifiedToken;
use alloc::sync::Arc;
use core::fmt;
use lru::LruCache;

/// What an entry costs beside its payload.
const ENTRY_BYTES: usize = 512;

/// Verified tokens by a digest of token and configuration. The least recently used ones are dropped first.
pub(super) struct VerifiedTokenCache {
    tokens: LruCache<[u8; 32], Arc<VerifiedToken>>,
    bytes: usize,
    max_bytes: usize,
}

impl VerifiedTokenCache {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { tokens: LruCache::unbounded(), bytes: 0, max_bytes }
    }

    pub(super) fn is_on(&self) -> bool {
        self.max_bytes > 0
    }

    /// A token that was verified. The caller checks that the result is still valid.
    pub(super) fn get(&mut self, key: &[u8; 32]) -> Option<Arc<VerifiedToken>> {
        self.tokens.get(key).map(Arc::clone)
    }

    pub(super) fn insert(&mut self, key: [u8; 32], token: Arc<VerifiedToken>) {
        let bytes = cost(&token);
        if bytes > self.max_bytes {
            return;
        }
        self.bytes += bytes;
        if let Some(former) = self.tokens.put(key, token) {
            self.bytes -= cost(&former);
        }
        while self.bytes > self.max_bytes
            && let Some((_, dropped)) = self.tokens.pop_lru()
        {
            self.bytes -= cost(&dropped);
        }
    }

    pub(super) fn remove(&mut self, key: &[u8; 32]) {
        if let Some(former) = self.tokens.pop(key) {
            self.bytes -= cost(&former);
        }
    }
}

/// Claims can be personal data.
impl fmt::Debug for VerifiedTokenCache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("VerifiedTokenCache")
            .field("tokens", &self.tokens.len())
            .finish_non_exhaustive()
    }
}

/// The bytes that an entry counts: its payload, and as much again for what was read from it.
fn cost(token: &VerifiedToken) -> usize {
    ENTRY_BYTES + 2 * token.payload().len()
}
