//! Throw-away private keys and their files, in every form that OpenSSL writes.

use crate::process::{run, wif};
use rcgen::{
    CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    PKCS_RSA_SHA256, PublicKeyData as _, SignatureAlgorithm,
};
use std::path::PathBuf;
use tempfile::TempDir;

/// A folder with files.
pub(crate) struct Files(TempDir);

impl Files {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, content).expect("written");
        path
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(PathBuf::from(self.path(name))).expect("read")
    }
}

/// A private key.
pub(crate) struct PrivateKey(KeyPair);

impl PrivateKey {
    pub(crate) fn rsa() -> Self {
        Self::generate(&PKCS_RSA_SHA256)
    }

    pub(crate) fn p256() -> Self {
        Self::generate(&PKCS_ECDSA_P256_SHA256)
    }

    pub(crate) fn p384() -> Self {
        Self::generate(&PKCS_ECDSA_P384_SHA384)
    }

    pub(crate) fn ed25519() -> Self {
        Self::generate(&PKCS_ED25519)
    }

    fn generate(algorithm: &'static SignatureAlgorithm) -> Self {
        Self(KeyPair::generate_for(algorithm).expect("a key"))
    }

    pub(crate) fn public_pem(&self) -> String {
        self.0.public_key_pem()
    }

    pub(crate) fn public_der(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    pub(crate) fn pkcs8_pem(&self) -> String {
        self.0.serialize_pem()
    }

    pub(crate) fn pkcs8_der(&self) -> Vec<u8> {
        self.0.serialize_der()
    }

    /// PKCS#1 or SEC 1: the octet string at the end of PKCS#8.
    pub(crate) fn inner_der(&self) -> Vec<u8> {
        let pkcs8 = self.pkcs8_der();
        let inner = (0..pkcs8.len()).find_map(|start| {
            let (tag, rest) = pkcs8[start..].split_first()?;
            let (length, content) = match rest {
                [0x82, high, low, content @ ..] => {
                    (usize::from(*high) << 8 | usize::from(*low), content)
                }
                [0x81, length, content @ ..] => (usize::from(*length), content),
                [length, content @ ..] => (usize::from(*length), content),
                [] => return None,
            };
            let inner = *tag == 4 && length == content.len() && content.first() == Some(&0x30);
            inner.then(|| content.to_vec())
        });
        inner.expect("an octet string")
    }

    pub(crate) fn inner_pem(&self, label: &str) -> String {
        block(label, &self.inner_der())
    }

    pub(crate) fn certificate_pem(&self) -> String {
        let params = CertificateParams::new(vec!["issuer.example".to_owned()]).expect("names");
        params.self_signed(&self.0).expect("a certificate").pem()
    }

    /// Text that shows the private number: itself as a JWK would have it, and its part of the PEM file.
    pub(crate) fn canaries(&self) -> Vec<String> {
        let der = self.pkcs8_der();
        // RSA's file ends with a private number. An Ed25519 key begins at octet 16 (RFC 8410), a P-256 key at 36 (RFC 5915).
        let (start, end) = match der.len() {
            ..100 => (16, 48),
            100..1000 => (36, 68),
            length => (length - 32, length),
        };
        let text = |bytes: &[u8]| workload_identity_core::jose::base64url_encode(bytes);
        let lines = text(&der[start.next_multiple_of(3)..end - end % 3]);
        vec![text(&der[start..end]), lines.replace('-', "+").replace('_', "/"), lines]
    }
}

pub(crate) fn block(label: &str, der: &[u8]) -> String {
    let text =
        workload_identity_core::jose::base64url_encode(der).replace('-', "+").replace('_', "/");
    let padding = "=".repeat((4 - text.len() % 4) % 4);
    format!("-----BEGIN {label}-----\n{text}{padding}\n-----END {label}-----\n")
}

/// `wif jwks` of one file.
pub(crate) fn key_set(option: &str, path: &str) -> serde_json::Value {
    let run = run(&mut wif(&["jwks", option, path]));
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{path}");
    crate::process::parsed(&run.out)
}
