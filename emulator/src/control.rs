//! Paths below `/emulator`: what tests in any language use to look at the emulator and to change it.

use crate::credential::Credential;
use crate::emulator::{Emulator, Rotation};
use crate::fault::Fault;
use crate::message::{Request, Response};
use workload_identity_core::json::object;

/// Method, path and meaning of the control paths, for `--help`.
pub const CONTROL_PATHS: &[(&str, &str, &str)] = &[
    ("GET", "/emulator/token-requests", "how many token requests came in: {\"token_requests\":N}"),
    ("GET", "/emulator/token-requests/last", "the last ones with headers and decoded fields"),
    ("DELETE", "/emulator/token-requests", "start counting again"),
    ("POST", "/emulator/faults", "add the faults of the body, one a line"),
    ("DELETE", "/emulator/faults", "remove all faults"),
    ("POST", "/emulator/rotate", "new workload key; ?key=access_token, ?withdraw=true"),
    ("GET", "/emulator/credentials", "the trusted credentials"),
    ("POST", "/emulator/credentials", "trust one more: form with issuer, subject, audience"),
    ("DELETE", "/emulator/credentials", "form with issuer, subject"),
    ("DELETE", "/emulator/metadata", "forget the issuers' cached keys"),
    ("GET", "/emulator/facts", "what `wif emulator --json` prints"),
];

impl Emulator {
    pub(crate) fn control(&mut self, path: &[&str], request: &Request) -> Response {
        match (request.method.as_str(), path) {
            ("GET", ["token-requests"]) => {
                Response::json(200, self.token_requests.count_document())
            }
            ("GET", ["token-requests", "last"]) => {
                Response::json(200, self.token_requests.document())
            }
            ("DELETE", ["token-requests"]) => {
                self.token_requests.reset();
                done()
            }
            ("POST", ["faults"]) => self.add_faults(request),
            ("DELETE", ["faults"]) => {
                self.clear_faults();
                done()
            }
            ("POST", ["rotate"]) => self.rotate_on_request(request),
            ("GET", ["credentials"]) => Response::json(200, self.credentials_document()),
            ("POST", ["credentials"]) => self.trust_on_request(request),
            ("DELETE", ["credentials"]) => self.distrust_on_request(request),
            ("DELETE", ["metadata"]) => {
                self.forget_metadata();
                done()
            }
            ("GET", ["facts"]) => Response::json(200, self.facts().to_json(None)),
            _ => Response::not_found(),
        }
    }

    fn add_faults(&mut self, request: &Request) -> Response {
        let text = String::from_utf8_lossy(&request.body);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        match lines.map(str::parse).collect::<Result<Vec<Fault>, _>>() {
            Ok(faults) => {
                for fault in faults {
                    self.fault(fault);
                }
                done()
            }
            Err(error) => refused(&error.to_string()),
        }
    }

    fn rotate_on_request(&mut self, request: &Request) -> Response {
        let rotation = match request.query("key").as_deref() {
            None | Some("workload") => Rotation::Workload,
            Some("access_token") => Rotation::AccessToken,
            Some(_) => return refused("`key` is `workload` or `access_token`"),
        };
        let withdraw = request.query("withdraw").is_some_and(|value| value == "true");
        match self.rotate(rotation, withdraw) {
            Ok(()) => done(),
            Err(error) => Response::json(500, error.to_json()),
        }
    }

    fn credentials_document(&self) -> String {
        object(|o| {
            o.objects("credentials", self.credentials(), |credential, o| {
                o.text("issuer", &credential.issuer)
                    .text("subject", &credential.subject)
                    .text("audience", &credential.audience);
            });
        })
    }

    fn trust_on_request(&mut self, request: &Request) -> Response {
        let field = form(request);
        let audience = field("audience").unwrap_or_else(|| self.settings.audience.clone());
        let credential = Credential {
            issuer: field("issuer").unwrap_or_default(),
            subject: field("subject").unwrap_or_default(),
            audience,
        };
        match self.trust(credential) {
            Ok(()) => done(),
            Err(error) => refused(&error.to_string()),
        }
    }

    fn distrust_on_request(&mut self, request: &Request) -> Response {
        let field = form(request);
        let issuer = field("issuer").unwrap_or_default();
        if self.distrust(&issuer, &field("subject").unwrap_or_default()) {
            done()
        } else {
            refused("there is no such credential")
        }
    }
}

fn form(request: &Request) -> impl Fn(&str) -> Option<String> + use<> {
    let fields = request.form_fields();
    move |name| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
}

fn done() -> Response {
    Response::json(200, "{}".to_owned())
}

fn refused(why: &str) -> Response {
    Response::json(
        400,
        object(|o| {
            o.text("error", why);
        }),
    )
}
