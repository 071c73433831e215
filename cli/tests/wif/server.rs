//! A server on loopback that answers as a test says.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;

/// A request: its first line and its headers, names in lower case.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) line: String,
    headers: Vec<(String, String)>,
}

impl Received {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn read(stream: &TcpStream) -> Option<Self> {
        let mut stream = BufReader::new(stream);
        let mut lines = stream.by_ref().lines();
        let line = lines.next()?.ok()?;
        let mut headers = Vec::new();
        for line in lines {
            let line = line.ok()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let received = Self { line, headers };
        // Unread bytes would reset the connection when it is closed, and the client could miss the answer.
        let length = received.header("content-length").and_then(|length| length.parse().ok());
        io::copy(&mut stream.take(length.unwrap_or(0)), &mut io::sink()).ok()?;
        Some(received)
    }
}

/// Serves one request a connection until the test process ends. What came in is on the receiver.
pub(crate) fn serve(
    answer: impl Fn(&Received) -> String + Send + 'static,
) -> (String, Receiver<Received>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let Some(received) = Received::read(&stream) else { continue };
            let text = answer(&received);
            // Before the answer, so that a client that has it finds its request on the receiver. A test may not look.
            let _ = sender.send(received);
            // What the client does not read is not the test's concern.
            let _ = stream.write_all(text.as_bytes());
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read(&mut [0; 1024]);
        }
    });
    (address, receiver)
}

/// A whole HTTP answer.
pub(crate) fn answer(status: &str, media_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {media_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}
