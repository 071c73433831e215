//! The explanation of what Entra answered: its number, and the values that it quotes.

use super::evaluate::{compare_all, refuse};
use super::{Credential, Refusal, TokenClaims, Verdict};
use crate::json::strict;
use crate::verdict::Field;
use crate::{Code, Error};
use alloc::string::String;
use serde_json::Value;

/// Longest error response that is read, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Explains an error response of Entra's token endpoint, or its `error_description` alone.
///
/// A value that Entra does not quote is not compared.
///
/// # Errors
/// `request_invalid` when the text has no AADSTS number.
pub fn explain_response(text: &str, credentials: &[Credential]) -> Result<Verdict, Error> {
    if text.len() > MAX_BYTES {
        return Err(Error::new(Code::RequestInvalid, "the error response is longer than 64 KiB"));
    }
    let response = Response::read(text);
    let number = response.number.ok_or_else(|| {
        Error::new(
            Code::RequestInvalid,
            "the error response has no AADSTS number; pass the answer of Entra's token endpoint or its `error_description`",
        )
    })?;
    Ok(explain(number, response.field(number), &response.claims(), credentials))
}

/// Adds the explanation to an error about a refused trust. The credentials are not known here.
pub fn explain_error(error: &mut Error) {
    if error.code != Code::TrustMismatch {
        return;
    }
    let number = error.service.as_ref().and_then(|service| service.aadsts.first());
    if let (Some(number), Some(presented)) = (number, &error.presented) {
        let claims = TokenClaims::from(presented);
        let field = Response { text: error.message.clone(), number: Some(*number) }.field(*number);
        error.explanation = Some(explain(*number, field, &claims, &[]));
    }
}

fn explain(
    aadsts: u32,
    field: Option<Field>,
    claims: &TokenClaims,
    credentials: &[Credential],
) -> Verdict {
    let mut verdict =
        Verdict { credentials: compare_all(claims, credentials), ..Verdict::default() };
    for credential in &mut verdict.credentials {
        let known = |field| match field {
            Field::Issuer => claims.issuer.is_some(),
            Field::Subject | Field::Expression => claims.subject.is_some(),
            Field::Audience => !claims.audience.is_empty(),
        };
        credential.fields.retain(|compared| known(compared.field));
        credential.accepted = false;
    }
    refuse(&mut verdict, Refusal { aadsts, field }, claims, credentials);
    verdict
}

/// An error response.
struct Response {
    text: String,
    number: Option<u32>,
}

impl Response {
    fn read(text: &str) -> Self {
        let document = strict::parse(text.trim_ascii().as_bytes()).ok().filter(Value::is_object);
        let member = |name: &str| document.as_ref().and_then(|document| document.get(name));
        let description = member("error_description").and_then(Value::as_str);
        let text = String::from(description.unwrap_or(text));
        let codes = member("error_codes").and_then(Value::as_array);
        let first = codes.and_then(|codes| codes.first()).and_then(Value::as_u64);
        let number = first.and_then(|number| u32::try_from(number).ok());
        Self { number: number.or_else(|| number_in(&text)), text }
    }

    /// The value that a number is about. Some numbers leave that to the text.
    fn field(&self, number: u32) -> Option<Field> {
        let said = [Field::Issuer, Field::Subject, Field::Audience]
            .into_iter()
            .find(|field| self.quoted(field.name()).is_some());
        match number {
            700_211 => Some(Field::Issuer),
            700_212 => Some(Field::Audience),
            700_213 | 7_002_137 => Some(Field::Subject),
            7_002_131 | 700_233 | 700_234 | 700_237 | 7_002_241 => Some(Field::Expression),
            7_002_138 => said,
            _ => None,
        }
    }

    fn claims(&self) -> TokenClaims {
        TokenClaims {
            issuer: self.quoted("issuer"),
            subject: self.quoted("subject"),
            audience: self.quoted("audience").into_iter().collect(),
            ..TokenClaims::default()
        }
    }

