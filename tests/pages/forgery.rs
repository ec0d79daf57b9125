//! Forms and requests that other sites make a browser send: each is refused, and changes nothing.

use jira_notion_gateway::clock::Clock;
use reqwest::Method;
use serde_json::json;

use super::routes::{self, Route};
use super::visitor::{Page, Visitor};
use super::{cloud, data_center};
use crate::world::FakeJira;
use crate::world::gateway::{Gateway, WITH_NOTION, reply};

/// A gateway in which Ana has something to lose.
struct Scene {
    gateway: Gateway,
    jira: FakeJira,
    ana: Visitor,
    ana_csrf: String,
    /// `/connections/con_…/remove` and the like.
    connection: String,
    token: String,
}

impl Scene {
    async fn new() -> Self {
        let jira = cloud().await;
        let gateway = Gateway::with(&WITH_NOTION, Clock::system()).await;
        let mut ana = Visitor::signed_in(&gateway, "ana").await;
        let rows = ana.connect(&jira, "ana", "/connections").await;
        let account = ana.get("/account").await;
        let tokens = ana.submit(&account, "/account/tokens", &[("label", "kept")]).await;
        let id =
            |page: &Page, form: &str| page.attributes(form, "action")[0].split('/').rev().nth(1).unwrap().to_owned();
        let connection = id(&rows, "form[action$='/remove']");
        let token = id(&tokens, "form[action$='/revoke']");
        let ana_csrf = ana.csrf().await;
        jira.forget_calls();
        Self { gateway, jira, ana, ana_csrf, connection, token }
    }

    /// The route with Ana's own things in its address.
    fn path(&self, route: &Route) -> String {
        let path = route.path().replace("con_00000000000000000000", &self.connection);
        path.replace("tok_00000000000000000000", &self.token)
    }

    /// Fields that would work, were it not for who sends them.
    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("links", self.jira.at("/browse/OPS-7")),
            ("label", "forged".to_owned()),
            ("site", self.jira.url()),
            ("version", "cloud".to_owned()),
            ("method", "api_token".to_owned()),
            ("username", "ben@acme.example".to_owned()),
            ("secret", "ben-token".to_owned()),
        ]
    }

    /// All that a form could have changed.
    async fn state(&self) -> String {
        let id = self.gateway.inner.accounts.named("ana").await.unwrap();
        let connections = self.gateway.inner.store.connections(&id).await.unwrap();
        let tokens = self.gateway.inner.store.tokens(&id).await.unwrap();
        let cookie = &self.ana.cookies["session"];
        let session = self.gateway.inner.accounts.of_cookie(cookie).await.unwrap().is_some();
        format!("{connections:?}{tokens:?}{session}{}", self.jira.calls().total)
    }
}

#[tokio::test]
async fn every_form_needs_the_csrf_value_of_its_own_session() {
    let mut scene = Scene::new().await;
    let mut ben = Visitor::signed_in(&scene.gateway, "ben").await;
    let mut again = Visitor::signed_in(&scene.gateway, "ana").await;
    let foreign = [ben.csrf().await, again.csrf().await];
    assert_ne!(foreign[1], scene.ana_csrf, "another session of the same account");
    let before = scene.state().await;
    let longer = format!("{}x", scene.ana_csrf);
    let cookie = scene.ana.cookies["session"].clone();
    let values = [None, Some(""), Some("x"), Some(&scene.ana_csrf[1..]), Some(&longer), Some(&cookie)]
        .into_iter()
        .map(|value| value.map(str::to_owned))
        .chain(foreign.map(Some))
        .collect::<Vec<_>>();
    let forms = routes::forms();
    for form in ["/databases/{id}/answer", "/databases/{id}/recreate", "/databases/{id}/remove-column"] {
        assert!(forms.iter().any(|route| route.pattern == form), "{form} is read from the router");
    }
    for route in &forms {
        let path = scene.path(route);
        if path == "/preview/allow" {
            continue; // Only over https; see `frame`.
        }
        for value in &values {
            let mut fields = scene.fields();
            fields.extend(value.clone().map(|value| ("csrf", value)));
            let request = scene.ana.request(Method::POST, &path).form(&fields);
            let page = scene.ana.send(request).await;
            assert_eq!(page.status, 403, "{path} {value:?}: {}", page.text);
            assert_eq!(page.texts("title").len(), 1, "a page for people");
            // Not in the query, nor as a header either.
            let request = scene.ana.request(Method::POST, &format!("{path}?csrf={}", scene.ana_csrf)).form(&fields);
            assert_eq!(scene.ana.send(request).await.status, 403, "{path}");
        }
        assert_eq!(scene.state().await, before, "{path}");
    }
    // A browser that is not signed in gets a session of its own, which a form cannot have known.
    let mut nobody = Visitor::new(&scene.gateway);
    for route in &forms {
        nobody.cookies.clear();
        let path = scene.path(route);
        let fields = [scene.fields(), vec![("csrf", scene.ana_csrf.clone())]].concat();
        let request = nobody.request(Method::POST, &path).form(&fields);
        let status = nobody.send(request).await.status;
        assert!(matches!(status, 403 | 404), "{path} {status}");
    }
    assert_eq!(scene.state().await, before);
}

