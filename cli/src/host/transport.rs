//! HTTP for the core: one request, one outcome. Every status is a response, and redirects are not followed.

use super::roots;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use ureq::config::Config;
use ureq::http::{self, Uri};
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};
use workload_identity_core::http::{Headers, HttpRequest, HttpResponse, Url};
use workload_identity_core::{Failure, Outcome};

/// A pool of connections. Cheap to share between threads; nothing is opened or read before the first request.
pub(crate) struct Transport {
    ca_file: Option<PathBuf>,
    plain: Agent,
    secure: OnceLock<Result<Agent, String>>,
}

impl Transport {
    /// `ca_file` holds certificate authorities (PEM) to trust beside the machine's own.
    pub(crate) fn new(ca_file: Option<PathBuf>) -> Self {
        Self { ca_file, plain: agent(None), secure: OnceLock::new() }
    }

    /// Sends the request and waits for the whole answer.
    pub(crate) fn send(&self, request: &HttpRequest) -> Outcome {
        match self.exchange(request) {
            Ok(response) => Outcome::Http(response),
            Err((failure, detail)) => Outcome::Failed { failure, detail },
        }
    }

    fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, (Failure, String)> {
        let agent = self.agent_for(&request.url)?;
        let mut message = http::Request::builder().method(request.method.name()).uri(&request.url);
        for (name, value) in &request.headers {
            message = message.header(*name, value);
        }
        let answer = match request.body.as_str() {
            "" => message
                .body(())
                .map_err(Error::from)
                .and_then(|message| agent.run(configured(agent, message, request))),
            body => message
                .body(body.to_owned())
                .map_err(Error::from)
                .and_then(|message| agent.run(configured(agent, message, request))),
        };
        let mut answer = answer.map_err(|error| name_failure(&error))?;
        let headers = answer.headers().iter().map(|(name, value)| {
            (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let headers = Headers::from_pairs(headers);
        let mut body = Vec::new();
        // One byte more than allowed lets the core detect a longer body.
        answer
            .body_mut()
            .as_reader()
            .take(u64::from(request.max_bytes) + 1)
            .read_to_end(&mut body)
            .map_err(|error| name_failure(&Error::from(error)))?;
        Ok(HttpResponse { status: answer.status().as_u16(), headers, body })
    }

    fn agent_for(&self, url: &str) -> Result<&Agent, (Failure, String)> {
        if url.starts_with("http://") {
            return Ok(&self.plain);
        }
        let secure = self.secure.get_or_init(|| {
            let roots = roots::load(self.ca_file.as_deref())?;
            let crypto = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
            let tls = TlsConfig::builder()
                .unversioned_rustls_crypto_provider(crypto)
                .root_certs(roots)
                .build();
            Ok(agent(Some(tls)))
        });
        secure.as_ref().map_err(|detail| (Failure::Tls, detail.clone()))
    }
}

fn agent(tls: Option<TlsConfig>) -> Agent {
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .accept_encoding("")
        .accept("")
        .user_agent(concat!("wif/", env!("CARGO_PKG_VERSION")));
    if let Some(tls) = tls {
        config = config.tls_config(tls);
    }
    Agent::with_parts(config.build(), DefaultConnector::default(), Names::default())
}

/// Sets the limits of one request. Requests to loopback never use a proxy.
fn configured<B: ureq::AsSendBody>(
    agent: &Agent,
    message: http::Request<B>,
    request: &HttpRequest,
) -> http::Request<B> {
    let config = agent
        .configure_request(message)
        .timeout_global(Some(Duration::from_millis(u64::from(request.timeout_ms))));
    match Url::parse(&request.url) {
        Ok(url) if is_loopback(url.host()) => config.proxy(None).build(),
        _ => config.build(),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

/// The core's kind of a failure, and a detail that repeats no part of the request.
fn name_failure(error: &Error) -> (Failure, String) {
    let failure = match error {
        Error::Timeout(_) => Failure::Timeout,
        Error::HostNotFound => Failure::Dns,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) | Error::TlsRequired => Failure::Tls,
        Error::ConnectionFailed | Error::ConnectProxyFailed(_) => Failure::Refused,
        Error::Io(error) => io_failure(error),
        _ => Failure::Other,
    };
    let detail = match error {
        Error::BadUri(_) | Error::Http(_) => "the request could not be built".to_owned(),
        other => other.to_string(),
    };
    (failure, detail)
}

fn io_failure(error: &io::Error) -> Failure {
    // rustls reports a certificate it refuses as an i/o error with its own error inside.
    if error.get_ref().is_some_and(|inner| inner.is::<tokio_rustls::rustls::Error>()) {
        return Failure::Tls;
    }
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Failure::Timeout,
        io::ErrorKind::ConnectionRefused
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::NotConnected
        | io::ErrorKind::UnexpectedEof => Failure::Refused,
        _ => Failure::Other,
    }
}

/// The operating system's resolver. Its errors have no kind of their own in the standard library.
#[derive(Debug, Default)]
struct Names(DefaultResolver);

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.0.resolve(uri, config, timeout).map_err(|error| match error {
            ureq::Error::Io(_) => ureq::Error::HostNotFound,
            other => other,
        })
    }
}
