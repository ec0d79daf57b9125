//! The body of a row's page: what of it has changed, and the calls that write it (S36 to S38).

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::super::body::{
    Append, Body, Comment, Context, Continued, File, Parts, Place, Room, SIGN, TITLE, calls, hash, whole,
};
use super::super::cells::{People, Rows};
use super::super::halt::Halt;
use super::super::hold::Hold;
use super::super::lists::Pages;
use super::super::writer::{Again, Failed, Writer};
use super::content::Content;
use crate::jira::key::SiteUrl;
use crate::jira::model::RichText;
use crate::jira::text;
use crate::notion::block::Block;
use crate::notion::client::Client;
use crate::notion::told::BlockState;

/// What a body depends on beside the issue.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around<'a> {
    pub site: &'a SiteUrl,
    pub people: &'a People,
    pub rows: &'a Rows,
    pub pages: &'a HashMap<String, String>,
    pub with_comments: bool,
}

/// A body that is to be written.
#[derive(Debug)]
pub(super) struct Job {
    pub calls: Vec<Append>,
    container: Option<Block>,
    /// The first call is one with the call that makes the page.
    is_with_page: bool,
    pub hash: Vec<u8>,
    pub losses: super::super::body::Losses,
}

/// How often the smallest parts of a text are tried again.
const TRIES: u32 = 5;
/// Comments that are shown.
const MOST_COMMENTS: usize = 1_000;
/// Attachments that are listed.
const MOST_FILES: usize = 100;

impl Job {
    /// The blocks that go with the call that makes the page.
    pub fn first(&self) -> &[Block] {
        self.calls.first().filter(|_| self.is_with_page).map_or(&[], |call| &call.children)
    }

    /// The calls that follow the one that makes the page.
    pub fn later(&self) -> &[Append] {
        self.calls.get(usize::from(self.is_with_page)..).unwrap_or_default()
    }
}

/// The body of an issue, and those ends of texts that have no room in their cells. Its hash does not depend on which rows
/// Notion has by now. `first` is the room in the call that makes the page, if one does.
pub(super) fn job(content: &Content, continued: Vec<Continued>, around: Around<'_>, first: Option<Room>) -> Job {
    let files = files(&content.fields);
    let by_name: HashMap<&str, &str> = files.iter().map(|file| (file.name.as_str(), file.url.as_str())).collect();
    let description = content.fields.get("description").and_then(rich);
    let description = description.map(|text| text::document(&text, Some(around.site))).unwrap_or_default();
    let comments = if around.with_comments { comments(&content.fields, around.site) } else { Vec::new() };
    let parts = Parts { description, continued, attachments: files.clone(), comments };
    let issue_of = |url: &str| around.rows.id_of(key_in(url, around.site)?).map(str::to_owned);
    let render = |row: &dyn Fn(&str) -> Option<String>| -> Body {
        let context = Context {
            person: &|id| around.people.of_issue(id, &content.fields).map(str::to_owned),
            attachment: &|name| by_name.get(name).map(|url| (*url).to_owned()),
            row,
        };
        whole(&parts, &context)
    };
    let body = render(&|url| around.pages.get(&issue_of(url)?).cloned());
    let hash = hash(&render(&|url| issue_of(url)).blocks).as_bytes().to_vec();
    let container = body.blocks.into_iter().next();
    let calls = calls(container.as_ref(), first, Room::CALL);
    Job { calls, container, is_with_page: first.is_some(), hash, losses: body.losses }
}

/// The key in the address of an issue's page at this site.
fn key_in<'u>(url: &'u str, site: &SiteUrl) -> Option<&'u str> {
    let rest = url.strip_prefix(site.join("/browse/").as_str())?;
    let end = rest.find(['?', '#', '/']).unwrap_or(rest.len());
    rest.get(..end).filter(|key| !key.is_empty())
}

/// ADF, or wiki markup.
fn rich(value: &Value) -> Option<RichText> {
    match value {
        Value::String(text) if !text.trim().is_empty() => Some(RichText::Wiki(text.clone())),
        Value::Object(_) => Some(RichText::Adf(value.clone())),
        _ => None,
    }
}

