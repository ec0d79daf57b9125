//! Notion's public REST API: databases, pages, blocks, views, comments, people (notion-rest-api). Strict: what Notion is
//! known to refuse is refused, and what is not built here is refused plainly. `tests/notion_rest` is the record of it.

pub mod access;
mod block_kinds;
pub mod blocks;
mod board;
pub mod capture;
mod cells;
mod comments;
mod databases;
mod dates;
mod desk;
pub mod eyes;
pub mod faults;
mod filter;
pub mod hands;
mod icons;
pub mod id;
mod index;
pub mod limits;
pub mod look;
mod options;
mod order;
mod pace;
mod pages;
mod people;
mod place;
mod prose;
mod query;
mod refusal;
mod rich_text;
mod rows;
mod schema;
mod schema_changes;
mod settings;
pub mod store;
mod views;

use serde_json::{Value, json};

use super::super::jira::exchange::{Answer, Asked, form, segments};
use super::super::oauth::mint;
use super::state::State;
use desk::{Desk, Outcome, Part};
use place::At;

pub use access::{Access, Capabilities, UserInformation};
pub use desk::Who;
pub use eyes::{Column, Row, Shown};
pub use hands::Hands;
pub use id::Id;
pub use refusal::Refusal;
pub use settings::Settings;

/// The version that is spoken here.
pub const VERSION: &str = "2026-03-11";

/// Answers a call whose token is good.
pub fn serve(state: &mut State, asked: &Asked, who: Who) -> Answer {
    let mut desk = Desk { state, who };
    match desk.answer(asked) {
        Ok(answer) => {
            let mut answer = desk.discreet(answer);
            let id = mint::uuid("request");
            answer["request_id"] = json!(id);
            Answer::ok(&answer).with("x-notion-request-id", &id)
        }
        Err(refusal) => refusal.answer(),
    }
}

/// A path with the names of its parameters in place of their values: `/v1/pages/{page_id}`.
pub fn pattern(path: &str) -> String {
    let mut before = String::new();
    let name = |segment: String| {
        let shown = match Id::parse(&segment) {
            Some(_) => format!("{{{}_id}}", before.trim_end_matches('s')),
            None if before == "properties" => "{property_id}".into(),
            None => segment.clone(),
        };
        before = segment;
        format!("/{shown}")
    };
    segments(path).into_iter().map(name).collect()
}

/// Whether a call changes something.
pub fn is_write(method: &str, path: &str) -> bool {
    matches!(method, "POST" | "PATCH" | "DELETE") && !path.ends_with("/query") && !path.ends_with("/search")
}

