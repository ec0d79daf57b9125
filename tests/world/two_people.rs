//! The Jira of most tests.

use super::{FakeJira, Person, Personality, Project};

/// A Jira with two people and no issues yet: Ana sees everything, Ben not the project HR. Their tokens are those that
/// [`super::gateway::Api::connect_as`] gives.
pub async fn two_people(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality).await;
    jira.add_person(
        Person::new("ana", "Ana Costa").groups(&["people-team"]).api_token("ana-token").access_token("ana-access"),
    );
    jira.add_person(Person::new("ben", "Ben Okafor").api_token("ben-token").access_token("ben-access"));
    jira.add_project(Project::new("OPS", "Operations").lead("ana"));
    jira.add_project(Project::new("HR", "People matters").only(&["people-team"]));
    jira
}
