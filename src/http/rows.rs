//! An issue that has a row in one of the reader's synced databases: the answer leads there, too (paste-experience
//! §2A).

use crate::gateway::Gateway;
use crate::jira::key::{Kind, SiteUrl};
use crate::notion::page_url;
use crate::preview::{Action, Answer, State};
use crate::store::{self, AccountId};

/// Adds the action `row` to the answers about issues of synced projects. Nobody is asked for an account without databases.
pub async fn add(gateway: &Gateway, account: &AccountId, answers: &mut [Answer]) -> Result<(), store::Error> {
    if !gateway.syncs.has_any(account) {
        return Ok(());
    }
    for answer in answers.iter_mut().filter(|it| it.kind == Kind::Issue && it.state == State::Ready) {
        let Some(site) = answer.site.as_ref().and_then(|site| SiteUrl::parse(&site.url).ok()) else { continue };
        let pages = gateway.store.pages_of_issue(account, &site, &answer.id).await?;
        if let Some((_, page)) = pages.first() {
            answer.actions.push(Action { id: "row", href: page_url(page) });
        }
    }
    Ok(())
}
