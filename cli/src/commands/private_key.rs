//! Private keys in files, for commands that sign with them or publish their public part.

use super::input::{file, in_file};
use std::path::Path;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use workload_identity_core::{Code, Error, Secret};
use workload_identity_crypto_native::AwsLcSigner;

/// Reads the private keys of a file: PEM or DER, PKCS#8, PKCS#1 or SEC 1. At least one, or the error says what the file is.
pub(super) fn signers(path: &Path) -> Result<Vec<AwsLcSigner>, Error> {
    let document = Secret::new(file(path)?);
    read(document.expose()).map_err(|error| in_file(path, error))
}

/// Reads the one private key of a file.
pub(super) fn signer(path: &Path) -> Result<AwsLcSigner, Error> {
    let mut signers = signers(path)?;
    match (signers.pop(), signers.is_empty()) {
        (Some(signer), true) => Ok(signer),
        _ => Err(in_file(
            path,
            rejected("the file has several private keys; give the one that signs"),
        )),
    }
}

fn read(document: &[u8]) -> Result<Vec<AwsLcSigner>, Error> {
    // A byte order mark would hide the first line.
    let document = document.strip_prefix(b"\xef\xbb\xbf").unwrap_or(document);
    if !document.windows(BEGIN.len()).any(|window| window == BEGIN) {
        let key = PrivateKeyDer::try_from(document).map_err(|_| {
            Error::new(Code::Malformed, "the file is neither PEM nor DER of a private key")
        })?;
        return Ok(vec![signer_of(&key)?]);
    }
    let has = |label: &[u8]| document.windows(label.len()).any(|window| window == label);
    if has(b"ENCRYPTED") {
        return Err(rejected(
            "the private key is encrypted; write it without a passphrase, as `openssl pkey` does, or sign with `--signer`",
        ));
    }
    if has(b"BEGIN OPENSSH PRIVATE KEY") {
        return Err(rejected(
            "the private key has the form of OpenSSH; `ssh-keygen -p -m PKCS8 -f COPY` rewrites a copy of it",
        ));
    }
    let keys = PrivateKeyDer::pem_slice_iter(document)
        .map(|key| {
            let key = key.map_err(|_| {
                Error::new(Code::Malformed, "the file is PEM that is cut off or not base64")
            })?;
            signer_of(&key)
        })
        .collect::<Result<Vec<_>, _>>()?;
    if keys.is_empty() {
        return Err(rejected("the file has no private key; it is PEM of something else"));
    }
    Ok(keys)
}

const BEGIN: &[u8] = b"-----BEGIN ";

fn signer_of(key: &PrivateKeyDer<'_>) -> Result<AwsLcSigner, Error> {
    match key {
        PrivateKeyDer::Pkcs8(key) => AwsLcSigner::from_pkcs8_der(key.secret_pkcs8_der()),
        PrivateKeyDer::Pkcs1(key) => AwsLcSigner::rsa_from_pkcs1_der(key.secret_pkcs1_der()),
        PrivateKeyDer::Sec1(key) => AwsLcSigner::ec_from_sec1_der(key.secret_sec1_der()),
        _ => Err(rejected("the private key has a form that is not supported")),
    }
}

fn rejected(message: &str) -> Error {
    Error::new(Code::KeyRejected, message)
}
