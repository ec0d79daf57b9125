//! One row: the calls that make it or bring it up to date (S29, S32, S45 to S47).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::badge::Reason;
use super::super::cell::Cell;
use super::super::halt::Halt;
use super::super::hold::Hold;
use super::super::writer::{Again, Failed, Writer};
use super::body;
use super::unsure::{self, Lookup};
use crate::notion::Error;
use crate::notion::block::Block;
use crate::notion::property::Value;
use crate::store::{DatabaseId, UNSURE, Written};

/// A row to be made or changed, with all that its call needs.
#[derive(Debug)]
pub(super) struct Job {
    pub issue_id: i64,
    pub updated_at: i64,
    pub page_id: Option<String>,
    pub hash: Vec<u8>,
    /// What it shows, to be bound to Notion's ids anew where these are not what they were.
    pub cells: Vec<(String, Cell)>,
    /// Empty where the cells are as they should be.
    pub values: BTreeMap<String, Value>,
    /// None where it is as it should be.
    pub body: Option<body::Job>,
    pub losses: String,
    /// Lies in the trash, and is to come out of it.
    pub is_gone: bool,
    /// Issues that it names and that have no row yet.
    pub absent: Vec<String>,
    /// Tried again after the columns were looked at anew.
    pub is_again: bool,
}

/// What came of a job.
#[derive(Debug)]
pub(super) enum Done {
    Created(String),
    Updated(String),
    /// A person has put the row into the trash.
    Hidden,
    /// It was to come out of the trash, and is not even there any more.
    Vanished,
    /// Pages that it names are not there any more.
    Unrelated(Vec<String>),
    /// Notion refuses what it says.
    Refused {
        code: String,
        detail: String,
    },
    /// The row stands there, but Notion refuses its text.
    Bare {
        page: String,
        code: String,
        detail: String,
    },
    /// Notion takes no more rows, but changes of those that are there.
    Full(Reason),
}

/// What a job works with, whichever task does it.
#[derive(Debug)]
pub(super) struct Tools {
    pub hold: Arc<Hold>,
    pub bots: Arc<BTreeSet<String>>,
    pub writer: Writer,
    pub database: DatabaseId,
    /// Notion's ids of the database.
    pub home: String,
    pub data_source: String,
    pub lookup: Lookup,
}

impl Tools {
    pub async fn write(&self, job: &Job) -> Result<Done, Halt> {
        let values: BTreeMap<&str, Value> = job.values.iter().map(|(id, value)| (id.as_str(), value.clone())).collect();
        let Some(page) = &job.page_id else { return self.create(job, &values).await };
        if job.is_gone {
            let call = self.writer.call(&self.hold, Again::Harmless, |client, token| async move {
                client.trash_page(&token, page, false).await
            });
            match call.await {
                Ok(_) => {}
                Err(Failed::Notion(Error::NotFound)) => {
                    self.is_there().await?;
                    return Ok(Done::Vanished);
                }
                Err(failed) => return Err(failed.into()),
            }
        }
        let done = match values.is_empty() {
            true => Done::Updated(page.clone()),
            false => self.update(page, &values).await?,
        };
        if let (Done::Updated(page), Some(body)) = (&done, &job.body) {
            return self.write_body(page, body, false).await.map(|refused| refused.unwrap_or(done));
        }
        Ok(done)
    }

    async fn update(&self, page: &str, values: &BTreeMap<&str, Value>) -> Result<Done, Halt> {
        let call = self.writer.call(&self.hold, Again::Harmless, |client, token| async move {
            client.update_page(&token, page, values).await
        });
        match call.await {
            Ok(answer) if answer.in_trash => self.hidden().await,
            Ok(_) => Ok(Done::Updated(page.to_owned())),
            Err(Failed::Notion(error @ (Error::Refused { status: 400, .. } | Error::NotFound))) => {
                self.why_refused(page, values, error).await
            }
            Err(failed) => Err(failed.into()),
        }
    }

    /// A row that cannot be changed: because a person has put it away, or because of what was to be written.
    async fn why_refused(&self, page: &str, values: &BTreeMap<&str, Value>, error: Error) -> Result<Done, Halt> {
        let call = self
            .writer
            .call(&self.hold, Again::Harmless, |client, token| async move { client.page(&token, page).await });
        match (call.await, error) {
            (Ok(page), _) if page.in_trash => self.hidden().await,
            (Ok(_), Error::Refused { code, detail, .. }) => Ok(Done::Refused { code, detail }),
            (Ok(_), _) => self.unrelated(values).await,
            (Err(Failed::Notion(Error::NotFound)), _) => self.hidden().await,
            (Err(failed), _) => Err(failed.into()),
        }
    }

    /// A person has put the row away; unless it is the whole database that is away, and its rows with it.
    async fn hidden(&self) -> Result<Done, Halt> {
        self.is_there().await?;
        Ok(Done::Hidden)
    }

    /// Notion does not find something that the values name: other rows, as far as they are not there any more.
    async fn unrelated(&self, values: &BTreeMap<&str, Value>) -> Result<Done, Halt> {
        let named =
            values.values().filter_map(|value| if let Value::Relation(pages) = value { Some(pages) } else { None });
        let mut gone = Vec::new();
        for page in named.flatten().collect::<BTreeSet<_>>() {
            let call = self
                .writer
                .call(&self.hold, Again::Harmless, |client, token| async move { client.page(&token, page).await });
            match call.await {
                Ok(_) => {}
                Err(Failed::Notion(Error::NotFound)) => gone.push(page.clone()),
                Err(failed) => return Err(failed.into()),
            }
        }
        if gone.is_empty() {
            let detail = "Notion does not find something that the row names.".to_owned();
            return Ok(Done::Refused { code: "object_not_found".to_owned(), detail });
        }
        Ok(Done::Unrelated(gone))
    }

