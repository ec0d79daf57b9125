//! What the part below the site names: the first word chooses the family, §11's precedence chooses the object.

use std::borrow::Cow;

use crate::jira::key::Deployment;

use super::address::{Address, Parameters, Segment};
use super::base::{Certainty, Place};
use super::key::{self, IssueId, IssueKey, ProjectId, ProjectKey};
use super::projects::Product;
use super::target::{Target, UserId};
use super::{cloud, plugins, portal, projects, rest, secure};

/// The part of an address below its site.
pub(super) struct Page<'a> {
    pub address: &'a Address<'a>,
    pub segments: &'a [Segment<'a>],
    deployment: Option<Deployment>,
}

impl<'a> Page<'a> {
    pub fn new(address: &'a Address<'a>, place: &Place) -> Self {
        Self { address, segments: &address.segments[place.depth..], deployment: place.deployment }
    }

    pub fn parameters(&self) -> &Parameters<'a> {
        &self.address.parameters
    }

    /// The decoded segment; empty when there is none.
    pub fn text(&self, at: usize) -> &str {
        self.segments.get(at).map_or("", |segment| segment.text.as_ref())
    }

    /// The segment as a route word, lower case.
    pub fn word(&self, at: usize) -> Cow<'_, str> {
        let text = self.text(at);
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        }
    }

    pub fn is(&self, at: usize, word: &str) -> bool {
        self.text(at).eq_ignore_ascii_case(word)
    }

    pub fn ends_at(&self, at: usize) -> bool {
        self.segments.len() <= at
    }

    pub fn number(&self, at: usize) -> Option<u64> {
        key::number_of(self.text(at))
    }

    pub fn issue_key(&self, at: usize) -> Option<IssueKey> {
        self.read_issue_key(self.text(at))
    }

    pub fn issue(&self, at: usize) -> Option<IssueId> {
        IssueId::parse(self.text(at), self.has_tails())
    }

    pub fn project_key(&self, at: usize) -> Option<ProjectKey> {
        ProjectKey::parse(self.text(at))
    }

    pub fn read_issue_key(&self, text: &str) -> Option<IssueKey> {
        IssueKey::parse(text, self.has_tails())
    }

    /// The issue in one of these parameters, by key or number.
    pub fn issue_in(&self, names: &[&str]) -> Option<IssueId> {
        names.iter().find_map(|name| IssueId::parse(self.parameters().word(name)?, self.has_tails()))
    }

    /// `selectedIssue`, when it holds a key.
    pub fn selected_issue(&self) -> Option<IssueKey> {
        self.read_issue_key(self.parameters().word("selectedIssue")?)
    }

    pub fn is_self_managed(&self) -> bool {
        matches!(self.deployment, Some(Deployment::DataCenter | Deployment::Server))
    }

    /// Only self-managed servers have project keys that end in numbers after a hyphen.
    fn has_tails(&self) -> bool {
        self.deployment != Some(Deployment::Cloud)
    }
}

/// The object of a page; `None` for pages that are not Jira's or are never previewed.
pub(super) fn target(page: &Page<'_>) -> Option<Target> {
    match &*page.word(0) {
        "" if page.segments.is_empty() => Some(Target::Site),
        "browse" => browse(page),
        "projects" => projects::directory(page, 1, Product::Any),
        "issues" => issues(page, 1),
        "secure" => secure::target(page),
        "jira" => cloud::target(page),
        "servicedesk" => portal::service_desk(page),
        "helpcenter" => portal::help_center(page),
        "rest" => rest::target(page),
        "plugins" => plugins::target(page),
        "si" => plugins::issue_export(page),
        "sr" => plugins::search_export(page),
        "people" if !page.is_self_managed() => cloud::people(page, 1),
        _ => None,
    }
}

