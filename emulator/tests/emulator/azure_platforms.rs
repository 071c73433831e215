//! Azure: the hosts of managed identities, Azure Pipelines and identity bindings, their answers and their refusals.

use crate::fixture::{
    AUDIENCE, BASE, Fixture, Response, WithHeader, aadsts, claims, form_request, json, request,
    text,
};
use workload_identity_emulator::{
    Emulator, Platform, PlatformSetup, Request, ServerCertificate, Settings,
};

const TOKEN: &str = "metadata/identity/oauth2/token";
const IDENTITY: &str = "2d1f8b64-7a3c-4e59-8c10-9b5e6f7a8c3d";
const OBJECT_ID: &str = "c8d1f0a2-5b3e-4e76-9a80-1d2c3b4a5f60";

fn on(name: &str) -> (Fixture, PlatformSetup) {
    on_changed(name, |_| {})
}

fn on_changed(name: &str, change: impl FnOnce(&mut Settings)) -> (Fixture, PlatformSetup) {
    let mut fixture = Fixture::with(change);
    let platform = Platform::named(name).expect("a platform");
    fixture.emulator.trust_platform(platform).expect("trust");
    let setup = fixture.emulator.platform_setup(platform, "/folder", fixture.now).expect("a setup");
    (fixture, setup)
}

fn with_tls(settings: &mut Settings) {
    settings.base_url = BASE.replace("http:", "https:");
    settings.certificate =
        Some(ServerCertificate { authority: "PEM".to_owned(), sha1: "ab".repeat(20) });
}

fn variable<'s>(setup: &'s PlatformSetup, name: &str) -> &'s str {
    let found = setup.variables.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value.as_str()).expect("a variable")
}

/// The path of an address of the emulator.
fn path(address: &str) -> &str {
    address.split_once("127.0.0.1:8400").map(|(_, path)| path).expect("the emulator's address")
}

/// A request for a token of the exchange. `change` is added to the query.
fn asked(path: &str, version: &str, change: &str) -> Request {
    request("GET", &format!("{path}?api-version={version}&resource={AUDIENCE}{change}"))
}

/// Status, and the text of a refusal in one of Azure's forms.
fn refused(response: &Response) -> (u16, String) {
    let document = json(response);
    let places = ["/error_description", "/error/code", "/message"];
    let said = places.iter().find_map(|place| document.pointer(place)?.as_str());
    (response.status, said.unwrap_or_default().to_owned())
}

#[test]
fn the_metadata_service_gives_a_token_of_the_identity() {
    let (mut fixture, setup) = on("imds");
    assert_eq!(variable(&setup, "AZURE_POD_IDENTITY_AUTHORITY_HOST"), BASE);
    let get = |change: &str| {
        asked(&format!("/{TOKEN}"), "2018-02-01", change).with_header("metadata", "true")
    };
    let response = fixture.send(&get(&format!("&client_id={IDENTITY}")));
    assert_eq!(response.status, 200);
    assert!(response.header("server").is_some_and(|server| server.starts_with("IMDS/")));
    for name in ["expires_in", "expires_on", "not_before", "ext_expires_in"] {
        assert!(text(&response, name).parse::<i64>().is_ok(), "{name} is a string of digits");
    }
    let token = text(&response, "access_token");
    let found = claims(&token);
    assert_eq!((&found["sub"], &found["oid"]), (&OBJECT_ID.into(), &OBJECT_ID.into()));
    assert!(found["xms_mirid"].as_str().is_some_and(|id| id.starts_with("/subscriptions/")));
    assert_eq!(fixture.exchange(&token).status, 200);
    for (request, said) in [
        (asked(&format!("/{TOKEN}"), "2018-02-01", ""), "Required metadata header not specified"),
        (get("").with_header("x-forwarded-for", "1.2.3.4"), "Forwarded requests are not allowed"),
        (get("&client_id=3d1f8b64-7a3c-4e59-8c10-9b5e6f7a8c3d"), "Identity not found"),
        (get(&format!("&object_id={IDENTITY}")), "Identity not found"),
        (get("&msi_res_id=/subscriptions/other"), "Identity not found"),
        (
            request("GET", &format!("/{TOKEN}?api-version=2018-02-01"))
                .with_header("metadata", "true"),
            "Required query variable 'resource' is missing",
        ),
    ] {
        assert_eq!(refused(&fixture.send(&request)), (400, said.to_owned()));
    }
    fixture.fault("platform:throttle=7*1");
    fixture.fault("platform:status=410*1");
    let statuses = [429, 410, 200].map(|_| fixture.send(&get("")).status);
    assert_eq!(statuses, [429, 410, 200]);
}

