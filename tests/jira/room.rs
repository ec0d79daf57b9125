//! The room `jira` against the simulated Jira: the whole walk from an address that somebody typed to an issue.

use jira_notion_gateway::jira::auth::{Credential, Method};
use jira_notion_gateway::jira::classify::Plane;
use jira_notion_gateway::jira::client::Client;
use jira_notion_gateway::jira::discover::{DiscoverError, discover};
use jira_notion_gateway::jira::error::Error;
use jira_notion_gateway::jira::key::{Deployment, SiteUrl};
use jira_notion_gateway::jira::model::StatusCategory;
use jira_notion_gateway::jira::text;
use secrecy::SecretString;

use super::client::words;
use super::script::http;
use super::{DESCRIBED, PLAIN};
use crate::world::jira::SingleSignOn;
use crate::world::{FakeJira, Fault, Issue, Person, Personality, Project, Status};

const CLOUD_ID: &str = "3036c423-78e7-442a-8bed-47870b5a7526";

async fn filled(personality: Personality) -> FakeJira {
    let jira = FakeJira::start(personality).await;
    jira.add_person(
        Person::new("ana", "Ana Costa")
            .api_token("classic")
            .scoped_token("scoped", &["read:jira-work", "read:jira-user"])
            .access_token("pat"),
    );
    jira.add_project(
        Project::new("OPS", "Operations").lead("ana").category("Platform").description("Keeps the lights on."),
    );
    jira.add_project(Project::new("NEW", "New home"));
    jira.add_project(Project::new("HID", "Hidden").only(&["board"]));
    jira.add_issue(
        Issue::new("OPS-1", "Login fails")
            .status(Status::in_progress())
            .assignee("ana")
            .labels(&["safari"])
            .description("Open it.\nLook."),
    );
    jira.add_issue(Issue::new("OPS-2", "Second"));
    jira.add_issue(Issue::new("OPS-3", "Will move"));
    jira.add_issue(Issue::new("HID-1", "Secret"));
    jira.move_issue("OPS-3", "NEW-1");
    jira
}

fn client(api: &str, plane: Plane, method: Method, secret: &str) -> Client {
    let user = if method == Method::ApiToken { "ana@acme.example" } else { "ana" };
    let auth = Credential::typed(method, user, &SecretString::from(secret)).unwrap().auth().unwrap();
    Client::new(http(), SiteUrl::parse(api).unwrap(), plane, auth)
}

#[tokio::test]
async fn every_deployment_gives_the_same_issue() {
    let cloud = filled(Personality::cloud()).await;
    let center = filled(Personality::data_center().at("/jira")).await;
    let server = filled(Personality::server().version("7.13.0")).await;
    let own = Plane::SelfManaged;
    let clients = [
        client(&cloud.url(), Plane::CloudSite, Method::ApiToken, "classic"),
        client(
            &format!("{}/ex/jira/{CLOUD_ID}", cloud.api_host_url()),
            Plane::CloudApiHost,
            Method::ApiToken,
            "scoped",
        ),
        client(&center.url(), own, Method::Password, "ana's password"),
        client(&center.url(), own, Method::PersonalAccessToken, "pat"),
        client(&server.url(), own, Method::Password, "ana's password"),
    ];
    for client in clients {
        let about = format!("{client:?}");
        assert_eq!(client.myself().await.unwrap().display_name, "Ana Costa", "{about}");
        let issue = client.issue("ops-1", &DESCRIBED).await.unwrap();
        assert_eq!((issue.key.as_str(), issue.summary.as_str()), ("OPS-1", "Login fails"), "{about}");
        assert_eq!(issue.status.unwrap().category, StatusCategory::InProgress);
        assert_eq!(issue.assignee.unwrap().display_name, "Ana Costa");
        assert_eq!(issue.labels, ["safari"]);
        assert!(issue.updated.is_some());
        assert_eq!(text::plain_text(&issue.description.unwrap(), 100), "Open it. Look.", "{about}");
        assert_eq!(client.issue("OPS-1", &PLAIN).await.unwrap().description, None);
        assert_eq!(client.issue("OPS-3", &PLAIN).await.unwrap().key, "NEW-1");
        let project = client.project("OPS").await.unwrap();
        assert_eq!((project.name.as_str(), project.lead.unwrap().display_name.as_str()), ("Operations", "Ana Costa"));
        assert_eq!(project.category.unwrap().name, "Platform");
        assert_eq!(client.issue("OPS-99", &PLAIN).await, Err(Error::NotFound), "{about}");
        assert!(matches!(client.issue("HID-1", &PLAIN).await, Err(Error::NotFound | Error::Forbidden)), "{about}");
    }
}

