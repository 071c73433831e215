//! A table of values under ids that are never reused.
//!
//! The engine keeps tickets, flights, effects and cached tokens here. One small generic instead of a tree for each of
//! them halves the edge module, and every operation is O(1). Values are boxed, so that the code for all types is one.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// An id holds the slot in its low bits and, above them, a number that grows with each insertion. With 2^20 slots
/// and 2^33 insertions ids stay below 2^53, which JavaScript's numbers carry exactly.
const SLOT_BITS: u32 = 20;

#[derive(Debug)]
pub(crate) struct Table<T> {
    slots: Vec<(u64, Option<Box<T>>)>,
    free: Vec<usize>,
    insertions: u64,
}

impl<T> Table<T> {
    pub(crate) const fn new() -> Self {
        Self { slots: Vec::new(), free: Vec::new(), insertions: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Takes a value in and names it.
    pub(crate) fn insert(&mut self, value: T) -> u64 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push((0, None));
            self.slots.len() - 1
        });
        self.insertions += 1;
        let id = (self.insertions << SLOT_BITS) | slot as u64;
        if let Some(place) = self.slots.get_mut(slot) {
            *place = (id, Some(Box::new(value)));
        }
        id
    }

    pub(crate) fn get(&self, id: u64) -> Option<&T> {
        match self.slots.get(slot(id)) {
            Some((current, value)) if *current == id => value.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut T> {
        match self.slots.get_mut(slot(id)) {
            Some((current, value)) if *current == id => value.as_deref_mut(),
            _ => None,
        }
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Box<T>> {
        let (current, value) = self.slots.get_mut(slot(id))?;
        if *current != id {
            return None;
        }
        let value = value.take()?;
        self.free.push(slot(id));
        Some(value)
    }
}

fn slot(id: u64) -> usize {
    (id & ((1 << SLOT_BITS) - 1)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_never_reused() {
        let mut table = Table::new();
        let first = table.insert("a");
        assert_eq!(table.remove(first).as_deref(), Some(&"a"));
        let second = table.insert("b");
        assert_ne!(first, second);
        assert_eq!(table.get(first), None);
        assert_eq!(table.remove(first), None);
        assert_eq!(table.get(second), Some(&"b"));
        assert_eq!((table.len(), table.slots.len()), (1, 1));
    }

    #[test]
    fn unknown_ids_are_nothing() {
        let mut table = Table::<u8>::new();
        for id in [0, 1, 1 << 20, u64::MAX] {
            assert!(
                table.get(id).is_none()
                    && table.get_mut(id).is_none()
                    && table.remove(id).is_none()
            );
        }
    }
}
