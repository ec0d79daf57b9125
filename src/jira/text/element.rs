//! What the elements of HTML mean for a text: those that Jira renders, and those that people's editors leave behind.

use super::super::key::SiteUrl;
use super::address;
use super::builder::{Builder, Level};
use super::grid::Cell;
use super::signs::sign;
use super::tree::{BlockKind, Colour, Loss, Role, Style, Tone, language};

/// How many elements are remembered as open. What is nested deeper is read as if it stood there.
const DEEPEST: usize = 256;

/// The attributes of a tag.
pub(super) trait Attributes {
    fn get(&self, name: &str) -> Option<&str>;

    fn has_class(&self, class: &str) -> bool {
        self.get("class").is_some_and(|all| all.split_ascii_whitespace().any(|one| one == class))
    }
}

/// Builds the tree from tags in any order, balanced or not.
pub(super) struct Elements<'a> {
    builder: &'a mut Builder,
    site: Option<&'a SiteUrl>,
    style: Style,
    open: Vec<Element>,
    /// How many elements stand open that are not remembered.
    beyond: usize,
    /// A person's name that comes next wants its sign.
    wants_at_sign: bool,
}

struct Element {
    name: String,
    /// What closes its frame.
    level: Option<Level>,
    /// The style around it.
    before: Style,
    /// For a list: whether it counts, and the next number.
    list: Option<(bool, u64)>,
}

impl<'a> Elements<'a> {
    pub(super) fn new(builder: &'a mut Builder, site: Option<&'a SiteUrl>) -> Self {
        Self { builder, site, style: Style::default(), open: Vec::new(), beyond: 0, wants_at_sign: false }
    }

    pub(super) fn is_full(&self) -> bool {
        self.builder.is_full()
    }

    pub(super) fn lose(&mut self, loss: Loss) {
        self.builder.lose(loss);
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.builder.in_code() {
            return self.builder.text(text, &self.style);
        }
        if !text.trim().is_empty() && std::mem::take(&mut self.wants_at_sign) && !text.trim_start().starts_with('@') {
            self.builder.flowing("@", &self.style);
        }
        self.builder.flowing(text, &self.style);
    }

    pub(super) fn start(&mut self, name: &str, attributes: &impl Attributes) {
        if stands_apart(name) {
            self.builder.end_paragraph();
        }
        match name {
            "br" => self.builder.line_break(),
            "hr" => self.builder.divider(),
            "img" => self.picture(attributes),
            "input" if attributes.get("type").is_some_and(|kind| kind.eq_ignore_ascii_case("checkbox")) => {
                self.builder.tick_box(attributes.get("checked").is_some());
            }
            // They hold nothing, or end without saying so and need nothing when they do.
            "area" | "base" | "col" | "embed" | "input" | "link" | "meta" | "param" | "source" | "track" | "wbr"
            | "p" | "dt" | "dd" | "html" | "body" | "head" | "tbody" | "thead" | "tfoot" => {}
            _ => self.enter(name, attributes),
        }
    }

