//! Drawings (SVG), written anew: only shapes, colours and what they need, from a list. Nothing of the original text is
//! passed on. What the list does not know is left out with all that it holds: scripts, events, links, foreign and
//! outside content, animations, filters, fonts.

use std::fmt::Write;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use super::LONGEST_SIDE;
use super::style::{self, Styles};

/// Besides these, `stop` within a gradient.
const ELEMENTS: &str = "svg g defs title path rect circle ellipse line polyline polygon text tspan use clipPath mask \
                        linearGradient radialGradient";
const STOP: &str = "stop";
/// Where a thing lies and how it is shaped.
const GEOMETRY: &str = "viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points offset transform \
                        gradientTransform gradientUnits spreadMethod clipPathUnits maskUnits maskContentUnits \
                        pathLength preserveAspectRatio dx dy textLength lengthAdjust";
/// How it is painted; these may stand in a style as well.
const PAINT: &str = "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin \
                     stroke-miterlimit stroke-dasharray stroke-dashoffset opacity color stop-color stop-opacity \
                     clip-path clip-rule mask display visibility font-family font-size font-weight font-style \
                     text-anchor dominant-baseline";

const DEEPEST: usize = 32;
const MOST_ELEMENTS: usize = 2_000;
/// Things that draw another thing once more. Each may draw others in turn, so that few of them make many.
const MOST_COPIES: usize = 8;

/// The drawing with nothing in it but what the lists know; `None` for what is no drawing or cannot be drawn without
/// more than that.
pub(super) fn clean(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut drawing = Drawing::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => drawing.open(&start, false)?,
            Event::Empty(start) => drawing.open(&start, true)?,
            Event::End(_) => drawing.close()?,
            Event::Text(text) => drawing.text(&text)?,
            Event::CData(text) => drawing.text(&text)?,
            Event::GeneralRef(name) => drawing.text(&unescape(&format!("&{};", &*name)).ok()?)?,
            // Its own entities may stand for anything.
            Event::DocType(text) if text.contains('[') => return None,
            Event::DocType(_) | Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return drawing.finished(),
        }
    }
}

#[derive(Default)]
struct Drawing {
    out: String,
    /// The elements that are open in `out`.
    path: Vec<&'static str>,
    /// How many elements are open inside of one that is left out, itself included.
    left_out: usize,
    elements: usize,
    copies: usize,
    /// The style sheet that is being read.
    sheet: Option<String>,
    styles: Styles,
    is_closed: bool,
}

