//! What is looked at before the first write, each with a result of its own (synced-database §1.1). It reads both sides, and
//! writes nothing anywhere.

use serde::Serialize;

use super::create::Found;
use super::run::overlap;
use super::{CreateError, Syncs};
use crate::jira::scan::{Position, Scope, TimeForm};
use crate::notion::Error;
use crate::notion::databases::Part;
use crate::notion::told::{List, User};
use crate::store::NotionKind;
use crate::workspace::TokenError;

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    pub name: &'static str,
    pub result: CheckResult,
    /// What was found, and where it is not good, what to do.
    pub words: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    Passed,
    /// The database can be made, but something will be lacking.
    Warning,
    /// It cannot be made.
    Failed,
}

/// With more rows Notion's own lists end before the database does (notion-rest-api §3.4), and people have met its limit.
const MANY_ROWS: u64 = 10_000;
/// The largest file that a workspace takes whose plan is free (notion-rest-api §2), and the blocks that such a one takes in
/// its life when it has several members.
const FREE_FILE: u64 = 5 * 1024 * 1024;
const FREE_BLOCKS: u64 = 1_000;

impl Syncs {
    /// Looks at everything that a first run needs; `rows` and `columns` are those of the plan.
    pub(super) async fn preflight(&self, found: &Found, rows: u64, columns: usize) -> Result<Vec<Check>, CreateError> {
        let mut checks = vec![self.jira_check(found), self.changes_check(found).await?];
        checks.extend(filter_check(found));
        checks.push(self.page_check(found).await?);
        checks.push(self.people_check(found).await?);
        checks.push(self.workspace_check(found, rows).await?);
        checks.push(size_check(rows, columns));
        Ok(checks)
    }

    fn jira_check(&self, found: &Found) -> Check {
        // Nothing was found where it is not so.
        passed("Jira", format!("{} shows {} to {}.", found.jira.site, found.project.key, found.jira.label))
    }

    /// Whether Jira understands how changes are asked for, with the filter.
    pub(super) async fn changes_check(&self, found: &Found) -> Result<Check, CreateError> {
        let scope = Scope::new(u64::try_from(found.project_id).unwrap_or_default(), found.asked.filter.clone());
        let now = self.means.clock.now();
        let since = Position::delta(now, overlap(found.jira.deployment), TimeForm::Relative, now);
        let (scope, since) = (&scope, &since);
        let page = self.ask(&found.jira, |client| async move { client.scan_page(scope, &["summary"], since).await });
        page.await?;
        let words = "Changes are asked for by the minutes that have gone by, so no time zone matters.";
        Ok(passed("Changes", words.to_owned()))
    }

    /// The page that is to hold the database, and the rights there.
    pub(super) async fn page_check(&self, found: &Found) -> Result<Check, CreateError> {
        let id = &found.asked.parent_page;
        let page = self.ask_notion(&found.notion, |client, token| async move { client.page(&token, id).await });
        let name = "Notion page";
        Ok(match page.await {
            Ok(page) if page.in_trash => {
                failed(name, "The page lies in Notion's trash. Take it out, or choose another one.")
            }
            Ok(_) => {
                let words =
                    "Notion shows the page. Whether rows may be added and changed there, it says with the first write.";
                passed(name, words.to_owned())
            }
            Err(TokenError::Notion(Error::NotFound)) => {
                failed(name, "Notion does not show this page to the connection. Share it there: ••• → Connections.")
            }
            Err(TokenError::Notion(Error::Refused { status: 403, .. })) => failed(
                name,
                "The connection may not read content. Give it the rights to read, insert and update content.",
            ),
            Err(error) => return Err(CreateError::of_notion(error)),
        })
    }

    /// Whether people of Jira can be found in Notion, which needs their e-mail addresses on both sides.
    async fn people_check(&self, found: &Found) -> Result<Check, CreateError> {
        let first = &Part::default();
        let users = self.ask_notion(&found.notion, |client, token| async move { client.users(&token, first).await });
        let has_emails = |list: &List<User>| list.results.iter().any(|user| user.email().is_some());
        let words = match users.await {
            Ok(list) if has_emails(&list) => {
                return Ok(passed("People", "Notion tells members with their e-mail addresses.".to_owned()));
            }
            Ok(_) => {
                "Notion does not tell e-mail addresses to this connection, so people are shown by their names in Jira."
            }
            Err(TokenError::Notion(Error::Refused { .. } | Error::NotFound)) => {
                "Notion does not tell members to this connection, so people are shown by their names in Jira."
            }
            Err(error) => return Err(CreateError::of_notion(error)),
        };
        Ok(warning("People", words.to_owned()))
    }

    /// Whether the workspace has room.
    async fn workspace_check(&self, found: &Found, rows: u64) -> Result<Check, CreateError> {
        let me = self.ask_notion(&found.notion, |client, token| async move { client.me(&token).await });
        let is_free = me.await.map_err(CreateError::of_notion)?.largest_file.is_some_and(|bytes| bytes <= FREE_FILE);
        // A token that a person has typed may be a personal one, which has no such limit.
        let name = "Workspace";
        Ok(match is_free && rows + 1 > FREE_BLOCKS / 2 {
            true => {
                let unless =
                    if found.notion.kind == NotionKind::Token { ", unless the token is a personal one" } else { "" };
                warning(
                    name,
                    format!(
                        "This looks like a free plan. With several members it takes {FREE_BLOCKS} blocks in all{unless}, and \
                         every row is one: rows may be lacking."
                    ),
                )
            }
            false => passed(name, "There is room for the rows.".to_owned()),
        })
    }
}

/// What narrows the project. Jira has been asked with it before.
fn filter_check(found: &Found) -> Option<Check> {
    let filter = found.asked.filter.as_ref()?.as_str();
    Some(passed("Filter", format!("Of {} only those issues are kept that match: {filter}", found.project.key)))
}

fn size_check(rows: u64, columns: usize) -> Check {
    let words = format!("{rows} rows, {columns} columns.");
    match rows > MANY_ROWS {
        true => {
            warning("Size", format!("{words} Notion has a limit that it does not publish; rows beyond it are named."))
        }
        false => passed("Size", words),
    }
}

fn passed(name: &'static str, words: String) -> Check {
    Check { name, result: CheckResult::Passed, words }
}

fn warning(name: &'static str, words: String) -> Check {
    Check { name, result: CheckResult::Warning, words }
}

fn failed(name: &'static str, words: &str) -> Check {
    Check { name, result: CheckResult::Failed, words: words.to_owned() }
}
