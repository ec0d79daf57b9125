//! What is kept of an issue between reading and writing it: as little as a row is made of.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::super::cells::Issue;
use crate::jira::scan::Record;

/// An issue, as it lies sealed in the queue.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Content {
    pub id: String,
    pub key: String,
    pub fields: Map<String, Value>,
    /// Jira could not tell its fields in an answer of bearable size: those that are missing are not empty.
    #[serde(default, skip_serializing_if = "is_not")]
    pub is_cut: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_not(flag: &bool) -> bool {
    !flag
}

impl Content {
    pub fn issue(&self) -> Issue<'_> {
        Issue { id: &self.id, key: &self.key, fields: &self.fields }
    }
}

impl From<Record> for Content {
    fn from(record: Record) -> Self {
        Self { id: record.id, key: record.key, fields: record.fields, is_cut: record.oversized }
    }
}
