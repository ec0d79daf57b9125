//! A URL taken apart into what routes look at: decoded path segments, decoded parameters, the fragment.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::{Url, form_urlencoded};

use super::key;
use super::text::is_invisible;

/// The longest name that DNS knows.
const LONGEST_HOST: usize = 253;

/// One URL, taken apart.
pub(super) struct Address<'u> {
    pub url: &'u Url,
    /// Lower case, without the dot that may end it.
    pub host: &'u str,
    /// Empty ones are dropped, so doubled and trailing slashes mean nothing.
    pub segments: Vec<Segment<'u>>,
    pub parameters: Parameters<'u>,
    pub fragment: &'u str,
}

/// One part of the path.
pub(super) struct Segment<'u> {
    /// As it stands in the address, without a session id behind a semicolon.
    pub raw: &'u str,
    /// Decoded; empty when the percent-encoding is broken, which matches nothing.
    pub text: Cow<'u, str>,
}

impl<'u> Address<'u> {
    /// `None` for addresses that are not of the web.
    pub fn new(url: &'u Url) -> Option<Self> {
        if !matches!(url.scheme(), "https" | "http") {
            return None;
        }
        let host = url.host_str()?;
        let host = host.strip_suffix('.').unwrap_or(host);
        if host.is_empty() || host.len() > LONGEST_HOST {
            return None;
        }
        Some(Self {
            url,
            host,
            segments: url
                .path()
                .split('/')
                .map(without_session)
                .filter(|raw| !raw.is_empty())
                .map(Segment::new)
                .collect(),
            parameters: Parameters::parse(url.query().unwrap_or_default()),
            fragment: url.fragment().unwrap_or_default(),
        })
    }
}

impl<'u> Segment<'u> {
    fn new(raw: &'u str) -> Self {
        let text = if raw.contains('%') { Cow::Owned(decode(raw).unwrap_or_default()) } else { Cow::Borrowed(raw) };
        Self { raw, text }
    }

    /// Whether the segment is this route word. Servers differ about letter case, so any case is read.
    pub fn is(&self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word)
    }
}

/// The parameters of a query, form-decoded.
pub(super) struct Parameters<'u>(Vec<(Cow<'u, str>, Cow<'u, str>)>);

impl<'u> Parameters<'u> {
    pub fn parse(query: &'u str) -> Self {
        if query.is_empty() { Self(Vec::new()) } else { Self(form_urlencoded::parse(query.as_bytes()).collect()) }
    }

    /// The last value that is not blank, as it was written; the case of the name is free.
    pub fn get(&self, name: &str) -> Option<&str> {
        let values = self.0.iter().rev().filter(|(given, _)| given.eq_ignore_ascii_case(name));
        values.map(|(_, value)| value.as_ref()).find(|value| !value.trim().is_empty())
    }

    /// The same without blanks and invisible characters around it: keys, numbers, words.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.get(name).map(|value| value.trim_matches(|c: char| c.is_whitespace() || is_invisible(c)))
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.word(name).and_then(key::number_of)
    }

    /// The first of these names that holds a number.
    pub fn number_in(&self, names: &[&str]) -> Option<u64> {
        names.iter().find_map(|name| self.number(name))
    }

    /// Whether the name is there at all, with or without a value.
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(given, _)| given.eq_ignore_ascii_case(name))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Strict percent-decoding; `None` when a `%` is not followed by two hexadecimal digits or the bytes are not UTF-8.
fn decode(raw: &str) -> Option<String> {
    let bytes = raw.as_bytes();
    let is_hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    if bytes.iter().enumerate().any(|(at, &byte)| byte == b'%' && !(is_hex(at + 1) && is_hex(at + 2))) {
        return None;
    }
    let text = percent_decode_str(raw).decode_utf8().ok()?;
    Some(text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c)).to_owned())
}

/// Servlet containers put the session id behind a semicolon; it is a secret and names nothing.
fn without_session(raw: &str) -> &str {
    match raw.find(';') {
        Some(at) if raw[at + 1..].get(..11).is_some_and(|name| name.eq_ignore_ascii_case("jsessionid=")) => &raw[..at],
        _ => raw,
    }
}
