//! Trusted certificate authorities: those of the machine, plus a file that the user names.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use ureq::tls::{Certificate, PemItem, parse_pem};

/// Longest file of certificate authorities; those of an operating system have less than 1 MiB.
const MAX_BYTES: u64 = 16 << 20;

/// Loads the certificate authorities. `SSL_CERT_FILE` and `SSL_CERT_DIR` take the place of the machine's own, as with OpenSSL.
pub(crate) fn load(ca_file: Option<&Path>) -> Result<Vec<Certificate<'static>>, String> {
    if let Some(path) = variable("SSL_CERT_FILE") {
        // Without this check the machine's own authorities would seem to be incomplete.
        read(&path).map_err(|fault| format!("SSL_CERT_FILE: {fault}"))?;
    }
    if let Some(path) = variable("SSL_CERT_DIR") {
        for path in std::env::split_paths(&path) {
            let shown = path.display();
            fs::read_dir(&path).map_err(|error| {
                format!("SSL_CERT_DIR: cannot read the folder {shown}: {error}")
            })?;
        }
    }
    let own = rustls_native_certs::load_native_certs();
    let mut authorities: Vec<Certificate<'static>> =
        own.certs.iter().map(|found| Certificate::from_der(found.as_ref()).to_owned()).collect();
    if let Some(path) = ca_file {
        authorities.extend(read(path).map_err(|fault| format!("--ca-file: {fault}"))?);
    }
    if authorities.is_empty() {
        let cause = own.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        return Err(format!(
            "no certificate authorities found{cause}; install ca-certificates, or name a file with --ca-file or \
             SSL_CERT_FILE"
        ));
    }
    Ok(authorities)
}

/// A path in the environment. An empty variable is absent.
fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Reads certificate authorities in PEM form.
pub(super) fn parse(pem: &str) -> Result<Vec<Certificate<'static>>, String> {
    let items = parse_pem(pem.as_bytes()).filter_map(Result::ok);
    let found: Vec<_> = items
        .filter_map(|item| match item {
            PemItem::Certificate(certificate) => Some(certificate),
            _ => None,
        })
        .collect();
    match found.is_empty() {
        true => {
            Err("the certificate authority of this request is not a certificate in PEM form"
                .to_owned())
        }
        false => Ok(found),
    }
}

pub(super) fn read(path: &Path) -> Result<Vec<Certificate<'static>>, String> {
    let shown = path.display();
    let mut text = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut text))
        .map_err(|error| format!("cannot read the CA file {shown}: {error}"))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(format!("the CA file {shown} is larger than 16 MiB"));
    }
    let mut found = Vec::new();
    for item in parse_pem(&text) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(format!("the CA file {shown} is not PEM")),
        }
    }
    if found.is_empty() {
        return Err(format!("the CA file {shown} holds no certificate"));
    }
    Ok(found)
}
