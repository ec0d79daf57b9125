//! Databases and their data sources (notion-rest-api §3.1).

use serde_json::{Value, json};

use super::dates::{to_the_millisecond, to_the_minute};
use super::desk::{Desk, Outcome};
use super::icons;
use super::id::Id;
use super::place::At;
use super::refusal::Refusal;
use super::rich_text;
use super::store::{Database, Is, Node, Source};

impl Desk<'_> {
    pub fn create_database(&mut self, body: &At<'_>) -> Outcome {
        self.may(|it| it.insert)?;
        let known = ["parent", "title", "description", "is_inline", "initial_data_source", "icon", "cover"];
        body.members(&known)?;
        let parent = self.database_parent(&body.need("parent")?)?;
        let mut database = Database::default();
        self.describe(&mut database, body)?;
        self.room_for(1)?;
        let none = json!({"Name": {"title": {}}});
        let initial = body.get("initial_data_source");
        let properties = match &initial {
            Some(initial) => {
                initial.members(&["properties"])?;
                initial.get("properties")
            }
            None => None,
        };
        let source = Source { title: database.title.clone(), icon: database.icon.clone(), ..Source::default() };
        let database = self.new_node(parent, Is::Database(database));
        let source = self.new_node(Some(database.id), Is::Source(source));
        let (id, source_id) = (database.id, source.id);
        self.state.rest.add(database);
        self.state.rest.add(source);
        let usual = At::within(&none, "body.initial_data_source.properties");
        if let Err(refusal) = self.change_schema(source_id, properties.as_ref().unwrap_or(&usual)) {
            self.unmake(id);
            return Err(refusal);
        }
        if parent.is_none() {
            self.share_with_maker(id);
        }
        self.first_view(id, source_id);
        Ok(self.database_json(id))
    }

    /// What was begun and then refused was never there.
    fn unmake(&mut self, database: Id) {
        let rest = &mut self.state.rest;
        let node = rest.nodes.remove(&database).expect("just made");
        node.children.iter().for_each(|source| {
            rest.nodes.remove(source);
        });
        match node.parent {
            Some(parent) => rest.node_mut(parent).children.retain(|it| *it != database),
            None => rest.tops.retain(|it| *it != database),
        }
        rest.made -= 2;
    }

    fn database_parent(&self, at: &At<'_>) -> Result<Option<Id>, Refusal> {
        at.need("type")?;
        let (kind, inner) = at.kind(&["page_id", "workspace"], &[])?;
        match kind {
            "page_id" => self.editable(inner.id()?, "page").map(|page| Some(page.id)),
            _ if inner.value == true => Ok(None),
            _ => Err(inner.wrong("should be `true`")),
        }
    }

    fn describe(&self, database: &mut Database, body: &At<'_>) -> Result<(), Refusal> {
        if let Some(title) = body.get("title") {
            database.title = self.rich_text(&title)?;
        }
        if let Some(description) = body.get("description") {
            database.description = self.rich_text(&description)?;
        }
        if let Some(icon) = body.get("icon") {
            database.icon = icons::icon(&icon)?;
        }
        if let Some(cover) = body.get("cover") {
            database.cover = icons::cover(&cover)?;
        }
        if let Some(inline) = body.get("is_inline") {
            database.is_inline = inline.flag()?;
        }
        Ok(())
    }

    pub fn update_database(&mut self, id: Id, body: &At<'_>) -> Outcome {
        self.may(|it| it.update)?;
        self.seen(id, "database")?;
        let known = ["parent", "title", "description", "is_inline", "icon", "cover", "in_trash", "is_locked"];
        body.members(&known)?;
        let in_trash = self.trash_wish(id, body)?;
        let mut database = self.state.rest.database(id).clone();
        self.describe(&mut database, body)?;
        if let Some(locked) = body.get("is_locked") {
            database.is_locked = locked.flag()?;
        }
        let parent = body.get("parent").map(|it| self.database_parent(&it)).transpose()?;
        if let Some(parent) = parent {
            self.move_to(id, parent)?;
        }
        if body.get("title").is_some()
            && let [source] = self.state.rest.node(id).children[..]
        {
            self.state.rest.source_mut(source).title.clone_from(&database.title);
        }
        *self.state.rest.database_mut(id) = database;
        if let Some(in_trash) = in_trash {
            self.set_in_trash(id, in_trash);
        }
        self.touch(id);
        Ok(self.database_json(id))
    }

    /// Whether something is to be thrown away or taken back. What lies in the trash takes no other change.
    pub fn trash_wish(&self, id: Id, body: &At<'_>) -> Result<Option<bool>, Refusal> {
        let wish = body.get("in_trash").map(|it| it.flag()).transpose()?;
        let rest = &self.state.rest;
        let in_what_is_gone = rest.node(id).parent.is_some_and(|parent| rest.is_gone(parent));
        let is_asked_for_more = wish.is_none() || body.object()?.len() > 1;
        if in_what_is_gone || (rest.node(id).in_trash && wish != Some(false) && is_asked_for_more) {
            return Err(Refusal::in_trash());
        }
        Ok(wish)
    }

    fn move_to(&mut self, id: Id, parent: Option<Id>) -> Result<(), Refusal> {
        if parent.is_some_and(|parent| self.state.rest.line(parent).any(|it| it.id == id)) {
            return Err(Refusal::invalid("Can't move something into itself."));
        }
        let rest = &mut self.state.rest;
        match std::mem::replace(&mut rest.node_mut(id).parent, parent) {
            Some(old) => rest.node_mut(old).children.retain(|it| *it != id),
            None => rest.tops.retain(|it| *it != id),
        }
        match parent {
            Some(new) => rest.node_mut(new).children.push(id),
            None => rest.tops.push(id),
        }
        Ok(())
    }

    pub fn update_source(&mut self, id: Id, body: &At<'_>) -> Outcome {
        self.may(|it| it.update)?;
        self.seen(id, "data_source")?;
        body.members(&["title", "icon", "properties", "in_trash"])?;
        let in_trash = self.trash_wish(id, body)?;
        let title = body.get("title").map(|it| self.rich_text(&it)).transpose()?;
        let icon = body.get("icon").map(|it| icons::icon(&it)).transpose()?;
        if let Some(properties) = body.get("properties") {
            self.change_schema(id, &properties)?;
        }
        let source = self.state.rest.source_mut(id);
        source.title = title.unwrap_or_else(|| source.title.clone());
        source.icon = icon.unwrap_or_else(|| source.icon.clone());
        if let Some(in_trash) = in_trash {
            self.state.rest.node_mut(id).in_trash = in_trash;
        }
        self.touch(id);
        Ok(self.source_json(id))
    }

    pub fn database_json(&self, id: Id) -> Value {
        let rest = &self.state.rest;
        let (node, database) = (rest.node(id), rest.database(id));
        let source = |source: &Id| {
            let name = rich_text::plain(&rest.source(*source).title, self.state);
            json!({"id": source, "name": name})
        };
        json!({
            "object": "database", "id": id, "title": rich_text::shown(&database.title, self.state),
            "description": rich_text::shown(&database.description, self.state), "parent": self.parent_json(node),
            "is_inline": database.is_inline, "in_trash": rest.is_gone(id), "is_locked": database.is_locked,
            "created_time": to_the_millisecond(node.created), "last_edited_time": to_the_millisecond(node.edited),
            "data_sources": node.children.iter().map(source).collect::<Vec<_>>(), "icon": database.icon,
            "cover": database.cover, "url": format!("https://app.notion.com/p/{}", id.hex()), "public_url": null,
        })
    }

    pub fn source_json(&self, id: Id) -> Value {
        let rest = &self.state.rest;
        let (node, source) = (rest.node(id), rest.source(id));
        let database = node.parent.expect("a data source lies in a database");
        let above = rest.database(database);
        json!({
            "object": "data_source", "id": id, "title": rich_text::shown(&source.title, self.state),
            "description": rich_text::shown(&above.description, self.state), "parent": self.parent_json(node),
            "database_parent": self.parent_json(rest.node(database)), "is_inline": above.is_inline,
            "in_trash": rest.is_gone(id), "created_time": to_the_minute(node.created),
            "last_edited_time": to_the_minute(node.edited), "created_by": {"object": "user", "id": node.created_by},
            "last_edited_by": {"object": "user", "id": node.edited_by}, "properties": self.schema_json(id),
            "icon": source.icon, "cover": above.cover,
            "url": format!("https://app.notion.com/p/{}", database.hex()), "public_url": null,
        })
    }

    pub fn parent_json(&self, node: &Node) -> Value {
        let Some(parent) = node.parent else { return json!({"type": "workspace", "workspace": true}) };
        match &self.state.rest.node(parent).is {
            Is::Page(_) => json!({"type": "page_id", "page_id": parent}),
            Is::Database(_) => json!({"type": "database_id", "database_id": parent}),
            Is::Block(_) => json!({"type": "block_id", "block_id": parent}),
            Is::Source(_) => {
                let database = self.state.rest.node(parent).parent;
                json!({"type": "data_source_id", "data_source_id": parent, "database_id": database})
            }
        }
    }

    /// What a connection makes at the top of a workspace is shared with it.
    fn share_with_maker(&mut self, id: Id) {
        if let Some(chosen) = self.state.rest.access.get_mut(&self.who.user).and_then(|it| it.chosen.as_mut()) {
            chosen.insert(id);
        }
    }
}
