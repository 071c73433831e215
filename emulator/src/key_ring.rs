//! The signing keys of an issuer, with key ids in the format of the emulated service.

use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Builder;
use workload_identity_core::Error;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Jwk, Jwks, attach, base64url_encode, signing_input};
use workload_identity_core::publish::key_id;

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
        let digest: [u8; 32] = Sha256::digest(jwk.key().to_spki_der().unwrap_or_default()).into();
        let id = match naming {
            KeyNaming::Entra => base64url_encode(&digest[..20]),
            KeyNaming::Kubernetes => key_id(jwk.key()).unwrap_or_default(),
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
        self.unsigned(typ, claims).sign()
    }

    /// The same without the signature.
    pub(crate) fn unsigned(&self, typ: Option<&str>, claims: &impl Serialize) -> UnsignedToken {
        let mut header = json!({ "alg": self.signer.algorithm().name(), "kid": self.id });
        if let Some(typ) = typ {
            header["typ"] = typ.into();
        }
        // Serialization of claims cannot fail: all names of members are strings.
        let claims = serde_json::to_string(claims).unwrap_or_default();
        let input = signing_input(&header.to_string(), &claims);
        UnsignedToken { input, signer: Arc::clone(&self.signer) }
    }

    fn published(&self) -> Result<Jwk, Error> {
        Jwk::new(self.jwk.key(), Some(&self.id), Some(self.signer.algorithm()))
    }
}

/// A compact JWS without its signature, and the signer to ask for it.
pub(crate) struct UnsignedToken {
    input: String,
    signer: Arc<dyn Signer>,
}

impl UnsignedToken {
    pub(crate) fn sign(&self) -> Result<String, Error> {
        let signature = self.signer.sign(self.input.as_bytes())?;
        Ok(attach(&self.input, &signature))
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
