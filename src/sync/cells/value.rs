//! What is in a value of Jira, whatever its shape is. Pure.

use serde_json::{Map, Value};

/// A text, or a number as a text: ids are both.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first of some members that says something.
pub(super) fn member(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(object.get(*name)?))
}

/// Absent, `null` and empty are the same (§3.3).
pub fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(list) => list.iter().all(is_empty),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The members of a list; what is no list is one of its own.
pub(super) fn members(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        value if is_empty(value) => &[],
        value => std::slice::from_ref(value),
    }
}
