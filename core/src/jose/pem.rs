//! Public keys as PEM (RFC 7468, sections 5 and 13; RFC 8017, appendix A.1.1).

use super::{Certificate, Jwk, Jwks, MAX_KEYS, MAX_SET_BYTES, PublicKey};
use crate::{Code, Error};
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

impl Jwks {
    /// Whether a document is PEM. Text may stand before the first block, as `openssl x509 -text` writes it.
    #[must_use]
    pub fn is_pem(document: &[u8]) -> bool {
        core::str::from_utf8(document).is_ok_and(|text| {
            text.contains(BEGIN)
                && !text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
        })
    }

    /// Reads the keys of a PEM document with blocks `PUBLIC KEY`, `CERTIFICATE` or `RSA PUBLIC KEY`. They have no `kid`.
    ///
    /// # Errors
    /// `malformed` when a block is not one of these, `key_rejected` when it is a private key or may not be used, `too_large`.
    pub fn from_pem(document: &[u8]) -> Result<Self, Error> {
        if document.len() > MAX_SET_BYTES {
            return Err(Error::new(Code::TooLarge, "the PEM document is larger than 1 MiB"));
        }
        let text = core::str::from_utf8(document)
            .map_err(|_| malformed("the PEM document is not text"))?;
        if has_private_key(text) {
            return Err(Error::new(
                Code::KeyRejected,
                "a PEM block is a private key, which never leaves the issuer; give its public key, as \
                 `openssl pkey -pubout` writes it",
            ));
        }
        let mut keys = Vec::new();
        let mut rest = text;
        while let Some((_, found)) = rest.split_once(BEGIN) {
            if keys.len() == MAX_KEYS {
                return Err(Error::new(Code::TooLarge, "the PEM document has more than 1000 keys"));
            }
            let (block, after) = Block::split(found)?;
            keys.push(Jwk::new(&block.key()?, None, None)?);
            rest = after;
        }
        if keys.is_empty() {
            return Err(malformed("the PEM document has no block `PUBLIC KEY` or `CERTIFICATE`"));
        }
        Ok(Self::from_keys(keys))
    }
}

/// Whether a block is a private key, also one that is cut off or stands behind parameters.
fn has_private_key(text: &str) -> bool {
    let labels = text.split(BEGIN).skip(1).filter_map(|block| block.split(['-', '\n']).next());
    labels.into_iter().any(|label| label.contains("PRIVATE KEY"))
}

/// One block, without its first dashes.
struct Block<'t> {
    label: &'t str,
    /// The base64 lines.
    content: &'t str,
}

impl<'t> Block<'t> {
    /// Splits the block from what follows it.
    fn split(text: &'t str) -> Result<(Self, &'t str), Error> {
        let cut = || malformed("a PEM block is cut off");
        let (label, rest) = text.split_once(DASHES).ok_or_else(cut)?;
        let (content, rest) = rest.split_once(END).ok_or_else(cut)?;
        let rest = rest.strip_prefix(label).and_then(|rest| rest.strip_prefix(DASHES));
        Ok((Self { label, content }, rest.ok_or_else(cut)?))
    }

    fn key(&self) -> Result<PublicKey, Error> {
        let read = match self.label {
            "PUBLIC KEY" => PublicKey::from_spki_der,
            "RSA PUBLIC KEY" => PublicKey::from_pkcs1_der,
            "CERTIFICATE" | "X509 CERTIFICATE" => |der: &[u8]| {
                Certificate::from_der(der).ok().map(|certificate| certificate.public_key().clone())
            },
            _ => {
                return Err(malformed("a PEM block is neither `PUBLIC KEY` nor `CERTIFICATE`"));
            }
        };
        self.der().as_deref().and_then(read).ok_or_else(|| {
            malformed("a PEM block is not the DER form of an RSA, EC or Ed25519 key or of its certificate")
        })
    }

