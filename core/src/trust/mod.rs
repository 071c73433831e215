//! Trust between a workload and Entra: would a federated identity credential accept a token, and if not, why?
//!
//! [`evaluate()`] compares a token's claims with credentials by the rules of "Workload identity federation
//! considerations" and "Flexible federated identity credentials" (Entra documentation). It verifies nothing;
//! [`evaluate_whole`] also checks the issuer's documents, the lifetime and the signature. [`preflight()`] tells whether a
//! token can match any credential at all. [`explain_response`] reads what Entra answered.
//!
//! ```
//! use workload_identity_core::trust::{Credential, TokenClaims, evaluate};
//! let issuer = "https://token.actions.githubusercontent.com";
//! let claims = TokenClaims::of(issuer, "repo:octo/app:pull_request", ["api://AzureADTokenExchange"]);
//! let credential = Credential::exact(issuer, "repo:octo/app:ref:refs/heads/main", "api://AzureADTokenExchange");
//! let verdict = evaluate(&claims, &[credential]);
//! assert_eq!(verdict.aadsts, Some(700_213));
//! assert_eq!(verdict.credentials[0].fields[1].position, Some(14));
//! ```

mod advice;
mod checks;
mod claims;
mod credential;
mod credential_file;
mod decision;
mod difference;
mod evaluate;
mod expression;
mod flexible;
mod look_alike;
mod metadata;
mod pattern;
mod platform;
mod preflight;
mod refusal_text;
mod remedy;
mod shell;
mod subject;

use alloc::string::String;

pub use crate::verdict::{
    CheckOutcome, CredentialVerdict, Difference, Field, FieldVerdict, TrustCheck, Verdict,
};
pub use checks::{CLOCK_TOLERANCE_SECONDS, Documents, evaluate_whole};
pub use claims::{TokenClaims, TokenHeader};
pub use credential::{
    Condition, Credential, CredentialError, DEFAULT_AUDIENCE, MAX_CREDENTIALS,
    MAX_VALUE_CHARACTERS, MatchingExpression,
};
pub use credential_file::read_credentials;
pub(crate) use credential_file::{CredentialForm, from_forms};
pub use decision::{Refusal, decide};
pub use evaluate::{evaluate, evaluate_with};
pub use expression::{Clause, Expression, ExpressionError, MAX_EXPRESSION_CHARACTERS, Operator};
pub use flexible::{supported_claims, wide_matches};
pub use metadata::{MAX_ISSUER_KEYS, first_keys};
pub use platform::{Platform, is_entra_issuer};
pub use preflight::{EntraPreflight, Preflight, Problem, preflight};
pub use refusal_text::{explain_error, explain_response};
pub use remedy::{Owner, Remedy, credential_name, remedy};
pub use shell::{ascii_json, shell_word};
pub use subject::{SUBJECT_FORMS, Subject, SubjectForm};

/// Longest value that a sentence repeats, in characters.
const MAX_SHOWN: usize = 200;

/// A value for a message: in ASCII, escaped, and cut to a length.
fn shown(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_SHOWN).flat_map(char::escape_default).collect();
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push_str("...");
    }
    // `escape_default` also escapes quotes, which need none between backticks.
    shown.replace("\\'", "'").replace("\\\"", "\"")
}
