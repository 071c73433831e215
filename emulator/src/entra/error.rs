//! Entra's error responses: the AADSTS table and the JSON format.
//!
//! Numbers, `error` values and texts follow Microsoft's "authentication and authorization error codes" page
//! and error responses quoted in public issue threads of Azure/login and Azure/azure-workload-identity.

use crate::dates;
use crate::reply::{Response, json, with_header};
use http::{HeaderName, header};
use serde::Serialize;
use workload_identity_core::Timestamp;

macro_rules! table {
    ($($variant:ident $number:literal $error:literal $status:literal $meaning:literal,)*) => {
        /// An AADSTS number of the emulator's error responses.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Aadsts {
            $(#[doc = $meaning] $variant = $number,)*
        }

        impl Aadsts {
            /// Every number, in the order of the documentation.
            pub const ALL: &'static [Aadsts] = &[$(Aadsts::$variant,)*];

            /// Its OAuth `error` (RFC 6749, section 5.2).
            #[must_use]
            pub const fn error(self) -> &'static str {
                match self { $(Aadsts::$variant => $error,)* }
            }

            /// Its HTTP status.
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
    GrantTypeUnsupported 70003 "unsupported_grant_type" 400 "The endpoint does not support the grant type.",
    TenantNotFound 90002 "invalid_request" 400 "The tenant does not exist.",
    TenantMalformed 900023 "invalid_request" 400 "The tenant is neither a GUID nor a domain name.",
    TenantShared 9001023 "invalid_request" 400 "`common` and `consumers` do not issue app tokens.",
    TenantUnnamed 50059 "invalid_request" 400 "`organizations` does not name a tenant.",
    ApplicationNotFound 700016 "unauthorized_client" 400 "The tenant has no application with this client id.",
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
    EntraSubjectMismatch 7002137 "invalid_client" 401 "No credential of Entra's own issuer has this subject.",
    ExpressionInvalid 700233 "invalid_client" 401 "The expression of a flexible credential cannot be read.",
    ExpressionNotAllowed 700237 "invalid_client" 401 "The expression names a claim that is not allowed for the issuer.",
    ExpressionMismatch 7002131 "invalid_client" 401 "No credential of this issuer has an expression that the token meets.",
    ExpressionUnsupported 7002241 "invalid_client" 401 "Entra evaluates no expression for the issuer.",
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

    /// The error of a number, if it is one of these.
    pub(crate) fn of(number: Option<u32>) -> Option<Self> {
        Self::ALL.iter().copied().find(|known| Some(known.number()) == number)
    }

    /// Whether the token is in order and no credential accepts it.
    pub(super) const fn is_mismatch(self) -> bool {
        use Aadsts::{
            AudienceMismatch, CaseMismatch, CredentialNone, EntraSubjectMismatch,
            ExpressionMismatch, IssuerMismatch, SubjectMismatch,
        };
        matches!(
            self,
            CredentialNone
                | IssuerMismatch
                | SubjectMismatch
                | EntraSubjectMismatch
                | ExpressionMismatch
                | AudienceMismatch
                | CaseMismatch
        )
    }
}

/// An error of Entra: number and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntraError {
    pub(crate) code: Aadsts,
    pub(crate) text: String,
}

impl EntraError {
    pub(crate) fn new(code: Aadsts, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// The ids that every response of one request repeats, and the address that links in errors begin with.
#[derive(Clone)]
pub(crate) struct Correlation {
    pub(crate) base_url: String,
    pub(crate) trace_id: String,
    pub(crate) correlation_id: String,
}

/// The body of an error response.
#[derive(Serialize)]
struct ErrorBody<'e> {
    error: &'static str,
    error_description: String,
    error_codes: [u32; 1],
    timestamp: String,
    trace_id: &'e str,
    correlation_id: &'e str,
    error_uri: String,
}

impl Correlation {
    /// The response for an error, with the status of its number.
    pub(crate) fn response(&self, error: &EntraError, now: Timestamp) -> Response {
        self.response_with(error.code, error.code.status(), &error.text, now)
    }

    /// The response for an error with another status.
    pub(crate) fn response_with(
        &self,
        code: Aadsts,
        status: u16,
        text: &str,
        now: Timestamp,
    ) -> Response {
        let number = code.number();
        let timestamp = dates::entra(now);
        let body = ErrorBody {
            error: code.error(),
            error_description: format!(
                "AADSTS{number}: {text}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {timestamp}",
                self.trace_id, self.correlation_id
            ),
            error_codes: [number],
            timestamp,
            trace_id: &self.trace_id,
            correlation_id: &self.correlation_id,
            error_uri: format!("{}/error?code={number}", self.base_url),
        };
        self.with_headers(json(status, &body), now)
    }

    /// Adds the headers of every token endpoint response. `now` is the endpoint's own clock.
    pub(crate) fn with_headers(&self, response: Response, now: Timestamp) -> Response {
        let headers = [
            (header::DATE, dates::http_date(now).as_str()),
            (header::CACHE_CONTROL, "no-store, no-cache"),
            (header::PRAGMA, "no-cache"),
            (HeaderName::from_static("x-ms-request-id"), &self.trace_id),
            (HeaderName::from_static("client-request-id"), &self.correlation_id),
        ]
        .map(|(name, value)| (name, value.to_owned()));
        headers
            .into_iter()
            .fold(response, |response, (name, value)| with_header(response, name, &value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use workload_identity_core::json::strict;

    fn correlation() -> Correlation {
        Correlation {
            base_url: "https://localhost:1".to_owned(),
            trace_id: "t".to_owned(),
            correlation_id: "c".to_owned(),
        }
    }

    #[test]
    fn the_response_has_entras_members() {
        let now = Timestamp::from_seconds(1_795_354_145);
        let error = EntraError::new(Aadsts::SubjectMismatch, "No \"match\".");
        let response = correlation().response(&error, now);
        assert_eq!(response.status(), 401);
        assert_eq!(
            strict::parse(response.body()),
            Ok(json!({
                "error": "invalid_client",
                "error_description": "AADSTS700213: No \"match\".\r\nTrace ID: t\r\nCorrelation ID: c\r\nTimestamp: 2026-11-22 13:29:05Z",
                "error_codes": [700_213],
                "timestamp": "2026-11-22 13:29:05Z",
                "trace_id": "t",
                "correlation_id": "c",
                "error_uri": "https://localhost:1/error?code=700213",
            }))
        );
    }

    #[test]
    fn statuses_are_errors() {
        for code in Aadsts::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert_eq!(code.status() == 401, code.error() == "invalid_client", "{code:?}");
        }
    }
}
