//! HTML that Jira rendered, or that an administrator's choice of renderer put where wiki markup is usual → tree.
//!
//! Only the tokenizer of the standard is used, not its tree construction: that repeats open formatting elements in every
//! block, so that a hostile text can multiply itself. Elements that a browser would run, load or draw show nothing.

use std::cell::{Cell, RefCell};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::super::key::SiteUrl;
use super::builder::Builder;
use super::element::{Attributes, Elements};
use super::tree::Loss;

/// How much is given to the tokenizer at once.
const CHUNK: usize = 1024;

/// The longest tag or comment. The tokenizer compares each attribute of a tag with all before it.
const LONGEST_TAG: usize = 4 * CHUNK;

pub(super) fn read(html: &str, site: Option<&SiteUrl>, builder: &mut Builder) {
    let state = State { elements: Elements::new(builder, site), skipped: None };
    let mut tokenizer = Tokenizer::new(Sink { state: RefCell::new(state), heard: Cell::new(false) }, options());
    let (mut at, mut heard_at) = (0, 0);
    let mut queue = BufferQueue::default();
    while at < html.len() {
        let end = html.floor_char_boundary(at + CHUNK);
        queue.push_back(StrTendril::from(&html[at..end]));
        // Scripts, the one reason to pause, are skipped.
        let _ = tokenizer.feed(&queue);
        if tokenizer.sink.heard.take() {
            heard_at = at;
        }
        at = end;
        if tokenizer.sink.state.borrow().elements.is_full() {
            tokenizer.sink.state.borrow_mut().elements.lose(Loss::Cut);
            return;
        }
        if at - heard_at > LONGEST_TAG + CHUNK {
            at = behind(html, heard_at);
            heard_at = at;
            queue = BufferQueue::default();
            tokenizer = Tokenizer::new(tokenizer.sink, options());
            tokenizer.sink.state.borrow_mut().elements.lose(Loss::Cut);
        }
    }
    tokenizer.end();
    let state = &mut *tokenizer.sink.state.borrow_mut();
    if state.skipped.is_some() {
        state.elements.lose(Loss::Cut);
    }
}

fn options() -> TokenizerOpts {
    TokenizerOpts::default()
}

/// Where a tag or comment ends that begins in the chunk at this place.
fn behind(html: &str, at: usize) -> usize {
    let rest = &html[at..];
    let begins = rest.floor_char_boundary(2 * CHUNK);
    let (end, from) = match rest[..begins].find("<!--") {
        Some(comment) => ("-->", comment),
        None => (">", begins),
    };
    rest[from..].find(end).map_or(html.len(), |found| at + from + found + end.len())
}

struct Sink<'a> {
    state: RefCell<State<'a>>,
    /// Whether anything came out of the tokenizer.
    heard: Cell<bool>,
}

struct State<'a> {
    elements: Elements<'a>,
    /// The element whose content is not for people, and how many of its kind stand open.
    skipped: Option<(String, usize)>,
}

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if matches!(token, Token::ParseError(_)) {
            return TokenSinkResult::Continue;
        }
        self.heard.set(true);
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) if state.skipped.is_none() => state.elements.text(&text),
            Token::TagToken(tag) => return state.tag(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl State<'_> {
    fn tag(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        if let Some((skipped, depth)) = &mut self.skipped {
            match tag.kind {
                TagKind::StartTag if skipped == name && !tag.self_closing => *depth += 1,
                TagKind::EndTag if skipped == name => *depth -= 1,
                _ => {}
            }
            if *depth == 0 {
                self.skipped = None;
            }
            return TokenSinkResult::Continue;
        }
        if tag.kind == TagKind::EndTag {
            self.elements.end(name);
            return TokenSinkResult::Continue;
        }
        let raw = match name {
            "script" => Some(RawKind::ScriptData),
            "style" | "noscript" | "noembed" | "noframes" | "xmp" => Some(RawKind::Rawtext),
            "title" | "textarea" => Some(RawKind::Rcdata),
            "iframe" => {
                self.elements.lose(Loss::Media);
                Some(RawKind::Rawtext)
            }
            "svg" | "math" | "object" | "video" | "audio" | "canvas" => {
                self.elements.lose(Loss::Media);
                None
            }
            "template" | "select" => None,
            _ => {
                self.elements.start(name, tag);
                return TokenSinkResult::Continue;
            }
        };
        // Elements of HTML do not close themselves, whatever their tags say; those of SVG and MathML do.
        if raw.is_some() || !tag.self_closing {
            self.skipped = Some((name.to_owned(), 1));
        }
        raw.map_or(TokenSinkResult::Continue, TokenSinkResult::RawData)
    }
}

impl Attributes for Tag {
    fn get(&self, name: &str) -> Option<&str> {
        self.attrs.iter().find(|attribute| &*attribute.name.local == name).map(|attribute| &*attribute.value)
    }
}

/// Elements that mean a text was written in an HTML editor rather than in wiki markup.
const HTML_ELEMENTS: [&str; 22] = [
    "p",
    "div",
    "span",
    "br",
    "b",
    "i",
    "u",
    "em",
    "strong",
    "a",
    "ul",
    "ol",
    "li",
    "table",
    "tr",
    "td",
    "pre",
    "code",
    "blockquote",
    "h1",
    "h2",
    "h3",
];

/// Whether an administrator's choice of renderer put HTML where wiki markup is usual. `List<String>` is no HTML, nor is
/// `a <b`, which no bracket ends; and HTML that is shown as code is none either.
pub(super) fn is_html(text: &str) -> bool {
    if ["{code", "{noformat", "{{"].iter().any(|code| text.contains(code)) {
        return false;
    }
    text.split('<').skip(1).any(|after| {
        let name_end = after.strip_prefix('/').unwrap_or(after);
        let length = name_end.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let (name, behind) = name_end.split_at(length);
        let is_tag = behind.starts_with(['>', '/', ' ']) && behind.contains('>');
        is_tag && HTML_ELEMENTS.iter().any(|element| name.eq_ignore_ascii_case(element))
    })
}
