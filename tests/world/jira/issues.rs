//! Issues, one by one, in bulk and by search: the answers of the calls that previews are made of.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::answers::Desk;
use super::exchange::{Answer, Asked};
use super::fields::{self, Selection};
use super::find::Search;
use super::issue::Issue;
use super::jql::Query;
use super::personality::Version;
use super::sorted::Window;

const HIDDEN: &str = "Issue does not exist or you do not have permission to see it.";
const UNBOUNDED: &str = "Unbounded JQL queries are not allowed here. Please add a search restriction to your query.";

impl Desk<'_> {
    /// Missing, hidden or shown: the words differ by deployment (jira-auth-and-rest §3, §4.6).
    pub(super) fn issue(&self, key: &str) -> Answer {
        let data = self.shape.data;
        match data.issue(key) {
            Some(issue) if data.sees_issue(self.shape.person, issue) => {
                let selection = Selection::new(&self.asked.parameters("fields"), "*all");
                Answer::ok(&self.shape.issue(issue, &selection, &list(&self.asked.parameters("expand"))))
            }
            _ if self.cloud() => Answer::error(404, HIDDEN),
            None => Answer::error(404, "Issue Does Not Exist"),
            Some(_) if self.shape.person.is_none() => {
                Answer::errors(401, &["You do not have the permission to see the specified issue.", "Login Required"])
            }
            Some(_) if self.shape.personality.since(Version(10, 0, 0)) => Answer::error(404, "Issue Does Not Exist"),
            Some(_) => Answer::error(403, "You do not have the permission to see the specified issue."),
        }
    }

    /// Missing and hidden issues are simply left out; `issueErrors` is for those that may be asked for again.
    pub(super) fn bulk_fetch(&self, body: &Map<String, Value>) -> Answer {
        let names = strings(body.get("issueIdsOrKeys"));
        if names.is_empty() {
            return Answer::error(400, "issueIdsOrKeys: must not be empty");
        }
        if names.len() > 100 {
            return Answer::error(400, "issueIdsOrKeys: The number of issue IDs or keys must not exceed 100.");
        }
        let selection = Selection::new(&strings(body.get("fields")), "*navigable");
        let expand = strings(body.get("expand"));
        let data = self.shape.data;
        let visible =
            names.iter().filter_map(|name| data.issue(name)).filter(|it| data.sees_issue(self.shape.person, it));
        let by_id: BTreeMap<u64, &Issue> = visible.map(|issue| (issue.id.parse().unwrap_or(0), issue)).collect();
        let (failed, given): (Vec<&Issue>, Vec<&Issue>) =
            by_id.into_values().partition(|issue| self.bulk_errors.contains_key(&issue.key));
        let errors: Vec<Value> =
            failed.iter().map(|issue| json!({"id": issue.id, "errorMessage": self.bulk_errors[&issue.key]})).collect();
        let mut answer = fields::expanded(&expand, &self.shape);
        answer.insert("expand".into(), "schema,names".into());
        answer.insert("issues".into(), given.iter().map(|issue| self.shape.issue(issue, &selection, &[])).collect());
        answer.insert("issueErrors".into(), errors.into());
        Answer::ok(&answer.into())
    }

    /// Gathers the parameters of a search from the query or the body.
    pub(super) fn search(&self, answer: impl FnOnce(&Sought) -> Answer) -> Answer {
        if self.asked.method == "POST" {
            return self.with_body(|body| match Sought::of_body(body) {
                Some(sought) => answer(&sought),
                None => {
                    Answer::error(400, "Invalid request payload. Refer to the REST API documentation and try again.")
                }
            });
        }
        answer(&Sought::of_query(self.asked))
    }

    /// The query and what it finds; unknown values are refused where that is strict.
    pub(super) fn found(&self, jql: &str, strict: bool) -> Result<(Query, Vec<&Issue>), Answer> {
        let (query, window) = self.matches(jql, strict)?;
        Ok((query, window.rows().iter().map(|row| self.at(row.at)).collect()))
    }

    fn matches(&self, jql: &str, strict: bool) -> Result<(Query, Window), Answer> {
        let query = Query::parse(jql).map_err(|message| Answer::error(400, &message))?;
        let (data, person, now) = (self.shape.data, self.shape.person, self.shape.now);
        let search = Search { data, person, cloud: self.cloud(), now, strict, dates: self.dates };
        let window = search.window(&query).map_err(|messages| Answer::errors(400, &messages))?;
        Ok((query, window))
    }

    fn at(&self, at: usize) -> &Issue {
        &self.shape.data.issues()[at]
    }

    pub(super) fn search_cloud(&self, sought: &Sought) -> Answer {
        let (query, window) = match self.matches(&sought.jql, sought.validate) {
            Ok(found) => found,
            Err(refusal) => return refusal,
        };
        if query.filter.is_none() {
            return Answer::error(400, UNBOUNDED);
        }
        let selection = Selection::new(&sought.fields, "id");
        let most = if selection.is_lean() { 5000 } else { self.page_rows };
        let rows = sought.most_rows.unwrap_or(50).clamp(1, 5000).min(most);
        let token = sought.token.as_deref();
        let mut paging = self.paging.lock().unwrap();
        let Some(page) = paging.page(&window, self.shape.data, &sought.jql, token, rows, self.shape.now) else {
            return Answer::error(400, "The provided nextPageToken is invalid.");
        };
        let mut answer = fields::expanded(&sought.expand, &self.shape);
        let issues = page.rows.iter().map(|at| match selection.is_lean() {
            true => json!({"id": self.at(*at).id}),
            false => self.shape.issue(self.at(*at), &selection, &sought.rendered()),
        });
        answer.insert("issues".into(), issues.collect());
        answer.insert("isLast".into(), page.next.is_none().into());
        if let Some(token) = page.next {
            answer.insert("nextPageToken".into(), token.into());
        }
        Answer::ok(&answer.into())
    }

    pub(super) fn count(&self, sought: &Sought) -> Answer {
        match self.found(&sought.jql, sought.validate) {
            Ok((Query { filter: None, .. }, _)) => Answer::error(400, UNBOUNDED),
            Ok((_, found)) => Answer::ok(&json!({"count": found.len()})),
            Err(refusal) => refusal,
        }
    }

    pub(super) fn search_self_managed(&self, sought: &Sought) -> Answer {
        let window = match self.matches(&sought.jql, sought.validate) {
            Ok((_, window)) => window,
            Err(refusal) => return refusal,
        };
        let found = window.rows();
        let rows = sought.most_rows.unwrap_or(50).min(self.page_rows);
        if sought.start + rows > 10_000 {
            return Answer::error(500, "Search limit exceeded. Only the first 10000 results can be read.");
        }
        let selection = Selection::new(&sought.fields, "*navigable");
        let page = found.iter().skip(sought.start).take(rows);
        let mut answer = fields::expanded(&sought.expand, &self.shape);
        answer.insert("expand".into(), "schema,names".into());
        answer.insert("startAt".into(), sought.start.into());
        answer.insert("maxResults".into(), rows.into());
        answer.insert("total".into(), found.len().into());
        answer.insert(
            "issues".into(),
            page.map(|row| self.shape.issue(self.at(row.at), &selection, &sought.rendered())).collect(),
        );
        Answer::ok(&answer.into())
    }
}

