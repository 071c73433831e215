//! Signatures of programs and key vaults in the form that a token needs (RFC 7518, section 3).

use crate::jose::{Algorithm, Family, base64url_decode};
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::asn1::UintRef;
use der::{Decode as _, Sequence};

/// `Ecdsa-Sig-Value` (RFC 3279, section 2.2.3), as OpenSSL and key management services write it.
#[derive(Sequence)]
struct EcdsaSignature<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// Returns a signature in JOSE's form, from that form or from DER, as octets, base64url or base64. White space around text is
/// passed over. `None` when it is none of these; whether the signature verifies is a question of its own.
#[must_use]
pub fn jose_signature(output: &[u8], algorithm: Algorithm) -> Option<Vec<u8>> {
    let octets = |octets: &[u8]| match algorithm.family() {
        Family::RsaPkcs1 | Family::RsaPss => (octets.len() >= 256).then(|| octets.to_vec()),
        Family::Ecdsa(curve) => fixed_width(octets, curve.field_bytes()),
        Family::Ed25519 => (octets.len() == 64).then(|| octets.to_vec()),
        Family::MlDsa { signature_bytes, .. } => {
            (octets.len() == signature_bytes).then(|| octets.to_vec())
        }
    };
    let text = || core::str::from_utf8(output).ok().map(str::trim_ascii);
    let decoded = |text: &str| {
        base64url_decode(text.trim_end_matches('=')).or_else(|| STANDARD.decode(text).ok())
    };
    // Text first: that of an RSA signature is longer than the shortest one in octets.
    text().and_then(decoded).and_then(|bytes| octets(&bytes)).or_else(|| octets(output))
}

/// R || S, each as long as the field.
fn fixed_width(octets: &[u8], field: usize) -> Option<Vec<u8>> {
    if octets.len() == 2 * field {
        return Some(octets.to_vec());
    }
    let signature = EcdsaSignature::from_der(octets).ok()?;
    let mut fixed = Vec::with_capacity(2 * field);
    for number in [signature.r.as_bytes(), signature.s.as_bytes()] {
        let zeros = field.checked_sub(number.len())?;
        fixed.extend(core::iter::repeat_n(0, zeros));
        fixed.extend_from_slice(number);
    }
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url_encode;
    use alloc::format;

    #[test]
    fn every_form_of_an_ecdsa_signature_is_read() {
        let fixed = [[0].as_slice(), &[0x81; 31], &[7; 32]].concat();
        let r = [[2, 32, 0].as_slice(), &[0x81; 31]].concat();
        let s = [[2, 32].as_slice(), &[7; 32]].concat();
        let der = [&[0x30, 68], r.as_slice(), s.as_slice()].concat();
        for octets in [&fixed, &der] {
            for output in [
                octets.clone(),
                base64url_encode(octets).into_bytes(),
                format!(" {}\r\n", base64url_encode(octets)).into_bytes(),
                format!("{}\n", STANDARD.encode(octets)).into_bytes(),
            ] {
                assert_eq!(jose_signature(&output, Algorithm::Es256).as_ref(), Some(&fixed));
            }
        }
        for wrong in [&b""[..], b"no", &fixed[1..], &der[1..], &[0x30, 68], &[0xff; 65]] {
            assert_eq!(jose_signature(wrong, Algorithm::Es256), None, "{wrong:?}");
        }
        assert_eq!(jose_signature(&der, Algorithm::Es384).map(|fixed| fixed.len()), Some(96));
    }

    #[test]
    fn other_signatures_have_their_length() {
        for (algorithm, length) in [(Algorithm::Rs256, 256), (Algorithm::Ed25519, 64)] {
            let octets = [0xfe].repeat(length);
            let text = base64url_encode(&octets);
            for output in [octets.as_slice(), text.as_bytes()] {
                assert_eq!(jose_signature(output, algorithm).as_ref(), Some(&octets));
            }
            assert_eq!(jose_signature(octets.get(1..).unwrap(), algorithm), None);
        }
    }
}
