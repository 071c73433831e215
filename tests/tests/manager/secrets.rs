//! The access token is nowhere but in the header of requests.

use super::directory::{Directory, Service};
use serde_json::json;
use workload_identity_core::manage::ManagerRequest;
use workload_identity_core::{Effect, Failure, Outcome, Secret, Step};

const CANARY: &str = "CANARY5ecret";

#[test]
fn a_planted_token_is_shown_nowhere() {
    let refusal = format!(r#"{{"error":{{"code":"X","message":"Bearer {CANARY} is bad"}}}}"#);
    for status in [200, 400, 401, 403, 404, 409, 429, 500] {
        let directory = Directory::new(Service::Graph);
        let mut manager = directory.manager(1);
        let mut now = directory.sim.now;
        let request = json!({"operation": "upsert", "credential": {"name": "main", "issuer": "https://i.example", "subject": "s"}});
        let ticket =
            manager.begin(ManagerRequest::parse(request.to_string().as_bytes(), manager.config()));
        let mut ended = false;
        for round in 0..40 {
            let step = manager.poll(ticket, now);
            for text in [format!("{manager:?}"), format!("{step:?}"), format!("{manager:#?}")] {
                assert!(!text.contains(CANARY), "{status}: {text}");
            }
            match step {
                Step::Done { value, .. } => {
                    assert!(!serde_json::to_string(&value).expect("JSON").contains(CANARY));
                    ended = true;
                    break;
                }
                Step::Fail(error) => {
                    assert!(!error.to_json().contains(CANARY), "{status}: {error}");
                    ended = true;
                    break;
                }
                Step::Wait { .. } => panic!("nobody else leads"),
                Step::Perform { effect_id, effect, .. } => {
                    let outcome = match &effect {
                        Effect::AskHost { .. } if status == 404 && round > 3 => Outcome::Failed {
                            failure: Failure::Other,
                            detail: format!("Bearer {CANARY}"),
                        },
                        Effect::AskHost { .. } => {
                            Outcome::Answer(Secret::new(CANARY.as_bytes().to_vec()))
                        }
                        Effect::Sleep { until } => {
                            now = *until;
                            Outcome::Elapsed
                        }
                        Effect::Http(request) => {
                            let header = request.headers.first("authorization");
                            assert_eq!(header, Some(format!("Bearer {CANARY}").as_str()));
                            let is_list = request.method.name() == "GET" && status != 200;
                            let (status, body) = if is_list {
                                (200, r#"{"value":[]}"#.to_owned())
                            } else {
                                (status, refusal.clone())
                            };
                            Outcome::Http(workload_identity_core::http::HttpResponse {
                                status,
                                headers: workload_identity_core::http::Headers::default(),
                                body: body.into_bytes(),
                            })
                        }
                        other => panic!("{other:?}"),
                    };
                    manager.resolve(effect_id, &outcome, now);
                }
            }
        }
        assert!(ended, "{status}");
    }
}
