//! Icons are for everyone, pictures of projects for who may browse them (jira-auth-and-rest §6.6).

use super::{As, Nobody, data_center, get};
use crate::world::Personality;

#[tokio::test]
async fn pictures_have_rights_of_their_own() {
    let jira = data_center(Personality::data_center()).await;
    jira.change_person("ben", |person| *person = person.clone().access_token("ben-access-token"));
    let (ana, ben) = (As::Bearer("ana-access-token"), As::Bearer("ben-access-token"));
    let projects = get(&jira.at("/rest/api/2/project"), ana).await.json();
    let of = |key: &str| {
        let project = projects.as_array().unwrap().iter().find(|project| project["key"] == key).unwrap();
        project["avatarUrls"]["48x48"].as_str().unwrap().to_owned()
    };
    for (address, who, status) in [
        (of("HR"), ana, 200),
        (of("HR"), ben, 404),
        (of("HR"), Nobody, 302),
        (of("OPS"), ben, 200),
        (of("PUB"), Nobody, 200),
        (jira.at("/secure/projectavatar?pid=1&avatarId=1"), ana, 404),
        (jira.at("/secure/useravatar?ownerId=nobody"), Nobody, 302),
        (jira.at("/secure/viewavatar?avatarId=10318&avatarType=issuetype"), Nobody, 200),
        (jira.at("/images/icons/priorities/high.svg"), Nobody, 200),
    ] {
        let reply = get(&address, who).await;
        assert_eq!(reply.status, status, "{address}");
        let kind = reply.header("content-type");
        assert_eq!(kind.starts_with("image/"), status == 200, "{address}: {kind}");
        assert_eq!(reply.header("location").contains("/login.jsp"), status == 302, "{address}");
    }
    let drawing = get(&jira.at("/images/icons/priorities/high.svg"), Nobody).await;
    assert!(drawing.header("content-type") == "image/svg+xml" && drawing.text.contains("<svg "));
}
