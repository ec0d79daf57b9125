//! What Notion's readers are told of how it is going: the description of the database, written when that is of another
//! kind (§2). Whoever writes a description of their own keeps it.

use serde_json::json;

use super::super::badge::{Badge, Figures};
use super::super::halt::Halt;
use super::super::writer::{Again, Failed};
use super::Going;
use crate::notion::rich_text::{Content, Marks, RichText};

impl Going {
    /// In one line, before the address where there is more. By the address the database is found again, too.
    pub(super) fn words(&self, badge: Badge) -> String {
        let badge = badge.words(&Figures::default());
        format!("Synced from Jira ({}) · {badge} · {}", self.database.project_key, self.address())
    }

    fn address(&self) -> String {
        self.means.public_url.join(&format!("/databases/{}", self.database.id))
    }

    pub(super) fn description(&self, words: &str) -> [RichText; 2] {
        let address = self.address();
        let before = words.strip_suffix(&address).unwrap_or_default();
        let link = Content::Text { text: address.clone(), link: Some(address) };
        [RichText::plain(before), RichText { content: link, marks: Marks::default() }]
    }

    /// Says how things are after a run.
    pub(super) async fn say(&mut self) -> Result<(), Halt> {
        let words = self.words(self.status.badge);
        if self.home.database_id.is_empty() || self.home.said.is_empty() || self.home.said == words {
            return Ok(());
        }
        let id = self.home.database_id.clone();
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| {
            let id = &id;
            async move { client.database(&token, id).await }
        });
        let there = call.await.map_err(Halt::from)?;
        if there.words() != self.home.said {
            // It is a person's from now on.
            self.home.said = String::new();
            return self.save_home().await;
        }
        let change = json!({ "description": self.description(&words) });
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| {
            let (id, change) = (&id, &change);
            async move { client.update_database(&token, id, change).await }
        });
        match call.await {
            Ok(()) => {}
            Err(Failed::Notion(error)) => return Err(error.into()),
            Err(Failed::Halt(halt)) => return Err(halt),
        }
        self.home.said = words;
        self.save_home().await
    }
}
