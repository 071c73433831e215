//! Kubernetes: a projected token of the cluster of `crate::issuers::kubernetes`, its TokenRequest API, and a kubeconfig file for it.
//!
//! The credential of the kubeconfig is a token of the service account `default/workload`, which may make tokens of the service
//! accounts of its own namespace.

use super::{Platform, PlatformSetup, Reach};
use crate::issuers::kubernetes::{ServiceAccount, status};
use crate::platforms::Workbench;
use crate::reply::Response;
use crate::request::{Request, bearer_token};
use std::sync::Arc;
use workload_identity_core::Error;
use workload_identity_core::crypto::{KeySet, RustCrypto};
use workload_identity_core::jose::Algorithm;
use workload_identity_core::json::strict;
use workload_identity_core::trust::Credential;
use workload_identity_core::verify::{Policy, verify};

const NAME: &str = "kubernetes";
const LIFE_SECONDS: i64 = 3600;
/// The name that Azure's workload identity webhook gives it.
const TOKEN_FILE: &str = "azure-identity-token";

pub(super) const PLATFORM: Platform = Platform {
    name: NAME,
    aliases: &["k8s", "on-premises-kubernetes", "aks"],
    about: "Kubernetes: a pod's token file, a kubeconfig file, and the TokenRequest API of its cluster",
    paths: &[],
    reach: Reach::Token,
    credential: |workbench| {
        let subject = ServiceAccount::default().subject();
        Credential::exact(&workbench.kubernetes.issuer(), &subject, &workbench.settings.audience)
    },
    setup: |workbench, folder| {
        let issuer = workbench.kubernetes.issuer();
        let account = ServiceAccount::default();
        let now = workbench.now;
        let token =
            workbench.kubernetes.token(&account, &[&issuer], LIFE_SECONDS, workbench.ids, now)?;
        let audience = workbench.settings.audience.clone();
        let pod_token =
            workbench.kubernetes.token(&account, &[&audience], LIFE_SECONDS, workbench.ids, now)?;
        let server = workbench.base_url(NAME);
        let kubeconfig = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: emulator\ncontexts:\n- name: emulator\n  context:\n    cluster: emulator\n    user: workload\n    namespace: {}\nclusters:\n- name: emulator\n  cluster:\n    server: {server}\nusers:\n- name: workload\n  user:\n    token: {token}\n",
            account.namespace
        );
        Ok(PlatformSetup {
            variables: vec![
                ("KUBECONFIG", format!("{folder}/kubeconfig")),
                ("AZURE_FEDERATED_TOKEN_FILE", format!("{folder}/{TOKEN_FILE}")),
            ],
            files: vec![("kubeconfig".to_owned(), kubeconfig), (TOKEN_FILE.to_owned(), pod_token)],
            ..PlatformSetup::default()
        })
    },
    answer,
};

fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let segments: Vec<&str> = path.split('/').skip(2).collect();
    let ["api", "v1", "namespaces", namespace, "serviceaccounts", name, "token"] = *segments else {
        return status(404, "NotFound", "the server could not find the requested resource");
    };
    let own = ServiceAccount::default();
    match bearer_token(request).map(|token| authenticate(workbench, token)) {
        Some(Ok(subject)) if subject == own.subject() => {}
        _ => return status(401, "Unauthorized", "Unauthorized"),
    }
    if namespace != own.namespace {
        let message = format!(
            "serviceaccounts \"{name}\" is forbidden: User \"{}\" cannot create resource \"serviceaccounts/token\" in API group \"\" in the namespace \"{namespace}\"",
            own.subject()
        );
        return status(403, "Forbidden", &message);
    }
    if name != own.name {
        return status(404, "NotFound", &format!("serviceaccounts \"{name}\" not found"));
    }
    let now = workbench.now;
    workbench.kubernetes.answer(&own, request, workbench.ids, now)
}

/// The subject of a token of the cluster for the cluster itself.
fn authenticate(workbench: &Workbench<'_>, token: &str) -> Result<String, Error> {
    let issuer = workbench.kubernetes.issuer();
    let policy = Policy::new(issuer.clone(), issuer).with_algorithms(&[Algorithm::Rs256]);
    let keys = Arc::new(KeySet::import(workbench.kubernetes.keys.key_set()?, &RustCrypto));
    let verified = verify(token, &keys, &policy, workbench.now)?;
    let claims = strict::parse(verified.payload().as_bytes()).unwrap_or_default();
    Ok(claims["sub"].as_str().unwrap_or_default().to_owned())
}
