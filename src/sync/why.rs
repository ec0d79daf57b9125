//! Why something is not in the database, in the words that a person reads (synced-database §8). Pure.

use serde::{Deserialize, Serialize};

/// One cause. Its code is part of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    TypeUnsupported,
    NameTaken,
    TooManyValues,
    SecurityLevel,
    OutOfScope,
    TargetNotSynced,
    PersonUnmapped,
    /// In the settings.
    SwitchedOff,
    ColumnRemoved,
    ColumnRetyped,
    ColumnDropped,
    ValueTooLong,
    /// Somebody has changed a synced cell in Notion, and its person wants it to stay.
    Edited,
}

impl Why {
    /// `name_taken`.
    pub fn code(self) -> &'static str {
        match self {
            Self::TypeUnsupported => "type_unsupported",
            Self::NameTaken => "name_taken",
            Self::TooManyValues => "too_many_values",
            Self::SecurityLevel => "security_level",
            Self::OutOfScope => "out_of_scope",
            Self::TargetNotSynced => "target_not_synced",
            Self::PersonUnmapped => "person_unmapped",
            Self::SwitchedOff => "switched_off",
            Self::ColumnRemoved => "column_removed",
            Self::ColumnRetyped => "column_retyped",
            Self::ColumnDropped => "column_dropped",
            Self::ValueTooLong => "value_too_long",
            Self::Edited => "edited",
        }
    }

    /// What has happened and, where there is one, the next step.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::TypeUnsupported => "This field type has no Notion counterpart.",
            Self::NameTaken => "You have a column of this name. Create it under another name in the settings?",
            Self::TooManyValues => "More different values than a column of options can hold; shown as text.",
            Self::SecurityLevel => "The issue has a security level; switch in settings.",
            Self::OutOfScope => "Not in the project or filter.",
            Self::TargetNotSynced => "The linked issue is elsewhere; it stays a link.",
            Self::PersonUnmapped => "No Notion member matches this person.",
            Self::SwitchedOff => "Switched off in the settings.",
            Self::ColumnRemoved | Self::ColumnRetyped => "You removed or changed this column. Restore?",
            Self::ColumnDropped => {
                "This field was deleted in Jira. Its column stays as it is; Remove column, on the page of the database, \
                 removes it."
            }
            Self::Edited => {
                "Somebody has edited this row in Notion. What they wrote stays until the issue changes in Jira."
            }
            Self::ValueTooLong => "The value is longer than Notion takes; its beginning is shown.",
        }
    }

    /// The same where the field could be created under this name.
    pub fn with_offer(self, name: &str) -> String {
        match self {
            Self::NameTaken => format!("You have a column of this name. Create it as “{name}” in the settings?"),
            other => other.sentence().to_owned(),
        }
    }
}
