//! The signing keys of an issuer, with key ids in the format of the emulated service.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Builder;
use workload_identity_core::Error;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{
    Curve, Jwk, Jwks, PublicKey, attach, base64url_encode, signing_input,
};

/// The format of an issuer's key ids.
#[derive(Clone, Copy)]
pub(crate) enum KeyNaming {
    /// Entra: 27 characters, as a base64url SHA-1 thumbprint has.
    Entra,
    /// GitHub: a GUID.
    Github,
    /// Kubernetes: base64url SHA-256 of the DER public key.
    Kubernetes,
}

/// A key and its key id.
pub(crate) struct SigningKey {
    signer: Arc<dyn Signer>,
    jwk: Jwk,
    id: String,
}

impl SigningKey {
    fn new(signer: &Arc<dyn Signer>, naming: KeyNaming) -> Result<Self, Error> {
        let jwk = Jwk::parse(signer.public_jwk().as_bytes())?;
        let digest: [u8; 32] = Sha256::digest(subject_public_key_info(jwk.key())).into();
        let id = match naming {
            KeyNaming::Entra => base64url_encode(&digest[..20]),
            KeyNaming::Kubernetes => base64url_encode(&digest),
            KeyNaming::Github => {
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&digest[..16]);
                Builder::from_sha1_bytes(bytes).into_uuid().to_string()
            }
        };
        Ok(Self { signer: Arc::clone(signer), jwk, id })
    }

    /// Signs claims as a compact JWS whose header has `typ` (if any), `alg` and `kid`.
    pub(crate) fn sign(&self, typ: Option<&str>, claims: &impl Serialize) -> Result<String, Error> {
        let mut header = json!({ "alg": self.signer.algorithm().name(), "kid": self.id });
        if let Some(typ) = typ {
            header["typ"] = typ.into();
        }
        // Serialization of claims cannot fail: all names of members are strings.
        let claims = serde_json::to_string(claims).unwrap_or_default();
        let input = signing_input(&header.to_string(), &claims);
        let signature = self.signer.sign(input.as_bytes())?;
        Ok(attach(&input, &signature))
    }

    fn published(&self) -> Result<Jwk, Error> {
        Jwk::new(self.jwk.key(), Some(&self.id), Some(self.signer.algorithm()))
    }
}

/// The keys of one issuer. One signs; former ones stay published until they are withdrawn.
pub(crate) struct KeyRing {
    naming: KeyNaming,
    current: SigningKey,
    former: Vec<SigningKey>,
}

impl KeyRing {
    pub(crate) fn new(signer: &Arc<dyn Signer>, naming: KeyNaming) -> Result<Self, Error> {
        Ok(Self { naming, current: SigningKey::new(signer, naming)?, former: Vec::new() })
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> &SigningKey {
        &self.current
    }

    /// Signs with another key from now on. Former keys stay published unless `withdraw`.
    pub(crate) fn rotate(&mut self, signer: &Arc<dyn Signer>, withdraw: bool) -> Result<(), Error> {
        let next = SigningKey::new(signer, self.naming)?;
        let former = std::mem::replace(&mut self.current, next);
        if withdraw {
            self.former.clear();
        } else {
            self.former.push(former);
        }
        Ok(())
    }

    /// The published keys.
    pub(crate) fn key_set(&self) -> Result<Jwks, Error> {
        let all = std::iter::once(&self.current).chain(&self.former);
        Ok(Jwks::from_keys(all.map(SigningKey::published).collect::<Result<_, _>>()?))
    }

    /// The JWKS document. With `issuer`, each key names it, as in Entra's v2 key sets.
    pub(crate) fn document(&self, issuer: Option<&str>) -> Result<Value, Error> {
        let mut document: Value =
            serde_json::from_str(&self.key_set()?.to_json()).unwrap_or_default();
        if let (Some(issuer), Some(keys)) = (issuer, document["keys"].as_array_mut()) {
            for key in keys {
                key["issuer"] = issuer.into();
            }
        }
        Ok(document)
    }
}

/// SubjectPublicKeyInfo in DER (RFC 5280, section 4.1.2.7; RFC 8017, appendix A.1; RFC 5480; RFC 8410).
fn subject_public_key_info(key: &PublicKey) -> Vec<u8> {
    const RSA: &[u8] = &[0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
    const P256: &[u8] = &[
        0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d,
        3, 1, 7,
    ];
    const P384: &[u8] =
        &[0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x22];
    const P521: &[u8] =
        &[0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x23];
    const ED25519: &[u8] = &[0x30, 5, 6, 3, 0x2b, 0x65, 0x70];
    let (algorithm, public) = match key {
        PublicKey::Rsa { modulus, exponent } => {
            (RSA, der(0x30, &[integer(modulus), integer(exponent)].concat()))
        }
        PublicKey::Ec { curve, x, y } => {
            let oid = match curve {
                Curve::P256 => P256,
                Curve::P384 => P384,
                Curve::P521 => P521,
            };
            (oid, [&[4][..], x, y].concat())
        }
        PublicKey::Okp { x } => (ED25519, x.to_vec()),
        // The enum is open for later kinds of keys; their digest is still one of a kind.
        _ => (&[][..], format!("{key:?}").into_bytes()),
    };
    let bits = der(3, &[&[0][..], &public].concat());
    der(0x30, &[algorithm, &bits].concat())
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let sign = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
    der(2, &[if sign { &[0][..] } else { &[] }, bytes].concat())
}

fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag];
    let length = content.len();
    if length < 128 {
        bytes.push(u8::try_from(length).unwrap_or(127));
    } else {
        let big: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        bytes.push(0x80 | u8::try_from(big.len()).unwrap_or(8));
        bytes.extend(big);
    }
    bytes.extend(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_in_der() {
        assert_eq!(der(4, &[7; 3]), [4, 3, 7, 7, 7]);
        assert_eq!(der(4, &[0; 200])[..3], [4, 0x81, 200]);
        assert_eq!(der(4, &[0; 300])[..4], [4, 0x82, 1, 44]);
        assert_eq!(integer(&[0x80]), [2, 2, 0, 0x80]);
        assert_eq!(integer(&[0x7f]), [2, 1, 0x7f]);
    }
}
