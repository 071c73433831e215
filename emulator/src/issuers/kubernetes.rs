//! The Kubernetes-style issuer: projected service account tokens, TokenRequest, discovery document, keys.
//!
//! Formats follow Kubernetes' TokenRequest API and kube-apiserver 1.36: no `typ`, `aud` always a list, `kid` the digest
//! of the key. As in AKS, the issuer ends with a slash, which is part of the identifier.

use super::discovery;
use crate::dates;
use crate::identifiers::Identifiers;
use crate::key_ring::{KeyNaming, KeyRing};
use crate::reply::{Response, json, with_header};
use crate::request::Request;
use http::{Method, header};
use serde_json::{Value, json};
use std::sync::Arc;
use workload_identity_core::crypto::Signer;
use workload_identity_core::json::strict;
use workload_identity_core::{Error, Timestamp};

const CLUSTER_PATH: &str = "/oic/cluster-1/";
const DEFAULT_SECONDS: i64 = 3600;
const MIN_SECONDS: i64 = 600;
const MAX_SECONDS: i64 = 86_400;

/// A service account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl Default for ServiceAccount {
    fn default() -> Self {
        Self { namespace: "default".to_owned(), name: "workload".to_owned() }
    }
}

impl ServiceAccount {
    /// The token's `sub`.
    ///
    /// ```
    /// use workload_identity_emulator::ServiceAccount;
    /// assert_eq!(ServiceAccount::default().subject(), "system:serviceaccount:default:workload");
    /// ```
    #[must_use]
    pub fn subject(&self) -> String {
        format!("system:serviceaccount:{}:{}", self.namespace, self.name)
    }
}

/// The issuer: its address and its keys.
pub(crate) struct KubernetesIssuer {
    base_url: String,
    pub(crate) keys: KeyRing,
}

impl KubernetesIssuer {
    pub(crate) fn new(base_url: &str, signer: &Arc<dyn Signer>) -> Result<Self, Error> {
        let keys = KeyRing::new(signer, KeyNaming::Kubernetes)?;
        Ok(Self { base_url: base_url.to_owned(), keys })
    }

    /// The issuer's identifier, with its trailing slash.
    pub(crate) fn issuer(&self) -> String {
        format!("{}{CLUSTER_PATH}", self.base_url)
    }

    /// A projected service account token.
    pub(crate) fn token(
        &self,
        account: &ServiceAccount,
        audiences: &[&str],
        life_seconds: i64,
        ids: &mut Identifiers,
        now: Timestamp,
    ) -> Result<String, Error> {
        let claims = json!({
            "aud": audiences,
            "exp": now.seconds() + life_seconds,
            "iat": now.seconds(),
            "iss": self.issuer(),
            "jti": ids.uuid(),
            "kubernetes.io": {
                "namespace": account.namespace,
                "node": { "name": "node-1", "uid": ids.uuid() },
                "pod": { "name": format!("{}-0", account.name), "uid": ids.uuid() },
                "serviceaccount": {
                    "name": account.name,
                    "uid": "0b6d2f7a-93c8-4e15-a7d0-58f1c3e964b2",
                },
            },
            "nbf": now.seconds(),
            "sub": account.subject(),
        });
        self.keys.current().sign(None, &claims)
    }

    /// `POST /api/v1/namespaces/{namespace}/serviceaccounts/{name}/token`
    pub(crate) fn answer(
        &self,
        account: &ServiceAccount,
        request: &Request,
        ids: &mut Identifiers,
        now: Timestamp,
    ) -> Response {
        if request.method() != Method::POST {
            return status(405, "MethodNotAllowed", "only POST is supported here");
        }
        let Ok(document) = strict::parse(request.body()) else {
            return status(400, "BadRequest", "the request body is not JSON");
        };
        let spec = &document["spec"];
        let requested: Vec<&str> =
            spec["audiences"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let own_audience = self.issuer();
        let audiences = if requested.is_empty() { vec![own_audience.as_str()] } else { requested };
        let seconds = spec["expirationSeconds"].as_i64().unwrap_or(DEFAULT_SECONDS);
        if seconds < MIN_SECONDS {
            return status(
                422,
                "Invalid",
                "spec.expirationSeconds: Invalid value: may not specify a duration less than 10 minutes",
            );
        }
        let seconds = seconds.min(MAX_SECONDS);
        match self.token(account, &audiences, seconds, ids, now) {
            Ok(token) => json(
                201,
                &json!({
                    "kind": "TokenRequest",
                    "apiVersion": "authentication.k8s.io/v1",
                    "spec": { "audiences": audiences, "expirationSeconds": seconds },
                    "status": {
                        "token": token,
                        "expirationTimestamp": dates::rfc3339(now.plus_seconds(seconds)),
                    },
                }),
            ),
            Err(error) => status(500, "InternalError", &error.to_string()),
        }
    }

    pub(crate) fn discovery_document(&self) -> Response {
        let issuer = self.issuer();
        let keys = format!("{issuer}openid/v1/jwks");
        discovery::document(&issuer, &keys, &["sub", "iss", "aud", "exp", "iat", "nbf"])
    }

    pub(crate) fn key_set(&self) -> Response {
        let response = discovery::key_set(&self.keys);
        with_header(response, header::CONTENT_TYPE, "application/jwk-set+json")
    }
}

pub(crate) fn status(code: u16, reason: &str, text: &str) -> Response {
    json(
        code,
        &json!({
            "kind": "Status",
            "apiVersion": "v1",
            "status": "Failure",
            "message": text,
            "reason": reason,
            "code": code,
        }),
    )
}
