//! Records in memory: found by their key, kept in the order of the listing, added, changed and taken away.

use serde_json::Value;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::Hash;

/// A kind of record that a provider has.
pub trait Kind: Copy + Debug + Eq + Hash + Send + 'static {
    /// The key of a record given as JSON, as text.
    fn key_of(self, record: &Value) -> String;
}

/// A record as a provider keeps it: in full, in pieces, or as what it is made from when asked for.
pub trait Row<K>: Sized {
    /// The record of `full`, which has every field.
    fn new(kind: K, full: &Value) -> Self;

    /// Its key.
    fn key(&self) -> &str;

    /// Every field, as it was given.
    fn full(&self, kind: K) -> Value;

    /// Becomes the record of `full`.
    fn set(&mut self, kind: K, full: &Value) {
        *self = Self::new(kind, full);
    }
}

/// Something that happens to the records.
#[derive(Debug, Clone)]
pub enum Change<K> {
    /// A new record, or a new version of one, in full.
    Insert(K, Value),
    /// A record disappears, and nothing says that it was there.
    Delete(K, String),
    /// A JSON merge patch (RFC 7396) is applied to a record.
    Patch(K, String, Value),
}

/// All records of a person, by kind.
#[derive(Debug)]
pub struct Records<K, R> {
    kinds: HashMap<K, Vec<R>>,
}

impl<K, R> Default for Records<K, R> {
    fn default() -> Self {
        Self { kinds: HashMap::new() }
    }
}

impl<K: Kind, R: Row<K>> Records<K, R> {
    /// All records of a kind, in the order in which they are listed.
    pub fn of(&self, kind: K) -> &[R] {
        self.kinds.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// The records of a kind, to be changed or put in order.
    pub fn of_mut(&mut self, kind: K) -> &mut Vec<R> {
        self.kinds.entry(kind).or_default()
    }

    /// Every record there is, with its kind.
    pub fn all_mut(&mut self) -> impl Iterator<Item = (K, &mut R)> {
        self.kinds.iter_mut().flat_map(|(kind, rows)| rows.iter_mut().map(|row| (*kind, row)))
    }

    /// The record with this key.
    pub fn find(&self, kind: K, key: &str) -> Option<&R> {
        self.of(kind).iter().find(|row| row.key() == key)
    }

    /// The record with this key, to be changed.
    pub fn find_mut(&mut self, kind: K, key: &str) -> Option<&mut R> {
        self.of_mut(kind).iter_mut().find(|row| row.key() == key)
    }

    /// Adds a record that is known to be new, without looking for its key. The order is the caller's.
    pub fn add(&mut self, kind: K, full: &Value) {
        self.of_mut(kind).push(R::new(kind, full));
    }

    /// Takes a record away; false when there was none.
    pub fn remove(&mut self, kind: K, key: &str) -> bool {
        let rows = self.of_mut(kind);
        let before = rows.len();
        rows.retain(|row| row.key() != key);
        rows.len() < before
    }

    /// Changes a record in place; false when there is none.
    pub fn change(&mut self, kind: K, key: &str, change: impl FnOnce(&mut Value)) -> bool {
        let Some(row) = self.find_mut(kind, key) else { return false };
        let mut full = row.full(kind);
        change(&mut full);
        row.set(kind, &full);
        true
    }

    /// Carries out a change; false when it names a record that does not exist. The order is the caller's.
    pub fn apply(&mut self, change: &Change<K>) -> bool {
        match change {
            Change::Insert(kind, value) => {
                match self.find_mut(*kind, &kind.key_of(value)) {
                    Some(row) => row.set(*kind, value),
                    None => self.add(*kind, value),
                }
                true
            }
            Change::Delete(kind, key) => self.remove(*kind, key),
            Change::Patch(kind, key, patch) => self.change(*kind, key, |full| merge_patch(full, patch)),
        }
    }

    /// Lets time pass: takes over what `after` has new or otherwise than `before`. What tests have changed or
    /// deleted stays so, unless time itself changes it.
    pub fn advance(&mut self, before: &Self, after: &Self) {
        for (kind, rows) in &after.kinds {
            let old: HashMap<&str, Value> =
                before.of(*kind).iter().map(|row| (row.key(), row.full(*kind))).collect();
            for row in rows {
                let full = row.full(*kind);
                if old.get(row.key()) != Some(&full) {
                    self.apply(&Change::Insert(*kind, full));
                }
            }
        }
    }
}

/// Applies a JSON merge patch: objects merge, null removes (here: becomes an explicit null, which
/// a provider may drop), everything else replaces.
pub fn merge_patch(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(fields), Value::Object(changes)) => {
            for (name, change) in changes {
                merge_patch(fields.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
        (target, patch) => *target = patch.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_merge_patch_reaches_into_objects_and_replaces_the_rest() {
        let mut value = json!({"a": {"b": 1, "c": 2}, "d": [1, 2], "e": null});
        merge_patch(&mut value, &json!({"a": {"b": null, "x": 3}, "d": [9], "e": {"f": 1}}));
        assert_eq!(value, json!({"a": {"b": null, "c": 2, "x": 3}, "d": [9], "e": {"f": 1}}));
    }
}
