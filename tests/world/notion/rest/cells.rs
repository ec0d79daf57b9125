//! Values of properties: what is taken, what is kept, what is shown (notion-rest-api §3.3).

use serde_json::{Number, Value, json};

use super::super::state::State;
use super::dates::{self, Span};
use super::desk::Desk;
use super::id::Id;
use super::limits::{ITEMS, SHORT, SHOWN, TEXT};
use super::options::{self, same_name};
use super::place::At;
use super::refusal::Refusal;
use super::rich_text::{self, Item};
use super::schema::{Config, KINDS, Property, READ_ONLY};
use super::store::Node;

/// What is not empty.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// `title`, `rich_text`.
    Text(Vec<Item>),
    Number(Number),
    /// `url`, `email`, `phone_number`.
    Plain(String),
    /// Ids of options.
    Choices(Vec<String>),
    People(Vec<Id>),
    Date(Span),
    Checked,
    Relation(Vec<Id>),
    Files(Vec<Value>),
}

/// A value that was found good, before anything is changed.
#[derive(Clone, Debug)]
pub enum Draft {
    Cell(Option<Cell>),
    Choices(Vec<Pick>),
}

#[derive(Clone, Debug)]
pub enum Pick {
    Known(String),
    /// Name and colour of an option that is still to be made.
    New(String, Option<String>),
}

impl Desk<'_> {
    /// A value for a property as it came: `{"rich_text": […]}`.
    pub fn draft(&self, property: &Property, at: &At<'_>) -> Result<Draft, Refusal> {
        let (kind, inner) = at.kind(&KINDS, &[])?;
        if READ_ONLY.contains(&property.kind) {
            return Err(Refusal::invalid(format!("{} can not be updated.", property.name)));
        }
        if kind != property.kind {
            return Err(Refusal::invalid(format!("{} is expected to be {}.", property.name, property.kind)));
        }
        let cell = match kind {
            "select" | "status" if inner.value.is_null() => None,
            "select" | "status" => return Ok(Draft::Choices(vec![self.pick(property, &inner)?])),
            "multi_select" => {
                let picks = inner.items(ITEMS)?.iter().map(|it| self.pick(property, it)).collect::<Result<_, _>>()?;
                return Ok(Draft::Choices(picks));
            }
            _ => self.cell(kind, property, &inner)?,
        };
        Ok(Draft::Cell(cell))
    }

    fn cell(&self, kind: &str, property: &Property, at: &At<'_>) -> Result<Option<Cell>, Refusal> {
        Ok(match kind {
            "title" | "rich_text" => Some(self.rich_text(at)?).filter(|it| !it.is_empty()).map(Cell::Text),
            "people" => {
                let people = at.items(ITEMS)?.iter().map(|it| self.somebody(it)).collect::<Result<Vec<_>, _>>()?;
                Some(people).filter(|it| !it.is_empty()).map(Cell::People)
            }
            "relation" => {
                let rows =
                    at.items(ITEMS)?.iter().map(|it| self.related(property, it)).collect::<Result<Vec<_>, _>>()?;
                Some(rows).filter(|it| !it.is_empty()).map(Cell::Relation)
            }
            "files" => {
                let files = at.items(ITEMS)?.iter().map(file).collect::<Result<Vec<_>, _>>()?;
                Some(files).filter(|it| !it.is_empty()).map(Cell::Files)
            }
            "checkbox" => at.flag()?.then_some(Cell::Checked),
            _ if at.value.is_null() => None,
            "number" => Some(Cell::Number(
                at.value.as_number().ok_or_else(|| at.wrong("should be a number or `null`"))?.clone(),
            )),
            "date" => Some(Cell::Date(dates::read(at)?)),
            "url" => Some(Cell::Plain(at.words(TEXT)?.to_owned())),
            _ => Some(Cell::Plain(at.words(SHORT)?.to_owned())),
        })
    }

    fn somebody(&self, at: &At<'_>) -> Result<Id, Refusal> {
        at.members(&["id", "object"])?;
        let id = at.need("id")?;
        self.person(id.id()?).ok_or_else(|| id.wrong("should be the id of a user of the workspace"))
    }

    fn related(&self, property: &Property, at: &At<'_>) -> Result<Id, Refusal> {
        at.members(&["id"])?;
        let id = at.need("id")?;
        let row = self.seen(id.id()?, "page")?;
        let Config::Relation(source, _) = &property.config else { unreachable!("only relations come here") };
        match row.parent == Some(*source) {
            true => Ok(row.id),
            false => Err(id.wrong("should be a page of the related data source")),
        }
    }

    fn pick(&self, property: &Property, at: &At<'_>) -> Result<Pick, Refusal> {
        at.members(&["id", "name", "color", "description"])?;
        let all = property.options();
        let name = at.get("name").map(|it| options::name(&it)).transpose()?;
        let color = at.get("color").map(|it| it.one_of(&options::COLOURS)).transpose()?;
        if let Some(id) = at.get("id") {
            let text = id.words(SHORT)?;
            let known = all.iter().find(|it| it.id == text && name.is_none_or(|name| it.name == name));
            return known
                .map(|it| Pick::Known(it.id.clone()))
                .ok_or_else(|| id.wrong(&format!("should be the id of an option of {}", property.name)));
        }
        let name = name.ok_or_else(|| at.wrong("should have a name or an id"))?;
        if let Some(known) = all.iter().find(|it| it.name == name) {
            return Ok(Pick::Known(known.id.clone()));
        }
        if let Some(known) = all.iter().find(|it| same_name(&it.name, name)) {
            let words = format!("Option name \"{name}\" differs from \"{}\" by case alone.", known.name);
            return Err(Refusal::invalid(words));
        }
        if property.kind == "status" && !self.state.switches.rest.status_names_create {
            let words = format!("Status option \"{name}\" does not exist in {}.", property.name);
            return Err(Refusal::invalid(words));
        }
        self.may(|it| it.update)?;
        Ok(Pick::New(name.to_owned(), color.map(str::to_owned)))
    }
}

