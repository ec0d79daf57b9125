//! Long text, kept once and shown as Jira's dialects show it: ADF, wiki markup, rendered HTML.

use serde_json::{Value, json};

/// A description.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// Plain paragraphs, one per line.
    Paragraphs(Vec<String>),
    /// The three forms as given.
    Given { adf: Value, wiki: String, html: String },
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Paragraphs(text.lines().map(str::to_owned).collect())
    }
}

impl Text {
    pub fn adf(&self) -> Value {
        match self {
            Self::Given { adf, .. } => adf.clone(),
            Self::Paragraphs(lines) => {
                let content: Vec<Value> = lines
                    .iter()
                    .map(|line| match line.is_empty() {
                        true => json!({"type": "paragraph"}),
                        false => json!({"type": "paragraph", "content": [{"type": "text", "text": line}]}),
                    })
                    .collect();
                json!({"type": "doc", "version": 1, "content": content})
            }
        }
    }

    pub fn wiki(&self) -> String {
        match self {
            Self::Given { wiki, .. } => wiki.clone(),
            Self::Paragraphs(lines) => lines.join("\r\n\r\n"),
        }
    }

    pub fn html(&self) -> String {
        match self {
            Self::Given { html, .. } => html.clone(),
            Self::Paragraphs(lines) => {
                lines.iter().map(|line| format!("<p>{}</p>", escape(line))).collect::<Vec<_>>().join("\n\n")
            }
        }
    }
}

pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
