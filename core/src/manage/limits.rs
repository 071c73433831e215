//! What Microsoft Graph and Azure Resource Manager store ("Important considerations and restrictions for federated identity
//! credentials", Entra documentation; "Federated Identity Credentials", Managed Identities REST API).

use crate::trust::{Expression, MAX_VALUE_CHARACTERS};
use alloc::format;
use alloc::string::{String, ToString};

/// Fewest and most characters of a name.
pub(crate) const NAME_LENGTH: core::ops::RangeInclusive<usize> = 3..=120;

/// What is wrong with a member of a credential, as the end of a sentence that begins with its name; `None` if it can be stored.
pub(crate) fn fault(member: &str, value: &str) -> Option<String> {
    if value.is_empty() {
        return Some("is empty".to_string());
    }
    if member == "expression" {
        return Expression::parse(value).err().map(|error| format!("is no expression {error}"));
    }
    if value.chars().nth(MAX_VALUE_CHARACTERS).is_some() {
        return Some(format!("is over {MAX_VALUE_CHARACTERS} characters"));
    }
    let fault = match member {
        "name" if !is_name(value) => {
            "is not 3 to 120 ASCII letters, digits, dashes and underscores of which the first is a letter or digit"
        }
        "issuer" if !is_issuer(value) => {
            "is no URL without blanks; copy `iss` of the token, such as https://token.actions.githubusercontent.com"
        }
        _ => return None,
    };
    Some(fault.to_string())
}

fn is_name(text: &str) -> bool {
    NAME_LENGTH.contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// A blank at the start or end of the issuer blocks every exchange.
fn is_issuer(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_has_its_limits() {
        let long = "x".repeat(601);
        for (member, good, bad) in [
            ("name", "a-_1", "ab"),
            ("name", "1ab", "-ab"),
            ("name", "abc", "a.c"),
            ("name", "abc", "äbc"),
            ("name", &long[..120], &long[..121]),
            ("issuer", "https://i", "i"),
            ("issuer", "http://127.0.0.1:1/x", " https://i"),
            ("issuer", "https://i/", "https://"),
            ("subject", &long[..600], &long),
            ("subject", " a ", ""),
            ("audience", "api://x", ""),
            ("description", "ä\n", &long),
            ("expression", "claims['sub'] eq 'a'", "claims['sub'] = 'a'"),
        ] {
            assert_eq!(fault(member, good), None, "{member} {good}");
            assert!(fault(member, bad).is_some(), "{member} {bad}");
        }
    }
}
