//! The search for a token source in an environment that has none.

use std::hint::black_box;
use workload_identity_benches::rounds::{Case, row, take_turns};
use workload_identity_core::wire;

/// One millisecond.
const LIMIT: f64 = 1e6;

fn main() {
    let found = take_turns(&[Case::new("ours", || {
        let report = wire::sources(black_box(b"{}"));
        report.is_ok_and(|report| !report.contains(r#""detected":true"#))
    })]);
    row("rust detection, nothing present", found[0], "limit", LIMIT, 1.0);
}
