//! What is in scope: one project, and perhaps a query of the person that narrows it (synced-database §1.2). Pure.

use std::fmt;

/// A query that stands in brackets behind the project's clause and cannot leave them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Filter(String);

/// Why a query is no filter. Jira may refuse one that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    #[error("the filter is empty")]
    Empty,
    #[error("the filter is longer than 4,000 characters")]
    TooLong,
    #[error("the filter cannot be sorted: leave ORDER BY out")]
    OrderBy,
    #[error("a quotation mark in the filter is never closed")]
    OpenQuote,
    #[error("the brackets in the filter do not match")]
    Brackets,
    #[error("a backslash may stand only between quotation marks")]
    Backslash,
    #[error("the filter holds a character that cannot be shown")]
    Control,
}

/// Characters.
const LONGEST: usize = 4_000;

impl Filter {
    /// Takes any JQL that Jira reads as one term when brackets are put around it.
    ///
    /// A backslash outside of quotation marks is refused because Jira would take the mark behind it for a letter.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(FilterError::Empty);
        }
        if text.chars().count() > LONGEST {
            return Err(FilterError::TooLong);
        }
        if text.chars().any(|letter| letter.is_control() && !letter.is_whitespace()) {
            return Err(FilterError::Control);
        }
        let bare = without_quoted(text)?;
        check_brackets(&bare)?;
        if order_at(&bare).is_some() {
            return Err(FilterError::OrderBy);
        }
        Ok(Self(text.to_owned()))
    }

    /// What a whole search asks for, without the order in which it shows it. `None`: it asks for everything.
    pub fn of_search(jql: &str) -> Result<Option<Self>, FilterError> {
        let bare = without_quoted(jql)?;
        let asked = order_at(&bare).and_then(|at| jql.get(..at)).unwrap_or(jql).trim();
        if asked.is_empty() { Ok(None) } else { Self::parse(asked).map(Some) }
    }

    /// What fits both.
    pub fn and(&self, other: &Self) -> Result<Self, FilterError> {
        Self::parse(&format!("({}) AND ({})", self.0, other.0))
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Filter {
    type Error = FilterError;
    fn try_from(text: String) -> Result<Self, FilterError> {
        Self::parse(&text)
    }
}

impl From<Filter> for String {
    fn from(filter: Filter) -> Self {
        filter.0
    }
}

/// The same text, byte for byte, with marks in place of each quoted part.
fn without_quoted(text: &str) -> Result<String, FilterError> {
    let mut bare = String::with_capacity(text.len());
    let mut letters = text.char_indices();
    while let Some((begin, letter)) = letters.next() {
        match letter {
            '"' | '\'' => {
                let end = loop {
                    match letters.next().ok_or(FilterError::OpenQuote)? {
                        (_, '\\') => drop(letters.next()),
                        (end, other) if other == letter => break end,
                        _ => {}
                    }
                };
                // No word may grow together over what was between the marks.
                bare.extend(std::iter::repeat_n('"', end + 1 - begin));
            }
            '\\' => return Err(FilterError::Backslash),
            letter => bare.push(letter),
        }
    }
    Ok(bare)
}

fn check_brackets(bare: &str) -> Result<(), FilterError> {
    let mut open = Vec::new();
    for letter in bare.chars() {
        let fits = match letter {
            '(' | '[' => {
                open.push(letter);
                true
            }
            ')' => open.pop() == Some('('),
            ']' => open.pop() == Some('['),
            _ => true,
        };
        if !fits {
            return Err(FilterError::Brackets);
        }
    }
    if open.is_empty() { Ok(()) } else { Err(FilterError::Brackets) }
}

/// Where the words begin that sort.
fn order_at(bare: &str) -> Option<usize> {
    let is_between = |letter: char| !is_part_of_word(letter);
    let (mut at, mut order) = (0, None);
    for part in bare.split_inclusive(is_between) {
        let word = part.trim_end_matches(is_between);
        match order {
            _ if word.is_empty() => {}
            Some(_) if word.eq_ignore_ascii_case("by") => return order,
            _ => order = word.eq_ignore_ascii_case("order").then_some(at),
        }
        at += part.len();
    }
    None
}

fn is_part_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '-' || letter == '"'
}

/// Which issues are meant. The project's id outlives every renaming (S1, S16).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Scope {
    project_id: u64,
    pub filter: Option<Filter>,
}

