//! Whether a row has to be written: equal cells, equal hash (S24, S43). Pure.
//!
//! Options and rows count by Jira's ids, so that Notion's do not change a hash; an option's name counts, too, since one
//! that was renamed has to be written again. Every call asks Jira for English, so no profile changes a name. An empty cell
//! does not count: a new column concerns only the rows that have something in it.

use serde::Serialize;

use crate::notion::property::Date;
use crate::notion::rich_text::RichText;
use crate::secret::Digest;
use crate::sync::cell::{Cell, Choice};

/// The hash of these cells, whatever their order. Only rows of the same columns can be compared: a run that leaves out
/// the slow ones has hashes of its own.
pub fn row(cells: &[(String, Cell)]) -> Digest {
    let filled = cells.iter().filter(|(_, cell)| !cell.is_empty());
    let mut parts: Vec<(&str, String)> = filled.map(|(key, cell)| (key.as_str(), json(cell))).collect();
    parts.sort_unstable();
    let parts: Vec<&str> = parts.iter().flat_map(|(key, json)| [*key, json.as_str()]).collect();
    Digest::of(&parts)
}

/// What counts of a cell.
#[derive(Serialize)]
enum Counted<'c> {
    Title(&'c str),
    Text(&'c [RichText]),
    Url(Option<&'c str>),
    Number(Option<f64>),
    Select(Option<(&'c str, &'c str)>),
    Status(Option<(&'c str, &'c str)>),
    MultiSelect(Vec<(&'c str, &'c str)>),
    People(Vec<&'c str>),
    Date(Option<&'c Date>),
    Relation(Vec<&'c str>),
}

fn json(cell: &Cell) -> String {
    let counted = match cell {
        Cell::Title(text) => Counted::Title(text),
        Cell::Text(text) => Counted::Text(text),
        Cell::Url(url) => Counted::Url(url.as_deref()),
        Cell::Number(number) => Counted::Number(*number),
        Cell::Select(choice) => Counted::Select(choice.as_ref().map(said)),
        Cell::Status(choice) => Counted::Status(choice.as_ref().map(said)),
        Cell::MultiSelect(choices) => {
            let mut all: Vec<_> = choices.iter().map(said).collect();
            all.sort_unstable();
            Counted::MultiSelect(all)
        }
        Cell::People(people) => Counted::People(sorted(people)),
        Cell::Date(date) => Counted::Date(date.as_ref()),
        Cell::Relation(rows) => Counted::Relation(sorted(rows)),
    };
    // Nothing in it can fail: no map, no number that is none.
    serde_json::to_string(&counted).unwrap_or_default()
}

fn said(choice: &Choice) -> (&str, &str) {
    (&choice.id, &choice.name)
}

/// Sets, to Jira: it tells their members in any order.
fn sorted<'c>(ids: impl IntoIterator<Item = &'c String>) -> Vec<&'c str> {
    let mut ids: Vec<&str> = ids.into_iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids
}
