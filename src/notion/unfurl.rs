//! What a Link Preview is made of (notion-link-preview §4E, §5). Pure.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

/// The answer about one link, and what is pushed when it has changed.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Unfurled<'a> {
    /// Byte for byte as Notion wrote it.
    pub uri: &'a str,
    pub operations: &'a [Operation],
}

/// What Notion is to do with what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Show these, and nothing of what was there before.
    Attributes(Vec<Attribute>),
    /// Say why there is nothing to show.
    Error {
        /// As of HTTP, 400 to 599.
        status: u16,
        message: Cow<'static, str>,
    },
}

#[derive(Serialize)]
struct ErrorJson<'a> {
    status: u16,
    message: &'a str,
}

impl Serialize for Operation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut operation = serializer.serialize_struct("Operation", 2)?;
        match self {
            Self::Attributes(attributes) => {
                operation.serialize_field("path", &["attributes"])?;
                operation.serialize_field("set", attributes)?;
            }
            Self::Error { status, message } => {
                operation.serialize_field("path", &["error"])?;
                operation.serialize_field("set", &ErrorJson { status: *status, message })?;
            }
        }
        operation.end()
    }
}

/// One attribute object of §5.1; always of type `inline`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attribute {
    pub id: String,
    pub name: Cow<'static, str>,
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub inline: Inline,
}

/// The sub-types that we send.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Inline {
    Title {
        value: String,
        section: Section,
    },
    PlainText {
        value: String,
        section: Section,
    },
    Datetime {
        value: String,
        section: Section,
    },
    Enum {
        value: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        color: Option<Rgb>,
        section: Section,
    },
}

/// Where an attribute shows (§5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    Title,
    Identifier,
    Primary,
    Secondary,
    Body,
}

/// A colour; each part 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rgb {
    pub r: u8,
    pub g: u8,
    pub b: u8,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The samples of the documentation, minified (§4E).
    #[test]
    fn operations_have_the_documented_form() {
        let uri = "http://example.com/file/123";
        let title = Inline::Title { value: "The Link Preview's Title".to_owned(), section: Section::Title };
        let title = Attribute { id: "title".to_owned(), name: "Title".into(), kind: "inline", inline: title };
        let table = [
            (
                Operation::Attributes(vec![title]),
                r#"{"uri":"http://example.com/file/123","operations":[{"path":["attributes"],"set":[{"id":"title","name":"Title","type":"inline","inline":{"title":{"value":"The Link Preview's Title","section":"title"}}}]}]}"#,
            ),
            (
                Operation::Error { status: 404, message: "Content not found".into() },
                r#"{"uri":"http://example.com/file/123","operations":[{"path":["error"],"set":{"status":404,"message":"Content not found"}}]}"#,
            ),
        ];
        for (operation, expected) in table {
            assert_eq!(serde_json::to_string(&Unfurled { uri, operations: &[operation] }).unwrap(), expected);
        }
    }
}
