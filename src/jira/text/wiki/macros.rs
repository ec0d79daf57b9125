//! Macros that frame or style other text: `{quote}` once opens, once more closes.

use super::super::builder::Level;
use super::super::tree::{BlockKind, Colour, Loss, Role, Style, Tone};
use super::Reader;

/// A macro that waits for its end.
pub(super) struct Macro {
    name: &'static str,
    does: Does,
}

enum Does {
    /// Its text stands in a frame, with list items of its own from this one on.
    Frame(Level, usize),
    /// Its text has a colour; the one before comes back.
    Colour(Option<Colour>),
    /// It arranges text beside other text.
    Nothing,
}

impl Macro {
    pub(super) fn level(&self) -> Option<Level> {
        if let Does::Frame(level, _) = self.does { Some(level) } else { None }
    }

    pub(super) fn first_item(&self) -> Option<usize> {
        if let Does::Frame(_, first) = self.does { Some(first) } else { None }
    }
}

/// Macros with an end of their own.
const PAIRED: [&str; 10] = ["quote", "panel", "info", "tip", "note", "warning", "expand", "color", "section", "column"];

impl Reader<'_> {
    /// Does what the inside of `{…}` says; `false` if it is no macro that we know.
    pub(super) fn do_macro(&mut self, inside: &str) -> bool {
        let (name, parameters) = inside.split_once(':').unwrap_or((inside, ""));
        if let Some(name) = PAIRED.into_iter().find(|paired| *paired == name) {
            let is_open = self.macros.iter().rposition(|it| it.name == name);
            match is_open.filter(|_| parameters.is_empty()) {
                Some(index) => self.end_macro(index),
                None => self.begin_macro(name, parameters),
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
                self.macros.push(Macro { name, does: Does::Colour(before) });
                return;
            }
            _ => {
                self.builder.lose(Loss::Layout);
                self.builder.end_paragraph();
                self.macros.push(Macro { name, does: Does::Nothing });
                return;
            }
        };
        if ["borderColor=", "bgColor=", "titleBGColor="].iter().any(|colour| parameters.contains(colour)) {
            self.builder.lose(Loss::Colour);
        }
        let level = self.builder.open(kind);
        self.macros.push(Macro { name, does: Does::Frame(level, self.items.len()) });
        let title = parameter(parameters, "title").or(Some(parameters).filter(|_| name == "expand"));
        let bold = Style { bold: name != "expand", ..Style::default() };
        self.builder.text(title.unwrap_or_default(), &bold);
        self.builder.end_paragraph();
    }

    fn end_macro(&mut self, index: usize) {
        match self.macros.remove(index).does {
            Does::Frame(level, _) => self.close(level),
            Does::Colour(before) => self.style.colour = before,
            Does::Nothing => self.builder.end_paragraph(),
        }
    }
}

fn parameter<'t>(parameters: &'t str, name: &str) -> Option<&'t str> {
    parameters.split('|').find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix('='))
}
