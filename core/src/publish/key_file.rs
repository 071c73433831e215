//! Public keys in files: PEM or DER, keys or certificates.

use crate::jose::{Certificate, Jwks, MAX_SET_BYTES, PublicKey};
use crate::{Code, Error};
use alloc::vec::Vec;
use der::asn1::AnyRef;
use der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};

/// Reads the public keys of a file.
///
/// PEM has blocks `PUBLIC KEY`, `RSA PUBLIC KEY` or `CERTIFICATE`. DER is one SubjectPublicKeyInfo, RSAPublicKey or certificate.
///
/// # Errors
/// `key_rejected` for a private key and for one that may not be used, `malformed`, `too_large`.
pub fn public_keys(document: &[u8]) -> Result<Vec<PublicKey>, Error> {
    if document.len() > MAX_SET_BYTES {
        return Err(Error::new(Code::TooLarge, "the key file is larger than 1 MiB"));
    }
    if Jwks::is_pem(document) {
        let keys = Jwks::from_pem(document)?;
        return Ok(keys.keys().iter().map(|key| key.key().clone()).collect());
    }
    if is_private_key(document) {
        return Err(Error::new(
            Code::KeyRejected,
            "the file is a private key, which never leaves the issuer; give its public key, as `openssl pkey -pubout` \
             writes it",
        ));
    }
    PublicKey::from_spki_der(document)
        .or_else(|| PublicKey::from_pkcs1_der(document))
        .or_else(|| {
            let certificate = Certificate::from_der(document).ok()?;
            Some(certificate.public_key().clone())
        })
        .map(|key| Vec::from([key]))
        .ok_or_else(|| Error::new(Code::Malformed, advice(document)))
}

/// Why a file has no key.
fn advice(document: &[u8]) -> &'static str {
    match document.trim_ascii_start() {
        [] => "the key file is empty",
        [b'{', ..] => {
            "the key file is JSON; give the public key or certificate as PEM or DER, as `openssl pkey -pubout` writes it"
        }
        [b's', b's', b'h', b'-', ..] | [b'e', b'c', b'd', b's', b'a', ..] => {
            "the key file is an OpenSSH key; `ssh-keygen -e -m PKCS8 -f FILE` writes it as PEM"
        }
        _ => {
            "the key file is neither PEM nor DER of an RSA, EC or Ed25519 public key or certificate"
        }
    }
}

/// Returns whether DER is a private key: PKCS #8 (RFC 5958, also encrypted), RSAPrivateKey (RFC 8017, appendix A.1.2) or
/// ECPrivateKey (RFC 5915). Public keys begin with a sequence, or with an integer of more than one octet.
fn is_private_key(der: &[u8]) -> bool {
    let Ok(outer) = AnyRef::from_der(der) else { return false };
    if outer.tag() != Tag::Sequence {
        return false;
    }
    let Ok(mut members) = SliceReader::new(outer.value()) else { return false };
    let Ok(first) = members.decode::<AnyRef<'_>>() else { return false };
    match first.tag() {
        Tag::Integer => matches!(first.value(), [0 | 1]),
        Tag::Sequence => Tag::peek(&members).is_ok_and(|tag| tag == Tag::OctetString),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::Jwk;
    use alloc::format;
    use alloc::string::String;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    fn p256() -> PublicKey {
        let jwk = br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
        Jwk::parse(jwk).unwrap().key().clone()
    }

    fn rsa() -> PublicKey {
        PublicKey::Rsa {
            modulus: [[0xc1; 255].as_slice(), &[0x0b]].concat(),
            exponent: [1, 0, 1].into(),
        }
    }

    #[test]
    fn keys_are_read_from_der() {
        for key in [p256(), rsa()] {
            assert_eq!(public_keys(&key.to_spki_der().unwrap()), Ok([key].into()));
        }
        // The key is the last element, after a header of 24 bytes.
        let spki = rsa().to_spki_der().unwrap();
        assert_eq!(public_keys(spki.get(24..).unwrap()), Ok([rsa()].into()));
    }

    #[test]
    fn keys_are_read_from_pem() {
        let block = |key: &PublicKey| {
            let text = STANDARD.encode(key.to_spki_der().unwrap());
            format!("-----BEGIN PUBLIC KEY-----\n{text}\n-----END PUBLIC KEY-----\n")
        };
        let both: String = [rsa(), p256()].iter().map(block).collect();
        assert_eq!(public_keys(both.as_bytes()), Ok([rsa(), p256()].into()));
    }

    /// A value of DER that is shorter than 128 octets.
    fn element(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, content.len() as u8], content].concat()
    }

    #[test]
    fn private_keys_are_refused_by_their_form() {
        let (zero, one) = (element(2, &[0]), element(2, &[1]));
        let octets = element(4, b"canary");
        let algorithm = element(0x30, &element(6, &[0x2b, 0x65, 0x70]));
        for members in [
            [zero.clone(), algorithm.clone(), octets.clone()].concat(),
            [zero, element(2, &[0xc1, 0x0b])].concat(),
            [one, octets.clone()].concat(),
            [algorithm, octets].concat(),
        ] {
            let error = public_keys(&element(0x30, &members)).unwrap_err();
            assert_eq!(error.code, Code::KeyRejected);
            assert!(error.message.contains("private key"), "{}", error.message);
            assert!(!error.message.contains("canary"), "{}", error.message);
        }
    }

    #[test]
    fn other_files_are_refused_with_advice() {
        for (document, words) in [
            (&b""[..], "is empty"),
            (b" {\"kty\":\"RSA\"}", "is JSON"),
            (b"ssh-rsa AAAA", "ssh-keygen"),
            (b"ecdsa-sha2-nistp256 AAAA", "ssh-keygen"),
            (b"hello", "neither PEM nor DER"),
            (b"0\x03\x02\x01\x07", "neither PEM nor DER"),
            (b"0", "neither PEM nor DER"),
            (b"\xff\xfe", "neither PEM nor DER"),
        ] {
            let error = public_keys(document).unwrap_err();
            assert_eq!(error.code, Code::Malformed, "{document:?}");
            assert!(error.message.contains(words), "{}", error.message);
        }
        let large = [b' '; 1].repeat(MAX_SET_BYTES + 1);
        assert_eq!(public_keys(&large).unwrap_err().code, Code::TooLarge);
    }
}
