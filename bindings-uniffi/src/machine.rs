//! The methods that all machines of the driver protocol have (`docs/protocol.md`, section 4).

/// Exports them for a class that holds its machine behind a lock.
macro_rules! export_machine {
    ($class:ident) => {
        #[uniffi::export]
        impl $class {
            /// Takes 32 random bytes. Throws as the constructor does when there are fewer or more.
            pub fn reseed(&self, seed: &[u8]) -> Result<(), $crate::errors::NativeError> {
                Ok($crate::errors::lock(&self.0).reseed(seed)?)
            }

            /// Registers a request and returns its ticket.
            pub fn begin(&self, request: &[u8]) -> u64 {
                $crate::errors::lock(&self.0).begin(request)
            }

            /// Returns the next step of a ticket as JSON.
            pub fn poll(&self, ticket: u64, now: i64) -> String {
                $crate::errors::lock(&self.0).poll(ticket, now)
            }

            /// Takes the outcome of an effect and returns the flight to wake, 0 for none.
            pub fn resolve(
                &self,
                effect: u64,
                kind: &str,
                status: u32,
                head: &[u8],
                body: &[u8],
                now: i64,
            ) -> u64 {
                $crate::errors::lock(&self.0).resolve(effect, kind, status, head, body, now)
            }

            /// Forgets a ticket and returns the flight to wake, 0 for none.
            pub fn end(&self, ticket: u64) -> u64 {
                $crate::errors::lock(&self.0).end(ticket)
            }
        }
    };
}

pub(crate) use export_machine;
