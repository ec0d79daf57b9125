//! Pages, most of which are rows (notion-rest-api §3.4).

use serde_json::{Map, Value, json};

use super::cells::{self, Cell};
use super::dates::to_the_minute;
use super::desk::{Desk, Outcome, Part, list};
use super::icons;
use super::id::Id;
use super::limits::SHORT;
use super::place::At;
use super::refusal::Refusal;
use super::rich_text::Item;
use super::schema::{Config, Property};
use super::store::{Is, Page};

impl Desk<'_> {
    pub fn create_page(&mut self, body: &At<'_>) -> Outcome {
        self.may(|it| it.insert)?;
        body.members(&["parent", "properties", "icon", "cover", "children"])?;
        let icon = body.get("icon").map_or(Ok(None), |it| icons::icon(&it))?;
        let cover = body.get("cover").map_or(Ok(None), |it| icons::cover(&it))?;
        let blocks = body.get("children").map(|it| self.read_blocks(&it)).transpose()?.unwrap_or_default();
        let parent = body.need("parent")?;
        let (kind, inner) = parent.kind(&["data_source_id", "page_id"], &[])?;
        let none = json!({});
        let properties = body.get("properties").unwrap_or(At::within(&none, "body.properties"));
        let id = if kind == "page_id" {
            let parent = self.editable(inner.id()?, "page")?.id;
            let title = self.own_title(&properties)?.unwrap_or_default();
            self.room_for(1 + blocks.iter().map(super::blocks::Draft::count).sum::<usize>())?;
            let node = self.new_node(Some(parent), Is::Page(Page::default()));
            let id = node.id;
            self.state.rest.add(node);
            self.set_own_title(id, title);
            id
        } else {
            let source = self.editable(inner.id()?, "data_source")?.id;
            let drafts = self.drafts(source, &properties)?;
            let limit = self.state.switches.rest.row_limit;
            if limit.is_some_and(|limit| self.state.rest.source(source).alive >= limit) {
                return Err(Refusal::of_status(406));
            }
            self.room_for(1 + blocks.iter().map(super::blocks::Draft::count).sum::<usize>())?;
            let id = self.new_row(source);
            self.fill(id, drafts);
            id
        };
        let page = self.state.rest.page_mut(id);
        (page.icon, page.cover) = (icon, cover);
        self.place_blocks(id, blocks, None);
        Ok(self.page_json(id, &[]))
    }

    /// Of a page that is no row: `{"title": {"title": […]}}`, or the list alone.
    fn own_title(&self, properties: &At<'_>) -> Result<Option<Vec<Item>>, Refusal> {
        properties.members(&["title"])?;
        let Some(title) = properties.get("title") else { return Ok(None) };
        let list = if title.value.is_array() { title } else { title.kind(&["title"], &[])?.1 };
        self.rich_text(&list).map(Some)
    }

    fn set_own_title(&mut self, page: Id, title: Vec<Item>) {
        let cells = &mut self.state.rest.page_mut(page).cells;
        match title.is_empty() {
            true => cells.remove("title"),
            false => cells.insert("title".into(), Cell::Text(title)),
        };
    }

    pub fn update_page(&mut self, id: Id, body: &At<'_>) -> Outcome {
        self.may(|it| it.update)?;
        self.seen(id, "page")?;
        body.members(&["properties", "icon", "cover", "in_trash", "is_archived", "is_locked", "erase_content"])?;
        let in_trash = self.trash_wish(id, body)?;
        let icon = body.get("icon").map(|it| icons::icon(&it)).transpose()?;
        let cover = body.get("cover").map(|it| icons::cover(&it)).transpose()?;
        let flag = |name| body.get(name).map(|it: At<'_>| it.flag()).transpose();
        let (archived, locked, erase) = (flag("is_archived")?, flag("is_locked")?, flag("erase_content")?);
        if let Some(properties) = body.get("properties") {
            match self.state.rest.source_of(id) {
                Some(source) => {
                    let drafts = self.drafts(source, &properties)?;
                    self.fill(id, drafts);
                }
                None => {
                    if let Some(title) = self.own_title(&properties)? {
                        self.set_own_title(id, title);
                    }
                }
            }
        }
        if erase == Some(true) {
            for child in self.state.rest.node(id).children.clone() {
                self.set_in_trash(child, true);
            }
        }
        let page = self.state.rest.page_mut(id);
        page.icon = icon.unwrap_or_else(|| page.icon.clone());
        page.cover = cover.unwrap_or_else(|| page.cover.clone());
        page.is_archived = archived.unwrap_or(page.is_archived);
        page.is_locked = locked.unwrap_or(page.is_locked);
        if let Some(in_trash) = in_trash {
            self.set_in_trash(id, in_trash);
        }
        self.touch(id);
        Ok(self.page_json(id, &[]))
    }

    /// The ids of the columns of a data source that an answer is to show; none: all.
    pub fn chosen_columns(&self, source: Option<Id>, keys: &[String]) -> Result<Vec<String>, Refusal> {
        let Some(source) = source else { return Ok(Vec::new()) };
        let schema = &self.state.rest.source(source).schema;
        let unknown = |key: &String| Refusal::invalid(format!("Could not find property with name or id: {key}"));
        keys.iter().map(|key| schema.find(key).map(|it| it.id.clone()).ok_or_else(|| unknown(key))).collect()
    }

    pub fn page_json(&self, id: Id, columns: &[String]) -> Value {
        let rest = &self.state.rest;
        let (node, page) = (rest.node(id), rest.page(id));
        let one = |it: &Property| (it.name.clone(), cells::shown(it, node, page.cells.get(&it.id), self.state));
        let properties: Map<String, Value> = match rest.source_of(id) {
            Some(source) => {
                let all = rest.source(source).schema.0.iter();
                all.filter(|it| columns.is_empty() || columns.contains(&it.id)).map(one).collect()
            }
            None => [title_property()].iter().map(one).collect(),
        };
        json!({
            "object": "page", "id": id, "created_time": to_the_minute(node.created),
            "last_edited_time": to_the_minute(node.edited), "created_by": {"object": "user", "id": node.created_by},
            "last_edited_by": {"object": "user", "id": node.edited_by}, "cover": page.cover, "icon": page.icon,
            "parent": self.parent_json(node), "in_trash": rest.is_gone(id), "is_archived": page.is_archived,
            "is_locked": page.is_locked, "properties": properties, "url": address(&rest.title(id), id),
            "public_url": null,
        })
    }

    /// One property of a page, whole: long values come in parts.
    pub fn property_item(&self, page: Id, key: &str, part: &Part) -> Outcome {
        self.may(|it| it.read)?;
        self.seen(page, "page")?;
        let rest = &self.state.rest;
        let property = match rest.source_of(page) {
            Some(source) => rest.source(source).schema.find(key).cloned(),
            None => Some(title_property()).filter(|it| it.id == key),
        };
        let property = property.ok_or_else(|| {
            Refusal::new(404, "object_not_found", format!("Could not find property with name or id: {key}"))
        })?;
        let (kind, id) = (property.kind, &property.id);
        let whole = cells::value(&property, rest.node(page), rest.page(page).cells.get(id), self.state);
        if !["title", "rich_text", "people", "relation"].contains(&kind) {
            return Ok(json!({"object": "property_item", "type": kind, "id": id, kind: whole}));
        }
        let all = whole.as_array().expect("a list");
        let start = match &part.cursor {
            None => 0,
            Some(cursor) => Id::parse(cursor)
                .map(|it| it.0 as usize)
                .filter(|it| *it < all.len())
                .ok_or_else(super::desk::bad_cursor)?,
        };
        let end = all.len().min(start + part.size);
        let item = |value: &Value| json!({"object": "property_item", "type": kind, "id": id, kind: value});
        let next = (end < all.len()).then(|| Id(end as u128).to_string());
        let next_url = next
            .as_ref()
            .map(|next| format!("https://api.notion.com/v1/pages/{}/properties/{id}?start_cursor={next}", page.hex()));
        let mut answer = list("property_item", all[start..end].iter().map(item).collect(), next);
        answer["property_item"] = json!({"id": id, "next_url": next_url, "type": kind, kind: {}});
        Ok(answer)
    }
}

fn title_property() -> Property {
    Property { id: "title".into(), name: "title".into(), description: None, kind: "title", config: Config::Plain }
}

/// `https://app.notion.com/p/Login-fails-<id>`
fn address(title: &str, id: Id) -> String {
    let words: Vec<&str> = title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let slug: String = words.join("-").chars().take(SHORT).collect();
    match slug.is_empty() {
        true => format!("https://app.notion.com/p/{}", id.hex()),
        false => format!("https://app.notion.com/p/{slug}-{}", id.hex()),
    }
}
