//! Filters of queries and views, read strictly (notion-rest-api §3.4).

use serde_json::Value;

use super::super::state::State;
use super::cells::{self, Cell};
use super::dates::{instant, to_the_minute};
use super::desk::Desk;
use super::id::Id;
use super::limits::{ITEMS, TEXT};
use super::place::At;
use super::refusal::Refusal;
use super::schema::{KINDS, Property, Schema};
use super::store::Node;

#[derive(Clone, Debug)]
pub enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    /// Id and kind of a property, and what its cell has to be.
    Property(String, &'static str, Test),
}

#[derive(Clone, Debug)]
pub enum Test {
    Empty(bool),
    /// `equals`, `contains` and so on with a text.
    Text(String, String),
    Number(String, f64),
    Flag(bool),
    /// One of these ids is among those of the cell; `false`: none is.
    Among(Vec<String>, bool),
    Date(String, String),
}

/// Filters may lie in filters that lie in a filter.
const DEPTH: usize = 2;

impl Filter {
    /// A column whose text has to be equal to this, so that a look-up table helps.
    pub fn wanted_text(&self) -> Option<(&str, &str)> {
        match self {
            Self::And(all) => all.iter().find_map(Self::wanted_text),
            Self::Property(id, _, Test::Text(operator, text)) if operator == "equals" => Some((id, text)),
            _ => None,
        }
    }

    pub fn fits(&self, row: &Node, state: &State) -> bool {
        match self {
            Self::And(all) => all.iter().all(|it| it.fits(row, state)),
            Self::Or(all) => all.iter().any(|it| it.fits(row, state)),
            Self::Property(id, kind, test) => {
                let page = state.rest.page(row.id);
                test.fits(page.cells.get(id), kind, row, state)
            }
        }
    }
}

impl Test {
    fn fits(&self, cell: Option<&Cell>, kind: &str, row: &Node, state: &State) -> bool {
        match self {
            Self::Empty(wanted) => cell.is_none() == *wanted,
            Self::Text(operator, wanted) => {
                let text = cells::text(cell, state);
                let (lower, part) = (text.to_lowercase(), wanted.to_lowercase());
                match operator.as_str() {
                    "equals" => text == *wanted,
                    "does_not_equal" => text != *wanted,
                    "contains" => lower.contains(&part),
                    "does_not_contain" => !lower.contains(&part),
                    "starts_with" => lower.starts_with(&part),
                    _ => lower.ends_with(&part),
                }
            }
            Self::Number(operator, wanted) => {
                let number = match cell {
                    Some(Cell::Number(number)) => number.as_f64(),
                    _ if kind == "unique_id" => Some((state.rest.page(row.id).number + 1) as f64),
                    _ => None,
                };
                number.map_or(operator == "does_not_equal", |it| match operator.as_str() {
                    "equals" => it == *wanted,
                    "does_not_equal" => it != *wanted,
                    "greater_than" => it > *wanted,
                    "less_than" => it < *wanted,
                    "greater_than_or_equal_to" => it >= *wanted,
                    _ => it <= *wanted,
                })
            }
            Self::Flag(wanted) => cell.is_some() == *wanted,
            Self::Among(wanted, is_wanted) => {
                let ids: Vec<String> = match (cell, kind) {
                    (_, "created_by") => vec![row.created_by.to_string()],
                    (_, "last_edited_by") => vec![row.edited_by.to_string()],
                    (Some(Cell::Choices(ids)), _) => ids.clone(),
                    (Some(Cell::People(ids) | Cell::Relation(ids)), _) => ids.iter().map(Id::to_string).collect(),
                    _ => Vec::new(),
                };
                ids.iter().any(|id| wanted.contains(id)) == *is_wanted
            }
            Self::Date(operator, wanted) => {
                let start = match (cell, kind) {
                    (_, "created_time") => Some(to_the_minute(row.created)),
                    (_, "last_edited_time") => Some(to_the_minute(row.edited)),
                    (Some(Cell::Date(span)), _) => Some(span.start.clone()),
                    _ => None,
                };
                start.is_some_and(|start| compare(operator, &start, wanted))
            }
        }
    }
}

fn compare(operator: &str, start: &str, wanted: &str) -> bool {
    // A day is meant, when no time is told.
    let cut = |text: &str| text.get(..10).unwrap_or_default().to_owned();
    let (start, wanted) = match wanted.contains('T') {
        true => (start.to_owned(), wanted.to_owned()),
        false => (cut(start), wanted.to_owned()),
    };
    let (start, wanted) = (instant(&start), instant(&wanted));
    match operator {
        "equals" => start == wanted,
        "before" => start < wanted,
        "after" => start > wanted,
        "on_or_before" => start <= wanted,
        _ => start >= wanted,
    }
}

