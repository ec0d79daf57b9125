//! Which issues a query names, for one caller: values that do not exist for them are refused as Jira refuses them.

use jiff::civil::{Date, DateTime};
use jiff::tz::{Disambiguation, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::clauses::{is_key, unknown_field};
use super::data::Data;
use super::issue::Issue;
use super::jql::{Operand, Operator, Query, Term};
use super::people::Person;

pub struct Search<'a> {
    pub data: &'a Data,
    pub person: Option<&'a Person>,
    pub cloud: bool,
    pub now: Timestamp,
    /// `false`: unknown values match nothing instead of being refused.
    pub strict: bool,
    pub dates: Dates,
}

/// How instants in a query are read.
#[derive(Clone, Copy, Debug)]
pub struct Dates {
    /// Which of two instants is meant by a local time that comes twice, or by one that never comes.
    pub doubt: Disambiguation,
    /// Whether milliseconds since 1970 are.
    pub millis: bool,
}

impl<'a> Search<'a> {
    /// The visible issues that match, in order; or Jira's complaints, one per bad value.
    pub fn run(&self, query: &Query) -> Result<Vec<&'a Issue>, Vec<String>> {
        let window = self.window(query)?;
        Ok(window.rows().iter().map(|row| &self.data.issues()[row.at]).collect())
    }

    pub(super) fn check_query(&self, query: &Query) -> Result<(), Vec<String>> {
        let mut complaints = Vec::new();
        if let Some(term) = &query.filter {
            self.check(term, &mut complaints);
        }
        complaints.extend(
            query.order.iter().filter(|(field, _)| !self.is_field(field)).map(|(field, _)| unknown_field(field)),
        );
        if complaints.is_empty() { Ok(()) } else { Err(complaints) }
    }

    /// The visible issues that match, where they stand, and as the index of the search has them.
    pub(super) fn matching(&self, query: &Query) -> Vec<(usize, &'a Issue)> {
        let here = |issue: &Issue| !issue.archived && !self.data.project_of(issue).archived;
        let all = self.candidates(query).into_iter().filter_map(|at| {
            let issue = &self.data.issues()[at];
            let seen = self.data.indexed(issue, self.now)?;
            let matches = query.filter.as_ref().is_none_or(|term| self.holds(term, seen));
            (matches && here(issue) && self.data.sees_issue(self.person, issue)).then_some((at, seen))
        });
        all.collect()
    }

    /// `key in (…)` needs no look at all issues.
    fn candidates(&self, query: &Query) -> Vec<usize> {
        match &query.filter {
            Some(Term::Clause(field, Operator::In, operands))
                if is_key(field) && operands.iter().all(|it| value_of(it).is_some()) =>
            {
                let issues = operands.iter().filter_map(|it| self.data.issue(value_of(it)?));
                let mut found: Vec<usize> = issues.filter_map(|issue| self.data.position(&issue.id)).collect();
                found.sort_unstable();
                found.dedup();
                found
            }
            _ => (0..self.data.issues().len()).collect(),
        }
    }

    fn check(&self, term: &Term, complaints: &mut Vec<String>) {
        match term {
            Term::All(terms) | Term::Any(terms) => terms.iter().for_each(|term| self.check(term, complaints)),
            Term::Not(term) => self.check(term, complaints),
            Term::Clause(field, ..) if !self.is_field(field) => complaints.push(unknown_field(field)),
            Term::Clause(field, _, operands) => {
                complaints.extend(operands.iter().filter_map(|operand| match operand {
                    Operand::Function(name) => self.unknown_function(field, name),
                    Operand::Value(value) if self.strict => self.complaint(field, value),
                    _ => None,
                }));
            }
        }
    }

    fn holds(&self, term: &Term, issue: &Issue) -> bool {
        match term {
            Term::All(terms) => terms.iter().all(|term| self.holds(term, issue)),
            Term::Any(terms) => terms.iter().any(|term| self.holds(term, issue)),
            Term::Not(term) => !self.holds(term, issue),
            Term::Clause(field, operator, operands) => self.clause(&field.to_lowercase(), *operator, operands, issue),
        }
    }

    fn clause(&self, field: &str, operator: Operator, operands: &[Operand], issue: &Issue) -> bool {
        if field == "project"
            && operator == Operator::In
            && let Some(project) = Some(self.data.project_of(issue))
            && operands.iter().all(|operand| value_of(operand).is_some())
        {
            let is_it =
                |name: &str| [&project.id, &project.key, &project.name].iter().any(|it| it.eq_ignore_ascii_case(name));
            return operands.iter().filter_map(value_of).any(is_it);
        }
        if is_key(field) && operator.is_relational() {
            return self.compares_keys(operator, operands, issue);
        }
        let values = if operator.is_relational() { Vec::new() } else { self.values(field, issue) };
        let named = || operands.iter().any(|operand| self.is_one_of(field, operand, &values, issue));
        let compared = |allowed: fn(std::cmp::Ordering) -> bool| {
            let limit = operands.first().and_then(|operand| self.limit(operand));
            time_of(field, issue).zip(limit).is_some_and(|(time, limit)| allowed(time.cmp(&limit)))
        };
        match operator {
            Operator::In => named(),
            // An issue without a value is not found by `!=`, as in Jira.
            Operator::NotIn => !named() && (!values.is_empty() || operands.contains(&Operand::Empty)),
            Operator::Contains => operands.iter().filter_map(value_of).all(|part| {
                let part = part.trim_matches('*').to_lowercase();
                values.iter().any(|value| value.to_lowercase().contains(&part))
            }),
            Operator::Less => compared(std::cmp::Ordering::is_lt),
            Operator::LessOrEqual => compared(std::cmp::Ordering::is_le),
            Operator::Greater => compared(std::cmp::Ordering::is_gt),
            Operator::GreaterOrEqual => compared(std::cmp::Ordering::is_ge),
        }
    }

    /// Keys compare by their numbers, in the project of the issue that is named. One that is not there, or hidden, is
    /// above and below nothing.
    fn compares_keys(&self, operator: Operator, operands: &[Operand], issue: &Issue) -> bool {
        let other = operands.first().and_then(value_of).and_then(|name| self.data.issue(name));
        let other = other.filter(|it| self.data.sees_issue(self.person, it) && it.project_key() == issue.project_key());
        other.is_some_and(|other| {
            let order = sort_key("key", issue).cmp(&sort_key("key", other));
            match operator {
                Operator::Less => order.is_lt(),
                Operator::LessOrEqual => order.is_le(),
                Operator::Greater => order.is_gt(),
                _ => order.is_ge(),
            }
        })
    }

    fn is_one_of(&self, field: &str, operand: &Operand, values: &[String], issue: &Issue) -> bool {
        match operand {
            Operand::Empty => values.is_empty(),
            Operand::Function(name) => self.function_means(name, issue, values),
            Operand::Value(id) if field == "filter" => self.filter_finds(id, issue),
            Operand::Value(value) if self.holds_issues(field) => {
                self.data.issue(value).is_some_and(|issue| values.contains(&issue.id))
            }
            Operand::Value(value) if field == "resolution" && value.eq_ignore_ascii_case("unresolved") => {
                values.is_empty()
            }
            Operand::Value(value) => values.iter().any(|it| it.eq_ignore_ascii_case(value)),
        }
    }

    /// Whether the query of a filter that the caller sees finds the issue.
    fn filter_finds(&self, id: &str, issue: &Issue) -> bool {
        let query = self.data.filter(self.person, id).and_then(|filter| Query::parse(&filter.jql).ok());
        query.is_some_and(|query| query.filter.is_none_or(|term| self.holds(&term, issue)))
    }

    pub(super) fn limit(&self, operand: &Operand) -> Option<Timestamp> {
        match operand {
            Operand::Value(text) => self.instant(text),
            Operand::Function(name) if name == "now" => Some(self.now),
            _ => None,
        }
    }

    /// `2026-10-15`, `2026/10/15 09:30` in the caller's zone, `-7d` from now, or milliseconds.
    pub(super) fn instant(&self, text: &str) -> Option<Timestamp> {
        if text.len() > 7 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Timestamp::from_millisecond(text.parse().ok()?).ok().filter(|_| self.dates.millis);
        }
        let text = text.replace('/', "-");
        let zone = self.person.and_then(|person| TimeZone::get(&person.time_zone).ok()).unwrap_or(TimeZone::UTC);
        let civil = |it: DateTime| zone.to_ambiguous_timestamp(it).disambiguate(self.dates.doubt).ok();
        if let Ok(time) = DateTime::strptime("%Y-%m-%d %H:%M", &text) {
            return civil(time);
        }
        if let Ok(date) = Date::strptime("%Y-%m-%d", &text) {
            return civil(date.to_datetime(jiff::civil::Time::midnight()));
        }
        let count: i64 = text.get(..text.len().checked_sub(1)?)?.parse().ok()?;
        let minutes = match text.chars().last()? {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            'w' => 7 * 24 * 60,
            _ => return None,
        };
        Some(self.now + SignedDuration::from_mins(count * minutes))
    }
}

