//! `--credential` and `--credentials`: the credentials that a token is compared with.

use clap::Args;
use std::path::PathBuf;
use workload_identity_core::manage::{CredentialEntry, TrustFile};
use workload_identity_core::trust::{self, Credential, DEFAULT_AUDIENCE};

const FORM: &str = "expected issuer=URL,subject=S,audience=A or issuer=URL,expression=E,audience=A, and perhaps name=N";
const NAMES: [&str; 5] = ["name", "issuer", "subject", "expression", "audience"];
/// The largest file of credentials that the core reads, and a byte.
const MAX_BYTES: u64 = (1 << 20) + 1;

/// The credentials.
#[derive(Args, Debug)]
pub(super) struct CredentialArgs {
    /// A federated identity credential (may be repeated)
    #[arg(long, value_name = "issuer=URL,subject=S,audience=A", value_parser = parse)]
    credential: Vec<Credential>,
    /// A file of credentials in JSON, or a trust file (may be repeated)
    #[arg(long, value_name = "FILE")]
    credentials: Vec<PathBuf>,
}

impl CredentialArgs {
    /// All credentials, in the order of the command line.
    ///
    /// # Errors
    /// Says which file cannot be used and why.
    pub(super) fn read(&self) -> Result<Vec<Credential>, String> {
        let mut all = self.credential.clone();
        for path in &self.credentials {
            let named = |reason: &dyn std::fmt::Display| format!("{}: {reason}", path.display());
            let bytes = read(path).map_err(|error| named(&error))?;
            let credentials = match is_yaml(&bytes) {
                true => TrustFile::parse(&bytes).map(|file| of_trust_file(&file)),
                false => trust::read_credentials(&bytes),
            };
            all.extend(credentials.map_err(|error| named(&error.message))?);
        }
        Ok(all)
    }
}

/// Whether a file is a trust file that is not JSON: a line of it begins with the name of a member.
fn is_yaml(file: &[u8]) -> bool {
    let is_member = |line: &[u8]| {
        [&b"version:"[..], b"identity:", b"credentials:"].iter().any(|name| line.starts_with(name))
    };
    file.split(|byte| *byte == b'\n').any(is_member)
}

fn of_trust_file(file: &TrustFile) -> Vec<Credential> {
    let credential = |entry: &CredentialEntry| {
        let audience = entry.audience.as_deref().unwrap_or(DEFAULT_AUDIENCE);
        let credential = match (&entry.subject, &entry.expression) {
            (_, Some(expression)) => Credential::flexible(&entry.issuer, expression, audience),
            (subject, None) => {
                Credential::exact(&entry.issuer, subject.as_deref().unwrap_or_default(), audience)
            }
        };
        credential.named(&entry.name)
    };
    file.credentials.iter().map(credential).collect()
}

fn read(path: &std::path::Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a credential. Values may hold commas and equal signs: only the names followed by `=` separate.
fn parse(text: &str) -> Result<Credential, String> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for piece in text.split(',') {
        let named = piece.split_once('=').filter(|(name, _)| NAMES.contains(name));
        match (named, fields.last_mut()) {
            (Some((name, value)), _) => fields.push((name, value.to_owned())),
            (None, Some((_, value))) => {
                value.push(',');
                value.push_str(piece);
            }
            (None, None) => return Err(FORM.to_owned()),
        }
    }
    let mut members = serde_json::Map::new();
    for (name, value) in fields {
        if members.insert(name.to_owned(), value.into()).is_some() {
            return Err(format!("`{name}` is given twice; {FORM}"));
        }
    }
    let file = serde_json::Value::Array(vec![members.into()]).to_string();
    let credentials = trust::read_credentials(file.as_bytes()).map_err(|error| {
        let message = error.message.split(" (line ").next().unwrap_or_default();
        format!("{}; {FORM}", message.replace("`[0].", "`"))
    })?;
    credentials.into_iter().next().ok_or_else(|| FORM.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_commas() {
        let credential = parse("audience=api://x,subject=cn=a,o=b,issuer=https://i").expect("one");
        assert_eq!(credential.subject(), Some("cn=a,o=b"));
        let credential =
            parse("issuer=https://gitlab.com,expression=claims['sub'] eq 'a,b'").expect("one");
        assert_eq!(credential.expression(), Some("claims['sub'] eq 'a,b'"));
        assert_eq!(credential.audience, "api://AzureADTokenExchange");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("", "expected"),
            ("issuer=i", "subject"),
            ("issuer=i,subject=s,expression=e", "exclude"),
            ("issuer=i,issuer=j,subject=s", "twice"),
            ("subject=s", "issuer"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.contains(named), "{text}: {message}");
        }
    }
}
