//! Entra's error answers: the AADSTS table and the JSON shape.
//!
//! Numbers, `error` values and texts follow Microsoft's "authentication and authorization error codes" page
//! and error answers quoted in public issue threads of Azure/login and Azure/azure-workload-identity.

use crate::calendar;
use crate::message::Response;
use workload_identity_core::Timestamp;
use workload_identity_core::json::object;

macro_rules! table {
    ($($variant:ident $number:literal $error:literal $status:literal $meaning:literal,)*) => {
        /// An AADSTS number this emulator answers with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Aadsts {
            $(#[doc = $meaning] $variant = $number,)*
        }

        impl Aadsts {
            /// Every number, in the order of the documentation.
            pub const ALL: &'static [Aadsts] = &[$(Aadsts::$variant,)*];

            /// The OAuth `error` that goes with it.
            #[must_use]
            pub const fn error(self) -> &'static str {
                match self { $(Aadsts::$variant => $error,)* }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Aadsts::$variant => $status,)* }
            }

            /// One sentence for the documentation.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Aadsts::$variant => $meaning,)* }
            }
        }
    };
}

table! {
    WrongMethod 900561 "invalid_request" 400 "The token endpoint takes POST only.",
    ParameterMissing 900144 "invalid_request" 400 "The form lacks a parameter.",
    ParameterDuplicated 9000411 "invalid_request" 400 "The form has a parameter twice.",
    GrantTypeUnsupported 70003 "unsupported_grant_type" 400 "The grant type is not one the endpoint knows.",
    TenantNotFound 90002 "invalid_request" 400 "No such tenant.",
    TenantMalformed 900023 "invalid_request" 400 "The tenant is neither a GUID nor a domain name.",
    TenantShared 9001023 "invalid_request" 400 "`common` and `consumers` do not issue app tokens.",
    TenantUnnamed 50059 "invalid_request" 400 "`organizations` does not say which tenant is meant.",
    ApplicationNotFound 700016 "unauthorized_client" 400 "The client id is not known in the tenant.",
    CredentialMissing 7000216 "invalid_client" 401 "The form has neither assertion nor secret.",
    SecretInvalid 7000215 "invalid_client" 401 "A client secret was sent; this application has none.",
    RequestMalformed 9002313 "invalid_request" 400 "The request is malformed, such as an unknown assertion type.",
    ScopeNotDefault 1002012 "invalid_scope" 400 "The scope is not `<resource>/.default`.",
    ScopeMultipleResources 28000 "invalid_scope" 400 "The scope names more than one resource.",
    ScopeMalformed 70011 "invalid_scope" 400 "The scope has no resource or characters that are not allowed.",
    ResourceNotFound 500011 "invalid_resource" 400 "The tenant has no such resource.",
    ClaimsInvalid 50146 "invalid_request" 400 "The `claims` parameter is not a JSON object.",
    AssertionMalformed 50027 "invalid_request" 400 "The assertion is not a JWT.",
    AssertionType 5002727 "invalid_request" 400 "The assertion's `typ` is not `JWT`.",
    AssertionAlgorithm 5002738 "invalid_request" 400 "The assertion is not signed with RS256.",
    AssertionExpired 700024 "invalid_client" 401 "The assertion is outside its validity.",
    SignatureInvalid 700027 "invalid_client" 401 "The assertion's signature does not verify.",
    KeyNotFound 7000272 "invalid_client" 401 "The issuer's metadata has no key of that id.",
    CredentialNone 70025 "invalid_client" 401 "The application has no federated identity credential.",
    IssuerMismatch 700211 "invalid_client" 401 "No credential has this issuer.",
    AudienceMismatch 700212 "invalid_client" 401 "No credential has this audience.",
    SubjectMismatch 700213 "invalid_client" 401 "No credential has this subject.",
    CaseMismatch 7002138 "invalid_client" 401 "A credential differs only by letter case.",
    EntraIssued 700222 "invalid_request" 400 "Entra's own tokens are not accepted as assertions.",
    MetadataUnreachable 90061 "invalid_request" 400 "The issuer's metadata could not be fetched.",
    MetadataInvalid 50166 "invalid_request" 400 "The issuer's metadata is not usable or names another issuer.",
    InstanceUnknown 50049 "invalid_instance" 400 "The authority is not one of this cloud.",
    Throttled 90055 "temporarily_unavailable" 429 "The tenant sends too many requests.",
    Transient 90033 "temporarily_unavailable" 503 "A transient failure inside Entra.",
}

