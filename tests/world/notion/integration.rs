//! What somebody types into Notion's forms to register an integration (notion-link-preview §2).

use regex::{Captures, Regex};
use serde_json::{Value, json};
use url::{Host, Url};

/// A public integration, with or without link previews.
#[derive(Clone, Debug)]
pub struct Integration {
    /// As in "Connect to Jira".
    pub name: String,
    /// Id and secret that Notion gives out.
    pub client: (String, String),
    /// Of its own OAuth; matched exactly.
    pub redirect_uris: Vec<String>,
    pub link_preview: Option<LinkPreview>,
}

/// The two forms of §2.1 and §2.2.
#[derive(Clone, Debug)]
pub struct LinkPreview {
    pub authorize_url: String,
    pub token_url: String,
    pub deleted_token_url: Option<String>,
    /// Id and secret that the gateway gives out.
    pub client: (String, String),
    pub scope: Option<String>,
    /// Blank while OAuth is being set up.
    pub unfurl_url: Option<String>,
    /// The one root domain, taken as proven.
    pub domain: String,
    pub rules: Vec<Rule>,
}

/// Which URLs are meant, and what is shown until the gateway has answered.
#[derive(Clone, Debug)]
pub struct Rule {
    pub name: String,
    pub samples: Vec<String>,
    pub pattern: String,
    /// Attributes with `$<group>` in their texts.
    pub placeholder: Vec<Value>,
}

impl LinkPreview {
    /// The routes of a gateway at this address, and links of one Jira.
    pub fn of_gateway(gateway: &str, client: (&str, &str), jira: &str) -> Self {
        let host = Url::parse(jira).ok().and_then(|url| url.host_str().map(str::to_owned));
        Self {
            authorize_url: format!("{gateway}/notion/authorize"),
            token_url: format!("{gateway}/notion/token"),
            deleted_token_url: Some(format!("{gateway}/notion/deleted-token")),
            client: (client.0.to_owned(), client.1.to_owned()),
            scope: Some("unfurl user_name".into()),
            unfurl_url: Some(format!("{gateway}/notion/unfurl")),
            domain: host.unwrap_or_default(),
            rules: vec![Rule::issues_of(jira), Rule::anything_of(jira)],
        }
    }

    /// What the form says when it is saved.
    pub fn check(&self) -> Result<(), String> {
        for rule in &self.rules {
            let pattern = Regex::new(&rule.pattern)
                .map_err(|_| format!("{}: the pattern is no regular expression", rule.name))?;
            for sample in &rule.samples {
                if !pattern.is_match(sample) {
                    return Err(format!("{}: the pattern misses {sample}", rule.name));
                }
                if !self.owns(sample) {
                    return Err(format!("{}: {sample} is not below {}", rule.name, self.domain));
                }
            }
        }
        Ok(())
    }

    /// Whether a URL lies at the root domain or below it.
    fn owns(&self, uri: &str) -> bool {
        let Ok(url) = Url::parse(uri) else { return false };
        match url.host() {
            Some(Host::Domain(host)) => host == self.domain || host.ends_with(&format!(".{}", self.domain)),
            Some(host) => host.to_string() == self.domain,
            None => false,
        }
    }

    /// The placeholder of a URL that is meant.
    pub fn placeholder(&self, uri: &str) -> Option<Vec<Value>> {
        if !self.owns(uri) {
            return None;
        }
        self.rules.iter().find_map(|rule| {
            let pattern = Regex::new(&rule.pattern).ok()?;
            let found = pattern.captures(uri)?;
            Some(rule.placeholder.iter().map(|it| filled(it, &pattern, &found)).collect())
        })
    }
}

impl Rule {
    /// The proposal of §8.
    pub fn issues_of(jira: &str) -> Self {
        Self {
            name: "issue".into(),
            samples: vec![format!("{jira}/browse/OPS-7"), format!("{jira}/browse/OPS-7?focusedCommentId=1")],
            pattern: format!(r"^(?<site>{})\/browse\/(?<key>[A-Z][A-Z0-9_]+-\d+)(?:[\/?#].*)?$", regex::escape(jira)),
            placeholder: vec![title("$<key>")],
        }
    }

    /// Everything else of a Jira.
    pub fn anything_of(jira: &str) -> Self {
        Self {
            name: "anything".into(),
            samples: vec![format!("{jira}/projects/OPS"), format!("{jira}/issues/?filter=10010")],
            pattern: format!(r"^{}\/.+$", regex::escape(jira)),
            placeholder: vec![title("Jira")],
        }
    }
}

fn title(value: &str) -> Value {
    json!({"id": "title", "name": "Title", "type": "inline", "inline": {"title": {"value": value, "section": "title"}}})
}

/// The same with `$<group>` replaced in all texts.
fn filled(value: &Value, pattern: &Regex, found: &Captures<'_>) -> Value {
    match value {
        Value::String(text) => {
            let names = pattern.capture_names().flatten();
            let fill = |text: String, name: &str| {
                text.replace(&format!("$<{name}>"), found.name(name).map_or("", |it| it.as_str()))
            };
            Value::String(names.fold(text.clone(), fill))
        }
        Value::Array(all) => all.iter().map(|it| filled(it, pattern, found)).collect(),
        Value::Object(all) => all.iter().map(|(name, it)| (name.clone(), filled(it, pattern, found))).collect(),
        other => other.clone(),
    }
}