#[tokio::test]
async fn many_keys_cost_few_calls() {
    let cloud = filled(Personality::cloud()).await;
    let center = filled(Personality::data_center()).await;
    let keys = ["OPS-1", "OPS-99", "ops-2", "HID-1"];
    for (jira, client, most) in [
        (&cloud, client(&cloud.url(), Plane::CloudSite, Method::ApiToken, "classic"), 1),
        (&center, client(&center.url(), Plane::SelfManaged, Method::PersonalAccessToken, "pat"), 2),
    ] {
        jira.forget_calls();
        assert_eq!(words(&client.issues(&keys, &PLAIN).await.unwrap()), ["OPS-1", "not found", "OPS-2", "not found"]);
        assert!(jira.log().len() <= most, "{} calls", jira.log().len());
        // Which key an unexpected issue was moved from cannot be told, so the others are asked for alone.
        let answers = client.issues(&["OPS-1", "OPS-3"], &PLAIN).await.unwrap();
        assert_eq!(words(&answers), ["OPS-1", "open"]);
    }
    cloud.set_bulk_error("OPS-2", "try again");
    let client = client(&cloud.url(), Plane::CloudSite, Method::ApiToken, "classic");
    assert_eq!(words(&client.issues(&["OPS-1", "OPS-2"], &PLAIN).await.unwrap()), ["OPS-1", "open"]);
}

#[tokio::test]
async fn a_dead_credential_is_never_taken_for_a_missing_issue() {
    for degraded in [false, true] {
        let cloud = filled(Personality::cloud()).await;
        let center = filled(Personality::data_center()).await;
        cloud.set_anonymous_degradation(degraded);
        center.set_anonymous_degradation(degraded);
        let own = Plane::SelfManaged;
        let clients = [
            client(&cloud.url(), Plane::CloudSite, Method::ApiToken, "wrong"),
            client(
                &format!("{}/ex/jira/{CLOUD_ID}", cloud.api_host_url()),
                Plane::CloudApiHost,
                Method::ApiToken,
                "wrong",
            ),
            client(&center.url(), own, Method::Password, "wrong"),
            client(&center.url(), own, Method::PersonalAccessToken, "wrong"),
        ];
        for client in clients {
            for key in ["OPS-1", "OPS-99"] {
                assert_eq!(client.issue(key, &PLAIN).await, Err(Error::BadCredentials), "{client:?} {key} {degraded}");
                if format!("{client:?}").contains("SelfManaged") {
                    center.browser_login("ana");
                }
            }
            assert_eq!(
                client.issues(&["OPS-1", "OPS-99"], &PLAIN).await,
                Err(Error::BadCredentials),
                "{client:?} {degraded}"
            );
            center.browser_login("ana");
            assert_eq!(client.myself().await, Err(Error::BadCredentials), "{client:?} {degraded}");
            center.browser_login("ana");
        }
    }
}

