//! Trust files for bindings. `docs/protocol.md`, section 11, has the form.

use crate::manage::TrustFile;
use alloc::string::String;

/// Reads a trust file in YAML or JSON: `{"identity":{KIND:ID},"credentials":[{"name",...}]}`.
///
/// # Errors
/// The wire form of `config_invalid`, which names the member, the line and the column, or of `too_large`.
///
/// ```
/// use workload_identity_core::wire;
/// let file = b"version: 1\nidentity: {app_id: 11111111-2222-3333-4444-555555555555}\ncredentials: []";
/// let json = wire::trust_file(file)?;
/// assert_eq!(json, r#"{"identity":{"app_id":"11111111-2222-3333-4444-555555555555"},"credentials":[]}"#);
/// # Ok::<(), String>(())
/// ```
pub fn trust_file(file: &[u8]) -> Result<String, String> {
    let file = TrustFile::parse(file).map_err(|error| error.to_json())?;
    // Text and lists of it always have a JSON form.
    Ok(serde_json::to_string(&file).unwrap_or_default())
}