    fn enter(&mut self, name: &str, attributes: &impl Attributes) {
        match name {
            "li" => self.end_within(&["li"], &["ul", "ol", "table", "td", "th"]),
            "td" | "th" => self.end_within(&["td", "th"], &["table", "tr"]),
            "tr" => self.end_within(&["tr"], &["table"]),
            _ => {}
        }
        if self.open.len() >= DEEPEST {
            self.beyond += 1;
            self.builder.lose(Loss::Depth);
            return;
        }
        let before = self.style.clone();
        let mut list = None;
        let level = match name {
            "ul" | "ol" => {
                let first = attributes.get("start").and_then(|start| start.trim().parse().ok()).unwrap_or(1);
                if name == "ol" && first != 1 {
                    self.builder.lose(Loss::ListStart);
                }
                list = Some((name == "ol", first));
                let in_list = self.open.last().is_some_and(|parent| parent.list.is_some());
                in_list.then(|| self.builder.reopen_item())
            }
            "li" => {
                let kind = self.item();
                Some(self.builder.open(kind))
            }
            "table" => Some(self.builder.open_table()),
            "tr" => Some(self.builder.open_row()),
            "td" | "th" => {
                let more = |name| attributes.get(name).and_then(|it| it.trim().parse().ok()).unwrap_or(1_u64);
                Some(self.builder.open_cell(Cell {
                    is_header: name == "th",
                    more_columns: more("colspan").saturating_sub(1),
                    more_rows: more("rowspan").saturating_sub(1),
                    ..Cell::default()
                }))
            }
            _ => match block(name, attributes) {
                Some(kind) => Some(self.builder.open(kind)),
                None => {
                    self.restyle(name, attributes);
                    None
                }
            },
        };
        self.open.push(Element { name: name.to_owned(), level, before, list });
    }

    /// The kind of the next item, by the list around it.
    fn item(&mut self) -> BlockKind {
        match self.open.iter_mut().rev().find_map(|element| element.list.as_mut()) {
            Some((true, next)) => {
                let number = *next;
                *next = next.saturating_add(1);
                BlockKind::Numbered { number }
            }
            _ => BlockKind::Bulleted,
        }
    }

    fn restyle(&mut self, name: &str, attributes: &impl Attributes) {
        let style = &mut self.style;
        match name {
            "b" | "strong" => style.bold = true,
            "i" | "em" => style.italic = true,
            "del" | "s" | "strike" => style.strike = true,
            "ins" | "u" => style.underline = true,
            "code" | "tt" | "kbd" | "samp" => style.code = true,
            "sup" | "sub" | "cite" | "small" | "big" => self.builder.lose(Loss::Style),
            "a" => self.anchor(attributes),
            "div" if attributes.has_class("panelHeader") => style.bold = true,
            "span" if attributes.has_class("aui-lozenge") => style.role = Role::Status(lozenge(attributes)),
            "font" | "span" => {
                let colour = attributes.get("color").or_else(|| {
                    let rules = attributes.get("style")?.split(';');
                    rules.filter_map(|rule| rule.split_once(':')).find(|(key, _)| key.trim() == "color").map(|it| it.1)
                });
                if let Some(colour) = colour {
                    self.builder.lose(Loss::Colour);
                    style.colour = Colour::nearest(colour);
                }
            }
            _ => {}
        }
    }

    fn anchor(&mut self, attributes: &impl Attributes) {
        if attributes.has_class("user-hover") {
            let id = ["data-account-id", "accountid", "data-username", "rel"];
            let id = id.into_iter().find_map(|name| attributes.get(name)).filter(|id| id.len() <= 200);
            self.style.role = id.map_or(Role::Words, |id| Role::Mention { id: id.into() });
            self.wants_at_sign = true;
            return;
        }
        let Some(href) = attributes.get("href").filter(|href| !href.starts_with('#')) else { return };
        self.style.link = address::safe(href, self.site);
        if is_attachment(href) {
            self.style.role = Role::Attachment;
        } else if self.style.link.is_none() {
            self.builder.lose(Loss::Link);
        }
    }

    fn picture(&mut self, attributes: &impl Attributes) {
        let alt = attributes.get("alt").filter(|alt| !alt.trim().is_empty());
        if let Some(sign) = alt.and_then(sign) {
            return self.builder.flowing(sign, &self.style);
        }
        if attributes.has_class("rendericon") {
            return;
        }
        let source = attributes.get("src").unwrap_or_default();
        // What a picture links to may tell its name where the picture does not.
        let named = match &self.style {
            Style { role: Role::Attachment, link: Some(link), .. } => link.clone(),
            _ => source.into(),
        };
        let link = address::safe(source, self.site);
        if link.is_none() && !is_attachment(source) {
            self.builder.lose(Loss::Media);
            return self.builder.atom(alt.unwrap_or("[image]"), &self.style);
        }
        let role = if is_attachment(source) { Role::Attachment } else { Role::Image };
        let style = Style { link, role, ..Style::default() };
        self.builder.atom(alt.unwrap_or(&address::file_name(&named)), &style);
    }

