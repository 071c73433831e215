//! The error of a request to a service that got no response.

use crate::effect::Failure;
use crate::redact::{MAX_DETAIL, redact};
use crate::{Code, Error};
use alloc::format;

/// Returns the error. `service` is who was asked, `setting` the member of the configuration that says where it is.
pub(crate) fn transport_error(
    service: &str,
    setting: &str,
    failure: Failure,
    detail: &str,
) -> Error {
    let (code, what) = match failure {
        Failure::Timeout => (Code::NetworkTimeout, "did not answer in time".into()),
        Failure::Refused => (
            Code::NetworkRefused,
            format!("refused or cut the connection; check {setting}, firewall and proxy"),
        ),
        Failure::Dns => {
            (Code::NetworkDns, format!("could not be resolved; check {setting} and DNS"))
        }
        Failure::Tls => (
            Code::NetworkTls,
            "failed in TLS; check the clock, the trusted certificates and any intercepting proxy"
                .into(),
        ),
        Failure::ProxyAuthentication => (
            Code::ProxyAuthenticationRequired,
            "could not be asked: the proxy asks for credentials (status 407)".into(),
        ),
        Failure::Unreadable => (
            Code::ResponseInvalid,
            "sent an answer that cannot be read; check gateways in between".into(),
        ),
        Failure::Unsupported => (
            Code::SourceUnsupported,
            "cannot be asked by this runtime in the way that the environment demands".into(),
        ),
        Failure::Cancelled => return Error::new(Code::Cancelled, "the caller gave up"),
        _ => (Code::NetworkFailed, "could not be asked".into()),
    };
    let detail = redact(detail, MAX_DETAIL);
    let separator = if detail.is_empty() { "" } else { ": " };
    let mut error = Error::new(code, format!("{service} {what}{separator}{detail}"));
    error.hint = failure.hint().map(Into::into);
    error
}
