//! `POST /v1/data_sources/{id}/query` (notion-rest-api §3.4).

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::cells::{self, Cell};
use super::dates::instant;
use super::desk::{Desk, Outcome, Part, bad_cursor, list};
use super::filter::Filter;
use super::id::Id;
use super::limits::{ITEMS, TEXT};
use super::place::At;
use super::refusal::Refusal;
use super::schema::Schema;
use super::store::{Node, Rest};

/// What one query asks for.
struct Query {
    filter: Option<Filter>,
    sorts: Vec<Sort>,
    in_trash: bool,
    /// Of all that decides about the order of results.
    hash: u64,
}

struct Sort {
    by: By,
    descending: bool,
}

enum By {
    Created,
    Edited,
    Property(String),
}

/// How far a reader has come. It travels as an id that nobody can read.
struct Cursor {
    /// Rows that were given so far.
    given: usize,
    /// In the natural order: the first row to look at.
    next: usize,
}

impl Cursor {
    fn text(&self, hash: u64) -> String {
        Id((u128::from(hash) << 64) | ((self.given as u128) << 32) | self.next as u128).to_string()
    }

    fn read(text: Option<&str>, hash: u64) -> Result<Self, Refusal> {
        let Some(text) = text else { return Ok(Self { given: 0, next: 0 }) };
        let number = Id::parse(text).map(|it| it.0).filter(|it| (it >> 64) as u64 == hash).ok_or_else(bad_cursor)?;
        Ok(Self { given: (number >> 32) as u32 as usize, next: number as u32 as usize })
    }
}

impl Desk<'_> {
    pub fn query(&mut self, source: Id, body: &At<'_>, columns: &[String]) -> Outcome {
        self.may(|it| it.read)?;
        self.seen(source, "data_source")?;
        let columns = self.chosen_columns(Some(source), columns)?;
        body.members(&["filter", "sorts", "start_cursor", "page_size", "in_trash", "result_type"])?;
        let query = self.read_query(source, body)?;
        let size = body.get("page_size").map(|it| it.value.as_i64().ok_or_else(|| it.wrong("should be a number")));
        let cursor = body.set("start_cursor").map(|it| it.words(TEXT)).transpose()?;
        let part = Part::new(cursor, size.transpose()?)?;
        let cursor = Cursor::read(part.cursor.as_deref(), query.hash)?;
        if let Some((property, _)) = query.filter.as_ref().and_then(Filter::wanted_text) {
            self.begin_index(source, property);
        }
        let settings = &self.state.switches.rest;
        if settings.slow_page.is_some_and(|most| part.size > most) {
            return Err(Refusal::of_status(504));
        }
        let wished = match settings.short_pages {
            true => [part.size, part.size * 37 / 100, 1][cursor.given % 3].max(1),
            false => part.size,
        };
        let size = wished.min(settings.query_cap.saturating_sub(cursor.given));
        let (rows, next, has_more) = match query.is_natural() {
            true => self.in_natural_order(source, &query, cursor.next, size),
            false => self.sorted(source, &query, cursor.given, size),
        };
        let given = cursor.given + rows.len();
        let is_capped = has_more && given >= settings.query_cap;
        let next = (has_more && !is_capped).then(|| Cursor { given, next }.text(query.hash));
        let mut answer =
            list("page_or_data_source", rows.iter().map(|row| self.page_json(*row, &columns)).collect(), next);
        answer["request_status"] = match is_capped {
            true => json!({"type": "incomplete", "incomplete_reason": "query_result_limit_reached"}),
            false => json!({"type": "complete"}),
        };
        Ok(answer)
    }

    fn read_query(&self, source: Id, body: &At<'_>) -> Result<Query, Refusal> {
        let schema = &self.state.rest.source(source).schema;
        let filter = body.set("filter").map(|it| self.filter(schema, &it)).transpose()?;
        let sorts = match body.get("sorts") {
            Some(all) => all.items(ITEMS)?.iter().map(|it| sort(schema, it)).collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        let in_trash = body.get("in_trash").map_or(Ok(false), |it| it.flag())?;
        if let Some(kind) = body.get("result_type") {
            kind.one_of(&["page"])?;
        }
        let mut hasher = DefaultHasher::new();
        (body.value["filter"].to_string(), body.value["sorts"].to_string(), in_trash).hash(&mut hasher);
        Ok(Query { filter, sorts, in_trash, hash: hasher.finish() })
    }

    fn begin_index(&mut self, source: Id, property: &str) {
        let rest = &self.state.rest;
        if rest.source(source).index.has(property) {
            return;
        }
        let text = |row: &Id| {
            let page = rest.page(*row);
            (page.number, cells::text(page.cells.get(property), self.state))
        };
        let rows: Vec<_> = rest.node(source).children.iter().map(text).collect();
        self.state.rest.source_mut(source).index.begin(property, rows.into_iter());
    }

    /// Whether a row is a result.
    fn is_found(&self, query: &Query, row: &Node) -> bool {
        let lag = self.state.switches.rest.query_lag;
        row.in_trash == query.in_trash
            && self.who.now.duration_since(row.created) >= lag
            && query.filter.as_ref().is_none_or(|it| it.fits(row, self.state))
    }

    /// Rows in the order in which they were made. Stops as soon as one is left over.
    fn in_natural_order(&self, source: Id, query: &Query, start: usize, size: usize) -> (Vec<Id>, usize, bool) {
        let rest = &self.state.rest;
        let rows = &rest.node(source).children;
        let places: Box<dyn Iterator<Item = usize>> = match query.filter.as_ref().and_then(Filter::wanted_text) {
            Some((property, text)) => {
                let found = rest.source(source).index.rows(property, text);
                Box::new(found.into_iter().filter(move |place| *place >= start))
            }
            None => Box::new(start..rows.len()),
        };
        let mut found = Vec::with_capacity(size);
        for place in places {
            if !self.is_found(query, rest.node(rows[place])) {
                continue;
            }
            if found.len() == size {
                return (found, place, true);
            }
            found.push(rows[place]);
        }
        (found, rows.len(), false)
    }

    fn sorted(&self, source: Id, query: &Query, given: usize, size: usize) -> (Vec<Id>, usize, bool) {
        let rest = &self.state.rest;
        let rows = rest.node(source).children.iter().map(|row| rest.node(*row));
        let found = self.in_order(source, &query.sorts, rows.filter(|row| self.is_found(query, row)));
        let part: Vec<Id> = found.iter().skip(given).take(size).copied().collect();
        let has_more = found.len() > given + part.len();
        (part, 0, has_more)
    }

    fn in_order<'n>(&self, source: Id, sorts: &[Sort], rows: impl Iterator<Item = &'n Node>) -> Vec<Id> {
        let keys = |row: &'n Node| (row.id, sorts.iter().map(|it| self.key(source, it, row)).collect());
        let mut rows: Vec<(Id, Vec<Key>)> = rows.map(keys).collect();
        rows.sort_by(|(_, a), (_, b)| {
            let by_key = sorts.iter().zip(a.iter().zip(b)).map(|(sort, (a, b))| a.compare(b, sort.descending));
            by_key.fold(Ordering::Equal, Ordering::then)
        });
        rows.into_iter().map(|(row, _)| row).collect()
    }

    /// The rows that people see in a view. What it filters or sorts by may be gone by now; then it does without.
    pub fn arranged(&self, source: Id, filter: &Value, sorts: &Value) -> Vec<Id> {
        let rest = &self.state.rest;
        let schema = &rest.source(source).schema;
        let filter = self.filter(schema, &At::body(filter)).ok();
        let sorts = At::body(sorts).items(ITEMS).unwrap_or_default();
        let sorts: Vec<Sort> = sorts.iter().filter_map(|it| sort(schema, it).ok()).collect();
        let rows = rest.rows_of(source).filter(|it| !it.in_trash);
        self.in_order(
            source,
            &sorts,
            rows.filter(|it| filter.as_ref().is_none_or(|filter| filter.fits(it, self.state))),
        )
    }

    fn key(&self, source: Id, sort: &Sort, row: &Node) -> Key {
        let id = match &sort.by {
            By::Created => return Key::Time(row.created),
            By::Edited => return Key::Time(row.edited),
            By::Property(id) => id,
        };
        match self.state.rest.page(row.id).cells.get(id) {
            Some(Cell::Number(number)) => Key::Number(number.as_f64().unwrap_or_default()),
            Some(Cell::Date(span)) => instant(&span.start).map_or(Key::Empty, Key::Time),
            Some(Cell::Choices(ids)) => {
                let options = self.state.rest.source(source).schema.by_id(id).map(|it| it.options());
                let place = options.and_then(|all| all.iter().position(|it| Some(&it.id) == ids.first()));
                Key::Number(place.unwrap_or_default() as f64)
            }
            Some(Cell::Checked) => Key::Number(1.0),
            cell @ Some(_) => Key::Text(cells::text(cell, self.state).to_lowercase()),
            None => Key::Empty,
        }
    }
}

