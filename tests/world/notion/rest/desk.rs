//! Who asks, and what they may see: every call of the REST side, and every act of a person, is served at such a desk.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::state::{State, UserId, WorkspaceId};
use super::access::{Capabilities, UserInformation};
use super::id::Id;
use super::limits::PAGE;
use super::refusal::Refusal;
use super::store::{Is, Node};

pub type Outcome = Result<Value, Refusal>;

/// The one who asks.
#[derive(Clone, Debug)]
pub struct Who {
    pub user: UserId,
    pub workspace: WorkspaceId,
    /// Whose name stands at what is made: the bot's or, with their own hands, the person's.
    pub author: Id,
    pub is_person: bool,
    /// A token that acts as its creator (§2).
    pub is_personal_token: bool,
    pub now: Timestamp,
}

pub struct Desk<'a> {
    pub state: &'a mut State,
    pub who: Who,
}

impl Desk<'_> {
    pub fn may(&self, wanted: impl Fn(&Capabilities) -> bool) -> Result<(), Refusal> {
        match self.who.is_person || wanted(&self.capabilities()) {
            true => Ok(()),
            false => Err(Refusal::restricted()),
        }
    }

    pub fn capabilities(&self) -> Capabilities {
        self.state.rest.access.get(&self.who.user).map(|it| it.capabilities).unwrap_or_default()
    }

    pub fn sees(&self, id: Id) -> bool {
        let Some(node) = self.state.rest.nodes.get(&id) else { return false };
        let own = node.workspace == self.who.workspace;
        let access = self.state.rest.access.get(&self.who.user).filter(|_| !self.who.is_person);
        own && access.is_none_or(|it| it.sees(self.state.rest.line(id).map(|node| node.id)))
    }

    /// What is there and shared. `kind`: `page`, `database`, `data_source` or `block`, which is anything in a page.
    pub fn seen(&self, id: Id, kind: &str) -> Result<&Node, Refusal> {
        let fits = |node: &&Node| match &node.is {
            Is::Page(_) => matches!(kind, "page" | "block"),
            Is::Database(_) => matches!(kind, "database" | "block"),
            Is::Source(_) => kind == "data_source",
            Is::Block(_) => kind == "block",
        };
        let node = self.state.rest.nodes.get(&id).filter(fits).filter(|_| self.sees(id));
        node.ok_or_else(|| Refusal::missing(kind, id))
    }

    /// The same, and not in the trash: what lies there is not edited.
    pub fn editable(&self, id: Id, kind: &str) -> Result<&Node, Refusal> {
        let node = self.seen(id, kind)?;
        if self.state.rest.is_gone(id) { Err(Refusal::in_trash()) } else { Ok(node) }
    }

    /// A person or bot of the workspace.
    pub fn person(&self, id: Id) -> Option<Id> {
        let own = self.state.users.iter().filter(|it| it.workspace == self.who.workspace);
        let known =
            own.into_iter().any(|it| Id::parse(&it.id) == Some(id)) || self.state.tokens.is_bot(&id.to_string());
        known.then_some(id)
    }

    /// A new node; it is not in the tree yet.
    pub fn new_node(&self, parent: Option<Id>, is: Is) -> Node {
        let (now, author) = (self.who.now, self.who.author);
        Node {
            id: Id::mint("node"),
            parent,
            workspace: self.who.workspace,
            created: now,
            edited: now,
            created_by: author,
            edited_by: author,
            in_trash: false,
            children: Vec::new(),
            is,
        }
    }

    /// Somebody has just edited it.
    pub fn touch(&mut self, id: Id) {
        let (now, author) = (self.who.now, self.who.author);
        let node = self.state.rest.node_mut(id);
        (node.edited, node.edited_by) = (now, author);
    }

    /// 403 when the workspace may not have so many more blocks.
    pub fn room_for(&self, blocks: usize) -> Result<(), Refusal> {
        if self.state.switches.rest.slow_blocks.is_some_and(|most| blocks > most) {
            return Err(Refusal::of_status(504));
        }
        let most = self.state.switches.rest.block_limit;
        match most.is_some_and(|most| self.state.rest.made + blocks > most) {
            true => Err(Refusal::new(403, "restricted_resource", "This workspace has reached its limit of blocks.")),
            false => Ok(()),
        }
    }

    /// Takes out of an answer what the connection may not know of people.
    pub fn discreet(&self, mut answer: Value) -> Value {
        match self.capabilities().users {
            UserInformation::WithEmail => {}
            known => hide(&mut answer, known == UserInformation::None),
        }
        answer
    }
}

fn hide(value: &mut Value, wholly: bool) {
    if value["object"] == "user" && value["type"] == "person" {
        match wholly {
            true => *value = json!({"object": "user", "id": value["id"]}),
            false => value["person"] = json!({}),
        }
        return;
    }
    match value {
        Value::Object(all) => all.values_mut().for_each(|it| hide(it, wholly)),
        Value::Array(all) => all.iter_mut().for_each(|it| hide(it, wholly)),
        _ => {}
    }
}

impl State {
    /// A person, a bot, or somebody who is not known here.
    pub fn person_json(&self, id: Id) -> Value {
        let text = id.to_string();
        match self.users.iter().find(|it| Id::parse(&it.id) == Some(id)) {
            Some(user) => user.json(),
            None => self.bot_json(&text).unwrap_or_else(|| json!({"object": "user", "id": text})),
        }
    }
}

/// Which part of a list is meant.
#[derive(Clone, Debug)]
pub struct Part {
    pub cursor: Option<String>,
    pub size: usize,
}

impl Part {
    pub fn new(cursor: Option<&str>, size: Option<i64>) -> Result<Self, Refusal> {
        let size = size.unwrap_or(PAGE as i64);
        let fitting = usize::try_from(size).ok().filter(|it| (1..=PAGE).contains(it));
        let size = fitting.ok_or_else(|| {
            Refusal::invalid(format!(
                "query failed validation: page_size should be from 1 to {PAGE}, instead was `{size}`."
            ))
        })?;
        Ok(Self { cursor: cursor.map(str::to_owned), size })
    }

    /// The part of a short list whose items have ids; `kind` is what it is a list of.
    pub fn of<T>(&self, kind: &str, all: &[T], id: impl Fn(&T) -> Cow<'_, str>, show: impl Fn(&T) -> Value) -> Outcome {
        let start = match &self.cursor {
            None => 0,
            Some(cursor) => all.iter().position(|it| id(it) == cursor.as_str()).ok_or_else(bad_cursor)?,
        };
        let shown: Vec<Value> = all[start..].iter().take(self.size).map(show).collect();
        let next = all.get(start + shown.len()).map(|it| id(it).into_owned());
        Ok(list(kind, shown, next))
    }
}

pub fn bad_cursor() -> Refusal {
    Refusal::invalid("The start_cursor provided is invalid.")
}

pub fn list(kind: &str, results: Vec<Value>, next: Option<String>) -> Value {
    json!({
        "object": "list", "results": results, "has_more": next.is_some(), "next_cursor": next, "type": kind, kind: {},
    })
}
