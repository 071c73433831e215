//! Requests that are at work at once.

use super::service::Service;
use crate::host::{self, Transport};
use crate::serve::{Answer, Call, Handler};
use hyper::Request;
use hyper::body::Bytes;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;
use workload_identity_core::crypto::Signer;
use workload_identity_core::jose::{Algorithm, UnverifiedClaims};
use workload_identity_core::{Code, Error};
use workload_identity_crypto_native::{AwsLc, AwsLcSigner};
use workload_identity_emulator::{Emulator, Keys, Settings};

const WAIT_TIMEOUT: Duration = Duration::from_secs(60);

/// Signs as soon as two tokens wait for it, and fails if they do not come.
#[derive(Clone)]
struct PairSigner {
    signer: Arc<AwsLcSigner>,
    waiting: Arc<(Mutex<usize>, Condvar)>,
}

impl PairSigner {
    fn wait_for(&self, number: usize) -> Result<(), Error> {
        let (waiting, changed) = &*self.waiting;
        let waiting = waiting.lock().expect("no panic");
        let few = |waiting: &mut usize| *waiting < number;
        let (_waiting, result) =
            changed.wait_timeout_while(waiting, WAIT_TIMEOUT, few).expect("no panic");
        match result.timed_out() {
            true => Err(Error::new(Code::SigningFailed, "alone")),
            false => Ok(()),
        }
    }
}

impl Signer for PairSigner {
    fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    fn key_id(&self) -> &str {
        self.signer.key_id()
    }

    fn public_jwk(&self) -> String {
        self.signer.public_jwk()
    }

    fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Error> {
        let (waiting, changed) = &*self.waiting;
        *waiting.lock().expect("no panic") += 1;
        changed.notify_all();
        self.wait_for(2)?;
        self.signer.sign(input)
    }
}

fn answered(service: &Service, request: Call) -> (u16, serde_json::Value) {
    match service.answer(&request) {
        Answer::Send { response, .. } => {
            let body = serde_json::from_slice(response.body()).expect("JSON");
            (response.status().as_u16(), body)
        }
        Answer::Reset { .. } | Answer::Stream { .. } => panic!("no answer"),
    }
}

#[test]
fn a_signature_delays_no_other_request() {
    let rsa = || AwsLcSigner::generate_rsa(2048).expect("a key");
    let pair = PairSigner { signer: Arc::new(rsa()), waiting: Arc::default() };
    let keys = Keys {
        workload: Box::new(rsa()),
        access_token: Box::new(pair.clone()),
        next: Box::new(|| Err(Error::new(Code::SigningFailed, "no more keys"))),
        verification: Box::new(AwsLc),
    };
    let emulator = Emulator::new(Settings::new("http://127.0.0.1:1", [3; 32]), keys);
    let service = Service::new(emulator.expect("an emulator"), Transport::new(None));
    let (job, audience, path) = {
        let emulator = service.emulator();
        let settings = emulator.settings();
        let path = format!("/{}/oauth2/v2.0/token", settings.tenant_id);
        (settings.github_job.clone(), settings.audience.clone(), path)
    };
    let exchange = |scope: &str| {
        let (assertion, client_id) = {
            let mut emulator = service.emulator();
            let assertion = emulator.github_token(&job, Some(&audience), host::now());
            (assertion.expect("a token"), emulator.settings().client_id.clone())
        };
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let form = format!(
            "grant_type=client_credentials&client_id={client_id}&client_assertion_type={kind}\
             &client_assertion={assertion}&scope={scope}/.default"
        );
        let request = Request::post(&path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .expect("a request");
        let (status, body) = answered(&service, request);
        assert_eq!(status, 200, "{body}");
        let token = body["access_token"].as_str().expect("a token");
        let claims = UnverifiedClaims::peek(token).expect("claims");
        assert_eq!(claims.audience, [scope]);
    };
    thread::scope(|scope| {
        scope.spawn(|| exchange("https://one.example"));
        pair.wait_for(1).expect("the first signature begins");
        let count = Request::get("/emulator/token-requests").body(Bytes::new());
        let (status, body) = answered(&service, count.expect("a request"));
        assert_eq!((status, &body["token_requests"]), (200, &1.into()));
        exchange("https://two.example");
    });
}
