//! What a verified token grants: its roles, its scopes, and whether an application or a user holds it.
//!
//! Values are compared as whole words: `Orders.Read` is not among the roles of a token with `Orders.Read.All`.

use super::VerifiedToken;
use alloc::string::String;
use alloc::vec::Vec;
use serde_json::{Map, Value};

/// The claims that hold scopes: Entra's `scp`, and `scope` of RFC 8693 and RFC 9068.
const SCOPE_CLAIMS: [&str; 2] = ["scp", "scope"];

impl VerifiedToken {
    /// The roles of the claim `roles`. A claim that is neither a list nor a string has none.
    #[must_use]
    pub fn roles(&self) -> Vec<String> {
        roles(&self.claims())
    }

    /// The scopes of the claims `scp` and `scope`.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        scopes(&self.claims())
    }

    /// Whether an application, not a user, holds this token of an Entra tenant.
    ///
    /// The optional claim `idtyp` decides if the token has it. Otherwise the token is an application's if it has no scopes
    /// and `sub` equals `oid`.
    #[must_use]
    pub fn is_app(&self) -> bool {
        is_app(&self.claims())
    }
}

fn roles(claims: &Map<String, Value>) -> Vec<String> {
    words(claims.get("roles"))
}

fn scopes(claims: &Map<String, Value>) -> Vec<String> {
    SCOPE_CLAIMS.into_iter().flat_map(|name| words(claims.get(name))).collect()
}

fn is_app(claims: &Map<String, Value>) -> bool {
    if let Some(kind) = claims.get("idtyp") {
        return kind == "app";
    }
    let object = claims.get("oid").and_then(Value::as_str);
    let delegated = SCOPE_CLAIMS.into_iter().any(|name| claims.contains_key(name));
    !delegated && object.is_some() && object == claims.get("sub").and_then(Value::as_str)
}

/// The words of a claim: the strings of a list, or a string separated at blanks.
fn words(claim: Option<&Value>) -> Vec<String> {
    match claim {
        Some(Value::String(text)) => {
            text.split(' ').filter(|word| !word.is_empty()).map(String::from).collect()
        }
        Some(Value::Array(items)) => {
            items.iter().filter_map(Value::as_str).map(String::from).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Case {
        name: String,
        claims: Map<String, Value>,
        roles: Vec<String>,
        scopes: Vec<String>,
        is_app: bool,
    }

    #[test]
    fn every_case_of_the_table() {
        let table = include_str!("../../../tests/vectors/granted.json");
        for case in serde_json::from_str::<Vec<Case>>(table).unwrap() {
            let claims = &case.claims;
            assert_eq!(
                (roles(claims), scopes(claims), is_app(claims)),
                (case.roles, case.scopes, case.is_app),
                "{}",
                case.name
            );
        }
    }
}
