//! Data Center and Server.

use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;

use super::As::{Basic, Bearer, Nobody};
use super::{MYSELF_2, data_center, get, request, send};
use crate::world::jira::{SingleSignOn, Version};
use crate::world::{Person, Personality};

#[tokio::test]
async fn self_managed_servers_live_below_their_context_path() {
    let jira = data_center(Personality::data_center()).await;
    let info = get(&jira.at("/rest/api/2/serverInfo"), Nobody).await.json();
    assert_eq!((&info["deploymentType"], &info["version"]), (&json!("Server"), &json!("10.3.19")));
    assert_eq!((&info["baseUrl"], &info["buildNumber"]), (&json!(jira.url()), &json!(10_030_019)));
    assert_eq!(get(&jira.at("/status"), Nobody).await.json(), json!({"state": "RUNNING"}));
    let root = jira.url().trim_end_matches("/jira").to_owned();
    for path in ["/rest/api/2/serverInfo", "/jirafoo/rest/api/2/serverInfo", "/jira/browse/OPS-7/rest/api/2/serverInfo"]
    {
        let reply = get(&format!("{root}{path}"), Nobody).await;
        assert!(reply.is_html(), "{path}");
    }
    for path in ["/_edge/tenant_info", "/rest/api/3/serverInfo", "/rest/api/3/issue/OPS-7"] {
        let reply = get(&jira.at(path), Nobody).await;
        assert_eq!((reply.status, reply.is_html()), (404, true), "{path}");
    }
}

#[tokio::test]
async fn a_hardened_server_hides_who_it_is() {
    let jira = data_center(Personality::data_center().hidden_server_info()).await;
    assert_eq!(get(&jira.at("/rest/api/2/serverInfo"), Nobody).await.status, 401);
    assert_eq!(get(&jira.at("/rest/api/2/serverInfo"), Basic("ana", "ana's password")).await.status, 200);
}

#[tokio::test]
async fn self_managed_servers_take_passwords_and_say_who_was_asking() {
    let jira = data_center(Personality::server()).await;
    jira.add_person(Person::new("zoë", "Zoë Ünal"));
    let reply = get(&jira.at(MYSELF_2), Basic("zoë", "zoë's password")).await;
    assert_eq!((reply.status, &reply.json()["name"]), (200, &json!("zoë")));
    assert_eq!((reply.header("x-ausername"), reply.header("x-seraph-loginreason")), ("zo%C3%AB", "OK"));
    assert_eq!(reply.json()["key"], "JIRAUSER10102");
    assert_eq!(reply.json().get("accountId"), None);
    let nobody = get(&jira.at(MYSELF_2), Nobody).await;
    assert_eq!((nobody.status, nobody.header("x-ausername")), (401, "anonymous"));
    assert_eq!(nobody.json()["status-code"], 401);
    let email = get(&jira.at(MYSELF_2), Basic("ana@acme.example", "ana's password")).await;
    assert_eq!(email.status, 401, "the user name, not the address");
}

#[tokio::test]
async fn three_wrong_passwords_bring_a_captcha_that_also_stops_the_right_one() {
    for (personality, reason) in [
        (Personality::server().version("7.13.0"), "AUTHENTICATION_DENIED"),
        (Personality::server().version("8.20.8"), "AUTHENTICATED_FAILED"),
        (Personality::data_center(), "AUTHENTICATION_DENIED"),
    ] {
        let jira = data_center(personality).await;
        for _ in 0..3 {
            let reply = get(&jira.at(MYSELF_2), Basic("ana", "wrong")).await;
            assert_eq!((reply.status, reply.is_html()), (401, true));
            assert_eq!(reply.header("x-seraph-loginreason"), "AUTHENTICATED_FAILED");
            assert!(reply.text.contains("Basic Authentication Failure - Reason : AUTHENTICATED_FAILED"));
            assert!(reply.header("www-authenticate").starts_with("OAuth realm=\"http%3A%2F%2F127"));
        }
        for path in [MYSELF_2, "/rest/api/2/serverInfo"] {
            let reply = get(&jira.at(path), Basic("ana", "ana's password")).await;
            assert_eq!((reply.status, reply.is_html()), (403, true), "{path}");
            assert_eq!(reply.header("x-seraph-loginreason"), reason);
            let denied = format!("CAPTCHA_CHALLENGE; login-url={}/login.jsp", jira.url());
            assert_eq!(reply.header("x-authentication-denied-reason"), denied);
            assert!(reply.header("set-cookie").starts_with("JSESSIONID="));
        }
        assert_eq!(get(&jira.at(MYSELF_2), Basic("ben", "ben's password")).await.status, 200, "only Ana is locked");
        jira.browser_login("ana");
        assert_eq!(get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 200);
        assert_eq!(jira.calls().failed_logins["ana"], 5);
    }
}

