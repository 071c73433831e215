//! Whose credentials an exchange is compared with.

use crate::directory::{self, managed_identity};
use workload_identity_core::Timestamp;
use workload_identity_core::trust;

/// A client with the credentials that it has at an instant.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub(super) client_id: String,
    pub(super) credentials: Vec<trust::Credential>,
}

impl Identity {
    pub(super) fn of(identity: &directory::Identity, now: Timestamp) -> Self {
        let visible = identity.credentials.visible(now).iter();
        Self {
            client_id: identity.client.client_id.clone(),
            credentials: visible.map(|known| known.credential.clone()).collect(),
        }
    }

    /// The sentences and commands of a verdict, the commands with this identity.
    pub(super) fn fix(&self, fix: Vec<String>) -> Vec<String> {
        let is_managed = self.client_id.eq_ignore_ascii_case(managed_identity::CLIENT_ID);
        let named = |text: String| {
            if is_managed && text.starts_with("wif ") {
                let option = format!("--managed-identity={}", managed_identity::RESOURCE_ID);
                text.replacen("--app-id=APP_ID", &option, 1)
            } else if text.starts_with("wif ") || text.starts_with("az ") {
                text.replacen("APP_ID", &self.client_id, 1)
            } else {
                text
            }
        };
        // It has no credentials as an application.
        let applies = |text: &String| !(is_managed && text.starts_with("az ad app "));
        fix.into_iter().filter(applies).map(named).collect()
    }

    /// Whether the client still has these credentials.
    pub(super) fn is(&self, identity: &directory::Identity, now: Timestamp) -> bool {
        let visible = identity.credentials.visible(now).iter();
        visible.map(|known| &known.credential).eq(&self.credentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_name_the_identity() {
        let fix = || {
            [
                "write `APP_ID`",
                "az ad app federated-credential create --id APP_ID --parameters '{\"subject\":\"APP_ID\"}'",
                "wif fic add --app-id=APP_ID --name=n --subject=APP_ID",
            ]
            .map(str::to_owned)
            .to_vec()
        };
        let of = |client_id: &str| {
            Identity { client_id: client_id.to_owned(), credentials: Vec::new() }.fix(fix())
        };
        let [sentence, az, wif]: [String; 3] =
            of("app").try_into().expect("a sentence and two commands");
        assert_eq!(sentence, "write `APP_ID`");
        assert!(az.contains("--id app --parameters '{\"subject\":\"APP_ID\"}'"), "{az}");
        assert_eq!(wif, "wif fic add --app-id=app --name=n --subject=APP_ID");
        let managed = format!(
            "wif fic add --managed-identity={} --name=n --subject=APP_ID",
            managed_identity::RESOURCE_ID
        );
        assert_eq!(of(managed_identity::CLIENT_ID), [sentence, managed]);
    }
}
