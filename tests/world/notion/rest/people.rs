//! Members and bots of a workspace, and search by title (notion-rest-api §3.7, §3.8).

use serde_json::Value;

use super::access::UserInformation;
use super::desk::{Desk, Outcome, Part};
use super::id::Id;
use super::limits::TEXT;
use super::place::At;
use super::refusal::Refusal;
use super::store::{Is, Node};

impl Desk<'_> {
    fn may_know_people(&self) -> Result<(), Refusal> {
        self.may(|it| it.users != UserInformation::None)
    }

    /// Members and bots, no guests. A token that acts as its creator may not list them.
    pub fn users(&self, part: &Part) -> Outcome {
        self.may_know_people()?;
        if self.who.is_personal_token {
            return Err(Refusal::restricted());
        }
        let people = self.state.users.iter().filter(|it| it.workspace == self.who.workspace && !it.is_guest);
        let all: Vec<Value> = people.map(super::super::User::json).chain(self.state.bots(self.who.workspace)).collect();
        part.of("user", &all, |it| it["id"].as_str().expect("a text").into(), Value::clone)
    }

    pub fn user(&self, id: Id) -> Outcome {
        self.may_know_people()?;
        self.person(id)
            .map(|id| self.state.person_json(id))
            .ok_or_else(|| Refusal::new(404, "object_not_found", format!("Could not find user with ID: {id}.")))
    }

    /// By a part of the title. Not every page has to be found; here every one is.
    pub fn search(&self, body: &At<'_>) -> Outcome {
        self.may(|it| it.read)?;
        body.members(&["query", "sort", "filter", "start_cursor", "page_size"])?;
        let query = body.get("query").map_or(Ok(""), |it| it.text(TEXT))?.to_lowercase();
        let wanted = match body.get("filter") {
            Some(filter) => {
                filter.members(&["property", "value"])?;
                filter.need("property")?.one_of(&["object"])?;
                Some(filter.need("value")?.one_of(&["page", "data_source"])?)
            }
            None => None,
        };
        let descending = match body.get("sort") {
            Some(sort) => {
                sort.members(&["timestamp", "direction"])?;
                sort.need("timestamp")?.one_of(&["last_edited_time"])?;
                sort.need("direction")?.one_of(&["ascending", "descending"])? == "descending"
            }
            None => true,
        };
        let size = body.get("page_size").map(|it| it.value.as_i64().ok_or_else(|| it.wrong("should be a number")));
        let part = Part::new(body.set("start_cursor").map(|it| it.words(TEXT)).transpose()?, size.transpose()?)?;
        let rest = &self.state.rest;
        let is_meant = |node: &&Node| match &node.is {
            Is::Page(_) => wanted != Some("data_source") && rest.title(node.id).to_lowercase().contains(&query),
            Is::Source(it) => {
                let title = super::rich_text::plain(&it.title, self.state);
                wanted != Some("page") && title.to_lowercase().contains(&query)
            }
            _ => false,
        };
        let found = rest.nodes.values().filter(is_meant);
        let mut found: Vec<&Node> = found.filter(|it| self.sees(it.id) && !rest.is_gone(it.id)).collect();
        found.sort_by_key(|it| (it.edited, it.id));
        if descending {
            found.reverse();
        }
        let show = |it: &&Node| match &it.is {
            Is::Page(_) => self.page_json(it.id, &[]),
            _ => self.source_json(it.id),
        };
        part.of("page_or_data_source", &found, |it| it.id.to_string().into(), show)
    }
}
