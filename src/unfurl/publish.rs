//! What is told to Notion about links, made with the eyes of the person who pasted them.

use super::plan::Object;
use super::{Ask, Unfurl};
use crate::link;
use crate::notion::unfurl::Operation;
use crate::preview::{Answer, State};
use crate::render::operations;
use crate::store;

/// What is told about one link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub operations: Vec<Operation>,
    /// Whether it says how things are, and not only that Jira could not be asked.
    pub is_known: bool,
    /// Where a change of it would be told of; empty where the link is none to a Jira.
    pub site: String,
    /// The issue on which it lies, by key in upper case; empty where it lies on none.
    pub issue: String,
}

impl Published {
    /// Whether there is something to show.
    pub fn shows(&self) -> bool {
        self.operations.iter().any(|it| matches!(it, Operation::Attributes(_)))
    }
}

impl Unfurl {
    /// What is told about `urls`, in their order.
    pub async fn publish(&self, ask: Ask<'_>, urls: &[&str]) -> Result<Vec<Published>, store::Error> {
        let held = self.connect.held(ask.account).await?;
        let answers = self.resolve(ask, urls).await?;
        let published = answers.iter().map(|answer| {
            let link = link::parse(&answer.url, &held.known);
            let publish = link.as_ref().map(|link| self.settings.rules.publishes(link.site())).unwrap_or_default();
            let asked = link.as_ref().and_then(Object::of);
            Published {
                operations: operations::of(answer, publish),
                is_known: !matches!(answer.state, State::Unreachable | State::RateLimited | State::Error),
                site: link.map(|link| link.site().to_string()).unwrap_or_default(),
                issue: asked.as_ref().and_then(Object::issue).map(|asked| issue(answer, asked)).unwrap_or_default(),
            }
        });
        Ok(published.collect())
    }
}

/// As Jira calls it, if it told; an issue that was moved is told of by its new key.
fn issue(answer: &Answer, asked: &str) -> String {
    let own = answer.preview.as_ref().map(|preview| preview.identifier.as_str()).filter(|key| !key.is_empty());
    own.unwrap_or(asked).to_ascii_uppercase()
}
