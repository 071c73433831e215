//! `--credential` and `--credentials`: the credentials that a token is compared with.

use clap::Args;
use std::path::PathBuf;
use workload_identity_core::trust::{self, Credential};

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
    /// A file of credentials in JSON (may be repeated)
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
            all.extend(trust::read_credentials(&bytes).map_err(|error| named(&error.message))?);
        }
        Ok(all)
    }
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
