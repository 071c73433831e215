//! Configurations and variables that are refused.

use super::{IDENTITY, RESOURCE_ID, THUMBPRINT, arc_variables, on, service_fabric_variables};
use crate::Recorder;
use crate::scenarios::{CLIENT, TENANT};
use serde_json::{Value, json};

fn refused(name: &'static str, about: &'static str, config: Value, code: &str) -> Recorder {
    Recorder::refused(name, about, config, code)
}

pub(super) fn refused_selectors() -> Vec<Recorder> {
    let shell = json!({"MSI_ENDPOINT": "http://localhost:50342/oauth2/token"});
    let ml = json!({"MSI_ENDPOINT": "http://localhost:50342/", "MSI_SECRET": "s"});
    let id = json!({"client_id": IDENTITY});
    let about = "The platform ignores the selector, so the token would be of another identity.";
    vec![
        refused(
            "managed-identity-two-selectors",
            "Two selectors.",
            on(&json!({}), json!({"client_id": IDENTITY, "object_id": IDENTITY})),
            "config_invalid",
        ),
        refused(
            "managed-identity-no-guid",
            "A client id that is no GUID.",
            on(&json!({}), json!({"client_id": "my-identity"})),
            "config_invalid",
        ),
        refused(
            "managed-identity-no-resource-id",
            "A resource id of another form.",
            on(&json!({}), json!({"resource_id": "my-identity"})),
            "config_invalid",
        ),
        refused(
            "managed-identity-blank-selector",
            "A blank client id.",
            on(&json!({}), json!({"client_id": " "})),
            "config_invalid",
        ),
        refused(
            "managed-identity-arc-selector",
            about,
            on(&arc_variables(), id.clone()),
            "config_invalid",
        ),
        refused(
            "managed-identity-cloud-shell-selector",
            about,
            on(&shell, id.clone()),
            "config_invalid",
        ),
        refused(
            "managed-identity-service-fabric-selector",
            about,
            on(&service_fabric_variables(), id),
            "config_invalid",
        ),
        refused(
            "managed-identity-azure-ml-selector",
            about,
            on(&ml, json!({"resource_id": RESOURCE_ID})),
            "config_invalid",
        ),
    ]
}

pub(super) fn refused_addresses() -> Vec<Recorder> {
    let about =
        "A variable names an address that its platform does not use; the secret is not sent.";
    let endpoint = |name, variables: Value| {
        refused(
            name,
            about,
            json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": variables}),
            "config_invalid",
        )
    };
    vec![
        endpoint(
            "managed-identity-endpoint-metadata",
            json!({"IDENTITY_ENDPOINT": "http://169.254.169.254/metadata/identity/oauth2/token", "IDENTITY_HEADER": "h"}),
        ),
        endpoint(
            "managed-identity-endpoint-foreign",
            json!({"IDENTITY_ENDPOINT": "https://evil.example/msi/token", "IDENTITY_HEADER": "h"}),
        ),
        endpoint(
            "managed-identity-endpoint-credentials",
            json!({"IDENTITY_ENDPOINT": "http://user:password@localhost/msi/token", "IDENTITY_HEADER": "h"}),
        ),
        endpoint(
            "managed-identity-msi-metadata",
            json!({"MSI_ENDPOINT": "http://169.254.170.2/token", "MSI_SECRET": "s"}),
        ),
        endpoint(
            "managed-identity-shell-foreign",
            json!({"MSI_ENDPOINT": "http://10.0.0.1/token"}),
        ),
        endpoint(
            "managed-identity-arc-foreign",
            json!({"IDENTITY_ENDPOINT": "http://evil.example/token", "IMDS_ENDPOINT": "http://localhost:40342"}),
        ),
        endpoint(
            "managed-identity-fabric-http",
            json!({"IDENTITY_ENDPOINT": "http://localhost:2377/token", "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": THUMBPRINT}),
        ),
        endpoint(
            "managed-identity-imds-foreign",
            json!({"AZURE_POD_IDENTITY_AUTHORITY_HOST": "http://169.254.170.2"}),
        ),
    ]
}

pub(super) fn refused_variables() -> Vec<Recorder> {
    let environment = |name, about, variables: Value, code: &str| {
        refused(
            name,
            about,
            json!({"tenant_id": TENANT, "client_id": CLIENT, "environment": variables}),
            code,
        )
    };
    vec![
        environment(
            "managed-identity-endpoint-alone",
            "IDENTITY_ENDPOINT alone, with a blank header.",
            json!({"IDENTITY_ENDPOINT": "http://localhost/msi/token", "IDENTITY_HEADER": " "}),
            "environment_incomplete",
        ),
        environment(
            "managed-identity-header-alone",
            "IDENTITY_HEADER alone.",
            json!({"IDENTITY_HEADER": "h"}),
            "environment_incomplete",
        ),
        environment(
            "managed-identity-imds-endpoint-alone",
            "IMDS_ENDPOINT alone.",
            json!({"IMDS_ENDPOINT": "http://localhost:40342"}),
            "environment_incomplete",
        ),
        environment(
            "managed-identity-secret-alone",
            "MSI_SECRET alone.",
            json!({"MSI_SECRET": "s"}),
            "environment_incomplete",
        ),
        environment(
            "managed-identity-header-newline",
            "A header with a line break.",
            json!({"IDENTITY_ENDPOINT": "http://localhost/msi/token", "IDENTITY_HEADER": "h\r\nx: y"}),
            "config_invalid",
        ),
        environment(
            "managed-identity-thumbprint",
            "A thumbprint of another length.",
            json!({"IDENTITY_ENDPOINT": "https://localhost/msi/token", "IDENTITY_HEADER": "h", "IDENTITY_SERVER_THUMBPRINT": "0123"}),
            "config_invalid",
        ),
    ]
}
