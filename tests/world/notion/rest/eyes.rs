//! What stands in Notion, as plain values for tests.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::super::Notion;
use super::super::state::{PageId, State, WorkspaceId};
use super::cells::{self, Cell};
use super::id::Id;
use super::rich_text;
use super::schema::Property;
use super::store::{Comment, Is, Node};

/// A row, thrown away or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub id: Id,
    pub in_trash: bool,
    pub created: Timestamp,
    pub edited: Timestamp,
    pub edited_by: Id,
    pub icon: Option<Value>,
    /// By name of the column: a text, names of options, ids of people and rows. What is empty is missing.
    pub cells: BTreeMap<String, Vec<String>>,
}

impl Row {
    /// What stands in a column; several values with a comma between.
    pub fn text(&self, column: &str) -> String {
        self.all(column).join(", ")
    }

    pub fn all(&self, column: &str) -> &[String] {
        self.cells.get(column).map_or(&[], Vec::as_slice)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub id: String,
    pub name: String,
    pub kind: &'static str,
    pub description: Option<String>,
    /// Name and colour.
    pub options: Vec<(String, String)>,
}

/// A block with what lies in it. What was thrown away is not shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    pub id: Id,
    pub kind: &'static str,
    pub text: String,
    pub by: Id,
    pub children: Vec<Shown>,
}

impl Notion {
    /// All databases of a workspace, in no order.
    pub fn databases(&self, workspace: WorkspaceId) -> Vec<Id> {
        self.state(|state| {
            let own = state.rest.nodes.values().filter(|it| it.workspace == workspace);
            own.filter(|it| matches!(it.is, Is::Database(_))).map(|it| it.id).collect()
        })
    }

    /// The databases that stand on a page.
    pub fn databases_on(&self, page: PageId) -> Vec<Id> {
        self.state(|state| {
            let page = state.pages[page.0].id;
            let all = state.rest.nodes.values().filter(|it| matches!(it.is, Is::Database(_)) && !it.in_trash);
            all.filter(|it| it.parent == Some(page)).map(|it| it.id).collect()
        })
    }

    /// The first data source of a database.
    pub fn source(&self, database: Id) -> Id {
        self.state(|state| state.rest.node(database).children[0])
    }

    /// All rows of a database, in the order in which they were made.
    pub fn rows(&self, database: Id) -> Vec<Row> {
        let source = self.source(database);
        self.state(|state| state.rest.rows_of(source).map(|it| row(it, source, state)).collect())
    }

    /// A row by its id.
    pub fn row(&self, id: Id) -> Row {
        self.state(|state| row(state.rest.node(id), state.rest.source_of(id).expect("a row"), state))
    }

    /// The columns of a database, in the order in which they were made.
    pub fn columns(&self, database: Id) -> Vec<Column> {
        let source = self.source(database);
        self.state(|state| state.rest.source(source).schema.0.iter().map(column).collect())
    }

    /// The title of a database, and whether it lies in the trash.
    pub fn database(&self, id: Id) -> (String, bool) {
        self.state(|state| (rich_text::plain(&state.rest.database(id).title, state), state.rest.is_gone(id)))
    }

    /// What the description of a database says.
    pub fn description(&self, id: Id) -> String {
        self.state(|state| rich_text::plain(&state.rest.database(id).description, state))
    }

    /// The blocks of a page.
    pub fn blocks(&self, page: Id) -> Vec<Shown> {
        self.state(|state| blocks(page, state))
    }

    /// Id, name and kind of each view of a database, in their order.
    pub fn views(&self, database: Id) -> Vec<(Id, String, String)> {
        self.state(|state| {
            let all = state.rest.views.get(&database).into_iter().flatten();
            all.map(|it| (it.id, it.name.clone(), it.kind.clone())).collect()
        })
    }

