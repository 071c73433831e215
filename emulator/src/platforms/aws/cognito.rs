//! Identity pools of Amazon Cognito: `GetOpenIdTokenForDeveloperIdentity` (Amazon Cognito identity pools API reference).

use super::{NAME, signature};
use crate::platforms::Workbench;
use crate::reply::{Response, response};
use crate::request::{Request, header};
use serde_json::{Value, json};
use workload_identity_core::json::strict;

const ACTION: &str = "AWSCognitoIdentityService.GetOpenIdTokenForDeveloperIdentity";
/// The pool's developer provider.
const PROVIDER: &str = "login.emulator.example";
const POOL: &str = "eu-west-1:0b6d2f7a-93c8-4e15-a7d0-58f1c3e964b2";
/// The identity of every login.
const IDENTITY: &str = "eu-west-1:7c1d9a40-2be6-4f0c-9d57-3a8e5f016b24";
const DEFAULT_SECONDS: i64 = 900;

pub(super) fn answer(workbench: &Workbench<'_>, request: &Request) -> Response {
    if header(request, "x-amz-target") != Some(ACTION) {
        return refusal("UnknownOperationException", "");
    }
    if let Err((code, message)) = signature::check(request, "cognito-identity", workbench.now) {
        return refusal(code, message);
    }
    let body = strict::parse(request.body()).unwrap_or_default();
    let pool = body["IdentityPoolId"].as_str().unwrap_or_default();
    if pool != POOL {
        return refusal("ResourceNotFoundException", "IdentityPool not found.");
    }
    if body["Logins"].get(PROVIDER).and_then(Value::as_str).is_none() {
        return refusal("NotAuthorizedException", "Invalid login provider.");
    }
    let identity = body["IdentityId"].as_str().unwrap_or(IDENTITY);
    if identity != IDENTITY {
        return refusal("ResourceNotFoundException", "Identity not found.");
    }
    let seconds = body["TokenDuration"].as_i64().unwrap_or(DEFAULT_SECONDS);
    if !(1..=86_400).contains(&seconds) {
        return refusal("InvalidParameterException", "TokenDuration is not valid.");
    }
    let claims = json!({ "sub": IDENTITY, "aud": POOL, "amr": ["authenticated", PROVIDER] });
    match workbench.token(NAME, claims, seconds) {
        Ok(token) => amz_json(200, &json!({ "IdentityId": IDENTITY, "Token": token })),
        Err(error) => refusal("InternalErrorException", &error.to_string()),
    }
}

fn refusal(code: &str, message: &str) -> Response {
    amz_json(400, &json!({ "__type": code, "message": message }))
}

fn amz_json(status: u16, body: &Value) -> Response {
    response(status, "application/x-amz-json-1.1", body.to_string())
}
