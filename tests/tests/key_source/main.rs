//! A key source against a server that does whatever it likes, under a clock that does the same. After every step the rules
//! of `core/src/keys` hold.

mod dice;
mod floods;
mod met;
mod server;
mod world;

use world::World;

#[test]
fn the_rules_hold_whatever_server_and_clock_do() {
    let mut met = met::Met::default();
    for seed in 0..250 {
        let mut world = World::new(seed);
        for _ in 0..400 {
            world.step();
        }
        met.add(&world.met);
    }
    assert!(met.is_everything(), "{met:?}");
}
