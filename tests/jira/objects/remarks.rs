//! Comments, work logs, attachments.

use serde_json::json;

use super::{dc, members, texts, town, towns};
use crate::world::Personality;

#[tokio::test]
async fn comments_are_told_to_their_audience() {
    for town in towns().await {
        let seen = town.api("ben", "issue/APP-2/comment/10044?expand=renderedBody").await;
        let comment = seen.json();
        assert_eq!((seen.status, &comment["id"]), (200, &json!("10044")));
        assert_eq!(comment["author"]["displayName"], "Ben Okafor");
        assert_eq!(comment["renderedBody"], "<p>Looks good.</p>\n\n<p>Ship it.</p>");
        match town.cloud() {
            true => assert_eq!(comment["body"]["content"][0]["content"][0]["text"], "Looks good."),
            false => assert_eq!(comment["body"], "Looks good.\r\n\r\nShip it."),
        }
        assert_eq!(comment.get("jsdPublic"), town.cloud().then_some(&json!(true)));
        assert_eq!(comment.get("visibility"), None);
        assert_eq!(town.api("ben", "issue/APP-2/comment/10044").await.json().get("renderedBody"), None);

        for (id, kind, name) in [("10045", "role", "Developers"), ("10046", "group", "leads")] {
            let path = format!("issue/app-2/comment/{id}");
            let comment = town.api("ana", &path).await.json();
            assert_eq!((&comment["visibility"]["type"], &comment["visibility"]["value"]), (&json!(kind), &json!(name)));
            assert_eq!(comment["visibility"].get("identifier").is_some(), town.cloud());
            let hidden = town.api("ben", &path).await;
            let missing = town.api("ben", "issue/APP-2/comment/1").await;
            assert_eq!((hidden.status, missing.status), (404, 404));
            assert_eq!(missing.message(), "Can not find a comment for the id: 1.");
            let told_apart = hidden.message() == "You do not have the permission for this comment.";
            assert_eq!(told_apart, !town.cloud());
        }
        let of_another = town.api("ana", "issue/APP-1/comment/10044").await;
        assert_eq!(of_another.status, 404, "a comment belongs to its issue");
        let on_hidden = town.api("ben", "issue/TOP-1/comment/10047").await;
        assert_eq!(on_hidden.message(), town.api("ben", "issue/TOP-1").await.message(), "as the issue is refused");
        assert_eq!(on_hidden.status, town.api("ben", "issue/TOP-1").await.status);
        let list = |reply: super::Reply| texts(&reply.json()["fields"]["comment"]["comments"], "id");
        assert_eq!(list(town.api("ana", "issue/APP-2?fields=comment").await), ["10044", "10045", "10046"]);
        assert_eq!(list(town.api("ben", "issue/APP-2?fields=comment").await), ["10044"]);
        let rendered = town.api("ben", "issue/APP-2?fields=comment&expand=renderedFields").await.json();
        let body = &rendered["renderedFields"]["comment"]["comments"][0]["body"];
        assert_eq!(body, "<p>Looks good.</p>\n\n<p>Ship it.</p>");
    }
}

#[tokio::test]
async fn internal_comments_are_marked_on_cloud() {
    let town = town(Personality::cloud()).await;
    let comment = town.api("ana", "issue/HELP-1/comment/10048").await.json();
    assert_eq!(comment["jsdPublic"], false);
}

#[tokio::test]
async fn work_logs_say_how_long() {
    for town in towns().await {
        let worklog = town.api("ben", "issue/APP-2/worklog/10300").await.json();
        assert_eq!((&worklog["timeSpent"], &worklog["timeSpentSeconds"]), (&json!("1d 1h 30m"), &json!(34_200)));
        let issue = town.api("ben", "issue/APP-2?fields=worklog").await.json();
        assert_eq!((&worklog["id"], &worklog["issueId"]), (&json!("10300"), &issue["id"]));
        assert_eq!(worklog["started"], "2026-11-21T03:00:00.000-0700");
        assert_eq!(worklog["comment"].is_object(), town.cloud());
        assert_eq!(issue["fields"]["worklog"]["total"], 1, "the other one is for developers");
        let hidden = town.api("ben", "issue/APP-2/worklog/10301").await;
        assert_eq!((hidden.status, hidden.message().as_str()), (404, "Cannot find worklog with id: '10301'."));
        let short = town.api("ana", "issue/APP-2/worklog/10301").await.json();
        assert_eq!(short["timeSpent"], "30m");
        assert_eq!(short.get("comment"), (!town.cloud()).then_some(&json!("")));
    }
}

#[tokio::test]
async fn attachments_have_metadata_and_refuse_whoever_does_not_see_the_issue() {
    let cloud = town(Personality::cloud()).await;
    let picture = cloud.api("ben", "attachment/10500").await.json();
    assert_eq!(
        (&picture["id"], &picture["mimeType"], &picture["size"]),
        (&json!(10_500), &json!("image/png"), &json!(31_020))
    );
    assert_eq!(picture["content"], cloud.0.at("/rest/api/3/attachment/content/10500"));
    assert_eq!(picture["thumbnail"], cloud.0.at("/rest/api/3/attachment/thumbnail/10500"));
    assert_eq!(cloud.api("ben", "attachment/10501").await.json().get("thumbnail"), None, "pictures alone");
    let listed = cloud.api("ben", "issue/APP-2?fields=attachment").await.json();
    assert_eq!(listed["fields"]["attachment"][0]["id"], "10500", "a text in issues");

    let plant = town(dc()).await;
    let picture = plant.api("ben", "attachment/10500").await.json();
    assert_eq!(picture["content"], plant.0.at("/secure/attachment/10500/shot%201%2Epng"));
    let expected = ["author", "content", "created", "filename", "mimeType", "self", "size", "thumbnail"];
    assert_eq!(members(&picture), expected.into());
    for town in [cloud, plant] {
        assert_eq!(town.api("ben", "attachment/10502").await.status, 403);
        assert_eq!(town.api("ana", "attachment/10502").await.status, 200);
        let missing = town.api("ben", "attachment/1").await;
        assert_eq!((missing.status, missing.message().as_str()), (404, "The attachment with id '1' does not exist"));
    }
}
