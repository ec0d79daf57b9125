//! Finds rows by the text of a column without looking at all of them.

use std::collections::{BTreeSet, HashMap};

/// Of the columns that were asked for: text → places of rows, in their order.
#[derive(Clone, Debug, Default)]
pub struct Index(HashMap<String, HashMap<String, BTreeSet<usize>>>);

impl Index {
    pub fn has(&self, property: &str) -> bool {
        self.0.contains_key(property)
    }

    /// A column that is looked at for the first time.
    pub fn begin(&mut self, property: &str, rows: impl Iterator<Item = (usize, String)>) {
        let texts = self.0.entry(property.to_owned()).or_default();
        rows.for_each(|(number, text)| {
            texts.entry(text).or_default().insert(number);
        });
    }

    /// The text of a cell is another now.
    pub fn change(&mut self, property: &str, number: usize, before: &str, after: &str) {
        let Some(texts) = self.0.get_mut(property) else { return };
        if let Some(rows) = texts.get_mut(before) {
            rows.remove(&number);
            if rows.is_empty() {
                texts.remove(before);
            }
        }
        texts.entry(after.to_owned()).or_default().insert(number);
    }

    /// The column is another now.
    pub fn forget(&mut self, property: &str) {
        self.0.remove(property);
    }

    pub fn rows(&self, property: &str, text: &str) -> Vec<usize> {
        self.0.get(property).and_then(|texts| texts.get(text)).map_or_else(Vec::new, |it| it.iter().copied().collect())
    }
}
