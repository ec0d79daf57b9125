//! An issue: its row, what of it is not shown, whether it waits; and where it has no row, what Jira says of it.

use super::{About, Cause, Explained, Scene, Step, Syncs};
use crate::jira::client::Wish;
use crate::jira::model::Issue;
use crate::jira::scan::{Filter, ScanError, Scope};
use crate::store::SyncedRow;
use crate::store::row_state::{ASKED, GONE, KEPT, MOVED};
use crate::sync::CreateError;
use crate::sync::cells::What;
use crate::sync::pace::ALLOWANCE;
use crate::sync::report::Problem;
use crate::sync::run::losses::Line;
use crate::sync::run::read_json;
use crate::sync::why::Why;

impl Syncs {
    /// `id`: its key, or Jira's number of it.
    pub(super) async fn explain_issue(&self, scene: &Scene<'_>, id: &str) -> Result<Explained, CreateError> {
        if let Some(answer) = self.explain_row(scene, id).await? {
            return Ok(answer);
        }
        let mut of = id.to_owned();
        let mut causes: Vec<Cause> = self.standstill(scene.database).into_iter().collect();
        if let Some(jira) = scene.jira() {
            let wish = Wish::default();
            let asked = self.ask(jira, |client| {
                let wish = &wish;
                async move { client.issue(id, wish).await.map_err(ScanError::from) }
            });
            let cause = match asked.await {
                Ok(issue) => {
                    // It may have been moved, and have a row under its new key.
                    if issue.key != id
                        && let Some(answer) = self.explain_row(scene, &issue.key).await?
                    {
                        return Ok(answer);
                    }
                    of.clone_from(&issue.key);
                    self.why_absent(scene, &issue).await
                }
                Err(CreateError::Hidden) => {
                    Cause::new("no_permission", "The owner's account cannot see this issue, or there is none.")
                }
                Err(error) => return Err(error),
            };
            causes.push(cause);
        }
        Ok(Explained { of, kind: About::Issue, page_id: None, causes })
    }

    /// None where it has no row, and none is to be made as far as is known here.
    async fn explain_row(&self, scene: &Scene<'_>, id: &str) -> Result<Option<Explained>, CreateError> {
        let (store, database) = (&self.means.store, &scene.database.id);
        let found = match id.parse::<i64>() {
            Ok(number) => Some((number, String::new())),
            Err(_) => store.issue_of_key(database, id).await?,
        };
        let Some((issue_id, losses)) = found else { return Ok(None) };
        let row = store.synced_row(database, issue_id).await?;
        let Some(row) = row.filter(|row| row.state != GONE || row.is_pending) else { return Ok(None) };
        let mut causes = Vec::new();
        if row.is_pending {
            causes.extend(self.standstill(scene.database));
            causes.push(self.place_in_queue(scene, &row).await?);
        }
        if let Some(problem) = &row.problem {
            let Problem { code, message, since } = read_json(problem);
            causes.push(Cause::new(&code, message).since(since));
        }
        let name = |key: String| scene.home.planned.column(&key).map_or(key, |column| column.name.clone());
        // Of a row that is not there nothing is lost.
        let is_shown = ["", MOVED, KEPT, ASKED].contains(&row.state.as_str());
        let lines: Vec<Line> = if is_shown { read_json(&losses) } else { Vec::new() };
        causes.extend(lines.into_iter().map(|line| lost(Line { place: name(line.place), ..line })));
        if causes.is_empty() && row.page_id.is_none() {
            causes.extend(self.standstill(scene.database));
            causes.push(Cause::new("waiting", "It is read again, and then written.").next(Step::Sync));
        }
        let page_id = row.page_id.filter(|_| is_shown);
        Ok(Some(Explained { of: row.issue_key, kind: About::Issue, page_id, causes }))
    }

    /// "In the queue, place 120, about 40 s."
    async fn place_in_queue(&self, scene: &Scene<'_>, row: &SyncedRow) -> Result<Cause, CreateError> {
        let before = self.means.store.pending_before(&scene.database.id, row.depth, row.issue_id).await?;
        let place = u64::try_from(before).unwrap_or_default() + 1;
        let seconds = place.saturating_mul(60).div_ceil(u64::try_from(ALLOWANCE).unwrap_or(u64::MAX));
        let message = format!("In the queue, place {place}, about {seconds} s.");
        Ok(Cause::new("waiting", message).since(scene.progress.run.as_ref().map(|run| run.began)))
    }

    /// Why an issue that its owner sees has no row.
    async fn why_absent(&self, scene: &Scene<'_>, issue: &Issue) -> Cause {
        let project_id = scene.database.project_id.to_string();
        if issue.project.as_ref().is_none_or(|project| project.id != project_id) {
            let message = "Not in the project. Where an issue of the database is linked to it, it stays a link.";
            return Cause::new(Why::OutOfScope.code(), message).next(Step::Nothing);
        }
        if issue.secured && !scene.asked.wish.with_security {
            return Cause::why(Why::SecurityLevel);
        }
        if let Some(filter) = &scene.asked.filter
            && self.is_left_out(scene, filter, &issue.key).await
        {
            return Cause::new(Why::OutOfScope.code(), "Not in the filter.");
        }
        match scene.progress.run.as_ref().filter(|run| run.position.is_some()) {
            Some(run) => {
                let message = format!("Jira is still being read: {} issues so far.", run.read);
                Cause::new("waiting", message).since(Some(run.began))
            }
            None => Cause::new("waiting", "It has not been read yet.").next(Step::Sync),
        }
    }

    async fn is_left_out(&self, scene: &Scene<'_>, filter: &Filter, key: &str) -> bool {
        let Some(jira) = scene.jira() else { return false };
        let Ok(both) = Filter::parse(&format!("({}) AND key = \"{key}\"", filter.as_str())) else { return false };
        let project_id = u64::try_from(scene.database.project_id).unwrap_or_default();
        let jql = Scope::new(project_id, Some(both)).to_string();
        let hits = self.ask(jira, |client| {
            let jql = &jql;
            async move { client.hits(jql, 1).await.map_err(ScanError::from) }
        });
        hits.await.is_ok_and(|hits| hits.first.is_empty())
    }
}

/// What of an issue Notion does not show.
fn lost(line: Line) -> Cause {
    let Line { place, what, count } = line;
    let place = if place == "body" { "the text of its page".to_owned() } else { format!("“{place}”") };
    let message = format!("Not shown in {place}: {count} × {what}.");
    let known = [What::Shape, What::End, What::Rest, What::Person, What::Target];
    match known.into_iter().find(|it| it.words() == what).and_then(What::why) {
        Some(why) => Cause::new(why.code(), format!("{message} {}", why.sentence())),
        None => Cause::new("with_loss", message),
    }
}
