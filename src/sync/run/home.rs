//! The database itself: made once, and found again if nobody knows whether it was made (S29).

use super::super::badge::Badge;
use super::super::columns::Kind;
use super::super::halt::Halt;
use super::super::writer::Again;
use super::{Going, body};
use crate::notion::Error;
use crate::notion::property::Columns;
use crate::notion::told::DataSource;

/// Letters of a database's title.
const LONGEST_TITLE: usize = 200;

impl Going {
    /// Makes the database, with the columns that name nothing else. It is found again if nobody knows whether it was made.
    pub(super) async fn make_database(&mut self) -> Result<(), Halt> {
        if self.home.begun_at.is_some() && self.find_database().await? {
            return Ok(());
        }
        let planned = &self.home.planned;
        let names_nothing = planned.columns.iter().filter(|column| column.kind != Kind::Relation);
        let columns: Columns<_> = names_nothing
            .filter_map(|column| Some((column.name.clone(), column.schema(Vec::new(), "", planned)?)))
            .collect();
        let name = if self.database.project_name.is_empty() {
            &self.database.project_key
        } else {
            &self.database.project_name
        };
        let title: String = format!("{name} issues").chars().take(LONGEST_TITLE).collect();
        let (parent, said) = (self.asked.parent_page.clone(), self.words(Badge::InProgress));
        let description = self.description(&said);
        self.writer.turn(&self.hold).await?;
        self.home.begun_at = Some(self.hold.clock.now());
        self.save_home().await?;
        let made = self
            .writer
            .go(&self.hold, Again::Never, |client, token| {
                let (parent, title, description, columns) = (&parent, &title, &description, &columns);
                async move { client.create_database(&token, parent, title, description, columns).await }
            })
            .await;
        match made {
            Ok(made) => {
                self.home.database_id = made.database_id;
                self.home.data_source_id = made.data_source_id;
                self.home.url = made.url;
                self.home.begun_at = None;
                self.home.said = said;
                self.save_home().await?;
                let source = self.data_source().await?;
                self.learn_columns(&source);
                self.save_home().await
            }
            Err(failed) => {
                let halt = Halt::from(failed);
                if !matches!(halt, Halt::Later { .. }) {
                    // Notion has refused it: it is not there.
                    self.home.begun_at = None;
                    self.save_home().await?;
                }
                Err(match halt {
                    Halt::DatabaseHidden => Halt::ParentHidden,
                    halt => halt,
                })
            }
        }
    }

    /// Looks whether the database was made by a call of which nobody knows how it ended.
    async fn find_database(&mut self) -> Result<bool, Halt> {
        let id = self.database.id.to_string();
        let there = body::children(&self.hold, &self.writer, &self.asked.parent_page).await?;
        for child in there.iter().filter(|it| it.kind == "child_database") {
            let found =
                self.writer
                    .call(&self.hold, Again::Harmless, |client, token| async move {
                        client.database(&token, &child.id).await
                    })
                    .await
                    .map_err(Halt::from)?;
            let is_ours = found.description.iter().any(|run| run.plain_text.contains(&id));
            if let (true, Some(source)) = (is_ours && !found.in_trash, found.data_sources.first()) {
                self.home.said = found.words();
                self.home.database_id = found.id;
                self.home.data_source_id.clone_from(&source.id);
                self.home.url = found.url;
                self.home.begun_at = None;
                let source = self.data_source().await?;
                self.learn_columns(&source);
                self.save_home().await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The columns as they are now. Every data source has a title: an answer without one is of a kind that this version does
    /// not know (S49), and must not be taken for columns that somebody has removed.
    pub(super) async fn data_source(&self) -> Result<DataSource, Halt> {
        let id = self.home.data_source_id.clone();
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| {
            let id = &id;
            async move { client.data_source(&token, id).await }
        });
        let source = call.await.map_err(Halt::from)?;
        match source.in_trash || source.properties.values().any(|column| column.id == "title") {
            true => Ok(source),
            false => Err(Error::Malformed.into()),
        }
    }
}