    /// Whether the database is there, and not in the trash (S46).
    async fn is_there(&self) -> Result<(), Halt> {
        let source = &self.data_source;
        let call = self
            .writer
            .call(&self.hold, Again::Harmless, |client, token| async move { client.data_source(&token, source).await });
        let is_trashed = call.await.map_err(Halt::from)?.in_trash || {
            let home = &self.home;
            let call = self
                .writer
                .call(&self.hold, Again::Harmless, |client, token| async move { client.database(&token, home).await });
            call.await.map_err(Halt::from)?.in_trash
        };
        if is_trashed { Err(Halt::DatabaseTrashed) } else { Ok(()) }
    }

    /// Writes what of a long body did not go with the call that made the row. The row is noted first: whatever becomes of
    /// the body, it is there.
    async fn created(&self, job: &Job, page: String, has_text: bool) -> Result<Done, Halt> {
        let Some(body) = &job.body else { return Ok(Done::Created(page)) };
        let is_begun = has_text || body.first().is_empty();
        if is_begun && body.later().is_empty() {
            return Ok(Done::Created(page));
        }
        let written =
            Written { issue_id: job.issue_id, page_id: &page, hash: &job.hash, body_hash: Some(UNSURE), losses: None };
        // Not with the time of the issue: it goes on waiting until its body is whole (S37).
        if !self.hold.store.row_written(&self.hold.lease, written, i64::MIN).await? {
            return Err(self.overtaken(job.issue_id, Some(&page)).await);
        }
        Ok(self.write_body(&page, body, is_begun).await?.unwrap_or(Done::Created(page)))
    }

    /// A text that Notion refuses, or has no room for, is no reason to stop the others.
    async fn write_body(&self, page: &str, body: &body::Job, is_new: bool) -> Result<Option<Done>, Halt> {
        let (code, detail) = match body::write(&self.hold, &self.writer, &self.bots, page, body, is_new).await {
            Ok(()) => return Ok(None),
            Err(Halt::Refused { code, detail } | Halt::Forbidden { code, detail }) => (code, detail),
            // Somebody is at work in the page, or it names something that is gone; or else nothing is there any more.
            Err(Halt::DatabaseHidden) => {
                self.is_there().await?;
                ("object_not_found".to_owned(), "Something that the text names is not there any more.".to_owned())
            }
            Err(halt) => return Err(halt),
        };
        Ok(Some(Done::Bare { page: page.to_owned(), code, detail }))
    }

    /// Somebody else has taken over while calls for a row were under way (S55): nobody knows what stands in it by now. One
    /// that was made besides another goes.
    pub async fn overtaken(&self, issue_id: i64, made: Option<&str>) -> Halt {
        let stands = match self.hold.store.row_found(&self.database, issue_id, made).await {
            Ok(stands) => stands,
            Err(error) => return error.into(),
        };
        if let (Some(made), Some(_)) = (made, stands.filter(|it| Some(it.as_str()) != made)) {
            // The lease does not matter: nobody else knows of this one.
            let call = self.writer.go(&self.hold, Again::Harmless, |client, token| async move {
                client.trash_page(&token, made, true).await
            });
            if let Err(failed) = call.await {
                return failed.into();
            }
        }
        Halt::Lost
    }

    /// Makes a row exactly once (S29); its text afterwards, where both together are too much for Notion (S48).
    async fn create(&self, job: &Job, values: &BTreeMap<&str, Value>) -> Result<Done, Halt> {
        let text = job.body.as_ref().map(body::Job::first).unwrap_or_default();
        match self.create_with(job, values, text).await? {
            Some(done) => Ok(done),
            None => {
                let too_large = || Halt::Later { why: "Notion could not make a row".to_owned(), wait: None };
                self.create_with(job, values, &[]).await?.ok_or_else(too_large)
            }
        }
    }

    /// None: it was not made, since it was too much together with the text.
    async fn create_with(
        &self,
        job: &Job,
        values: &BTreeMap<&str, Value>,
        children: &[Block],
    ) -> Result<Option<Done>, Halt> {
        let (store, issue_id) = (&self.hold.store, job.issue_id);
        let has_text = !children.is_empty();
        self.writer.turn(&self.hold).await?;
        if !store.begin_row(&self.hold.lease, issue_id).await? {
            return Err(Halt::Lost);
        }
        let source = &self.data_source;
        let call = self.writer.go(&self.hold, Again::Never, |client, token| async move {
            client.create_page(&token, source, values, children).await
        });
        let error = match call.await {
            Ok(page) => return self.created(job, page.id, has_text).await.map(Some),
            Err(Failed::Notion(error)) => error,
            // Of a call that was not answered nobody knows; what is noted stays noted.
            Err(Failed::Halt(halt)) => return Err(halt),
        };
        if error.may_be_done() {
            return match unsure::find(&self.hold, &self.writer, &self.lookup, issue_id, self.hold.clock.now()).await? {
                Some(page) => self.created(job, page, has_text).await.map(Some),
                None => {
                    store.row_not_made(&self.database, issue_id).await?;
                    if has_text && error.is_too_much() { Ok(None) } else { Err(Halt::from(error)) }
                }
            };
        }
        store.row_not_made(&self.database, issue_id).await?;
        let done = match error {
            error if has_text && error.is_too_much() => return Ok(None),
            Error::Refused { status: 403 | 406, code, detail } => Done::Full(Reason::no_more_rows(&code, &detail)),
            Error::Refused { status: 400 | 413, code, detail } => Done::Refused { code, detail },
            Error::NotFound => {
                self.is_there().await?;
                self.unrelated(values).await?
            }
            error => return Err(error.into()),
        };
        Ok(Some(done))
    }
}
