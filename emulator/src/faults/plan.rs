//! Which faults apply to a request, and how they change its response.

use super::fault::{Fault, FaultKind, FaultTarget};
use crate::entra::error::{Aadsts, Correlation};
use crate::reply::{Reply, Response, response, with_header};
use http::header;
use serde_json::Value;
use std::time::Duration;
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

    /// The texts of the active faults, in their order.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.faults.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.faults.clear();
    }

    /// Takes the faults for one request at `target` and decrements their counts. Of the faults that replace the response
    /// only the first applies, so that `throttle*2` and `status=503*1` result in two 429 and then one 503.
    pub(crate) fn apply(&mut self, target: FaultTarget) -> AppliedFaults {
        let mut applied = AppliedFaults::default();
        for fault in self.faults.iter_mut().filter(|fault| fault.target == target) {
            if fault.kind.replaces_response() {
                if applied.replacing().is_some() {
                    continue;
                }
            } else if applied.0.iter().any(|kind| same_kind(kind, &fault.kind)) {
                continue;
            }
            if let Some(remaining) = &mut fault.remaining {
                *remaining = remaining.saturating_sub(1);
            }
            applied.0.push(fault.kind.clone());
        }
        self.faults.retain(|fault| fault.remaining != Some(0));
        applied
    }
}

fn same_kind(one: &FaultKind, other: &FaultKind) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// The faults of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct AppliedFaults(Vec<FaultKind>);

