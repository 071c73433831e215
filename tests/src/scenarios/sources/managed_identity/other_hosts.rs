//! Service Fabric, Azure Machine Learning and Cloud Shell.

use super::{IDENTITY, THUMBPRINT, answer, asked, on, service_fabric_variables};
use crate::Recorder;
use crate::recorder::START;
use crate::scenarios::sources::exchange;
use crate::scenarios::{CLIENT, jwt, request};
use serde_json::json;

pub(super) fn service_fabric() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-service-fabric",
        "Service Fabric's endpoint is reached with its certificate pinned; a certificate of another thumbprint fails.",
        on(&service_fabric_variables(), json!({})),
    );
    let url = "https://10.0.0.4:2377/metadata/identity/oauth2/token?api-version=2019-07-01-preview&resource=api%3A%2F%2FAzureADTokenExchange";
    let t = r.begin(request());
    let (e, effect) = asked(&mut r, t, url);
    assert_eq!(effect["certificate_sha1"], THUMBPRINT.to_ascii_lowercase());
    assert_eq!(effect["headers"]["secret"], "identity-header");
    r.http(e, 404, json!({"error": {"code": "ManagedIdentityNotFound", "message": "no identity"}}));
    let failed = r.fail(t, "source_rejected");
    assert_eq!(failed["error"]["hint"], "it says: no identity");
    r.end(t);
    let t = r.begin(json!({"scopes": [crate::scenarios::SCOPE], "deadline": r.now() + 1}));
    let e = r.perform(t, "http");
    r.resolve(e, "failed", 0, "tls", b"the certificate has another thumbprint");
    r.fail(t, "source_unreachable");
    r.end(t);
    let t = r.begin(request());
    let e = r.perform(t, "http");
    let mut numbers = answer(&jwt());
    numbers["expires_on"] = (START / 1000 + 86_400).into();
    r.http(e, 200, numbers);
    exchange(&mut r, t, "token-1");
    vec![r]
}

pub(super) fn azure_ml() -> Vec<Recorder> {
    let url = |identity: &str| {
        format!(
            "http://127.0.0.1:46808/MSI/auth?api-version=2017-09-01&resource=api%3A%2F%2FAzureADTokenExchange{identity}"
        )
    };
    let mut recorders = Vec::new();
    for (name, about, members, default, parameter) in [
        (
            "managed-identity-azure-ml",
            "Azure Machine Learning with a client id.",
            json!({"client_id": IDENTITY}),
            CLIENT,
            format!("&clientid={IDENTITY}"),
        ),
        (
            "managed-identity-azure-ml-default",
            "Azure Machine Learning's variable names the identity.",
            json!({}),
            CLIENT,
            format!("&clientid={CLIENT}"),
        ),
        (
            "managed-identity-azure-ml-system",
            "Azure Machine Learning without an identity that is named.",
            json!({}),
            "",
            String::new(),
        ),
    ] {
        let environment = json!({
            "MSI_ENDPOINT": "http://127.0.0.1:46808/MSI/auth",
            "MSI_SECRET": "msi-secret",
            "DEFAULT_IDENTITY_CLIENT_ID": default,
        });
        let mut r = Recorder::new(name, about, on(&environment, members));
        let t = r.begin(request());
        let (e, effect) = asked(&mut r, t, &url(&parameter));
        assert_eq!(effect["headers"]["secret"], "msi-secret");
        r.http(e, 200, answer(&jwt()));
        exchange(&mut r, t, "token-1");
        recorders.push(r);
    }
    recorders
}

pub(super) fn cloud_shell() -> Vec<Recorder> {
    let mut r = Recorder::new(
        "managed-identity-cloud-shell",
        "Cloud Shell's endpoint takes a form.",
        on(&json!({"MSI_ENDPOINT": "http://localhost:50342/oauth2/token"}), json!({})),
    );
    let t = r.begin(request());
    let (e, effect) = asked(&mut r, t, "http://localhost:50342/oauth2/token");
    assert_eq!(effect["method"], "POST");
    assert_eq!(effect["body"], "resource=api%3A%2F%2FAzureADTokenExchange");
    assert_eq!(effect["headers"]["metadata"], "true");
    r.http(e, 200, answer(&jwt()));
    exchange(&mut r, t, "token-1");
    vec![r]
}
