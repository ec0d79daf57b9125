//! Many issues in one call: the question, and which of the asked keys its answer settles. Pure.

use super::fields::BulkIssues;
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

/// `key in ("OPS-1","OPS-2")`. Quoted, because a project key may be a word of JQL.
pub(super) fn jql(keys: &[&str]) -> String {
    let mut jql = String::from("key in (");
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
    jql.push(')');
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
    let messages: Vec<String> = refusal.messages.0.iter().map(|text| text.as_str().to_ascii_uppercase()).collect();
    let is_part_of_key = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    keys.iter()
        .map(|key| {
            let key = key.to_ascii_uppercase();
            messages.iter().any(|message| message.split(|letter| !is_part_of_key(letter)).any(|word| word == key))
        })
        .collect()
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
