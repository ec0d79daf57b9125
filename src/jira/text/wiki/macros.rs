//! Macros that frame or style other text: `{quote}` once opens, once more closes.

use super::super::builder::Level;
use super::super::tree::{BlockKind, Colour, Loss, Role, Style, Tone};
use super::super::work;
use super::Reader;

/// Macros that wait for their end. Each kind has a stack of its own: an end finds its beginning without a search, however
/// many others stand open.
#[derive(Default)]
pub(super) struct Macros {
    /// As many as can stand within each other; and those of earlier cells, until their row ends.
    frames: Vec<Frame>,
    /// The colours around the coloured texts.
    colours: Vec<Option<Colour>>,
    /// How many of those stand open that only arrange text beside other text.
    sections: usize,
    columns: usize,
}

/// A macro whose text stands in a frame, with list items of its own from this one on.
struct Frame {
    name: &'static str,
    level: Level,
    first_item: usize,
}

impl Macros {
    /// Items within the innermost frame begin here.
    pub(super) fn first_item(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.first_item)
    }

    /// Forgets the frames that closed with this one.
    pub(super) fn forget(&mut self, level: Level) {
        work::done(self.frames.len());
        self.frames.retain(|frame| frame.level < level);
    }

    fn arranging(&mut self, name: &str) -> &mut usize {
        if name == "section" { &mut self.sections } else { &mut self.columns }
    }
}

/// Macros with an end of their own.
const PAIRED: [&str; 10] = ["quote", "panel", "info", "tip", "note", "warning", "expand", "color", "section", "column"];

impl Reader<'_> {
    /// Does what the inside of `{…}` says; `false` if it is no macro that we know.
    pub(super) fn do_macro(&mut self, inside: &str) -> bool {
        let (name, parameters) = inside.split_once(':').unwrap_or((inside, ""));
        if let Some(name) = PAIRED.into_iter().find(|paired| *paired == name) {
            if !parameters.is_empty() || !self.end_macro(name) {
                self.begin_macro(name, parameters);
            }
            return true;
        }
        match name {
            "anchor" => {}
            "status" => {
                let title = parameter(parameters, "title").unwrap_or_default();
                let colour = parameter(parameters, "colour").or_else(|| parameter(parameters, "color"));
                let role = Role::Status(colour.and_then(Colour::nearest));
                self.builder.atom(title, &self.style.with_role(role));
            }
            _ => return false,
        }
        true
    }

    fn begin_macro(&mut self, name: &'static str, parameters: &str) {
        let kind = match name {
            "quote" => BlockKind::Quote,
            "expand" => BlockKind::Toggle,
            "panel" => BlockKind::Callout(Tone::Plain),
            "info" => BlockKind::Callout(Tone::Info),
            "tip" => BlockKind::Callout(Tone::Tip),
            "note" => BlockKind::Callout(Tone::Note),
            "warning" => BlockKind::Callout(Tone::Warning),
            "color" => {
                self.builder.lose(Loss::Colour);
                let before = std::mem::replace(&mut self.style.colour, Colour::nearest(parameters));
                self.macros.colours.push(before);
                return;
            }
            _ => {
                self.builder.lose(Loss::Layout);
                self.builder.end_paragraph();
                *self.macros.arranging(name) += 1;
                return;
            }
        };
        if ["borderColor=", "bgColor=", "titleBGColor="].iter().any(|colour| parameters.contains(colour)) {
            self.builder.lose(Loss::Colour);
        }
        let level = self.builder.open(kind);
        self.macros.frames.push(Frame { name, level, first_item: self.items.len() });
        let title = parameter(parameters, "title").or(Some(parameters).filter(|_| name == "expand"));
        let bold = Style { bold: name != "expand", ..Style::default() };
        self.builder.text(title.unwrap_or_default(), &bold);
        self.builder.end_paragraph();
    }

    /// Ends the innermost macro of this name; `false` if none stands open.
    fn end_macro(&mut self, name: &str) -> bool {
        match name {
            "color" => match self.macros.colours.pop() {
                Some(before) => self.style.colour = before,
                None => return false,
            },
            "section" | "column" => {
                let open = self.macros.arranging(name);
                let Some(left) = open.checked_sub(1) else { return false };
                *open = left;
                self.builder.end_paragraph();
            }
            _ => {
                let Some(index) = self.macros.frames.iter().rposition(|frame| frame.name == name) else { return false };
                work::done(self.macros.frames.len() - index);
                let level = self.macros.frames.remove(index).level;
                self.close(level);
            }
        }
        true
    }
}

fn parameter<'t>(parameters: &'t str, name: &str) -> Option<&'t str> {
    parameters.split('|').find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='))
}
