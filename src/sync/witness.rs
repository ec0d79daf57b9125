//! Names that no list tells to whoever is no administrator: of people, of options and of sprints (S18). For each one issue
//! is remembered that shows it; whoever reads these issues again sees whether something is called otherwise now. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::jira::value::sprint_refs;
use crate::secret::Digest;

/// What is called how, as far as that is remembered: by hashes of the ids, which are as long as Jira pleases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Witnesses(BTreeMap<String, Witness>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Witness {
    /// Hash of the name, which is nobody's concern here.
    name: String,
    /// An issue that shows it.
    issue: i64,
}

/// Names that are remembered; others are seen with the next change of an issue, or within a week.
const MOST: usize = 400;
/// Fields whose names come with lists, or that show none.
const LISTED: [&str; 16] = [
    "status",
    "statusCategory",
    "priority",
    "issuetype",
    "project",
    "components",
    "versions",
    "fixVersions",
    "issuelinks",
    "parent",
    "subtasks",
    "comment",
    "attachment",
    "worklog",
    "description",
    "environment",
];

impl Witnesses {
    /// Notes what an issue shows. Whether anything is called otherwise than before.
    pub fn note(&mut self, issue: i64, fields: &Map<String, Value>) -> bool {
        let mut is_renamed = false;
        for (field, value) in fields.iter().filter(|(field, _)| !LISTED.contains(&field.as_str())) {
            for (id, name) in named(field, value) {
                let (id, name) = (Digest::of(&[&id]).to_hex(), Digest::of(&[&name]).to_hex());
                let has_room = self.0.len() < MOST;
                match self.0.get_mut(&id) {
                    Some(known) if known.name == name => {}
                    Some(known) => {
                        is_renamed = true;
                        *known = Witness { name, issue };
                    }
                    None if has_room => drop(self.0.insert(id, Witness { name, issue })),
                    None => {}
                }
            }
        }
        is_renamed
    }

    /// The issues that show all that is remembered.
    pub fn issues(&self) -> BTreeSet<i64> {
        self.0.values().map(|witness| witness.issue).collect()
    }
}

/// What a field names: an id among all that has names, and the name.
fn named(field: &str, value: &Value) -> Vec<(String, String)> {
    let sprints: Vec<(String, String)> =
        sprint_refs(value).filter_map(|it| Some((format!("{field} {}", it.id?), it.name))).collect();
    if !sprints.is_empty() {
        return sprints;
    }
    let list = value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice);
    list.iter().filter_map(Value::as_object).filter_map(|it| person(it).or_else(|| option(field, it))).collect()
}

fn person(object: &Map<String, Value>) -> Option<(String, String)> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let id = ["accountId", "key", "name"].into_iter().find_map(text)?;
    Some((format!("person {id}"), text("displayName")?.to_owned()))
}

fn option(field: &str, object: &Map<String, Value>) -> Option<(String, String)> {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let second = object.get("child").and_then(Value::as_object).and_then(|child| child.get("value")?.as_str());
    let name = text("value").or_else(|| text("name"))?;
    let ids = text("id")?.to_owned() + " " + second.map_or("", |_| object["child"]["id"].as_str().unwrap_or_default());
    Some((format!("{field} {ids}"), format!("{name} {}", second.unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn note(witnesses: &mut Witnesses, issue: i64, fields: &Value) -> bool {
        witnesses.note(issue, fields.as_object().unwrap())
    }

    #[test]
    fn another_name_under_the_same_id_is_noticed_once() {
        let printed = |name: &str| json!([format!("com.Sprint@1[id=7,rapidViewId=1,state=ACTIVE,name={name}]")]);
        let cases = [
            (
                "assignee",
                json!({"accountId": "a", "displayName": "Ana"}),
                json!({"accountId": "a", "displayName": "Ann"}),
            ),
            ("customfield_1", json!({"id": "1", "value": "Red"}), json!({"id": "1", "value": "Crimson"})),
            ("customfield_1", json!([{"id": "1", "name": "Red"}]), json!([{"id": "1", "name": "Crimson"}])),
            ("customfield_2", printed("Sprint 1"), printed("Sprint A, B]=")),
            (
                "customfield_3",
                json!({"id": "1", "value": "A", "child": {"id": "2", "value": "B"}}),
                json!({"id": "1", "value": "A", "child": {"id": "2", "value": "C"}}),
            ),
        ];
        for (field, before, after) in cases {
            let mut witnesses = Witnesses::default();
            assert!(!note(&mut witnesses, 5, &json!({ field: before })), "{field}");
            assert!(!note(&mut witnesses, 6, &json!({ field: before })), "{field}");
            assert_eq!(witnesses.issues(), BTreeSet::from([5]), "{field}");
            assert!(note(&mut witnesses, 6, &json!({ field: after })), "{field}");
            assert!(!note(&mut witnesses, 6, &json!({ field: after })), "{field}");
        }
    }

    #[test]
    fn what_has_no_id_or_is_in_a_list_is_not_remembered() {
        let mut witnesses = Witnesses::default();
        let fields = json!({
            "status": {"id": "1", "name": "Done"}, "labels": ["a", "b"], "customfield_1": 5, "customfield_2": null,
            "customfield_3": {"value": "no id"}, "summary": "text",
        });
        assert!(!note(&mut witnesses, 1, &fields));
        assert_eq!(witnesses, Witnesses::default());
        for at in 0..1_000 {
            note(&mut witnesses, at, &json!({"customfield_1": {"id": at.to_string(), "value": "x"}}));
        }
        assert_eq!(witnesses.issues().len(), MOST);
    }

    #[test]
    fn what_is_remembered_is_small_whatever_ids_and_names_a_server_sends() {
        let mut witnesses = Witnesses::default();
        for at in 0..2 * MOST as i64 {
            let long = "x".repeat(5_000) + &at.to_string();
            note(&mut witnesses, at, &json!({ "customfield_1": {"id": long, "value": long} }));
        }
        assert!(serde_json::to_vec(&witnesses).unwrap().len() < 200 * MOST);
    }
}