impl Query {
    fn is_natural(&self) -> bool {
        matches!(self.sorts[..], [] | [Sort { by: By::Created, descending: false }])
    }
}

/// By what rows are ordered. Empty cells are the last in either direction.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Key {
    Number(f64),
    Time(Timestamp),
    Text(String),
    Empty,
}

impl Key {
    fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = self.partial_cmp(other).unwrap_or(Ordering::Equal);
        let is_reversed = descending && *self != Self::Empty && *other != Self::Empty;
        if is_reversed { order.reverse() } else { order }
    }
}

fn sort(schema: &Schema, at: &At<'_>) -> Result<Sort, Refusal> {
    at.members(&["property", "timestamp", "direction"])?;
    let descending = at.need("direction")?.one_of(&["ascending", "descending"])? == "descending";
    let by = match (at.get("property"), at.get("timestamp")) {
        (Some(key), None) => {
            let text = key.words(TEXT)?;
            let found = schema.find(text);
            let unknown = || Refusal::invalid(format!("Could not find sort property with name or id: {text}"));
            match found.ok_or_else(unknown)? {
                it if it.kind == "created_time" => By::Created,
                it if it.kind == "last_edited_time" => By::Edited,
                it => By::Property(it.id.clone()),
            }
        }
        (None, Some(timestamp)) => match timestamp.one_of(&["created_time", "last_edited_time"])? {
            "created_time" => By::Created,
            _ => By::Edited,
        },
        _ => return Err(at.wrong("should have either a property or a timestamp")),
    };
    Ok(Sort { by, descending })
}

impl Rest {
    /// All rows of a data source, thrown away or not.
    pub fn rows_of(&self, source: Id) -> impl Iterator<Item = &Node> {
        self.node(source).children.iter().map(|row| self.node(*row))
    }
}
