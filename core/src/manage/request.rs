//! A request to a manager. JSON form: `docs/protocol.md`, section 11.

use super::config::{ManagerConfig, VersionChoice};
use super::credential::{CredentialForm, CredentialUpdate, FederatedCredential, Rules};
use super::existing::same_name;
use super::identity::{Identity, IdentityForm};
use crate::json::config::{Document, object, word};
use crate::json::non_empty::MISSING;
use crate::trust::MAX_CREDENTIALS;
use crate::{Code, Error, Timestamp};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

const DOCUMENT: Document = Document::REQUEST;

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagerRequest {
    /// What is asked for.
    pub operation: Operation,
    /// When the caller stops waiting.
    pub deadline: Option<Timestamp>,
}

/// What a request asks of a manager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// All credentials of the identity.
    List,
    /// The credential of this name.
    Get(String),
    /// Add a credential. Its name must be free.
    Create(FederatedCredential),
    /// Change members of a credential.
    Update(CredentialUpdate),
    /// Add a credential, or make the one of its name equal to it.
    Upsert(FederatedCredential),
    /// Remove the credential of this name.
    Delete(String),
    /// Say what [`Operation::Apply`] would change.
    Plan {
        /// The credentials that shall be there.
        credentials: Vec<FederatedCredential>,
        /// Whether others are removed.
        prune: bool,
    },
    /// Make the identity's credentials equal to these.
    Apply {
        /// The credentials that shall be there.
        credentials: Vec<FederatedCredential>,
        /// Whether others are removed.
        prune: bool,
    },
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OperationName {
    List,
    Get,
    Create,
    Update,
    Upsert,
    Delete,
    Plan,
    Apply,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestForm {
    #[serde(default, deserialize_with = "word")]
    operation: Option<OperationName>,
    name: Option<String>,
    #[serde(default, deserialize_with = "object")]
    credential: Option<CredentialForm>,
    credentials: Option<Vec<ListedForm>>,
    #[serde(default, deserialize_with = "object")]
    identity: Option<IdentityForm>,
    prune: Option<bool>,
    deadline: Option<i64>,
}

/// A credential of a list: an object.
struct ListedForm(CredentialForm);

impl<'de> Deserialize<'de> for ListedForm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let form = object(deserializer)?;
        form.map(Self).ok_or_else(|| D::Error::custom(MISSING))
    }
}

impl Operation {
    /// Whether it may change something.
    #[must_use]
    pub fn writes(&self) -> bool {
        !matches!(self, Self::List | Self::Get(_) | Self::Plan { .. })
    }

    /// Whether it names an expression, which only the preview of a service knows.
    pub(super) fn has_expression(&self) -> bool {
        match self {
            Self::List | Self::Get(_) | Self::Delete(_) => false,
            Self::Create(credential) | Self::Upsert(credential) => credential.expression.is_some(),
            Self::Update(update) => update.expression.is_some(),
            Self::Plan { credentials, .. } | Self::Apply { credentials, .. } => {
                credentials.iter().any(|credential| credential.expression.is_some())
            }
        }
    }
}

