//! Token requests that wait for their issuer's metadata.

use crate::entra::error::{Correlation, EntraError};
use crate::entra::exchange::Exchange;
use crate::faults::AppliedFaults;
use crate::reply::{ExchangeId, Reply};
use std::collections::BTreeMap;
use workload_identity_core::Timestamp;

/// Most requests that wait for metadata at once. The oldest is dropped beyond that.
const MAX_PENDING: usize = 1024;

/// An exchange with the ids and faults of its request.
pub(crate) struct PendingExchange {
    pub(crate) exchange: Exchange,
    pub(crate) correlation: Correlation,
    pub(crate) faults: AppliedFaults,
}

impl PendingExchange {
    pub(crate) fn refuse(&self, error: &EntraError, now: Timestamp) -> Reply {
        self.faults.change(self.correlation.response(error, self.faults.clock(now)))
    }
}

/// The exchanges that wait for the host.
#[derive(Default)]
pub(crate) struct PendingExchanges {
    last_id: u64,
    exchanges: BTreeMap<ExchangeId, PendingExchange>,
}

impl PendingExchanges {
    pub(crate) fn insert(&mut self, exchange: PendingExchange) -> ExchangeId {
        if self.exchanges.len() >= MAX_PENDING {
            self.exchanges.pop_first();
        }
        self.last_id += 1;
        let id = ExchangeId(self.last_id);
        self.exchanges.insert(id, exchange);
        id
    }

    pub(crate) fn remove(&mut self, id: ExchangeId) -> Option<PendingExchange> {
        self.exchanges.remove(&id)
    }
}
