//! The stream of events of `wif emulator`, for many readers and for those that take nothing.

use crate::process::{Emulator, get};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

/// As many readers as the emulator serves at once.
const PLACES: usize = 32;
/// How often the places are taken. If a comment found out who has left, each time but the first would last 15 seconds.
const TIMES: usize = 10;
/// Far less than that, and more than a busy machine needs.
const BOUND: Duration = Duration::from_secs(60);

/// Opens the stream and reads the status.
fn open(address: &str) -> (TcpStream, u16) {
    let mut stream = TcpStream::connect(address).expect("connects");
    write!(stream, "GET /emulator/events HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("sent");
    let mut start = [0; 12];
    stream.read_exact(&mut start).expect("an answer");
    let status = String::from_utf8_lossy(&start[9..]).parse().expect("a status");
    (stream, status)
}

#[test]
fn a_reader_that_leaves_gives_its_place_back() {
    let emulator = Emulator::start(&[]);
    let url = emulator.text("base_url");
    let address = url.strip_prefix("http://").expect("http");
    let start = Instant::now();
    let mut served = 0;
    while served < TIMES * PLACES {
        match open(address).1 {
            200 => served += 1,
            _ => thread::sleep(Duration::from_millis(20)),
        }
        assert!(start.elapsed() < BOUND, "{served} readers were served");
    }
}

#[test]
fn readers_that_take_nothing_hold_nobody_up() {
    let emulator = Emulator::start(&[]);
    let url = emulator.text("base_url");
    let address = url.strip_prefix("http://").expect("http");
    let readers: Vec<(TcpStream, u16)> = (0..PLACES + 8).map(|_| open(address)).collect();
    let refused: Vec<u16> =
        readers.iter().map(|(_, status)| *status).filter(|status| *status != 200).collect();
    assert_eq!(refused, [503; 8]);
    let path = "x".repeat(100);
    for _ in 0..1000 {
        assert_eq!(get(&format!("{url}/nothing/{path}"), None).expect("an answer").status, 404);
    }
    assert_eq!(get(&emulator.text("inspector_url"), None).expect("an answer").status, 200);
}
