//! What a reader of a page sees, as values (notion-link-preview §6).

use serde_json::Value;

use super::Notion;
use super::state::{As, PageId, PreviewId};
use super::validator::Problem;

/// One preview or mention. Everybody who may look at the page sees the same.
#[derive(Clone, Debug)]
pub struct Rendered {
    pub id: PreviewId,
    pub uri: String,
    pub kind: As,
    /// Of the placeholder, as long as nothing was unfurled.
    pub attributes: Vec<Value>,
    pub is_placeholder: bool,
    /// The button of a placeholder: "Connect to Jira".
    pub connect: Option<String>,
    pub error: Option<Problem>,
}

impl Rendered {
    /// The text of the attribute with this id; a colour has none.
    pub fn text(&self, id: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it["id"] == id).and_then(value)
    }

    pub fn title(&self) -> &str {
        self.in_section("title").next().and_then(value).unwrap_or_default()
    }

    pub fn status(&self) -> Option<&str> {
        self.text("status")
    }

    /// The left side of a mention.
    pub fn identifier(&self) -> Option<&str> {
        self.in_section("identifier").find_map(value)
    }

    /// Attributes of a section, in their order.
    pub fn in_section<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        self.attributes.iter().filter(move |it| section(it) == name)
    }

    /// The words of an error, as people see them.
    pub fn message(&self) -> Option<&'static str> {
        self.error.as_ref().map(|problem| match problem.status {
            401 | 403 => "Access denied",
            404 => "Content not found",
            _ => "Can't load preview",
        })
    }

    /// Inline: identifier and title.
    pub fn mention(&self) -> String {
        self.identifier().into_iter().chain([self.title()]).collect::<Vec<_>>().join(" ")
    }
}

/// The sub-type of an attribute and what stands in it.
pub fn inner(attribute: &Value) -> Option<(&str, &Value)> {
    let (name, inner) = attribute["inline"].as_object()?.iter().next()?;
    Some((name, inner))
}

pub fn value(attribute: &Value) -> Option<&str> {
    inner(attribute)?.1["value"].as_str()
}

fn section(attribute: &Value) -> &str {
    if let Some((_, inner)) = inner(attribute) {
        return inner["section"].as_str().unwrap_or_default();
    }
    let embed = attribute["embed"].as_object();
    embed.and_then(|it| it.values().find_map(|it| it["section"].as_str())).unwrap_or_default()
}

impl Notion {
    /// The previews and mentions of a page, in the order in which they were pasted.
    pub fn rendered(&self, page: PageId) -> Vec<Rendered> {
        self.state(|state| {
            let workspace = state.pages[page.0].workspace;
            let own = state.previews.iter().filter(|it| it.page == page);
            own.map(|it| {
                let object = state.objects.get(&(workspace, it.uri.clone())).cloned();
                let (integration, placeholder) = state.unfurls(&it.uri).expect("it was pasted as a preview");
                let is_placeholder = object.is_none();
                let object = object.unwrap_or_default();
                Rendered {
                    id: it.id,
                    uri: it.uri.clone(),
                    kind: it.kind,
                    attributes: if is_placeholder { placeholder } else { object.attributes.unwrap_or_default() },
                    is_placeholder,
                    connect: is_placeholder.then(|| format!("Connect to {}", integration.name)),
                    error: object.error,
                }
            })
            .collect()
        })
    }
}
