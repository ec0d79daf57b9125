//! What Notion keeps behind the REST side: one tree of pages, databases, data sources and blocks, with views and comments
//! beside it.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::Timestamp;
use serde_json::Value;

use super::super::state::{UserId, WorkspaceId};
use super::access::Access;
use super::cells::Cell;
use super::id::Id;
use super::index::Index;
use super::pace::Allowances;
use super::rich_text::{Item, What, plain_items};
use super::schema::Schema;
use super::views::View;

/// A place in the tree. Rows lie in data sources, these in databases, these in pages; blocks lie in pages or blocks.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: Id,
    /// `None`: the workspace itself.
    pub parent: Option<Id>,
    pub workspace: WorkspaceId,
    pub created: Timestamp,
    pub edited: Timestamp,
    pub created_by: Id,
    pub edited_by: Id,
    /// Whether this very node was thrown away; what lies in it goes with it.
    pub in_trash: bool,
    /// In their order: blocks with pages and databases among them, data sources, or rows.
    pub children: Vec<Id>,
    pub is: Is,
}

#[derive(Clone, Debug)]
pub enum Is {
    Page(Page),
    Database(Database),
    Source(Source),
    Block(Block),
}

/// A page, which is a row if it lies in a data source.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// By id of the property; what is empty is missing. A page that is no row has its title alone.
    pub cells: BTreeMap<String, Cell>,
    pub icon: Option<Value>,
    pub cover: Option<Value>,
    pub is_locked: bool,
    pub is_archived: bool,
    /// Its place among the rows.
    pub number: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Database {
    pub title: Vec<Item>,
    pub description: Vec<Item>,
    pub icon: Option<Value>,
    pub cover: Option<Value>,
    pub is_inline: bool,
    pub is_locked: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Source {
    pub title: Vec<Item>,
    pub icon: Option<Value>,
    pub schema: Schema,
    pub index: Index,
    /// Rows that are not in the trash themselves.
    pub alive: usize,
}

#[derive(Clone, Debug)]
pub struct Block {
    pub kind: &'static str,
    pub content: super::blocks::Content,
}

/// A remark of a discussion.
#[derive(Clone, Debug)]
pub struct Comment {
    pub id: Id,
    /// A page or a block.
    pub parent: Id,
    pub discussion: Id,
    pub created: Timestamp,
    pub author: Id,
    pub text: Vec<Item>,
    /// Made by a connection, not by a person.
    pub by_bot: bool,
}

#[derive(Default)]
pub struct Rest {
    pub nodes: HashMap<Id, Node>,
    /// Pages and databases at the top of a workspace, in the order in which they were made.
    pub tops: Vec<Id>,
    /// By database.
    pub views: HashMap<Id, Vec<View>>,
    pub comments: Vec<Comment>,
    /// Of all connections of a person.
    pub access: HashMap<UserId, Access>,
    pub allowances: Allowances,
    /// By `POST /v1/pages`, for ever.
    pub calls: BTreeMap<String, usize>,
    /// Rows, blocks and all else that was ever made.
    pub made: usize,
    /// Places in the log whose bodies are still kept.
    pub kept: VecDeque<usize>,
}

impl Rest {
    pub fn node(&self, id: Id) -> &Node {
        self.nodes.get(&id).expect("it is in the tree")
    }

    pub fn node_mut(&mut self, id: Id) -> &mut Node {
        self.nodes.get_mut(&id).expect("it is in the tree")
    }

    pub fn source(&self, id: Id) -> &Source {
        match &self.node(id).is {
            Is::Source(source) => source,
            _ => panic!("{id} is no data source"),
        }
    }

    pub fn source_mut(&mut self, id: Id) -> &mut Source {
        match &mut self.node_mut(id).is {
            Is::Source(source) => source,
            _ => panic!("{id} is no data source"),
        }
    }

    pub fn page(&self, id: Id) -> &Page {
        match &self.node(id).is {
            Is::Page(page) => page,
            _ => panic!("{id} is no page"),
        }
    }

    pub fn page_mut(&mut self, id: Id) -> &mut Page {
        match &mut self.node_mut(id).is {
            Is::Page(page) => page,
            _ => panic!("{id} is no page"),
        }
    }

    pub fn database(&self, id: Id) -> &Database {
        match &self.node(id).is {
            Is::Database(database) => database,
            _ => panic!("{id} is no database"),
        }
    }

    pub fn database_mut(&mut self, id: Id) -> &mut Database {
        match &mut self.node_mut(id).is {
            Is::Database(database) => database,
            _ => panic!("{id} is no database"),
        }
    }

    /// Puts a node where it belongs, the last of its siblings.
    pub fn add(&mut self, node: Node) {
        self.made += 1;
        match node.parent {
            Some(parent) => self.node_mut(parent).children.push(node.id),
            None => self.tops.push(node.id),
        }
        self.nodes.insert(node.id, node);
    }

    /// A page that was there before anybody came.
    pub fn add_page(&mut self, workspace: WorkspaceId, title: &str, now: Timestamp) -> Id {
        let mut page = Page::default();
        page.cells.insert("title".into(), Cell::Text(plain_items(title)));
        let (id, nobody) = (Id::mint("page"), Id(0));
        self.add(Node {
            id,
            parent: None,
            workspace,
            created: now,
            edited: now,
            created_by: nobody,
            edited_by: nobody,
            in_trash: false,
            children: Vec::new(),
            is: Is::Page(page),
        });
        id
    }

    /// The node and those above it.
    pub fn line(&self, id: Id) -> impl Iterator<Item = &Node> {
        std::iter::successors(self.nodes.get(&id), |node| self.nodes.get(&node.parent?))
    }

    /// Thrown away, itself or with what it lies in.
    pub fn is_gone(&self, id: Id) -> bool {
        self.line(id).any(|node| node.in_trash)
    }

    /// The data source of a row.
    pub fn source_of(&self, row: Id) -> Option<Id> {
        let parent = self.nodes.get(&row)?.parent?;
        matches!(self.node(parent).is, Is::Source(_)).then_some(parent)
    }

    /// The text of a page's title, without the names of whom or what it mentions.
    pub fn title(&self, page: Id) -> String {
        let Some(Node { is: Is::Page(page), .. }) = self.nodes.get(&page) else { return String::new() };
        let Some(Cell::Text(items)) = page.cells.get("title") else { return String::new() };
        let text = |item: &Item| match &item.what {
            What::Text { content, .. } => content.clone(),
            _ => String::new(),
        };
        items.iter().map(text).collect()
    }
}