#[tokio::test]
async fn one_wrong_password_is_one_attempt_and_a_captcha_is_seen() {
    for version in ["7.13.0", "8.20.8", "9.12.5", "10.3.19"] {
        let jira = filled(Personality::data_center().version(version).at("/jira")).await;
        let wrong = client(&jira.url(), Plane::SelfManaged, Method::Password, "wrong");
        for _ in 0..2 {
            assert_eq!(wrong.issue("OPS-1", &PLAIN).await, Err(Error::BadCredentials));
        }
        assert!(!jira.wants_captcha("ana"), "two wrong calls are two attempts");
        assert_eq!(wrong.myself().await, Err(Error::BadCredentials));
        assert!(jira.wants_captcha("ana"));
        let right = client(&jira.url(), Plane::SelfManaged, Method::Password, "ana's password");
        let login_url = Some(format!("{}/login.jsp", jira.url()));
        assert_eq!(right.issue("OPS-1", &PLAIN).await, Err(Error::Captcha { login_url }), "{version}");
        jira.browser_login("ana");
        assert_eq!(right.issue("OPS-1", &PLAIN).await.unwrap().key, "OPS-1");
    }
    let jira = filled(Personality::data_center().version("11.3.3")).await;
    let client = client(&jira.url(), Plane::SelfManaged, Method::Password, "ana's password");
    assert_eq!(client.myself().await, Err(Error::BasicAuthDisabled));
}

#[tokio::test]
async fn faults_have_their_own_names() {
    use std::time::Duration;
    let table: [(Fault, Error); 8] = [
        (Fault::too_many("7"), Error::RateLimited { retry_after: Some(Duration::from_secs(7)) }),
        (Fault::too_many("0"), Error::RateLimited { retry_after: Some(Duration::from_secs(1)) }),
        (Fault::unavailable(None), Error::Upstream(503)),
        (Fault::status(502), Error::Upstream(502)),
        (Fault::SignInPage, Error::SignInPage),
        (Fault::Redirect("https://idp.example/sso".to_owned()), Error::SignInPage),
        (Fault::MalformedJson, Error::Malformed),
        (Fault::Huge(3 << 20), Error::Outbound(jira_notion_gateway::outbound::Failure::TooLarge)),
    ];
    let jira = filled(Personality::data_center()).await;
    let client = client(&jira.url(), Plane::SelfManaged, Method::PersonalAccessToken, "pat");
    for (fault, expected) in table {
        jira.fault(fault);
        assert_eq!(client.issue("OPS-1", &PLAIN).await, Err(expected));
        jira.heal();
    }
    for fault in [Fault::unknown_fields(), Fault::null_fields(), Fault::missing_fields(), Fault::strange_category()] {
        jira.fault(fault);
        let issue = client.issue("OPS-1", &PLAIN).await.unwrap();
        assert_eq!(issue.summary, "Login fails");
        assert!(
            issue
                .status
                .is_none_or(|status| matches!(status.category, StatusCategory::Unknown | StatusCategory::InProgress))
        );
        jira.heal();
    }
}

#[tokio::test]
async fn discovery_finds_every_personality() {
    let table = [
        (Personality::cloud(), "/jira/software/projects/OPS", Some(Deployment::Cloud), ""),
        (Personality::data_center().at("/jira"), "", Some(Deployment::DataCenter), "/jira"),
        (Personality::data_center().at("/a/b"), "/a/b/browse/OPS-1", Some(Deployment::DataCenter), "/a/b"),
        (Personality::server(), "/secure/Dashboard.jspa", Some(Deployment::Server), ""),
        (Personality::server().at("/jira").hidden_server_info(), "", None, "/jira"),
    ];
    for (personality, path, deployment, context_path) in table {
        let jira = FakeJira::start(personality).await;
        let origin = SiteUrl::parse(&jira.url()).unwrap().origin().to_owned();
        let typed = SiteUrl::parse(&format!("{origin}{path}")).unwrap();
        let found = discover(&http(), &typed).await.unwrap_or_else(|error| panic!("{typed}: {error}"));
        assert_eq!((found.deployment, found.site.context_path()), (deployment, context_path), "{typed}");
        assert_eq!(found.cloud_id.is_some(), deployment == Some(Deployment::Cloud));
        assert!(jira.log().len() <= 8);
    }
    for sign_on in [SingleSignOn::Page, SingleSignOn::Redirect("https://idp.example/saml".to_owned())] {
        let jira = FakeJira::start(Personality::data_center().single_sign_on(sign_on)).await;
        let typed = SiteUrl::parse(&jira.url()).unwrap();
        assert_eq!(discover(&http(), &typed).await, Err(DiscoverError::SignInPage));
    }
}
