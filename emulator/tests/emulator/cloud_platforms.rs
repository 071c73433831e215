//! Google Cloud, Kubernetes and SPIFFE: their answers and their refusals.

use crate::fixture::{AUDIENCE, Fixture, Response, WithHeader, claims, request, text};
use workload_identity_emulator::{Platform, PlatformSetup, Request};

const IDENTITY: &str = "/computeMetadata/v1/instance/service-accounts/default/identity";
const IAM: &str =
    "/v1/projects/-/serviceAccounts/workload@octo-project.iam.gserviceaccount.com:generateIdToken";
const TOKENS: &str = "/platforms/kubernetes/api/v1/namespaces";

fn on(platform: &str) -> (Fixture, PlatformSetup) {
    let mut fixture = Fixture::new();
    let platform = Platform::named(platform).expect("a platform");
    fixture.emulator.trust_platform(platform).expect("trust");
    let setup = fixture.emulator.platform_setup(platform, "/folder", fixture.now).expect("a setup");
    (fixture, setup)
}

fn body(response: &Response) -> String {
    String::from_utf8(response.body.clone()).expect("text")
}

fn post(path: &str, token: &str, body: &str) -> Request {
    let mut request =
        request("POST", path).with_header("authorization", &format!("Bearer {token}"));
    *request.body_mut() = body.as_bytes().to_vec();
    request
}

#[test]
fn the_metadata_server_gives_a_token_that_is_exchanged() {
    let (mut fixture, setup) = on("gcp");
    assert_eq!(setup.variables[0], ("GCE_METADATA_HOST", "127.0.0.1:8400".to_owned()));
    let path = format!("{IDENTITY}?audience={AUDIENCE}&format=full&licenses=TRUE");
    let response = fixture.send(&request("GET", &path).with_header("metadata-flavor", "Google"));
    assert_eq!((response.status, response.header("metadata-flavor")), (200, Some("Google")));
    let token = body(&response);
    assert_eq!(claims(&token)["google"]["compute_engine"]["license_id"][0], "1001000");
    assert_eq!(fixture.exchange(&token).status, 200);
}

#[test]
fn the_metadata_server_refuses_as_google_does() {
    let (mut fixture, _) = on("gcp");
    let path = format!("{IDENTITY}?audience=a");
    assert_eq!(fixture.get(&path).status, 403);
    let google = |path: &str| request("GET", path).with_header("metadata-flavor", "Google");
    assert_eq!(fixture.send(&google(&path).with_header("x-forwarded-for", "1.2.3.4")).status, 403);
    assert_eq!(fixture.send(&google(IDENTITY)).status, 400);
    assert_eq!(fixture.send(&google(&path.replace("default", "other"))).status, 404);
    fixture.fault("platform:throttle=7*1");
    assert_eq!(fixture.send(&google(&path)).status, 429);
    assert_eq!(fixture.send(&google(&path)).status, 200);
}

#[test]
fn generate_id_token_needs_the_access_token_and_the_permission() {
    let (mut fixture, _) = on("gcp");
    let path = "/computeMetadata/v1/instance/service-accounts/default/token";
    let response = fixture.send(&request("GET", path).with_header("metadata-flavor", "Google"));
    let access_token = text(&response, "access_token");
    let asked = format!(r#"{{"audience":"{AUDIENCE}","includeEmail":true}}"#);
    let response = fixture.send(&post(IAM, &access_token, &asked));
    let token = text(&response, "token");
    assert_eq!(claims(&token)["email_verified"], true);
    assert_eq!(fixture.exchange(&token).status, 200);
    for (path, token, body, status) in [
        (IAM, "other", asked.as_str(), 401),
        (IAM, &access_token, "{}", 400),
        (&IAM.replace("workload", "other"), &access_token, &asked, 403),
    ] {
        assert_eq!(fixture.send(&post(path, token, body)).status, status);
    }
}

#[test]
fn a_kubeconfig_leads_to_the_token_request_api() {
    let (mut fixture, setup) = on("kubernetes");
    let file = |name, file| (name, format!("/folder/{file}"));
    assert_eq!(
        setup.variables,
        [
            file("KUBECONFIG", "kubeconfig"),
            file("AZURE_FEDERATED_TOKEN_FILE", "azure-identity-token"),
        ]
    );
    let (_, kubeconfig) = &setup.files[0];
    let token = kubeconfig.split("token: ").nth(1).expect("a token").trim().to_owned();
    let asked = format!(r#"{{"spec":{{"audiences":["{AUDIENCE}"]}}}}"#);
    let path = format!("{TOKENS}/default/serviceaccounts/workload/token");
    let response = fixture.send(&post(&path, &token, &asked));
    assert_eq!(response.status, 201);
    let issued = crate::fixture::json(&response)["status"]["token"].as_str().map(str::to_owned);
    let issued = issued.expect("a token");
    assert_eq!(fixture.exchange(&issued).status, 200);
    let short = r#"{"spec":{"expirationSeconds":599}}"#;
    for (path, token, body, status) in [
        (path.clone(), "other", asked.as_str(), 401),
        // A token for another audience than the cluster itself.
        (path.clone(), &issued, &asked, 401),
        (path.clone(), &token, short, 422),
        (format!("{TOKENS}/default/serviceaccounts/other/token"), &token, &asked, 404),
        (format!("{TOKENS}/other/serviceaccounts/workload/token"), &token, &asked, 403),
        (format!("{TOKENS}/default/pods"), &token, &asked, 404),
    ] {
        assert_eq!(fixture.send(&post(&path, token, body)).status, status, "{path}");
    }
}

#[test]
fn a_file_has_a_jwt_svid() {
    let (mut fixture, setup) = on("spiffe");
    let (_, token) = &setup.files[0];
    let found = claims(token);
    assert_eq!(found["aud"][0], AUDIENCE);
    assert!(found.get("jti").is_none() && found.get("nbf").is_none());
    assert_eq!(fixture.exchange(token).status, 200);
}
