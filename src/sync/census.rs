//! What it means that an issue is in no list of all issues any more (synced-database §4.3, §5). Pure.

use super::state::OnLeft;
use crate::jira::scan::Standing;

/// What is known of one issue that is missing.
#[derive(Debug)]
pub(super) struct Missing<'a> {
    /// How many lists in a row it was not in before this one, and for how long, in milliseconds.
    pub missed: i64,
    pub missed_for: i64,
    pub standing: &'a Standing,
}

/// What is to be done with its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is seen again at the next list.
    Wait,
    /// It is in another project now, under this key: the row stays and says so.
    Moved { to: String, is_confirmed: bool },
    /// It is in this project, but in no list: archived, or out of the filter. The row stays and says so.
    OutOfScope,
    /// It is gone, or hidden: the row goes to the trash.
    Gone,
}

impl Verdict {
    /// The same by the rule of whoever wants rows to go with their issues: confirmed like everything that goes (S60).
    pub fn unless(self, left: OnLeft) -> Self {
        match (left, self) {
            (OnLeft::Trash, Self::Moved { is_confirmed: false, .. }) => Self::Wait,
            (OnLeft::Trash, Self::Moved { .. } | Self::OutOfScope) => Self::Gone,
            (_, verdict) => verdict,
        }
    }
}

/// Lists in a row that have to agree before a row goes (S60).
const LISTS: i64 = 2;
/// Beyond both of these, nobody believes that so many issues were deleted (S61).
const SHARE: usize = 10;
const ROWS: usize = 10;

/// Issues of one database. Notion holds fewer, and a server that never comes to an end shall not fill the disk.
pub const MOST_ISSUES: usize = 250_000;

/// Whether so many are missing that somebody has to be asked.
pub(super) fn brakes(missing: usize, all: usize) -> bool {
    missing > 0 && (missing >= all || (missing > ROWS && missing * SHARE > all))
}

/// `confirm_ms` is `GATEWAY_SYNC_CONFIRM`.
pub(super) fn verdict(missing: &Missing<'_>, project_id: u64, confirm_ms: i64) -> Verdict {
    let is_confirmed = missing.missed + 1 >= LISTS && missing.missed_for >= confirm_ms;
    match missing.standing {
        Standing::Unknown => Verdict::Wait,
        Standing::Found(record) if record.project_id != project_id.to_string() => {
            Verdict::Moved { to: record.key.clone(), is_confirmed }
        }
        Standing::Found(_) if is_confirmed => Verdict::OutOfScope,
        Standing::Missing if is_confirmed => Verdict::Gone,
        Standing::Found(_) | Standing::Missing => Verdict::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::scan::Record;

    fn found(project: &str) -> Standing {
        Standing::Found(Record {
            id: "7".to_owned(),
            key: format!("P{project}-1"),
            project_id: project.to_owned(),
            updated: jiff::Timestamp::UNIX_EPOCH,
            secured: false,
            fields: serde_json::Map::new(),
            oversized: false,
        })
    }

    #[test]
    fn the_table_of_disappearances() {
        let moved = |is_confirmed| Verdict::Moved { to: "P2-1".to_owned(), is_confirmed };
        let table = [
            (Standing::Unknown, 5, 1_000_000, Verdict::Wait),
            (found("2"), 0, 0, moved(false)),
            (found("2"), 1, 600, moved(true)),
            (found("1"), 0, 0, Verdict::Wait),
            (found("1"), 1, 600, Verdict::OutOfScope),
            (found("1"), 1, 599, Verdict::Wait),
            (Standing::Missing, 0, 1_000_000, Verdict::Wait),
            (Standing::Missing, 1, 599, Verdict::Wait),
            (Standing::Missing, 1, 600, Verdict::Gone),
            (Standing::Missing, 9, 600, Verdict::Gone),
        ];
        for (standing, missed, missed_for, expected) in table {
            let missing = Missing { missed, missed_for, standing: &standing };
            assert_eq!(verdict(&missing, 1, 600), expected, "{standing:?} {missed} {missed_for}");
        }
    }

    #[test]
    fn who_wants_rows_to_go_with_their_issues_loses_none_after_one_look() {
        let moved = |is_confirmed| Verdict::Moved { to: "P2-1".to_owned(), is_confirmed };
        let table = [
            (moved(false), moved(false), Verdict::Wait),
            (moved(true), moved(true), Verdict::Gone),
            (Verdict::OutOfScope, Verdict::OutOfScope, Verdict::Gone),
            (Verdict::Wait, Verdict::Wait, Verdict::Wait),
            (Verdict::Gone, Verdict::Gone, Verdict::Gone),
        ];
        for (verdict, keep, trash) in table {
            assert_eq!(verdict.clone().unless(OnLeft::Keep), keep);
            assert_eq!(verdict.unless(OnLeft::Trash), trash);
        }
    }

    #[test]
    fn the_brake_holds_when_more_are_missing_than_anybody_deletes() {
        let table = [
            (0, 0, false),
            (0, 50, false),
            (1, 1, true),
            (5, 5, true),
            (1, 5, false),
            (10, 20, false),
            (11, 110, false),
            (11, 109, true),
            (100, 1_000, false),
            (101, 1_000, true),
        ];
        for (missing, all, expected) in table {
            assert_eq!(brakes(missing, all), expected, "{missing} of {all}");
        }
    }
}