/// The word as the list writes it.
fn listed(list: &'static str, word: &str) -> Option<&'static str> {
    list.split(' ').find(|it| *it == word)
}

impl Drawing {
    fn open(&mut self, start: &BytesStart<'_>, is_empty: bool) -> Option<()> {
        self.elements += 1;
        let too_deep = self.path.len() + self.left_out >= DEEPEST;
        if self.elements > MOST_ELEMENTS || too_deep || self.is_closed || self.sheet.is_some() {
            return None;
        }
        if self.left_out > 0 {
            self.left_out += usize::from(!is_empty);
            return Some(());
        }
        let name = start.name().0;
        if name == "style" && !self.path.is_empty() {
            self.sheet = (!is_empty).then(String::new);
            return Some(());
        }
        let known = self.known(name);
        if self.path.is_empty() && known != Some("svg") {
            return None;
        }
        let Some(name) = known else {
            self.left_out = usize::from(!is_empty);
            return Some(());
        };
        self.copies += usize::from(name == "use");
        self.out.push('<');
        self.out.push_str(name);
        if self.path.is_empty() {
            self.out.push_str(r#" xmlns="http://www.w3.org/2000/svg""#);
        }
        self.attributes(start)?;
        if self.copies > MOST_COPIES {
            return None;
        }
        self.out.push_str(if is_empty { "/>" } else { ">" });
        match is_empty {
            true => self.is_closed = self.path.is_empty(),
            false => self.path.push(name),
        }
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        if self.left_out > 0 {
            self.left_out -= 1;
        } else if let Some(sheet) = self.sheet.take() {
            self.styles.read(&sheet)?;
        } else if let Some(name) = self.path.pop() {
            // Writing into memory does not fail.
            let _ = write!(self.out, "</{name}>");
            self.is_closed = self.path.is_empty();
        }
        Some(())
    }

    /// Text shows only where a drawing has letters.
    fn text(&mut self, text: &str) -> Option<()> {
        if let Some(sheet) = &mut self.sheet {
            sheet.push_str(text);
            return Some(());
        }
        let shows = self.left_out == 0 && matches!(self.path.last(), Some(&("text" | "tspan" | "title")));
        if shows {
            escape(text, &mut self.out);
        }
        (shows || !self.path.is_empty() || text.trim().is_empty()).then_some(())
    }

    fn finished(self) -> Option<String> {
        self.is_closed.then_some(self.out)
    }

    /// The name as the list writes it, if it may stand here.
    fn known(&self, name: &str) -> Option<&'static str> {
        match self.path.last() {
            Some(&("linearGradient" | "radialGradient")) => (name == STOP).then_some(STOP),
            _ => listed(ELEMENTS, name),
        }
    }

    /// A style stands above an attribute, and of two styles the later one counts (CSS Cascade §6).
    fn attributes(&mut self, start: &BytesStart<'_>) -> Option<()> {
        let mut told: Vec<(&str, String)> = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            told.push((attribute.key.0, unescape(&attribute.value).ok()?.trim().to_owned()));
        }
        let of = |name: &str| told.iter().find(|(it, _)| *it == name).map_or("", |(_, value)| value.as_str());
        let mut written: Vec<&str> = Vec::new();
        let classes = self.styles.of_classes(of("class"));
        let styles: Vec<(&str, &str)> = style::declarations(&classes).chain(style::declarations(of("style"))).collect();
        for (name, value) in styles.into_iter().rev() {
            if let Some(name) = listed(PAINT, name).filter(|name| self.is_harmless(name, value)) {
                self.attribute(&mut written, name, value);
            }
        }
        for (name, value) in &told {
            match *name {
                "id" if is_name(value) => self.attribute(&mut written, "id", value),
                "href" | "xlink:href" if value.strip_prefix('#').is_some_and(is_name) => {
                    self.attribute(&mut written, "href", value);
                }
                "width" | "height" if self.path.is_empty() && !is_sane_side(value) => {}
                name => {
                    let known = listed(GEOMETRY, name).or_else(|| listed(PAINT, name));
                    if let Some(name) = known.filter(|name| self.is_harmless(name, value)) {
                        self.attribute(&mut written, name, value);
                    }
                }
            }
        }
        Some(())
    }

    fn attribute(&mut self, written: &mut Vec<&'static str>, name: &'static str, value: &str) {
        if written.contains(&name) {
            return;
        }
        written.push(name);
        let _ = write!(self.out, " {name}=\"");
        escape(value, &mut self.out);
        self.out.push('"');
    }

    /// Numbers, colours, words, lists and simple functions of them; the address of a thing in this drawing where one is
    /// meant.
    fn is_harmless(&mut self, name: &str, value: &str) -> bool {
        if let Some(id) = value.strip_prefix("url(#").and_then(|rest| rest.strip_suffix(')')) {
            self.copies += usize::from(matches!(name, "clip-path" | "mask"));
            return matches!(name, "fill" | "stroke" | "clip-path" | "mask") && is_name(id);
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" \t\r\n#%(),.+-_".contains(&byte);
        value.bytes().all(plain) && !value.to_ascii_lowercase().contains("url")
    }
}

/// What may name a thing in a drawing.
fn is_name(text: &str) -> bool {
    (1..=100).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

fn is_sane_side(value: &str) -> bool {
    let number = value.strip_suffix("px").unwrap_or(value).parse::<f64>();
    number.is_ok_and(|side| side > 0.0 && side <= f64::from(LONGEST_SIDE))
}

/// For text and for values in double quotes. What XML 1.0 §2.2 does not allow is left out.
fn escape(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => {}
            letter => out.push(letter),
        }
    }
}
