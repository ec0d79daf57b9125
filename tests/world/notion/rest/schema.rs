//! The properties of a data source: their kinds, names, ids and settings (notion-rest-api §3.1).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::super::super::oauth::mint;
use super::id::Id;
use super::options::Choice;

/// All that can be made here. Real ones besides: rollup, button, place, verification and others.
pub const KINDS: [&str; 20] = [
    "title",
    "rich_text",
    "url",
    "people",
    "files",
    "email",
    "phone_number",
    "date",
    "checkbox",
    "created_time",
    "last_edited_time",
    "created_by",
    "last_edited_by",
    "number",
    "select",
    "multi_select",
    "status",
    "relation",
    "formula",
    "unique_id",
];

/// Nobody writes them.
pub const READ_ONLY: [&str; 6] =
    ["created_time", "last_edited_time", "created_by", "last_edited_by", "formula", "unique_id"];

#[derive(Clone, Debug, Default)]
pub struct Schema(pub Vec<Property>);

#[derive(Clone, Debug)]
pub struct Property {
    /// As it stands in answers: percent-encoded; "title" for the title.
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub kind: &'static str,
    pub config: Config,
}

#[derive(Clone, Debug, PartialEq)]
pub enum Config {
    Plain,
    Number(String),
    /// Of `select`, `multi_select` and `status`.
    Options(Vec<Choice>),
    /// The data source, and the id of the column there that mirrors this one.
    Relation(Id, Option<String>),
    Formula(String),
    UniqueId(Option<String>),
}

impl Schema {
    /// By name or id, the id encoded or not. A name counts first.
    pub fn find(&self, key: &str) -> Option<&Property> {
        self.place(key).map(|at| &self.0[at])
    }

    pub fn find_mut(&mut self, key: &str) -> Option<&mut Property> {
        self.place(key).map(|at| &mut self.0[at])
    }

    fn place(&self, key: &str) -> Option<usize> {
        let by_name = self.0.iter().position(|it| it.name == key);
        by_name.or_else(|| self.0.iter().position(|it| it.id == key || decoded(&it.id) == key))
    }

    pub fn by_id(&self, id: &str) -> Option<&Property> {
        self.0.iter().find(|it| it.id == id)
    }

    /// The name, or the name with the first number that is free.
    pub fn free_name(&self, wanted: &str) -> String {
        let mut names = std::iter::once(wanted.to_owned()).chain((1..).map(|number| format!("{wanted} {number}")));
        names.find(|name| self.0.iter().all(|it| it.name != *name)).expect("numbers do not end")
    }

    /// An id that is not given yet: four characters, some of which an address has to encode.
    pub fn new_id(&self) -> String {
        const CHARACTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz:;<=>?@[]^_`{|}~\\";
        const LEFT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'~').remove(b'-').remove(b'.');
        loop {
            let number = Id::parse(&mint::uuid("property")).expect("a UUID").0;
            let pick = |at: u32| char::from(CHARACTERS[(number >> (at * 16)) as usize % CHARACTERS.len()]);
            let raw: String = (0..4).map(pick).collect();
            let id = utf8_percent_encode(&raw, LEFT).to_string();
            if self.find(&id).is_none() && self.find(&raw).is_none() {
                return id;
            }
        }
    }

    /// As the API shows it, by name. `names`: of the mirrors of relations.
    pub fn shown(&self, database_of: impl Fn(Id) -> Id, mirror: impl Fn(Id, &str) -> String) -> Value {
        let one = |it: &Property| (it.name.clone(), it.shown(&database_of, &mirror));
        Value::Object(self.0.iter().map(one).collect::<Map<_, _>>())
    }
}

impl Property {
    fn shown(&self, database_of: impl Fn(Id) -> Id, mirror: impl Fn(Id, &str) -> String) -> Value {
        let config = match &self.config {
            Config::Plain => json!({}),
            Config::Number(format) => json!({"format": format}),
            Config::Options(all) => super::options::shown(all, self.kind == "status"),
            Config::Relation(source, None) => json!({
                "database_id": database_of(*source), "data_source_id": source, "type": "single_property",
                "single_property": {},
            }),
            Config::Relation(source, Some(other)) => json!({
                "database_id": database_of(*source), "data_source_id": source, "type": "dual_property",
                "dual_property": {"synced_property_id": other, "synced_property_name": mirror(*source, other)},
            }),
            Config::Formula(expression) => json!({"expression": expression}),
            Config::UniqueId(prefix) => json!({"prefix": prefix}),
        };
        json!({
            "id": self.id, "name": self.name, "description": self.description, "type": self.kind, self.kind: config,
        })
    }

    pub fn options(&self) -> &[Choice] {
        match &self.config {
            Config::Options(all) => all,
            _ => &[],
        }
    }
}

pub fn decoded(id: &str) -> String {
    percent_decode_str(id).decode_utf8_lossy().into_owned()
}
