//! Everything that was said between Notion and the gateway, with its secrets: for tests that count or look for leaks.

use super::super::jira::exchange::{Answer, Asked};

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub by: Caller,
    pub method: String,
    /// The path with its query, when the gateway calls; the whole URL when Notion does.
    pub target: String,
    /// Those that matter, names in lower case: authorization, content-type, notion-version.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// 0: there was no answer.
    pub status: u16,
    pub answer: String,
    /// Why Notion took it for wrong: the request of the gateway, or its answer.
    pub refused: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    Gateway,
    Notion,
}

impl Exchange {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// Whether it was this method at this path, whatever the query.
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method == method && self.target.split('?').next().is_some_and(|it| it.ends_with(path))
    }

    /// What the gateway asked and what it was told.
    pub fn incoming(asked: &Asked, answer: Option<&Answer>, status: u16) -> Self {
        let target = match asked.query.is_empty() {
            true => asked.path.clone(),
            false => format!("{}?{}", asked.path, asked.query),
        };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let answer = answer.map(|it| text(&it.body)).unwrap_or_default();
        Self {
            by: Caller::Gateway,
            method: asked.method.clone(),
            target,
            headers: asked.headers.iter().filter(|(name, _)| MATTER.contains(&name.as_str())).cloned().collect(),
            body: text(&asked.body),
            status,
            refused: (status >= 400).then(|| answer.clone()),
            answer,
        }
    }
}

const MATTER: [&str; 3] = ["authorization", "content-type", "notion-version"];