fn files(fields: &serde_json::Map<String, Value>) -> Vec<File> {
    let list = fields.get("attachment").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let file = |value: &Value| {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let url = text("content").filter(|url| url.starts_with("https://") || url.starts_with("http://"))?;
        Some(File { name: text("filename")?, url, size: value.get("size").and_then(Value::as_u64) })
    };
    list.iter().filter_map(file).take(MOST_FILES).collect()
}

/// The comments that everybody reads who reads the issue: none for a group or a role, none between agents. Not every Jira
/// tells which comments of a service desk are between agents: there only those come of which it says that they are not.
fn comments(fields: &serde_json::Map<String, Value>, site: &SiteUrl) -> Vec<Comment> {
    let list = fields.get("comment").and_then(|it| it.get("comments")).and_then(Value::as_array);
    let kind = fields.get("project").and_then(|it| it.get("projectTypeKey")?.as_str());
    let is_no_desk = kind.is_some_and(|kind| kind != "service_desk");
    let comment = |value: &Value| {
        let is_restricted = value.get("visibility").is_some_and(|it| !it.is_null());
        let is_internal = match value.get("jsdPublic").and_then(Value::as_bool) {
            Some(is_public) => !is_public,
            None => !is_no_desk,
        };
        let text = value.get("body").and_then(rich).filter(|_| !is_restricted && !is_internal)?;
        Some(Comment {
            author: value.get("author").and_then(|it| it.get("displayName")?.as_str()).unwrap_or_default().to_owned(),
            written: value.get("created").and_then(Value::as_str).and_then(|at| at.parse().ok())?,
            text: text::document(&text, Some(site)),
        })
    };
    let mut comments: Vec<Comment> =
        list.map(Vec::as_slice).unwrap_or_default().iter().filter_map(comment).take(MOST_COMMENTS).collect();
    comments.sort_by_key(|comment| comment.written);
    comments
}

/// Writes what did not go with the page. After a call that was too much for Notion it is written anew in smaller ones, and
/// whole: nobody knows how much of it is there (S48).
pub(super) async fn write(
    hold: &Hold,
    writer: &Writer,
    bots: &BTreeSet<String>,
    page: &str,
    job: &Job,
    is_new: bool,
) -> Result<(), Halt> {
    let first = if is_new { job.later() } else { &job.calls };
    let largest = first.iter().map(|call| count(&call.children)).max().unwrap_or_default();
    let mut room = Room { blocks: largest, ..Room::CALL };
    let mut ended = put(hold, writer, bots, page, first, is_new).await;
    let mut tries = 0;
    while let Err(Failed::Notion(error)) = &ended
        && error.is_too_much()
    {
        match room.half() {
            Some(half) => room = half,
            // So little is hardly too much: Notion may have had a bad moment.
            None if error.may_be_done() && tries < TRIES => {
                tries += 1;
                writer.pause(hold, tries).await?;
            }
            None => break,
        }
        tracing::info!(fault = "notion", retry = true, blocks = room.blocks, %error, "a text was too much for Notion");
        ended = put(hold, writer, bots, page, &calls(job.container.as_ref(), None, room), false).await;
    }
    match ended {
        // Not even in the smallest parts: that is said of this text alone.
        Err(Failed::Notion(error)) if error.is_too_much() => {
            let detail = "It takes Notion too long to store this text.".to_owned();
            Err(Halt::Refused { code: "too_large".to_owned(), detail })
        }
        ended => ended.map_err(Halt::from),
    }
}

fn count(blocks: &[Block]) -> usize {
    blocks.iter().map(|block| 1 + count(&block.children)).sum()
}

