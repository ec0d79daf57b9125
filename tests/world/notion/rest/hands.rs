//! What people do in Notion with their own hands, and what an administrator sets for a connection.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::super::Notion;
use super::super::state::{PageId, UserId};
use super::access::{Access, Capabilities};
use super::blocks::Content;
use super::desk::{Desk, Who};
use super::id::Id;
use super::place::At;
use super::refusal::Refusal;
use super::rich_text::plain_items;
use super::schema::Config;
use super::store::{Block, Is};

/// One person at work. Whatever Notion refuses to a person stops the test.
pub struct Hands<'a> {
    notion: &'a Notion,
    user: UserId,
}

impl Notion {
    pub fn hands(&self, user: UserId) -> Hands<'_> {
        Hands { notion: self, user }
    }

    /// The id by which the public API knows a page.
    pub fn page_id(&self, page: PageId) -> Id {
        self.state(|state| state.pages[page.0].id)
    }

    /// The id by which the public API knows a person.
    pub fn user_id(&self, user: UserId) -> Id {
        Id::parse(&self.user(user).id).expect("a UUID was minted")
    }

    /// A connection of this person sees these pages and databases alone, with all that lies in them.
    pub fn share_only(&self, user: UserId, chosen: &[Id]) {
        self.access(user, |it| it.chosen = Some(chosen.iter().copied().collect::<HashSet<_>>()));
    }

    /// A page or database is taken out of the connections of this person.
    pub fn unshare(&self, user: UserId, id: Id) {
        self.access(user, |it| {
            it.taken.insert(id);
        });
    }

    /// And comes back.
    pub fn share(&self, user: UserId, id: Id) {
        self.access(user, |it| {
            it.taken.remove(&id);
            it.chosen.iter_mut().for_each(|chosen| {
                chosen.insert(id);
            });
        });
    }

    /// What connections of this person may do.
    pub fn capabilities(&self, user: UserId, change: impl FnOnce(&mut Capabilities)) {
        self.access(user, |it| change(&mut it.capabilities));
    }

    fn access(&self, user: UserId, change: impl FnOnce(&mut Access)) {
        self.state(|state| change(state.rest.access.entry(user).or_default()));
    }
}

