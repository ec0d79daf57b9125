//! Making and changing the properties of a data source (notion-rest-api §3.1, §3.2).

use serde_json::Value;

use super::cells::{self, Cell};
use super::desk::Desk;
use super::id::Id;
use super::limits::{DESCRIPTION, SHORT, TEXT};
use super::options::{self, Choice};
use super::place::At;
use super::refusal::Refusal;
use super::rich_text;
use super::schema::{Config, KINDS, Property, Schema};

const FORMATS: [&str; 12] = [
    "number",
    "number_with_commas",
    "percent",
    "dollar",
    "euro",
    "pound",
    "yen",
    "ruble",
    "rupee",
    "won",
    "yuan",
    "franc",
];

/// What is to be done to rows and to other columns once the new schema stands.
#[derive(Default)]
struct Aftermath {
    removed: Vec<Property>,
    /// What the column was.
    retyped: Vec<Property>,
    /// Columns that lost some of their options.
    thinned: Vec<String>,
    /// Id of a column that is to be mirrored, and the wanted name of the mirror.
    mirrored: Vec<(String, Option<String>)>,
}

impl Desk<'_> {
    /// Changes as a whole or not at all. `properties` is keyed by name or id; new ones stand behind the others, in the
    /// order in which they were sent.
    pub fn change_schema(&mut self, source: Id, properties: &At<'_>) -> Result<(), Refusal> {
        let mut schema = self.state.rest.source(source).schema.clone();
        let mut after = Aftermath::default();
        for key in properties.names()? {
            let at = properties.need(key)?;
            match schema.find(key).cloned() {
                None => self.add_property(&mut schema, key, &at, &mut after)?,
                Some(known) => self.alter(&mut schema, &known, &at, &mut after)?,
            }
        }
        let names: Vec<&String> = schema.0.iter().map(|it| &it.name).collect();
        if let Some(twice) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
            return Err(Refusal::invalid(format!("There is a property named {} already.", names[twice])));
        }
        match schema.0.iter().filter(|it| it.kind == "title").count() {
            1 => {}
            0 => return Err(Refusal::invalid("Title is not provided: a database has exactly one title property.")),
            _ => return Err(Refusal::invalid("A database has exactly one title property.")),
        }
        self.schema_fits(self.shown_schema(&schema).to_string().len())?;
        self.state.rest.source_mut(source).schema = schema;
        self.settle(source, after);
        self.touch(source);
        Ok(())
    }

    pub fn schema_json(&self, source: Id) -> Value {
        self.shown_schema(&self.state.rest.source(source).schema)
    }

    fn shown_schema(&self, schema: &Schema) -> Value {
        let rest = &self.state.rest;
        let database = |source| rest.node(source).parent.expect("a data source lies in a database");
        let name = |source, id: &str| {
            let found = rest.source(source).schema.by_id(id).map(|it| it.name.clone());
            found.unwrap_or_default()
        };
        schema.shown(database, name)
    }

    pub fn schema_fits(&self, bytes: usize) -> Result<(), Refusal> {
        match bytes > self.state.switches.rest.schema_size {
            true => Err(Refusal::invalid(
                "This database has exceeded the maximum database property schema size. Remove unused properties or options.",
            )),
            false => Ok(()),
        }
    }

    fn add_property(&self, schema: &mut Schema, name: &str, at: &At<'_>, after: &mut Aftermath) -> Result<(), Refusal> {
        if at.value.is_null() || (at.get("name").is_some() && at.object()?.len() == 1) {
            return Err(Refusal::invalid(format!("{name} is not a property that exists.")));
        }
        if name.is_empty() || super::limits::units(name) > TEXT {
            return Err(at.wrong("should have a name of 1 to 2000 characters"));
        }
        let (kind, inner) = at.kind(&KINDS, &["description"])?;
        let id = if kind == "title" { "title".to_owned() } else { schema.new_id() };
        let config = self.config(kind, &inner, None)?;
        after.mirrored.extend(mirror_of(&inner, kind)?.map(|name| (id.clone(), name)));
        let description = description(at)?.flatten();
        schema.0.push(Property { id, name: name.to_owned(), description, kind, config });
        Ok(())
    }

    fn alter(&self, schema: &mut Schema, known: &Property, at: &At<'_>, after: &mut Aftermath) -> Result<(), Refusal> {
        if at.value.is_null() {
            if known.kind == "title" {
                return Err(Refusal::invalid("Cannot delete the title property."));
            }
            schema.0.retain(|it| it.id != known.id);
            after.removed.push(known.clone());
            return Ok(());
        }
        let mut new = known.clone();
        if let Some(name) = at.get("name") {
            new.name = name.words(TEXT)?.to_owned();
        }
        if let Some(description) = description(at)? {
            new.description = description;
        }
        if at.object()?.keys().any(|key| !["name", "description"].contains(&key.as_str())) {
            let (kind, inner) = at.kind(&KINDS, &["name", "description"])?;
            if (kind == "title") != (known.kind == "title") {
                return Err(Refusal::invalid("The title property can be neither made nor changed to another type."));
            }
            (new.kind, new.config) = (kind, self.config(kind, &inner, Some(known))?);
            self.note_what_follows(known, &new, &inner, after)?;
        }
        *schema.find_mut(&known.id).expect("it is known") = new;
        Ok(())
    }

    fn note_what_follows(
        &self,
        known: &Property,
        new: &Property,
        at: &At<'_>,
        after: &mut Aftermath,
    ) -> Result<(), Refusal> {
        let keeps = |it: &Choice| new.options().iter().any(|other| other.id == it.id);
        if !known.options().iter().all(keeps) {
            after.thinned.push(known.id.clone());
        }
        let both_have_options = matches!((&known.config, &new.config), (Config::Options(_), Config::Options(_)));
        let is_another = known.kind != new.kind && !both_have_options;
        let is_related_anew = known.kind == "relation" && known.config != new.config;
        if is_another || is_related_anew {
            after.retyped.push(known.clone());
            after.mirrored.extend(mirror_of(at, new.kind)?.map(|name| (new.id.clone(), name)));
        }
        Ok(())
    }

    fn config(&self, kind: &str, at: &At<'_>, before: Option<&Property>) -> Result<Config, Refusal> {
        Ok(match kind {
            "number" => {
                at.members(&["format"])?;
                Config::Number(at.get("format").map_or(Ok("number"), |it| it.one_of(&FORMATS))?.to_owned())
            }
            "select" | "multi_select" | "status" => {
                at.members(&["options"])?;
                let known = before.map(|it| it.options().to_vec()).unwrap_or_default();
                Config::Options(match at.get("options") {
                    Some(list) => options::updated(&list, &known)?,
                    None if kind == "status" && known.is_empty() => options::usual_statuses(),
                    None => known,
                })
            }
            "relation" => {
                let target = at.need("data_source_id")?.id()?;
                self.editable(target, "data_source")?;
                let mirror = match before.map(|it| &it.config) {
                    // The same again changes nothing.
                    Some(Config::Relation(old, mirror)) if *old == target && at.get("single_property").is_none() => {
                        mirror.clone()
                    }
                    _ => None,
                };
                mirror_of(at, kind)?;
                Config::Relation(target, mirror)
            }
            "formula" => {
                at.members(&["expression"])?;
                Config::Formula(at.get("expression").map_or(Ok(""), |it| it.text(TEXT))?.to_owned())
            }
            "unique_id" => {
                at.members(&["prefix"])?;
                Config::UniqueId(at.set("prefix").map(|it| it.words(SHORT).map(str::to_owned)).transpose()?)
            }
            _ => {
                at.members(&[])?;
                Config::Plain
            }
        })
    }

    fn settle(&mut self, source: Id, after: Aftermath) {
        for old in &after.removed {
            self.empty_column(source, old, None);
        }
        for old in &after.retyped {
            let new = self.state.rest.source(source).schema.by_id(&old.id).cloned();
            self.empty_column(source, old, new.as_ref());
        }
        for property in &after.thinned {
            self.drop_lost_options(source, property);
        }
        for (id, wanted) in after.mirrored {
            self.make_mirror(source, &id, wanted);
        }
    }

    /// The values of a column that is gone or is another now; text that fits stays.
    fn empty_column(&mut self, source: Id, old: &Property, new: Option<&Property>) {
        let rows = self.state.rest.node(source).children.clone();
        let is_text = new.is_some_and(|it| it.kind == "rich_text");
        for row in rows {
            let Some(cell) = self.state.rest.page_mut(row).cells.remove(&old.id) else { continue };
            let words = cells::text(Some(&cell), self.state);
            if is_text && !words.is_empty() {
                let cell = Cell::Text(rich_text::plain_items(&words));
                self.state.rest.page_mut(row).cells.insert(old.id.clone(), cell);
            }
        }
        self.state.rest.source_mut(source).index.forget(&old.id);
        if let Config::Relation(other, Some(mirror)) = &old.config
            && let Some(gone) = self.state.rest.source(*other).schema.by_id(mirror).cloned()
        {
            self.state.rest.source_mut(*other).schema.0.retain(|it| it.id != gone.id);
            for row in self.state.rest.node(*other).children.clone() {
                self.state.rest.page_mut(row).cells.remove(&gone.id);
            }
        }
    }

    fn drop_lost_options(&mut self, source: Id, property: &str) {
        let rows = self.state.rest.node(source).children.clone();
        let schema = &self.state.rest.source(source).schema;
        let left: Vec<String> =
            schema.by_id(property).map(|it| it.options().iter().map(|it| it.id.clone()).collect()).unwrap_or_default();
        for row in rows {
            let cells = &mut self.state.rest.page_mut(row).cells;
            if let Some(Cell::Choices(ids)) = cells.get_mut(property) {
                ids.retain(|id| left.contains(id));
                if ids.is_empty() {
                    cells.remove(property);
                }
            }
        }
    }

    /// The reverse column of a two-way relation, which may lie in the same data source.
    fn make_mirror(&mut self, source: Id, id: &str, wanted: Option<String>) {
        let rest = &self.state.rest;
        let own = rest.source(source).schema.by_id(id).expect("just made").clone();
        let Config::Relation(other, _) = own.config else { unreachable!("only relations are mirrored") };
        let title = rich_text::plain(&rest.source(source).title, self.state);
        let wanted = wanted.unwrap_or_else(|| format!("Related to {title} ({})", own.name));
        let schema = &rest.source(other).schema;
        let mirror = Property {
            id: schema.new_id(),
            name: schema.free_name(&wanted),
            description: None,
            kind: "relation",
            config: Config::Relation(source, Some(own.id.clone())),
        };
        let mirror_id = mirror.id.clone();
        self.state.rest.source_mut(other).schema.0.push(mirror);
        let own = self.state.rest.source_mut(source).schema.find_mut(id).expect("just made");
        own.config = Config::Relation(other, Some(mirror_id));
    }
}

/// A description, if one was sent; null takes it away.
fn description(at: &At<'_>) -> Result<Option<Option<String>>, Refusal> {
    let Some(it) = at.get("description") else { return Ok(None) };
    if it.value.is_null() {
        return Ok(Some(None));
    }
    Ok(Some(Some(it.words(DESCRIPTION)?.to_owned())))
}

/// Whether a relation is to be two-way, and the wanted name of its reverse.
fn mirror_of(at: &At<'_>, kind: &str) -> Result<Option<Option<String>>, Refusal> {
    if kind != "relation" {
        return Ok(None);
    }
    let (way, inner) = at.kind(&["single_property", "dual_property"], &["data_source_id"])?;
    if way == "single_property" {
        inner.members(&[])?;
        return Ok(None);
    }
    inner.members(&["synced_property_id", "synced_property_name"])?;
    Ok(Some(inner.set("synced_property_name").map(|it| it.words(TEXT).map(str::to_owned)).transpose()?))
}