/// A body that was there is taken away when the new one is whole, so that a reader always finds one; what people have
/// written stays where it is.
async fn put(
    hold: &Hold,
    writer: &Writer,
    bots: &BTreeSet<String>,
    page: &str,
    calls: &[Append],
    is_new: bool,
) -> Result<(), Failed> {
    let mut old: Vec<String> = Vec::new();
    let mut ids = Ids::default();
    if !is_new {
        let there = children(hold, writer, page).await?;
        old.extend(there.into_iter().filter(|it| is_ours(it, bots)).map(|it| it.id));
    }
    for Append { under, children } in calls {
        let parent = ids.find(hold, writer, page, under, !is_new).await?;
        let call = writer.call(hold, Again::Never, |client, token| {
            let parent = &parent;
            async move { client.append(&token, parent, children).await }
        });
        let made = match call.await {
            Ok(made) => made,
            Err(Failed::Notion(error)) => {
                // What was begun is of no use to anybody.
                remove(hold, writer, ids.container.iter()).await?;
                return Err(Failed::Notion(error));
            }
            Err(halt) => return Err(halt),
        };
        if *under == Place::Page {
            ids.container = made.first().map(|it| it.id.clone());
        }
    }
    remove(hold, writer, old.iter()).await.map_err(Failed::Halt)
}

async fn remove(hold: &Hold, writer: &Writer, blocks: impl Iterator<Item = &String>) -> Result<(), Halt> {
    for block in blocks {
        let call = writer.call(hold, Again::Harmless, |client, token| async move {
            match client.delete_block(&token, block).await {
                Err(crate::notion::Error::NotFound) => Ok(()),
                other => other,
            }
        });
        call.await.map_err(Halt::from)?;
    }
    Ok(())
}

/// Where blocks are that earlier calls have made.
#[derive(Debug, Default)]
struct Ids {
    container: Option<String>,
    lists: HashMap<Vec<usize>, Vec<String>>,
}

impl Ids {
    async fn find(
        &mut self,
        hold: &Hold,
        writer: &Writer,
        page: &str,
        place: &Place,
        is_last: bool,
    ) -> Result<String, Halt> {
        let Place::Block(path) = place else { return Ok(page.to_owned()) };
        let gone = || Halt::Later { why: "a body was changed while it was written".to_owned(), wait: None };
        if self.container.is_none() {
            let there = children(hold, writer, page).await?;
            let found = if is_last { there.last() } else { there.first() };
            self.container = found.map(|it| it.id.clone());
        }
        let mut at = self.container.clone().ok_or_else(gone)?;
        let mut above: Vec<usize> = Vec::new();
        for step in path {
            // What stood in the list when it was asked for stays where it is: blocks are only added behind.
            let is_known = self.lists.get(&above).is_some_and(|list| list.len() > *step);
            if !is_known {
                let list = children(hold, writer, &at).await?.into_iter().map(|it| it.id).collect();
                self.lists.insert(above.clone(), list);
            }
            at = self.lists.get(&above).and_then(|list| list.get(*step)).cloned().ok_or_else(gone)?;
            above.push(*step);
        }
        Ok(at)
    }
}

/// Whether a block may be ours, whatever somebody has made of its words.
pub(super) fn is_framed(block: &BlockState, bots: &BTreeSet<String>) -> bool {
    block.kind == "callout" && bots.contains(&block.created_by.id)
}

/// Whether a block is the one in a page that holds what came from Jira. A person's own callout is not, also where we write
/// with their own token.
pub(super) fn is_ours(block: &BlockState, bots: &BTreeSet<String>) -> bool {
    // Whoever changes its words leaves it what it is.
    is_framed(block, bots) && (block.words().starts_with(TITLE) || block.emoji() == Some(SIGN))
}

/// All that stands directly below a page or a block.
pub(super) async fn children(hold: &Hold, writer: &Writer, block: &str) -> Result<Vec<BlockState>, Halt> {
    let (mut all, mut pages) = (Vec::new(), Pages::default());
    let ask = |client: Client, token, part| async move { client.children(&token, block, &part).await };
    while let Some(list) = pages.next(writer, hold, ask).await? {
        all.extend(list.results);
    }
    Ok(all)
}
