//! Views of databases (notion-rest-api §3.5). They are kept as they came; nobody sees a database through them here.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::dates::to_the_millisecond;
use super::desk::{Desk, Outcome, Part};
use super::id::Id;
use super::limits::{ITEMS, TEXT};
use super::place::At;
use super::refusal::Refusal;

#[derive(Clone, Debug)]
pub struct View {
    pub id: Id,
    pub source: Id,
    pub name: String,
    pub kind: String,
    /// `filter`, `sorts`, `quick_filters`, `configuration`.
    pub looks: [Value; 4],
    pub created: Timestamp,
    pub edited: Timestamp,
    pub created_by: Id,
    pub edited_by: Id,
}

const LOOKS: [&str; 4] = ["filter", "sorts", "quick_filters", "configuration"];

/// Kinds that can be made here, and what their configuration may have besides `type` and `properties`.
const KINDS: [(&str, &[&str]); 6] = [
    ("table", &["group_by", "subtasks", "wrap_cells", "frozen_column_index", "show_vertical_lines"]),
    ("board", &["group_by", "sub_group_by", "cover", "cover_size", "cover_aspect", "card_layout"]),
    ("list", &[]),
    ("calendar", &["date_property_id", "view_range", "show_weekends"]),
    ("timeline", &["date_property_id", "end_date_property_id", "show_table", "preference", "arrows_by", "color_by"]),
    ("gallery", &["cover", "cover_size", "cover_aspect", "card_layout"]),
];

