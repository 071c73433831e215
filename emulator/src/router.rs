//! From path to endpoint.

use crate::calendar;
use crate::discovery::Version;
use crate::emulator::Emulator;
use crate::fault::FaultTarget;
use crate::kubernetes::ServiceAccount;
use crate::message::{Reply, Request, Response};
use workload_identity_core::Timestamp;

const CORS_EXPOSED: &str =
    "client-request-id, date, retry-after, www-authenticate, x-ms-request-id";

impl Emulator {
    /// Answers a request, or asks for a document first.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let reply = if self.settings.cors && request.method == "OPTIONS" {
            Reply::Respond(preflight(request))
        } else {
            self.route(request, now)
        };
        self.complete(reply, now)
    }

    fn route(&mut self, request: &Request, now: Timestamp) -> Reply {
        let path = request.path();
        let segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        Reply::Respond(match segments.as_slice() {
            [tenant, "oauth2", "v2.0", "token"] => {
                return self.token_endpoint(tenant, Version::V2, request, now);
            }
            [tenant, "oauth2", "token"] => {
                return self.token_endpoint(tenant, Version::V1, request, now);
            }
            ["emulator", rest @ ..] => self.control(rest, request),
            ["api", "resource" | "step-up"] => self.protected_api(request, now),
            ["api", "v1", "namespaces", namespace, "serviceaccounts", name, "token"] => {
                let account =
                    ServiceAccount { namespace: (*namespace).to_owned(), name: (*name).to_owned() };
                self.token_request(&account, request, now)
            }
            _ if Self::is_github_request(path) => self.github_request(request, now),
            _ => match self.document(request, now) {
                Some(_) if !matches!(request.method.as_str(), "GET" | "HEAD") => {
                    Response::new(405, "text/plain", "").with_header("allow", "GET, HEAD")
                }
                Some(response) => response,
                None => Response::not_found(),
            },
        })
    }

    /// The documents that anybody may read: discovery and key sets of all issuers.
    pub(crate) fn document(&mut self, request: &Request, now: Timestamp) -> Option<Response> {
        let path = request.path().trim_start_matches('/');
        let segments: Vec<&str> = path.split('/').collect();
        let known = matches!(
            segments.as_slice(),
            ["common", "discovery", "instance"]
                | ["_services", "token", ".well-known", "openid-configuration" | "jwks"]
                | ["oic", "cluster-1", ".well-known", "openid-configuration"]
                | ["oic", "cluster-1", "openid", "v1", "jwks"]
                | [_, "v2.0", ".well-known", "openid-configuration"]
                | [_, ".well-known", "openid-configuration"]
                | [_, "discovery", "v2.0", "keys"]
                | [_, "discovery", "keys"]
        );
        if !known {
            return None;
        }
        let struck = self.faults.strike(FaultTarget::Metadata);
        let correlation = self.correlation(None);
        if let Some(answer) = struck.answer(&correlation, now) {
            return Some(answer);
        }
        let response = match segments.as_slice() {
            ["common", "discovery", "instance"] => self.instance_discovery(request, now),
            ["_services", _, _, "jwks"] => self.github_key_set(),
            ["_services", ..] => self.github_discovery(),
            ["oic", _, "openid", ..] => self.kubernetes_key_set(),
            ["oic", ..] => self.kubernetes_discovery(),
            [tenant, "v2.0", ..] => self.openid_configuration(tenant, Version::V2, now),
            [tenant, ".well-known", _] => self.openid_configuration(tenant, Version::V1, now),
            [tenant, _, "v2.0", _] => self.entra_key_set(tenant, Version::V2, now),
            [tenant, ..] => self.entra_key_set(tenant, Version::V1, now),
            [] => Response::not_found(),
        };
        Some(struck.distort(response))
    }

    /// Adds what every response has.
    pub(crate) fn complete(&self, reply: Reply, now: Timestamp) -> Reply {
        let Reply::Respond(mut response) = reply else { return reply };
        if response.header("date").is_none() {
            response.set_header("date", &calendar::http_date(now));
        }
        if self.settings.cors {
            response.set_header("access-control-allow-origin", "*");
            response.set_header("access-control-expose-headers", CORS_EXPOSED);
        }
        Reply::Respond(response)
    }
}

fn preflight(request: &Request) -> Response {
    let wanted = request.header("access-control-request-headers").unwrap_or("*").to_owned();
    let mut response = Response::new(204, "text/plain", "");
    response.headers.clear();
    response
        .with_header("access-control-allow-methods", "GET, POST, OPTIONS")
        .with_header("access-control-allow-headers", &wanted)
        .with_header("access-control-max-age", "600")
}
