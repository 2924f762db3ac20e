//! Objects: members by key, in the order in which canonical JSON writes them.
//!
//! A sorted list and no tree. A pack has an object for each artifact and few members in most of them, of
//! which a tree would make a node with room for eleven.

use alloc::string::String;
use alloc::vec::{self, Vec};
use core::ops::Index;
use core::{fmt, mem, slice};

use super::Value;

/// The members of an object, each key once, sorted by code point.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Object(Vec<(String, Value)>);

/// The members of an [`Object`], in order.
pub type Members<'o> = core::iter::Map<
    slice::Iter<'o, (String, Value)>,
    for<'m> fn(&'m (String, Value)) -> (&'m str, &'m Value),
>;

/// An object of these members; of two with one key, the last.
///
/// Takes a list, so that no sort is compiled anew for every kind of iterator that somebody has.
#[must_use]
pub fn object(mut members: Vec<(String, Value)>) -> Object {
    // Stable, so the last of those with one key stays the last.
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.dedup_by(|later, earlier| {
        let is_same = later.0 == earlier.0;
        if is_same {
            mem::swap(later, earlier);
        }
        is_same
    });
    Object(members)
}

impl Object {
    /// One without members.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One of members that are sorted, each key once.
    pub(super) fn sorted(mut members: Vec<(String, Value)>) -> Self {
        debug_assert!(members.is_sorted_by(|(one, _), (next, _)| one < next));
        members.shrink_to_fit();
        Self(members)
    }

    /// How many members there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of that key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    /// The value of that key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.place(key).ok().map(|at| &mut self.0[at].1)
    }

    /// Whether there is such a key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.place(key).is_ok()
    }

    /// Puts a member in its place; what had that key before. Moves what is behind it: many are better put
    /// together by [`object`].
    pub fn insert(&mut self, key: String, value: Value) -> Option<Value> {
        match self.place(&key) {
            Ok(at) => Some(mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// Takes a member out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }

    /// The members, in order.
    pub fn iter(&self) -> Members<'_> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        self.0.iter().map(|(key, _)| key.as_str())
    }

    /// The values, by the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator {
        self.0.iter().map(|(_, value)| value)
    }

    fn place(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(there, _)| there.as_str().cmp(key))
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// # Panics
///
/// Where there is no such key.
impl Index<&str> for Object {
    type Output = Value;

    fn index(&self, key: &str) -> &Value {
        self.get(key).unwrap_or_else(|| panic!("no member `{key}`"))
    }
}

impl<const N: usize> From<[(String, Value); N]> for Object {
    fn from(members: [(String, Value); N]) -> Self {
        object(Vec::from(members))
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        object(members.into_iter().collect())
    }
}

/// Of two with one key, the one that comes later stays.
impl Extend<(String, Value)> for Object {
    fn extend<I: IntoIterator<Item = (String, Value)>>(&mut self, members: I) {
        let mut all = mem::take(&mut self.0);
        all.extend(members);
        *self = object(all);
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'o> IntoIterator for &'o Object {
    type Item = (&'o str, &'o Value);
    type IntoIter = Members<'o>;

    fn into_iter(self) -> Members<'o> {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use alloc::borrow::ToOwned;
    use alloc::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_object_is_the_map_that_the_same_steps_make() {
        // Every sequence of five steps over three keys.
        let keys = ["a", "ab", "b"];
        for mut steps in 0..6_usize.pow(5) {
            let (mut map, mut list, mut members) = (BTreeMap::new(), Object::new(), Vec::new());
            for n in 0..5_i64 {
                let (step, key) = (steps % 6, keys[steps % 3].to_owned());
                steps /= 6;
                if step < 3 {
                    members.push((key.clone(), Value::Int(n)));
                    assert_eq!(list.insert(key.clone(), Value::Int(n)), map.insert(key, Value::Int(n)));
                } else {
                    members.retain(|(there, _)| *there != key);
                    assert_eq!(list.remove(&key), map.remove(&key));
                }
            }
            assert!(list.iter().eq(map.iter().map(|(key, value)| (key.as_str(), value))));
            assert_eq!(object(members), list);
            for key in keys {
                assert_eq!(list.get(key), map.get(key));
            }
        }
    }
}