#[tokio::test]
async fn what_another_site_makes_a_browser_send_is_refused_whatever_it_knows() {
    let mut scene = Scene::new().await;
    let before = scene.state().await;
    let port = scene.gateway.inner.listener.port();
    let elsewhere = [
        ("origin", "https://evil.example".to_owned()),
        ("origin", format!("http://evil.example:{port}")),
        ("origin", format!("http://localhost.evil.example:{port}")),
        ("origin", format!("http://127.0.0.1:{}", port - 1)),
        ("origin", "file://".to_owned()),
        ("origin", "chrome-extension://x".to_owned()),
        ("sec-fetch-site", "cross-site".to_owned()),
        ("sec-fetch-site", "same-site".to_owned()),
    ];
    for route in routes::all() {
        for method in route.methods.iter().filter(|method| **method != Method::GET) {
            let path = scene.path(&route);
            for (name, value) in &elsewhere {
                let fields = [scene.fields(), vec![("csrf", scene.ana_csrf.clone())]].concat();
                let request = scene.ana.request(method.clone(), &path).header(*name, value);
                let request = request.header("x-csrf-token", &scene.ana_csrf).form(&fields);
                let page = scene.ana.send(request).await;
                assert_eq!(page.status, 403, "{method} {path} {name}: {value}");
            }
        }
    }
    assert_eq!(scene.state().await, before);

    // Our own pages are let through, also as browsers tell of them under our referrer policy.
    let own = format!("http://127.0.0.1:{port}");
    for headers in [
        vec![("origin", own.as_str()), ("sec-fetch-site", "same-origin")],
        vec![("origin", "null"), ("sec-fetch-site", "same-origin")],
        vec![("origin", "null")],
        vec![],
    ] {
        let fields = [("csrf", scene.ana_csrf.as_str()), ("label", "mine")];
        let request = scene.ana.request(Method::POST, "/account/tokens").form(&fields);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        assert_eq!(scene.ana.send(request).await.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn a_session_speaks_to_the_api_with_its_csrf_header_alone() {
    let mut scene = Scene::new().await;
    let other = data_center().await;
    let before = scene.state().await;
    let resolve = json!({"urls": [scene.jira.at("/browse/OPS-7")]});
    let connect = json!({"site": other.url(), "method": "personal_access_token", "secret": "ben-access"});
    let remove = format!("/api/v1/connections/{}", scene.connection);
    let (fields, choose) = (format!("{remove}/fields"), json!({"chosen": []}));
    let empty = json!({"token": ""});
    let changes = [
        (Method::POST, "/api/v1/resolve", Some(&resolve)),
        (Method::POST, "/api/v1/connections", Some(&connect)),
        (Method::PUT, fields.as_str(), Some(&choose)),
        (Method::DELETE, remove.as_str(), None),
        (Method::POST, "/api/v1/notion-connections", Some(&empty)),
        (Method::DELETE, "/api/v1/notion-connections/ncn_00000000000000000000", None),
        (Method::POST, "/api/v1/databases", Some(&empty)),
        (Method::DELETE, "/api/v1/databases/db_00000000000000000000", None),
        (Method::POST, "/api/v1/databases/db_00000000000000000000/sync", Some(&empty)),
        (Method::POST, "/api/v1/databases/db_00000000000000000000/pause", None),
        (Method::POST, "/api/v1/databases/db_00000000000000000000/resume", None),
        (Method::POST, "/api/v1/databases/db_00000000000000000000/answer", Some(&empty)),
        (Method::POST, "/api/v1/databases/db_00000000000000000000/reauthenticate", Some(&empty)),
    ];
    let in_table = routes::all().into_iter().filter(Route::is_api).map(|it| it.methods.len()).sum::<usize>();
    assert_eq!(in_table, 22, "a new change of the API belongs into this table");
    let ben_csrf = Visitor::signed_in(&scene.gateway, "ben").await.csrf().await;
    for (method, path, body) in &changes {
        for value in [None, Some(""), Some("x"), Some(ben_csrf.as_str())] {
            let request = scene.ana.request(method.clone(), path);
            let request = body.iter().fold(request, |request, body| request.json(body));
            let request = value.iter().fold(request, |request, value| request.header("x-csrf-token", *value));
            let page = scene.ana.send(request).await;
            assert_eq!((page.status, page.reply.json()["code"].as_str()), (403, Some("csrf")), "{method} {path}");
        }
        // A bad token is not made good by a good cookie.
        let request = scene.ana.request(method.clone(), path).bearer_auth("jng_wrong");
        let request = request.header("x-csrf-token", &scene.ana_csrf);
        let request = body.iter().fold(request, |request, body| request.json(body));
        assert_eq!(scene.ana.send(request).await.status, 401, "{method} {path}");
        // Nobody at all.
        let request = reply(Visitor::new(&scene.gateway).request(method.clone(), path).json(&body)).await;
        assert_eq!(request.status, 401, "{method} {path}");
    }
    assert_eq!((scene.state().await, other.calls().total), (before, 0));
    for ((method, path, body), expected) in changes.iter().zip([200, 201, 200, 204, 422, 404]) {
        let request = scene.ana.request(method.clone(), path).header("x-csrf-token", &scene.ana_csrf);
        let request = body.iter().fold(request, |request, body| request.json(body));
        assert_eq!(scene.ana.send(request).await.status, expected, "{method} {path}");
    }
}