#[test]
fn app_service_wants_its_header() {
    let (mut fixture, setup) = on("app-service");
    let path = path(variable(&setup, "IDENTITY_ENDPOINT")).to_owned();
    let secret = variable(&setup, "IDENTITY_HEADER");
    let get =
        |change: &str| asked(&path, "2019-08-01", change).with_header("x-identity-header", secret);
    let response = fixture.send(&get(""));
    assert!(text(&response, "expires_on").parse::<i64>().is_ok());
    assert!(json(&response).get("expires_in").is_none());
    assert_eq!(fixture.exchange(&text(&response, "access_token")).status, 200);
    let wrong = asked(&path, "2019-08-01", "").with_header("x-identity-header", "other");
    let unversioned = request("GET", &path).with_header("x-identity-header", secret);
    for (request, status) in [
        (wrong, 401),
        (asked(&path, "2019-08-01", ""), 401),
        (unversioned, 400),
        (get("&mi_res_id=/subscriptions/other"), 400),
    ] {
        let response = fixture.send(&request);
        assert_eq!(
            (response.status, json(&response)["statusCode"].as_u64()),
            (status, Some(status.into()))
        );
    }
}

#[test]
fn machine_learning_wants_its_secret() {
    let (mut fixture, setup) = on("azure-ml");
    let path = path(variable(&setup, "MSI_ENDPOINT")).to_owned();
    let secret = variable(&setup, "MSI_SECRET");
    assert_eq!(variable(&setup, "DEFAULT_IDENTITY_CLIENT_ID"), IDENTITY);
    let get = |change: &str| asked(&path, "2017-09-01", change).with_header("secret", secret);
    let response = fixture.send(&get(&format!("&clientid={IDENTITY}")));
    assert_eq!(fixture.exchange(&text(&response, "access_token")).status, 200);
    assert_eq!(fixture.send(&asked(&path, "2017-09-01", "")).status, 401);
    assert_eq!(fixture.send(&get("&clientid=other")).status, 400);
}

#[test]
fn cloud_shell_gives_a_token_of_the_user_which_is_no_assertion() {
    let (mut fixture, setup) = on("cloud-shell");
    let path = path(variable(&setup, "MSI_ENDPOINT"));
    let form = form_request(path, &[("resource".to_owned(), AUDIENCE.to_owned())]);
    assert_eq!(fixture.send(&form).status, 400);
    let response = fixture.send(&form.with_header("metadata", "true"));
    assert_eq!((response.status, text(&response, "token_type").as_str()), (200, "Bearer"));
    let token = text(&response, "access_token");
    assert!(claims(&token).get("xms_mirid").is_none());
    assert_eq!(aadsts(&fixture.exchange(&token)), 700_222);
    assert_eq!(fixture.send(&asked(path, "2018-02-01", "")).status, 404);
}

#[test]
fn arc_challenges_with_a_key_file() {
    let (mut fixture, setup) = on("arc");
    let path = path(variable(&setup, "IDENTITY_ENDPOINT")).to_owned();
    assert!(variable(&setup, "IMDS_ENDPOINT").starts_with(BASE));
    let get = || asked(&path, "2020-06-01", "").with_header("metadata", "true");
    let (file, key) = &setup.files[0];
    let challenge = fixture.send(&get());
    let realm = format!("Basic realm=/var/opt/azcmagent/tokens/{file}");
    assert_eq!((challenge.status, challenge.header("www-authenticate")), (401, Some(&*realm)));
    let response = fixture.send(&get().with_header("authorization", &format!("Basic {key}")));
    assert_eq!(fixture.exchange(&text(&response, "access_token")).status, 200);
    assert_eq!(fixture.send(&get().with_header("authorization", "Basic other")).status, 403);
    assert_eq!(fixture.send(&asked(&path, "2020-06-01", "")).status, 400);
}