/// `browse/OPS-7`, and `browse/OPS` with the old pages below a project.
fn browse(page: &Page<'_>) -> Option<Target> {
    if let Some(key) = page.issue_key(1) {
        return Some(issue_page(page, IssueId::Key(key)));
    }
    let project = page.project_key(1)?;
    if let Some(key) = page.selected_issue() {
        return Some(issue_page(page, IssueId::Key(key)));
    }
    let project = ProjectId::Key(project);
    Some(match (&*page.word(2), page.number(3)) {
        ("fixforversion", Some(version)) => Target::Version { version, project: Some(project) },
        ("component", Some(component)) => Target::Component { component, project: Some(project) },
        _ => Target::Project { project },
    })
}

/// The issue navigator, with what follows `issues`.
pub(super) fn issues(page: &Page<'_>, at: usize) -> Option<Target> {
    if let Some(key) = page.selected_issue().or_else(|| page.issue_key(at)) {
        return Some(issue_page(page, IssueId::Key(key)));
    }
    page.ends_at(at).then(|| search(page, "filter", "jql").unwrap_or(Target::Site))
}

/// An issue, or the comment or worklog that its address points at (jira-urls 3.4 to 3.8).
pub(super) fn issue_page(page: &Page<'_>, issue: IssueId) -> Target {
    let parameters = page.parameters();
    let focused = |tab: &str| {
        let is_tab = parameters.word("page").is_some_and(|page| page.contains(tab));
        parameters.number("focusedId").filter(|_| is_tab)
    };
    let fragment = |name: &str| key::number_of(page.address.fragment.strip_prefix(name)?);
    if let Some(comment) = parameters.number("focusedCommentId").or_else(|| focused("comment-tabpanel")) {
        return Target::Comment { issue, comment };
    }
    if let Some(worklog) = parameters.number("focusedWorklogId").or_else(|| focused("worklog-tabpanel")) {
        return Target::Worklog { issue, worklog };
    }
    if let Some(comment) = fragment("comment-") {
        return Target::Comment { issue, comment };
    }
    match fragment("worklog-") {
        Some(worklog) => Target::Worklog { issue, worklog },
        None => Target::Issue { issue },
    }
}

/// A search or a filter by its parameters: JQL wins over the filter that it modifies. `None` when neither is there.
pub(super) fn search(page: &Page<'_>, filter_name: &str, jql_name: &str) -> Option<Target> {
    if let Some(jql) = page.parameters().get(jql_name) {
        return Some(Target::Search { jql: jql.to_owned() });
    }
    if let Some(filter) = page.parameters().word(filter_name).and_then(key::filter_of) {
        return Some(Target::Filter { filter });
    }
    page.parameters().has(jql_name).then(|| Target::Search { jql: String::new() })
}

/// A person by account id, where it can be one.
pub(super) fn account(text: &str) -> Option<Target> {
    let fits = !text.is_empty() && text.len() <= 255 && !text.contains(|c: char| c == '/' || c.is_control());
    fits.then(|| Target::User { user: UserId::Account(text.to_owned()) })
}

/// Whether the shape of the path is proof enough. On a host that nobody has named, words such as `projects` and
/// `issues` belong to every second web application.
pub(super) fn is_plausible(page: &Page<'_>, target: &Target, place: &Place) -> bool {
    match place.certainty {
        Certainty::Known | Certainty::CloudHost => true,
        Certainty::Api => page.is(0, "rest"),
        Certainty::Guessed => match target {
            Target::Site => match &*page.word(0) {
                "" => false,
                "issues" | "projects" => matches!(place.site.context_path(), "" | "/jira"),
                "secure" => !page.ends_at(1),
                _ => true,
            },
            // Jira itself writes its keys in upper case; `projects/OPS/repos` is Bitbucket's.
            Target::Project { project: ProjectId::Key(key) } => match &*page.word(0) {
                "browse" | "projects" => page.text(1) == key.as_str() && !page.is(2, "repos"),
                _ => true,
            },
            _ => true,
        },
    }
}
