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
        let path = path.replace("/notion-connections/{id}", "/notion-connections/ncn_00000000000000000000");
        let path = path.replace("/notion/connections/{id}", "/notion/connections/ncn_00000000000000000000");
        let path = path.replace("/connections/{id}", "/connections/con_00000000000000000000");
        let path = path.replace("/databases/{id}", "/databases/db_00000000000000000000");
        let path = path.replace("/callback/{provider}", "/callback/cloud");
        let path = path.replace("/picture/{pass}", "/picture/nobody");
        let path = path.replace("/jira/webhook/{id}", "/jira/webhook/whk_00000000000000000000");
        let path = path.replace("/grants/{id}", "/grants/gra_00000000000000000000");
        let path = path.replace("/tokens/{id}", "/tokens/tok_00000000000000000000");
        assert!(!path.contains('{'), "what stands for {{…}} in {path}?");
        match path.as_str() {
            "/preview" | "/oembed" | "/why" | "/api/v1/resolve" => {
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
    // A frame's script redeems its code under a rule of its own; Jira and Notion prove themselves in their own ways, too.
    let others = ["/preview/session", "/jira/webhook/{id}", "/notion/token", "/notion/unfurl", "/notion/deleted-token"];
    let other = |route: &Route| route.is_api() || others.contains(&route.pattern.as_str());
    all().into_iter().filter(|route| route.has(&Method::POST) && !other(route)).collect()
}

fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file)
}

fn read(router: &str) -> Vec<Route> {
    router.split(".route(").skip(1).filter_map(|call| route(router, arguments(call))).collect()
}

/// The text up to the bracket that closes the call.
fn arguments(call: &str) -> &str {
    let mut depth = 1;
    let end = call.char_indices().find(|(_, letter)| {
        depth += i32::from(*letter == '(') - i32::from(*letter == ')');
        depth == 0
    });
    &call[..end.unwrap().0]
}

/// None for others that have a method of this name, but take no pattern first.
fn route(router: &str, arguments: &str) -> Option<Route> {
    let first = arguments.split(',').next()?.trim();
    let literal = match first.starts_with('"') {
        true => first,
        false => router.split(&format!("const {first}: &str = ")).nth(1)?.split(';').next()?,
    };
    let pattern = literal.trim_matches('"').to_owned();
    if !pattern.starts_with('/') {
        return None;
    }
    let known = [("get(", Method::GET), ("post(", Method::POST), ("put(", Method::PUT), ("delete(", Method::DELETE)];
    let named: usize = known.iter().map(|(word, _)| arguments.matches(word).count()).sum();
    let methods: Vec<_> = known.into_iter().filter(|(word, _)| arguments.contains(word)).map(|it| it.1).collect();
    assert!(!methods.is_empty() && named == methods.len(), "{arguments}");
    let unknown = ["patch(", "any(", "on("];
    assert!(unknown.iter().all(|word| !arguments.contains(word)), "{arguments}");
    Some(Route { pattern, methods })
}

#[test]
fn the_table_is_read_from_the_only_router() {
    let text = "const C: &str = \"/c\"; .route(\"/a\", get(a::b).post(c(d))) .route(\n  \"/b/{id}\",\n  delete(x))\n
        .route(C, get(x)).fallback(y); metrics.route(\"GET\", C); self.route(name, C)";
    let routes = read(text);
    let told: Vec<_> = routes.iter().map(|route| (route.pattern.as_str(), route.methods.as_slice())).collect();
    assert_eq!(
        told,
        [("/a", &[Method::GET, Method::POST][..]), ("/b/{id}", &[Method::DELETE]), ("/c", &[Method::GET])]
    );

    let mut folders = vec![source("")];
    let mut routers = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                if !read(&text).is_empty() {
                    routers.push(path);
                }
                let unread = [".nest(", ".route_service(", ".nest_service(", ".fallback_service("];
                assert!(unread.iter().all(|word| !text.contains(word)), "the table does not read such routes");
            }
        }
    }
    assert_eq!(routers, [source("http/mod.rs")]);
}
