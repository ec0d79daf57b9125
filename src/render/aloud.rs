//! The accessible name of an object: "Bug ACME-12, Login fails on Safari, status In progress, assigned to Ana"
//! (paste-experience §9).

use std::fmt;

use super::{notice, words};
use crate::jira::key::Kind;
use crate::preview::{Answer, FactId, Preview};

/// The name in the pieces of which a mention shows some and whispers the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spoken<'a> {
    /// What it is: `Bug `, `Comment by Ana on Bug `, `Scrum board `.
    pub before: String,
    /// Empty for what is known by its title alone.
    pub key: String,
    pub title: &'a str,
    pub status: Option<&'a str>,
    /// `, assigned to Ana`, `, 47 issues`, `, last known values`.
    pub after: String,
}

impl fmt::Display for Spoken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { before, key, title, status, after } = self;
        let comma = if key.is_empty() || title.is_empty() { "" } else { ", " };
        write!(f, "{before}{key}{comma}{title}")?;
        if let Some(status) = status {
            write!(f, ", status {status}")?;
        }
        f.write_str(after)
    }
}

/// The accessible name of an answer's object.
pub fn of(answer: &Answer) -> Spoken<'_> {
    let key = words::name(answer);
    let Some(preview) = &answer.preview else {
        let headline = notice::headline(answer);
        let after = if key.is_empty() || headline.is_empty() { headline } else { format!(": {headline}") };
        return Spoken { key, after, ..Spoken::default() };
    };
    Spoken {
        before: before(answer, preview),
        key: Some(key).filter(|_| answer.kind == Kind::Project || words::is_issue(answer.kind)).unwrap_or_default(),
        title: &preview.title,
        status: preview.status.as_ref().map(|status| status.name.as_str()),
        after: after(answer, preview),
    }
}

fn before(answer: &Answer, preview: &Preview) -> String {
    let word = words::type_name(answer);
    if let Some(who) = words::author(answer) {
        let issue = word.as_deref().unwrap_or("Issue");
        return format!("{} by {who} on {issue} ", words::kind_name(answer.kind));
    }
    let word = match answer.kind {
        // Types of projects and of files say less than the word.
        Kind::Project | Kind::Attachment => words::kind_name(answer.kind).to_owned(),
        kind => word.unwrap_or_else(|| words::kind_name(kind).to_owned()),
    };
    // A sprint is often called "Sprint 4" already.
    let says_it = !words::is_issue(answer.kind) && preview.title.to_lowercase().starts_with(&word.to_lowercase());
    if says_it || answer.kind == Kind::Search { String::new() } else { format!("{word} ") }
}

fn after(answer: &Answer, preview: &Preview) -> String {
    let mut text = String::new();
    let fact = |id| words::fact(Some(preview), &id);
    if let Some(count) = words::count(answer) {
        text.extend([", ", count, if count == "1" { " issue" } else { " issues" }]);
    }
    if let Some(progress) = fact(FactId::Progress).filter(|_| !words::is_issue(answer.kind)) {
        text.extend([", ", progress]);
    }
    if words::has_assignee(answer.kind) {
        match fact(FactId::Assignee) {
            Some(person) => text.extend([", assigned to ", person]),
            None => text.push_str(", unassigned"),
        }
    }
    if let Some(key) = words::moved_from(answer) {
        text.extend([", was ", &key]);
    }
    if answer.stale {
        text.push_str(", last known values");
    }
    text
}
