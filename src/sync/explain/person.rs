//! A person of Jira: whether Notion knows them (synced-database §3.3, S53).

use super::{About, Cause, Explained, Scene, Syncs};
use crate::jira::key::Deployment;
use crate::jira::scan::ScanError;
use crate::jira::things::Who;
use crate::notion;
use crate::notion::databases::Part;
use crate::notion::told::User;
use crate::sync::CreateError;
use crate::sync::why::Why;
use crate::workspace::TokenError;

/// Pages of members that are looked at for a person who waits.
const MOST_PAGES: usize = 10;

impl Syncs {
    /// `who`: an e-mail address, or an account id of Cloud, or a user name elsewhere. None where Jira knows nobody so.
    pub(super) async fn explain_person(&self, scene: &Scene<'_>, who: &str) -> Result<Option<Explained>, CreateError> {
        let (of, email) = if who.contains('@') && !who.contains(char::is_whitespace) {
            (who.to_owned(), Some(who.to_owned()))
        } else {
            let Some(jira) = scene.jira().filter(|_| !who.contains(char::is_whitespace)) else { return Ok(None) };
            let asked = self.ask(jira, |client| async move {
                let named = if jira.deployment == Deployment::Cloud { Who::Account(who) } else { Who::Name(who) };
                client.user(named).await.map_err(ScanError::from)
            });
            match asked.await {
                Ok((person, _)) => (person.display_name, person.email),
                Err(CreateError::Hidden | CreateError::BadFilter) => return Ok(None),
                Err(error) => return Err(error),
            }
        };
        // What the table says goes before the address that Jira tells.
        let named = |jira: &str| scene.asked.wish.people.iter().find(|(it, _)| it.eq_ignore_ascii_case(jira));
        let email = named(who).or_else(|| named(email.as_deref()?)).map(|(_, notion)| notion.clone()).or(email);
        let causes = match &email {
            None => {
                let message = "No Notion member matches this person: Jira tells no e-mail address of theirs.";
                vec![Cause::new(Why::PersonUnmapped.code(), message)]
            }
            Some(email) if self.is_member(scene, email).await? => Vec::new(),
            Some(_) => vec![Cause::why(Why::PersonUnmapped)],
        };
        Ok(Some(Explained { of, kind: About::Person, page_id: None, causes }))
    }

    async fn is_member(&self, scene: &Scene<'_>, email: &str) -> Result<bool, CreateError> {
        let connection = self.notion_of(scene.database).await?;
        let email = email.to_lowercase();
        let mut part = Part::default();
        for _ in 0..MOST_PAGES {
            let from = &part;
            let asked = self.ask_notion(&connection, |client, token| async move { client.users(&token, from).await });
            let list = match asked.await {
                Ok(list) => list,
                // Whoever may not list people knows none.
                Err(TokenError::Notion(notion::Error::Refused { .. } | notion::Error::NotFound)) => return Ok(false),
                Err(error) => return Err(CreateError::of_notion(error)),
            };
            let is_wanted = |user: &User| {
                user.id.to_lowercase() == email || user.email().is_some_and(|it| it.trim().to_lowercase() == email)
            };
            if list.results.iter().any(is_wanted) {
                return Ok(true);
            }
            match list.next() {
                Some(next) if part.cursor.as_deref() != Some(next) => part.cursor = Some(next.to_owned()),
                _ => return Ok(false),
            }
        }
        Ok(false)
    }
}
