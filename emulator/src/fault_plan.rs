//! Which faults strike a request, and what they do to its answer.

use crate::entra_error::{Aadsts, Correlation};
use crate::fault::{Fault, FaultKind, FaultTarget};
use crate::message::Response;
use workload_identity_core::Timestamp;

/// The active faults, in the order they were added.
#[derive(Default)]
pub(crate) struct FaultPlan {
    faults: Vec<Fault>,
}

impl FaultPlan {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// The faults for one request at `target`, whose counts go down. Of those that replace the answer only the first
    /// strikes, so that `throttle*2` and `status=503*1` make two 429 and then one 503.
    pub(crate) fn strike(&mut self, target: FaultTarget) -> Struck {
        let mut struck = Struck::default();
        for fault in self.faults.iter_mut().filter(|fault| fault.target == target) {
            if fault.kind.replaces_answer() {
                if struck.replacement().is_some() {
                    continue;
                }
            } else if struck.0.iter().any(|kind| same_kind(kind, &fault.kind)) {
                continue;
            }
            if let Some(remaining) = &mut fault.remaining {
                *remaining = remaining.saturating_sub(1);
            }
            struck.0.push(fault.kind.clone());
        }
        self.faults.retain(|fault| fault.remaining != Some(0));
        struck
    }
}

fn same_kind(one: &FaultKind, other: &FaultKind) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// The faults of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Struck(Vec<FaultKind>);

impl Struck {
    fn replacement(&self) -> Option<&FaultKind> {
        self.0.iter().find(|kind| kind.replaces_answer())
    }

    /// The endpoint's clock.
    pub(crate) fn clock(&self, now: Timestamp) -> Timestamp {
        let skew = self.0.iter().find_map(|kind| match kind {
            FaultKind::Skew(seconds) => Some(*seconds),
            _ => None,
        });
        now.plus_seconds(skew.unwrap_or(0))
    }

    /// The `token_type` to issue.
    pub(crate) fn token_type(&self) -> &str {
        let wrong = self.0.iter().find_map(|kind| match kind {
            FaultKind::TokenType(value) => Some(value.as_str()),
            _ => None,
        });
        wrong.unwrap_or("Bearer")
    }

    /// The JSON text of `expires_in`, `None` to leave it out.
    pub(crate) fn expires_in(&self, right: i64) -> Option<String> {
        let wrong = self.0.iter().find_map(|kind| match kind {
            FaultKind::ExpiresIn(value) => Some(value.clone()),
            _ => None,
        });
        wrong.unwrap_or_else(|| Some(right.to_string()))
    }

    /// The answer that takes the place of the endpoint's own.
    pub(crate) fn answer(&self, correlation: &Correlation, now: Timestamp) -> Option<Response> {
        let response = match self.replacement()? {
            FaultKind::Throttle { retry_after } => correlation
                .error(Aadsts::Throttled, 429, "The tenant sends too many requests.", now)
                .with_header("retry-after", &retry_after.to_string()),
            FaultKind::Status(status) => correlation.error(
                Aadsts::Transient,
                *status,
                "A transient error has occurred. Please try again.",
                now,
            ),
            FaultKind::Reset => {
                let mut response = Response::new(500, "text/plain", "");
                response.reset = true;
                response
            }
            FaultKind::Html => Response::new(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html><html><head><title>Sign in to the network</title></head>\
                 <body><h1>Sign in to the network</h1></body></html>",
            ),
            FaultKind::Redirect => Response::new(307, "text/plain", "")
                .with_header("location", &format!("{}/emulator/elsewhere", correlation.base_url)),
            _ => Response::new(200, "application/json; charset=utf-8", ""),
        };
        Some(self.distort(response))
    }

    /// Applies what changes an answer without replacing it.
    pub(crate) fn distort(&self, mut response: Response) -> Response {
        for kind in &self.0 {
            match kind {
                FaultKind::Latency(milliseconds) => response.delay_ms = *milliseconds,
                FaultKind::Truncated => response.body.truncate(response.body.len() / 2),
                FaultKind::Duplicate => repeat_first_member(&mut response.body),
                FaultKind::Huge(bytes) => pad(&mut response.body, *bytes),
                FaultKind::ContentType(value) => response.set_header("content-type", value),
                _ => {}
            }
        }
        response
    }
}