impl Hands<'_> {
    #[track_caller]
    pub(in super::super) fn act<T>(&self, act: impl FnOnce(&mut Desk<'_>) -> Result<T, Refusal>) -> T {
        let now = self.notion.now();
        let done = self.notion.state(|state| {
            let author = Id::parse(&state.user(self.user).id).expect("a UUID was minted");
            let workspace = state.workspace_of(self.user);
            let who = Who { user: self.user, workspace, author, is_person: true, is_personal_token: false, now };
            act(&mut Desk { state, who })
        });
        done.unwrap_or_else(|refusal| panic!("Notion refuses: {}", refusal.message))
    }

    /// A page, row, block or database goes to the trash.
    #[track_caller]
    pub fn trash(&self, id: Id) {
        self.act(|desk| desk.editable(id, "block").map(|_| ()).map(|()| desk.set_in_trash(id, true)));
    }

    #[track_caller]
    pub fn restore(&self, id: Id) {
        self.act(|desk| desk.seen(id, "block").map(|_| ()).map(|()| desk.set_in_trash(id, false)));
    }

    /// A cell of a row: `{"rich_text": […]}`, as the API writes it.
    #[track_caller]
    pub fn edit(&self, row: Id, column: &str, value: &Value) {
        let body = json!({"properties": {column: value}});
        self.act(|desk| desk.update_page(row, &At::body(&body)));
    }

    /// A row that a person makes.
    #[track_caller]
    pub fn add_row(&self, source: Id, properties: &Value) -> Id {
        let body = json!({"parent": {"data_source_id": source}, "properties": properties});
        let made = self.act(|desk| desk.create_page(&At::body(&body)));
        made["id"].as_str().and_then(Id::parse).expect("it has an id")
    }

    /// `{"checkbox": {}}`, as the API writes it.
    #[track_caller]
    pub fn add_column(&self, source: Id, name: &str, config: &Value) {
        self.change_column(source, name, config);
    }

    #[track_caller]
    pub fn rename_column(&self, source: Id, column: &str, name: &str) {
        self.change_column(source, column, &json!({ "name": name }));
    }

    #[track_caller]
    pub fn remove_column(&self, source: Id, column: &str) {
        self.change_column(source, column, &Value::Null);
    }

    /// Another type: `{"number": {}}`.
    #[track_caller]
    pub fn retype_column(&self, source: Id, column: &str, config: &Value) {
        self.change_column(source, column, config);
    }

    #[track_caller]
    fn change_column(&self, source: Id, column: &str, config: &Value) {
        let body = json!({"properties": {column: config}});
        self.act(|desk| desk.update_source(source, &At::body(&body)));
    }

    /// An option goes, from all rows too.
    #[track_caller]
    pub fn remove_option(&self, source: Id, column: &str, name: &str) {
        let options = self.options(source, column);
        let left: Vec<Value> = options.iter().filter(|it| it.1 != name).map(|it| json!({"id": it.0})).collect();
        assert_ne!(left.len(), options.len(), "{column} has no option {name}");
        let kind = self.notion.state(|state| state.rest.source(source).schema.find(column).map(|it| it.kind));
        self.change_column(source, column, &json!({kind.expect("a column"): {"options": left}}));
    }

    /// A person may rename an option, which the API may not.
    #[track_caller]
    pub fn rename_option(&self, source: Id, column: &str, name: &str, new: &str) {
        self.notion.state(|state| {
            let property = state.rest.source_mut(source).schema.find_mut(column).expect("a column");
            let Config::Options(all) = &mut property.config else { panic!("{column} has no options") };
            all.iter_mut().find(|it| it.name == name).expect("an option").name = new.to_owned();
        });
    }

    fn options(&self, source: Id, column: &str) -> Vec<(String, String)> {
        self.notion.state(|state| {
            let property = state.rest.source(source).schema.find(column).expect("a column").clone();
            property.options().iter().map(|it| (it.id.clone(), it.name.clone())).collect()
        })
    }

    /// A paragraph at the end of a page or block.
    #[track_caller]
    pub fn write(&self, parent: Id, text: &str) -> Id {
        let content = Content { rich_text: Some(plain_items(text)), ..Content::default() };
        self.put(parent, "paragraph", content)
    }

    /// A link preview at the end of a page, which only people can make.
    #[track_caller]
    pub fn preview(&self, parent: Id, url: &str) -> Id {
        let others = json!({ "url": url }).as_object().cloned().unwrap_or_default();
        self.put(parent, "link_preview", Content { others, ..Content::default() })
    }

    #[track_caller]
    fn put(&self, parent: Id, kind: &'static str, content: Content) -> Id {
        self.act(|desk| {
            desk.editable(parent, "block")?;
            let node = desk.new_node(Some(parent), Is::Block(Block { kind, content }));
            let id = node.id;
            desk.state.rest.add(node);
            desk.touch(parent);
            Ok(id)
        })
    }

    /// Puts a block behind a sibling, or before all of them.
    #[track_caller]
    pub fn move_block(&self, block: Id, behind: Option<Id>) {
        self.act(|desk| {
            let parent = desk.editable(block, "block")?.parent.expect("a block lies in something");
            let siblings = &mut desk.state.rest.node_mut(parent).children;
            siblings.retain(|it| *it != block);
            let place = behind.map_or(0, |id| siblings.iter().position(|it| *it == id).expect("a sibling") + 1);
            siblings.insert(place, block);
            desk.touch(parent);
            Ok(())
        });
    }

    /// A comment on a page or block.
    #[track_caller]
    pub fn comment(&self, parent: Id, text: &str) {
        self.act(|desk| {
            desk.editable(parent, "block")?;
            Ok(desk.remark(parent, Id::mint("discussion"), plain_items(text)))
        });
    }

    pub fn describe_database(&self, database: Id, text: &str) {
        let body = json!({"description": [{"text": {"content": text}}]});
        self.act(|desk| desk.update_database(database, &At::body(&body)));
    }

    /// Another title for a database.
    #[track_caller]
    pub fn rename_database(&self, database: Id, title: &str) {
        let body = json!({"title": [{"text": {"content": title}}]});
        self.act(|desk| desk.update_database(database, &At::body(&body)));
    }

    /// A view gets another name, filter or order: `{"name": …, "sorts": […]}`, as the API writes it.
    #[track_caller]
    pub fn change_view(&self, view: Id, change: &Value) {
        self.act(|desk| desk.update_view(view, &At::body(change)));
    }

    /// A database goes to another page.
    #[track_caller]
    pub fn move_database(&self, database: Id, page: Id) {
        let body = json!({"parent": {"type": "page_id", "page_id": page}});
        self.act(|desk| desk.update_database(database, &At::body(&body)));
    }
}