fn value_of(operand: &Operand) -> Option<&str> {
    match operand {
        Operand::Value(value) => Some(value),
        _ => None,
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or(0)
}

fn time_of(field: &str, issue: &Issue) -> Option<Timestamp> {
    match field {
        "created" => Some(issue.created),
        "updated" => Some(issue.updated),
        "due" | "duedate" => {
            jiff::tz::Offset::UTC.to_timestamp(issue.due?.to_datetime(jiff::civil::Time::midnight())).ok()
        }
        _ => None,
    }
}

pub(super) fn time_key(time: Timestamp) -> String {
    format!("{:020}", time.as_millisecond())
}

/// Sorts as text; numbers and instants are padded.
pub(super) fn sort_key(field: &str, issue: &Issue) -> String {
    match field {
        "created" | "updated" | "due" | "duedate" => time_of(field, issue).map_or_else(|| "~".to_owned(), time_key),
        // `id` is but another name of `key`.
        name if is_key(name) => {
            let (project, count) = issue.key.rsplit_once('-').unwrap_or((&issue.key, "0"));
            format!("{project}-{:020}", number(count))
        }
        // The most urgent last, so that DESC begins with it.
        "priority" => issue.priority.map_or_else(|| "0".into(), |it| format!("{}", 9 - it.id())),
        "status" => issue.status.name.clone(),
        "summary" => issue.summary.clone(),
        "assignee" => issue.assignee.clone().unwrap_or_default(),
        _ => String::new(),
    }
}
