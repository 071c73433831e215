//! Proxies between a host and a service: status 407 (RFC 9110, section 15.5.8), and advice for errors that a proxy explains.
//!
//! The host opens the connection through the proxy. It reports a 407 to `CONNECT` as a failure; a 407 to a plain http request
//! arrives as a response.

use crate::{Code, Error};
use alloc::format;

/// The status by which a proxy asks for credentials. Origin servers do not send it.
pub(crate) const AUTHENTICATION_REQUIRED: u16 = 407;

/// Advice about a proxy that asks for credentials.
pub(crate) const AUTHENTICATION_HINT: &str = "put the user name and password for the proxy into its URL, such as HTTPS_PROXY=http://user:password@proxy:3128";

/// Advice about a name that could not be resolved.
pub(crate) const DNS_HINT: &str = "a machine behind a proxy may resolve no outside names: set HTTPS_PROXY, or check the proxy that is set and NO_PROXY";

/// Returns the error of a request that a proxy did not pass on; `to` names its receiver.
pub(crate) fn authentication_required(to: &str) -> Error {
    let message = format!("the proxy in front of {to} asks for credentials (status 407)");
    Error::new(Code::ProxyAuthenticationRequired, message).with_hint(AUTHENTICATION_HINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_names_the_receiver_and_is_not_retried() {
        let error = authentication_required("the token endpoint");
        assert!(error.message.contains("the token endpoint") && !error.retryable());
        assert!(error.hint.as_ref().is_some_and(|hint| hint.contains("HTTPS_PROXY")));
    }
}
