//! Sans-IO emulator of the services in a workload identity exchange: Entra's token endpoint with its rules and
//! error responses, two workload issuers (GitHub and Kubernetes style), and an API that accepts the tokens.
//!
//! The host provides sockets, clock and randomness; the emulator turns requests into replies:
//!
//! ```
//! use workload_identity_core::Timestamp;
//! use workload_identity_crypto_native::{AwsLc, AwsLcSigner};
//! use workload_identity_emulator::{Emulator, Keys, Reply, Settings, http};
//!
//! let keys = Keys {
//!     workload: Box::new(AwsLcSigner::generate_rsa(2048)?),
//!     access_token: Box::new(AwsLcSigner::generate_rsa(2048)?),
//!     next: Box::new(|| Ok(Box::new(AwsLcSigner::generate_rsa(2048)?))),
//!     verification: Box::new(AwsLc),
//! };
//! let mut emulator = Emulator::new(Settings::new("http://127.0.0.1:8080", [7; 32]), keys)?;
//! let request = http::Request::get("/emulator/token-requests").body(Vec::new())?;
//! let Reply::Respond { response, .. } = emulator.handle(&request, Timestamp::from_seconds(0)) else {
//!     panic!("this request needs neither a fetch nor a signature");
//! };
//! assert_eq!(response.body(), br#"{"token_requests":0}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Endpoints
//!
//! | Path | Service |
//! | --- | --- |
//! | `POST /{tenant}/oauth2/v2.0/token`, `/{tenant}/oauth2/token` | Entra's token endpoint, v2 and v1 |
//! | `/{tenant}/v2.0/.well-known/openid-configuration`, `/{tenant}/.well-known/openid-configuration` | its metadata |
//! | `/{tenant}/discovery/v2.0/keys`, `/{tenant}/discovery/keys` | the keys of its access tokens |
//! | `/common/discovery/instance` | instance discovery: the emulator's host is a cloud of its own |
//! | `Facts::github_request_url`, `/_services/token/.well-known/...` | a GitHub-style issuer |
//! | `/oic/cluster-1/...`, `POST /api/v1/namespaces/{ns}/serviceaccounts/{name}/token` | a Kubernetes-style issuer and its TokenRequest API |
//! | `/platforms/{name}/...` | the endpoints and the issuer of a platform: [`PLATFORMS`] |
//! | `/api/resource`, `/api/step-up` | an API that accepts the tokens; the second path responds with a claims challenge |
//! | `/graph/{v1.0,beta}/applications/{id}/federatedIdentityCredentials...` | Microsoft Graph, for the application's credentials |
//! | `/arm/{managed identity id}/federatedIdentityCredentials...` | Azure Resource Manager, for those of the managed identity |
//! | `/`, `/inspector/...` | the inspector, a page that shows each exchange live |
//! | `/emulator/...` | [`CONTROL_PATHS`]: counts, recorded requests, faults, credentials, access tokens, rotation |
//!
//! # Order of checks
//!
//! Method, repeated parameters, grant type, tenant, application, scope, requested claims, kind of credential; then of the
//! assertion: format, `typ`, `alg`, issuer kind, credential match (issuer, subject, audience), the issuer's metadata,
//! key, signature, validity. The first failed check determines the error, one of [`Aadsts`].
//!
//! # Limitations
//!
//! The emulator has no certificates and secrets, users and their grants, or roles for management: any access token for
//! Microsoft Graph or Azure Resource Manager may manage. A new credential is effective at once, unless a fault delays it. Unlike Entra, it allows cross-origin requests for
//! app tokens, so that browser workers can be tested; [`Settings::cors`] disables that.
#![forbid(unsafe_code)]

mod access_token_request;
mod control;
mod credentials_request;
mod dates;
mod directory;
mod emulator;
mod entra;
mod events;
mod faults;
mod faults_request;
mod handler;
mod identifiers;
mod inspector_page;
mod issuers;
mod key_ring;
mod management;
mod origin_check;
mod pending;
mod platforms;
mod protected_api;
mod reply;
mod request;
mod route;
mod settings;
mod token_requests;
mod workload_token_request;

pub use control::CONTROL_PATHS;
pub use directory::{CredentialError, FederatedCredential};
pub use emulator::{Emulator, Rotation};
pub use entra::error::Aadsts;
pub use entra::issuer_metadata::MAX_FETCHED_BYTES;
pub use events::{EventLog, MAX_EVENTS, MAX_RECORDED_BYTES};
pub use faults::{
    FAULT_MODIFIERS, FAULT_TABLE, Fault, FaultError, FaultForm, FaultKind, FaultTarget,
};
pub use http;
pub use issuers::github::GithubJob;
pub use issuers::kubernetes::ServiceAccount;
pub use platforms::{PLATFORMS, Platform, PlatformSetup, Reach};
pub use reply::{ExchangeId, Fetched, Reply, Response, UnsignedReply};
pub use request::Request;
pub use settings::{
    Facts, HostFacts, KeyFactory, Keys, ManagementTokenScope, ServerCertificate, Settings,
};
pub use token_requests::TokenRequest;
pub use workload_identity_core::trust::{
    Credential, MAX_CREDENTIALS, MAX_ISSUER_KEYS, MAX_VALUE_CHARACTERS,
};
