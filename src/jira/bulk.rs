//! Many issues in one call: the question, and which of the asked keys its answer settles. Pure.

use std::collections::HashSet;

use super::answers::BulkIssues;
use super::model::Issue;

/// What one call for many issues says about one asked key.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Answered(Box<Issue>),
    /// Missing or hidden.
    NotFound,
    /// Not settled: ask for this one alone.
    Open,
}

/// `key in ("OPS-1","OPS-2")`.
pub(super) fn jql(keys: &[&str]) -> String {
    format!("key in ({})", quoted(keys))
}

/// `"OPS-1","OPS-2"`: quoted, because a project key may be a word of JQL.
pub(super) fn quoted(keys: &[&str]) -> String {
    let mut jql = String::new();
    for (index, key) in keys.iter().enumerate() {
        if index > 0 {
            jql.push(',');
        }
        jql.push('"');
        for letter in key.chars() {
            if matches!(letter, '"' | '\\') {
                jql.push('\\');
            }
            jql.push(letter);
        }
        jql.push('"');
    }
    jql
}

/// Which keys Jira names in the messages of a refused search: those it does not know, or hides.
///
/// The sentence is localised, the key in it is not. The messages are read for this and thrown away.
pub(super) fn named_in_refusal(body: &[u8], keys: &[&str]) -> Vec<bool> {
    #[derive(Default, serde::Deserialize)]
    #[serde(default)]
    struct Refusal {
        #[serde(rename = "errorMessages")]
        messages: super::loose::List<super::loose::Text>,
    }
    let refusal: Refusal = serde_json::from_slice(body).unwrap_or_default();
    let is_part_of_key = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    let asked: HashSet<String> = keys.iter().map(|key| key.to_ascii_uppercase()).collect();
    // One walk over the messages for all keys: they may be long.
    let words = refusal.messages.0.iter().flat_map(|text| text.as_str().split(|letter| !is_part_of_key(letter)));
    let named: HashSet<String> = words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
        .filter(|word| asked.contains(word))
        .collect();
    keys.iter().map(|key| named.contains(&key.to_ascii_uppercase())).collect()
}

/// Puts answers to the keys that were asked, in their order.
///
/// An issue that answers to none of them was moved, and which key it was moved from cannot be told: then, and where an
/// answer is not `complete`, keys without an answer stay open.
pub(super) fn settle(keys: &[&str], bulk: BulkIssues, complete: bool) -> Vec<Asked> {
    let mut unasked = false;
    let mut settled: Vec<Option<Issue>> = vec![None; keys.len()];
    for issue in bulk.issues {
        let asked: Vec<usize> = (0..keys.len())
            .filter(|&index| keys[index].eq_ignore_ascii_case(&issue.key) || keys[index] == issue.id)
            .collect();
        unasked |= asked.is_empty();
        for index in asked {
            settled[index] = Some(issue.clone());
        }
    }
    let left_out = if complete && !unasked && !bulk.incomplete { Asked::NotFound } else { Asked::Open };
    settled
        .into_iter()
        .map(|issue| issue.map_or_else(|| left_out.clone(), |issue| Asked::Answered(Box::new(issue))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::server;

    fn bulk(keys: &[(&str, &str)], incomplete: bool) -> BulkIssues {
        let issues: Vec<_> =
            keys.iter().map(|(id, key)| serde_json::json!({"id": id, "key": key, "fields": {}})).collect();
        let body = serde_json::json!({ "issues": issues }).to_string();
        BulkIssues { incomplete, ..server::bulk_issues(body.as_bytes()).unwrap() }
    }

    fn words(settled: &[Asked]) -> Vec<String> {
        let word = |asked: &Asked| match asked {
            Asked::Answered(issue) => issue.key.clone(),
            Asked::NotFound => "not found".to_owned(),
            Asked::Open => "open".to_owned(),
        };
        settled.iter().map(word).collect()
    }

    #[test]
    fn answers_find_their_keys() {
        let keys = ["OPS-2", "ops-1", "10003", "OPS-9"];
        let all = [("10001", "OPS-1"), ("10002", "OPS-2"), ("10003", "OPS-3")];
        let moved = [("10001", "OPS-1"), ("10009", "NEW-1")];
        let table = [
            (bulk(&all, false), true, ["OPS-2", "OPS-1", "OPS-3", "not found"]),
            (bulk(&all, false), false, ["OPS-2", "OPS-1", "OPS-3", "open"]),
            (bulk(&all, true), true, ["OPS-2", "OPS-1", "OPS-3", "open"]),
            (bulk(&moved, false), true, ["open", "OPS-1", "open", "open"]),
            (bulk(&[], false), true, ["not found"; 4]),
        ];
        for (bulk, complete, expected) in table {
            assert_eq!(words(&settle(&keys, bulk, complete)), expected);
        }
    }

    #[test]
    fn a_refusal_names_keys_in_any_language() {
        let keys = ["OPS-1", "ops-10", "OPS-2"];
        let named = |body: &str| named_in_refusal(body.as_bytes(), &keys);
        let body =
            r#"{"errorMessages":["Es gibt keinen Vorgang mit dem Schl\u00fcssel \"OPS-10\".","x OPS-2x"],"errors":{}}"#;
        assert_eq!(named(body), [false, true, false]);
        assert_eq!(named("<html>OPS-1"), [false; 3]);
        assert_eq!(named(r#"{"errorMessages":{"a":"OPS-1"}}"#), [false; 3]);
    }

    #[test]
    fn a_key_cannot_leave_its_quotes() {
        assert_eq!(jql(&["OPS-1", "A\") OR key in (\"B\\"]), r#"key in ("OPS-1","A\") OR key in (\"B\\")"#);
    }
}