    pub(super) fn end(&mut self, name: &str) {
        if stands_apart(name) {
            self.builder.end_paragraph();
        }
        match name {
            "br" => self.builder.line_break(),
            "p" | "dt" | "dd" | "html" | "body" | "head" | "tbody" | "thead" | "tfoot" => {}
            _ if self.beyond > 0 => self.beyond -= 1,
            "td" | "th" | "tr" | "table" => self.end_within(&[name], &["table"]),
            _ => self.end_within(&[name], &["td", "th", "table"]),
        }
    }

    /// Ends the innermost of such elements with all that it holds, if no wall is around a nearer one.
    fn end_within(&mut self, names: &[&str], walls: &[&str]) {
        let near =
            self.open.iter().rposition(|it| names.contains(&it.name.as_str()) || walls.contains(&it.name.as_str()));
        let found = near.filter(|&index| names.contains(&self.open[index].name.as_str()));
        if let Some(index) = found {
            self.end_down_to(index);
        }
    }

    fn end_down_to(&mut self, index: usize) {
        while self.open.len() > index
            && let Some(element) = self.open.pop()
        {
            if stands_apart(&element.name) {
                self.builder.end_paragraph();
            }
            if let Some(level) = element.level {
                self.builder.close(level);
            }
            self.style = element.before;
            self.wants_at_sign = false;
        }
    }
}

/// Elements that are blocks of their own.
fn block(name: &str, attributes: &impl Attributes) -> Option<BlockKind> {
    Some(match name {
        "h1" => BlockKind::Heading { level: 1 },
        "h2" => BlockKind::Heading { level: 2 },
        "h3" => BlockKind::Heading { level: 3 },
        "h4" => BlockKind::Heading { level: 4 },
        "h5" => BlockKind::Heading { level: 5 },
        "h6" => BlockKind::Heading { level: 6 },
        "blockquote" => BlockKind::Quote,
        "details" => BlockKind::Toggle,
        "pre" => {
            let classes = attributes.get("class").unwrap_or_default().split_ascii_whitespace();
            let prefixes = ["code-", "language-", "lang-"];
            let named = |class: &str| prefixes.iter().find_map(|it| class.strip_prefix(it)).and_then(language);
            BlockKind::Code { language: { classes }.find_map(named) }
        }
        // Panels around code only draw its frame.
        "div"
            if attributes.has_class("panel") && !["code", "preformatted"].iter().any(|it| attributes.has_class(it)) =>
        {
            BlockKind::Callout(Tone::Plain)
        }
        _ => return None,
    })
}

fn lozenge(attributes: &impl Attributes) -> Option<Colour> {
    let colours = [
        ("aui-lozenge-success", Colour::Green),
        ("aui-lozenge-error", Colour::Red),
        ("aui-lozenge-current", Colour::Yellow),
        ("aui-lozenge-complete", Colour::Blue),
    ];
    colours.into_iter().find(|(class, _)| attributes.has_class(class)).map(|(_, colour)| colour)
}

fn is_attachment(address: &str) -> bool {
    ["/secure/attachment/", "/secure/thumbnail/", "/attachment/content/", "/attachment/thumbnail/"]
        .iter()
        .any(|path| address.contains(path))
}

/// Whether an element is not part of the words around it.
fn stands_apart(name: &str) -> bool {
    const INLINE: [&str; 31] = [
        "a", "abbr", "b", "big", "br", "cite", "code", "del", "em", "font", "html", "i", "img", "input", "ins", "kbd",
        "label", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "wbr",
    ];
    !INLINE.contains(&name)
}
