//! The custom fields that a person wants to see on cards of one Jira.

use super::db::{BUMP, Db, tx};
use super::{AccountId, ConnectionId, Result, Store};

/// Ids of custom fields, in the order in which a card shows them; at most [`FieldIds::MOST`] (paste-experience §7).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldIds(Vec<String>);

impl FieldIds {
    pub const MOST: usize = 4;

    /// The first four different ones that can be ids of custom fields.
    pub fn new<'f>(ids: impl IntoIterator<Item = &'f str>) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for id in ids {
            if Self::is_one(id) && kept.len() < Self::MOST && kept.iter().all(|it| it != id) {
                kept.push(id.to_owned());
            }
        }
        Self(kept)
    }

    /// Whether this can be the id of a custom field.
    pub fn is_one(id: &str) -> bool {
        id.strip_prefix("customfield_")
            .is_some_and(|number| (1..=12).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

impl std::ops::Deref for FieldIds {
    type Target = [String];
    fn deref(&self) -> &[String] {
        &self.0
    }
}

impl From<String> for FieldIds {
    fn from(row: String) -> Self {
        Self::new(row.split(','))
    }
}

impl Store {
    /// Chooses the fields for one of an account's connections; `false` where the account has no such connection.
    pub async fn set_card_fields(&self, account: &AccountId, id: &ConnectionId, fields: &FieldIds) -> Result<bool> {
        tx!(self, |tx| {
            let query = "UPDATE connections SET card_fields = $3 WHERE id = $1 AND account_id = $2";
            let row = fields.join(",");
            if sqlx::query(query).bind(id).bind(account).bind(row).execute(&mut *tx).await?.rows_affected() == 0 {
                return Ok(false);
            }
            sqlx::query(BUMP).execute(&mut *tx).await?;
        });
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_custom_fields_are_kept() {
        let ids = ["customfield_1", "summary", "customfield_x", "customfield_1", "customfield_", "customfield_22"];
        assert_eq!(*FieldIds::new(ids), ["customfield_1", "customfield_22"]);
        let many: Vec<String> = (0..9).map(|number| format!("customfield_{number}")).collect();
        assert_eq!(FieldIds::from(many.join(",")).len(), FieldIds::MOST);
        assert!(FieldIds::from(String::new()).is_empty());
    }
}
