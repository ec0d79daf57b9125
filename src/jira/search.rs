//! Filters, searches, and how many issues they find (jira-auth-and-rest §6.3, §9).

use std::collections::HashMap;

use super::client::{Client, Dialect};
use super::loose::{Integer, Object, Text};
use super::model::{Issue, IssuePage, Person, Progress, StatusCategory};
use super::people::PersonJson;
use super::{Error, answers, bulk};

#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    pub name: String,
    pub jql: String,
    pub owner: Option<Person>,
    pub description: Option<String>,
}

/// The beginning of what a search finds, as this person sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hits {
    pub first: Vec<Issue>,
    /// On Cloud an estimate of Jira's; absent where Jira does not tell.
    pub count: Option<u64>,
}

/// Name and JQL of the filters that every Jira has, under negative numbers (jira-urls 6.2).
pub fn built_in(id: i64) -> Option<(&'static str, &'static str)> {
    Some(match id {
        -1 => ("My open issues", "assignee = currentUser() AND resolution = Unresolved ORDER BY updated DESC"),
        -2 => ("Reported by me", "reporter = currentUser() ORDER BY created DESC"),
        -3 => ("Viewed recently", "issuekey in issueHistory() ORDER BY lastViewed DESC"),
        -4 => ("All issues", "created is not EMPTY ORDER BY created DESC"),
        -5 => ("Open issues", "resolution = Unresolved ORDER BY priority DESC, updated DESC"),
        -6 => ("Created recently", "created >= -1w ORDER BY created DESC"),
        -7 => ("Resolved recently", "resolutiondate >= -1w ORDER BY updated DESC"),
        -8 => ("Updated recently", "updated >= -1w ORDER BY updated DESC"),
        -9 => ("Done issues", "statusCategory = Done ORDER BY updated DESC"),
        _ => return None,
    })
}

/// Issues that are counted in one call.
const MOST_COUNTED: usize = 1_000;

impl Client {
    /// One saved filter. Cloud answers 400 for one that is missing or hidden.
    pub async fn filter(&self, id: i64) -> Result<Filter, Error> {
        let asked: Result<FilterJson, Error> = self.read(self.get(&format!("filter/{id}"), "")?).await;
        let json = asked.map_err(|error| if error == Error::BadQuery { Error::NotFound } else { error })?;
        Ok(Filter {
            name: json.name.filled().ok_or(Error::Malformed)?,
            jql: json.jql.filled().unwrap_or_default(),
            owner: json.owner.0.and_then(|owner| owner.into_person(self.identify())),
            description: json.description.filled(),
        })
    }

    /// The first `rows` issues of a search, with what a row shows.
    pub async fn hits(&self, jql: &str, rows: usize) -> Result<Hits, Error> {
        let page = self.page(jql, &["summary", "status"], rows).await?;
        let mut first = page.issues;
        first.truncate(rows);
        let count = match self.dialect() {
            Dialect::Server => page.total,
            // Everything is on this page.
            Dialect::Cloud if page.next_page_token.is_none() => u64::try_from(first.len()).ok(),
            Dialect::Cloud => self.estimate(jql).await?,
        };
        Ok(Hits { first, count })
    }

    /// How far the issues below each of some epics have come, by their keys. They name their epic in `parent` on Cloud,
    /// else in the custom field *Epic Link*. Where one call does not tell of all of them: nothing.
    pub async fn progress_below(
        &self,
        keys: &[&str],
        epic_link: Option<&str>,
    ) -> Result<HashMap<String, Progress>, Error> {
        let (clause, field) = match (self.dialect(), epic_link) {
            (Dialect::Cloud, _) => ("parent".to_owned(), "parent"),
            (Dialect::Server, Some(id)) => (format!("cf[{}]", id.trim_start_matches("customfield_")), id),
            (Dialect::Server, None) => return Ok(HashMap::new()),
        };
        let page =
            self.page(&format!("{clause} in ({})", bulk::quoted(keys)), &["status", field], MOST_COUNTED).await?;
        let told = u64::try_from(page.issues.len()).unwrap_or(u64::MAX);
        if page.next_page_token.is_some() || page.total.is_some_and(|total| total > told) {
            return Ok(HashMap::new());
        }
        let mut progress: HashMap<String, Progress> = HashMap::new();
        for issue in page.issues {
            let category = issue.status.map_or(StatusCategory::Unknown, |status| status.category);
            let linked = || issue.custom.iter().find(|(id, _)| id == field)?.1.as_str().map(str::to_owned);
            if let Some(above) = issue.parent.map(|parent| parent.key).or_else(linked) {
                progress.entry(above).or_default().add(category);
            }
        }
        Ok(progress)
    }

    async fn page(&self, jql: &str, fields: &[&str], most: usize) -> Result<IssuePage, Error> {
        let body = serde_json::json!({ "jql": jql, "fields": fields, "maxResults": most });
        let path = match self.dialect() {
            Dialect::Cloud => "search/jql",
            Dialect::Server => "search",
        };
        let answer = self.request(self.post(path, &body)?).await?;
        let page = answers::issue_page(&answer.body, self.identify())?;
        if page.issues.is_empty() && !answer.signed_in {
            // A stranger is told nothing, too.
            self.myself().await?;
        }
        Ok(page)
    }

    /// Cloud's search does not count; another call estimates. A Jira that has no such call tells no number.
    async fn estimate(&self, jql: &str) -> Result<Option<u64>, Error> {
        let call = self.post("search/approximate-count", &serde_json::json!({ "jql": jql }))?;
        match self.read::<CountJson>(call).await {
            Ok(json) => Ok(json.count.unsigned()),
            Err(Error::NotFound | Error::BadQuery | Error::Malformed | Error::MissingScope) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct CountJson {
    count: Integer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct FilterJson {
    name: Text,
    jql: Text,
    owner: Object<PersonJson>,
    description: Text,
}
