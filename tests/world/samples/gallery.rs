//! Every kind in every state, light and dark, wide and narrow, drawn by the product's own templates: as files, and as a
//! small site of the demo.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::sync::Arc;

use axum::body::Body;
use hyper::Response;
use jira_notion_gateway::preview::Answer;
use jira_notion_gateway::render::mention::{self, Density};
use jira_notion_gateway::render::{assets, card};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::{every_kind, long_and_mixed, nothing_to_preview, now, situations, sub_task};
use crate::world::jira::exchange::Door;
use crate::world::jira::listener;

/// The themes of which each page exists. Forced colours are the reader's, so a browser has to be told.
pub const THEMES: [&str; 2] = ["light", "dark"];

/// One file: its name, its type, its content.
pub struct File {
    pub name: String,
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// All files, with addresses that lead from one to the other wherever they lie.
pub fn files() -> Vec<File> {
    let file = |name: &str, content_type, bytes: &[u8]| File { name: name.into(), content_type, bytes: bytes.into() };
    let mut files: Vec<File> = pages()
        .into_iter()
        .map(|(name, html)| {
            let html = html.replace("\"/assets/", "\"").replace("\"/pictures/", "\"");
            file(&name, "text/html; charset=utf-8", html.as_bytes())
        })
        .collect();
    for asset in assets::all() {
        files.push(file(asset.path.rsplit('/').next().unwrap(), asset.content_type, asset.bytes));
    }
    files.push(file("gallery.css", "text/css; charset=utf-8", include_bytes!("gallery.css")));
    let pictures: [(&str, &[u8]); 4] = [
        ("face.svg", include_bytes!("face.svg")),
        ("mark.svg", include_bytes!("mark.svg")),
        ("type.svg", include_bytes!("type.svg")),
        ("priority.svg", include_bytes!("priority.svg")),
    ];
    files.extend(pictures.map(|(name, bytes)| file(name, "image/svg+xml", bytes)));
    files
}

/// The pages by file name. The first is where to begin.
pub fn pages() -> Vec<(String, String)> {
    let mut kinds = every_kind();
    kinds.extend([("sub_task", sub_task()), ("long_and_mixed", long_and_mixed())]);
    let bare = nothing_to_preview();
    let mut pages = Vec::new();
    for theme in THEMES {
        let all: Vec<&(&str, Answer)> = kinds.iter().chain(&bare).collect();
        let name = if theme == "light" { "index.html".to_owned() } else { format!("all-{theme}.html") };
        pages.push((name, overview(theme, &all)));
        let sections = kinds.iter().map(|(name, answer)| section(name, answer)).collect::<String>();
        pages.push((format!("rtl-{theme}.html"), page("Right to left", theme, "rtl", &sections)));
        for (kind, base) in &kinds {
            let states = situations(base);
            let can_move = jira_notion_gateway::render::words::is_issue(base.kind) || *kind == "project";
            let sections: String = states
                .iter()
                .filter(|(state, _)| can_move || *state != "moved")
                .map(|(state, answer)| section(state, answer))
                .collect();
            pages.push((format!("{kind}-{theme}.html"), page(&words(kind), theme, "ltr", &sections)));
        }
    }
    pages
}

fn overview(theme: &str, all: &[&(&str, Answer)]) -> String {
    let mut out = String::from("<nav class=\"kinds\" aria-label=\"All states\"><p>All states of</p><ul>\n");
    for (name, answer) in all {
        if answer.preview.is_some() {
            let _ = writeln!(out, "<li><a href=\"{name}-{theme}.html\">{}</a></li>", words(name));
        }
    }
    out.push_str("</ul></nav>\n");
    out.extend(all.iter().map(|(name, answer)| section(name, answer)));
    page("Every kind of link", theme, "ltr", &out)
}

/// One answer: in a sentence at three lengths, and as a card in a wide and in a narrow column.
fn section(name: &str, answer: &Answer) -> String {
    let mut out = format!("<section aria-labelledby=\"s-{name}\"><h2 id=\"s-{name}\">{}</h2>\n", words(name));
    for density in Density::ALL {
        if let Some(mention) = mention::html(answer, density) {
            let _ = writeln!(out, "<p class=\"sentence\">Tomorrow we look at {mention} together.</p>");
        }
    }
    let card = card::html(answer, now());
    let _ = writeln!(out, "<div class=\"columns\"><div>{card}</div><div>{card}</div></div></section>");
    out
}

fn words(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn page(title: &str, theme: &str, dir: &str, main: &str) -> String {
    let style = assets::style();
    let links: Vec<String> = [("index.html", "Light"), ("all-dark.html", "Dark"), ("rtl-light.html", "Right to left")]
        .iter()
        .map(|(href, word)| format!("<a href=\"{href}\">{word}</a>"))
        .collect();
    format!(
        "<!doctype html>\n<html lang=\"en\" dir=\"{dir}\" data-theme=\"{theme}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title} · Gallery</title>\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n<link rel=\"stylesheet\" href=\"gallery.css\">\n\
         <link rel=\"icon\" href=\"{icon}\" type=\"image/svg+xml\">\n</head>\n<body>\n<main class=\"gallery\">\n\
         <h1>{title}</h1>\n<p class=\"lead\">Samples, drawn by the gateway's own templates: no Jira is asked.</p>\n\
         <nav class=\"themes\" aria-label=\"Themes\">{}</nav>\n{main}</main>\n</body>\n</html>\n",
        links.join(" "),
        icon = assets::favicon(),
    )
}

/// The gallery on a port of its own. It stops when it is dropped.
pub struct Gallery {
    pub url: String,
    door: JoinHandle<()>,
}

impl Gallery {
    /// At a port that must be free; 0 = any.
    pub async fn at_port(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let files: BTreeMap<String, File> = files().into_iter().map(|file| (format!("/{}", file.name), file)).collect();
        let files = Arc::new(files);
        let answer = move |asked: crate::world::jira::exchange::Asked| {
            let files = Arc::clone(&files);
            async move { Ok::<_, io::Error>(serve(&files, &asked.path)) }
        };
        let door = tokio::spawn(listener::serve(listener, Door::Site, None, answer));
        Self { url, door }
    }
}

impl Drop for Gallery {
    fn drop(&mut self) {
        self.door.abort();
    }
}

fn serve(files: &BTreeMap<String, File>, path: &str) -> Response<Body> {
    let found = files.get(if path == "/" { "/index.html" } else { path });
    let response = Response::builder().header("content-security-policy", assets::content_security_policy("'none'"));
    let response = match found {
        Some(file) => response.header("content-type", file.content_type).body(Body::from(file.bytes.clone())),
        None => response.status(404).body(Body::empty()),
    };
    response.expect("a whole response")
}
