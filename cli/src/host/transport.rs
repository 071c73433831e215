//! HTTP for the core: one request, one outcome. Every status is a response, and redirects are not followed.

use super::content_coding;
use super::proxies::Proxies;
use super::roots;
use super::server_tls::ServerTls;
#[cfg(unix)]
use super::unix_socket::UnixConnector;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use tokio_rustls::rustls::pki_types::ServerName;
use ureq::config::Config;
use ureq::http::{self, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    ConnectProxyConnector, Connector, DefaultConnector, NextTimeout, RustlsConnector, TcpConnector,
};
use ureq::{Agent, Error, Proxy, ProxyProtocol};
use workload_identity_core::http::{Connection, Headers, HttpRequest, HttpResponse, Method};
use workload_identity_core::{Code, Error as CoreError, Failure, Outcome};

/// How much longer than its time limit a request is waited for. Its own error says in which phase it was.
const GRACE: Duration = Duration::from_millis(50);

/// The core's kind of a failure, and a detail that repeats no part of the request.
type Failed = (Failure, String);

/// Sends requests. Cheap to share between threads; nothing is opened or read before the first request.
pub(crate) struct Transport {
    ca_file: Option<PathBuf>,
    proxies: Proxies,
    tls: OnceLock<Result<TlsConfig, String>>,
}

impl Transport {
    /// `ca_file` holds certificate authorities (PEM) to trust beside the machine's own. Proxies are those of the environment.
    pub(crate) fn new(ca_file: Option<PathBuf>) -> Self {
        Self::with_proxies(ca_file, Proxies::from_environment())
    }

    /// As [`Self::new`]. The file is read at once, so that what is wrong with it is not taken for a fault of a server.
    ///
    /// # Errors
    /// `config_invalid` names the option, the file and what is wrong.
    pub(crate) fn trusting(ca_file: Option<PathBuf>) -> Result<Self, CoreError> {
        if let Some(path) = &ca_file {
            roots::read(path).map_err(|fault| {
                CoreError::new(Code::ConfigInvalid, format!("`--ca-file`: {fault}"))
            })?;
        }
        Ok(Self::new(ca_file))
    }

    pub(super) fn with_proxies(ca_file: Option<PathBuf>, proxies: Proxies) -> Self {
        Self { ca_file, proxies, tls: OnceLock::new() }
    }

    /// Sends the request and waits for the whole answer, at most as long as the request says.
    pub(crate) fn send(&self, request: &HttpRequest) -> Outcome {
        match self.exchange(request) {
            Ok(response) => Outcome::Http(response),
            Err((failure, detail)) => Outcome::Failed { failure, detail },
        }
    }

    fn exchange(&self, request: &HttpRequest) -> Result<HttpResponse, Failed> {
        let start = Instant::now();
        let url: Uri = request.url.parse().map_err(|_| not_built())?;
        let connection = &request.connection;
        let is_direct = connection.direct || connection.unix_socket.is_some();
        let proxy = match is_direct {
            true => None,
            false => self.proxies.proxy_for(&url).map_err(|detail| (Failure::Other, detail))?,
        };
        let agent = self.agent(&url, proxy.as_ref().map(|(proxy, _)| proxy), connection)?;
        let limit = Duration::from_millis(u64::from(request.timeout_ms));
        let limit = limit.saturating_sub(start.elapsed());
        let (sender, receiver) = mpsc::sync_channel(1);
        let (worker, request) = (agent.clone(), request.clone());
        // On a thread of its own, because in some phases each byte that arrives restarts the time.
        thread::Builder::new()
            .spawn(move || sender.send(run(&worker, &request, limit)))
            .map_err(|error| (Failure::Other, format!("no thread for the request: {error}")))?;
        match receiver.recv_timeout(limit + GRACE) {
            Ok(outcome) => {
                outcome.map_err(|failed| with_proxy(failed, proxy.map(|(_, name)| name)))
            }
            Err(_) => {
                // Closes the request's sockets, which ends the thread.
                agent.shutdown();
                Err((Failure::Timeout, "no complete answer in time".to_owned()))
            }
        }
    }

    /// An agent for one request, so that closing its sockets disturbs no other request.
    fn agent(
        &self,
        url: &Uri,
        proxy: Option<&Proxy>,
        connection: &Connection,
    ) -> Result<Agent, Failed> {
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .accept("")
            .user_agent(concat!("wif/", env!("CARGO_PKG_VERSION")))
            .proxy(proxy.cloned());
        let secure_proxy = proxy.is_some_and(|proxy| proxy.protocol() == ProxyProtocol::Https);
        let server_tls = self.server_tls(url, connection)?;
        if secure_proxy || (server_tls.is_none() && url.scheme_str() != Some("http")) {
            config = config.tls_config(self.tls()?.clone());
        }
        let config = config.build();
        if let Some(path) = &connection.unix_socket {
            return over_unix_socket(config, path, server_tls);
        }
        let Some(server_tls) = server_tls else {
            return Ok(Agent::with_parts(config, DefaultConnector::default(), Names::default()));
        };
        let connector =
            ().chain(ConnectProxyConnector::default())
                .chain(TcpConnector::default())
                .chain(server_tls)
                .chain(RustlsConnector::default());
        Ok(Agent::with_parts(config, connector, Names::default()))
    }

