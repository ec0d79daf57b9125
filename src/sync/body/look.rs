//! Signs of callouts, and Notion's colours for those of Jira.

use crate::jira::text::{Colour, Tone};
use crate::notion::rich_text::Color;

/// The emoji and the ground of a callout.
pub(super) fn callout(tone: Tone) -> (&'static str, Color) {
    match tone {
        Tone::Plain => ("📌", Color::GrayBackground),
        Tone::Info => ("ℹ️", Color::BlueBackground),
        Tone::Note => ("📝", Color::PurpleBackground),
        Tone::Tip => ("💡", Color::GreenBackground),
        Tone::Success => ("✅", Color::GreenBackground),
        Tone::Warning => ("⚠️", Color::YellowBackground),
        Tone::Error => ("⛔", Color::RedBackground),
        Tone::Decision => ("✔️", Color::GrayBackground),
    }
}

/// The colour of words.
pub(super) fn words(colour: Colour) -> Color {
    match colour {
        Colour::Gray => Color::Gray,
        Colour::Brown => Color::Brown,
        Colour::Orange => Color::Orange,
        Colour::Yellow => Color::Yellow,
        Colour::Green => Color::Green,
        Colour::Blue => Color::Blue,
        Colour::Purple => Color::Purple,
        Colour::Pink => Color::Pink,
        Colour::Red => Color::Red,
    }
}

/// The colour of the ground behind words.
pub(super) fn ground(colour: Colour) -> Color {
    match colour {
        Colour::Gray => Color::GrayBackground,
        Colour::Brown => Color::BrownBackground,
        Colour::Orange => Color::OrangeBackground,
        Colour::Yellow => Color::YellowBackground,
        Colour::Green => Color::GreenBackground,
        Colour::Blue => Color::BlueBackground,
        Colour::Purple => Color::PurpleBackground,
        Colour::Pink => Color::PinkBackground,
        Colour::Red => Color::RedBackground,
    }
}