impl Desk<'_> {
    pub fn filter(&self, schema: &Schema, at: &At<'_>) -> Result<Filter, Refusal> {
        self.filter_at(schema, at, 0)
    }

    fn filter_at(&self, schema: &Schema, at: &At<'_>, depth: usize) -> Result<Filter, Refusal> {
        for operator in ["and", "or"] {
            let Some(all) = at.get(operator) else { continue };
            at.members(&[operator])?;
            if depth == DEPTH {
                return Err(at.wrong("should be nested two levels deep at most"));
            }
            let all = all.items(ITEMS)?;
            let inner = all.iter().map(|it| self.filter_at(schema, it, depth + 1)).collect::<Result<_, _>>()?;
            return Ok(if operator == "and" { Filter::And(inner) } else { Filter::Or(inner) });
        }
        if let Some(timestamp) = at.get("timestamp") {
            let kinds = ["created_time", "last_edited_time"];
            let wanted = timestamp.one_of(&kinds)?;
            let (kind, inner) = at.kind(&kinds, &["timestamp"])?;
            if kind != wanted {
                return Err(at.wrong("should have the timestamp that it names"));
            }
            return Ok(Filter::Property(String::new(), kind, date(&inner)?));
        }
        let key = at.need("property")?.words(TEXT)?;
        let property = schema.find(key);
        let unknown = || Refusal::invalid(format!("Could not find property with name or id: {key}"));
        let property = property.ok_or_else(unknown)?;
        let (kind, inner) = at.kind(&KINDS, &["property"])?;
        if kind != property.kind {
            let words = format!("database property {} does not match filter {kind}", property.kind);
            return Err(Refusal::invalid(words));
        }
        Ok(Filter::Property(property.id.clone(), property.kind, self.test(property, &inner)?))
    }

    fn test(&self, property: &Property, at: &At<'_>) -> Result<Test, Refusal> {
        match property.kind {
            "title" | "rich_text" | "url" | "email" | "phone_number" => {
                let operators =
                    ["equals", "does_not_equal", "contains", "does_not_contain", "starts_with", "ends_with"];
                one(at, &operators, |operator, it| Ok(Test::Text(operator.into(), it.text(TEXT)?.to_owned())))
            }
            "number" | "unique_id" => {
                let operators = [
                    "equals",
                    "does_not_equal",
                    "greater_than",
                    "less_than",
                    "greater_than_or_equal_to",
                    "less_than_or_equal_to",
                ];
                one(at, &operators, |operator, it| {
                    let number = it.value.as_f64().ok_or_else(|| it.wrong("should be a number"))?;
                    Ok(Test::Number(operator.into(), number))
                })
            }
            "checkbox" => one(at, &["equals", "does_not_equal"], |operator, it| {
                Ok(Test::Flag(it.flag()? == (operator == "equals")))
            }),
            "select" | "status" => one(at, &["equals", "does_not_equal"], |operator, it| {
                Ok(Test::Among(option_ids(property, it)?, operator == "equals"))
            }),
            "multi_select" => one(at, &["contains", "does_not_contain"], |operator, it| {
                Ok(Test::Among(option_ids(property, it)?, operator == "contains"))
            }),
            "people" | "created_by" | "last_edited_by" | "relation" => {
                one(at, &["contains", "does_not_contain"], |operator, it| {
                    let id = match it.value == "me" && property.kind != "relation" {
                        true => self.who.author,
                        false => it.id()?,
                    };
                    Ok(Test::Among(vec![id.to_string()], operator == "contains"))
                })
            }
            "date" | "created_time" | "last_edited_time" => date(at),
            // `files` and what is computed: whether there is something.
            _ => one(at, &[], |_, it| Err(it.wrong("should be not present"))),
        }
    }
}

/// Exactly one operator: one of these, or whether there is something at all.
fn one(
    at: &At<'_>,
    operators: &[&str],
    read: impl Fn(&str, &At<'_>) -> Result<Test, Refusal>,
) -> Result<Test, Refusal> {
    let all: Vec<&str> = operators.iter().copied().chain(["is_empty", "is_not_empty"]).collect();
    let (operator, inner) = at.kind(&all, &[])?;
    match operator {
        "is_empty" | "is_not_empty" if inner.value == &Value::Bool(true) => Ok(Test::Empty(operator == "is_empty")),
        "is_empty" | "is_not_empty" => Err(inner.wrong("should be `true`")),
        operator => read(operator, &inner),
    }
}

fn date(at: &At<'_>) -> Result<Test, Refusal> {
    one(at, &["equals", "before", "after", "on_or_before", "on_or_after"], |operator, it| {
        let text = it.words(TEXT)?;
        instant(text).ok_or_else(|| it.wrong("should be a valid ISO 8601 date string"))?;
        Ok(Test::Date(operator.into(), text.to_owned()))
    })
}

/// The ids of options by their names; a name that no option has fits no row.
fn option_ids(property: &Property, at: &At<'_>) -> Result<Vec<String>, Refusal> {
    let names = match at.value.is_array() {
        true => at.items(ITEMS)?.iter().map(|it| it.words(TEXT)).collect::<Result<Vec<_>, _>>()?,
        false => vec![at.words(TEXT)?],
    };
    Ok(property.options().iter().filter(|it| names.contains(&it.name.as_str())).map(|it| it.id.clone()).collect())
}
