//! One request and its answer as plain values, so that all of Jira's behaviour can be written without `async`.

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

/// At which door a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// The address that people use.
    Site,
    /// Atlassian's API host; the path below `/ex/jira/{cloudId}` is meant.
    Api,
    /// Atlassian's authorization server, where no Jira answers.
    Auth,
}

/// What Atlassian's API host found out about a bearer token before it passed a call on to a site.
#[derive(Clone, Debug)]
pub struct Granted {
    pub email: String,
    pub scopes: Vec<String>,
    /// Id and secret of the app.
    pub app: (String, String),
}

#[derive(Clone, Debug)]
pub struct Asked {
    pub door: Door,
    pub method: String,
    /// As on the wire, without the query.
    pub path: String,
    pub query: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Never from the wire.
    pub granted: Option<Granted>,
}

impl Asked {
    /// What nobody asked.
    pub fn nothing() -> Self {
        let (method, path, query) = Default::default();
        Self { door: Door::Site, method, path, query, headers: Vec::new(), body: Vec::new(), granted: None }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
    }

    /// The first value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.parameters(name).into_iter().next()
    }

    pub fn parameters(&self, name: &str) -> Vec<String> {
        form(&self.query).into_iter().filter(|(it, _)| it == name).map(|(_, value)| value).collect()
    }

    /// Whether this text stands anywhere in the request.
    pub fn contains(&self, secret: &str) -> bool {
        self.path.contains(secret)
            || self.query.contains(secret)
            || self.headers.iter().any(|(_, value)| value.contains(secret))
            || String::from_utf8_lossy(&self.body).contains(secret)
    }

    /// A field of a form in the body; empty when it is missing.
    pub fn field(&self, name: &str) -> String {
        self.fields(name).into_iter().next().unwrap_or_default()
    }

    pub fn fields(&self, name: &str) -> Vec<String> {
        let all = form(&String::from_utf8_lossy(&self.body));
        all.into_iter().filter(|(it, _)| it == name).map(|(_, value)| value).collect()
    }

    pub fn accepts_html(&self) -> bool {
        self.header("accept").is_some_and(|accept| accept.contains("text/html"))
    }
}

/// `a=b&c=d`
pub fn form(text: &str) -> Vec<(String, String)> {
    let decode = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

/// The segments of a path, decoded.
pub fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect()
}

#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, headers: vec![("content-type".into(), content_type.into())], body: body.into() }
    }

    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json;charset=UTF-8", value.to_string())
    }

    pub fn ok(value: &Value) -> Self {
        Self::json(200, value)
    }

    /// Jira's usual error body.
    pub fn error(status: u16, message: &str) -> Self {
        Self::errors(status, &[message])
    }

    pub fn errors<M: AsRef<str>>(status: u16, messages: &[M]) -> Self {
        let messages: Vec<&str> = messages.iter().map(AsRef::as_ref).collect();
        Self::json(status, &json!({"errorMessages": messages, "errors": {}}))
    }

    pub fn text(status: u16, text: &str) -> Self {
        Self::new(status, "text/plain;charset=UTF-8", text)
    }

    pub fn html(status: u16, html: &str) -> Self {
        Self::new(status, "text/html;charset=UTF-8", html)
    }

    pub fn bytes(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self::new(200, content_type, body)
    }

    pub fn no_content() -> Self {
        Self { status: 204, headers: Vec::new(), body: Vec::new() }
    }

    pub fn redirect(to: &str) -> Self {
        Self { status: 302, headers: Vec::new(), body: Vec::new() }.with("location", to)
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}
