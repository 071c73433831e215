//! Identity bindings of AKS ("Identity bindings in Azure Kubernetes Service"): a pod's token for the cluster's token proxy, which
//! takes token requests in place of Entra, with a certificate authority and a server name of its own.
//!
//! The route of a token request leads from the proxy's address to the token endpoint. Only that variable leads to the emulator:
//! the authority is Entra itself, as in a pod.

use crate::issuers::kubernetes::ServiceAccount;
use crate::platforms::{Platform, PlatformSetup, Reach, no_endpoint};
use workload_identity_core::trust::Credential;

const NAME: &str = "aks-identity-binding";
const AUDIENCE: &str = "api://AKSIdentityBinding";
const LIFE_SECONDS: i64 = 3600;
const TOKEN_FILE: &str = "azure-identity-token";
const CA_FILE: &str = "ca.crt";
/// A name of the emulator's certificate.
const SERVER_NAME: &str = "localhost";

pub(in crate::platforms) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &[],
    about: "AKS with an identity binding: a pod's token file and the cluster's token proxy; needs --tls",
    paths: &[],
    reach: Reach::TokenOverTls,
    credential: |workbench| {
        Credential::exact(&workbench.kubernetes.issuer(), &account().subject(), AUDIENCE)
    },
    setup: |workbench, folder| {
        let authority = workbench.certificate()?.authority.clone();
        let now = workbench.now;
        let token = workbench.kubernetes.token(
            &account(),
            &[AUDIENCE],
            LIFE_SECONDS,
            workbench.ids,
            now,
        )?;
        Ok(PlatformSetup {
            variables: vec![
                ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/".to_owned()),
                ("AZURE_FEDERATED_TOKEN_FILE", format!("{folder}/{NAME}/{TOKEN_FILE}")),
                ("AZURE_KUBERNETES_TOKEN_PROXY", workbench.base_url(NAME)),
                ("AZURE_KUBERNETES_SNI_NAME", SERVER_NAME.to_owned()),
                ("AZURE_KUBERNETES_CA_FILE", format!("{folder}/{NAME}/{CA_FILE}")),
            ],
            files: vec![
                (format!("{NAME}/{TOKEN_FILE}"), token),
                (format!("{NAME}/{CA_FILE}"), authority),
            ],
            ..PlatformSetup::default()
        })
    },
    answer: no_endpoint,
};

/// Another one than that of the credential for Entra's audience, since the two would have the same issuer and subject.
fn account() -> ServiceAccount {
    ServiceAccount { name: "bound".to_owned(), ..ServiceAccount::default() }
}
