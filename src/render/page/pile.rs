//! A paste of many links on `GET /`: the question what they shall become, and what they became (paste-experience §3).

use askama::Template;
use jiff::Timestamp;

use super::home::densities;
use crate::preview::Answer;
use crate::render::mention::{self, Density};
use crate::render::notice::{self, Notice};
use crate::render::pile::{self, Group, Insert};
use crate::render::step::{self, Step};
use crate::render::{Html, table};

/// More links than behave as single pastes.
#[derive(Clone, Copy, Debug)]
pub struct Pile<'a> {
    /// As they were pasted.
    pub links: &'a [&'a str],
    /// How many are links to a Jira.
    pub jira: usize,
    /// How many of those differ.
    pub different: usize,
    /// None until the person has chosen.
    pub insert: Option<Insert>,
}

impl Pile<'_> {
    /// `40 Jira links, 30 different. Insert as:`
    fn question(&self) -> String {
        let Self { links, jira, different, .. } = *self;
        let others = links.len().saturating_sub(jira);
        let mut text = match jira {
            0 => format!("{others} links, none to a Jira"),
            1 => "1 Jira link".to_owned(),
            _ => format!("{jira} Jira links"),
        };
        if different < jira {
            text.push_str(&format!(", {different} different"));
        }
        if jira > 0 && others > 0 {
            text.push_str(&format!(", and {others} to other places"));
        }
        text + ". Insert as:"
    }

    pub(super) fn html(&self, answers: &[Answer], density: Density, now: Timestamp) -> String {
        let groups = match self.insert {
            Some(Insert::Mentions) => vec![List { name: None, rows: rows(answers.iter(), density) }],
            Some(Insert::Projects) => {
                pile::by_project(answers).into_iter().map(|group| List::of(group, density)).collect()
            }
            _ => Vec::new(),
        };
        let drawn = Drawn {
            question: self.question(),
            insert: self.insert,
            densities: if groups.is_empty() { &[] } else { densities(answers) },
            density,
            waits: waits(answers, now),
            lists: groups,
            table: (self.insert == Some(Insert::Table)).then(|| table::html(answers, now)),
            text: match self.insert {
                Some(Insert::Links) => self.links.join("\n"),
                Some(insert) => pile::text(insert, answers),
                None => String::new(),
            },
        };
        drawn.html()
    }
}

#[derive(Template)]
#[template(path = "parts/pile.html")]
struct Drawn<'a> {
    question: String,
    insert: Option<Insert>,
    /// The lengths to choose from, where there are mentions.
    densities: &'static [(Density, &'static str)],
    density: Density,
    waits: Vec<Wait>,
    lists: Vec<List<'a>>,
    table: Option<String>,
    /// For the box to copy from.
    text: String,
}

impl Drawn<'_> {
    fn densities(&self) -> &'static [(Density, &'static str)] {
        self.densities
    }
}

/// A site that waits for its person: said once, however many links lead there.
struct Wait {
    site: String,
    links: usize,
    notice: Notice,
    step: Step,
}

fn waits(answers: &[Answer], now: Timestamp) -> Vec<Wait> {
    let mut waits: Vec<Wait> = Vec::new();
    for answer in answers {
        let (Some(site), Some(notice), Some(step)) = (&answer.site, notice::of(answer, now), step::of_site(answer))
        else {
            continue;
        };
        match waits.iter_mut().find(|wait| wait.site == site.url && wait.step.label == step.label) {
            Some(wait) => wait.links += 1,
            None => waits.push(Wait { site: site.url.clone(), links: 1, notice, step }),
        }
    }
    waits
}

struct List<'a> {
    name: Option<String>,
    rows: Vec<Row<'a>>,
}

impl<'a> List<'a> {
    fn of(group: Group<'a>, density: Density) -> Self {
        Self { name: Some(group.name), rows: rows(group.answers.into_iter(), density) }
    }
}

struct Row<'a> {
    /// None for what is no Jira link: it stays text.
    mention: Option<String>,
    pasted: &'a str,
    name: String,
    /// Why there is no more than a link, in words.
    note: String,
    steps: Vec<Step>,
}

fn rows<'a>(answers: impl Iterator<Item = &'a Answer>, density: Density) -> Vec<Row<'a>> {
    let row = |answer: &'a Answer| Row {
        mention: mention::alone(answer, density),
        pasted: &answer.url,
        name: crate::render::words::handle(answer),
        note: notice::headline(answer),
        steps: step::of_many(answer),
    };
    answers.map(row).collect()
}
