//! Every way to a token of AWS, from the environment to Entra's access token.

use conformance::Simulation;
use serde_json::{Value, json};
use workload_identity_core::{Code, Request};

const SCOPE: &str = "https://vault.azure.net/.default";

fn token(change: impl FnOnce(&mut Value)) -> Result<usize, Code> {
    let mut simulation = Simulation::platform("aws", change);
    let token = simulation.token(Request::new(SCOPE));
    token.map(|_| simulation.requests).map_err(|error| error.code)
}

/// Removes the variables of EKS Pod Identity, and sets others.
fn instead(config: &mut Value, variables: Value) {
    let environment = config["environment"].as_object_mut().expect("an environment");
    environment.remove("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    environment.remove("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    environment.extend(variables.as_object().expect("variables").clone());
}

fn keys() -> Value {
    json!({
        "AWS_ACCESS_KEY_ID": "ASIAEMULATOREXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "emulated/SecretAccessKey+0123456789EXAMPLE",
        "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjEMULATEDSESSIONTOKEN=="
    })
}

#[test]
fn the_environment_of_the_platform_leads_to_a_token() {
    // The agent of EKS Pod Identity, STS, Entra.
    assert_eq!(token(|_| {}), Ok(3));
}

#[test]
fn each_place_of_credentials_leads_to_a_token() {
    assert_eq!(token(|config| instead(config, keys())), Ok(2));
    let pod = json!({
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/workload",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/platform/irsa-token"
    });
    assert_eq!(
        token(|config| {
            instead(config, pod);
            config["source"] = json!({"kind": "aws"});
        }),
        Ok(3)
    );
    // Session token, region, role, credentials, STS, Entra.
    assert_eq!(
        token(|config| {
            instead(config, json!({"AWS_REGION": ""}));
            config["source"] =
                json!({"kind": "aws", "duration_seconds": 60, "tags": {"team": "a b"}});
        }),
        Ok(6)
    );
}

#[test]
fn a_wrong_key_is_refused() {
    let mut wrong = keys();
    wrong["AWS_SECRET_ACCESS_KEY"] = "other".into();
    assert_eq!(token(|config| instead(config, wrong)), Err(Code::SourceRejected));
}

#[test]
fn the_token_of_cognito_has_the_pools_audience() {
    let source = |provider: &str| {
        json!({
            "kind": "aws_cognito",
            "identity_pool_id": "eu-west-1:0b6d2f7a-93c8-4e15-a7d0-58f1c3e964b2",
            "logins": {provider: "app"}
        })
    };
    let token = |provider| token(|config| config["source"] = source(provider));
    // The application of the emulator trusts the role, not the identity.
    assert_eq!(token("login.emulator.example"), Err(Code::TrustMismatch));
    assert_eq!(token("other"), Err(Code::SourceRejected));
}

#[test]
fn the_file_of_irsa_has_the_audience_of_sts() {
    let file = json!({"AWS_WEB_IDENTITY_TOKEN_FILE": "/platform/irsa-token"});
    assert_eq!(token(|config| instead(config, file)), Err(Code::TrustMismatch));
}
