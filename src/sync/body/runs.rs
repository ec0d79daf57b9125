//! Words, people, days and links as Notion's runs, in pieces that it takes (S35).

use crate::jira::text::{Document, Loss as TextLoss, Role, Span, Style, pieces};
use crate::notion::rich_text::{Content, ITEMS, Marks, RichText, UNITS, URL_UNITS};

use super::{Context, Loss, Losses, look};

/// Bytes of one list of runs: a block that is full of them fits into any call.
pub(super) const LIST_BYTES: usize = 400_000;

/// Turns what Jira says into what Notion shows, and counts what is lost on the way.
pub(super) struct Writer<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) losses: Losses,
}

impl<'a> Writer<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self { context, losses: Losses::new() }
    }

    pub(super) fn lose(&mut self, loss: Loss) {
        self.lose_times(loss, 1);
    }

    /// What the reader of the text has lost already.
    pub(super) fn lose_with(&mut self, document: &Document) {
        document.losses.iter().for_each(|(loss, times)| self.lose_times(Loss::Text(*loss), *times));
    }

    fn lose_times(&mut self, loss: Loss, times: u32) {
        let count = self.losses.entry(loss).or_default();
        *count = count.saturating_add(times);
    }

    /// Spans as runs of at most so many units.
    pub(super) fn runs(&mut self, spans: &[Span], units: usize) -> Vec<RichText> {
        let mut runs = Vec::new();
        for span in spans {
            let (content, marks) = self.run(span);
            match content {
                Content::Text { text, link } => runs.extend(pieces(&text, units).map(|piece| RichText {
                    content: Content::Text { text: piece.to_owned(), link: link.clone() },
                    marks,
                })),
                mention => runs.push(RichText { content: mention, marks }),
            }
        }
        runs
    }

    /// One span, whatever its length.
    fn run(&mut self, Span { text, style }: &Span) -> (Content, Marks) {
        let mut marks = self.marks(style);
        let mut link = style.link.as_deref().map(str::to_owned);
        match &style.role {
            Role::Words => {
                if let Some(page) = link.as_deref().filter(|link| is_bare(text, link)).and_then(self.context.row) {
                    return (Content::Page(page), marks);
                }
            }
            Role::Mention { id } => match (self.context.person)(id) {
                Some(user) => return (Content::User(user), marks),
                None => self.lose(Loss::Person),
            },
            Role::Date(day) => return (Content::Date(day.to_string()), marks),
            Role::Status(colour) => {
                marks.code = true;
                marks.color = colour.map_or(marks.color, look::words);
            }
            Role::Attachment => {
                link = (self.context.attachment)(text).or(link);
                if link.is_none() {
                    self.lose(Loss::Attachment);
                }
            }
            Role::Image => self.lose(Loss::Picture),
        }
        if link.as_ref().is_some_and(|link| link.encode_utf16().count() > URL_UNITS) {
            link = None;
            self.lose(Loss::Text(TextLoss::Link));
        }
        (Content::Text { text: text.clone(), link }, marks)
    }

    fn marks(&mut self, style: &Style) -> Marks {
        if style.colour.is_some() && style.background.is_some() {
            // Notion has one of both.
            self.lose(Loss::Text(TextLoss::Colour));
        }
        Marks {
            bold: style.bold,
            italic: style.italic,
            strikethrough: style.strike,
            underline: style.underline,
            code: style.code,
            color: style.colour.map(look::words).or(style.background.map(look::ground)).unwrap_or_default(),
        }
    }
}

/// Whether a link shows no words of its own: only its address, or the key at the end of it. Words that somebody chose
/// say more than the title of a page.
fn is_bare(text: &str, link: &str) -> bool {
    let text = text.trim();
    let is_address = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
    let key = link.split(['?', '#']).next().and_then(|path| path.rsplit('/').next());
    is_address || (!text.is_empty() && key == Some(text))
}

/// Runs in lists that Notion takes, of at most so many bytes each, but for a run that alone has more. There is always one.
pub(super) fn lists(runs: Vec<RichText>, bytes: usize) -> Vec<Vec<RichText>> {
    let mut lists = vec![Vec::new()];
    let mut used = 0;
    for run in runs {
        let cost = json_bytes(&run) + 1;
        let is_full = |list: &Vec<RichText>| list.len() == ITEMS || (!list.is_empty() && used + cost > bytes);
        if lists.last().is_none_or(is_full) {
            lists.push(Vec::new());
            used = 0;
        }
        used += cost;
        if let Some(list) = lists.last_mut() {
            list.push(run);
        }
    }
    lists
}

/// Runs in lists as long as they can be.
pub(super) fn full_lists(runs: Vec<RichText>) -> Vec<Vec<RichText>> {
    lists(runs, LIST_BYTES)
}

/// The units of a run in a place where there is room for all.
pub(super) const FULL: usize = UNITS;

/// How long a value is when it is sent.
pub(super) fn json_bytes(value: &impl serde::Serialize) -> usize {
    serde_json::to_vec(value).map_or(0, |json| json.len())
}