#[tokio::test]
async fn a_right_password_forgives_the_wrong_ones_before() {
    let jira = data_center(Personality::server()).await;
    for _ in 0..2 {
        get(&jira.at(MYSELF_2), Basic("ana", "wrong")).await;
        get(&jira.at(MYSELF_2), Basic("ana", "wrong")).await;
        assert_eq!(get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 200);
    }
}

#[tokio::test]
async fn the_sign_in_page_takes_a_captcha_away() {
    let jira = data_center(Personality::data_center().sign_in_title("Anmelden")).await;
    jira.demand_captcha("ana");
    let page = get(&jira.at("/login.jsp"), Nobody).await;
    assert_eq!(page.status, 200);
    assert!(page.text.starts_with("\n\n") && page.text.contains("<title>Anmelden - "));
    assert!(page.text.contains("<meta name=\"application-name\" content=\"JIRA\""));
    let form = |password| {
        let body = format!("os_username=ana&os_password={password}");
        send(request(Method::POST, &jira.at("/login.jsp"), Nobody).body(body))
    };
    assert_eq!(form("wrong").await.status, 200);
    assert!(jira.wants_captcha("ana"));
    assert_eq!(form("ana%27s+password").await.status, 302);
    assert!(!jira.wants_captcha("ana"));
}

#[tokio::test]
async fn basic_authentication_is_off_on_eleven_and_where_switched_off() {
    let eleven = data_center(Personality::data_center().version("11.3.0")).await;
    let ten = data_center(Personality::data_center()).await;
    ten.set_basic_disabled(true);
    for jira in [&eleven, &ten] {
        let reply = get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await;
        assert_eq!(reply.status, 403);
        assert!(reply.json()["message"].as_str().unwrap().starts_with("Basic Authentication has been disabled"));
        assert_eq!(get(&jira.at(MYSELF_2), Bearer("ana-access-token")).await.status, 200);
    }
    eleven.set_basic_disabled(false);
    assert_eq!(get(&eleven.at(MYSELF_2), Basic("ana", "ana's password")).await.status, 200);
}

#[tokio::test]
async fn access_tokens_exist_since_8_14_and_bad_ones_are_ignored() {
    let jira = data_center(Personality::data_center()).await;
    let reply = get(&jira.at(MYSELF_2), Bearer("ana-access-token")).await;
    assert_eq!((reply.status, reply.header("x-ausername")), (200, "ana"));
    let list = get(&jira.at("/rest/pat/latest/tokens"), Bearer("ana-access-token")).await;
    assert_eq!(list.json().as_array().unwrap().len(), 2);
    assert!(!list.text.contains("ana-access-token"), "never the secret");
    for token in ["ana-expired", "revoked"] {
        assert_eq!(get(&jira.at(MYSELF_2), Bearer(token)).await.status, 401);
        let issue = get(&jira.at("/rest/api/2/issue/OPS-7"), Bearer(token)).await;
        assert_eq!((issue.status, issue.header("x-ausername")), (401, "anonymous"));
        let search = get(&jira.at("/rest/api/2/search?jql=summary~login"), Bearer(token)).await;
        assert_eq!((search.status, &search.json()["total"]), (200, &json!(0)), "runs without a log-in");
    }
    let old = data_center(Personality::server().version("8.13.0")).await;
    assert_eq!(get(&old.at(MYSELF_2), Bearer("ana-access-token")).await.status, 401);
    let list = get(&old.at("/rest/pat/latest/tokens"), Basic("ana", "ana's password")).await;
    assert_eq!(list.status, 404);
}

