//! From request to reply.

use crate::control;
use crate::dates;
use crate::emulator::Emulator;
use crate::entra::error::{Aadsts, EntraError};
use crate::entra::exchange::{Exchange, Progress};
use crate::entra::issuer_metadata;
use crate::entra::token_endpoint::{self, Form};
use crate::entra::{Version, access_token, discovery};
use crate::faults::FaultTarget;
use crate::inspector_page;
use crate::issuers::kubernetes::ServiceAccount;
use crate::management::{self, Call, Surface};
use crate::origin_check;
use crate::pending::PendingExchange;
use crate::protected_api;
use crate::reply::{
    ExchangeId, Fetched, Reply, Response, UnsignedReply, json, not_found, response, with_header,
};
use crate::request::{self, Request};
use crate::route::{Document, Route};
use http::{HeaderValue, Method, header};
use workload_identity_core::Timestamp;
use workload_identity_core::http::{AddressPolicy, PrivateAddresses};

const CORS_EXPOSED: HeaderValue = HeaderValue::from_static(
    "client-request-id, date, location, request-id, retry-after, www-authenticate, x-ms-request-id",
);

/// The addresses that documents of issuers are fetched from.
const FETCHED: AddressPolicy =
    AddressPolicy { private: PrivateAddresses::Allow, allow_loopback_http: true };

impl Emulator {
    /// Answers a request, or asks for a document first.
    pub fn handle(&mut self, request: &Request, now: Timestamp) -> Reply {
        let is_open =
            !matches!(Route::of(request.uri().path()), Route::Control(_) | Route::Inspector(_));
        let reply = if self.settings.cors && is_open && request.method() == Method::OPTIONS {
            preflight(request).into()
        } else {
            self.route(request, now)
        };
        self.complete(reply, now)
    }

    /// Continues the request that a [`Reply::Fetch`] suspended. The text of an error is shown to the client.
    pub fn fetched(
        &mut self,
        exchange: ExchangeId,
        outcome: Result<Fetched, String>,
        now: Timestamp,
    ) -> Reply {
        let reply = match self.pending.remove(exchange) {
            Some(pending) => self.receive(pending, outcome, now),
            None => {
                let text = "A transient error has occurred. Please try again.";
                let error = EntraError::new(Aadsts::Transient, text);
                self.correlation(None).response(&error, now).into()
            }
        };
        self.complete(reply, now)
    }

