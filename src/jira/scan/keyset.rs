//! A walk by keys on Data Center and Server, which have no page token: `key > 10123 ORDER BY key ASC`. Pure.
//!
//! Jira reads such a clause as "a higher number in the project of that issue", and as "nothing" once the issue is deleted,
//! moved or hidden. So a page that is emptier than it should be is asked again from another issue of the page before.

use serde::{Deserialize, Serialize};

use super::record::Record;

/// Where a walk by keys stands. The default is its beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Keyset {
    /// Ids of issues that were received, from which to go on; the best one first.
    anchors: Vec<String>,
    /// How many issues Jira counted behind them.
    left: u64,
}

/// What a page means for the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// All is read.
    End,
    On(Keyset),
    /// The page is not to be believed: ask so instead.
    Again(Keyset),
    /// There is nothing left to go on from: begin again.
    Lost,
}

/// How far back the issues lie, from the end of a page, that may take the place of its last one.
const BACK: [usize; 6] = [0, 1, 3, 7, 15, 31];

impl Keyset {
    /// What stands behind the scope.
    pub(super) fn tail(&self) -> String {
        match self.anchors.first() {
            Some(id) => format!(" AND key > {id} ORDER BY key ASC"),
            None => " ORDER BY key ASC".to_owned(),
        }
    }

    pub(super) fn is_start(&self) -> bool {
        self.anchors.is_empty()
    }

    /// After a page of issues, of which Jira counts `total`. The total counts what lies behind the anchor, so no page is
    /// asked for only to learn that it is empty.
    pub(super) fn after(self, page: &[Record], total: Option<u64>) -> Next {
        let rows = u64::try_from(page.len()).unwrap_or(u64::MAX);
        if rows == 0 && self.left > 0 && !self.is_start() {
            return self.without_anchor();
        }
        if rows == 0 || total.is_some_and(|total| total <= rows) {
            return Next::End;
        }
        let anchors =
            BACK.iter().filter_map(|back| page.iter().rev().nth(*back)).map(|issue| issue.id.clone()).collect();
        Next::On(Self { anchors, left: total.map_or(1, |total| total - rows) })
    }

    /// After Jira did not know the issue to go on from.
    pub(super) fn without_anchor(mut self) -> Next {
        if !self.anchors.is_empty() {
            self.anchors.remove(0);
        }
        if self.anchors.is_empty() { Next::Lost } else { Next::Again(self) }
    }
}

/// Whether the issues stand in the order of their keys' numbers, without which such a walk would leave some out.
pub(super) fn is_in_order(page: &[Record]) -> bool {
    let number = |issue: &Record| issue.key.rsplit_once('-').and_then(|(_, number)| number.parse::<u64>().ok());
    page.windows(2).all(|pair| number(&pair[0]) < number(&pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(ids: std::ops::RangeInclusive<u32>) -> Vec<Record> {
        ids.map(|id| Record::bare(&id.to_string(), &format!("OPS-{id}"))).collect()
    }

    #[test]
    fn a_walk_ends_by_the_count() {
        let start = Keyset::default();
        assert_eq!(start.tail(), " ORDER BY key ASC");
        assert_eq!(start.clone().after(&[], Some(0)), Next::End);
        assert_eq!(start.clone().after(&page(1..=3), Some(3)), Next::End);
        let Next::On(next) = start.after(&page(1..=3), Some(5)) else { panic!("two are left") };
        assert_eq!((next.tail().as_str(), next.left), (" AND key > 3 ORDER BY key ASC", 2));
        assert_eq!(next.after(&page(4..=5), Some(2)), Next::End);
    }

    #[test]
    fn a_lost_anchor_is_replaced() {
        let Next::On(next) = Keyset::default().after(&page(1..=3), Some(5)) else { panic!("two are left") };
        let Next::Again(again) = next.after(&[], Some(0)) else { panic!("two were left") };
        assert_eq!(again.tail(), " AND key > 2 ORDER BY key ASC");
        assert_eq!(again.without_anchor(), Next::Lost);
        // Without a count only an empty page is the end, and it is asked for twice.
        let Next::On(next) = Keyset::default().after(&page(1..=3), None) else { panic!("who knows") };
        assert!(matches!(next.after(&[], None), Next::Again(_)));
    }

    #[test]
    fn order_is_that_of_numbers() {
        assert!(is_in_order(&page(9..=11)) && is_in_order(&[]));
        let mut wrong = page(9..=11);
        wrong.swap(0, 2);
        assert!(!is_in_order(&wrong));
    }
}