impl Aadsts {
    /// The number.
    #[must_use]
    pub const fn number(self) -> u32 {
        self as u32
    }
}

/// A refused request: number and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: Aadsts,
    pub(crate) text: String,
}

impl Refusal {
    pub(crate) fn new(code: Aadsts, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// What every answer repeats.
#[derive(Clone)]
pub(crate) struct Correlation {
    pub(crate) base_url: String,
    pub(crate) trace_id: String,
    pub(crate) correlation_id: String,
}

impl Correlation {
    /// The error answer.
    pub(crate) fn refuse(&self, refusal: &Refusal, now: Timestamp) -> Response {
        self.error(refusal.code, refusal.code.status(), &refusal.text, now)
    }

    /// The error answer with another status than the table's.
    pub(crate) fn error(&self, code: Aadsts, status: u16, text: &str, now: Timestamp) -> Response {
        let number = code.number();
        let timestamp = calendar::entra(now);
        let description = format!(
            "AADSTS{number}: {text}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {timestamp}",
            self.trace_id, self.correlation_id
        );
        let body = object(|o| {
            o.text("error", code.error())
                .text("error_description", &description)
                .raw("error_codes", &format!("[{number}]"))
                .text("timestamp", &timestamp)
                .text("trace_id", &self.trace_id)
                .text("correlation_id", &self.correlation_id)
                .text("error_uri", &format!("{}/error?code={number}", self.base_url));
        });
        self.stamp(Response::json(status, body), now)
    }

    /// The headers that Entra adds to every answer of its token endpoint, dated by its own clock.
    pub(crate) fn stamp(&self, response: Response, now: Timestamp) -> Response {
        response
            .with_header("date", &calendar::http_date(now))
            .with_header("cache-control", "no-store, no-cache")
            .with_header("pragma", "no-cache")
            .with_header("x-ms-request-id", &self.trace_id)
            .with_header("client-request-id", &self.correlation_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::json::{Json, parse};

    fn correlation() -> Correlation {
        Correlation {
            base_url: "https://localhost:1".to_owned(),
            trace_id: "t".to_owned(),
            correlation_id: "c".to_owned(),
        }
    }

    #[test]
    fn the_answer_has_entras_members() {
        let now = Timestamp::from_seconds(1_795_354_145);
        let refusal = Refusal::new(Aadsts::SubjectMismatch, "No \"match\".");
        let response = correlation().refuse(&refusal, now);
        let body = parse(&response.body).expect("JSON");
        assert_eq!(response.status, 401);
        assert_eq!(body.member("error").and_then(Json::as_text), Some("invalid_client"));
        assert_eq!(
            body.member("error_description").and_then(Json::as_text),
            Some(
                "AADSTS700213: No \"match\".\r\nTrace ID: t\r\nCorrelation ID: c\r\nTimestamp: 2026-11-22 13:29:05Z"
            )
        );
        assert_eq!(body.member("error_codes"), Some(&Json::List(vec![Json::Integer(700_213)])));
        assert_eq!(body.member("timestamp").and_then(Json::as_text), Some("2026-11-22 13:29:05Z"));
        assert_eq!(
            body.member("error_uri").and_then(Json::as_text),
            Some("https://localhost:1/error?code=700213")
        );
    }

    #[test]
    fn shapes_are_errors() {
        for code in Aadsts::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert_eq!(code.status() == 401, code.error() == "invalid_client", "{code:?}");
        }
    }
}
