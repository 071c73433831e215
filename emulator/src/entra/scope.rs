//! The `scope` of an app token request: one resource, `/.default`.

use super::error::{Aadsts, EntraError};

/// Scopes about the user that some clients add to every request; they are ignored.
const RESERVED: [&str; 4] = ["openid", "profile", "offline_access", "email"];
const SUFFIX: &str = "/.default";

/// The resource that the scope names.
pub(super) fn resource(scope: &str) -> Result<String, EntraError> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if !scope.split(' ').all(|item| item.bytes().all(allowed)) {
        return Err(EntraError::new(
            Aadsts::ScopeMalformed,
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter 'scope' is not valid.",
        ));
    }
    let mut resources: Vec<&str> = Vec::new();
    let named = scope.split(' ').filter(|item| !item.is_empty() && !RESERVED.contains(item));
    for item in named {
        match item.strip_suffix(SUFFIX) {
            Some(resource) if !resource.is_empty() => {
                if !resources.contains(&resource) {
                    resources.push(resource);
                }
            }
            _ => return Err(not_default(scope)),
        }
    }
    match resources.as_slice() {
        [resource] => Ok((*resource).to_owned()),
        [] => Err(not_default(scope)),
        _ => Err(EntraError::new(
            Aadsts::ScopeMultipleResources,
            format!(
                "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope {scope} is not valid."
            ),
        )),
    }
}

fn not_default(scope: &str) -> EntraError {
    EntraError::new(
        Aadsts::ScopeNotDefault,
        format!(
            "The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI)."
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(scope: &str) -> Result<String, Aadsts> {
        resource(scope).map_err(|error| error.code)
    }

    #[test]
    fn one_resource() {
        for (scope, expected) in [
            ("https://vault.azure.net/.default", "https://vault.azure.net"),
            ("https://vault.azure.net//.default", "https://vault.azure.net/"),
            ("api://app/.default", "api://app"),
            ("openid api://app/.default offline_access profile", "api://app"),
            ("api://app/.default api://app/.default", "api://app"),
        ] {
            assert_eq!(code(scope), Ok(expected.to_owned()), "{scope}");
        }
    }

    #[test]
    fn other_scopes_are_refused() {
        for (scope, expected) in [
            ("User.Read", Aadsts::ScopeNotDefault),
            ("/.default", Aadsts::ScopeNotDefault),
            (".default", Aadsts::ScopeNotDefault),
            ("openid", Aadsts::ScopeNotDefault),
            ("api://app/.default User.Read", Aadsts::ScopeNotDefault),
            ("api://app/.default api://other/.default", Aadsts::ScopeMultipleResources),
            ("api://äpp/.default", Aadsts::ScopeMalformed),
            ("api://a\"b/.default", Aadsts::ScopeMalformed),
            ("api://app/.default\tx", Aadsts::ScopeMalformed),
        ] {
            assert_eq!(code(scope), Err(expected), "{scope}");
        }
    }
}