    /// Lines of any length are accepted (RFC 7468, section 2: parsers may ignore whitespace).
    fn der(&self) -> Option<Vec<u8>> {
        let base64: String = self.content.split_ascii_whitespace().collect();
        STANDARD.decode(base64).ok()
    }
}

fn malformed(message: &str) -> Error {
    Error::new(Code::Malformed, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn ed25519() -> Jwk {
        let jwk =
            br#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        Jwk::parse(jwk).unwrap()
    }

    fn p256() -> Jwk {
        let jwk = br#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
        Jwk::parse(jwk).unwrap()
    }

    fn block(label: &str, der: &[u8]) -> String {
        format!("{BEGIN}{label}{DASHES}\n{}\n{END}{label}{DASHES}\n", STANDARD.encode(der))
    }

    fn public(key: &Jwk) -> String {
        block("PUBLIC KEY", &key.key().to_spki_der().unwrap())
    }

    fn code(text: &str) -> Code {
        Jwks::from_pem(text.as_bytes()).unwrap_err().code
    }

    #[test]
    fn every_block_is_a_key_without_a_name() {
        let text = format!("Certificate:\n  Data\n{}\r\n\n{}", public(&ed25519()), public(&p256()));
        assert!(Jwks::is_pem(text.as_bytes()));
        let keys = Jwks::from_pem(text.as_bytes()).unwrap();
        let numbers: Vec<_> = keys.keys().iter().map(|key| (key.key(), key.key_id())).collect();
        assert_eq!(numbers, [(ed25519().key(), None), (p256().key(), None)]);
    }

    #[test]
    fn lines_may_have_any_length() {
        let wrapped = public(&p256()).replace("E", "E\r\n \n");
        // The labels have the letter too.
        let text = wrapped.replace("BE\r\n \nGIN", "BEGIN").replace("KE\r\n \nY", "KEY");
        let text = text.replace("E\r\n \nND", "END");
        assert!(Jwks::from_pem(text.as_bytes()).is_ok(), "{text}");
    }

    #[test]
    fn private_keys_are_refused() {
        for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
            for text in [block(label, b"x"), public(&p256()) + &block(label, b"x")] {
                let error = Jwks::from_pem(text.as_bytes()).unwrap_err();
                assert_eq!(error.code, Code::KeyRejected, "{label}");
                assert!(error.message.contains("private key"), "{}", error.message);
            }
        }
        for text in [
            // As `openssl ecparam -genkey` writes it.
            block("EC PARAMETERS", b"x") + &block("EC PRIVATE KEY", b"x"),
            public(&p256()) + "-----BEGIN RSA PRIVATE KEY-----\nAAAA",
            "-----BEGIN PRIVATE KEY".into(),
        ] {
            assert_eq!(code(&text), Code::KeyRejected, "{text}");
        }
    }

    #[test]
    fn other_text_is_malformed() {
        for text in [
            "",
            "-----BEGIN ",
            "-----BEGIN PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END CERTIFICATE-----",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
            "-----BEGIN PUBLIC KEY-----\n%\n-----END PUBLIC KEY-----",
            "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----",
        ] {
            assert_eq!(code(text), Code::Malformed, "{text}");
        }
        assert!(!Jwks::is_pem(br#"{"keys":[],"note":"-----BEGIN PUBLIC KEY-----"}"#));
        assert!(!Jwks::is_pem(b"\xff-----BEGIN "));
        assert_eq!(code(&" ".repeat(MAX_SET_BYTES + 1)), Code::TooLarge);
    }

    #[test]
    fn rsa_keys_of_pkcs1_are_read() {
        let modulus = [[0xc1; 255].as_slice(), &[0x0b]].concat();
        let key = PublicKey::Rsa { modulus, exponent: [1, 0, 1].into() };
        let spki = key.to_spki_der().unwrap();
        // The key is the last element, after a header of 24 bytes.
        let pkcs1 = spki.get(24..).unwrap();
        assert_eq!(PublicKey::from_pkcs1_der(pkcs1), Some(key.clone()));
        assert_eq!(PublicKey::from_spki_der(&spki), Some(key));
    }
}
