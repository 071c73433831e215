//! A map in sorted chunks: what the standard library's tree does, in a quarter of its code per pair of types.
//!
//! Edge workers download this crate; every instance of the tree costs them more than a kilobyte. Look-ups are binary searches;
//! a change moves at most one chunk.

use alloc::vec::Vec;
use core::borrow::Borrow;
use core::cmp::Ordering;
use core::fmt;

/// Most items in a chunk.
const CHUNK: usize = 64;

/// A map from keys to values, in the order of the keys.
#[derive(Clone)]
pub struct Ordered<K, V> {
    /// None of them empty.
    chunks: Vec<Vec<(K, V)>>,
    len: usize,
}

/// Where a key is, or belongs: chunk, and place in the chunk.
type Place = (usize, Result<usize, usize>);

impl<K, V> Ordered<K, V> {
    /// An empty map.
    #[must_use]
    pub const fn new() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }

    /// How many keys there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Keys and values, in the order of the keys.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.chunks.iter().flatten().map(|(key, value)| (key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<K: Ord, V> Ordered<K, V> {
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Place
    where
        K: Borrow<Q>,
    {
        self.place_by(&|known| known.borrow().cmp(key))
    }

    /// The same for every form of key.
    fn place_by(&self, order: &dyn Fn(&K) -> Ordering) -> Place {
        let starts_before = |chunk: &Vec<(K, V)>| {
            chunk.first().is_some_and(|(first, _)| order(first) != Ordering::Greater)
        };
        let at = self.chunks.partition_point(starts_before).saturating_sub(1);
        let chunk = self.chunks.get(at);
        (at, chunk.map_or(Err(0), |chunk| chunk.binary_search_by(|(known, _)| order(known))))
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let (chunk, place) = self.place(key);
        self.chunks.get(chunk)?.get(place.ok()?).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let (chunk, place) = self.place(key);
        self.chunks.get_mut(chunk)?.get_mut(place.ok()?).map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).1.is_ok()
    }

    /// Puts a value at a key and returns the former one.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        if self.chunks.is_empty() {
            self.chunks.push(Vec::new());
        }
        loop {
            let (at, place) = self.place(&key);
            let chunk = self.chunks.get_mut(at)?;
            match place {
                Ok(place) => {
                    return chunk.get_mut(place).map(|(_, old)| core::mem::replace(old, value));
                }
                Err(place) if chunk.len() < CHUNK => {
                    chunk.insert(place, (key, value));
                    self.len += 1;
                    return None;
                }
                Err(place) => {
                    // Keys that only grow leave nearly full chunks behind, others half-full ones.
                    let tail = chunk.split_off(if place == CHUNK { CHUNK - 1 } else { CHUNK / 2 });
                    self.chunks.insert(at + 1, tail);
                }
            }
        }
    }

    /// Takes a key's value out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let (at, place) = self.place(key);
        let chunk = self.chunks.get_mut(at)?;
        let (_, value) = chunk.remove(place.ok()?);
        self.len -= 1;
        if chunk.is_empty() {
            self.chunks.remove(at);
        } else if chunk.len() < CHUNK / 4 {
            self.merge(at);
            self.merge(at.saturating_sub(1));
        }
        Some(value)
    }

    /// Makes one chunk of two small ones.
    fn merge(&mut self, at: usize) {
        let (Some(chunk), Some(next)) = (self.chunks.get(at), self.chunks.get(at + 1)) else {
            return;
        };
        if chunk.len() + next.len() > CHUNK / 2 {
            return;
        }
        let mut next = self.chunks.remove(at + 1);
        if let Some(chunk) = self.chunks.get_mut(at) {
            chunk.append(&mut next);
        }
    }
}

impl<K, V> Default for Ordered<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Ord, V: PartialEq> PartialEq for Ordered<K, V> {
    fn eq(&self, other: &Self) -> bool {
        let has = |(key, value): &(K, V)| other.get(key) == Some(value);
        self.len == other.len && self.chunks.iter().all(|chunk| chunk.iter().all(has))
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Ordered<K, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests;