#[tokio::test]
async fn missing_hidden_and_strange_are_three_answers_on_self_managed_servers() {
    let ben = Basic("ben", "ben's password");
    for (version, hidden) in [("9.12.5", 403), ("10.3.19", 404)] {
        let jira = data_center(Personality::server().version(version)).await;
        let ask = |key: &str, who| {
            let url = jira.at(&format!("/rest/api/2/issue/{key}"));
            async move { get(&url, who).await }
        };
        let missing = ask("OPS-99", ben).await;
        assert_eq!((missing.status, missing.message().as_str()), (404, "Issue Does Not Exist"));
        assert_eq!(ask("HR-1", ben).await.status, hidden);
        let stranger = ask("OPS-7", Nobody).await;
        let messages = json!(["You do not have the permission to see the specified issue.", "Login Required"]);
        assert_eq!((stranger.status, &stranger.json()["errorMessages"]), (401, &messages));
    }
}

#[tokio::test]
async fn self_managed_issues_are_wiki_and_names() {
    let jira = data_center(Personality::server()).await;
    let ana = Basic("ana", "ana's password");
    let issue = get(&jira.at("/rest/api/2/issue/ops-7"), ana).await.json();
    let fields = &issue["fields"];
    assert_eq!(fields["description"], "It spins.\r\n\r\nFor ever.");
    assert_eq!(fields["assignee"]["name"], "ana");
    assert_eq!(fields.get("parent"), None, "an epic is no parent here");
    assert_eq!(fields["customfield_10101"], "OPS-1");
    assert_eq!(fields["issuetype"].get("hierarchyLevel"), None);
    let sub_task = get(&jira.at("/rest/api/2/issue/OPS-8"), ana).await.json();
    assert_eq!(sub_task["fields"]["parent"]["key"], "OPS-7");
    let listed = get(&jira.at("/rest/api/2/field"), ana).await.json();
    let epic_link = listed.as_array().unwrap().iter().find(|it| it["id"] == "customfield_10101").unwrap();
    assert_eq!(epic_link["schema"]["custom"], "com.pyxis.greenhopper.jira:gh-epic-link");
    let old = data_center(Personality::server().version("7.13.0")).await;
    let icon = get(&old.at("/rest/api/2/issue/OPS-7?fields=priority"), ana).await.json();
    assert!(icon["fields"]["priority"]["iconUrl"].as_str().unwrap().ends_with("/medium.png"));
}

#[tokio::test]
async fn self_managed_search_pages_by_offset() {
    let jira = data_center(Personality::data_center()).await;
    let ana = Basic("ana", "ana's password");
    let ask = |query: &str| {
        let url = jira.at(&format!("/rest/api/2/search?{query}"));
        async move { get(&url, ana).await }
    };
    let page = ask("jql=project%20in%20(OPS,HR)%20ORDER%20BY%20key&startAt=1&maxResults=2&fields=summary").await.json();
    assert_eq!((&page["startAt"], &page["maxResults"], &page["total"]), (&json!(1), &json!(2), &json!(5)));
    assert_eq!(page["issues"][0]["key"], "OPS-1");
    assert_eq!(ask("jql=&maxResults=5000").await.json()["maxResults"], 1000, "the server lowers it and says so");
    assert_eq!(ask("jql=&maxResults=0").await.json()["issues"], json!([]));
    assert_eq!(ask("jql=&startAt=9990").await.status, 500, "the result window ends at 10,000");
    let bad = ask("jql=key%20in%20(OPS-7,X-9)").await;
    assert_eq!((bad.status, bad.message().as_str()), (400, "An issue with key 'X-9' does not exist for field 'key'."));
    let lenient = ask("jql=key%20in%20(OPS-7,X-9)&validateQuery=false").await;
    assert_eq!((lenient.status, &lenient.json()["total"]), (200, &json!(1)));
}

