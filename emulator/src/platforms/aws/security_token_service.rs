//! STS: `GetWebIdentityToken`, `AssumeRoleWithWebIdentity`, `GetCallerIdentity` (STS API reference). The answer is XML, or JSON for
//! callers who ask for it.

use super::{ACCOUNT, NAME, POD_AUDIENCE, REGION, ROLE, ROLE_ARN, credentials, signature};
use crate::dates;
use crate::platforms::Workbench;
use crate::reply::{Response, json, response};
use crate::request::{Fields, Request, form_fields, header};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use workload_identity_core::Error;
use workload_identity_core::crypto::{KeySet, RustCrypto};
use workload_identity_core::jose::Algorithm;
use workload_identity_core::verify::{Policy, verify};

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";
const DEFAULT_SECONDS: i64 = 300;

/// A refusal: status, name of the error, message.
type Refusal = (u16, &'static str, String);

pub(super) fn answer(workbench: &mut Workbench<'_>, request: &Request) -> Response {
    let wants_json =
        header(request, "accept").is_some_and(|accept| accept.contains("application/json"));
    let fields = form_fields(request);
    let action = field(&fields, "Action").unwrap_or_default().to_owned();
    let result = match action.as_str() {
        "AssumeRoleWithWebIdentity" => assume_role(workbench, &fields),
        "GetWebIdentityToken" | "GetCallerIdentity" => {
            signature::check(request, "sts", workbench.now)
                .map_err(|(code, message)| (403, code, message.to_owned()))
                .and_then(|()| match action.as_str() {
                    "GetWebIdentityToken" => web_identity_token(workbench, &fields),
                    _ => Ok(caller()),
                })
        }
        _ => Err((400, "InvalidAction", format!("Could not find operation {action}"))),
    };
    let request_id = workbench.ids.uuid();
    match result {
        Ok(result) if wants_json => json(
            200,
            &json!({
                format!("{action}Response"): {
                    format!("{action}Result"): result,
                    "ResponseMetadata": { "RequestId": request_id },
                },
            }),
        ),
        Ok(result) => xml(
            200,
            &format!(
                "<{action}Response xmlns=\"{NAMESPACE}\"><{action}Result>{}</{action}Result><ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>",
                elements(&result)
            ),
        ),
        Err((status, code, message)) if wants_json => json(
            status,
            &json!({ "Error": { "Code": code, "Message": message, "Type": "Sender" }, "RequestId": request_id }),
        ),
        Err((status, code, message)) => xml(
            status,
            &format!(
                "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
                escaped(&message)
            ),
        ),
    }
}

fn web_identity_token(workbench: &mut Workbench<'_>, fields: &Fields) -> Result<Value, Refusal> {
    let invalid =
        |what: &str| (400, "ValidationError", format!("1 validation error detected: {what}"));
    let audiences = members(fields, "Audience.member.");
    if audiences.is_empty() || audiences.len() > 10 || audiences.iter().any(String::is_empty) {
        return Err(invalid("'audience' must have 1 to 10 members"));
    }
    if field(fields, "SigningAlgorithm") != Some("RS256") {
        return Err(invalid("'signingAlgorithm' must be RS256: the emulator has no key for ES384"));
    }
    let seconds = match field(fields, "DurationSeconds") {
        None => DEFAULT_SECONDS,
        Some(text) => text
            .parse()
            .ok()
            .filter(|seconds| (60..=3600).contains(seconds))
            .ok_or_else(|| invalid("'durationSeconds' must be from 60 to 3600"))?,
    };
    let names = field_pairs(fields);
    let audience = match audiences.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    let mut facts = json!({
        "aws_account": ACCOUNT,
        "org_id": "o-emulated",
        "principal_id": ROLE_ARN,
        "source_region": REGION,
    });
    if !names.is_empty() {
        facts["request_tags"] = Value::Object(names);
    }
    let claims = json!({
        "sub": ROLE_ARN,
        "aud": audience,
        "jti": workbench.ids.uuid(),
        NAMESPACE_OF_CLAIMS: facts,
    });
    let token = workbench.token(NAME, claims, seconds).map_err(internal)?;
    let expiration = dates::rfc3339(workbench.now.plus_seconds(seconds));
    Ok(json!({ "WebIdentityToken": token, "Expiration": expiration }))
}

/// The member under which AWS has its own claims.
const NAMESPACE_OF_CLAIMS: &str = "https://sts.amazonaws.com/";

/// The role of a pod for its token. The cluster of `crate::issuers::kubernetes` is an OIDC provider of the account.
fn assume_role(workbench: &Workbench<'_>, fields: &Fields) -> Result<Value, Refusal> {
    let missing = |name: &str| {
        (400, "ValidationError", format!("1 validation error detected: '{name}' is missing"))
    };
    let token = field(fields, "WebIdentityToken").ok_or_else(|| missing("webIdentityToken"))?;
    let session = field(fields, "RoleSessionName").ok_or_else(|| missing("roleSessionName"))?;
    if field(fields, "RoleArn").ok_or_else(|| missing("roleArn"))? != ROLE_ARN {
        let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
        return Err((403, "AccessDenied", message.to_owned()));
    }
    let policy = Policy::new(workbench.kubernetes.issuer(), POD_AUDIENCE)
        .with_algorithms(&[Algorithm::Rs256]);
    let keys = workbench.kubernetes.keys.key_set().map_err(internal)?;
    let keys = Arc::new(KeySet::import(keys, &RustCrypto));
    verify(token, &keys, &policy, workbench.now).map_err(|error| match error.code.name() {
        "expired" => (400, "ExpiredTokenException", "Token expired".to_owned()),
        name => (400, "InvalidIdentityToken", format!("The token is not accepted: {name}")),
    })?;
    let arn = format!("arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/{session}");
    Ok(json!({
        "Credentials": credentials::issued(workbench, "SessionToken"),
        "AssumedRoleUser": { "Arn": arn, "AssumedRoleId": format!("AROAEMULATED:{session}") },
        "Audience": POD_AUDIENCE,
    }))
}

fn caller() -> Value {
    json!({
        "Arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/session"),
        "UserId": "AROAEMULATED:session",
        "Account": ACCOUNT,
    })
}

fn internal(error: Error) -> Refusal {
    (500, "InternalFailure", error.to_string())
}

fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// The values of a list, whose members are numbered from 1.
fn members(fields: &Fields, prefix: &str) -> Vec<String> {
    (1..)
        .map_while(|number| field(fields, &format!("{prefix}{number}")))
        .map(str::to_owned)
        .collect()
}

/// The tags of the request.
fn field_pairs(fields: &Fields) -> Map<String, Value> {
    let pair = |number: u32| {
        let of = |part| field(fields, &format!("Tags.member.{number}.{part}"));
        Some((of("Key")?.to_owned(), Value::from(of("Value")?)))
    };
    (1..).map_while(pair).collect()
}

fn elements(value: &Value) -> String {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| format!("<{name}>{}</{name}>", elements(value)))
            .collect(),
        Value::String(text) => escaped(text),
        other => other.to_string(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn xml(status: u16, body: &str) -> Response {
    response(status, "text/xml", body)
}
