//! What a person's browser meets at Notion: pages to paste into, "My connections", the way back from the gateway. All of
//! it works without script.

use super::super::jira::exchange::{Answer, Asked, segments};
use super::super::oauth::html::escape;
use super::state::{As, ConnectionId, PageId, PreviewId, UserId};
use super::{Notion, look, rest};

/// Who looks, by number. Other programs on this machine share the jar, so the name is its own.
pub const COOKIE: &str = "notion_user";

const STYLE: &str = include_str!("style.css");

impl Notion {
    pub(super) async fn site(&self, asked: Asked) -> Answer {
        let path = segments(&asked.path);
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let Some(user) = self.reader(&asked) else { return self.log_in(&asked, &path) };
        match (asked.method.as_str(), &path[..]) {
            ("GET", []) => self.home(user),
            (_, ["log-in"]) => self.log_in(&asked, &path),
            ("GET", ["externalIntegrationAuthCallback" | "externalintegrationauthcallback"]) => {
                self.callback(user, &asked).await
            }
            ("GET", ["connect"]) => match self.own_page(user, &asked.parameter("page").unwrap_or_default()) {
                Some(page) => Answer::redirect(&self.begin_connect_from(user, Some(page))),
                None => Answer::redirect(&self.begin_connect(user)),
            },
            ("GET", ["p", id]) => self.place(user, id, &asked),
            ("GET", ["connections"]) => self.my_connections(user),
            ("POST", ["connections", id, "disconnect"]) => {
                self.disconnect(user, ConnectionId(number(id))).await;
                see("/connections")
            }
            ("POST", ["previews", id, "remove"]) => {
                let shown =
                    self.state(|state| state.previews.iter().find(|it| it.id.0 == number(id)).map(|it| it.page));
                let Some(page) = shown.and_then(|page| self.own_page(user, &page.0.to_string())) else {
                    return missing();
                };
                self.remove_preview(PreviewId(number(id))).await;
                see(&format!("/pages/{}", page.0))
            }
            (_, ["pages", id, rest @ ..]) => {
                let Some(page) = self.own_page(user, id) else { return missing() };
                match (asked.method.as_str(), rest) {
                    ("GET", []) => self.page(user, page, &asked).await,
                    ("POST", ["paste"]) => {
                        let kind = if asked.field("as") == "mention" { As::Mention } else { As::Preview };
                        let pasted = self.paste(user, page, asked.field("uri").trim(), kind).await;
                        let query = if pasted.is_some() { "" } else { "?plain=1" };
                        see(&format!("/pages/{}{query}", page.0))
                    }
                    _ => missing(),
                }
            }
            _ => missing(),
        }
    }

    /// Who is logged in at this browser.
    fn reader(&self, asked: &Asked) -> Option<UserId> {
        let cookies = asked.headers.iter().filter(|(name, _)| name == "cookie").flat_map(|(_, value)| value.split(';'));
        let mut own = cookies.filter_map(|pair| pair.trim().split_once('=')).filter(|(name, _)| *name == COOKIE);
        let user = UserId(own.next()?.1.parse().ok()?);
        self.state(|state| (user.0 < state.users.len()).then_some(user))
    }

    /// A page of the reader's workspace.
    fn own_page(&self, user: UserId, id: &str) -> Option<PageId> {
        let page = PageId(id.parse().ok()?);
        self.state(|state| (state.pages.get(page.0)?.workspace == state.workspace_of(user)).then_some(page))
    }

    /// Everybody who has no cookie yet chooses who they are.
    fn log_in(&self, asked: &Asked, path: &[&str]) -> Answer {
        let count = self.state(|state| state.users.len());
        if asked.method == "POST"
            && path == ["log-in"]
            && let Some(user) = asked.field("user").parse::<usize>().ok().filter(|user| *user < count)
        {
            return see("/").with("set-cookie", &format!("{COOKIE}={user}; Path=/; HttpOnly; SameSite=Lax"));
        }
        if asked.method != "GET" {
            return missing();
        }
        let people: String = self.state(|state| {
            let row = |(at, user): (usize, &super::User)| {
                let place = &state.workspaces[user.workspace.0].name;
                let (name, place) = (escape(&user.name), escape(place));
                format!("<li><span>{name} <small>in {place}</small></span><button name=\"user\" value=\"{at}\">Continue as {name}</button></li>")
            };
            state.users.iter().enumerate().map(row).collect()
        });
        let body = format!(
            "<p class=\"muted\">This Notion is simulated. Its people:</p>\
             <form method=\"post\" action=\"/log-in\"><ul class=\"rows\">{people}</ul></form>"
        );
        Answer::html(200, &whole("Log in", "", &body))
    }

    fn home(&self, user: UserId) -> Answer {
        let pages: String = self.state(|state| {
            let own = state.pages.iter().enumerate().filter(|(_, it)| it.workspace == state.workspace_of(user));
            let row = |(at, page): (usize, &super::state::Page)| {
                let title = escape(&state.title(PageId(at)));
                format!("<li><a href=\"/pages/{at}\">{title}</a></li>{}", rest::look::names_below(page.id, state))
            };
            own.map(row).collect()
        });
        self.html(user, "Pages", &format!("<ul class=\"rows\">{pages}</ul>"))
    }

