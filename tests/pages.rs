//! The pages through the running gateway, as a person with a browser meets them.

mod calendar;
mod card_fields;
mod connecting;
mod forgery;
mod frame;
mod headers;
pub mod leaks;
mod links;
pub mod redirects;
mod replacing;
mod routes;
mod sessions;
mod sign_in;
mod sign_on;
pub mod visitor;

use crate::world::{FakeJira, Issue, Personality, Status, two_people};

/// A Jira with two people: Ana sees everything, Ben not the project HR.
async fn jira(personality: Personality) -> FakeJira {
    let jira = two_people(personality).await;
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari").status(Status::in_progress()).assignee("ana"));
    jira.add_issue(Issue::new("OPS-8", "Write the test"));
    jira.add_issue(Issue::new("HR-1", "Salaries 2027"));
    jira
}

async fn cloud() -> FakeJira {
    jira(Personality::cloud()).await
}

async fn data_center() -> FakeJira {
    jira(Personality::data_center().at("/jira")).await
}
