//! Addresses of Microsoft Graph: version, application, credential, each key in the forms of OData.

use percent_encoding::percent_decode_str;

/// A version of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    Beta,
}

impl Version {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }
}

/// What names an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ApplicationKey {
    ObjectId(String),
    AppId(String),
}

/// What names a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CredentialKey {
    IdOrName(String),
    /// The alternate key, by which a credential can be created.
    Name(String),
}

impl CredentialKey {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::IdOrName(text) | Self::Name(text) => text,
        }
    }
}

/// The address of an application's credentials, or of one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) version: Version,
    pub(super) application: ApplicationKey,
    /// None for all.
    pub(super) credential: Option<CredentialKey>,
}

/// Why a path is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoAddress {
    /// There is no such version.
    Version(String),
    /// The model has no such segment.
    Segment(String),
}

const COLLECTION: &str = "federatedIdentityCredentials";
/// The agent identity blueprint, a derived type of applications.
const CASTS: [&str; 2] = ["microsoft.graph.agentIdentityBlueprint", "graph.agentIdentityBlueprint"];

impl Address {
    /// Reads a path behind the service's root.
    pub(super) fn read(path: &str) -> Result<Self, NoAddress> {
        let decode = |part| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let segments: Vec<String> = path.split('/').map(decode).collect();
        let mut rest = segments.iter().map(String::as_str);
        let version = match rest.next().unwrap_or_default() {
            "v1.0" => Version::V1,
            "beta" => Version::Beta,
            other => return Err(NoAddress::Version(other.to_owned())),
        };
        let segment = |text: &str| NoAddress::Segment(text.to_owned());
        let applications = rest.next().unwrap_or_default();
        let application = match Parts::of(applications) {
            Parts { name: "applications", key: None } => {
                ApplicationKey::ObjectId(rest.next().unwrap_or_default().to_owned())
            }
            Parts { name: "applications", key: Some((None, id)) } => ApplicationKey::ObjectId(id),
            Parts { name: "applications", key: Some((Some("appId"), id)) } => {
                ApplicationKey::AppId(id)
            }
            _ => return Err(segment(applications)),
        };
        let mut collection = rest.next().unwrap_or_default();
        if CASTS.contains(&collection) {
            collection = rest.next().unwrap_or_default();
        }
        let credential = match Parts::of(collection) {
            Parts { name: COLLECTION, key: None } => {
                let key = rest.next().filter(|key| !key.is_empty());
                key.map(|key| CredentialKey::IdOrName(key.to_owned()))
            }
            Parts { name: COLLECTION, key: Some((None, key)) } => {
                Some(CredentialKey::IdOrName(key))
            }
            Parts { name: COLLECTION, key: Some((Some("name"), name)) } => {
                Some(CredentialKey::Name(name))
            }
            _ => return Err(segment(collection)),
        };
        match rest.next() {
            None => Ok(Self { version, application, credential }),
            Some(more) => Err(segment(more)),
        }
    }
}

/// A segment: `name`, `name('key')` or `name(property='key')`.
struct Parts<'s> {
    name: &'s str,
    key: Option<(Option<&'s str>, String)>,
}

impl<'s> Parts<'s> {
    fn of(segment: &'s str) -> Self {
        let whole = Self { name: segment, key: None };
        let Some((name, rest)) = segment.split_once('(') else { return whole };
        let Some(inside) = rest.strip_suffix(')') else { return whole };
        let (property, literal) = match inside.split_once('=') {
            Some((property, literal)) if !inside.starts_with('\'') => (Some(property), literal),
            _ => (None, inside),
        };
        match quoted(literal) {
            Some(key) => Self { name, key: Some((property, key)) },
            None => whole,
        }
    }
}

/// A text in quotation marks, in which they are doubled.
pub(super) fn quoted(literal: &str) -> Option<String> {
    let inside = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let text = inside.replace("''", "\u{0}");
    (!text.contains('\'')).then(|| text.replace('\u{0}', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_in_each_form() {
        let object = || ApplicationKey::ObjectId("o".to_owned());
        let app = || ApplicationKey::AppId("a".to_owned());
        let any = |text: &str| Some(CredentialKey::IdOrName(text.to_owned()));
        let name = |text: &str| Some(CredentialKey::Name(text.to_owned()));
        for (path, version, application, credential) in [
            ("v1.0/applications/o/federatedIdentityCredentials", Version::V1, object(), None),
            ("beta/applications/o/federatedIdentityCredentials/", Version::Beta, object(), None),
            ("v1.0/applications/o/federatedIdentityCredentials/n", Version::V1, object(), any("n")),
            (
                "v1.0/applications('o')/federatedIdentityCredentials('n')",
                Version::V1,
                object(),
                any("n"),
            ),
            (
                "v1.0/applications(appId='a')/federatedIdentityCredentials(name='n')",
                Version::V1,
                app(),
                name("n"),
            ),
            (
                "beta/applications(appId=%27a%27)/federatedIdentityCredentials(name=%27it%27%27s%27)",
                Version::Beta,
                app(),
                name("it's"),
            ),
            (
                "beta/applications/o/microsoft.graph.agentIdentityBlueprint/federatedIdentityCredentials/n",
                Version::Beta,
                object(),
                any("n"),
            ),
        ] {
            let address = Address { version, application, credential };
            assert_eq!(Address::read(path), Ok(address), "{path}");
        }
    }

    #[test]
    fn other_paths_are_named() {
        for (path, named) in [
            ("", NoAddress::Version(String::new())),
            ("v2.0/applications", NoAddress::Version("v2.0".to_owned())),
            ("v1.0/users/o", NoAddress::Segment("users".to_owned())),
            ("v1.0/applications/o", NoAddress::Segment(String::new())),
            ("v1.0/applications/o/owners", NoAddress::Segment("owners".to_owned())),
            (
                "v1.0/applications(id='o')/federatedIdentityCredentials",
                NoAddress::Segment("applications(id='o')".to_owned()),
            ),
            (
                "v1.0/applications/o/federatedIdentityCredentials(name=n)",
                NoAddress::Segment("federatedIdentityCredentials(name=n)".to_owned()),
            ),
            (
                "v1.0/applications/o/federatedIdentityCredentials/n/issuer",
                NoAddress::Segment("issuer".to_owned()),
            ),
        ] {
            assert_eq!(Address::read(path), Err(named), "{path}");
        }
    }
}