impl AppliedFaults {
    /// The texts of these faults.
    pub(crate) fn names(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    fn replacing(&self) -> Option<&FaultKind> {
        self.0.iter().find(|kind| kind.replaces_response())
    }

    /// The endpoint's clock.
    pub(crate) fn clock(&self, now: Timestamp) -> Timestamp {
        let skew = self.0.iter().find_map(|kind| match kind {
            FaultKind::Skew(seconds) => Some(*seconds),
            _ => None,
        });
        now.plus_seconds(skew.unwrap_or(0))
    }

    /// The `token_type` to send in place of the correct one.
    pub(crate) fn token_type(&self) -> Option<&str> {
        self.0.iter().find_map(|kind| match kind {
            FaultKind::TokenType(value) => Some(value.as_str()),
            _ => None,
        })
    }

    /// The `expires_in` to send in place of the correct one; `Some(None)` to omit it.
    pub(crate) fn expires_in(&self) -> Option<Option<Value>> {
        self.0.iter().find_map(|kind| match kind {
            FaultKind::ExpiresIn(value) => Some(value.clone()),
            _ => None,
        })
    }

    /// After how many seconds readers see a write; at once when `None`.
    pub(crate) fn propagation_seconds(&self) -> Option<i64> {
        self.0.iter().find_map(|kind| match kind {
            FaultKind::Delay(seconds) => Some(i64::from(*seconds)),
            _ => None,
        })
    }

    /// The size of a page where the client or the endpoint chose this one.
    pub(crate) fn page_size(&self, chosen: usize) -> usize {
        let most = self.0.iter().find_map(|kind| match kind {
            FaultKind::Page(size) => Some(*size),
            _ => None,
        });
        most.map_or(chosen, |most| chosen.min(most))
    }

    /// The reply that replaces the endpoint's own, with errors of Entra.
    pub(crate) fn replacement(&self, correlation: &Correlation, now: Timestamp) -> Option<Reply> {
        self.replacement_with(&correlation.base_url, |status| match status {
            429 => {
                let text = "The tenant sends too many requests.";
                correlation.response_with(Aadsts::Throttled, status, text, now)
            }
            _ => {
                let text = "A transient error has occurred. Please try again.";
                correlation.response_with(Aadsts::Transient, status, text, now)
            }
        })
    }

    /// The reply that replaces the endpoint's own. `error` has the form of the endpoint's errors.
    pub(crate) fn replacement_with(
        &self,
        base_url: &str,
        error: impl FnOnce(u16) -> Response,
    ) -> Option<Reply> {
        let response = match self.replacing()? {
            FaultKind::Reset => return Some(Reply::Reset { delay: self.delay() }),
            FaultKind::Throttle { retry_after } => {
                with_header(error(429), header::RETRY_AFTER, &retry_after.to_string())
            }
            FaultKind::Status(status) => error(*status),
            FaultKind::Html => response(
                200,
                "text/html; charset=utf-8",
                "<!DOCTYPE html><html><head><title>Sign in to the network</title></head>\
                 <body><h1>Sign in to the network</h1></body></html>",
            ),
            FaultKind::Redirect => {
                let location = format!("{base_url}/emulator/elsewhere");
                with_header(response(307, "text/plain", ""), header::LOCATION, &location)
            }
            _ => response(200, "application/json; charset=utf-8", ""),
        };
        Some(self.change(response))
    }

    /// Applies the faults that change a response without replacing it.
    pub(crate) fn change(&self, mut response: Response) -> Reply {
        for kind in &self.0 {
            match kind {
                FaultKind::Truncated => {
                    let half = response.body().len() / 2;
                    response.body_mut().truncate(half);
                }
                FaultKind::Duplicate => repeat_member(response.body_mut()),
                FaultKind::Huge(bytes) => pad(response.body_mut(), *bytes),
                FaultKind::ContentType(value) => {
                    response = with_header(response, header::CONTENT_TYPE, value);
                }
                _ => {}
            }
        }
        if !self.0.is_empty() {
            // For those who record the answer.
            response.extensions_mut().insert(self.clone());
        }
        Reply::Respond { response, delay: self.delay() }
    }

    /// How long the response waits.
    pub(crate) fn delay(&self) -> Duration {
        let latency = self.0.iter().find_map(|kind| match kind {
            FaultKind::Latency(milliseconds) => Some(Duration::from_millis(*milliseconds)),
            _ => None,
        });
        latency.unwrap_or_default()
    }
}

/// `{"a":1,...}` becomes `{"a":1,"a":1,...}`.
fn repeat_member(body: &mut Vec<u8>) {
    let Ok(Value::Object(members)) = serde_json::from_slice(body) else { return };
    if let Some((name, value)) = members.iter().next() {
        let member = format!("{}:{value},", Value::from(name.as_str()));
        body.splice(1..1, member.into_bytes());
    }
}

/// Enlarges the body. A JSON object stays one and gets a long last member.
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
    use crate::reply::json;
    use serde_json::json;
    use workload_identity_core::json::{JsonError, strict::parse};

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
                let reply = plan.apply(FaultTarget::Token).replacement(&correlation(), now)?;
                Some(responded(reply).0.status().as_u16())
            })
            .collect()
    }

    fn responded(reply: Reply) -> (Response, Duration) {
        match reply {
            Reply::Respond { response, delay } => (response, delay),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn counted_faults_apply_in_order_and_end() {
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
    fn other_targets_are_unaffected() {
        let mut plan = plan(&["github:503"]);
        assert_eq!(statuses(&mut plan, 1), [None]);
        let applied = plan.apply(FaultTarget::Github);
        assert!(applied.replacement(&correlation(), Timestamp::from_seconds(0)).is_some());
    }

    #[test]
    fn responses_are_changed() {
        let changed = |fault: &str| {
            let body = json!({ "claims": ["a", "b"], "n": 1 });
            responded(plan(&[fault]).apply(FaultTarget::Token).change(json(200, &body)))
        };
        let body = |fault: &str| changed(fault).0.into_body();
        assert_eq!(parse(&body("duplicate")), Err(JsonError::Duplicate));
        assert_eq!(parse(&body("truncated")), Err(JsonError::Syntax));
        let huge = body("huge=5000");
        assert_eq!(huge.len(), 5000);
        assert!(parse(&huge).is_ok());
        assert!(parse(&body("latency=5")).is_ok());
        assert_eq!(changed("latency=5").1, Duration::from_millis(5));
        assert_eq!(changed("content_type=text/plain").0.headers()["content-type"], "text/plain");
    }

    #[test]
    fn latency_combines_with_a_replacement() {
        let applied = plan(&["latency=40", "429=3"]).apply(FaultTarget::Token);
        let reply = applied.replacement(&correlation(), Timestamp::from_seconds(0));
        let (response, delay) = responded(reply.expect("a reply"));
        assert_eq!(delay, Duration::from_millis(40));
        assert_eq!(response.headers()["retry-after"], "3");
    }
}
