//! Tokens a second that `wif emulator` serves: beside the signatures that both cores make, and beside oidc-provider.
//!
//! The load generator uses the same cores. Where the emulator has an inspector, its stream of events is read meanwhile.
//! Memory is that of the process after the first and after the last of 100,000 requests.

use hyper::{StatusCode, Uri};
use serde_json::Value;
use std::env::var;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use workload_identity_benches::load::{TokenRequest, Until, get, rate, status};
use workload_identity_benches::rounds::row;

const ROUNDS: usize = 3;
const ROUND: Until = Until::Elapsed(Duration::from_secs(4));
/// More than the emulator records, so that its records are full before memory is measured.
const WARM_UP: Until = Until::Requests(2_000);
const MANY: usize = 100_000;
/// Most growth of the process in bytes.
const GROWTH: f64 = 2.0 * 1024.0 * 1024.0;

/// A server that prints one line when it is ready; ended when dropped.
struct Server {
    child: Child,
    line: String,
}

impl Server {
    fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null()).stdin(Stdio::null());
        let mut child = command.spawn().expect("a server");
        let mut line = String::new();
        let out = child.stdout.as_mut().expect("piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        Self { child, line }
    }

    /// Resident memory in bytes.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("Linux");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
        line.trim().trim_end_matches(" kB").parse::<f64>().expect("a number") * 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The emulator with a token request that it grants, and the address of its events.
struct Emulator {
    server: Server,
    request: TokenRequest,
    events: Option<Uri>,
}

impl Emulator {
    fn start() -> Self {
        let mut command = Command::new(var("WIF_RELEASE").expect("WIF_RELEASE"));
        let server = Server::start(command.args(["emulator", "--json", "--quiet"]));
        let facts: Value = serde_json::from_str(&server.line).expect("a line of JSON");
        let fact = |name: &str| facts[name].as_str().expect(name);
        let url = format!("{}&audience={}", fact("github_request_url"), fact("audience"));
        let url = url.parse().expect("a URL");
        let (_, body) = get(&url, Some(fact("github_request_token")));
        let body: Value = serde_json::from_slice(&body).expect("JSON");
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let request = TokenRequest {
            url: format!("{}/oauth2/v2.0/token", fact("authority")).parse().expect("a URL"),
            form: format!(
                "grant_type=client_credentials&client_id={}&client_assertion_type={kind}\
                 &client_assertion={}&scope=https://vault.azure.net/.default",
                fact("client_id"),
                body["value"].as_str().expect("a token")
            ),
        };
        let events = format!("{}/emulator/events", fact("base_url")).parse().expect("a URL");
        let events = (status(&events) == StatusCode::OK).then_some(events);
        Self { server, request, events }
    }

    fn rate(&self, until: Until) -> f64 {
        rate(&self.request, self.events.as_ref(), until)
    }
}

fn peer() -> (Server, TokenRequest) {
    let mut command = Command::new(var("NODE").expect("NODE"));
    let server = Server::start(command.arg(var("OIDC_PROVIDER").expect("OIDC_PROVIDER")));
    let request = TokenRequest {
        url: format!("{}/token", server.line.trim()).parse().expect("a URL"),
        form: "grant_type=client_credentials&client_id=client&client_secret=secret&scope=read"
            .to_owned(),
    };
    (server, request)
}

/// RSA-2048 signatures a second on two cores.
fn signatures() -> f64 {
    let arguments = ["speed", "-elapsed", "-seconds", "3", "-multi", "2", "rsa2048"];
    let run = Command::new("openssl").args(arguments).output().expect("openssl");
    let text = String::from_utf8_lossy(&run.stdout);
    let line = text.lines().find(|line| line.starts_with("rsa 2048 bits")).expect("a result");
    line.split_whitespace().rev().nth(1).and_then(|rate| rate.parse().ok()).expect("a rate")
}

fn load_average() -> String {
    std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim().to_owned()
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

fn main() {
    let emulator = Emulator::start();
    let (_peer, theirs) = peer();
    emulator.rate(WARM_UP);
    rate(&theirs, None, WARM_UP);
    let stream = if emulator.events.is_some() { "open" } else { "absent" };
    println!("inspector {stream}, load average {}", load_average());
    let [mut signed, mut ours, mut others] = [const { Vec::new() }; 3];
    for round in 1..=ROUNDS {
        signed.push(signatures());
        ours.push(emulator.rate(ROUND));
        others.push(rate(&theirs, None, ROUND));
        println!(
            "round {round}: openssl {:.0}/s, wif emulator {:.0}/s, oidc-provider {:.0}/s",
            signed[round - 1],
            ours[round - 1],
            others[round - 1]
        );
    }
    drop(emulator);
    let [signed, ours, others] = [signed, ours, others].map(|rates| 1e9 / median(rates));
    row("emulator tokens", ours, "openssl speed -multi 2 rsa2048", signed, 0.6);
    row("emulator tokens", ours, "oidc-provider 9.13.3, client secret", others, 1.0);

    let emulator = Emulator::start();
    emulator.rate(WARM_UP);
    let before = emulator.server.memory();
    emulator.rate(Until::Requests(MANY));
    let after = emulator.server.memory();
    println!(
        "memory: {:.1} MB, {:.1} MB after {MANY} more requests, load average {}",
        before / 1e6,
        after / 1e6,
        load_average()
    );
    row(
        "emulator memory, growth over 100,000 tokens",
        (after - before).max(1.0),
        "limit",
        GROWTH,
        1.0,
    );
}
