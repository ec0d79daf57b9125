//! Blocks: the text of pages (notion-rest-api §3, §3.3, §4).

use serde_json::{Map, Value, json};

use super::super::state::State;
use super::block_kinds::{FORMS, Form, SHOWN_ONLY, other_member, usual};
use super::dates::to_the_minute;
use super::desk::{Desk, Outcome, Part};
use super::id::Id;
use super::limits::{BLOCKS, ITEMS, NESTING};
use super::place::At;
use super::refusal::Refusal;
use super::rich_text::{self, Item};
use super::store::{Block, Is};

/// What stands in a block.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub rich_text: Option<Vec<Item>>,
    pub caption: Option<Vec<Item>>,
    /// Of a row of a table.
    pub cells: Option<Vec<Vec<Item>>>,
    pub others: Map<String, Value>,
}

/// A block that was found good, and those that come in it.
#[derive(Clone, Debug)]
pub struct Draft {
    pub kind: &'static str,
    pub content: Content,
    pub children: Vec<Draft>,
}

impl Draft {
    /// With all that lies in it.
    pub fn count(&self) -> usize {
        1 + self.children.iter().map(Self::count).sum::<usize>()
    }
}

impl Content {
    pub fn shown(&self, kind: &str, state: &State) -> Value {
        let mut all = usual(kind);
        all.extend(self.others.clone());
        let mut all = Value::Object(all);
        for (name, items) in [("rich_text", &self.rich_text), ("caption", &self.caption)] {
            if let Some(items) = items {
                all[name] = rich_text::shown(items, state);
            }
        }
        if let Some(cells) = &self.cells {
            all["cells"] = cells.iter().map(|it| rich_text::shown(it, state)).collect();
        }
        all
    }
}

