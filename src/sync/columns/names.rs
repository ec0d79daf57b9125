//! One name for each column. Pure.
//!
//! Where two fields of Jira have one name, the kind of value tells them apart where it can ("Severity (number)"), as in
//! Jira's own queries; else the number by which Jira names the field there does ("Severity (cf[10201])"). A bare "2"
//! would say nothing, and could change its owner.

use std::collections::HashSet;

use super::Taken;
use crate::sync::fit::{fit, folded, nfc};

/// UTF-16 units of the name of a field, as far as it becomes the name of a column; an addition may follow it.
const NAME_UNITS: usize = 80;

/// The names that are given so far.
pub(super) struct Names<'t> {
    taken: &'t Taken,
    by_person: HashSet<String>,
    /// What columns keep that have a name from an earlier plan.
    kept: HashSet<String>,
    given: HashSet<String>,
}

/// A column that wants a name.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'c> {
    pub key: &'c str,
    /// The best one first. Never empty.
    pub candidates: Vec<String>,
}

impl<'t> Names<'t> {
    pub(super) fn new(taken: &'t Taken) -> Self {
        let by_person = taken.by_person.iter().map(|name| folded(name)).collect();
        Self { taken, by_person, kept: HashSet::new(), given: HashSet::new() }
    }

    /// Notes which names of an earlier plan are still good, before any name is given.
    pub(super) fn keep(&mut self, wanted: &Wanted<'_>) {
        if let Some(name) = self.earlier(wanted) {
            self.kept.insert(folded(name));
        }
    }

    /// Whether the person has a column of this name.
    pub(super) fn is_of_person(&self, name: &str) -> bool {
        self.by_person.contains(&folded(name))
    }

    /// A name that nothing else has.
    pub(super) fn give(&mut self, wanted: &Wanted<'_>) -> String {
        let earlier = self.earlier(wanted).map(str::to_owned).filter(|name| !self.given.contains(&folded(name)));
        let name = earlier.unwrap_or_else(|| self.free(&wanted.candidates));
        self.given.insert(folded(&name));
        name
    }

    /// The name under which a field could be created, whose own name the person has.
    pub(super) fn offer(&self, name: &str) -> String {
        self.free(&[format!("{name} (Jira)")])
    }

    fn earlier(&self, wanted: &Wanted<'_>) -> Option<&'t str> {
        let name = self.taken.ours.get(wanted.key)?;
        let is_still_meant = wanted.candidates.contains(name) && !self.is_of_person(name);
        is_still_meant.then_some(name.as_str())
    }

    fn free(&self, candidates: &[String]) -> String {
        let is_free = |name: &String| {
            let name = folded(name);
            ![&self.by_person, &self.kept, &self.given].into_iter().any(|names| names.contains(&name))
        };
        let last = candidates.last().map(String::as_str).unwrap_or_default();
        let numbered = (2_u32..).map(|number| format!("{last} {number}"));
        candidates.iter().cloned().chain(numbered).find(is_free).unwrap_or_default()
    }
}

/// A name of Jira's as the name of a column; `otherwise` where nothing of it can be seen.
pub(super) fn clean(name: &str, otherwise: &str) -> String {
    let name = nfc(&crate::jira::text::clean_line(name, usize::MAX));
    let name = fit(&name, NAME_UNITS);
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

/// The name of the column beside that of people: their names as Jira has them.
pub(super) fn companion(name: &str) -> Vec<String> {
    match name.strip_suffix(" (Jira)") {
        None => vec![format!("{name} (Jira)"), format!("{name} (Jira name)")],
        Some(name) => vec![format!("{name} (Jira name)")],
    }
}

/// `is blocked by` as a name.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
