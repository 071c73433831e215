//! Scopes (RFC 6749, section 3.3) and Entra's rule for app tokens: exactly one resource, `<resource>/.default`.

use crate::{Code, Error};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// Longest scope accepted; Entra's resource identifiers end at 255 characters.
const MAX_LENGTH: usize = 1024;
/// Scopes in one request; a generic authority can have several.
const MAX_COUNT: usize = 100;

/// Sorted and free of repetition.
pub(crate) fn parse(scopes: &[String], entra: bool) -> Result<Vec<String>, Error> {
    let mut sorted: Vec<String> = Vec::new();
    for scope in scopes {
        let scope = scope.trim_ascii();
        let place = sorted.iter().take_while(|known| known.as_str() < scope).count();
        if sorted.get(place).is_some_and(|known| known == scope) {
            continue;
        }
        if sorted.len() == MAX_COUNT || !is_scope_token(scope) {
            return Err(Error::new(
                Code::ScopeInvalid,
                "a scope is empty, too long or has a space, quote, backslash or non-ASCII character (RFC 6749, section 3.3)",
            ));
        }
        sorted.insert(place, String::from(scope));
    }
    let Some(first) = sorted.first() else {
        return Err(Error::new(
            Code::ScopeMissing,
            "the request names no scope; ask for one, such as `https://vault.azure.net/.default`",
        ));
    };
    if entra {
        if sorted.len() > 1 {
            return Err(Error::new(
                Code::ScopeMultipleResources,
                "an app token is for one resource; make one request for each scope",
            ));
        }
        if first.strip_suffix("/.default").is_none_or(str::is_empty) {
            return Err(Error::new(
                Code::ScopeNotDefault,
                format!(
                    "scope `{first}` does not end in `/.default`, the only form for app tokens"
                ),
            ));
        }
    }
    Ok(sorted)
}

fn is_scope_token(scope: &str) -> bool {
    (1..=MAX_LENGTH).contains(&scope.len())
        && scope.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    fn code(scopes: &[&str], entra: bool) -> Result<usize, Code> {
        let scopes: Vec<String> = scopes.iter().map(ToString::to_string).collect();
        parse(&scopes, entra).map(|list| list.len()).map_err(|error| error.code)
    }

    #[test]
    fn one_default_scope_for_entra() {
        assert_eq!(code(&["https://vault.azure.net/.default"], true), Ok(1));
        assert_eq!(code(&["a/.default", " a/.default"], true), Ok(1));
        assert_eq!(code(&[], true), Err(Code::ScopeMissing));
        assert_eq!(code(&["a/.default", "b/.default"], true), Err(Code::ScopeMultipleResources));
        for not_default in ["User.Read", "/.default", "a/.default/"] {
            assert_eq!(code(&[not_default], true), Err(Code::ScopeNotDefault), "{not_default}");
        }
    }

    #[test]
    fn characters_follow_rfc_6749() {
        assert_eq!(code(&["openid", "profile"], false), Ok(2));
        for bad in ["", "a b", "a\"", "a\\", "ä", "a\n", "\u{0}"] {
            assert_eq!(
                code(&["x", bad], false).err(),
                if bad == "a\n" { None } else { Some(Code::ScopeInvalid) },
                "{bad:?}"
            );
        }
        assert_eq!(code(&[&"a".repeat(2000)], false), Err(Code::ScopeInvalid));
    }
}