fn file(at: &At<'_>) -> Result<Value, Refusal> {
    at.members(&["name", "type", "external"])?;
    let name = at.need("name")?.words(SHORT)?;
    let external = at.need("external")?;
    external.members(&["url"])?;
    let url = external.need("url")?.words(TEXT)?;
    Ok(json!({"name": name, "type": "external", "external": {"url": url}}))
}

/// As the answer for a page shows it: long lists are cut (§3.3).
pub fn shown(property: &Property, row: &Node, cell: Option<&Cell>, state: &State) -> Value {
    let kind = property.kind;
    let mut shown = json!({"id": property.id, "type": kind, kind: value(property, row, cell, state)});
    let cut = matches!(kind, "relation" | "people");
    let length = shown[kind].as_array().map_or(0, Vec::len);
    if cut && length > SHOWN {
        shown[kind].as_array_mut().expect("a list").truncate(SHOWN);
    }
    if kind == "relation" || (cut && length > SHOWN) {
        shown["has_more"] = json!(length > SHOWN);
    }
    shown
}

/// The whole value.
pub fn value(property: &Property, row: &Node, cell: Option<&Cell>, state: &State) -> Value {
    let minute = dates::to_the_minute;
    match (property.kind, cell) {
        ("created_time", _) => json!(minute(row.created)),
        ("last_edited_time", _) => json!(minute(row.edited)),
        ("created_by", _) => state.person_json(row.created_by),
        ("last_edited_by", _) => state.person_json(row.edited_by),
        ("formula", _) => json!({"type": "string", "string": null}),
        ("unique_id", _) => {
            let Config::UniqueId(prefix) = &property.config else { unreachable!("its settings fit its kind") };
            json!({"prefix": prefix, "number": state.rest.page(row.id).number + 1})
        }
        ("checkbox", cell) => json!(cell.is_some()),
        ("title" | "rich_text" | "multi_select" | "people" | "relation" | "files", None) => json!([]),
        (_, None) => Value::Null,
        (_, Some(Cell::Text(items))) => rich_text::shown(items, state),
        (_, Some(Cell::Number(number))) => json!(number),
        (_, Some(Cell::Plain(text))) => json!(text),
        (kind, Some(Cell::Choices(ids))) => {
            let options = property.options();
            let mut all = ids.iter().filter_map(|id| options.iter().find(|it| it.id == *id)).map(options::Choice::json);
            if kind == "multi_select" { all.collect() } else { all.next().unwrap_or_default() }
        }
        (_, Some(Cell::People(ids))) => ids.iter().map(|id| state.person_json(*id)).collect(),
        (_, Some(Cell::Date(span))) => span.json(),
        (_, Some(Cell::Checked)) => json!(true),
        (_, Some(Cell::Relation(ids))) => ids.iter().map(|id| json!({ "id": id })).collect(),
        (_, Some(Cell::Files(files))) => json!(files),
    }
}

/// The text of a cell, for comparing and for looking things up.
pub fn text(cell: Option<&Cell>, state: &State) -> String {
    match cell {
        Some(Cell::Text(items)) => rich_text::plain(items, state),
        Some(Cell::Plain(text)) => text.clone(),
        Some(Cell::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}
