//! Addresses of Azure Resource Manager, whose segments are compared without regard to case.

use crate::directory::managed_identity;
use percent_encoding::percent_decode_str;

/// The resource that a path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    /// The managed identity.
    Identity,
    /// Its credentials.
    Credentials,
    /// The credential of this name.
    Credential(String),
}

/// Why there is no such resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoResource {
    Subscription(String),
    ResourceGroup(String),
    /// The managed identity of this resource group.
    Identity {
        group: String,
        name: String,
    },
    /// The path is not one of the provider's.
    Type,
}

impl Resource {
    /// Reads a path behind the service's root.
    pub(super) fn read(path: &str) -> Result<Self, NoResource> {
        let decode = |part| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let segments: Vec<String> = path.split('/').map(decode).collect();
        let own: Vec<&str> = managed_identity::RESOURCE_ID.split('/').skip(1).collect();
        let same = |index: usize| match (segments.get(index), own.get(index)) {
            (Some(segment), Some(own)) => segment.eq_ignore_ascii_case(own),
            _ => false,
        };
        let (keywords, ids) = ([0, 2, 4, 5, 6], [1, 3, 7]);
        if !keywords.into_iter().all(same) || segments.len() < own.len() {
            return Err(NoResource::Type);
        }
        let text = |index: usize| segments.get(index).cloned().unwrap_or_default();
        if let Some(other) = ids.into_iter().find(|index| !same(*index)) {
            return Err(match other {
                1 => NoResource::Subscription(text(1)),
                3 => NoResource::ResourceGroup(text(3)),
                _ => NoResource::Identity { group: text(3), name: text(7) },
            });
        }
        let rest: Vec<&str> = segments.iter().skip(own.len()).map(String::as_str).collect();
        let is_collection =
            |segment: &str| segment.eq_ignore_ascii_case("federatedIdentityCredentials");
        match *rest.as_slice() {
            [] => Ok(Self::Identity),
            [collection] if is_collection(collection) => Ok(Self::Credentials),
            [collection, name] if is_collection(collection) && !name.is_empty() => {
                Ok(Self::Credential(name.to_owned()))
            }
            _ => Err(NoResource::Type),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = managed_identity::RESOURCE_ID;

    #[test]
    fn case_does_not_matter() {
        for id in [ID.to_owned(), ID.to_lowercase(), ID.to_uppercase()] {
            let path = id.trim_start_matches('/');
            assert_eq!(Resource::read(path), Ok(Resource::Identity));
            let list = format!("{path}/FederatedIdentityCredentials");
            assert_eq!(Resource::read(&list), Ok(Resource::Credentials));
            let one = Resource::Credential("Name-1".to_owned());
            assert_eq!(Resource::read(&format!("{list}/Name-1")), Ok(one));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let path = ID.trim_start_matches('/');
        for (from, to, missing) in [
            ("5a3c7e91", "00000000", "Subscription"),
            ("/shop/", "/other/", "ResourceGroup(\"other\")"),
            ("/orders", "/other", "Identity { group: \"shop\", name: \"other\" }"),
            ("userAssigned", "systemAssigned", "Type"),
            ("/orders", "", "Type"),
            ("/orders", "/orders/federatedIdentityCredentials/a/b", "Type"),
            ("/orders", "/orders/other", "Type"),
        ] {
            let error = Resource::read(&path.replace(from, to)).expect_err(to);
            assert!(format!("{error:?}").starts_with(missing), "{error:?}");
        }
    }
}
