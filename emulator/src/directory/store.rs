//! The credentials of one identity, and the writes that readers do not see yet.

use super::credential::{FederatedCredential, NewCredential, derived_name};
use super::credential_error::CredentialError;
use std::collections::VecDeque;
use workload_identity_core::Timestamp;
use workload_identity_core::trust::MAX_CREDENTIALS;

/// Most writes that readers do not see yet. The oldest becomes visible with the next one beyond that.
const MAX_DELAYED: usize = 64;

/// From when readers and the token endpoint see a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effective {
    /// As soon as it is answered, together with all writes before it.
    AtOnce,
    /// After some time, as in a directory with replicas.
    After {
        /// The time of the write.
        now: Timestamp,
        seconds: i64,
    },
}

/// The credentials of one identity. A write changes the newest state; readers see it once it is effective.
#[derive(Clone, Debug)]
pub(crate) struct CredentialStore {
    newest: Vec<FederatedCredential>,
    /// What readers see until the first delayed write is effective.
    seen: Vec<FederatedCredential>,
    delayed: VecDeque<(Timestamp, Vec<FederatedCredential>)>,
}

impl CredentialStore {
    pub(crate) const EMPTY: Self =
        Self { newest: Vec::new(), seen: Vec::new(), delayed: VecDeque::new() };

    /// What writes are checked against.
    pub(crate) fn newest(&self) -> &[FederatedCredential] {
        &self.newest
    }

    /// What readers and the token endpoint see.
    pub(crate) fn visible(&self, now: Timestamp) -> &[FederatedCredential] {
        let effective = self.delayed.iter().rev().find(|(from, _)| *from <= now);
        effective.map_or(&self.seen, |(_, credentials)| credentials)
    }

    /// Adds a credential, and a name if it has none.
    pub(crate) fn add(
        &mut self,
        mut new: NewCredential,
        id: String,
        effective: Effective,
    ) -> Result<FederatedCredential, CredentialError> {
        let name = new.credential.name.take();
        let taken = |name: &str| self.newest.iter().any(|known| known.name() == name);
        let name = name.unwrap_or_else(|| derived_name(&new.credential, taken));
        new.credential.name = Some(name);
        new.check()?;
        if self.newest.iter().any(|known| Some(known.name()) == new.credential.name.as_deref()) {
            return Err(CredentialError::NameTaken);
        }
        if self.newest.iter().any(|known| known.coincides(&new.credential)) {
            return Err(CredentialError::Duplicate);
        }
        if self.newest.len() >= MAX_CREDENTIALS {
            return Err(CredentialError::TooMany);
        }
        let NewCredential { credential, description } = new;
        let added = FederatedCredential { id, credential, description };
        self.newest.push(added.clone());
        self.publish(effective);
        Ok(added)
    }

    /// Replaces the values of the credential that has the new one's name. `None` if there is none.
    pub(crate) fn replace(
        &mut self,
        new: NewCredential,
        effective: Effective,
    ) -> Result<Option<FederatedCredential>, CredentialError> {
        new.check()?;
        let name = new.credential.name.as_deref().unwrap_or_default();
        let Some(index) = self.newest.iter().position(|known| known.name() == name) else {
            return Ok(None);
        };
        let mut others = self.newest.iter().enumerate().filter(|(other, _)| *other != index);
        if others.any(|(_, other)| other.coincides(&new.credential)) {
            return Err(CredentialError::Duplicate);
        }
        let NewCredential { credential, description } = new;
        let Some(known) = self.newest.get_mut(index) else { return Ok(None) };
        known.credential = credential;
        known.description = description;
        let replaced = known.clone();
        self.publish(effective);
        Ok(Some(replaced))
    }

    /// Removes the credentials that the filter names. Returns whether there was one.
    pub(crate) fn remove(
        &mut self,
        filter: impl Fn(&FederatedCredential) -> bool,
        effective: Effective,
    ) -> bool {
        let before = self.newest.len();
        self.newest.retain(|known| !filter(known));
        let removed = self.newest.len() != before;
        if removed {
            self.publish(effective);
        }
        removed
    }