/// The parameters of a search.
pub(super) struct Sought {
    jql: String,
    fields: Vec<String>,
    expand: Vec<String>,
    most_rows: Option<usize>,
    start: usize,
    validate: bool,
    token: Option<String>,
}

impl Sought {
    fn of_query(asked: &Asked) -> Self {
        let number = |name| asked.parameter(name).and_then(|it| it.parse().ok());
        Self {
            jql: asked.parameter("jql").unwrap_or_default(),
            fields: asked.parameters("fields"),
            expand: list(&asked.parameters("expand")),
            most_rows: number("maxResults"),
            start: number("startAt").unwrap_or(0),
            validate: asked.parameter("validateQuery").is_none_or(|it| it != "false" && it != "none"),
            token: asked.parameter("nextPageToken").filter(|it| !it.is_empty()),
        }
    }

    /// `None` when a member has the wrong type.
    fn of_body(body: &Map<String, Value>) -> Option<Self> {
        let number = |name: &str| body.get(name).map(|it| it.as_u64().map(|it| it as usize));
        let typed = body.get("jql").is_none_or(Value::is_string)
            && body.get("fields").is_none_or(Value::is_array)
            && number("maxResults").is_none_or(|it| it.is_some())
            && number("startAt").is_none_or(|it| it.is_some());
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        typed.then(|| Self {
            jql: text("jql").unwrap_or_default(),
            fields: strings(body.get("fields")),
            expand: list(&strings(body.get("expand"))),
            most_rows: number("maxResults").flatten(),
            start: number("startAt").flatten().unwrap_or(0),
            validate: body.get("validateQuery").is_none_or(|it| it != false && it != "false" && it != "none"),
            token: text("nextPageToken").filter(|it| !it.is_empty()),
        })
    }

    /// What of `expand` applies to each issue.
    fn rendered(&self) -> Vec<String> {
        self.expand.iter().filter(|it| *it == "renderedFields").cloned().collect()
    }
}

/// An array of texts, or one text.
fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        _ => Vec::new(),
    }
}

pub(super) fn list(values: &[String]) -> Vec<String> {
    values.iter().flat_map(|it| it.split(',')).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}
