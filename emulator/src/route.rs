//! Which endpoint a path belongs to.

use crate::entra::Version;
use crate::issuers::github;
use crate::management::Surface;
use crate::platforms::Platform;

/// An endpoint with the variable parts of its path.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Route<'p> {
    /// Entra's token endpoint.
    Token { tenant: &'p str, version: Version },
    /// A public document.
    Document(Document<'p>),
    /// The GitHub-style token request endpoint.
    GithubToken,
    /// The TokenRequest API of the Kubernetes-style cluster.
    ServiceAccountToken { namespace: &'p str, name: &'p str },
    /// An endpoint of a platform.
    Platform(&'static Platform),
    /// The protected API; `step_up` requires an authentication context.
    ProtectedApi { step_up: bool },
    /// A management service, with the path behind its root.
    Management { surface: Surface, path: &'p str },
    /// A control path, without `/emulator/`.
    Control(&'p str),
    /// A file of the inspector, by its name; the page itself has none.
    Inspector(&'p str),
    /// No endpoint.
    Unknown,
}

/// Discovery documents and key sets, which need no authentication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Document<'p> {
    /// Entra's instance discovery.
    Instance,
    /// Entra's OpenID configuration.
    OpenidConfiguration { tenant: &'p str, version: Version },
    /// The keys of Entra's access tokens.
    EntraKeys { tenant: &'p str, version: Version },
    /// The GitHub-style issuer's discovery document.
    GithubDiscovery,
    /// The GitHub-style issuer's keys.
    GithubKeys,
    /// The Kubernetes-style issuer's discovery document.
    KubernetesDiscovery,
    /// The Kubernetes-style issuer's keys.
    KubernetesKeys,
    /// The discovery document of a platform's issuer.
    PlatformDiscovery(&'p str),
    /// The keys of the platforms' issuers.
    PlatformKeys,
}

impl<'p> Route<'p> {
    /// The endpoint of a path without its query.
    pub(crate) fn of(path: &'p str) -> Self {
        use Version::{V1, V2};
        if path == github::REQUEST_PATH {
            return Self::GithubToken;
        }
        if path == "/" {
            return Self::Inspector("");
        }
        let path = path.trim_start_matches('/');
        let segments: Vec<&str> = path.split('/').collect();
        match *segments.as_slice() {
            [tenant, "oauth2", "v2.0", "token"] => Self::Token { tenant, version: V2 },
            // The token proxy of a cluster with identity bindings.
            ["platforms", "aks-identity-binding", tenant, "oauth2", "v2.0", "token"] => {
                Self::Token { tenant, version: V2 }
            }
            ["inspector", file] => Self::Inspector(file),
            [tenant, "oauth2", "token"] => Self::Token { tenant, version: V1 },
            ["emulator", ..] => Self::Control(path.strip_prefix("emulator/").unwrap_or_default()),
            ["graph", ..] => Self::Management {
                surface: Surface::Graph,
                path: path.strip_prefix("graph/").unwrap_or_default(),
            },
            ["arm", ..] => Self::Management {
                surface: Surface::Arm,
                path: path.strip_prefix("arm/").unwrap_or_default(),
            },
            ["api", "resource"] => Self::ProtectedApi { step_up: false },
            ["api", "step-up"] => Self::ProtectedApi { step_up: true },
            ["api", "v1", "namespaces", namespace, "serviceaccounts", name, "token"] => {
                Self::ServiceAccountToken { namespace, name }
            }
            _ => match (Document::of(&segments), Platform::of_path(path)) {
                (Some(document), _) => Self::Document(document),
                (None, Some(platform)) => Self::Platform(platform),
                (None, None) => Self::Unknown,
            },
        }
    }
}

impl Route<'_> {
    /// The endpoint's name in the log of events: that of its faults, where it has some.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Token { .. } => "token",
            Self::Document(_) => "metadata",
            Self::GithubToken => "github",
            Self::ServiceAccountToken { .. } => "kubernetes",
            Self::Platform(_) => "platform",
            Self::ProtectedApi { .. } => "api",
            Self::Management { surface, .. } => surface.fault_target().name(),
            Self::Control(_) => "control",
            Self::Inspector(_) => "inspector",
            Self::Unknown => "unknown",
        }
    }
}

impl<'p> Document<'p> {
    fn of(segments: &[&'p str]) -> Option<Self> {
        use Version::{V1, V2};
        const CONFIGURATION: &str = "openid-configuration";
        Some(match *segments {
            ["common", "discovery", "instance"] => Self::Instance,
            ["_services", "token", ".well-known", CONFIGURATION] => Self::GithubDiscovery,
            ["_services", "token", ".well-known", "jwks"] => Self::GithubKeys,
            ["oic", "cluster-1", ".well-known", CONFIGURATION] => Self::KubernetesDiscovery,
            ["oic", "cluster-1", "openid", "v1", "jwks"] => Self::KubernetesKeys,
            ["platforms", name, "issuer", ".well-known", CONFIGURATION] => {
                Self::PlatformDiscovery(name)
            }
            ["platforms", _, "issuer", "jwks"] => Self::PlatformKeys,
            [tenant, "v2.0", ".well-known", CONFIGURATION] => {
                Self::OpenidConfiguration { tenant, version: V2 }
            }
            [tenant, ".well-known", CONFIGURATION] => {
                Self::OpenidConfiguration { tenant, version: V1 }
            }
            [tenant, "discovery", "v2.0", "keys"] => Self::EntraKeys { tenant, version: V2 },
            [tenant, "discovery", "keys"] => Self::EntraKeys { tenant, version: V1 },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platforms::PLATFORMS;

    #[test]
    fn paths_lead_to_endpoints() {
        let v2 = Version::V2;
        for (path, route) in [
            ("/t/oauth2/v2.0/token", Route::Token { tenant: "t", version: v2 }),
            (
                "/platforms/aks-identity-binding/t/oauth2/v2.0/token",
                Route::Token { tenant: "t", version: v2 },
            ),
            ("/platforms/github/t/oauth2/v2.0/token", Route::Platform(&PLATFORMS[0])),
            ("/emulator/oauth2/token", Route::Token { tenant: "emulator", version: Version::V1 }),
            ("/emulator/token-requests/last", Route::Control("token-requests/last")),
            ("/emulator", Route::Control("")),
            (github::REQUEST_PATH, Route::GithubToken),
            ("/api/resource", Route::ProtectedApi { step_up: false }),
            ("/api/other", Route::Unknown),
            ("/graph/v1.0/a", Route::Management { surface: Surface::Graph, path: "v1.0/a" }),
            ("/arm", Route::Management { surface: Surface::Arm, path: "" }),
            ("/_services/token/.well-known/jwks", Route::Document(Document::GithubKeys)),
            (
                "/t/v2.0/.well-known/openid-configuration",
                Route::Document(Document::OpenidConfiguration { tenant: "t", version: v2 }),
            ),
            ("/oic/cluster-2/openid/v1/jwks", Route::Unknown),
            ("/", Route::Inspector("")),
            ("/inspector/style.css", Route::Inspector("style.css")),
            ("/inspector/a/b", Route::Unknown),
        ] {
            assert_eq!(format!("{:?}", Route::of(path)), format!("{route:?}"), "{path}");
        }
    }
}