    fn publish(&mut self, effective: Effective) {
        match effective {
            Effective::AtOnce => {
                self.delayed.clear();
                self.seen.clone_from(&self.newest);
            }
            Effective::After { now, seconds } => {
                while self.delayed.len() >= MAX_DELAYED
                    || self.delayed.front().is_some_and(|(from, _)| *from <= now)
                {
                    let Some((_, credentials)) = self.delayed.pop_front() else { break };
                    self.seen = credentials;
                }
                // A later write is not seen before an earlier one.
                let last = self.delayed.back().map(|(from, _)| *from);
                let from = now.plus_seconds(seconds);
                let from = last.map_or(from, |last| last.max(from));
                self.delayed.push_back((from, self.newest.clone()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use workload_identity_core::trust::Credential;

    const ISSUER: &str = "https://a.example";

    fn new(name: &str, subject: &str) -> NewCredential {
        Credential::exact(ISSUER, subject, "a").named(name).into()
    }

    fn add(store: &mut CredentialStore, name: &str, subject: &str) -> Result<(), CredentialError> {
        store.add(new(name, subject), format!("id-{name}"), Effective::AtOnce).map(drop)
    }

    fn names(credentials: &[FederatedCredential]) -> Vec<&str> {
        credentials.iter().map(FederatedCredential::name).collect()
    }

    #[test]
    fn limits() {
        let mut store = CredentialStore::EMPTY;
        for number in 0..MAX_CREDENTIALS {
            assert_eq!(add(&mut store, &format!("name-{number}"), &format!("s{number}")), Ok(()));
        }
        assert_eq!(add(&mut store, "one-more", "more"), Err(CredentialError::TooMany));
        assert_eq!(add(&mut store, "one-more", "s0"), Err(CredentialError::Duplicate));
        assert_eq!(add(&mut store, "name-0", "more"), Err(CredentialError::NameTaken));
        assert!(store.remove(|known| known.is("name-0"), Effective::AtOnce));
        assert!(!store.remove(|known| known.is("name-0"), Effective::AtOnce));
        let long = |length| "é".repeat(length);
        assert_eq!(add(&mut store, "name-0", &long(601)), Err(CredentialError::TooLong("subject")));
        assert_eq!(add(&mut store, "name-0", &long(600)), Ok(()));
        assert_eq!(add(&mut store, "name-0", ""), Err(CredentialError::Empty("subject")));
        assert_eq!(add(&mut store, "a b", "s"), Err(CredentialError::Name));
        let mut described = new("name-1", "s1");
        described.description = Some(long(601));
        let error = store.replace(described, Effective::AtOnce);
        assert_eq!(error, Err(CredentialError::TooLong("description")));
    }

    #[test]
    fn a_replacement_keeps_its_id_and_stays_unique() {
        let mut store = CredentialStore::EMPTY;
        for (name, subject) in [("one", "s1"), ("two", "s2")] {
            assert_eq!(add(&mut store, name, subject), Ok(()));
        }
        let error = store.replace(new("one", "s2"), Effective::AtOnce);
        assert_eq!(error, Err(CredentialError::Duplicate));
        let replaced = store.replace(new("one", "s3"), Effective::AtOnce).expect("replaced");
        assert_eq!(replaced.map(|known| known.id), Some("id-one".to_owned()));
        assert_eq!(store.replace(new("other", "s4"), Effective::AtOnce), Ok(None));
        // Subject and expression are not compared with each other.
        let flexible = Credential::flexible(ISSUER, "claims['sub'] eq 's2'", "a").named("three");
        let added = store.add(flexible.into(), "id".to_owned(), Effective::AtOnce);
        assert!(added.is_ok());
    }

    #[test]
    fn readers_see_a_delayed_write_later() {
        let mut store = CredentialStore::EMPTY;
        let at = Timestamp::from_seconds;
        let after = |now, seconds| Effective::After { now: at(now), seconds };
        assert_eq!(add(&mut store, "one", "s1"), Ok(()));
        store.add(new("two", "s2"), "2".to_owned(), after(100, 10)).expect("added");
        assert!(store.remove(|known| known.is("one"), after(101, 5)));
        assert_eq!(names(store.newest()), ["two"]);
        assert_eq!(names(store.visible(at(109))), ["one"]);
        // Both at once, because the second is not seen before the first.
        assert_eq!(names(store.visible(at(110))), ["two"]);
        store.add(new("three", "s3"), "3".to_owned(), after(110, 10)).expect("added");
        assert_eq!(names(store.visible(at(119))), ["two"]);
        assert_eq!(add(&mut store, "four", "s4"), Ok(()));
        assert_eq!(names(store.visible(at(111))), ["two", "three", "four"]);
    }

    #[test]
    fn delayed_writes_are_bounded() {
        let mut store = CredentialStore::EMPTY;
        let now = Timestamp::from_seconds(0);
        for number in 0..500 {
            let effective = Effective::After { now, seconds: 1000 };
            store.add(new("name", &format!("s{number}")), String::new(), effective).expect("added");
            assert!(store.remove(|_| true, effective));
        }
        assert_eq!(store.delayed.len(), MAX_DELAYED);
    }
}
