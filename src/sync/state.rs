//! What is written down of a database between runs, and between two steps of a run. It may outlive this version of the
//! gateway: what is missing has its default, what is unknown is passed over. Pure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::badge::{Badge, Reason};
use super::columns::{Occurring, Planned, Wish};
use super::options::OptionMap;
use super::why::Why;
use super::witness::Witnesses;
use crate::jira::scan::{Filter, Position};

/// What a person asked for when the database was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The page in Notion that holds it.
    pub parent_page: String,
    pub filter: Option<Filter>,
    pub wish: Wish,
    /// What is done about changes that no field tells; another one needs nothing to be read anew.
    pub rules: Rules,
    /// Notion's ids of columns of deleted fields that the next run removes.
    pub unwanted: BTreeSet<String>,
}

/// What its person wants to be done when rows, cells and columns are not what they were (§1.3, §1.4, §5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    pub edited: OnEdit,
    pub left: OnLeft,
    pub dropped: OnDropped,
}

/// When somebody edits a synced cell in Notion (S44).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnEdit {
    /// What Jira says is written again.
    #[default]
    Restore,
    /// The edit stays until the issue changes in Jira.
    Keep,
    /// The same, and the report names the row.
    Flag,
}

/// When an issue moves to another project, is archived, or falls out of the filter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLeft {
    /// Its row stays and says so.
    #[default]
    Keep,
    /// Its row goes to the trash, unless there is something of a person's in it.
    Trash,
}

/// When a field is deleted in Jira.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnDropped {
    /// Its column says so and is not written any more.
    #[default]
    Mark,
    /// Its column is removed, as Notion does.
    Remove,
}

/// What there is in Notion.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Home {
    pub database_id: String,
    pub data_source_id: String,
    /// For people.
    pub url: String,
    /// When making it was begun; nobody knows how that ended as long as there is no id.
    pub begun_at: Option<Timestamp>,
    /// Which columns there are to be, and what becomes of each field of Jira.
    pub planned: Planned,
    /// Those that are there, by their keys.
    pub columns: BTreeMap<String, HomeColumn>,
    pub options: OptionMap,
    /// Notion's names for whoever wrote there for us: another token may be another one. What they made stays ours.
    pub bots: BTreeSet<String>,
    /// Notion's ids of all columns that we have made, also of those that are not kept up any more.
    pub made: BTreeSet<String>,
    /// Columns that their person has removed or made something else, by our keys: they are left alone.
    pub stopped: BTreeMap<String, Why>,
    pub has_views: bool,
    /// What its description says, as we wrote it; another one is a person's.
    pub said: String,
    /// Columns of fields that Jira does not have any more.
    pub dropped: BTreeMap<String, Dropped>,
}

impl Home {
    /// Whether a column holds what came from Jira.
    pub(super) fn is_ours(&self, id: &str) -> bool {
        self.made.contains(id) || self.columns.values().any(|column| column.id == id)
    }

    /// The columns of ours that say that their fields were deleted, by our keys, with when they were first missed.
    pub(super) fn marked(&self) -> impl Iterator<Item = (&str, &HomeColumn, Timestamp)> {
        let sure = self.dropped.iter().filter(|(_, dropped)| dropped.is_sure);
        sure.filter_map(|(key, dropped)| Some((key.as_str(), self.columns.get(key)?, dropped.since)))
    }
}

/// A column whose field is not among Jira's any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropped {
    pub since: Timestamp,
    /// It was looked for twice: the column says so.
    pub is_sure: bool,
}

/// A column that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeColumn {
    /// Notion's id of it.
    pub id: String,
    /// The name that we gave it: another one is a person's.
    pub name: String,
    /// Notion's word for what it held when we made it.
    #[serde(default)]
    pub kind: String,
}

/// How far the work is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// The run that is under way; none between runs.
    pub run: Option<Run>,
    /// Everything that changed before is received and queued (S4).
    pub watermark: Option<Timestamp>,
    /// By how many milliseconds Jira's clock is ahead of ours.
    pub jira_ahead_ms: i64,
    /// Jira's id of whose eyes have read (S21).
    pub viewer: String,
    /// Somebody else reads Jira than before, and nobody has decided yet about what they do not see (S21).
    pub is_other_viewer: bool,
    /// About so many missing issues their person was asked, and has not answered yet (S61).
    pub asked_about: Option<usize>,
    /// Hash of what was asked for (S25).
    pub fingerprint: String,
    /// What the issues hold.
    pub occurring: Occurring,
    /// The fields that every search names.
    pub fields: Vec<String>,
    /// Those of them that name what stands above an issue, the first one first.
    pub parents: Vec<String>,
    /// Hash of the names that issues show.
    pub names: String,
    /// Names of teams by their numbers, where issues do not tell them.
    pub teams: BTreeMap<String, String>,
    /// Which issues show names that no list tells.
    pub witnesses: Witnesses,
    /// One of these is another by now: everything is read anew.
    pub is_renamed: bool,
    /// Failed runs in a row.
    pub failures: u32,
    /// When each of the slower lanes was last done.
    pub lanes: Lanes,
}

impl Progress {
    /// By how much Jira's clock is ahead of ours.
    pub fn jira_ahead(&self) -> SignedDuration {
        SignedDuration::from_millis(self.jira_ahead_ms)
    }
}

/// Work that is done less often than every interval.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lanes {
    pub census: Option<Timestamp>,
    pub metadata: Option<Timestamp>,
    pub drift: Option<Timestamp>,
    /// When everything was read, also what changes without its issue being touched (S19).
    pub slow: Option<Timestamp>,
    /// When it was last looked for issues with two rows (S31).
    pub sweep: Option<Timestamp>,
}

/// A run, as far as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub kind: RunKind,
    pub began: Timestamp,
    /// Where reading Jira goes on; none: it is done.
    pub position: Option<Position>,
    /// What becomes the watermark when reading is done.
    pub reached: Option<Timestamp>,
    /// Issues that were read.
    pub read: u64,
    pub counts: Counts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// All issues: the first time, and whenever what was asked for has changed.
    Full,
    /// What changed.
    Delta,
}

/// What a run did to rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub created: u64,
    pub updated: u64,
    pub trashed: u64,
    pub unchanged: u64,
    pub failed: u64,
}

/// What people are told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    pub badge: Badge,
    pub since: Option<Timestamp>,
    pub reason: Option<Reason>,
    pub last_synced_at: Option<Timestamp>,
    /// Of the last run.
    pub counts: Counts,
    pub phase: Option<Phase>,
    pub done: u64,
    pub total: u64,
}

/// What a run is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Reading,
    Columns,
    Rows,
    Bodies,
    Census,
}

impl Phase {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Reading => "Reading Jira",
            Self::Columns => "Making columns",
            Self::Rows => "Writing rows",
            Self::Bodies => "Writing texts",
            Self::Census => "Looking for what disappeared",
        }
    }
}