impl Desk<'_> {
    /// Notion makes one for each new database.
    pub fn first_view(&mut self, database: Id, source: Id) {
        let looks = [Value::Null, Value::Null, Value::Null, json!({"type": "table"})];
        let view = self.new_view(source, "Default view", "table", looks);
        self.state.rest.views.entry(database).or_default().push(view);
    }

    fn new_view(&self, source: Id, name: &str, kind: &str, looks: [Value; 4]) -> View {
        let (now, author) = (self.who.now, self.who.author);
        View {
            id: Id::mint("view"),
            source,
            name: name.to_owned(),
            kind: kind.to_owned(),
            looks,
            created: now,
            edited: now,
            created_by: author,
            edited_by: author,
        }
    }

    pub fn create_view(&mut self, body: &At<'_>) -> Outcome {
        self.may(|it| it.insert)?;
        body.members(&[&["database_id", "data_source_id", "name", "type", "position"], &LOOKS[..]].concat())?;
        let source = self.editable(body.need("data_source_id")?.id()?, "data_source")?.id;
        let database = self.editable(body.need("database_id")?.id()?, "database")?.id;
        if self.state.rest.node(source).parent != Some(database) {
            return Err(body.wrong("should name a data source of the database"));
        }
        let name = body.need("name")?.words(TEXT)?;
        let kinds = KINDS.map(|(kind, _)| kind);
        let kind = body.need("type")?.one_of(&kinds)?;
        let nothing = [Value::Null, Value::Null, Value::Null, json!({ "type": kind })];
        let looks = self.looks(source, kind, nothing, body)?;
        if matches!(kind, "board" | "calendar" | "timeline") {
            body.need("configuration")?;
        }
        let views = self.state.rest.views.get(&database).map_or(&[][..], Vec::as_slice);
        let place = match body.get("position") {
            None => views.len(),
            Some(at) => match at.need("type")?.one_of(&["start", "end", "after_view"])? {
                "start" => 0,
                "end" => views.len(),
                _ => {
                    let after = at.need("view_id")?.id()?;
                    let found = views.iter().position(|it| it.id == after);
                    found.ok_or_else(|| Refusal::missing("view", after))? + 1
                }
            },
        };
        let view = self.new_view(source, name, kind, looks);
        let shown = view_json(database, &view);
        self.state.rest.views.entry(database).or_default().insert(place, view);
        Ok(shown)
    }

    /// What of a view is told, over what it was.
    fn looks(&self, source: Id, kind: &str, before: [Value; 4], body: &At<'_>) -> Result<[Value; 4], Refusal> {
        let schema = &self.state.rest.source(source).schema;
        if let Some(filter) = body.set("filter") {
            self.filter(schema, &filter)?;
            self.only_known_options(source, &filter)?;
        }
        if let Some(sorts) = body.set("sorts") {
            for sort in sorts.items(ITEMS)? {
                sort.members(&["property", "direction"])?;
                sort.need("direction")?.one_of(&["ascending", "descending"])?;
                self.column(source, &sort.need("property")?)?;
            }
        }
        if let Some(quick) = body.set("quick_filters") {
            quick.object()?;
        }
        if let Some(at) = body.get("configuration") {
            self.configuration(source, kind, &at)?;
        }
        let mut looks = before;
        for (look, name) in looks.iter_mut().zip(LOOKS) {
            if let Some(at) = body.get(name) {
                *look = at.value.clone();
            }
        }
        Ok(looks)
    }

    fn configuration(&self, source: Id, kind: &str, at: &At<'_>) -> Result<(), Refusal> {
        let others = KINDS.iter().find(|it| it.0 == kind).map_or(&[][..], |it| it.1);
        at.members(&[&["type", "properties"], others].concat())?;
        at.need("type")?.one_of(&[kind])?;
        for property in at.set("properties").map(|it| it.items(ITEMS)).transpose()?.unwrap_or_default() {
            property.members(&[
                "property_id",
                "visible",
                "width",
                "wrap",
                "status_show_as",
                "card_property_width_mode",
                "date_format",
                "time_format",
            ])?;
            self.column(source, &property.need("property_id")?)?;
            if let Some(width) = property.get("width") {
                width.value.as_u64().filter(|it| *it >= 1).ok_or_else(|| width.wrong("should be ≥ `1`"))?;
            }
        }
        for name in ["group_by", "sub_group_by"] {
            if let Some(group) = at.set(name) {
                self.column(source, &group.need("property_id")?)?;
                group.need("sort")?;
            }
        }
        if kind == "board" {
            at.need("group_by")?;
        }
        if matches!(kind, "calendar" | "timeline") {
            self.column(source, &at.need("date_property_id")?)?;
        }
        Ok(())
    }

    fn column(&self, source: Id, at: &At<'_>) -> Result<(), Refusal> {
        let key = at.words(TEXT)?;
        let found = self.state.rest.source(source).schema.find(key);
        found.map(|_| ()).ok_or_else(|| at.wrong("should be the id of a property"))
    }

    /// A view filters by options that there are: else 400 with their list (§3.5).
    fn only_known_options(&self, source: Id, at: &At<'_>) -> Result<(), Refusal> {
        for operator in ["and", "or"] {
            for inner in at.get(operator).map(|it| it.items(ITEMS)).transpose()?.unwrap_or_default() {
                self.only_known_options(source, &inner)?;
            }
        }
        let schema = &self.state.rest.source(source).schema;
        let Some(property) = at.value["property"].as_str().and_then(|key| schema.find(key)) else { return Ok(()) };
        let known: Vec<&str> = property.options().iter().map(|it| it.name.as_str()).collect();
        let Some(test) = at.value[property.kind]
            .as_object()
            .filter(|_| ["select", "multi_select", "status"].contains(&property.kind))
        else {
            return Ok(());
        };
        let one_or_many = |it: &Value| it.as_array().cloned().unwrap_or_else(|| vec![it.clone()]);
        let wanted: Vec<Value> = test.values().filter(|it| !it.is_boolean()).flat_map(one_or_many).collect();
        match wanted.iter().find(|it| !it.as_str().is_some_and(|name| known.contains(&name))) {
            Some(strange) => Err(Refusal::invalid(format!("{strange} is none of the options: {}", known.join(", ")))),
            None => Ok(()),
        }
    }

    pub fn views(&self, database: Option<Id>, source: Option<Id>, part: &Part) -> Outcome {
        self.may(|it| it.read)?;
        let database = match (database, source) {
            (Some(id), None) => self.seen(id, "database")?.id,
            (None, Some(id)) => self.seen(id, "data_source")?.parent.expect("it lies in a database"),
            _ => return Err(Refusal::invalid("Either database_id or data_source_id should be given.")),
        };
        let all = self.state.rest.views.get(&database).map_or(&[][..], Vec::as_slice);
        let all: Vec<&View> = all.iter().filter(|it| source.is_none_or(|source| it.source == source)).collect();
        part.of("view", &all, |it| it.id.to_string().into(), |it| json!({"object": "view", "id": it.id}))
    }

    /// Where a view is, if it is seen.
    fn view_place(&self, id: Id) -> Result<(Id, usize), Refusal> {
        let all = self.state.rest.views.iter();
        let mut found = all.filter_map(|(it, views)| Some((*it, views.iter().position(|it| it.id == id)?)));
        found.next().filter(|(database, _)| self.sees(*database)).ok_or_else(|| Refusal::missing("view", id))
    }

    pub fn view(&self, id: Id) -> Outcome {
        self.may(|it| it.read)?;
        let (database, at) = self.view_place(id)?;
        Ok(view_json(database, &self.state.rest.views[&database][at]))
    }

    pub fn update_view(&mut self, id: Id, body: &At<'_>) -> Outcome {
        self.may(|it| it.update)?;
        body.members(&[&["name"], &LOOKS[..]].concat())?;
        let (database, at) = self.view_place(id)?;
        self.editable(database, "database")?;
        let mut view = self.state.rest.views[&database][at].clone();
        view.looks = self.looks(view.source, &view.kind, view.looks, body)?;
        if let Some(name) = body.get("name") {
            view.name = name.words(TEXT)?.to_owned();
        }
        (view.edited, view.edited_by) = (self.who.now, self.who.author);
        let shown = view_json(database, &view);
        self.state.rest.views.get_mut(&database).expect("found above")[at] = view;
        Ok(shown)
    }
}

fn view_json(database: Id, view: &View) -> Value {
    let [filter, sorts, quick_filters, configuration] = &view.looks;
    json!({
        "object": "view", "id": view.id, "parent": {"type": "database_id", "database_id": database},
        "data_source_id": view.source, "name": view.name, "type": view.kind,
        "created_time": to_the_millisecond(view.created), "last_edited_time": to_the_millisecond(view.edited),
        "created_by": {"object": "user", "id": view.created_by},
        "last_edited_by": {"object": "user", "id": view.edited_by}, "filter": filter, "sorts": sorts,
        "quick_filters": quick_filters, "configuration": configuration,
        "url": format!("https://app.notion.com/p/{}?v={}", database.hex(), view.id.hex()),
    })
}
