//! App Service, Functions and Container Apps.

use super::{IDENTITY, RESOURCE_ID, answer, app_service_variables, asked, on, sleep};
use crate::Recorder;
use crate::scenarios::sources::exchange;
use crate::scenarios::{CLIENT, TENANT, jwt, request};
use serde_json::json;

const APP_SERVICE: &str = "http://169.254.129.2:8081/msi/token?api-version=2019-08-01&resource=api%3A%2F%2FAzureADTokenExchange";

pub(super) fn app_service() -> Vec<Recorder> {
    let mut recorders = Vec::new();
    for (name, member, id, parameter) in [
        ("managed-identity-app-service", "client_id", IDENTITY, format!("client_id={IDENTITY}")),
        (
            "managed-identity-app-service-object-id",
            "object_id",
            IDENTITY,
            format!("object_id={IDENTITY}"),
        ),
        (
            "managed-identity-app-service-resource-id",
            "resource_id",
            RESOURCE_ID,
            format!("mi_res_id={}", RESOURCE_ID.replace('/', "%2F")),
        ),
    ] {
        let mut r = Recorder::new(
            name,
            "App Service, where variables of both generations are set.",
            on(&app_service_variables(), json!({member: id})),
        );
        let t = r.begin(request());
        let (e, effect) = asked(&mut r, t, &format!("{APP_SERVICE}&{parameter}"));
        assert_eq!(effect["headers"]["x-identity-header"], "identity-header");
        r.http(e, 200, answer(&jwt()));
        exchange(&mut r, t, "token-1");
        recorders.push(r);
    }
    recorders
}

pub(super) fn app_service_detected() -> Vec<Recorder> {
    let mut environment = app_service_variables();
    environment["AZURE_TENANT_ID"] = TENANT.into();
    environment["AZURE_CLIENT_ID"] = CLIENT.into();
    let mut r = Recorder::new(
        "environment-app-service",
        "App Service's variables are enough. A server error is retried every second; its message is shown without tokens.",
        json!({"environment": environment}),
    );
    let t = r.begin(request());
    for _ in 0..3 {
        let (e, _) = asked(&mut r, t, APP_SERVICE);
        r.http(
            e,
            500,
            json!({"statusCode": 500, "message": "No identity for eyJhbGciOiJub25lIn0"}),
        );
        sleep(&mut r, t, 1_000);
    }
    let (e, _) = asked(&mut r, t, APP_SERVICE);
    r.http(e, 500, json!({"statusCode": 500, "message": "No identity for eyJhbGciOiJub25lIn0"}));
    let failed = r.fail(t, "source_unavailable");
    assert_eq!(failed["error"]["hint"], "it says: No identity for [token]");
    r.end(t);
    vec![r]
}
