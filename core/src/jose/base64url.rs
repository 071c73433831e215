//! base64url without padding (RFC 7515, section 2).

use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;

/// Encodes without padding.
#[must_use]
pub fn base64url_encode(bytes: &[u8]) -> String {
    engine().encode(bytes)
}

/// Decodes base64url without padding.
///
/// Returns `None` for padding, white space, the standard alphabet, an impossible length and trailing
/// bits that are not zero. A second spelling of a token would evade deny-lists and caches.
///
/// ```
/// use workload_identity_core::jose::base64url_decode;
/// assert_eq!(base64url_decode("_w"), Some(vec![255]));
/// assert_eq!(base64url_decode("_w=="), None);
/// assert_eq!(base64url_decode("_x"), None);
/// ```
#[must_use]
pub fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    engine().decode(text).ok()
}

/// The engine with vector instructions. It detects at run time which of them the processor has.
#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn engine() -> base64::engine::simd::Simd {
    base64::engine::simd::Simd::url_safe(base64::engine::general_purpose::NO_PAD)
}

#[cfg(not(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn engine() -> base64::engine::GeneralPurpose {
    base64::engine::general_purpose::URL_SAFE_NO_PAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    #[test]
    fn every_length_has_exactly_one_spelling() {
        let bytes: Vec<u8> = (0..200_u8).map(|n| n.wrapping_mul(151) ^ 0xfb).collect();
        for length in 0..=bytes.len() {
            let text = base64url_encode(&bytes[..length]);
            assert_eq!(text, URL_SAFE_NO_PAD.encode(&bytes[..length]));
            assert_eq!(base64url_decode(&text).as_deref(), Some(&bytes[..length]));
        }
    }

    /// The positions cover both ends of a vector and the scalar rest of the SIMD engine.
    #[test]
    fn every_character_is_a_digit_or_refused_at_every_position() {
        for byte in 0..=127_u8 {
            let known = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            for position in [0, 3, 31, 32, 63, 64, 66, 95, 96, 127, 128] {
                let mut text = [b'A'; 132];
                text[position] = byte;
                let decoded = base64url_decode(core::str::from_utf8(&text).unwrap());
                assert_eq!(decoded.is_some(), known, "{byte} at {position}");
                if let Some(decoded) = decoded {
                    assert_eq!(base64url_encode(&decoded).as_bytes(), text);
                }
            }
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
