//! Named entries in the order of their registration.
//!
//! Copied on write: the entries are shared, so a copy costs one pointer for each.

use std::collections::HashMap;
use std::sync::Arc;

/// What a [`Table`] can hold.
pub(crate) trait Entry {
    /// What it is found by.
    fn key(&self) -> &str;
}

/// Entries by name, in the order in which they came (TOOL-06).
#[derive(Debug)]
pub(crate) struct Table<T> {
    entries: Vec<Arc<T>>,
    index: HashMap<String, usize>,
}

impl<T> Clone for Table<T> {
    fn clone(&self) -> Self {
        Self {
            entries: self.entries.clone(),
            index: self.index.clone(),
        }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            index: HashMap::new(),
        }
    }
}

impl<T: Entry> Table<T> {
    pub(crate) fn get(&self, key: &str) -> Option<&Arc<T>> {
        self.entries.get(*self.index.get(key)?)
    }

    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        self.index.get(key).copied()
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.index.contains_key(key)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.entries.iter()
    }

    pub(crate) fn as_slice(&self) -> &[Arc<T>] {
        &self.entries
    }

    /// Adds an entry at the end; the caller has checked that its key is new.
    pub(crate) fn push(&mut self, entry: T) {
        self.index
            .insert(entry.key().to_owned(), self.entries.len());
        self.entries.push(Arc::new(entry));
    }

    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Some(position) = self.index.remove(key) else {
            return false;
        };
        self.entries.remove(position);
        for later in self.index.values_mut().filter(|later| **later > position) {
            *later -= 1;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Entry for &'static str {
        fn key(&self) -> &str {
            self
        }
    }

    #[test]
    fn tool_06_order_is_that_of_registration_after_removals_too() {
        let mut table = Table::default();
        for name in ["c", "a", "d", "b"] {
            table.push(name);
        }
        assert!(table.remove("a"));
        assert!(!table.remove("a"));
        table.push("a");
        let names: Vec<_> = table.iter().map(|entry| **entry).collect();
        assert_eq!(names, ["c", "d", "b", "a"]);
        for (position, name) in names.into_iter().enumerate() {
            assert_eq!(table.position(name), Some(position));
            assert_eq!(table.get(name).map(|entry| **entry), Some(name));
        }
    }
}
