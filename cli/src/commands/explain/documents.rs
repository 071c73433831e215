//! The issuer's documents: from files, or fetched.

use crate::commands::addresses::AddressArgs;
use crate::commands::{input, option_values};
use crate::host::Transport;
use clap::Args;
use serde_json::Value;
use std::path::PathBuf;
use std::time::Duration;
use workload_identity_core::http::{AddressPolicy, Connection, HttpRequest, Method};
use workload_identity_core::{Code, Error, Outcome};

/// The largest key set of Entra's and ours; a longer document is refused.
const MAX_BYTES: u32 = 1024 * 1024;

/// Where the documents come from.
#[derive(Args, Debug)]
pub(super) struct DocumentArgs {
    /// Fetch the issuer's discovery document and keys, and check what Entra checks of them
    #[arg(long, conflicts_with_all = ["batch", "error"])]
    fetch: bool,
    /// The issuer's keys in a file, a JWK Set
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fetch", "batch", "error"])]
    jwks: Option<PathBuf>,
    /// The issuer's discovery document in a file
    #[arg(long, value_name = "FILE", requires = "jwks")]
    discovery: Option<PathBuf>,
    /// Give up on a document after this long, e.g. 20, 2.5 or 500ms
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = option_values::seconds)]
    timeout: Duration,
    /// Certificate authorities (PEM) to trust beside the machine's own
    #[arg(long, value_name = "PATH")]
    ca_file: Option<PathBuf>,
    #[command(flatten)]
    addresses: AddressArgs,
}

/// A document, or why there is none.
type Document = Result<Vec<u8>, String>;

/// The documents; `None` for those that nobody asked for.
#[derive(Default)]
pub(super) struct IssuerDocuments {
    pub(super) fetched: bool,
    pub(super) discovery: Option<Document>,
    pub(super) keys: Option<Document>,
}

/// The form in which the core takes a document.
pub(super) fn borrowed(document: &Document) -> Result<&[u8], &str> {
    document.as_deref().map_err(String::as_str)
}

impl DocumentArgs {
    /// Reads or fetches the documents of an issuer. A document that cannot be fetched is a finding of the verdict.
    ///
    /// # Errors
    /// A file cannot be read, or an option is wrong.
    pub(super) fn get(&self, issuer: &str) -> Result<IssuerDocuments, Error> {
        let read = |path: &PathBuf| {
            input::file(path)
                .map_err(|error| Error::new(Code::ConfigInvalid, error.message.clone()))
        };
        if !self.fetch {
            return Ok(IssuerDocuments {
                fetched: false,
                discovery: self.discovery.as_ref().map(read).transpose()?.map(Ok),
                keys: self.jwks.as_ref().map(read).transpose()?.map(Ok),
            });
        }
        let policy =
            self.addresses.policy().map_err(|text| Error::new(Code::ConfigInvalid, text))?;
        let transport = Transport::trusting(self.ca_file.clone())?;
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        let discovery =
            self.fetch_one(&transport, &policy, format!("{base}/.well-known/openid-configuration"));
        let keys = match discovery.as_deref().map(jwks_uri) {
            Ok(Some(url)) => self.fetch_one(&transport, &policy, url),
            Ok(None) => Err("the discovery document names no `jwks_uri`".to_owned()),
            Err(_) => Err("the discovery document was not fetched".to_owned()),
        };
        Ok(IssuerDocuments { fetched: true, discovery: Some(discovery), keys: Some(keys) })
    }

    fn fetch_one(&self, transport: &Transport, policy: &AddressPolicy, url: String) -> Document {
        policy.check(&url).map_err(|reason| format!("the address {reason}"))?;
        let outcome = transport.send(&HttpRequest {
            method: Method::Get,
            url,
            headers: vec![("accept", "application/json".to_owned())].into(),
            body: String::new(),
            timeout_ms: u32::try_from(self.timeout.as_millis()).unwrap_or(u32::MAX),
            max_bytes: MAX_BYTES,
            connection: Connection::default(),
        });
        match outcome {
            Outcome::Http(response) if response.status != 200 => {
                Err(format!("the answer has status {}", response.status))
            }
            Outcome::Http(response) if response.body.len() > MAX_BYTES as usize => {
                Err("the answer is larger than 1 MiB".to_owned())
            }
            Outcome::Http(response) => Ok(response.body),
            Outcome::Failed { failure, detail } => Err(format!("{}: {detail}", failure.name())),
            _ => Err("the host gave no response".to_owned()),
        }
    }
}

fn jwks_uri(document: &[u8]) -> Option<String> {
    let document: Value = serde_json::from_slice(document).ok()?;
    document.get("jwks_uri")?.as_str().map(str::to_owned)
}