#[test]
fn service_fabric_refuses_with_its_documented_codes() {
    let (mut fixture, setup) = on_changed("service-fabric", with_tls);
    let path = path(variable(&setup, "IDENTITY_ENDPOINT")).to_owned();
    let secret = variable(&setup, "IDENTITY_HEADER");
    assert_eq!(variable(&setup, "IDENTITY_SERVER_THUMBPRINT"), "AB".repeat(20));
    let get = |version: &str, secret: &str| asked(&path, version, "").with_header("secret", secret);
    let response = fixture.send(&get("2019-07-01-preview", secret));
    assert!(json(&response)["expires_on"].is_i64(), "a number here");
    assert_eq!(fixture.exchange(&text(&response, "access_token")).status, 200);
    let without = request("GET", &format!("{path}?api-version=2019-07-01-preview"));
    for (request, status, code) in [
        (asked(&path, "2019-07-01-preview", ""), 400, "SecretHeaderNotFound"),
        (get("2019-07-01-preview", "other"), 404, "ManagedIdentityNotFound"),
        (get("2018-02-01", secret), 400, "InvalidApiVersion"),
        (without.with_header("secret", secret), 400, "ArgumentNullOrEmpty"),
    ] {
        assert_eq!(refused(&fixture.send(&request)), (status, code.to_owned()));
    }
}

#[test]
fn a_pipeline_gets_a_token_for_its_service_connection() {
    let (mut fixture, setup) = on("azure-pipelines");
    let path = path(variable(&setup, "SYSTEM_OIDCREQUESTURI")).to_owned();
    let token = format!("Bearer {}", variable(&setup, "SYSTEM_ACCESSTOKEN"));
    let connection = variable(&setup, "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID");
    let post = |query: &str, token: &str| {
        request("POST", &format!("{path}?{query}")).with_header("authorization", token)
    };
    let good = format!("api-version=7.1&serviceConnectionId={connection}");
    let response = fixture.send(&post(&good, &token));
    let issued = text(&response, "oidcToken");
    assert_eq!(claims(&issued)["sub"], "sc://shop/orders/orders-production");
    assert_eq!(fixture.exchange(&issued).status, 200);
    assert_eq!(fixture.send(&post("api-version=7.1&serviceConnectionId=x", &token)).status, 404);
    let unversioned = format!("serviceConnectionId={connection}");
    assert_eq!(fixture.send(&post(&unversioned, &token)).status, 400);
    let redirected = fixture.send(&post(&good, "Bearer other"));
    assert_eq!(redirected.status, 302);
    assert!(redirected.header("location").is_some_and(|address| address.ends_with("/_signin")));
    let suppressed = post(&good, "Bearer other").with_header("x-tfs-fedauthredirect", "Suppress");
    assert_eq!(fixture.send(&suppressed).status, 401);
    let token_in_get =
        request("GET", &format!("{path}?{good}")).with_header("authorization", &token);
    assert_eq!(fixture.send(&token_in_get).status, 404);
}

#[test]
fn the_token_proxy_takes_token_requests() {
    let (mut fixture, setup) = on_changed("aks-identity-binding", with_tls);
    let proxy = path(variable(&setup, "AZURE_KUBERNETES_TOKEN_PROXY"));
    assert!(setup.files.iter().any(|(name, content)| {
        content == "PEM" && variable(&setup, "AZURE_KUBERNETES_CA_FILE").ends_with(name)
    }));
    let token = setup.files.iter().find(|(_, content)| content.starts_with("eyJ"));
    let (_, token) = token.expect("a pod's token");
    assert_eq!(claims(token)["aud"][0], "api://AKSIdentityBinding");
    let form = fixture.form(token);
    let path = format!("{proxy}{}", fixture.token_path());
    assert_eq!(fixture.send(&form.request(&path)).status, 200);
}

#[test]
fn platforms_behind_https_say_what_they_need() {
    for name in ["service-fabric", "aks-identity-binding"] {
        let mut fixture = Fixture::new();
        let emulator: &mut Emulator = &mut fixture.emulator;
        let platform = Platform::named(name).expect("a platform");
        let error = emulator.platform_setup(platform, "/folder", fixture.now).expect_err(name);
        assert!(error.message.contains("--tls"), "{error}");
    }
}
