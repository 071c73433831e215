//! base64url without padding (RFC 7515, section 2), one spelling per value.

use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes without padding.
#[must_use]
pub fn base64url_encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes, or `None` for padding, white space, the standard alphabet, an impossible length, or
/// trailing bits that are not zero: a second spelling of a token would slip past deny-lists and caches.
///
/// ```
/// use workload_identity_core::jose::base64url_decode;
/// assert_eq!(base64url_decode("_w"), Some(vec![255]));
/// assert_eq!(base64url_decode("_w=="), None);
/// assert_eq!(base64url_decode("_x"), None);
/// ```
#[must_use]
pub fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_has_exactly_one_spelling() {
        let bytes = [0xfb, 0xff, 0xfe, 0x01, 0x80];
        for length in 0..=bytes.len() {
            let text = base64url_encode(&bytes[..length]);
            assert_eq!(base64url_decode(&text).as_deref(), Some(&bytes[..length]));
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "_w=", "_w==", "_x", "_-9", "_", "____A", "/w", "+w", "_w\n", " _w", "_ w", "_w\r\n",
            "_w.", "_\u{e9}", "=", "====",
        ] {
            assert_eq!(base64url_decode(text), None, "{text:?}");
        }
    }
}
