//! The address of Azure's instance metadata service (IMDS), and a request that shows whether it is there.

use super::address;
use crate::environment::Environment;
#[cfg(feature = "source-probe")]
use crate::http::{Connection, HttpRequest};
use crate::{Code, Error};
#[cfg(feature = "source-probe")]
use crate::{Outcome, json::strict};
use alloc::format;
use alloc::string::String;

/// The variable that names another address, as azure-identity and MSAL read it.
pub(super) const VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

/// The address on every virtual machine of Azure. No configuration changes it to another link-local address.
const ADDRESS: &str = "http://169.254.169.254";
const TOKEN_PATH: &str = "/metadata/identity/oauth2/token";
/// Longest answer that is read to see whether the service is there.
#[cfg(feature = "source-probe")]
const MAX_ANSWER: u32 = 4 * 1024;

/// The address of its token endpoint: its own, or that of the variable.
pub(super) fn endpoint(environment: &Environment) -> Result<String, Error> {
    let base = match environment.variable(VARIABLE).map(|text| text.trim_end_matches('/')) {
        None | Some(ADDRESS) => String::from(ADDRESS),
        Some(text) => address::of_this_machine(VARIABLE, text).map_err(|_| {
            let message = format!(
                "{VARIABLE} is neither `{ADDRESS}` nor an address of this machine; leave it out"
            );
            Error::new(Code::ConfigInvalid, message)
        })?,
    };
    Ok(format!("{base}{TOKEN_PATH}"))
}

/// A request whose answer shows whether the service is there. It lacks the header `Metadata`, so that it asks for nothing.
#[cfg(feature = "source-probe")]
pub(in crate::source) fn availability_request(timeout_ms: u32) -> HttpRequest {
    let url = format!("{ADDRESS}{TOKEN_PATH}?api-version=2018-02-01");
    let mut request = HttpRequest::get(url, "application/json", timeout_ms, MAX_ANSWER);
    request.connection = Connection::direct();
    request
}

/// Whether the service has answered. Any status counts, but a page that is not JSON is a proxy's.
#[cfg(feature = "source-probe")]
pub(in crate::source) fn is_available(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Http(response) if strict::parse(&response.body).is_ok_and(|answer| answer.is_object()))
}
