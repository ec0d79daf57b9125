//! Comments on pages and blocks (notion-rest-api §3.10).

use serde_json::{Value, json};

use super::dates::to_the_minute;
use super::desk::{Desk, Outcome, Part};
use super::id::Id;
use super::place::At;
use super::refusal::Refusal;
use super::rich_text::{self, Item};
use super::store::Comment;

impl Desk<'_> {
    pub fn create_comment(&mut self, body: &At<'_>) -> Outcome {
        self.may(|it| it.insert_comments)?;
        body.members(&["parent", "discussion_id", "rich_text"])?;
        let text = self.rich_text(&body.need("rich_text")?)?;
        if text.is_empty() {
            return Err(body.wrong("should have a text"));
        }
        let (parent, discussion) = match (body.get("parent"), body.get("discussion_id")) {
            (Some(parent), None) => {
                let (kind, id) = parent.kind(&["page_id", "block_id"], &[])?;
                (self.editable(id.id()?, kind.trim_end_matches("_id"))?.id, Id::mint("discussion"))
            }
            (None, Some(discussion)) => {
                let id = discussion.id()?;
                let known = self.state.rest.comments.iter().find(|it| it.discussion == id && self.sees(it.parent));
                (known.ok_or_else(|| Refusal::missing("discussion", id))?.parent, id)
            }
            _ => return Err(body.wrong("should have either a parent or a discussion_id")),
        };
        Ok(self.remark(parent, discussion, text))
    }

    pub fn remark(&mut self, parent: Id, discussion: Id, text: Vec<Item>) -> Value {
        let comment = Comment {
            id: Id::mint("comment"),
            parent,
            discussion,
            created: self.who.now,
            author: self.who.author,
            text,
            by_bot: !self.who.is_person,
        };
        let shown = self.comment_json(&comment);
        self.state.rest.comments.push(comment);
        shown
    }

    pub fn comments(&self, parent: Id, part: &Part) -> Outcome {
        self.may(|it| it.read_comments)?;
        self.seen(parent, "block")?;
        let all: Vec<&Comment> = self.state.rest.comments.iter().filter(|it| it.parent == parent).collect();
        part.of("comment", &all, |it| it.id.to_string().into(), |it| self.comment_json(it))
    }

    fn comment_json(&self, comment: &Comment) -> Value {
        let is_page = matches!(self.state.rest.node(comment.parent).is, super::store::Is::Page(_));
        let kind = if is_page { "page_id" } else { "block_id" };
        let name = self.state.person_json(comment.author)["name"].clone();
        let by = if comment.by_bot { "integration" } else { "user" };
        json!({
            "object": "comment", "id": comment.id, "parent": {"type": kind, kind: comment.parent},
            "discussion_id": comment.discussion, "created_time": to_the_minute(comment.created),
            "last_edited_time": to_the_minute(comment.created), "created_by": {"object": "user", "id": comment.author},
            "rich_text": rich_text::shown(&comment.text, self.state),
            "display_name": {"type": by, "resolved_name": name},
        })
    }
}