impl Desk<'_> {
    /// The `children` of a request.
    pub fn read_blocks(&self, at: &At<'_>) -> Result<Vec<Draft>, Refusal> {
        let blocks = self.blocks_at(at, 0)?;
        let count: usize = blocks.iter().map(Draft::count).sum();
        match count > BLOCKS {
            true => Err(at.wrong(&format!("should hold {BLOCKS} blocks at most"))),
            false => Ok(blocks),
        }
    }

    fn blocks_at(&self, at: &At<'_>, depth: usize) -> Result<Vec<Draft>, Refusal> {
        let all = at.items(ITEMS)?;
        if depth > NESTING && !all.is_empty() {
            return Err(at.wrong("should be not present"));
        }
        all.iter().map(|it| self.read_block(it, depth)).collect()
    }

    fn read_block(&self, at: &At<'_>, depth: usize) -> Result<Draft, Refusal> {
        let kinds: Vec<&'static str> = FORMS.iter().map(|it| it.kind).collect();
        let (kind, inner) = at.kind(&kinds, &["object"])?;
        if let Some(object) = at.get("object") {
            object.one_of(&["block"])?;
        }
        let form = Form::of(kind);
        let content = self.content(form, &inner, true)?;
        let children = match inner.get("children") {
            Some(children) => self.blocks_at(&children, depth + 1)?,
            None => Vec::new(),
        };
        let width = content.others.get("table_width").and_then(Value::as_u64);
        if kind == "table" {
            let fits = |it: &Draft| it.content.cells.as_ref().is_some_and(|cells| Some(cells.len() as u64) == width);
            if children.is_empty() || !children.iter().all(fits) {
                return Err(inner.wrong("should have rows, each as wide as the table"));
            }
        }
        if children.iter().any(|it| (it.kind == "table_row") != (kind == "table")) {
            return Err(inner.wrong("should have rows in tables, and nowhere else"));
        }
        Ok(Draft { kind, content, children })
    }

    /// `whole`: of a new block, which has all that it must have; a change may leave things out.
    fn content(&self, form: &Form, at: &At<'_>, whole: bool) -> Result<Content, Refusal> {
        let mut known = form.others.to_vec();
        known.extend([(form.text, "rich_text"), (form.caption, "caption")].iter().filter(|it| it.0).map(|it| it.1));
        known.extend((form.children && whole).then_some("children"));
        at.members(&known)?;
        let mut content = Content::default();
        for name in at.object()?.keys() {
            let it = at.need(name)?;
            match name.as_str() {
                "rich_text" => content.rich_text = Some(self.rich_text(&it)?),
                "caption" => content.caption = Some(self.rich_text(&it)?),
                "cells" => {
                    let cells = it.items(ITEMS)?.iter().map(|it| self.rich_text(it)).collect::<Result<_, _>>()?;
                    content.cells = Some(cells);
                }
                "children" => {}
                other => {
                    content.others.insert(other.to_owned(), other_member(other, &it)?);
                }
            }
        }
        for needed in form.needed {
            if whole {
                at.need(needed)?;
            }
        }
        if form.caption && whole {
            content.caption.get_or_insert_default();
        }
        if form.kind == "link_to_page" {
            let (target, id) = at.kind(&["page_id", "database_id"], &[])?;
            self.seen(id.id()?, target.trim_end_matches("_id"))?;
            content.others.insert("type".into(), json!(target));
        }
        Ok(content)
    }

    /// Puts blocks into a page or block, behind a sibling or, without one, at the end.
    pub fn place_blocks(&mut self, parent: Id, blocks: Vec<Draft>, place: Option<usize>) -> Vec<Id> {
        let mut place = place;
        let mut made = Vec::with_capacity(blocks.len());
        for draft in blocks {
            let node = self.new_node(Some(parent), Is::Block(Block { kind: draft.kind, content: draft.content }));
            let id = node.id;
            self.state.rest.add(node);
            if let Some(at) = &mut place {
                let siblings = &mut self.state.rest.node_mut(parent).children;
                let last = siblings.pop().expect("just put there");
                siblings.insert(*at, last);
                *at += 1;
            }
            self.place_blocks(id, draft.children, None);
            made.push(id);
        }
        if !made.is_empty() {
            self.touch(parent);
        }
        made
    }

    pub fn append(&mut self, parent: Id, body: &At<'_>) -> Outcome {
        self.may(|it| it.insert)?;
        let node = self.editable(parent, "block")?;
        let in_table = match &node.is {
            Is::Page(_) => false,
            Is::Block(block) if Form::of(block.kind).children => block.kind == "table",
            _ => return Err(Refusal::invalid("Block does not support children.")),
        };
        body.members(&["children", "position"])?;
        let blocks = self.read_blocks(&body.need("children")?)?;
        if blocks.iter().any(|it| (it.kind == "table_row") != in_table) {
            return Err(Refusal::invalid("A table takes rows, and nothing else does."));
        }
        let place = body.get("position").map(|it| self.position(parent, &it)).transpose()?.flatten();
        self.room_for(blocks.iter().map(Draft::count).sum())?;
        let made = self.place_blocks(parent, blocks, place);
        let shown = made.iter().map(|id| self.block_json(*id)).collect();
        Ok(super::desk::list("block", shown, None))
    }

    fn position(&self, parent: Id, at: &At<'_>) -> Result<Option<usize>, Refusal> {
        match at.need("type")?.one_of(&["start", "end", "after_block"])? {
            "after_block" => {
                at.members(&["type", "after_block"])?;
                let block = at.need("after_block")?;
                block.members(&["id"])?;
                let id = block.need("id")?.id()?;
                let siblings = &self.state.rest.node(parent).children;
                let found = siblings.iter().position(|it| *it == id && !self.state.rest.node(*it).in_trash);
                found.map(|it| Some(it + 1)).ok_or_else(|| block.wrong("should be a block in this parent"))
            }
            place => {
                at.members(&["type"])?;
                Ok((place == "start").then_some(0))
            }
        }
    }

    pub fn children(&self, parent: Id, part: &Part) -> Outcome {
        self.may(|it| it.read)?;
        self.seen(parent, "block")?;
        let rest = &self.state.rest;
        let lies_here = |id: &&Id| !rest.node(**id).in_trash && !matches!(rest.node(**id).is, Is::Source(_));
        let all: Vec<Id> = rest.node(parent).children.iter().filter(lies_here).copied().collect();
        part.of("block", &all, |it| it.to_string().into(), |it| self.block_json(*it))
    }

    pub fn update_block(&mut self, id: Id, body: &At<'_>) -> Outcome {
        self.may(|it| it.update)?;
        let node = self.seen(id, "block")?;
        let Is::Block(block) = &node.is else {
            return Err(Refusal::invalid("Pages and databases are changed at their own endpoints."));
        };
        let kind = block.kind;
        body.members(&[kind, "type", "in_trash"])?;
        let in_trash = self.trash_wish(id, body)?;
        if body.get(kind).is_some() {
            if SHOWN_ONLY.contains(&kind) {
                return Err(Refusal::invalid(format!("Blocks of type {kind} cannot be changed.")));
            }
            let (_, inner) = body.kind(&[kind], &["in_trash"])?;
            let new = self.content(Form::of(kind), &inner, false)?;
            let Is::Block(block) = &mut self.state.rest.node_mut(id).is else { unreachable!("seen above") };
            let old = &mut block.content;
            old.rich_text = new.rich_text.or(old.rich_text.take());
            old.caption = new.caption.or(old.caption.take());
            old.cells = new.cells.or(old.cells.take());
            old.others.extend(new.others);
        }
        if let Some(in_trash) = in_trash {
            self.set_in_trash(id, in_trash);
        }
        self.touch(id);
        Ok(self.block_json(id))
    }

    /// Also throws pages and databases away.
    pub fn delete_block(&mut self, id: Id) -> Outcome {
        self.may(|it| it.update)?;
        self.editable(id, "block")?;
        self.set_in_trash(id, true);
        Ok(self.block_json(id))
    }

    pub fn block_json(&self, id: Id) -> Value {
        let rest = &self.state.rest;
        let node = rest.node(id);
        let (kind, content) = match &node.is {
            Is::Block(block) => (block.kind, block.content.shown(block.kind, self.state)),
            Is::Database(it) => ("child_database", json!({"title": rich_text::plain(&it.title, self.state)})),
            _ => ("child_page", json!({"title": rest.title(id)})),
        };
        json!({
            "object": "block", "id": id, "parent": self.parent_json(node), "created_time": to_the_minute(node.created),
            "last_edited_time": to_the_minute(node.edited), "created_by": {"object": "user", "id": node.created_by},
            "last_edited_by": {"object": "user", "id": node.edited_by},
            "has_children": node.children.iter().any(|it| !rest.node(*it).in_trash), "in_trash": rest.is_gone(id),
            "type": kind, kind: content,
        })
    }
}
