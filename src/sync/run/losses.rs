//! What of an issue Notion does not show, in the words of the report (synced-database §8).

use serde::{Deserialize, Serialize};

use super::super::body::Losses;
use super::super::cells::Loss;

/// One line of the report of an issue. It quotes nothing: what Jira tells one person lies nowhere unsealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The column, or the body.
    pub place: String,
    pub what: String,
    pub count: u32,
}

/// The lines as they are kept.
pub(super) fn json(cells: &[Loss], body: &Losses) -> String {
    let of_cell =
        |loss: &Loss| Line { place: loss.column.clone(), what: loss.what.words().to_owned(), count: loss.count };
    let of_body = |(loss, count): (&super::super::body::Loss, &u32)| Line {
        place: "body".to_owned(),
        what: loss.words().to_owned(),
        count: *count,
    };
    let lines: Vec<Line> = cells.iter().map(of_cell).chain(body.iter().map(of_body)).collect();
    super::json(&lines)
}