    /// Which columns a view shows, by their ids, as it was made.
    pub fn view_looks(&self, database: Id, name: &str) -> String {
        self.state(|state| {
            let mut all = state.rest.views.get(&database).into_iter().flatten();
            all.find(|it| it.name == name).map(|it| format!("{:?}", it.looks)).unwrap_or_default()
        })
    }

    /// The texts of the comments on a page or block.
    pub fn comments(&self, parent: Id) -> Vec<String> {
        self.state(|state| {
            let own = state.rest.comments.iter().filter(|it| it.parent == parent);
            own.map(|it: &Comment| rich_text::plain(&it.text, state)).collect()
        })
    }

    /// How often each call came since the log was cleared: `PATCH /v1/pages/{page_id}`.
    pub fn calls(&self) -> BTreeMap<String, usize> {
        self.state(|state| state.rest.calls.clone())
    }

    /// Calls that changed something, or would have.
    pub fn writes(&self) -> usize {
        let is_write = |call: &str| {
            let (method, path) = call.split_once(' ').unwrap_or_default();
            super::is_write(method, path)
        };
        self.calls().iter().filter(|(call, _)| is_write(call)).map(|(_, count)| count).sum()
    }

    /// The most calls of the REST side that were on their way at once since the log was cleared.
    pub fn most_at_once(&self) -> usize {
        self.flight.most.load(Ordering::SeqCst)
    }
}

fn row(node: &Node, source: Id, state: &State) -> Row {
    let page = state.rest.page(node.id);
    let schema = &state.rest.source(source).schema;
    let cells = page.cells.iter().filter_map(|(id, cell)| {
        let property = schema.by_id(id)?;
        Some((property.name.clone(), words(property, cell, state)))
    });
    Row {
        id: node.id,
        in_trash: node.in_trash,
        created: node.created,
        edited: node.edited,
        edited_by: node.edited_by,
        icon: page.icon.clone(),
        cells: cells.collect(),
    }
}

/// A cell as texts.
pub fn words(property: &Property, cell: &Cell, state: &State) -> Vec<String> {
    match cell {
        Cell::Choices(ids) => {
            let name = |id: &String| property.options().iter().find(|it| it.id == *id).map(|it| it.name.clone());
            ids.iter().filter_map(name).collect()
        }
        Cell::People(ids) | Cell::Relation(ids) => ids.iter().map(Id::to_string).collect(),
        Cell::Date(span) => [Some(span.start.clone()), span.end.clone()].into_iter().flatten().collect(),
        Cell::Checked => vec!["true".into()],
        Cell::Files(files) => files.iter().filter_map(|it| Some(it["name"].as_str()?.to_owned())).collect(),
        cell => vec![cells::text(Some(cell), state)],
    }
}

fn column(property: &Property) -> Column {
    Column {
        id: property.id.clone(),
        name: property.name.clone(),
        kind: property.kind,
        description: property.description.clone(),
        options: property.options().iter().map(|it| (it.name.clone(), it.color.clone())).collect(),
    }
}

fn blocks(parent: Id, state: &State) -> Vec<Shown> {
    let alive = state.rest.node(parent).children.iter().map(|id| state.rest.node(*id)).filter(|it| !it.in_trash);
    let shown = alive.map(|node| {
        let (kind, text) = match &node.is {
            Is::Block(block) => {
                let content = &block.content;
                let items = content.rich_text.iter().chain(content.cells.iter().flatten()).chain(&content.caption);
                let mut words: Vec<String> = items.map(|it| rich_text::plain(it, state)).collect();
                words.extend(content.others.get("url").and_then(Value::as_str).map(str::to_owned));
                (block.kind, words.join(" "))
            }
            Is::Database(it) => ("child_database", rich_text::plain(&it.title, state)),
            _ => ("child_page", state.rest.title(node.id)),
        };
        let children = if matches!(node.is, Is::Block(_)) { blocks(node.id, state) } else { Vec::new() };
        Shown { id: node.id, kind, text: text.trim().to_owned(), by: node.created_by, children }
    });
    shown.collect()
}