/// `{"a":1,...}` becomes `{"a":1,"a":1,...}`; the first member of our answers holds no comma.
fn repeat_first_member(body: &mut Vec<u8>) {
    let end = body.iter().position(|byte| *byte == b',' || *byte == b'}');
    if let (Some(b'{'), Some(end)) = (body.first().copied(), end) {
        let mut member = body[1..end].to_vec();
        if !member.is_empty() {
            member.push(b',');
            body.splice(1..1, member);
        }
    }
}

/// A JSON object stays one, with a last member that fills it up.
fn pad(body: &mut Vec<u8>, bytes: usize) {
    if body.last() == Some(&b'}') {
        body.pop();
        body.extend_from_slice(b",\"padding\":\"");
        let filled = body.len() + 2;
        body.resize(body.len() + bytes.saturating_sub(filled), b'x');
        body.extend_from_slice(b"\"}");
    } else {
        body.resize(bytes.max(body.len()), b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::json::{JsonError, parse};

    fn plan(texts: &[&str]) -> FaultPlan {
        let mut plan = FaultPlan::default();
        for text in texts {
            plan.add(text.parse().expect("a fault"));
        }
        plan
    }

    fn correlation() -> Correlation {
        Correlation {
            base_url: "http://127.0.0.1:1".to_owned(),
            trace_id: "t".to_owned(),
            correlation_id: "c".to_owned(),
        }
    }

    fn statuses(plan: &mut FaultPlan, count: usize) -> Vec<Option<u16>> {
        let now = Timestamp::from_seconds(0);
        (0..count)
            .map(|_| {
                let struck = plan.strike(FaultTarget::Token);
                struck.answer(&correlation(), now).map(|response| response.status)
            })
            .collect()
    }

    #[test]
    fn counted_faults_strike_in_order_and_end() {
        let mut plan = plan(&["429*2", "503*1"]);
        assert_eq!(statuses(&mut plan, 4), [Some(429), Some(429), Some(503), None]);
    }

    #[test]
    fn uncounted_faults_stay() {
        let mut plan = plan(&["503"]);
        assert_eq!(statuses(&mut plan, 3), [Some(503); 3]);
        plan.clear();
        assert_eq!(statuses(&mut plan, 1), [None]);
    }

    #[test]
    fn other_targets_are_spared() {
        let mut plan = plan(&["github:503"]);
        assert_eq!(statuses(&mut plan, 1), [None]);
        let struck = plan.strike(FaultTarget::Github);
        assert!(struck.answer(&correlation(), Timestamp::from_seconds(0)).is_some());
    }

    #[test]
    fn bodies_are_distorted() {
        let distorted = |fault: &str| {
            let json = Response::json(200, r#"{"token_type":"Bearer","n":1}"#.to_owned());
            plan(&[fault]).strike(FaultTarget::Token).distort(json)
        };
        assert_eq!(parse(&distorted("duplicate").body), Err(JsonError::Duplicate));
        assert_eq!(parse(&distorted("truncated").body), Err(JsonError::Syntax));
        let huge = distorted("huge=5000").body;
        assert_eq!(huge.len(), 5000);
        assert!(parse(&huge).is_ok());
        assert_eq!(distorted("latency=5").delay_ms, 5);
        assert_eq!(distorted("content_type=text/plain").header("content-type"), Some("text/plain"));
        assert!(parse(&distorted("latency=5").body).is_ok());
    }

    #[test]
    fn latency_combines_with_an_answer() {
        let struck = plan(&["latency=40", "429=3"]).strike(FaultTarget::Token);
        let response = struck.answer(&correlation(), Timestamp::from_seconds(0)).expect("answer");
        assert_eq!((response.delay_ms, response.header("retry-after")), (40, Some("3")));
    }
}
