//! What a query finds, in its order, kept as long as nothing changes: pages of a walk through fifty thousand issues are
//! cut out of one list.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::clauses::is_key;
use super::data::Data;
use super::find::{Search, sort_key, time_key};
use super::issue::Issue;
use super::jql::{Operand, Operator, Query, Term};

#[derive(Default)]
pub struct Cache {
    lists: Vec<(String, Arc<Sorted>)>,
    children: Option<Arc<HashMap<String, Vec<usize>>>>,
}

/// Lists that are kept at a time.
const KEPT: usize = 16;

/// Issues in the order of a query.
#[derive(Default)]
pub struct Sorted {
    rows: Vec<Row>,
    descending: Vec<bool>,
}

pub struct Row {
    /// What it is sorted by, the most important first.
    pub keys: Vec<String>,
    /// Where [`Data`] has it.
    pub at: usize,
}

/// A part of such a list.
pub struct Window {
    sorted: Arc<Sorted>,
    range: Range<usize>,
}

impl Window {
    pub fn rows(&self) -> &[Row] {
        &self.sorted.rows[self.range.clone()]
    }

    /// The rows behind one that had these keys.
    pub fn after(&self, keys: &[String]) -> &[Row] {
        let rows = self.rows();
        &rows[rows.partition_point(|row| self.sorted.compare(&row.keys, keys) != Ordering::Greater)..]
    }
}

impl Sorted {
    fn compare(&self, one: &[String], other: &[String]) -> Ordering {
        let mut orders = one.iter().zip(other).zip(&self.descending).map(|((one, other), descending)| {
            let order = one.cmp(other);
            if *descending { order.reverse() } else { order }
        });
        orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }

    /// The part that a bound on what it is sorted by first leaves.
    fn within(&self, range: Range<usize>, operator: Operator, limit: &str) -> Range<usize> {
        let below = |limit: &dyn Fn(&str) -> bool| {
            range.start + self.rows[range.clone()].partition_point(|row| limit(&row.keys[0]))
        };
        match operator {
            Operator::Greater => below(&|key| key <= limit)..range.end,
            Operator::GreaterOrEqual => below(&|key| key < limit)..range.end,
            Operator::Less => range.start..below(&|key| key < limit),
            _ => range.start..below(&|key| key <= limit),
        }
    }
}

impl Data {
    /// The issues that have this one for their parent.
    pub fn children(&self, key: &str) -> impl Iterator<Item = &Issue> {
        let children = Arc::clone(self.found.lock().unwrap().children.get_or_insert_with(|| {
            let mut children: HashMap<String, Vec<usize>> = HashMap::new();
            for (at, issue) in self.issues().iter().enumerate() {
                if let Some(parent) = &issue.parent {
                    children.entry(parent.clone()).or_default().push(at);
                }
            }
            Arc::new(children)
        }));
        let of_this = children.get(key).cloned().unwrap_or_default();
        of_this.into_iter().map(|at| &self.issues()[at])
    }
}

impl<'a> Search<'a> {
    /// What the query finds for the caller, in its order; or Jira's complaints, one per bad value.
    pub fn window(&self, query: &Query) -> Result<Window, Vec<String>> {
        self.check_query(query)?;
        let (rest, bounds) = split(query);
        let sorted = self.sorted(&Query { filter: rest, order: query.order.clone() });
        let mut range = 0..sorted.rows.len();
        for (operator, operand) in bounds {
            range = match self.bound(&query.order[0].0, operand) {
                // A number in the project of that issue, and nothing in any other.
                Some(Bound::Key(project, key)) => {
                    let range = sorted.within(range, Operator::GreaterOrEqual, &format!("{project}-"));
                    let range = sorted.within(range, Operator::Less, &format!("{project}-~"));
                    sorted.within(range, operator, &key)
                }
                Some(Bound::Time(key)) => sorted.within(range, operator, &key),
                None => 0..0,
            };
        }
        Ok(Window { sorted, range: range.start..range.end.max(range.start) })
    }

    fn bound(&self, field: &str, operand: &Operand) -> Option<Bound> {
        if is_key(field) {
            let Operand::Value(name) = operand else { return None };
            let issue = self.data.issue(name).filter(|issue| self.data.sees_issue(self.person, issue))?;
            return Some(Bound::Key(issue.project_key().to_owned(), sort_key("key", issue)));
        }
        self.limit(operand).map(|limit| Bound::Time(time_key(limit)))
    }

    fn sorted(&self, query: &Query) -> Arc<Sorted> {
        let (filter, name) = (format!("{:?}", query.filter), self.person.map(|person| &person.name));
        let moves =
            ["updated", "created", "due", "now", "filter"].iter().any(|word| filter.to_lowercase().contains(word));
        let now = (moves || self.data.is_lagging(self.now)).then_some((self.now, self.dates));
        let question = format!("{filter} {:?} {name:?} {now:?}", query.order);
        let mut cache = self.data.found.lock().unwrap();
        if let Some((_, sorted)) = cache.lists.iter().find(|(it, _)| *it == question) {
            return Arc::clone(sorted);
        }
        let sorted = Arc::new(self.sort(query));
        if cache.lists.len() == KEPT {
            cache.lists.remove(0);
        }
        cache.lists.push((question, Arc::clone(&sorted)));
        sorted
    }

    fn sort(&self, query: &Query) -> Sorted {
        let mut descending: Vec<bool> = query.order.iter().map(|(_, descending)| *descending).collect();
        // Newest first where nothing is said, as Jira does.
        descending.push(query.order.iter().filter(|(_, descending)| *descending).count().is_multiple_of(2));
        let row = |(at, issue): (usize, &Issue)| {
            let keys = query.order.iter().map(|(field, _)| sort_key(field, issue));
            Row { keys: keys.chain([format!("{:020}", issue.id.parse::<u64>().unwrap_or(0))]).collect(), at }
        };
        let mut sorted = Sorted { rows: self.matching(query).into_iter().map(row).collect(), descending };
        let mut rows = std::mem::take(&mut sorted.rows);
        rows.sort_by(|one, other| sorted.compare(&one.keys, &other.keys));
        Sorted { rows, ..sorted }
    }
}

enum Bound {
    /// Key of the project, and what the issue is sorted by.
    Key(String, String),
    Time(String),
}

/// Takes those clauses off that only bound what the list is sorted by first.
fn split(query: &Query) -> (Option<Term>, Vec<(Operator, &Operand)>) {
    let (Some(Term::All(terms)), Some((field, false))) = (&query.filter, query.order.first()) else {
        return (query.filter.clone(), Vec::new());
    };
    let same = |name: &str| name.eq_ignore_ascii_case(field) || (is_key(name) && is_key(field));
    let sorts = is_key(field) || ["updated", "created"].contains(&field.as_str());
    let mut bounds = Vec::new();
    let mut rest = Vec::new();
    for term in terms {
        match term {
            Term::Clause(name, operator, operands) if sorts && same(name) && operator.is_relational() => {
                bounds.push((*operator, &operands[0]));
            }
            term => rest.push(term.clone()),
        }
    }
    ((!rest.is_empty()).then_some(Term::All(rest)), bounds)
}
