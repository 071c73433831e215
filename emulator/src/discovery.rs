//! Entra's metadata: instance discovery, OpenID configuration (v2 and v1), key sets.

use crate::emulator::Emulator;
use crate::entra_error::{Aadsts, Refusal};
use crate::message::{Request, Response};
use workload_identity_core::json::{Members, object};
use workload_identity_core::{Error, Timestamp};

/// Which form of metadata and tokens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

impl Emulator {
    /// The issuer of v2 access tokens.
    #[must_use]
    pub fn access_token_issuer(&self) -> String {
        format!("{}/{}/v2.0", self.settings.base_url, self.settings.tenant_id)
    }

    fn host(&self) -> &str {
        self.settings.base_url.split_once("://").map_or("", |(_, host)| host)
    }

    /// `/{tenant}/v2.0/.well-known/openid-configuration` and the form without `v2.0`.
    pub(crate) fn openid_configuration(
        &mut self,
        tenant: &str,
        version: Version,
        now: Timestamp,
    ) -> Response {
        // `common` and `organizations` describe every tenant: their issuer is a template.
        let issuer_tenant = match tenant {
            "common" | "organizations" => "{tenantid}".to_owned(),
            _ => match self.find_tenant(tenant) {
                Ok(()) => self.settings.tenant_id.clone(),
                Err(refusal) => return self.correlation(None).refuse(&refusal, now),
            },
        };
        let base = &self.settings.base_url;
        let address = format!("{base}/{tenant}");
        let (oauth2, keys, issuer) = match version {
            Version::V2 => (
                format!("{address}/oauth2/v2.0"),
                format!("{address}/discovery/v2.0/keys"),
                format!("{base}/{issuer_tenant}/v2.0"),
            ),
            Version::V1 => (
                format!("{address}/oauth2"),
                format!("{address}/discovery/keys"),
                format!("{base}/{issuer_tenant}/"),
            ),
        };
        Response::json(
            200,
            object(|o| {
                o.text("token_endpoint", &format!("{oauth2}/token"))
                    .texts(
                        "token_endpoint_auth_methods_supported",
                        ["client_secret_post", "private_key_jwt", "client_secret_basic"],
                    )
                    .text("jwks_uri", &keys)
                    .texts("response_modes_supported", ["query", "fragment", "form_post"])
                    .texts("subject_types_supported", ["pairwise"])
                    .texts("id_token_signing_alg_values_supported", ["RS256"])
                    .texts("response_types_supported", ["code", "id_token", "code id_token"])
                    .texts("scopes_supported", ["openid", "profile", "email", "offline_access"])
                    .text("issuer", &issuer)
                    .bool("request_uri_parameter_supported", false)
                    .text("authorization_endpoint", &format!("{oauth2}/authorize"))
                    .text("device_authorization_endpoint", &format!("{oauth2}/devicecode"))
                    .bool("http_logout_supported", true)
                    .bool("frontchannel_logout_supported", true)
                    .text("end_session_endpoint", &format!("{oauth2}/logout"))
                    .texts(
                        "claims_supported",
                        [
                            "sub", "iss", "aud", "exp", "iat", "nbf", "azp", "oid", "tid", "ver",
                            "uti",
                        ],
                    )
                    .raw("tenant_region_scope", "null")
                    .text("cloud_instance_name", self.host())
                    .text("cloud_graph_host_name", self.host())
                    .text("msgraph_host", self.host())
                    .text("rbac_url", base);
            }),
        )
    }

    /// `/{tenant}/discovery/v2.0/keys` and the form without `v2.0`. The v2 form says which issuer each key is for.
    pub(crate) fn entra_key_set(
        &mut self,
        tenant: &str,
        version: Version,
        now: Timestamp,
    ) -> Response {
        if !matches!(tenant, "common" | "organizations")
            && let Err(refusal) = self.find_tenant(tenant)
        {
            return self.correlation(None).refuse(&refusal, now);
        }
        let issuer = self.access_token_issuer();
        let extra = |o: &mut Members<'_>| {
            if version == Version::V2 {
                o.text("issuer", &issuer);
            }
        };
        key_set(self.access_token_keys.document(extra))
    }

    /// `/common/discovery/instance`: the emulator's host is a cloud of its own.
    pub(crate) fn instance_discovery(&mut self, request: &Request, now: Timestamp) -> Response {
        let correlation = self.correlation(None);
        let Some(endpoint) = request.query("authorization_endpoint") else {
            let text =
                "The request must contain the following parameter: 'authorization_endpoint'.";
            return correlation.refuse(&Refusal::new(Aadsts::ParameterMissing, text), now);
        };
        let own = endpoint.strip_prefix(self.settings.base_url.as_str());
        let Some(path) = own.and_then(|rest| rest.strip_prefix('/')) else {
            let text = "Unknown or invalid instance.";
            return correlation.refuse(&Refusal::new(Aadsts::InstanceUnknown, text), now);
        };
        let tenant = path.split('/').next().unwrap_or_default();
        let document =
            format!("{}/{tenant}/v2.0/.well-known/openid-configuration", self.settings.base_url);
        let host = self.host();
        Response::json(
            200,
            object(|o| {
                o.text("tenant_discovery_endpoint", &document).text("api-version", "1.1").objects(
                    "metadata",
                    [host],
                    |host, o| {
                        o.text("preferred_network", host)
                            .text("preferred_cache", host)
                            .texts("aliases", [host]);
                    },
                );
            }),
        )
    }
}

/// The discovery document of a workload issuer.
pub(crate) fn issuer_document(issuer: &str, jwks_uri: &str, claims: &[&str]) -> Response {
    Response::json(
        200,
        object(|o| {
            o.text("issuer", issuer)
                .text("jwks_uri", jwks_uri)
                .texts("subject_types_supported", ["public", "pairwise"])
                .texts("response_types_supported", ["id_token"])
                .texts("claims_supported", claims.iter().copied())
                .texts("id_token_signing_alg_values_supported", ["RS256"])
                .texts("scopes_supported", ["openid"]);
        }),
    )
    .with_header("cache-control", "public, max-age=3600")
}

/// A JWKS document, or the signer's failure.
pub(crate) fn key_set(document: Result<String, Error>) -> Response {
    match document {
        Ok(document) => {
            Response::json(200, document).with_header("cache-control", "public, max-age=3600")
        }
        Err(error) => Response::json(500, error.to_json()),
    }
}
