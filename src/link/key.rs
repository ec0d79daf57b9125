//! Keys and numbers as Jira writes them in addresses (jira-urls §2).

use std::fmt;

/// Longest key that an administrator can allow.
const LONGEST_KEY: usize = 255;

/// The key of a project, upper case: `OPS`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProjectKey(String);

impl ProjectKey {
    /// Reads a key in any case. Tolerant, as addresses need it: one letter is enough.
    pub fn parse(text: &str) -> Option<Self> {
        is_project_key(text).then(|| Self(text.to_ascii_uppercase()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The key of an issue, upper case: `OPS-7`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct IssueKey {
    text: String,
    /// Where the hyphen before the number stands.
    project_end: usize,
}

impl IssueKey {
    /// Reads a key in any case. The number has no leading zero and fits 64 bits. With `tails` a hyphenated numeric
    /// tail belongs to the project (`OPS-12-7`), as some self-managed servers are set up.
    pub fn parse(text: &str, tails: bool) -> Option<Self> {
        let (project, numbers) = text.split_once('-')?;
        let (tail, number) = numbers.rsplit_once('-').map_or((None, numbers), |(tail, number)| (Some(tail), number));
        let tail_fits = match tail {
            None => true,
            Some(tail) => tails && tail.split('-').all(is_decimal),
        };
        let fits = is_project_key(project) && tail_fits && text.len() <= 2 * LONGEST_KEY && !number.starts_with('0');
        number_of(number).filter(|_| fits)?;
        Some(Self { text: text.to_ascii_uppercase(), project_end: text.len() - number.len() - 1 })
    }

    /// Reads a key that stands alone in a text: at least two characters before the hyphen, and no numeric tail.
    pub fn parse_alone(text: &str) -> Option<Self> {
        Self::parse(text, false).filter(|key| key.project_end >= 2)
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The project that the key speaks of; an issue may have moved since.
    pub fn project(&self) -> &str {
        &self.text[..self.project_end]
    }
}

/// How a link names its issue.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum IssueId {
    Key(IssueKey),
    /// Jira's internal number, in REST and old `.jspa` links.
    Number(u64),
}

impl IssueId {
    pub(super) fn parse(text: &str, tails: bool) -> Option<Self> {
        IssueKey::parse(text, tails).map(Self::Key).or_else(|| number_of(text).map(Self::Number))
    }

    pub fn key(&self) -> Option<&IssueKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Number(_) => None,
        }
    }
}

/// How a link names its project.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ProjectId {
    Key(ProjectKey),
    Number(u64),
}

impl ProjectId {
    pub(super) fn parse(text: &str) -> Option<Self> {
        ProjectKey::parse(text).map(Self::Key).or_else(|| number_of(text).map(Self::Number))
    }

    pub fn key(&self) -> Option<&ProjectKey> {
        match self {
            Self::Key(key) => Some(key),
            Self::Number(_) => None,
        }
    }
}

/// Whether a path segment was meant as an issue key, valid or not (`OPS-007`).
pub(super) fn looks_like_issue_key(text: &str) -> bool {
    text.split_once('-').is_some_and(|(project, rest)| is_project_key(project) && rest.split('-').all(is_decimal))
}

/// A positive decimal number; no sign.
pub(super) fn number_of(text: &str) -> Option<u64> {
    if !is_decimal(text) {
        return None;
    }
    text.parse().ok().filter(|&number| number > 0)
}

/// The id of a filter: built-in ones are negative (jira-urls 6.2).
pub(super) fn filter_of(text: &str) -> Option<i64> {
    if !is_decimal(text.strip_prefix('-').unwrap_or(text)) {
        return None;
    }
    text.parse().ok().filter(|&number| number != 0)
}

fn is_decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_project_key(text: &str) -> bool {
    text.len() <= LONGEST_KEY
        && text.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl fmt::Display for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for IssueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for IssueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => key.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => key.fmt(f),
            Self::Number(number) => number.fmt(f),
        }
    }
}
