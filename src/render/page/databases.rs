//! `GET /databases`: the synced databases of an account; and how one of them fares (synced-database §2).

use askama::Template;
use jiff::Timestamp;

use super::{Base, Done};
use crate::render::icon::Icon;
use crate::render::number::grouped;
use crate::render::time;

/// The list.
#[derive(Debug, Template)]
#[template(path = "databases.html")]
pub struct Databases {
    pub base: Base,
    pub rows: Vec<DatabaseRow>,
    pub done: Option<Done>,
    pub now: Timestamp,
}

/// One database, as the list and its own page begin.
#[derive(Clone, Debug)]
pub struct DatabaseRow {
    /// `db_…`
    pub id: String,
    pub project_key: String,
    pub project_name: String,
    pub site_name: String,
    pub badge: SyncBadge,
    pub synced_at: Option<Timestamp>,
    /// None where nothing is being done.
    pub progress: Option<SyncProgress>,
    /// Why the badge is not the best one.
    pub reason: Option<String>,
    /// Where it is in Notion; none as long as it is not made.
    pub notion_url: Option<String>,
}

/// Colour, sign and words; none of them alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncBadge {
    pub text: String,
    /// `grey`, `blue` or `yellow`, as the API says.
    pub color: &'static str,
    pub icon: Icon,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncProgress {
    /// "Reading Jira"
    pub phase: &'static str,
    pub done: u64,
    /// 0 as long as nobody knows.
    pub total: u64,
    pub eta_seconds: Option<u64>,
    /// What it waits for.
    pub pause: Option<String>,
}

impl Databases {
    fn project(&self) -> Icon {
        Icon::Project
    }
}

impl DatabaseRow {
    pub(super) fn name(&self) -> String {
        format!("{} issues", self.project_name)
    }

    fn synced(&self, now: &Timestamp) -> Option<String> {
        Some(format!("last synced {}", time::ago(self.synced_at?, *now)))
    }
}

impl SyncProgress {
    /// "Writing rows: 1,240 of 5,000 · about 20 min left"
    pub(super) fn words(&self) -> String {
        let mut words = match self.total {
            0 if self.done == 0 => self.phase.to_owned(),
            0 => format!("{}: {}", self.phase, grouped(self.done)),
            total => format!("{}: {} of {}", self.phase, grouped(self.done), grouped(total)),
        };
        if let Some(seconds) = self.eta_seconds.filter(|it| *it > 0) {
            words = format!("{words} · {} left", duration(seconds));
        }
        if let Some(pause) = &self.pause {
            words = format!("{words} · {pause}");
        }
        words
    }
}

/// `about 20 s`, `about 4 min`, `about 2 h 5 min`
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..90 => format!("about {seconds} s"),
        90..5_400 => format!("about {} min", seconds.div_ceil(60)),
        _ => format!("about {} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_at_a_glance() {
        for (seconds, text) in
            [(20, "about 20 s"), (90, "about 2 min"), (240, "about 4 min"), (7_500, "about 2 h 5 min")]
        {
            assert_eq!(duration(seconds), text);
        }
    }
}
