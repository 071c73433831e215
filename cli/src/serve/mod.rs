//! A small HTTP/1.1 server on loopback: sockets, TLS, delays and connection resets. The handler decides the response.

mod certificate;
mod connection;
mod feed;
mod signals;

use hyper::body::Bytes;
use hyper::{Request, Response};
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::runtime::Runtime;

pub(crate) use certificate::Certificate;
pub(crate) use feed::Feed;
pub(crate) use signals::Signals;

/// A request with its whole body.
pub(crate) type Call = Request<Bytes>;

/// What to send back.
pub(crate) enum Answer {
    /// A response after a delay.
    Send {
        /// Status, headers, body.
        response: Response<Bytes>,
        /// Waited before the first byte.
        delay: Duration,
    },
    /// A response whose body goes on for as long as its reader stays.
    Stream {
        /// Status and headers.
        head: Response<()>,
        /// What is sent.
        feed: Feed,
    },
    /// The connection ends with a TCP reset and no response.
    Reset {
        /// Waited before the reset.
        delay: Duration,
    },
}

/// Answers requests on a thread that serves other connections, too. [`waiting`] is for what takes long.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The answer to a request.
    fn answer(&self, request: &Call) -> Answer;
}

/// Runs what waits for someone else, while other connections are served.
pub(crate) fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(wait)
}

/// Listening sockets that are not served yet, so that the handler can be created with its own address.
pub(crate) struct Listener {
    runtime: Runtime,
    listeners: Vec<TcpListener>,
    port: u16,
    certificate: Option<Certificate>,
}

impl Listener {
    /// Listens on 127.0.0.1 and, where the machine has it, ::1. Port 0 takes a free one.
    pub(crate) fn bind(port: u16, tls: bool) -> Result<Self, String> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| format!("cannot start the server's threads: {error}"))?;
        let certificate = tls
            .then(Certificate::create)
            .transpose()
            .map_err(|error| format!("cannot create a certificate: {error}"))?;
        let refused =
            |error: io::Error| format!("cannot listen on 127.0.0.1, port {port}: {error}");
        let listen = |address| runtime.block_on(TcpListener::bind(address));
        let first = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).map_err(refused)?;
        let port = first.local_addr().map_err(refused)?.port();
        let second = listen(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).ok();
        let listeners = std::iter::once(first).chain(second).collect();
        Ok(Self { runtime, listeners, port, certificate })
    }

    /// Scheme, address and port, without a slash at the end.
    pub(crate) fn base_url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// The file with the throw-away authority's certificate; exists while the server does.
    pub(crate) fn ca_file(&self) -> Option<PathBuf> {
        self.certificate.as_ref().map(Certificate::ca_file)
    }

    /// The certificate of the server, with TLS only.
    pub(crate) fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }

    /// Starts to serve requests.
    pub(crate) fn serve(self, handler: Arc<impl Handler>) -> Server {
        for listener in self.listeners {
            let handler = Arc::clone(&handler);
            let acceptor = self.certificate.as_ref().map(|own| own.acceptor.clone());
            self.runtime.spawn(connection::accept(listener, acceptor, handler));
        }
        Server { runtime: Some(self.runtime), _certificate: self.certificate }
    }
}

/// A running server; ends when dropped.
pub(crate) struct Server {
    runtime: Option<Runtime>,
    _certificate: Option<Certificate>,
}

impl Server {
    /// Answers HTTP on a Unix socket, too.
    #[cfg(unix)]
    pub(crate) fn serve_unix(&self, path: &Path, handler: Arc<impl Handler>) -> io::Result<()> {
        let Some(runtime) = &self.runtime else { return Ok(()) };
        let _context = runtime.enter();
        let listener = UnixListener::bind(path)?;
        runtime.spawn(connection::accept_unix(listener, handler));
        Ok(())
    }

    /// Answers HTTP on a Unix socket, too.
    #[cfg(not(unix))]
    pub(crate) fn serve_unix(&self, _path: &Path, _handler: Arc<impl Handler>) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }

    /// Catches termination signals from now on, instead of ending the process at once.
    pub(crate) fn watch_for_end(&self) -> io::Result<EndWatch<'_>> {
        let _context = self.runtime.as_ref().map(Runtime::enter);
        Ok(EndWatch { server: self, signals: Signals::watch()? })
    }
}

/// Waits for a termination signal: SIGINT, SIGTERM, or Ctrl-C where there are no signals.
pub(crate) struct EndWatch<'a> {
    server: &'a Server,
    signals: Signals,
}

impl EndWatch<'_> {
    /// Waits for the signal.
    pub(crate) fn wait(mut self) {
        if let Some(runtime) = &self.server.runtime {
            runtime.block_on(self.signals.next());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Does not wait for requests that a fault delays.
            runtime.shutdown_background();
        }
    }
}
