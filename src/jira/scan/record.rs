//! An issue as the sync reads it: the fields that were named, as Jira writes them. Pure.

use jiff::Timestamp;
use serde::de::DeserializeSeed;
use serde_json::{Map, Value};

use crate::jira::loose::AnyJson;
use crate::jira::{Error, people};

/// One issue.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Immutable, and digits only (S1).
    pub id: String,
    /// For showing only.
    pub key: String,
    pub project_id: String,
    pub updated: Timestamp,
    /// It has a security level: not all who may see the project may see it. Known also of one that is oversized.
    pub secured: bool,
    /// Only those that were named; what Jira left out is not there.
    pub fields: Map<String, Value>,
    /// The issue alone is too large for an answer: of its fields only those came that the walk itself needs.
    pub oversized: bool,
}

/// What a search answers, on all deployments.
#[derive(Debug)]
pub(super) struct Found {
    pub issues: Vec<Value>,
    pub token: Option<String>,
    pub total: Option<u64>,
    /// Whether it says that issues were left out (S14).
    pub truncated: bool,
    /// Ids of the issues that the bulk call could not give, as far as it names them.
    pub errors: Vec<Option<String>>,
}

/// The fields that a walk itself has to know of each issue.
pub(super) const NEEDED: [&str; 3] = ["project", "updated", "security"];
/// JSON values of a whole page. A hundred issues with all their fields have a third of it.
const MOST_VALUES: usize = 250_000;
/// Digits of an id. It becomes part of queries.
const LONGEST_ID: usize = 18;
/// Kinds of Cloud's warnings that mean an incomplete answer.
const CUT_KINDS: [&str; 2] = ["CLAUSE_RESULT_TRUNCATED", "CLAUSE_LIMIT_EXCEEDED"];
/// Words of Data Center's warnings that do. They come in English, which every call asks for.
const CUT_WORDS: [&str; 6] = ["truncat", "exceed", "incomplete", "partial", "too many", "timed out"];

