//! The credentials that an identity has: finding one by its name, and what stands in the way of another one.

use super::credential::FederatedCredential;
use crate::trust::MAX_CREDENTIALS;
use crate::{Code, Error};
use alloc::format;
use alloc::string::String;

/// The credential of a name.
pub(super) fn named<'c>(
    there: &'c [FederatedCredential],
    name: &str,
    managed: bool,
) -> Option<&'c FederatedCredential> {
    there.iter().find(|credential| same_name(&credential.name, name, managed))
}

/// Whether two names are of the same credential. ARM compares names without case.
pub(super) fn same_name(one: &str, other: &str, managed: bool) -> bool {
    if managed { one.eq_ignore_ascii_case(other) } else { one == other }
}

/// The error of a credential that is not there.
pub(super) fn not_found(name: &str) -> Error {
    let message = format!(
        "the identity has no federated identity credential `{}`; list the credentials to see their names",
        shown(name)
    );
    Error::new(Code::CredentialNotFound, message)
}

/// The error of a credential whose issuer and subject another one has.
pub(super) fn taken_subject(wanted: &FederatedCredential, other: &FederatedCredential) -> Error {
    let message = format!(
        "the issuer and subject of `{}` are those of the credential `{}`, and an identity has one credential for both; change or remove `{}` first",
        shown(&wanted.name),
        shown(&other.name),
        shown(&other.name)
    );
    Error::new(Code::CredentialConflict, message)
}

/// Checks how many credentials an identity would have.
pub(super) fn check_limit(credentials: usize) -> Result<(), Error> {
    if credentials <= MAX_CREDENTIALS {
        return Ok(());
    }
    let message = format!(
        "the identity would have {credentials} federated identity credentials, and it can have {MAX_CREDENTIALS}; remove some first, or use an expression for several subjects"
    );
    Err(Error::new(Code::CredentialLimit, message))
}

/// A name for a message. Names that a service gives can hold anything.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(120).flat_map(char::escape_default).collect()
}
