//! A Jira object as a [`Preview`]: which facts, in which order (paste-experience §7). Pure.

mod agile;
mod desk;
mod issue;
mod search;
mod things;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::jira::model::{Person, ProjectRef, RichText};
use crate::jira::{model, text, value};
use crate::preview::{Fact, FactId, Status};

pub use self::agile::{board, sprint};
pub use self::desk::{portal, queue, request};
pub use self::issue::{Chosen, is_idea, issue, project};
pub use self::search::{filter, search};
pub use self::things::{attachment, component, dashboard, remark, user, version, worklog};

/// Longest description that leaves the gateway, in characters (contract, `GATEWAY_PREVIEW_DESCRIPTION`).
const DESCRIPTION_MAX: usize = 255;
/// Longest beginning of a comment: two lines of a card.
const EXCERPT_MAX: usize = 200;
/// Longest name or title that is kept. Jira's own limit for a summary is 255; what is longer comes from something else.
const LINE_MAX: usize = 1_000;
/// Longest address of a picture that is kept; a longer one is none that Jira makes.
const ADDRESS_MAX: usize = 1_000;

fn description(text: &RichText) -> Option<String> {
    Some(text::plain_text(text, DESCRIPTION_MAX)).filter(|it| !it.is_empty())
}

/// Where Jira has plain text or wiki markup.
fn description_of(text: Option<&String>, wanted: bool) -> Option<String> {
    text.filter(|_| wanted).and_then(|text| description(&RichText::Wiki(text.clone())))
}

fn line(text: &str) -> String {
    text::clean_line(text, LINE_MAX)
}

/// What people know an object by. Jira takes a name of which nobody sees a letter; a link needs words all the same.
fn title(name: &str) -> String {
    match line(name) {
        none if none.is_empty() => "(no title)".to_owned(),
        title => title,
    }
}

fn picture(url: Option<&String>) -> Option<String> {
    url.filter(|url| url.len() <= ADDRESS_MAX).cloned()
}

fn status(status: &model::Status) -> Status {
    Status { name: line(&status.name), category: status.category }
}

/// `Operations (OPS)`
fn project_name(project: &ProjectRef) -> String {
    if project.name == project.key { project.key.clone() } else { format!("{} ({})", project.name, project.key) }
}

/// The days of a span of time, in UTC.
fn days(start: Option<Timestamp>, end: Option<Timestamp>) -> Option<String> {
    let day = |at: Timestamp| -> Date { at.to_zoned(jiff::tz::TimeZone::UTC).date() };
    value::span(start.map(day), end.map(day))
}

/// Facts in the order in which they are added; an empty value is none.
#[derive(Default)]
struct Facts(Vec<Fact>);

impl Facts {
    fn add(&mut self, id: FactId, value: Option<&str>) {
        self.push(Fact::new(id, value.unwrap_or_default()));
    }

    fn list(&mut self, id: FactId, values: &[String]) {
        self.add(id, Some(&values.join(", ")));
    }

    /// Under a label of its own.
    fn named(&mut self, id: FactId, name: &str, value: Option<&str>) {
        self.push(Fact { name: line(name).into(), ..Fact::new(id, value.unwrap_or_default()) });
    }

    fn person(&mut self, id: FactId, person: Option<&Person>) {
        self.person_named(id.name(), id, person);
    }

    fn person_named(&mut self, name: &'static str, id: FactId, person: Option<&Person>) {
        if let Some(person) = person {
            let picture_url = picture(person.avatar_url.as_ref());
            self.push(Fact { name: name.into(), picture_url, ..Fact::new(id, &*person.display_name) });
        }
    }

    fn push(&mut self, mut fact: Fact) {
        fact.value = line(&fact.value);
        if !fact.value.is_empty() {
            self.0.push(fact);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::things::Dashboard;

    #[test]
    fn a_name_that_nobody_sees_is_said_to_be_missing() {
        for (name, expected) in [("", "(no title)"), ("\u{200b} \u{3164}", "(no title)"), (" Team\u{202e} ", "Team")] {
            let dashboard = Dashboard { name: name.to_owned(), description: None, owner: None };
            assert_eq!(things::dashboard(&dashboard, false).title, expected, "{name:?}");
        }
    }
}