/// Reads a page. One that holds more than fits into memory is an error like one that breaks off.
pub(super) fn found(body: &[u8]) -> Result<Found, Error> {
    let Value::Object(mut page) = bounded(body)? else { return Err(Error::Malformed) };
    let Some(Value::Array(issues)) = page.remove("issues") else { return Err(Error::Malformed) };
    let token = page.get("nextPageToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    let is_last = page.get("isLast").and_then(Value::as_bool) == Some(true);
    let list = |name: &str| page.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(Found {
        token: token.filter(|_| !is_last).map(str::to_owned),
        total: page.get("total").and_then(Value::as_u64),
        truncated: list("warnings").iter().chain(list("warningMessages")).any(is_cut),
        errors: list("issueErrors").iter().map(|error| id(error.get("id"))).collect(),
        issues,
    })
}

/// Any JSON that is not too large.
fn bounded(body: &[u8]) -> Result<Value, Error> {
    let mut values_left = MOST_VALUES;
    let mut json = serde_json::Deserializer::from_slice(body);
    let value = AnyJson::new(&mut values_left).deserialize(&mut json).map_err(|_| Error::Malformed)?;
    json.end().map_err(|_| Error::Malformed)?;
    if values_left > 0 { Ok(value) } else { Err(Error::Malformed) }
}

/// One issue, as `GET issue/{id}` answers it.
pub(super) fn issue(body: &[u8], fields: &[&str]) -> Option<Record> {
    Record::with_fields(bounded(body).ok()?, fields)
}

/// A warning of Cloud (`{type, message}`) or of Data Center (a sentence).
fn is_cut(warning: &Value) -> bool {
    let kind = warning.get("type").and_then(Value::as_str).unwrap_or_default();
    let words = warning.as_str().or_else(|| warning.get("message").and_then(Value::as_str)).unwrap_or_default();
    CUT_KINDS.contains(&kind) || CUT_WORDS.iter().any(|word| words.to_ascii_lowercase().contains(word))
}

/// The id of an issue or of a project: a number, however it is written.
pub(super) fn id(value: Option<&Value>) -> Option<String> {
    let id = match value? {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    ((1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit())).then_some(id)
}

impl Record {
    /// An issue of which nothing is known but what it is.
    pub(super) fn bare(id: &str, key: &str) -> Self {
        Self {
            id: id.to_owned(),
            key: key.to_owned(),
            project_id: String::new(),
            updated: Timestamp::UNIX_EPOCH,
            secured: false,
            fields: Map::new(),
            oversized: false,
        }
    }

    /// An issue of a search for ids.
    pub(super) fn without_fields(issue: &Value) -> Option<Self> {
        let key = issue.get("key").and_then(Value::as_str).filter(|key| people::is_key(key)).unwrap_or_default();
        Some(Self::bare(&id(issue.get("id"))?, key))
    }

    /// An issue with the fields that were named. `None` without id, key, project or `updated`: then the whole page is
    /// worthless, because an issue that is silently left out looks like a deleted one.
    pub(super) fn with_fields(mut issue: Value, named: &[&str]) -> Option<Self> {
        let Some(Value::Object(mut fields)) = issue.get_mut("fields").map(Value::take) else { return None };
        let record = Self {
            project_id: id(fields.get("project").and_then(|project| project.get("id")))?,
            updated: fields.get("updated").and_then(Value::as_str).and_then(|text| text.parse().ok())?,
            secured: fields.get("security").is_some_and(|level| !level.is_null()),
            ..Self::without_fields(&issue).filter(|record| !record.key.is_empty())?
        };
        fields.retain(|name, _| named.contains(&name.as_str()));
        Some(Self { fields, ..record })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(page: &Value) -> Result<Found, Error> {
        found(page.to_string().as_bytes())
    }

    #[test]
    fn a_record_holds_what_was_named() {
        let issue = json!({"id": "10001", "key": "OPS-1", "self": "x", "fields": {
            "updated": "2026-11-22T10:00:00.123+0200", "project": {"id": 7}, "summary": "A", "labels": null}});
        let record = Record::with_fields(issue.clone(), &["summary", "labels", "missing"]).unwrap();
        assert_eq!((record.id.as_str(), record.key.as_str(), record.project_id.as_str()), ("10001", "OPS-1", "7"));
        assert_eq!(record.updated, "2026-11-22T08:00:00.123Z".parse().unwrap());
        assert_eq!(Value::Object(record.fields), json!({"summary": "A", "labels": null}));
        for (level, secured) in [(json!({"id": "1", "name": "Board"}), true), (Value::Null, false)] {
            let mut issue = issue.clone();
            issue["fields"]["security"] = level;
            let record = Record::with_fields(issue, &[]).unwrap();
            assert_eq!((record.secured, record.fields.len()), (secured, 0));
        }
        for missing in ["/id", "/key", "/fields/updated", "/fields/project/id", "/fields"] {
            let mut issue = issue.clone();
            *issue.pointer_mut(missing).unwrap() = Value::Null;
            assert_eq!(Record::with_fields(issue, &["summary"]), None, "{missing}");
        }
        for id in [json!("1 OR 2"), json!(""), json!(-1), json!(1.5), json!("1234567890123456789")] {
            assert_eq!(super::id(Some(&id)), None, "{id}");
        }
    }

    #[test]
    fn a_page_says_how_it_goes_on() {
        let page = read(&json!({"issues": [{}], "nextPageToken": "t", "isLast": false, "total": 3})).unwrap();
        assert_eq!((page.issues.len(), page.token.as_deref(), page.total), (1, Some("t"), Some(3)));
        for last in
            [json!({"issues": [], "isLast": true, "nextPageToken": "t"}), json!({"issues": [], "nextPageToken": ""})]
        {
            assert_eq!(read(&last).unwrap().token, None);
        }
        for bad in ["{\"issues\": [", "[]", "{}", "{\"issues\": {}}", "{\"issues\": []} x", "<html>"] {
            assert_eq!(found(bad.as_bytes()).unwrap_err(), Error::Malformed, "{bad}");
        }
    }

    #[test]
    fn some_warnings_mean_that_issues_are_missing() {
        let table = [
            (json!({"warnings": [{"type": "CLAUSE_RESULT_TRUNCATED", "message": "x"}]}), true),
            (json!({"warnings": [{"type": "CLAUSE_LIMIT_EXCEEDED"}]}), true),
            (json!({"warningMessages": ["The result was truncated."]}), true),
            (json!({"warningMessages": ["The field 'x' is deprecated."]}), false),
            (json!({"warnings": [{"type": "DEPRECATED", "message": "old"}], "warningMessages": []}), false),
            (json!({"warnings": null}), false),
        ];
        for (mut page, truncated) in table {
            page["issues"] = json!([]);
            assert_eq!(read(&page).unwrap().truncated, truncated, "{page}");
        }
    }

    #[test]
    fn a_page_that_swells_is_refused() {
        let many: Vec<u8> = vec![0; MOST_VALUES];
        assert_eq!(read(&json!({"issues": [], "x": many})).unwrap_err(), Error::Malformed);
    }
}