#[tokio::test]
async fn rate_limit_headers_come_with_healthy_answers() {
    let jira = data_center(Personality::data_center()).await;
    let ana = Basic("ana", "ana's password");
    let reply = get(&jira.at(MYSELF_2), ana).await;
    assert_eq!((reply.status, reply.header("retry-after"), reply.header("x-ratelimit-remaining")), (200, "0", "69"));
    let info = get(&jira.at("/rest/api/2/serverInfo"), ana).await;
    assert_eq!((info.status, info.header("retry-after")), (200, ""));
    jira.set_rate_limit_headers(false);
    assert_eq!(get(&jira.at(MYSELF_2), ana).await.header("retry-after"), "");
}

#[tokio::test]
async fn each_person_has_a_bucket_that_empties_and_fills() {
    let jira = data_center(Personality::data_center()).await;
    jira.limit(3, 2, 10);
    let (ana, ben) = (Basic("ana", "ana's password"), Basic("ben", "ben's password"));
    let ask = async |who, seconds| {
        jira.advance(SignedDuration::from_secs(seconds));
        let reply = get(&jira.at(MYSELF_2), who).await;
        let header = |name| reply.header(name).parse::<u64>().unwrap();
        (reply.status, header("x-ratelimit-remaining"), header("retry-after"))
    };
    // Who asks after how many seconds: status, what is left, seconds to wait.
    for (who, seconds, answer) in [
        (ana, 0, (200, 2, 0)),
        (ana, 0, (200, 1, 0)),
        (ana, 0, (200, 0, 0)),
        (ana, 0, (429, 0, 10)),
        (ben, 0, (200, 2, 0)),
        (ana, 9, (429, 0, 1)),
        (ana, 1, (200, 1, 0)),
        (ana, 10, (200, 2, 0)),
        (ana, 1000, (200, 2, 0)),
    ] {
        assert_eq!(ask(who, seconds).await, answer);
    }
}

#[tokio::test]
async fn a_kept_cookie_logs_in() {
    let jira = data_center(Personality::data_center()).await;
    let reply = get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await;
    let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
    assert!(reply.header("set-cookie").ends_with("; Path=/jira; HttpOnly"));
    let again = send(request(Method::GET, &jira.at(MYSELF_2), Nobody).header("cookie", cookie)).await;
    assert_eq!(again.header("x-ausername"), "ana", "so a client that keeps cookies would mix people up");
}

#[tokio::test]
async fn secure_pages_lead_to_the_sign_in_page() {
    let jira = data_center(Personality::server()).await;
    let reply = get(&jira.at("/secure/Dashboard.jspa"), Nobody).await;
    let to = format!("{}/login.jsp?os_destination=%2Fsecure%2FDashboard%2Ejspa", jira.url());
    assert_eq!((reply.status, reply.header("location")), (302, to.as_str()));
    assert_eq!(get(&jira.at("/rest/servicedeskapi/servicedesk"), Nobody).await.status, 403, "no licence");
}

#[tokio::test]
async fn single_sign_on_answers_everything_itself() {
    let idp = SingleSignOn::Redirect("https://idp.example/saml".into());
    let redirecting = data_center(Personality::data_center().single_sign_on(idp)).await;
    let page = data_center(Personality::data_center().single_sign_on(SingleSignOn::Page)).await;
    for path in [MYSELF_2, "/rest/api/2/serverInfo", "/status"] {
        let reply = get(&redirecting.at(path), Bearer("ana-access-token")).await;
        assert_eq!((reply.status, reply.header("location")), (302, "https://idp.example/saml"));
        let reply = get(&page.at(path), Bearer("ana-access-token")).await;
        assert_eq!((reply.status, reply.is_html()), (200, true));
    }
    assert_eq!(page.personality().self_managed_version(), Some(Version(10, 3, 19)));
}

#[tokio::test]
async fn maintenance_is_told_by_the_state() {
    let jira = data_center(Personality::data_center()).await;
    jira.set_maintenance(true);
    assert_eq!(get(&jira.at("/status"), Nobody).await.json(), json!({"state": "MAINTENANCE"}));
    let reply = get(&jira.at(MYSELF_2), Basic("ana", "ana's password")).await;
    assert_eq!((reply.status, reply.is_html()), (503, true));
}
