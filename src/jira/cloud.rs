//! Answers of Jira Cloud (REST v3) as the model. A person is an account id.

use super::Error;
use super::answers;
use super::model::{Issue, IssuePage, Person, Project};
use super::people::PersonJson;

pub use super::answers::{BulkIssues, field_list, server_info};

/// Names and keys left the Cloud API in 2019; answers of that time still decode.
pub(super) fn identify(person: &PersonJson) -> Option<String> {
    PersonJson::first_of([&person.account_id, &person.key, &person.name])
}

/// One issue, as `GET issue/{key}` answers it.
pub fn issue(body: &[u8]) -> Result<Issue, Error> {
    answers::issue(body, identify)
}

/// The issues of `POST issue/bulkfetch` that can be shown.
pub fn bulk_issues(body: &[u8]) -> Result<BulkIssues, Error> {
    answers::bulk_issues(body, identify)
}

/// A page of `search/jql`.
pub fn issue_page(body: &[u8]) -> Result<IssuePage, Error> {
    answers::issue_page(body, identify)
}

/// One project, as `GET project/{key}` answers it.
pub fn project(body: &[u8]) -> Result<Project, Error> {
    answers::project(body, identify)
}

/// A user, as `/myself` and `/user` answer it.
pub fn person(body: &[u8]) -> Result<Person, Error> {
    answers::person(body, identify)
}