impl ManagerRequest {
    /// Parses the JSON form, and checks credentials before any call.
    ///
    /// # Errors
    /// `request_invalid` names the member that is wrong; `credential_conflict` and `credential_limit` as for the services.
    pub fn parse(bytes: &[u8], config: &ManagerConfig) -> Result<Self, Error> {
        let form: RequestForm = DOCUMENT.read(bytes)?;
        let Some(name) = form.operation else {
            return Err(DOCUMENT.error("`operation` is missing or empty"));
        };
        let rules = Rules {
            document: DOCUMENT,
            place: "",
            managed: config.identity.is_managed(),
            expressions: config.version != VersionChoice::Stable,
            audience: config.audience,
        };
        let of_credential = Rules { place: "credential.", ..rules };
        let prune = form.prune.unwrap_or_default();
        let whose = form.identity.map(|form| Identity::of_form(DOCUMENT, form)).transpose()?;
        let operation = match (name, form.name, form.credential, form.credentials) {
            (OperationName::List, None, None, None) => Operation::List,
            (OperationName::Get, name, None, None) => Operation::Get(lookup(name, rules)?),
            (OperationName::Delete, name, None, None) => Operation::Delete(lookup(name, rules)?),
            (OperationName::Create, None, Some(form), None) => {
                Operation::Create(form.credential(of_credential)?)
            }
            (OperationName::Upsert, None, Some(form), None) => {
                Operation::Upsert(form.credential(of_credential)?)
            }
            (OperationName::Update, None, Some(form), None) => {
                Operation::Update(form.update(of_credential)?)
            }
            (OperationName::Plan, None, None, Some(forms)) => {
                Operation::Plan { credentials: listed(forms, rules)?, prune }
            }
            (OperationName::Apply, None, None, Some(forms)) => {
                Operation::Apply { credentials: listed(forms, rules)?, prune }
            }
            (
                OperationName::Create | OperationName::Upsert | OperationName::Update,
                None,
                None,
                None,
            ) => {
                return Err(DOCUMENT.error("`credential` is missing or empty"));
            }
            (OperationName::Plan | OperationName::Apply, None, None, None) => {
                return Err(DOCUMENT.error("`credentials` is missing"));
            }
            _ => {
                return Err(DOCUMENT.error(
                    "the request has a member that its `operation` does not take: get and delete take `name`, create, update and upsert `credential`, plan and apply `credentials`",
                ));
            }
        };
        let is_list = matches!(operation, Operation::Plan { .. } | Operation::Apply { .. });
        if !is_list && (form.prune.is_some() || whose.is_some()) {
            return Err(DOCUMENT.error("`prune` and `identity` are members of plan and apply only"));
        }
        if whose.is_some_and(|whose| !whose.is(&config.identity)) {
            return Err(Error::new(
                Code::ConfigInvalid,
                "the trust file is of another `identity` than the one whose credentials are managed here; open the one that the file names",
            ));
        }
        Ok(Self { operation, deadline: form.deadline.map(Timestamp::from_millis) })
    }
}

fn lookup(name: Option<String>, rules: Rules<'_>) -> Result<String, Error> {
    rules.check_lookup("name", name.as_deref())?;
    Ok(name.unwrap_or_default())
}

fn listed(forms: Vec<ListedForm>, rules: Rules<'_>) -> Result<Vec<FederatedCredential>, Error> {
    if forms.len() > MAX_CREDENTIALS {
        let message = format!(
            "`credentials` has {} items, and an identity has at most {MAX_CREDENTIALS} federated identity credentials",
            forms.len()
        );
        return Err(Error::new(Code::CredentialLimit, message));
    }
    let mut credentials = Vec::with_capacity(forms.len());
    for (index, ListedForm(form)) in forms.into_iter().enumerate() {
        let place = format!("credentials[{index}].");
        credentials.push(form.credential(Rules { place: &place, ..rules })?);
    }
    check_unique(&credentials, rules.managed)?;
    Ok(credentials)
}

/// Checks that no two credentials have the same name, or the same issuer and subject.
pub(super) fn check_unique(
    credentials: &[FederatedCredential],
    managed: bool,
) -> Result<(), Error> {
    for (index, credential) in credentials.iter().enumerate() {
        for (earlier, other) in credentials.iter().enumerate().take(index) {
            if same_name(&other.name, &credential.name, managed) {
                return Err(DOCUMENT.error(format!(
                    "`credentials[{index}].name` is also the name of `credentials[{earlier}]`"
                )));
            }
            if credential.same_subject(other) {
                return Err(DOCUMENT.error(format!(
                    "`credentials[{index}]` has the issuer and subject of `credentials[{earlier}]`, and an identity has one credential for both"
                )));
            }
        }
    }
    Ok(())
}
