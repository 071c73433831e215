//! The service account that a credential names, and a pod that has its token.

use super::Trust;
use super::quoting::yaml;
use workload_identity_core::manage::CredentialEntry;
use workload_identity_core::trust::{Platform, Subject};

/// # Errors
/// Why no pod can have the subject.
pub(super) fn text(trust: &Trust<'_>, credential: &CredentialEntry) -> Result<String, String> {
    let none =
        || format!("the credential `{}` is not for a Kubernetes service account", credential.name);
    let subject = credential.subject.as_deref().ok_or_else(none)?;
    let subject = Subject::parse(subject)
        .filter(|parsed| parsed.form.platform == Platform::Kubernetes)
        .ok_or_else(none)?;
    let part = |name: &str| subject.part(name).unwrap_or_default();
    let (namespace, account) = (part("namespace"), part("name"));
    if !is_label(namespace) || !account.split('.').all(is_label) || account.len() > 253 {
        return Err(format!(
            "no namespace or service account has a name as the credential `{}`: lower-case letters, digits and dashes",
            credential.name
        ));
    }
    let (namespace, account) = (yaml(namespace), yaml(account));
    let client_id = yaml(trust.client_id().unwrap_or("CLIENT_ID"));
    let tenant_id = yaml(trust.tenant_id.unwrap_or("TENANT_ID"));
    let audience = yaml(trust.audience(credential));
    Ok(format!(
        r#"apiVersion: v1
kind: ServiceAccount
metadata:
  name: {account}
  namespace: {namespace}
  annotations:
    # For the webhook of Azure Workload Identity, which sets pods with its label up as the one below.
    azure.workload.identity/client-id: {client_id}
---
apiVersion: v1
kind: Pod
metadata:
  name: app
  namespace: {namespace}
spec:
  serviceAccountName: {account}
  containers:
    - name: app
      image: app
      env:
        - name: AZURE_TENANT_ID
          value: {tenant_id}
        - name: AZURE_CLIENT_ID
          value: {client_id}
        - name: AZURE_FEDERATED_TOKEN_FILE
          value: "/var/run/secrets/azure/tokens/azure-identity-token"
      volumeMounts:
        - name: azure-identity-token
          mountPath: "/var/run/secrets/azure/tokens"
          readOnly: true
  volumes:
    - name: azure-identity-token
      projected:
        sources:
          - serviceAccountToken:
              path: azure-identity-token
              audience: {audience}
              expirationSeconds: 3600
"#
    ))
}

/// A label of RFC 1123, as Kubernetes has it in lower case.
fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.bytes().all(|byte| plain(byte) || byte == b'-')
        && text.bytes().next().is_some_and(plain)
        && text.bytes().last().is_some_and(plain)
}
