//! Numbers, hours, shares and counts. Pure.

use serde_json::Value;

use super::Losses;
use super::value::is_empty;

/// A number; old servers write some as text.
pub(super) fn number(value: &Value, losses: &mut Losses) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let number = number.filter(|number| number.is_finite());
    if number.is_none() && !is_empty(value) {
        losses.shape(value);
    }
    number
}

/// Hours of so many seconds.
pub(super) fn hours(value: &Value, losses: &mut Losses) -> Option<f64> {
    number(value, losses).map(|seconds| rounded(seconds / 3_600.0))
}

/// A share of one: `progress` of `total`, or hundredths. Jira writes -1 where a work ratio has no estimate.
pub(super) fn share(value: &Value, losses: &mut Losses) -> Option<f64> {
    let Value::Object(object) = value else {
        return number(value, losses).filter(|percent| *percent >= 0.0).map(|percent| rounded(percent / 100.0));
    };
    let part = |name: &str| object.get(name).and_then(Value::as_f64);
    match (part("progress"), part("total")) {
        (Some(progress), Some(total)) if total > 0.0 => Some(rounded(progress / total)),
        (Some(_), Some(_)) => None,
        _ => {
            if !object.is_empty() {
                losses.shape(value);
            }
            None
        }
    }
}

/// How many there are.
pub(super) fn count(value: &Value, losses: &mut Losses) -> Option<f64> {
    let of_list = |list: &Vec<Value>| u32::try_from(list.len()).ok().map(f64::from);
    match value {
        Value::Array(list) => of_list(list).filter(|count| *count > 0.0),
        Value::Object(object) => {
            let told = ["votes", "watchCount", "total"].into_iter().find_map(|name| object.get(name)?.as_f64());
            let listed = || object.get("comments").and_then(Value::as_array).and_then(of_list);
            let count = told.or_else(listed);
            if count.is_none() && !object.is_empty() {
                losses.shape(value);
            }
            count
        }
        value => number(value, losses),
    }
}

/// Four digits: no display shows more, and equal values stay equal.
fn rounded(number: f64) -> f64 {
    let rounded = (number * 10_000.0).round() / 10_000.0;
    if rounded.is_finite() { rounded } else { number }
}
