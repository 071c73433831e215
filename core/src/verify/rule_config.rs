//! The rules about claims in a configuration: `require` and `claims` of an issuer.

use super::claim_rule::{ClaimPath, ClaimRule, Requirement, has_exact_integers};
use crate::Error;
use crate::json::config::Document;
use crate::json::non_empty::{MISSING, NonBlank, list};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::de::{Deserialize, Deserializer};
use serde_json::Value;

/// The members of a rule in `claims`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct RuleMembers {
    claim: NonBlank,
    #[serde(default, deserialize_with = "present")]
    equals: Option<Value>,
    #[serde(default, deserialize_with = "list")]
    one_of: Option<Vec<Value>>,
    glob: Option<String>,
    present: Option<bool>,
}

/// Reads a member for which `null` is a value and not an absent member.
pub(super) fn present<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer).map(Some)
}

/// Whether a wanted value is a text without content, such as a variable that is not set.
fn is_blank(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_ascii().is_empty())
}

fn refused(message: &str) -> Error {
    Document::CONFIGURATION.error(message)
}

/// Reads `require` and `claims`.
pub(super) fn claim_rules(
    required: &[String],
    claims: Vec<Value>,
) -> Result<Vec<ClaimRule>, Error> {
    let mut rules = Vec::new();
    for name in required {
        let requirement = Requirement::Present(true);
        rules.push(ClaimRule { claim: ClaimPath::parse(name)?, requirement });
    }
    for rule in claims {
        if !rule.is_object() {
            return Err(refused("`issuers.claims` is not an object"));
        }
        let rule: RuleMembers = Document::CONFIGURATION.member("issuers.claims.", rule)?;
        let requirement = match (rule.equals, rule.one_of, rule.glob, rule.present) {
            (Some(value), None, None, None) => Requirement::Equals(value),
            (None, Some(values), None, None) => Requirement::OneOf(values),
            (None, None, Some(pattern), None) => Requirement::Glob(pattern),
            (None, None, None, Some(present)) => Requirement::Present(present),
            _ => {
                return Err(refused(
                    "`issuers.claims` is not a rule with one of `equals`, `one_of`, `glob` and `present`",
                ));
            }
        };
        let blank = match &requirement {
            Requirement::Equals(value) if is_blank(value) => Some(String::from("equals")),
            Requirement::OneOf(values) => {
                values.iter().position(is_blank).map(|index| format!("one_of[{index}]"))
            }
            _ => None,
        };
        if let Some(member) = blank {
            return Err(refused(&format!("`issuers.claims.{member}` is {MISSING}")));
        }
        let exact = match &requirement {
            Requirement::Equals(value) => has_exact_integers(value),
            Requirement::OneOf(values) => values.iter().all(has_exact_integers),
            Requirement::Glob(_) | Requirement::Present(_) => true,
        };
        if !exact {
            return Err(refused(
                "`issuers.claims` has an integer of more than 64 bits, which cannot be compared exactly",
            ));
        }
        rules.push(ClaimRule { claim: ClaimPath::parse(&rule.claim.0)?, requirement });
    }
    Ok(rules)
}
