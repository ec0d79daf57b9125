//! Webhooks of an administrator of a Data Center or Server.

use super::{rename, tell, title};
use crate::pages::visitor::{Page, Visitor};
use crate::world::gateway::Gateway;
use crate::world::{Delivery, FakeJira, Issue, Person, Personality, Project};

async fn jira(version: &str) -> FakeJira {
    let jira = FakeJira::start(Personality::data_center().version(version).at("/jira")).await;
    let ana = Person::new("ana", "Ana Costa").password("ana's password").access_token("ana-access");
    jira.add_person(ana.groups(&["jira-administrators"]));
    jira.add_person(Person::new("ben", "Ben Okafor").password("ben's password").access_token("ben-access"));
    jira.add_project(Project::new("OPS", "Operations").lead("ana"));
    jira.add_issue(Issue::new("OPS-7", "Login fails on Safari").assignee("ana"));
    jira
}

/// Presses the button of the one connection; `tell`: whether Jira shall tell.
async fn press(visitor: &mut Visitor, tell: bool) -> Page {
    let page = visitor.get("/connections").await;
    let words = if tell { "Get changes at once" } else { "Stop" };
    let form = page.attributes("form[action$='/changes']", "action").remove(0);
    assert!(page.texts(&format!("form[action='{form}'] button")).iter().any(|it| it == words), "{}", page.text);
    visitor.submit(&page, &form, &[]).await
}

#[tokio::test]
async fn an_administrator_lets_jira_tell_of_changes_and_stops_it() {
    for (version, api) in [
        ("8.20.1", "/rest/webhooks/1.0/webhook"),
        ("9.12.4", "/rest/webhooks/1.0/webhook"),
        ("10.3.0", "/rest/jira-webhook/1.0/webhooks"),
    ] {
        let (jira, gateway) = (jira(version).await, Gateway::start().await);
        let mut ana = Visitor::signed_in(&gateway, "ana").await;
        ana.connect(&jira, "ana", "/connections").await;
        let (api_of_ana, link) = (gateway.api("ana").await, jira.at("/browse/OPS-7"));
        assert_eq!(title(&api_of_ana, &link).await, "Login fails on Safari");
        assert!(jira.calls().by_call.keys().all(|call| !call.contains("webhook")), "off until it is asked for");
        for _ in 0..2 {
            let page = press(&mut ana, true).await;
            assert_eq!((page.status, page.location()), (303, "/connections?told=1"), "{version}: {}", page.text);
            assert_eq!(jira.webhooks().len(), 1);
            rename(&jira, "OPS-7", "Login works");
            tell(&jira, 200).await;
            assert_eq!(title(&api_of_ana, &link).await, "Login works");
            // Where there is no issue in it.
            jira.change_issue("OPS-7", |issue| issue.summary = "Once more".into());
            jira.deliveries();
            jira.tell_of_comment("OPS-7", "comment_created", 10_100);
            tell(&jira, 200).await;
            assert_eq!(title(&api_of_ana, &link).await, "Once more");
            let page = press(&mut ana, false).await;
            assert_eq!((page.status, page.location()), (303, "/connections?told="), "{version}");
            assert_eq!(jira.webhooks().len(), 0);
        }
        assert_eq!(jira.calls().of(&format!("POST {api}")), 2, "{version}: {:?}", jira.calls().by_call);
        // With the connection it goes, too.
        press(&mut ana, true).await;
        rename(&jira, "OPS-7", "Too late");
        let late = jira.deliveries();
        let page = ana.get("/connections").await;
        let remove = page.attributes("form[action$='/remove']", "action").remove(0);
        assert_eq!(ana.submit(&page, &remove, &[]).await.status, 303);
        assert_eq!((jira.webhooks().len(), late[0].send().await), (0, 404));
    }
}

#[tokio::test]
async fn what_is_signed_must_be_signed_right() {
    let (jira, gateway) = (jira("10.3.0").await, Gateway::start().await);
    let mut ana = Visitor::signed_in(&gateway, "ana").await;
    ana.connect(&jira, "ana", "/connections").await;
    let (api, link) = (gateway.api("ana").await, jira.at("/browse/OPS-7"));
    title(&api, &link).await;
    press(&mut ana, true).await;
    let secret = jira.webhooks()[0].secret.clone().expect("it will sign");
    rename(&jira, "OPS-7", "Login works");
    let good = jira.deliveries().remove(0);
    let signature = good.headers.iter().find(|(name, _)| *name == "x-hub-signature").unwrap().1.clone();
    let mut bad = vec![
        good.without("x-hub-signature"),
        good.with("x-hub-signature", ""),
        good.with("x-hub-signature", &signature.replace("sha256=", "")),
        good.with("x-hub-signature", &signature.replace("sha256=", "sha1=")),
        good.with("x-hub-signature", &signature[..signature.len() - 2]),
    ];
    for at in (0..good.body.len()).step_by(7) {
        let mut body = good.body.clone();
        body[at] ^= 1;
        bad.push(Delivery { body, ..good.clone() });
    }
    for delivery in &bad {
        assert_eq!(delivery.send().await, 404);
    }
    assert_eq!(title(&api, &link).await, "Login fails on Safari");
    assert_eq!(good.send().await, 200);
    assert_eq!(title(&api, &link).await, "Login works");
    // The secret lies sealed.
    for file in std::fs::read_dir(gateway.folder.path().join("data")).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(secret.len()).any(|it| it == secret.as_bytes()));
    }
}

#[tokio::test]
async fn who_is_no_administrator_is_told_so_and_nothing_is_tried() {
    let (jira, gateway) = (jira("9.12.4").await, Gateway::start().await);
    let mut ben = Visitor::signed_in(&gateway, "ben").await;
    ben.connect(&jira, "ben", "/connections").await;
    let page = press(&mut ben, true).await;
    assert_eq!(page.status, 422);
    assert!(page.one(".banner-bad").contains("this account is none"), "{}", page.text);
    assert!(jira.calls().by_call.keys().all(|call| !call.contains("webhook")));
    assert_eq!(title(&gateway.api("ben").await, &jira.at("/browse/OPS-7")).await, "Login fails on Safari");
    // Another account's connection is not found.
    let page = ben.get("/connections").await;
    let form = page.attributes("form[action$='/changes']", "action").remove(0);
    let mut ana = Visitor::signed_in(&gateway, "ana").await;
    let csrf = ana.csrf().await;
    assert_eq!(ana.post(&form, &[("csrf", &csrf), ("tell", "1")]).await.status, 404);
}
