//! `--credential issuer=URL,subject=S,audience=A` on the command line.

use workload_identity_core::trust::Credential;

const FORM: &str = "expected issuer=URL,subject=S,audience=A";

/// Reads a credential. Values may hold commas and equal signs: only the three names followed by `=` separate.
pub(super) fn parse(text: &str) -> Result<Credential, String> {
    let mut fields: Vec<(&str, String)> = Vec::new();
    for piece in text.split(',') {
        match (piece.split_once('='), fields.last_mut()) {
            (Some((name @ ("issuer" | "subject" | "audience"), value)), _) => {
                fields.push((name, value.to_owned()));
            }
            (_, Some((_, value))) => {
                value.push(',');
                value.push_str(piece);
            }
            (_, None) => return Err(FORM.to_owned()),
        }
    }
    let field = |wanted: &str| {
        let mut found = fields.iter().filter(|(name, _)| *name == wanted);
        match (found.next(), found.next()) {
            (Some((_, value)), None) if !value.is_empty() => Ok(value.clone()),
            (Some(_), Some(_)) => Err(format!("`{wanted}` is given twice; {FORM}")),
            _ => Err(format!("`{wanted}` is missing or empty; {FORM}")),
        }
    };
    Ok(Credential::exact(&field("issuer")?, &field("subject")?, &field("audience")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_free_and_values_keep_their_commas() {
        let credential = parse("subject=cn=a,o=b,audience=api://x,issuer=http://127.0.0.1:8200/v1")
            .expect("credential");
        assert_eq!(credential.subject(), Some("cn=a,o=b"));
        assert_eq!(credential.audience, "api://x");
        assert_eq!(credential.issuer, "http://127.0.0.1:8200/v1");
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, named) in [
            ("", "expected"),
            ("issuer", "expected"),
            ("issuer=i,subject=s", "audience"),
            ("issuer=i,subject=,audience=a", "subject"),
            ("issuer=i,issuer=j,subject=s,audience=a", "twice"),
        ] {
            let message = parse(text).expect_err(text);
            assert!(message.contains(named), "{text}: {message}");
        }
    }
}