    /// TLS to a server that has an authority, a name or a pinned certificate of its own.
    fn server_tls(&self, url: &Uri, connection: &Connection) -> Result<Option<ServerTls>, Failed> {
        let Connection { ca, server_name, certificate_sha1, .. } = connection;
        if ca.is_none() && server_name.is_none() && certificate_sha1.is_none() {
            return Ok(None);
        }
        let server = url.authority().ok_or_else(not_built)?.clone();
        let host = server.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = server_name.clone().unwrap_or(host);
        let name = ServerName::try_from(name).map_err(|_| not_built())?;
        let tls = match (certificate_sha1, ca) {
            (Some(thumbprint), _) => ServerTls::pinning(thumbprint, name, server),
            (None, ca) => {
                let authorities = match ca {
                    Some(ca) => roots::parse(ca),
                    None => roots::load(self.ca_file.as_deref()),
                };
                let authorities = authorities.map_err(|detail| (Failure::Tls, detail))?;
                ServerTls::trusting(&authorities, name, server)
            }
        };
        tls.map(Some).map_err(|error| (Failure::Tls, error.to_string()))
    }

    /// Reads the certificate authorities once.
    pub(super) fn tls(&self) -> Result<&TlsConfig, Failed> {
        let loaded = self.tls.get_or_init(|| {
            let roots = roots::load(self.ca_file.as_deref())?;
            let crypto = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
            Ok(TlsConfig::builder()
                .unversioned_rustls_crypto_provider(crypto)
                .root_certs(RootCerts::new_with_certs(&roots))
                .build())
        });
        loaded.as_ref().map_err(|detail| (Failure::Tls, detail.clone()))
    }
}

/// Sends a request and reads its answer.
fn run(agent: &Agent, request: &HttpRequest, limit: Duration) -> Result<HttpResponse, Failed> {
    let mut message = http::Request::builder().method(request.method.name()).uri(&request.url);
    for (name, value) in &request.headers {
        message = message.header(name, value);
    }
    // A body, even an empty one, has a length. A request without one must not have it.
    let answer = match request.method {
        Method::Get | Method::Delete if request.body.is_empty() => message
            .body(())
            .map_err(Error::from)
            .and_then(|message| agent.run(limited(agent, message, limit))),
        _ => message
            .body(request.body.clone())
            .map_err(Error::from)
            .and_then(|message| agent.run(limited(agent, message, limit))),
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
    let codings = headers.first("content-encoding").unwrap_or_default();
    let body = content_coding::decoded(codings, body, request.max_bytes)?;
    Ok(HttpResponse { status: answer.status().as_u16(), headers, body })
}

/// An agent whose connection goes to a Unix socket.
#[cfg(unix)]
fn over_unix_socket(config: Config, path: &str, tls: Option<ServerTls>) -> Result<Agent, Failed> {
    let socket = UnixConnector(path.into());
    Ok(match tls {
        Some(tls) => Agent::with_parts(config, socket.chain(tls), NoNames),
        None => Agent::with_parts(config, socket.chain(RustlsConnector::default()), NoNames),
    })
}

#[cfg(not(unix))]
fn over_unix_socket(_: Config, _: &str, _: Option<ServerTls>) -> Result<Agent, Failed> {
    let detail = "wif has no Unix sockets on this system; use a source without one";
    Err((Failure::Unsupported, detail.to_owned()))
}

fn limited<B: ureq::AsSendBody>(
    agent: &Agent,
    message: http::Request<B>,
    limit: Duration,
) -> http::Request<B> {
    agent.configure_request(message).timeout_global(Some(limit)).build()
}

/// Adds the variable that names the proxy whose name could not be resolved.
fn with_proxy((failure, detail): Failed, variable: Option<&str>) -> Failed {
    match (failure, variable) {
        (Failure::Dns, Some(name)) => (failure, format!("{detail}; {name} names a proxy")),
        _ => (failure, detail),
    }
}

fn not_built() -> Failed {
    (Failure::Other, "the request could not be built".to_owned())
}

fn name_failure(error: &Error) -> Failed {
    let failure = match error {
        Error::Timeout(_) => Failure::Timeout,
        Error::HostNotFound => Failure::Dns,
        Error::Tls(_) | Error::Rustls(_) | Error::Pem(_) | Error::TlsRequired => Failure::Tls,
        Error::ConnectProxyFailed(answer) if answer.contains(" 407/") => {
            Failure::ProxyAuthentication
        }
        Error::ConnectionFailed | Error::ConnectProxyFailed(_) => Failure::Refused,
        Error::BadUri(_) | Error::Http(_) => return not_built(),
        Error::Io(error) => io_failure(error),
        _ => Failure::Other,
    };
    (failure, error.to_string())
}

fn io_failure(error: &io::Error) -> Failure {
    // rustls reports a certificate it refuses as an i/o error with its own error inside.
    if error.get_ref().is_some_and(|inner| inner.is::<tokio_rustls::rustls::Error>()) {
        return Failure::Tls;
    }
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Failure::Timeout,
        // A Unix socket.
        io::ErrorKind::NotFound => Failure::NotFound,
        io::ErrorKind::PermissionDenied => Failure::Denied,
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

/// The resolver of a Unix socket, whose URL has a name that is not looked up.
#[cfg(unix)]
#[derive(Debug)]
struct NoNames;

#[cfg(unix)]
impl Resolver for NoNames {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        Ok(self.empty())
    }
}