impl Scope {
    pub fn new(project_id: u64, filter: Option<Filter>) -> Self {
        Self { project_id, filter }
    }

    pub fn project_id(&self) -> u64 {
        self.project_id
    }

    /// Whether this is the id of the project.
    pub(super) fn is_of(&self, project_id: &str) -> bool {
        project_id.parse() == Ok(self.project_id)
    }
}

/// The clause, without an order.
impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "project = {}", self.project_id)?;
        match &self.filter {
            Some(Filter(filter)) => write!(f, " AND ({filter})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_cannot_leave_its_brackets() {
        let long = format!("summary ~ \"{}\"", "x".repeat(4_000));
        let table = [
            ("", FilterError::Empty),
            (" \n ", FilterError::Empty),
            (long.as_str(), FilterError::TooLong),
            ("status = Done ORDER BY rank", FilterError::OrderBy),
            ("status = Done order\n by rank", FilterError::OrderBy),
            ("order by created", FilterError::OrderBy),
            ("(status = Done)order by(x)", FilterError::OrderBy),
            ("a = 1) OR (project = HR", FilterError::Brackets),
            ("a = 1)", FilterError::Brackets),
            ("(a = 1", FilterError::Brackets),
            ("cf[10010 = (1]", FilterError::Brackets),
            (r#"a = "b"#, FilterError::OpenQuote),
            (r#"a = "b\""#, FilterError::OpenQuote),
            ("a = 'b\"", FilterError::OpenQuote),
            (r#"a = b\" ) OR project = HR OR ( a = c\""#, FilterError::Backslash),
            ("a = \u{0}b", FilterError::Control),
        ];
        for (text, problem) in table {
            assert_eq!(Filter::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn what_only_looks_dangerous_is_a_filter() {
        let fine = [
            "status = Done",
            "cf[10010] in (1, 2) AND (a = b OR NOT c is EMPTY)",
            r#"summary ~ "order by )(" AND labels = 'it"s'"#,
            r#"summary ~ "a \" ) b""#,
            "\"order by\" = 1 AND order = by-law",
            "order_by = 1",
            &format!("summary ~ \"{}\"", "ä".repeat(3_988)),
        ];
        for text in fine {
            let filter = Filter::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(Scope::new(10_001, Some(filter)).to_string(), format!("project = 10001 AND ({text})"));
        }
        assert_eq!(Scope::new(10_001, None).to_string(), "project = 10001");
    }

    #[test]
    fn a_search_is_a_filter_without_its_order() {
        let table = [
            ("status = Done ORDER BY rank", Ok(Some("status = Done"))),
            (" status = \"ä order by\"\norder\n by created DESC, key", Ok(Some("status = \"ä order by\""))),
            ("(status = Done)order by(x)", Ok(Some("(status = Done)"))),
            ("status = Done", Ok(Some("status = Done"))),
            ("order by created", Ok(None)),
            (" ", Ok(None)),
            ("(project = OPS ORDER BY key) OR project = HR", Err(FilterError::Brackets)),
            ("project = A) OR (project = B", Err(FilterError::Brackets)),
            ("status = \"Done ORDER BY key", Err(FilterError::OpenQuote)),
        ];
        for (jql, wanted) in table {
            let read = Filter::of_search(jql);
            assert_eq!(read.as_ref().map(|it| it.as_ref().map(Filter::as_str)), wanted.as_ref().map(|it| *it), "{jql}");
        }
        let filter = |text: &str| Filter::parse(text).unwrap();
        let both = filter("a = 1 OR b = 2").and(&filter("c = 3")).unwrap();
        assert_eq!(both.as_str(), "(a = 1 OR b = 2) AND (c = 3)");
        let long = filter(&format!("a = {}", "x".repeat(3_990)));
        assert_eq!(long.and(&both), Err(FilterError::TooLong));
    }

    #[test]
    fn a_kept_filter_is_checked_again() {
        let scope = Scope::new(7, Some(Filter::parse("a = 1").unwrap()));
        let kept = serde_json::to_string(&scope).unwrap();
        assert_eq!(serde_json::from_str::<Scope>(&kept).unwrap(), scope);
        assert!(serde_json::from_str::<Scope>(&kept.replace("a = 1", "a) or (b")).is_err());
    }
}
