//! A key source with a server and a clock that behave at random. After every step the rules
//! of `core/src/keys` hold.

mod coverage;
mod fixture;
mod floods;
mod rng;
mod server;

use fixture::Fixture;

#[test]
fn the_rules_hold_for_any_server_and_clock() {
    let mut coverage = coverage::Coverage::default();
    for seed in 0..250 {
        let mut fixture = Fixture::new(seed);
        for _ in 0..400 {
            fixture.step();
        }
        coverage.add(&fixture.coverage);
    }
    assert!(coverage.is_complete(), "{coverage:?}");
}
