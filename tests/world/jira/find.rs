//! Which issues a query names, for one caller: values that do not exist for them are refused as Jira refuses them.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp};

use super::content::Priority;
use super::data::Data;
use super::issue::Issue;
use super::jql::{Operand, Operator, Query, Term};
use super::people::Person;

pub struct Search<'a> {
    pub data: &'a Data,
    pub person: Option<&'a Person>,
    pub now: Timestamp,
    /// `false`: unknown values match nothing instead of being refused.
    pub strict: bool,
}

impl<'a> Search<'a> {
    /// The visible issues that match, in order; or Jira's complaints, one per bad value.
    pub fn run(&self, query: &Query) -> Result<Vec<&'a Issue>, Vec<String>> {
        let mut complaints = Vec::new();
        if let Some(term) = &query.filter {
            self.check(term, &mut complaints);
        }
        complaints
            .extend(query.order.iter().filter(|(field, _)| !is_field(field)).map(|(field, _)| unknown_field(field)));
        if !complaints.is_empty() {
            return Err(complaints);
        }
        let mut found: Vec<&Issue> = self
            .candidates(query)
            .into_iter()
            .filter(|issue| !issue.archived && !self.data.project_of(issue).archived)
            .filter(|issue| self.data.sees_issue(self.person, issue))
            .filter(|issue| query.filter.as_ref().is_none_or(|term| self.holds(term, issue)))
            .collect();
        // Newest first where nothing is said, as Jira does.
        found.sort_by_key(|issue| std::cmp::Reverse(number(&issue.id)));
        for (field, descending) in query.order.iter().rev() {
            found.sort_by_key(|issue| sort_key(field, issue));
            if *descending {
                found.reverse();
            }
        }
        Ok(found)
    }

    /// `key in (…)` needs no look at all issues.
    fn candidates(&self, query: &Query) -> Vec<&'a Issue> {
        match &query.filter {
            Some(Term::Clause(field, Operator::In, operands)) if is_key(field) => {
                let mut found: Vec<&Issue> = operands.iter().filter_map(|it| self.data.issue(value_of(it)?)).collect();
                found.sort_by_key(|issue| number(&issue.id));
                found.dedup_by_key(|issue| issue.id.clone());
                found
            }
            _ => self.data.issues().iter().collect(),
        }
    }

    fn check(&self, term: &Term, complaints: &mut Vec<String>) {
        match term {
            Term::All(terms) | Term::Any(terms) => terms.iter().for_each(|term| self.check(term, complaints)),
            Term::Not(term) => self.check(term, complaints),
            Term::Clause(field, ..) if !is_field(field) => complaints.push(unknown_field(field)),
            Term::Clause(field, _, operands) if self.strict => {
                complaints
                    .extend(operands.iter().filter_map(value_of).filter_map(|value| self.complaint(field, value)));
            }
            Term::Clause(..) => {}
        }
    }

    fn complaint(&self, field: &str, value: &str) -> Option<String> {
        let missing = || Some(format!("The value '{value}' does not exist for the field '{field}'."));
        match field.to_lowercase().as_str() {
            name if is_key(name) => {
                let visible = self.data.issue(value).is_some_and(|issue| self.data.sees_issue(self.person, issue));
                let looks_like_one = number(value) > 0 || value.rsplit_once('-').is_some_and(|(_, it)| number(it) > 0);
                match (visible, looks_like_one) {
                    (true, _) => None,
                    (false, true) => Some(format!("An issue with key '{value}' does not exist for field '{field}'.")),
                    (false, false) => Some(format!("The issue key '{value}' for field '{field}' is invalid.")),
                }
            }
            "project" => {
                let same = |it: &&super::content::Project| {
                    it.key.eq_ignore_ascii_case(value) || it.id == value || it.name.eq_ignore_ascii_case(value)
                };
                let found = self.data.projects().iter().find(same);
                found.is_none_or(|project| !self.data.sees_project(self.person, project)).then(missing)?
            }
            "priority" => {
                (!Priority::ALL.iter().any(|it| it.name().eq_ignore_ascii_case(value) || it.id().to_string() == value))
                    .then(missing)?
            }
            "created" | "updated" | "due" | "duedate" if self.instant(value).is_none() => Some(format!(
                "Date value '{value}' for field '{field}' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', \
                 'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
            )),
            _ => None,
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
        let values = self.values(field, issue);
        let named = || operands.iter().any(|operand| self.is_one_of(field, operand, &values));
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

    fn is_one_of(&self, field: &str, operand: &Operand, values: &[String]) -> bool {
        match operand {
            Operand::Empty => values.is_empty(),
            Operand::Function(name) if name == "currentuser" => {
                self.person.is_some_and(|person| values.contains(&person.name))
            }
            Operand::Function(_) => false,
            Operand::Value(value) if is_key(field) => {
                self.data.issue(value).is_some_and(|issue| values.contains(&issue.id))
            }
            Operand::Value(value) if field == "resolution" && value.eq_ignore_ascii_case("unresolved") => {
                values.is_empty()
            }
            Operand::Value(value) => values.iter().any(|it| it.eq_ignore_ascii_case(value)),
        }
    }

    /// All the words by which a query may name what the issue has there.
    fn values(&self, field: &str, issue: &Issue) -> Vec<String> {
        let person = |name: &Option<String>| {
            let person = name.as_deref().and_then(|name| self.data.person(name));
            person.map_or_else(Vec::new, |it| {
                vec![it.name.clone(), it.account_id.clone(), it.key.clone(), it.email.clone(), it.display_name.clone()]
            })
        };
        let text = || issue.description.as_ref().map(super::text::Text::wiki);
        match field {
            name if is_key(name) => vec![issue.id.clone(), issue.key.clone()],
            "project" => {
                let project = self.data.project_of(issue);
                vec![project.key.clone(), project.id.clone(), project.name.clone()]
            }
            "status" => vec![issue.status.name.clone(), issue.status.id.clone()],
            "statuscategory" => {
                let category = issue.status.category;
                vec![category.3.into(), category.1.into(), category.0.to_string()]
            }
            "issuetype" | "type" => vec![issue.issue_type.name.into(), issue.issue_type.id.into()],
            "priority" => issue.priority.map_or_else(Vec::new, |it| vec![it.name().into(), it.id().to_string()]),
            "resolution" => issue.resolution.iter().cloned().collect(),
            "assignee" => person(&issue.assignee),
            "reporter" | "creator" => person(&issue.reporter),
            "labels" => issue.labels.clone(),
            "fixversion" => issue.fix_versions.clone(),
            "component" => issue.components.clone(),
            "parent" => issue.parent.iter().cloned().collect(),
            "summary" => vec![issue.summary.clone()],
            "description" => text().into_iter().collect(),
            "text" => text().into_iter().chain([issue.summary.clone()]).collect(),
            "due" | "duedate" => issue.due.iter().map(Date::to_string).collect(),
            "created" | "updated" => vec![time_of(field, issue).expect("always there").to_string()],
            _ => Vec::new(),
        }
    }

    fn limit(&self, operand: &Operand) -> Option<Timestamp> {
        match operand {
            Operand::Value(text) => self.instant(text),
            Operand::Function(name) if name == "now" => Some(self.now),
            _ => None,
        }
    }

    /// `2026-10-15`, `2026/10/15 09:30` in the caller's zone, or `-7d` from now.
    fn instant(&self, text: &str) -> Option<Timestamp> {
        let text = text.replace('/', "-");
        let zone = self.person.map_or(jiff::tz::Offset::UTC, |person| person.offset);
        let civil = |it: DateTime| zone.to_timestamp(it).ok();
        if let Ok(date) = text.parse::<Date>() {
            return civil(date.to_datetime(jiff::civil::Time::midnight()));
        }
        if let Ok(time) = DateTime::strptime("%Y-%m-%d %H:%M", &text) {
            return civil(time);
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

const FIELDS: [&str; 20] = [
    "project",
    "status",
    "statuscategory",
    "issuetype",
    "type",
    "priority",
    "resolution",
    "assignee",
    "reporter",
    "creator",
    "labels",
    "fixversion",
    "component",
    "parent",
    "summary",
    "description",
    "text",
    "due",
    "created",
    "updated",
];

fn is_field(field: &str) -> bool {
    let field = field.to_lowercase();
    is_key(&field) || field == "duedate" || FIELDS.contains(&field.as_str())
}

fn is_key(field: &str) -> bool {
    matches!(field.to_lowercase().as_str(), "key" | "issuekey" | "issue" | "id")
}

fn unknown_field(field: &str) -> String {
    format!("Field '{field}' does not exist or you do not have permission to view it.")
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

/// Sorts as text; numbers and instants are padded.
fn sort_key(field: &str, issue: &Issue) -> String {
    match field {
        "created" | "updated" | "due" | "duedate" => {
            time_of(field, issue).map_or_else(|| "~".to_owned(), |time| format!("{:020}", time.as_millisecond()))
        }
        "id" => format!("{:020}", number(&issue.id)),
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
