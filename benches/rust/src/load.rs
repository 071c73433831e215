//! Requests over and over, on connections that stay open, from one thread.

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, spawn_local};

/// Connections at once; more than cores, so that no server waits for the next request.
const CONNECTIONS: usize = 16;

/// When a load ends.
#[derive(Clone, Copy)]
pub enum Until {
    Requests(usize),
    Elapsed(Duration),
}

/// The form of a token request, and where it goes.
pub struct TokenRequest {
    pub url: Uri,
    pub form: String,
}

impl TokenRequest {
    fn http(&self) -> Request<Full<Bytes>> {
        Request::post(self.url.path())
            .header("host", host(&self.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Full::from(self.form.clone()))
            .expect("a request")
    }
}

/// Sends the request again and again, each answer of which must have an access token, and returns the requests a second.
/// A stream of events is read meanwhile, if there is one.
pub fn rate(request: &TokenRequest, events: Option<&Uri>, until: Until) -> f64 {
    let (started, sent) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0_usize)));
    let start = Instant::now();
    LocalSet::new().block_on(&runtime(), async {
        let reader = events.cloned().map(|url| spawn_local(read_events(url)));
        let mut workers = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut connection = connect(&request.url).await;
            let (template, started, sent) = (request.http(), Rc::clone(&started), Rc::clone(&sent));
            workers.push(spawn_local(async move {
                while match until {
                    Until::Requests(most) => started.get() < most,
                    Until::Elapsed(longest) => start.elapsed() < longest,
                } {
                    started.set(started.get() + 1);
                    let (status, body) = answer(&mut connection, template.clone()).await;
                    let text = String::from_utf8_lossy(&body);
                    assert!(status == StatusCode::OK && text.contains("access_token"), "{text}");
                    sent.set(sent.get() + 1);
                }
            }));
        }
        for worker in workers {
            worker.await.expect("a load without errors");
        }
        if let Some(reader) = reader {
            assert!(!reader.is_finished(), "the stream of events has ended");
        }
    });
    sent.get() as f64 / start.elapsed().as_secs_f64()
}

/// One `GET`, with a bearer token if it needs one.
pub fn get(url: &Uri, bearer: Option<&str>) -> (StatusCode, Bytes) {
    let mut request = Request::get(url.path_and_query().map_or("/", |target| target.as_str()))
        .header("host", host(url));
    if let Some(token) = bearer {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Full::default()).expect("a request");
    LocalSet::new().block_on(&runtime(), async { answer(&mut connect(url).await, request).await })
}

/// The status of the answer to a `GET`, whose body may have no end.
pub fn status(url: &Uri) -> StatusCode {
    LocalSet::new().block_on(&runtime(), async { open(url).await.status() })
}

async fn open(url: &Uri) -> Response<Incoming> {
    let request = Request::get(url.path()).header("host", host(url));
    let request = request.body(Full::default()).expect("a request");
    connect(url).await.send_request(request).await.expect("a response")
}

async fn read_events(url: Uri) {
    let mut body = open(&url).await.into_body();
    while body.frame().await.is_some_and(|frame| frame.is_ok()) {}
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn host(url: &Uri) -> String {
    url.authority().expect("a host").to_string()
}

async fn connect(url: &Uri) -> SendRequest<Full<Bytes>> {
    let stream = TcpStream::connect(host(url)).await.expect("a connection");
    stream.set_nodelay(true).expect("an option");
    let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
    spawn_local(connection);
    sender
}

async fn answer(
    connection: &mut SendRequest<Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> (StatusCode, Bytes) {
    connection.ready().await.expect("an open connection");
    let response = connection.send_request(request).await.expect("a response");
    let status = response.status();
    (status, response.into_body().collect().await.expect("a body").to_bytes())
}
