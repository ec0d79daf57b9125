//! Many links pasted at once: what they may become together (paste-experience §3, R16).

use super::{markdown, plain, table, words};
use crate::jira::key::Kind;
use crate::preview::Answer;

/// How many links behave as single pastes; more of them ask once.
pub const SINGLE_PASTES: usize = 3;

/// What many links become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insert {
    Mentions,
    Table,
    Projects,
    Links,
}

impl Insert {
    pub const ALL: [Self; 4] = [Self::Mentions, Self::Table, Self::Projects, Self::Links];

    /// The value of the `insert` parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mentions => "mentions",
            Self::Table => "table",
            Self::Projects => "projects",
            Self::Links => "links",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|insert| insert.as_str() == text)
    }

    /// The words of the menu.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mentions => "Mentions",
            Self::Table => "Table",
            Self::Projects => "List by project",
            Self::Links => "Plain links",
        }
    }
}

/// The answers in this form, as text for an editor: Markdown, or for plain links a line each, as they were pasted.
pub fn text(insert: Insert, answers: &[Answer]) -> String {
    let list = |answers: &mut dyn Iterator<Item = &Answer>| {
        answers.map(|it| format!("- {}\n", markdown::of(it))).collect::<String>()
    };
    match insert {
        Insert::Mentions => list(&mut answers.iter()),
        Insert::Table => table::markdown(answers),
        Insert::Projects => {
            let groups = by_project(answers);
            let parts = groups
                .into_iter()
                .map(|group| format!("{}\n\n{}", markdown::heading(&group.name), list(&mut group.answers.into_iter())));
            parts.collect::<Vec<_>>().join("\n")
        }
        Insert::Links => answers.iter().map(|answer| format!("{}\n", plain::line(&answer.url))).collect(),
    }
}

/// The answers of one project of one site.
#[derive(Debug)]
pub struct Group<'a> {
    /// `OPS · Jira (acme)`
    pub name: String,
    pub answers: Vec<&'a Answer>,
}

/// The answers by project, in the order in which the projects come first; last what belongs to none.
pub fn by_project(answers: &[Answer]) -> Vec<Group<'_>> {
    let mut groups: Vec<(Option<(&str, String)>, Group<'_>)> = Vec::new();
    for answer in answers {
        let project = project(answer);
        match groups.iter_mut().find(|(known, _)| *known == project) {
            Some((_, group)) => group.answers.push(answer),
            None => {
                let name = match (&project, &answer.site) {
                    (Some((_, key)), Some(site)) => words::redacted(Kind::Project, key, None, &site.name),
                    _ => "Other links".to_owned(),
                };
                groups.push((project, Group { name, answers: vec![answer] }));
            }
        }
    }
    groups.sort_by_key(|(project, _)| project.is_none());
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The site, and the key of the project, where it can be told.
fn project(answer: &Answer) -> Option<(&str, String)> {
    let name = words::handle(answer);
    let name = name.rsplit(' ').next()?;
    let key = match answer.kind {
        Kind::Project => name,
        kind if words::is_issue(kind) => name.rsplit_once('-')?.0,
        _ => return None,
    };
    Some((&answer.site.as_ref()?.url, key.to_owned()))
}
