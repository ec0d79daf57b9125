//! The route table, read from the router itself: a new route is in every test of this folder at once.

use std::fs;
use std::path::{Path, PathBuf};

use jira_notion_gateway::render::assets;
use reqwest::Method;

pub struct Route {
    /// `/connections/{id}/remove`
    pub pattern: String,
    pub methods: Vec<Method>,
}

impl Route {
    /// An address that the route answers; ids are those of nobody.
    pub fn path(&self) -> String {
        let path = self.pattern.replace("{*rest}", "nothing/here");
        let path = match path.strip_prefix("/assets/{name}") {
            Some("") => assets::style().to_owned(),
            _ => path,
        };
        let path = path.replace("/connections/{id}", "/connections/con_00000000000000000000");
        let path = path.replace("/tokens/{id}", "/tokens/tok_00000000000000000000");
        assert!(!path.contains('{'), "what stands for {{…}} in {path}?");
        match path.as_str() {
            "/preview" | "/why" | "/api/v1/resolve" => {
                format!("{path}?url=https%3A%2F%2Facme.atlassian.net%2Fbrowse%2FOPS-7")
            }
            _ => path,
        }
    }

    pub fn is_api(&self) -> bool {
        self.pattern.starts_with("/api/")
    }

    pub fn has(&self, method: &Method) -> bool {
        self.methods.contains(method)
    }
}

/// Every route of the router.
pub fn all() -> Vec<Route> {
    let routes = read(&fs::read_to_string(source("http/mod.rs")).unwrap());
    assert!(routes.len() >= 24, "the router is read");
    routes
}

/// Every route with a form of ours behind it: what a page sends.
pub fn forms() -> Vec<Route> {
    // A frame's script redeems its code under a rule of its own.
    let other = |route: &Route| route.is_api() || route.pattern == "/preview/session";
    all().into_iter().filter(|route| route.has(&Method::POST) && !other(route)).collect()
}

fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)
}

fn read(router: &str) -> Vec<Route> {
    let calls = router.split(".route(").skip(1).map(|call| {
        let mut depth = 1;
        let end = call.char_indices().find(|(_, letter)| {
            depth += i32::from(*letter == '(') - i32::from(*letter == ')');
            depth == 0
        });
        &call[..end.unwrap().0]
    });
    calls
        .map(|call| {
            let pattern = call.split('"').nth(1).unwrap().to_owned();
            let known = [("get(", Method::GET), ("post(", Method::POST), ("delete(", Method::DELETE)];
            let methods: Vec<_> = known.into_iter().filter(|(word, _)| call.contains(word)).map(|it| it.1).collect();
            let named = call.matches("get(").count() + call.matches("post(").count() + call.matches("delete(").count();
            assert!(!methods.is_empty() && named == methods.len(), "{call}");
            assert!(!call.contains("put(") && !call.contains("patch(") && !call.contains("any("), "{call}");
            Route { pattern, methods }
        })
        .collect()
}

#[test]
fn the_table_is_read_from_the_only_router() {
    let routes = read(".route(\"/a\", get(a::b).post(c(d)))\n  .route(\n  \"/b/{id}\",\n  delete(x))\n.fallback(y)");
    let told: Vec<_> = routes.iter().map(|route| (route.pattern.as_str(), route.methods.as_slice())).collect();
    assert_eq!(told, [("/a", &[Method::GET, Method::POST][..]), ("/b/{id}", &[Method::DELETE][..])]);

    let mut folders = vec![source("")];
    let mut routers = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let words = [".route(", ".nest(", ".route_service(", ".nest_service(", ".fallback_service("];
                if words.iter().any(|word| text.contains(word)) {
                    routers.push(path);
                }
                assert!(words[1..].iter().all(|word| !text.contains(word)), "the table does not read such routes");
            }
        }
    }
    assert_eq!(routers, [source("http/mod.rs")]);
}
