//! Which field a Jira estimates with (jira-auth-and-rest §6.3, §8).
//!
//! Only Cloud's own type shows it in the schema. Elsewhere it is a number field like any other, whose name anybody may
//! change; but the configuration of a board tells it.

use super::client::Client;
use super::loose::{Integer, Object, Page, Text};
use super::{Error, licence};

/// The field in which a Scrum board estimates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The id of the custom field.
    pub field: String,
    /// The name of the board.
    pub board: String,
}

impl Client {
    /// The estimate of the first Scrum board that this person sees, in at most two calls. None where there is no such
    /// board, or it estimates by time or not at all.
    pub async fn estimate_field(&self) -> Result<Option<Estimate>, Error> {
        let boards: Page<BoardJson> = licence::of_software(self.agile("board", "type=scrum&maxResults=1").await)?;
        let first = boards.values.0.into_iter().find_map(|board| {
            let BoardJson { id, name } = board.0?;
            Some((id.unsigned()?, name.filled()?))
        });
        let Some((id, board)) = first else { return Ok(None) };
        let told = self.agile::<ConfigurationJson>(&format!("board/{id}/configuration"), "").await;
        let estimation = licence::of_software(told)?.estimation.0.unwrap_or_default();
        let field = estimation.field.0.and_then(|field| field.field_id.filled());
        Ok(field.filter(|id| id.starts_with("customfield_")).map(|field| Estimate { field, board }))
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct BoardJson {
    id: Integer,
    name: Text,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct ConfigurationJson {
    estimation: Object<EstimationJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct EstimationJson {
    field: Object<FieldJson>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct FieldJson {
    field_id: Text,
}
