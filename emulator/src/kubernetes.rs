//! The Kubernetes-style issuer: projected service account tokens, TokenRequest, discovery, keys.
//!
//! Shapes as in Kubernetes' TokenRequest API and as observed from kube-apiserver 1.36: no `typ`, `aud` always a
//! list, `kid` the digest of the key. Like AKS, the issuer ends with a slash, and the slash counts.

use crate::calendar;
use crate::discovery;
use crate::emulator::Emulator;
use crate::message::{Request, Response};
use workload_identity_core::json::{Json, object, parse};
use workload_identity_core::{Error, Timestamp};

pub(crate) const CLUSTER_PATH: &str = "/oic/cluster-1/";
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

impl Emulator {
    /// The Kubernetes-style issuer's identifier, with its trailing slash.
    #[must_use]
    pub fn kubernetes_issuer(&self) -> String {
        format!("{}{CLUSTER_PATH}", self.settings.base_url)
    }

    /// A projected service account token, as kubelet writes it into a pod's file.
    ///
    /// # Errors
    /// What the signer reports.
    pub fn service_account_token(
        &mut self,
        account: &ServiceAccount,
        audiences: &[&str],
        life_seconds: i64,
        now: Timestamp,
    ) -> Result<String, Error> {
        let issuer = self.kubernetes_issuer();
        let (jti, pod_uid, node_uid) = (self.ids.uuid(), self.ids.uuid(), self.ids.uuid());
        let claims = object(|o| {
            o.texts("aud", audiences.iter().copied())
                .integer("exp", now.seconds() + life_seconds)
                .integer("iat", now.seconds())
                .text("iss", &issuer)
                .text("jti", &jti)
                .object("kubernetes.io", |o| {
                    o.text("namespace", &account.namespace)
                        .object("node", |o| {
                            o.text("name", "node-1").text("uid", &node_uid);
                        })
                        .object("pod", |o| {
                            o.text("name", &format!("{}-0", account.name)).text("uid", &pod_uid);
                        })
                        .object("serviceaccount", |o| {
                            o.text("name", &account.name)
                                .text("uid", "0b6d2f7a-93c8-4e15-a7d0-58f1c3e964b2");
                        });
                })
                .integer("nbf", now.seconds())
                .text("sub", &account.subject());
        });
        self.kubernetes_keys.current().sign(None, &claims)
    }

    /// `POST /api/v1/namespaces/{namespace}/serviceaccounts/{name}/token`
    pub(crate) fn token_request(
        &mut self,
        account: &ServiceAccount,
        request: &Request,
        now: Timestamp,
    ) -> Response {
        if request.method != "POST" {
            return status(405, "MethodNotAllowed", "only POST is supported here");
        }
        let Ok(document) = parse(&request.body) else {
            return status(400, "BadRequest", "the request body is not JSON");
        };
        let spec = document.member("spec");
        let audiences: Vec<&str> = spec
            .and_then(|spec| spec.member("audiences"))
            .and_then(Json::as_list)
            .map(|items| items.iter().filter_map(Json::as_text).collect())
            .unwrap_or_default();
        let own_audience = self.kubernetes_issuer();
        let audiences = if audiences.is_empty() { vec![own_audience.as_str()] } else { audiences };
        let seconds = spec
            .and_then(|spec| spec.member("expirationSeconds"))
            .and_then(Json::as_integer)
            .unwrap_or(DEFAULT_SECONDS);
        if seconds < MIN_SECONDS {
            return status(
                422,
                "Invalid",
                "spec.expirationSeconds: Invalid value: may not specify a duration less than 10 minutes",
            );
        }
        let seconds = seconds.min(MAX_SECONDS);
        let expires = calendar::rfc3339(now.plus_seconds(seconds));
        match self.service_account_token(account, &audiences, seconds, now) {
            Ok(token) => Response::json(
                201,
                object(|o| {
                    o.text("kind", "TokenRequest")
                        .text("apiVersion", "authentication.k8s.io/v1")
                        .object("spec", |o| {
                            o.texts("audiences", audiences.iter().copied())
                                .integer("expirationSeconds", seconds);
                        })
                        .object("status", |o| {
                            o.text("token", &token).text("expirationTimestamp", &expires);
                        });
                }),
            ),
            Err(error) => status(500, "InternalError", &error.to_string()),
        }
    }

    pub(crate) fn kubernetes_discovery(&self) -> Response {
        let issuer = self.kubernetes_issuer();
        let keys = format!("{issuer}openid/v1/jwks");
        discovery::issuer_document(&issuer, &keys, &["sub", "iss", "aud", "exp", "iat", "nbf"])
    }

    pub(crate) fn kubernetes_key_set(&self) -> Response {
        discovery::key_set(self.kubernetes_keys.document(|_| {}))
            .with_header("content-type", "application/jwk-set+json")
    }
}

fn status(code: u16, reason: &str, text: &str) -> Response {
    Response::json(
        code,
        object(|o| {
            o.text("kind", "Status")
                .text("apiVersion", "v1")
                .text("status", "Failure")
                .text("message", text)
                .text("reason", reason)
                .integer("code", i64::from(code));
        }),
    )
}
