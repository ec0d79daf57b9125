//! `GET·POST /databases/new`: what shall be kept, and what that would come to (synced-database §1.1).

use askama::Template;

use super::{Base, SyncPlan, Way};
use crate::render::icon::Icon;

/// The form, and the plan once it was asked for.
#[derive(Debug, Template)]
#[template(path = "database_new.html")]
pub struct NewDatabase<'a> {
    pub base: Base,
    pub project_url: &'a str,
    pub parent_page: &'a str,
    pub jql: &'a str,
    pub with_security: bool,
    pub all_sprints: bool,
    pub with_comments: bool,
    pub status_as_status: bool,
    /// The person's ways into the Jira of the link; several are chosen from.
    pub jira: Vec<Choice>,
    pub notion: Vec<Choice>,
    /// What has to be done before, in this order.
    pub first: Vec<First>,
    pub planned: Option<Planned>,
    pub problem: Option<String>,
    /// What helps against it.
    pub way: Option<Way>,
}

/// One of several connections.
#[derive(Clone, Debug)]
pub struct Choice {
    pub id: String,
    pub name: String,
    pub detail: String,
    pub is_chosen: bool,
}

/// A step before the first one.
#[derive(Clone, Debug)]
pub struct First {
    pub title: &'static str,
    pub text: String,
    pub way: Option<Way>,
    /// Here a token of Notion's can be typed; then on to this path.
    pub token_for: Option<String>,
}

/// What would be made.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The link of the project, and all that narrows it: just this is made.
    pub project_url: String,
    pub jql: String,
    pub project_key: String,
    pub project_name: String,
    pub workspace: String,
    /// What was looked at before.
    pub checks: Vec<Checked>,
    pub plan: SyncPlan,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Checked {
    pub name: &'static str,
    /// None: it cannot be made. `false`: something will be lacking.
    pub is_good: Option<bool>,
    pub words: String,
}

impl Planned {
    fn can_be_made(&self) -> bool {
        self.checks.iter().all(|it| it.is_good.is_some())
    }
}

impl Checked {
    fn icon(&self) -> Icon {
        if self.is_good == Some(true) { Icon::Tick } else { Icon::Warning }
    }

    fn class(&self) -> &'static str {
        if self.is_good == Some(true) { "stage-good" } else { "stage-bad" }
    }

    fn result(&self) -> &'static str {
        match self.is_good {
            Some(true) => "Good",
            Some(false) => "Warning",
            None => "Failed",
        }
    }
}

impl NewDatabase<'_> {
    fn warning(&self) -> Icon {
        Icon::Warning
    }

    fn chosen(choices: &[Choice]) -> &str {
        choices.iter().find(|it| it.is_chosen).map_or("", |it| it.id.as_str())
    }

    fn chosen_jira(&self) -> &str {
        Self::chosen(&self.jira)
    }

    fn chosen_notion(&self) -> &str {
        Self::chosen(&self.notion)
    }
}