    /// The text in quotes behind a word: `issuer 'VALUE'`, `Issuer: 'VALUE'`, or with the quotes that a shell has changed.
    fn quoted(&self, word: &str) -> Option<String> {
        let lower = self.text.to_ascii_lowercase();
        let (quote, found) = lower.match_indices(word).find_map(|(at, _)| {
            let rest = self.text.get(at + word.len()..)?.trim_start_matches([':', ' ']);
            ['\'', '"'].into_iter().find_map(|quote| Some((quote, rest.strip_prefix(quote)?)))
        })?;
        // A quote inside of the value is not followed by an end.
        let ends = |(at, _): &(usize, &str)| {
            let after = found.get(at + 1..).unwrap_or_default().chars().next();
            after.is_none_or(|after| ".,;)\"\\}".contains(after) || after.is_whitespace())
        };
        let (end, _) = found.match_indices(quote).find(ends)?;
        found.get(..end).map(String::from)
    }
}

/// The first number behind `AADSTS`.
fn number_in(text: &str) -> Option<u32> {
    const MARK: &str = "AADSTS";
    let at = text.to_ascii_uppercase().find(MARK)?;
    let rest = text.get(at + MARK.len()..)?;
    rest.split(|character: char| !character.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    const TEXT: &str = "AADSTS700213: No matching federated identity record found for presented assertion subject 'repo:o/it's:pull_request'. Please check your federated identity credential Subject, Audience and Issuer against the presented assertion. https://learn.microsoft.com/x\r\nTrace ID: t";

    #[test]
    fn quoted_values_are_compared() {
        let credential =
            Credential::exact("https://i", "repo:o/it's:environment:x", "a").named("prod");
        for text in [
            TEXT.to_string(),
            serde_json::json!({"error": "invalid_client", "error_description": TEXT}).to_string(),
            serde_json::json!({"error_codes": [700_213], "error_description": TEXT}).to_string(),
            serde_json::json!({"error": {"message": TEXT}}).to_string(),
            TEXT.replace("it's", "its").replace('\'', "\"").replace("its", "it's"),
            TEXT.replace("AADSTS", "aadsts"),
        ] {
            let verdict = explain_response(&text, core::slice::from_ref(&credential)).unwrap();
            assert_eq!((verdict.aadsts, verdict.field), (Some(700_213), Some(Field::Subject)));
            let [field] = verdict.credentials[0].fields.as_slice() else { panic!("one field") };
            assert_eq!(field.presented.as_deref(), Some("repo:o/it's:pull_request"));
            assert_eq!(field.difference, Some(crate::verdict::Difference::JobContext));
        }
    }

    #[test]
    fn the_old_number_quotes_all_values() {
        let text = "AADSTS70021: No matching federated identity record found for presented assertion. Assertion Issuer: 'https://i'. Assertion Subject: 's'. Assertion Audience: 'a'. https://docs";
        let verdict = explain_response(text, &[]).unwrap();
        assert_eq!(verdict.aadsts, Some(70_021));
        let command = "az ad app federated-credential create --id APP_ID --parameters ";
        assert!(verdict.fix.iter().any(|fix| fix.starts_with(command)), "{:?}", verdict.fix);
    }

    #[test]
    fn a_number_without_values_has_its_hint() {
        let credential = Credential::exact("https://i", "s", "a");
        let credentials = core::slice::from_ref(&credential);
        for text in ["AADSTS700213", "AADSTS700238: issuer 'https://x' is not allowed"] {
            let verdict = explain_response(text, credentials).unwrap();
            let hint = crate::entra::find_aadsts(verdict.aadsts.unwrap()).unwrap().hint;
            assert_eq!(verdict.fix.first().map(String::as_str), Some(hint), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "no number", "AADSTS", "AADSTSx", "{\"error\":\"invalid_client\"}"] {
            assert_eq!(explain_response(text, &[]).unwrap_err().code, Code::RequestInvalid);
        }
        assert!(explain_response(&"x".repeat(MAX_BYTES + 1), &[]).is_err());
    }
}
