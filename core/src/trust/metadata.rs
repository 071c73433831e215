//! The keys of an issuer that Entra knows.

use crate::Error;
use crate::jose::{Jwks, KeyRules};
use serde_json::Value;

/// Entra keeps the first 100 keys of an issuer's key set ("Workload identity federation considerations").
pub const MAX_ISSUER_KEYS: usize = 100;

/// Reads the keys of a key set document that Entra keeps: the usable ones of the first [`MAX_ISSUER_KEYS`].
///
/// # Errors
/// As for [`Jwks::parse`].
pub fn first_keys(document: &[u8]) -> Result<Jwks, Error> {
    let mut document = Jwks::document(document)?;
    if let Some(keys) = document.get_mut("keys").and_then(Value::as_array_mut) {
        keys.truncate(MAX_ISSUER_KEYS);
    }
    Jwks::read(&document, KeyRules::default())
}

/// The keys of a document as they stand there.
pub(super) struct ListedKeys {
    pub(super) count: usize,
    /// The index of the key with the token's `kid`.
    pub(super) signing: Option<usize>,
}

/// Counts the keys of a document and looks for one.
pub(super) fn listed(document: &[u8], key_id: Option<&str>) -> Result<ListedKeys, Error> {
    let document = Jwks::document(document)?;
    let keys = document.get("keys").and_then(Value::as_array).map_or(&[][..], |keys| keys);
    let is_named =
        |key: &Value| key_id.is_some() && key.get("kid").and_then(Value::as_str) == key_id;
    Ok(ListedKeys { count: keys.len(), signing: keys.iter().position(is_named) })
}
