//! The chunks beside the standard library's tree.

use super::{CHUNK, Ordered};
use std::collections::BTreeMap;
use std::vec::Vec;

fn same(ours: &Ordered<u32, u32>, tree: &BTreeMap<u32, u32>) {
    assert_eq!(ours.len(), tree.len());
    assert!(ours.iter().eq(tree.iter()));
    assert!(ours.chunks.iter().all(|chunk| !chunk.is_empty() && chunk.len() <= CHUNK));
}

#[test]
fn it_does_what_the_tree_does() {
    let mut state = 1u64;
    let mut next = |below: u32| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((state >> 33) as u32) % below
    };
    let (mut ours, mut tree) = (Ordered::new(), BTreeMap::new());
    for round in 0..100_000u32 {
        let key = next(3000);
        // Waves of growth and decline.
        if next(100) < if (round / 10_000) % 2 == 0 { 70 } else { 30 } {
            assert_eq!(ours.insert(key, round), tree.insert(key, round));
        } else {
            assert_eq!(ours.remove(&key), tree.remove(&key));
        }
        assert_eq!(ours.get(&key), tree.get(&key));
        assert_eq!(ours.contains_key(&(key / 2)), tree.contains_key(&(key / 2)));
        if round % 1000 == 0 {
            same(&ours, &tree);
        }
    }
    same(&ours, &tree);
}

#[test]
fn growing_keys_fill_their_chunks_and_declining_chunks_merge() {
    let mut ours: Ordered<u32, ()> = Ordered::new();
    for key in 0..6400 {
        ours.insert(key, ());
    }
    assert!(ours.chunks.len() < 103, "{}", ours.chunks.len());
    for key in (0..6400).filter(|key| key % 20 != 0) {
        ours.remove(&key);
    }
    assert_eq!(ours.len(), 320);
    assert!(ours.chunks.len() < 30, "{}", ours.chunks.len());
}

#[test]
fn equality_is_about_content() {
    let (mut up, mut down) = (Ordered::new(), Ordered::new());
    for key in 0..200 {
        up.insert(key, key);
        down.insert(199 - key, 199 - key);
    }
    assert_ne!(
        up.chunks.iter().map(Vec::len).collect::<Vec<_>>(),
        down.chunks.iter().map(Vec::len).collect::<Vec<_>>()
    );
    assert_eq!(up, down);
    down.insert(5, 0);
    assert_ne!(up, down);
}
