//! Serves the connections of a listener.

use super::{Answer, Handler};
use http_body_util::{BodyExt, Either, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

const MAX_REQUEST_BYTES: usize = 1024 * 1024;

/// Accepts connections until the runtime ends.
pub(super) async fn accept<H: Handler>(
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    handler: Arc<H>,
) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // The process has too many open files or the peer has disconnected. Neither ends the server.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let (acceptor, handler) = (acceptor.clone(), Arc::clone(&handler));
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            match acceptor {
                None => serve(stream, handler).await,
                Some(acceptor) => {
                    // The client reports a failed handshake.
                    if let Ok(stream) = acceptor.accept(stream).await {
                        serve(stream, handler).await;
                    }
                }
            }
        });
    }
}

/// Accepts connections of a Unix socket until the runtime ends.
#[cfg(unix)]
pub(super) async fn accept_unix<H: Handler>(listener: UnixListener, handler: Arc<H>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        tokio::spawn(serve(stream, Arc::clone(&handler)));
    }
}

async fn serve<S: Connection, H: Handler>(stream: S, handler: Arc<H>) {
    let reset = Arc::new(Notify::new());
    let service = service_fn(|request| {
        let (handler, reset) = (Arc::clone(&handler), Arc::clone(&reset));
        async move {
            match answer(request, handler.as_ref()).await? {
                Answer::Send { response, delay } => {
                    tokio::time::sleep(delay).await;
                    Ok::<_, io::Error>(response.map(|body| Either::Left(Full::new(body))))
                }
                Answer::Stream { head, feed } => Ok(head.map(|()| Either::Right(feed.start()))),
                Answer::Reset { delay } => {
                    tokio::time::sleep(delay).await;
                    reset.notify_one();
                    pending().await
                }
            }
        }
    });
    // Idle connections stay open, because closing them would race with requests of a client's pool.
    let mut connection = http1::Builder::new()
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        _ = &mut connection => return,
        () = reset.notified() => {}
    }
    connection.into_parts().io.into_inner().reset();
}

async fn answer<H: Handler>(request: Request<Incoming>, handler: &H) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MAX_REQUEST_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            let mut response = Response::new(Bytes::from_static(b"request body over 1 MiB\n"));
            *response.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
            return Ok(Answer::Send { response, delay: Duration::ZERO });
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    Ok(handler.answer(&Request::from_parts(head, body)))
}

/// A connection that can be reset.
trait Connection: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Ends the TCP connection with RST instead of FIN.
    fn reset(self);
}

impl Connection for TcpStream {
    fn reset(self) {
        let _ = self.set_zero_linger();
    }
}

#[cfg(unix)]
impl Connection for UnixStream {
    /// A Unix socket has no reset; closing it is what the peer sees.
    fn reset(self) {}
}

impl Connection for TlsStream<TcpStream> {
    fn reset(self) {
        self.into_inner().0.reset();
    }
}