    /// A database, or a page of one, by the id that the public API gives it.
    fn place(&self, user: UserId, id: &str, asked: &Asked) -> Answer {
        let way = rest::look::Way {
            from: asked.parameter("from").and_then(|it| it.parse().ok()).unwrap_or_default(),
            view: asked.parameter("view").and_then(|it| rest::Id::parse(&it)),
            is_watched: asked.parameter("watch").is_some_and(|it| it == "1"),
        };
        let id = rest::Id::parse(id);
        let shown = self.hands(user).act(|desk| {
            let own = id.filter(|id| desk.sees(*id));
            Ok(own.and_then(|id| rest::look::page(id, way, desk)))
        });
        let Some((title, body)) = shown else { return missing() };
        let answer = self.html(user, &title, &format!("<div class=\"place\">{body}</div>"));
        if way.is_watched { again(answer) } else { answer }
    }

    /// To look at a page is to visit it: reload it, and everything is asked for again.
    async fn page(&self, user: UserId, page: PageId, asked: &Asked) -> Answer {
        let shown: String = self.visit(user, page).await.iter().map(|it| look::block(it, page.0)).collect();
        let title = self.state(|state| state.title(page));
        let below = self.hands(user).act(|desk| Ok(rest::look::below(desk.state.pages[page.0].id, desk)));
        let plain = match asked.query.as_str() {
            "plain=1" => {
                "<p role=\"status\" class=\"muted\">No integration knows that link, so it stays a plain one.</p>"
            }
            _ => "",
        };
        let body = format!(
            "{shown}{plain}<form method=\"post\" action=\"/pages/{0}/paste\"><div class=\"paste\">\
             <input type=\"url\" name=\"uri\" aria-label=\"Link\" placeholder=\"Paste a link\" required autocomplete=\"off\">\
             <button name=\"as\" value=\"preview\" class=\"main\">Preview</button>\
             <button name=\"as\" value=\"mention\">Mention</button></div></form>\
             <p><a class=\"button\" href=\"/pages/{0}\">Revisit</a></p>\n<div class=\"place\">{below}</div>",
            page.0
        );
        self.html(user, &title, &body)
    }

    /// The way back from the gateway.
    async fn callback(&self, user: UserId, asked: &Asked) -> Answer {
        let state = asked.parameter("state");
        let begun =
            self.state(|all| all.attempts.iter().find(|it| Some(&it.state) == state.as_ref()).and_then(|it| it.page));
        let back = begun.map_or_else(|| "/connections".to_owned(), |page| format!("/pages/{}", page.0));
        match self.come_back(user, &asked.query).await {
            Ok(_) => see(&back),
            Err(words) => {
                let body = format!(
                    "<p role=\"alert\" class=\"error\">{}</p><p><a class=\"button\" href=\"{back}\">Back</a></p>",
                    escape(&words)
                );
                self.html(user, "Not connected", &body)
            }
        }
    }

    fn my_connections(&self, user: UserId) -> Answer {
        let rows: String = self
            .connections(user)
            .iter()
            .map(|it| {
                let integration = self.state(|state| state.integration(&it.integration).map(|it| it.name.clone()));
                format!(
                    "<li><span>{} <small>{}</small></span><form method=\"post\" action=\"/connections/{}/disconnect\">\
                     <button>Disconnect</button></form></li>",
                    escape(&integration.unwrap_or_default()),
                    escape(&it.external_account.name),
                    it.id.0
                )
            })
            .collect();
        let rows =
            if rows.is_empty() { "<li><span class=\"muted\">Nothing is connected.</span></li>".into() } else { rows };
        let body = format!(
            "<ul class=\"rows\">{rows}</ul><p><a class=\"button main\" href=\"/connect\">Connect another account</a></p>"
        );
        self.html(user, "My connections", &body)
    }

    fn html(&self, user: UserId, title: &str, body: &str) -> Answer {
        let header = self.state(|state| {
            let (who, place) = (state.user(user), &state.workspaces[state.workspace_of(user).0].name);
            format!(
                "<a href=\"/\">{}</a><a href=\"/connections\">My connections</a>\
                 <a class=\"who\" href=\"/log-in\">{} <small>change</small></a>",
                escape(place),
                escape(&who.name)
            )
        });
        Answer::html(200, &whole(title, &header, body)).with("cache-control", "no-store")
    }
}

fn whole(title: &str, header: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title} | Notion (simulated)</title>\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<link rel=\"icon\" href=\"data:,\">\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<header>{header}</header>\n<main><h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )
}

/// The browser asks anew every two seconds.
fn again(answer: Answer) -> Answer {
    let text = String::from_utf8_lossy(&answer.body);
    let body = text.replacen("<style>", "<meta http-equiv=\"refresh\" content=\"2\">\n<style>", 1).into_bytes();
    Answer { body, ..answer }
}

fn see(path: &str) -> Answer {
    Answer { status: 303, headers: vec![("location".into(), path.into())], body: Vec::new() }
}

fn missing() -> Answer {
    Answer::html(404, &whole("This page could not be found", "<a href=\"/\">Home</a>", ""))
}

/// Numbers begin at 1, so 0 is nothing.
fn number(text: &str) -> usize {
    text.parse().unwrap_or_default()
}
