//! `sts:GetWebIdentityToken` (STS API reference): a token of AWS for the workload's own role, with the audience of the caller's
//! choice.
//!
//! The account has to switch outbound web identity federation on first. The token's subject is the ARN of the role.

use super::access::Access;
use super::credentials::CredentialsForm;
use super::progress::State;
use super::region::Region;
use super::service_address::{Service, ServiceAddress};
use super::signed_source::{Action, SignedSource};
use super::{VARIABLES, container, credentials, web_identity};
use crate::environment::Environment;
use crate::http::{Connection, HttpRequest, Method, form_encode};
use crate::json::config::{object, word};
use crate::json::non_empty::NonBlank;
use crate::source::audience;
use crate::source::endpoint::{Endpoint, MAX_RESPONSE};
use crate::source::{Detection, SourceContext, SourceKind, members};
use crate::{Code, Error};
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use serde::Deserialize;

pub(in super::super) const KIND: SourceKind = SourceKind {
    name: "aws",
    variables: &VARIABLES,
    paths: &[],
    detect,
    configure: |form, environment| {
        let form: WebIdentityTokenForm = members(form)?;
        source(form, environment).map(|source| Arc::new(source) as _)
    },
};

const MAX_TAGS: usize = 50;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct WebIdentityTokenForm {
    audience: Option<NonBlank>,
    region: Option<NonBlank>,
    #[serde(default, deserialize_with = "word")]
    signing_algorithm: Option<SigningAlgorithm>,
    duration_seconds: Option<u32>,
    #[serde(default, deserialize_with = "object")]
    tags: Option<BTreeMap<String, String>>,
    #[serde(default, deserialize_with = "object")]
    credentials: Option<CredentialsForm>,
}

/// The algorithms of AWS. Entra accepts `RS256` only.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
enum SigningAlgorithm {
    #[default]
    RS256,
    ES384,
}

#[derive(Debug)]
struct GetWebIdentityToken {
    audience: Option<String>,
    algorithm: SigningAlgorithm,
    duration_seconds: Option<u32>,
    tags: BTreeMap<String, String>,
}

/// Looks for credentials that a platform or a caller has set. ~/.aws and the instance metadata service are no sign: neither
/// shows without a look at it that the workload runs on AWS.
fn detect(environment: &Environment) -> Detection {
    let is_set = |name| environment.variable(name).is_some();
    let signs: [(&[&str], &str); 4] = [
        (&[credentials::ACCESS_KEY_ID], "AWS_ACCESS_KEY_ID is set"),
        (&[credentials::SECRET_ACCESS_KEY], "AWS_SECRET_ACCESS_KEY is set"),
        (
            &[web_identity::ROLE_ARN, web_identity::TOKEN_FILE],
            "AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE are set",
        ),
        (&[container::RELATIVE], "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is set"),
    ];
    let full = (&[container::FULL][..], "AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
    let mut all = signs.into_iter().chain([full]);
    match all.find(|(names, _)| names.iter().all(|name| is_set(name))) {
        Some((_, why)) => {
            Detection::found(source(WebIdentityTokenForm::default(), environment), why)
        }
        None => Detection::Absent(
            "no variable shows AWS credentials; an instance's role and ~/.aws/credentials are used only where `source` names `aws`".into(),
        ),
    }
}

fn source(
    form: WebIdentityTokenForm,
    environment: &Environment,
) -> Result<SignedSource<GetWebIdentityToken>, Error> {
    let invalid = |message| Err(Error::new(Code::ConfigInvalid, message));
    let audience = form.audience.map(|NonBlank(audience)| audience.trim_ascii().to_string());
    if audience.as_ref().is_some_and(|audience| audience.chars().count() > 1000) {
        return invalid("`source.audience` is longer than the 1000 characters that AWS allows");
    }
    if form.duration_seconds.is_some_and(|seconds| !(60..=3600).contains(&seconds)) {
        return invalid("`source.duration_seconds` is not from 60 to 3600");
    }
    let tags = form.tags.unwrap_or_default();
    let is_tag = |(name, value): (&String, &String)| {
        (1..=128).contains(&name.chars().count()) && value.chars().count() <= 256
    };
    if tags.len() > MAX_TAGS || !tags.iter().all(is_tag) {
        return invalid(
            "`source.tags` has more than 50 tags, or one with a name longer than 128 or a value longer than 256 characters",
        );
    }
    let region = form.region.map(|NonBlank(name)| Region::parse(&name, "`source.region`"));
    Ok(SignedSource {
        action: GetWebIdentityToken {
            audience,
            algorithm: form.signing_algorithm.unwrap_or_default(),
            duration_seconds: form.duration_seconds,
            tags,
        },
        access: Access::of(region.transpose()?, form.credentials.as_ref(), environment)?,
        address: ServiceAddress::of(Service::SecurityToken, environment)?,
    })
}

impl Action for GetWebIdentityToken {
    const SERVICE: &'static str = "sts";
    const ENDPOINT: Endpoint = Endpoint {
        name: "AWS STS (GetWebIdentityToken)",
        refused: "check that the role is allowed `sts:GetWebIdentityToken`",
        configured_by: "AWS_ENDPOINT_URL_STS",
        also_transient: &[],
    };
    const TOKEN: &'static str = "WebIdentityToken";

    fn audience<'a>(&'a self, context: &SourceContext<'a>) -> &'a str {
        audience::wanted(self.audience.as_deref(), context.audience)
    }

    fn request(&self, state: &State, url: String) -> HttpRequest {
        let duration = self.duration_seconds.map(|seconds| seconds.to_string());
        let algorithm = match self.algorithm {
            SigningAlgorithm::RS256 => "RS256",
            SigningAlgorithm::ES384 => "ES384",
        };
        let mut pairs: Vec<(String, &str)> = Vec::from([
            ("Action".into(), "GetWebIdentityToken"),
            ("Version".into(), "2011-06-15"),
            ("Audience.member.1".into(), &state.audience),
            ("SigningAlgorithm".into(), algorithm),
        ]);
        if let Some(duration) = &duration {
            pairs.push(("DurationSeconds".into(), duration));
        }
        for (index, (name, value)) in self.tags.iter().enumerate() {
            let number = index + 1;
            pairs.push((format!("Tags.member.{number}.Key"), name));
            pairs.push((format!("Tags.member.{number}.Value"), value));
        }
        HttpRequest {
            method: Method::Post,
            url,
            headers: Vec::from([(
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8".into(),
            )])
            .into(),
            body: form_encode(pairs.iter().map(|(name, value)| (name.as_str(), *value))),
            timeout_ms: state.timeout_ms,
            max_bytes: MAX_RESPONSE,
            connection: Connection::default(),
        }
    }
}
