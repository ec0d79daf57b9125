//! The result object of the JSON API (contract §4): its keys, their order, and the tag that tells whether it changed.

use jiff::Timestamp;
use serde::Serialize;

use super::tag::Tag;
use super::{attributes, card, mention, time};
use crate::preview::{Answer, category_str};

/// What is added to a result on request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Include {
    pub html: bool,
    pub attributes: bool,
}

/// A result but for its first key: everything from `,"canonical_url"` to the closing brace.
///
/// One object is asked for under many spellings of its link, so the same tail serves them all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    pub body: Box<[u8]>,
    etag: Box<str>,
}

impl Tail {
    /// The whole result for the link as it was given.
    pub fn with_url(&self, url: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.body.len() + url.len() + 16);
        self.write(url, &mut out);
        out
    }

    /// The same, into a buffer.
    pub fn write(&self, url: &str, out: &mut Vec<u8>) {
        write_head(url, out);
        out.extend_from_slice(&self.body);
    }

    /// A strong tag in quotes, as it stands in the header. It depends on everything but `checked_at` and the ages that
    /// are reckoned from it.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Bytes that it takes besides itself.
    pub fn weight(&self) -> usize {
        self.body.len() + self.etag.len()
    }
}

/// What stands before a tail: the link as it was given.
pub fn write_head(url: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"url":"#);
    write_json(out, &url);
}

/// The whole result as text.
pub fn answer(answer: &Answer, include: Include, now: Timestamp) -> String {
    String::from_utf8(tail(answer, include, now).with_url(&answer.url)).unwrap_or_default()
}

/// The result without its `url` and without extras: what the hot path keeps.
pub fn without_url(answer: &Answer) -> Tail {
    tail(answer, Include::default(), Timestamp::UNIX_EPOCH)
}

/// The result without its `url`. `now` matters only for the ages on the card.
pub fn tail(answer: &Answer, include: Include, now: Timestamp) -> Tail {
    let head = Head {
        canonical_url: answer.canonical_url.as_deref(),
        kind: answer.kind.as_str(),
        id: &answer.id,
        site: answer.site.as_ref().map(|site| Site {
            url: &site.url,
            name: &site.name,
            deployment: site.deployment.map(|deployment| deployment.as_str()),
        }),
        state: answer.state.as_str(),
        stale: answer.stale,
    };
    let rest = Rest {
        connection: answer.connection.as_ref().map(|via| Connection { id: &via.id, label: &via.label }),
        preview: answer.preview.as_ref().map(Preview::of),
        mention: mention::text(answer).map(|text| Mention { text }),
    };
    let end = End {
        actions: answer.actions.iter().map(|action| Action { id: action.id, href: &action.href }).collect(),
        reason: answer.reason.as_ref().map(|reason| Reason {
            code: reason.code.as_str(),
            message: &reason.message,
            retry_at: reason.retry_at.map(time::rfc3339),
        }),
    };

    let mut out = Vec::with_capacity(1024);
    // What is drawn changes with a new version of the program, and with the day ("overdue").
    let drawn_on = include.html.then(|| time::date(now));
    let mut tag = Tag::new((include, drawn_on));
    if let Some(preview) = answer.preview.as_ref().filter(|_| include.html) {
        ahead(preview, now).for_each(|distance| tag.add(distance.as_bytes()));
    }
    continue_object(&mut out, &head);
    tag.add(&out);
    out.extend_from_slice(br#","checked_at":"#);
    write_json(&mut out, &answer.checked_at.map(time::rfc3339));
    let after_checked_at = out.len();
    continue_object(&mut out, &rest);
    tag.add(&out[after_checked_at..]);
    if include.html {
        let html = Html { card: card::html(answer, now), mention: mention::html(answer, mention::Density::Short) };
        out.extend_from_slice(br#","html":"#);
        write_json(&mut out, &html);
    }
    if include.attributes {
        out.extend_from_slice(br#","attributes":"#);
        write_json(&mut out, &attributes::of(answer, &attributes::Limits::default()));
    }
    let after_extras = out.len();
    continue_object(&mut out, &end);
    tag.add(&out[after_extras..]);
    out.push(b'}');
    Tail { body: out.into(), etag: tag.finish() }
}

/// How far away is what is still to come, such as the promises of a service desk: a card that says "in 2 h" when it is
/// breached would be wrong. How long ago something was only grows, and stays out.
fn ahead(preview: &crate::preview::Preview, now: Timestamp) -> impl Iterator<Item = String> {
    let instants = preview.facts.iter().filter_map(|fact| fact.value.parse::<Timestamp>().ok());
    instants.map(move |at| if at <= now { "past".to_owned() } else { time::until(at, now) })
}

/// Writes the members of an object, each after a comma, without the closing brace.
fn continue_object(out: &mut Vec<u8>, value: &impl Serialize) {
    let start = out.len();
    write_json(out, value);
    out.pop();
    out[start] = b',';
}

fn write_json(out: &mut Vec<u8>, value: &impl Serialize) {
    let before = out.len();
    // Structs of strings into memory: neither half can fail. If it did, the object must stay an object.
    if serde_json::to_writer(&mut *out, value).is_err() {
        out.truncate(before);
        out.extend_from_slice(b"null");
    }
}

#[derive(Serialize)]
struct Head<'a> {
    canonical_url: Option<&'a str>,
    kind: &'static str,
    id: &'a str,
    site: Option<Site<'a>>,
    state: &'static str,
    stale: bool,
}

#[derive(Serialize)]
struct Site<'a> {
    url: &'a str,
    name: &'a str,
    deployment: Option<&'static str>,
}

#[derive(Serialize)]
struct Rest<'a> {
    connection: Option<Connection<'a>>,
    preview: Option<Preview<'a>>,
    mention: Option<Mention>,
}

#[derive(Serialize)]
struct Connection<'a> {
    id: &'a str,
    label: &'a str,
}

#[derive(Serialize)]
struct Preview<'a> {
    title: &'a str,
    identifier: &'a str,
    icon_url: Option<&'a str>,
    status: Option<Status<'a>>,
    facts: Vec<Fact<'a>>,
    description: Option<&'a str>,
    updated_at: Option<String>,
}

impl<'a> Preview<'a> {
    fn of(preview: &'a crate::preview::Preview) -> Self {
        Self {
            title: &preview.title,
            identifier: &preview.identifier,
            icon_url: preview.icon_url.as_deref(),
            status: preview
                .status
                .as_ref()
                .map(|status| Status { name: &status.name, category: category_str(status.category) }),
            facts: preview
                .facts
                .iter()
                .map(|fact| Fact { id: fact.id.as_str(), name: &fact.name, value: &fact.value })
                .collect(),
            description: preview.description.as_deref(),
            updated_at: preview.updated_at.map(time::rfc3339),
        }
    }
}

#[derive(Serialize)]
struct Status<'a> {
    name: &'a str,
    category: &'static str,
}

#[derive(Serialize)]
struct Fact<'a> {
    id: &'a str,
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Mention {
    text: String,
}

#[derive(Serialize)]
struct Html {
    card: String,
    mention: Option<String>,
}

#[derive(Serialize)]
struct End<'a> {
    actions: Vec<Action<'a>>,
    reason: Option<Reason<'a>>,
}

#[derive(Serialize)]
struct Action<'a> {
    id: &'static str,
    href: &'a str,
}

#[derive(Serialize)]
struct Reason<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_at: Option<String>,
}