impl Desk<'_> {
    fn answer(&mut self, asked: &Asked) -> Outcome {
        let path = segments(&asked.path);
        let path: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
        match asked.method.as_str() {
            "GET" => self.get(asked, &path),
            "DELETE" => match path[..] {
                ["blocks", id] => {
                    known_parameters(asked, &[])?;
                    self.delete_block(path_id("block_id", id)?)
                }
                _ => Err(Refusal::no_such_url()),
            },
            method => self.change(method, asked, &path),
        }
    }

    fn get(&mut self, asked: &Asked, path: &[&str]) -> Outcome {
        let of_lists = ["start_cursor", "page_size"];
        let allowed: &[&str] = match path {
            ["users"] | ["blocks", _, "children"] | ["pages", _, "properties", _] => &of_lists,
            ["comments"] => &["start_cursor", "page_size", "block_id"],
            ["views"] => &["start_cursor", "page_size", "database_id", "data_source_id"],
            ["pages", _] => &["filter_properties"],
            _ => &[],
        };
        known_parameters(asked, allowed)?;
        let optional_id = |name| asked.parameter(name).map(|text| path_id(name, &text)).transpose();
        match *path {
            ["users"] => self.users(&part(asked)?),
            // The bot of the token (§2).
            ["users", "me"] => Ok(self.state.person_json(self.who.author)),
            ["users", id] => self.user(path_id("user_id", id)?),
            ["databases", id] => self.look(id, "database", Self::database_json),
            ["data_sources", id] => self.look(id, "data_source", Self::source_json),
            ["pages", id] => {
                let id = path_id("page_id", id)?;
                self.may(|it| it.read)?;
                self.seen(id, "page")?;
                let columns = self.chosen_columns(self.state.rest.source_of(id), &columns(asked))?;
                Ok(self.page_json(id, &columns))
            }
            ["pages", id, "properties", property] => {
                self.property_item(path_id("page_id", id)?, property, &part(asked)?)
            }
            ["blocks", id] => self.look(id, "block", Self::block_json),
            ["blocks", id, "children"] => self.children(path_id("block_id", id)?, &part(asked)?),
            ["views"] => self.views(optional_id("database_id")?, optional_id("data_source_id")?, &part(asked)?),
            ["views", id] => self.view(path_id("view_id", id)?),
            ["comments"] => {
                let parent = optional_id("block_id")?;
                let missing = || Refusal::invalid("query failed validation: query.block_id should be defined.");
                self.comments(parent.ok_or_else(missing)?, &part(asked)?)
            }
            _ => Err(Refusal::no_such_url()),
        }
    }

    fn look(&self, id: &str, kind: &str, show: impl Fn(&Self, Id) -> Value) -> Outcome {
        let id = path_id(&format!("{kind}_id"), id)?;
        self.may(|it| it.read)?;
        self.seen(id, kind)?;
        Ok(show(self, id))
    }

    fn change(&mut self, method: &str, asked: &Asked, path: &[&str]) -> Outcome {
        let is_query = matches!(path, ["data_sources", _, "query"]);
        known_parameters(asked, if is_query { &["filter_properties"] } else { &[] })?;
        // Whether there is such an endpoint is told before its body is read.
        let known = match method {
            "POST" => matches!(path, ["databases" | "pages" | "views" | "comments" | "search"]) || is_query,
            "PATCH" => {
                matches!(path, ["databases" | "data_sources" | "pages" | "blocks" | "views", _])
                    || matches!(path, ["blocks", _, "children"])
            }
            _ => false,
        };
        if !known {
            return Err(Refusal::no_such_url());
        }
        let body = body(asked)?;
        let order = order::of_properties(&asked.body);
        let body = At::body(&body).ordered(&order);
        match (method, path) {
            ("POST", ["databases"]) => self.create_database(&body),
            ("POST", ["pages"]) => self.create_page(&body),
            ("POST", ["views"]) => self.create_view(&body),
            ("POST", ["comments"]) => self.create_comment(&body),
            ("POST", ["search"]) => self.search(&body),
            ("POST", [_, id, _]) => self.query(path_id("data_source_id", id)?, &body, &columns(asked)),
            (_, ["blocks", id, "children"]) => self.append(path_id("block_id", id)?, &body),
            (_, ["databases", id]) => self.update_database(path_id("database_id", id)?, &body),
            (_, ["data_sources", id]) => self.update_source(path_id("data_source_id", id)?, &body),
            (_, ["pages", id]) => self.update_page(path_id("page_id", id)?, &body),
            (_, ["blocks", id]) => self.update_block(path_id("block_id", id)?, &body),
            (_, [_, id]) => self.update_view(path_id("view_id", id)?, &body),
            _ => Err(Refusal::no_such_url()),
        }
    }
}

fn path_id(name: &str, text: &str) -> Result<Id, Refusal> {
    Id::parse(text).ok_or_else(|| {
        let words = format!("path failed validation: path.{name} should be a valid uuid, instead was `\"{text}\"`.");
        Refusal::invalid(words)
    })
}

fn known_parameters(asked: &Asked, known: &[&str]) -> Result<(), Refusal> {
    let all = form(&asked.query);
    let strange = all.iter().find(|(name, _)| !known.contains(&name.trim_end_matches("[]")));
    match strange {
        Some((name, _)) => {
            Err(Refusal::invalid(format!("query failed validation: query.{name} should be not present.")))
        }
        None => Ok(()),
    }
}

fn part(asked: &Asked) -> Result<Part, Refusal> {
    let size = asked.parameter("page_size").map(|it| it.parse::<i64>().unwrap_or(0));
    Part::new(asked.parameter("start_cursor").as_deref(), size)
}

fn columns(asked: &Asked) -> Vec<String> {
    ["filter_properties", "filter_properties[]"].iter().flat_map(|name| asked.parameters(name)).collect()
}

fn body(asked: &Asked) -> Result<Value, Refusal> {
    if asked.body.len() > limits::BODY {
        return Err(Refusal::new(413, "validation_error", "The body of the request is too large."));
    }
    let json = asked.header("content-type").is_some_and(|it| it.starts_with("application/json"));
    let body: Option<Value> = serde_json::from_slice(&asked.body).ok().filter(|_| json);
    body.filter(Value::is_object).ok_or_else(|| Refusal::new(400, "invalid_json", "Error parsing JSON body."))
}