    fn route(&mut self, request: &Request, now: Timestamp) -> Reply {
        match Route::of(request.uri().path()) {
            Route::Token { tenant, version } => self.token(tenant, version, request, now),
            Route::Document(document) => match *request.method() {
                Method::GET | Method::HEAD => self.document(document, request, now),
                _ => {
                    let response = response(405, "text/plain", "");
                    with_header(response, header::ALLOW, "GET, HEAD").into()
                }
            },
            Route::GithubToken => self.faulty(FaultTarget::Github, now, |emulator, clock| {
                let job = &emulator.settings.github_job;
                emulator.github.answer(request, job, &mut emulator.ids, clock)
            }),
            Route::ServiceAccountToken { namespace, name } => {
                let account =
                    ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() };
                self.kubernetes.answer(&account, request, &mut self.ids, now).into()
            }
            Route::Platform(platform) => {
                self.faulty(FaultTarget::Platform, now, |emulator, clock| {
                    (platform.answer)(&mut emulator.workbench(clock), request).into()
                })
            }
            Route::ProtectedApi { step_up } => {
                self.faulty(FaultTarget::Api, now, |emulator, clock| {
                    let keys = &emulator.access_token_keys;
                    protected_api::answer(&emulator.settings, keys, request, step_up, clock).into()
                })
            }
            Route::Management { surface, path } => self.manage(surface, path, request, now),
            Route::Control(path) => self.control(path, request, now),
            Route::Inspector(file) => self.inspector(file, request),
            Route::Unknown => not_found().into(),
        }
    }

    /// Control paths, for programs on this machine and for the emulator's own page.
    fn control(&mut self, path: &str, request: &Request, now: Timestamp) -> Reply {
        if let Err(reason) = origin_check::check(request, &self.settings.base_url) {
            return inspector_page::protected(control::forbidden(reason)).into();
        }
        if path == "events" {
            let (head, after) = control::event_stream(request);
            let head = inspector_page::protected(head);
            match *request.method() {
                Method::GET => return Reply::Stream { head, after },
                Method::HEAD => return head.into(),
                _ => {}
            }
        }
        inspector_page::protected(control::answer(self, path, request, now)).into()
    }

    /// The files of the inspector.
    fn inspector(&self, file: &str, request: &Request) -> Reply {
        let response = match origin_check::check(request, &self.settings.base_url) {
            Err(reason) => control::forbidden(reason),
            Ok(()) if !matches!(*request.method(), Method::GET | Method::HEAD) => {
                with_header(response(405, "text/plain", ""), header::ALLOW, "GET, HEAD")
            }
            Ok(()) => inspector_page::file(file).unwrap_or_else(not_found),
        };
        inspector_page::protected(response).into()
    }

    /// Answers under the faults of an endpoint. `answer` gets the endpoint's clock.
    fn faulty(
        &mut self,
        target: FaultTarget,
        now: Timestamp,
        answer: impl FnOnce(&mut Self, Timestamp) -> Reply,
    ) -> Reply {
        let faults = self.faults.apply(target);
        let clock = faults.clock(now);
        let correlation = self.correlation(None);
        match faults.replacement(&correlation, clock) {
            Some(reply) => reply,
            None => answer(self, clock).map(move |response| faults.change(response)),
        }
    }

    fn manage(&mut self, surface: Surface, path: &str, request: &Request, now: Timestamp) -> Reply {
        let faults = self.faults.apply(surface.fault_target());
        let clock = faults.clock(now);
        let correlation = self.correlation(surface.requested_id(request));
        let error = |status| management::faulty(surface, status, &correlation, clock);
        if let Some(reply) = faults.replacement_with(&self.settings.base_url, error) {
            return reply;
        }
        let mut call = Call {
            settings: &self.settings,
            keys: &self.access_token_keys,
            directory: &mut self.directory,
            ids: &mut self.ids,
            faults: &faults,
            request,
            path,
            now: clock,
        };
        let response = management::answer(surface, &mut call, &correlation);
        faults.change(response)
    }

    /// Discovery documents and key sets. Faults do not move their clock.
    fn document(&mut self, document: Document<'_>, request: &Request, now: Timestamp) -> Reply {
        let faults = self.faults.apply(FaultTarget::Metadata);
        let correlation = self.correlation(None);
        if let Some(reply) = faults.replacement(&correlation, now) {
            return reply;
        }
        if let Document::PlatformDiscovery(name) = document {
            return faults.change(self.workbench(now).discovery_document(name));
        }
        let settings = &self.settings;
        let response = match document {
            Document::Instance => discovery::instance(settings, request),
            Document::OpenidConfiguration { tenant, version } => {
                discovery::openid_configuration(settings, tenant, version)
            }
            Document::EntraKeys { tenant, version } => {
                discovery::key_set(settings, &self.access_token_keys, tenant, version)
            }
            Document::GithubDiscovery => Ok(self.github.discovery_document()),
            Document::GithubKeys => Ok(self.github.key_set()),
            Document::KubernetesDiscovery => Ok(self.kubernetes.discovery_document()),
            Document::KubernetesKeys => Ok(self.kubernetes.key_set()),
            Document::PlatformDiscovery(_) | Document::PlatformKeys => {
                Ok(self.workbench(now).key_set())
            }
        };
        faults.change(response.unwrap_or_else(|error| correlation.response(&error, now)))
    }

    fn token(
        &mut self,
        tenant: &str,
        version: Version,
        request: &Request,
        now: Timestamp,
    ) -> Reply {
        let fields = request::form_fields(request);
        if request.method() == Method::POST {
            self.token_requests.record(request, &fields);
        }
        self.events.see_credentials(&self.directory, now);
        let form = Form(&fields);
        let faults = self.faults.apply(FaultTarget::Token);
        let correlation_id = request::header(request, "client-request-id");
        let correlation =
            self.correlation(correlation_id.or_else(|| form.get("client-request-id")));
        let clock = faults.clock(now);
        if let Some(reply) = faults.replacement(&correlation, clock) {
            return reply;
        }
        let method = request.method();
        let accepted = token_endpoint::accept(
            &self.settings,
            &self.directory,
            tenant,
            version,
            method,
            &form,
            now,
        );
        match accepted {
            Ok(accepted) => {
                let exchange = Exchange::new(accepted);
                self.resume(PendingExchange { exchange, correlation, faults }, now)
            }
            Err(error) => faults.change(correlation.response(&error, clock)),
        }
    }

    /// Verifies the assertion and issues a token, or fetches the issuer's metadata first.
    fn resume(&mut self, mut pending: PendingExchange, now: Timestamp) -> Reply {
        let clock = pending.faults.clock(now);
        match pending.exchange.verify(&self.settings, &self.issuer_keys, clock, now) {
            Ok(Progress::Verified) => self.grant(pending, clock),
            Ok(Progress::Fetch(document)) => self.fetch(pending, &document, now),
            Err(error) => pending.refuse(&error, now),
        }
    }

    /// Fetches a document: from the emulator itself, or by the host.
    fn fetch(
        &mut self,
        pending: PendingExchange,
        document: &issuer_metadata::Document,
        now: Timestamp,
    ) -> Reply {
        let issuer = &pending.exchange.request.issuer;
        let url = document.url(issuer);
        if let Some(path) = url.strip_prefix(self.settings.base_url.as_str())
            && path.starts_with('/')
        {
            let fetched = self.own_document(path, now);
            return self.receive(pending, fetched, now);
        }
        if let Err(reason) = FETCHED.check(&url) {
            let error = document.unreachable(issuer, &format!("the address {reason}"));
            return pending.refuse(&error, now);
        }
        Reply::Fetch { exchange: self.pending.insert(pending), url, accept: document.accept() }
    }

    fn own_document(&mut self, path: &str, now: Timestamp) -> Result<Fetched, String> {
        let request =
            http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
        let reply = match Route::of(request.uri().path()) {
            Route::Document(document) => self.document(document, &request, now),
            _ => not_found().into(),
        };
        match reply {
            Reply::Respond { response, .. } => {
                let status = response.status().as_u16();
                Ok(Fetched { status, body: response.into_body() })
            }
            Reply::Reset { .. } | Reply::Sign(_) | Reply::Fetch { .. } | Reply::Stream { .. } => {
                Err("connection reset".to_owned())
            }
        }
    }

    fn receive(
        &mut self,
        mut pending: PendingExchange,
        outcome: Result<Fetched, String>,
        now: Timestamp,
    ) -> Reply {
        match pending.exchange.receive(outcome, &mut self.issuer_keys, now) {
            Ok(Some(document)) => self.fetch(pending, &document, now),
            Ok(None) => self.resume(pending, now),
            Err(error) => pending.refuse(&error, now),
        }
    }

    fn grant(&mut self, pending: PendingExchange, clock: Timestamp) -> Reply {
        let PendingExchange { exchange: Exchange { request, .. }, correlation, faults } = pending;
        let grant = access_token::Grant {
            client: &request.client,
            version: request.version,
            resource: &request.resource,
            requested: &request.requested,
            uti: &self.ids.short(),
        };
        let (token, mut body) =
            access_token::issue(&self.settings, &self.access_token_keys, &grant, clock);
        if let Some(token_type) = faults.token_type() {
            body.set_token_type(token_type);
        }
        if let Some(expires_in) = faults.expires_in() {
            body.set_expires_in(expires_in);
        }
        Reply::Sign(UnsignedReply::new(token, move |signed| {
            faults.change(match signed {
                Ok(token) => {
                    correlation.with_headers(json(200, &body.with_access_token(token)), clock)
                }
                Err(error) => {
                    correlation.response_with(Aadsts::Transient, 500, &error.to_string(), clock)
                }
            })
        }))
    }

    fn complete(&self, reply: Reply, now: Timestamp) -> Reply {
        let cors = self.settings.cors;
        match reply {
            Reply::Sign(unsigned) => {
                Reply::Sign(unsigned.then(move |reply| completed(reply, cors, now)))
            }
            reply => completed(reply, cors, now),
        }
    }
}

/// Adds the headers of every response.
fn completed(reply: Reply, cors: bool, now: Timestamp) -> Reply {
    let Reply::Respond { mut response, delay } = reply else { return reply };
    if !response.headers().contains_key(header::DATE) {
        response = with_header(response, header::DATE, &dates::http_date(now));
    }
    if cors && !inspector_page::is_protected(&response) {
        let headers = response.headers_mut();
        let any = HeaderValue::from_static("*");
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, CORS_EXPOSED);
    }
    Reply::Respond { response, delay }
}

/// The response to a CORS preflight request.
fn preflight(request: &Request) -> Response {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    let requested = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        requested.unwrap_or(HeaderValue::from_static("*")),
    );
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    response
}
