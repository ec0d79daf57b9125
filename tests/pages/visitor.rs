//! A browser without a screen: it keeps cookies, follows redirects when told to, fills in forms and sends them.

use std::collections::BTreeMap;

use jira_notion_gateway::config::SignIn;
use reqwest::{Client, Method, RequestBuilder};
use scraper::{ElementRef, Html, Selector};
use secrecy::ExposeSecret;

use crate::world::gateway::{Gateway, Reply, client, client_at, reply};

pub struct Visitor {
    url: String,
    client: Client,
    pub cookies: BTreeMap<String, String>,
    /// What stands between the browser and the gateway adds these to every request.
    pub headers: Vec<(&'static str, String)>,
}

/// What a request was answered with.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub text: String,
    pub reply: Reply,
}

impl Visitor {
    /// A browser that has never been here.
    pub fn new(gateway: &Gateway) -> Self {
        Self::of(&gateway.url)
    }

    /// The same at any other server of the tests.
    pub fn of(origin: &str) -> Self {
        Self { url: origin.to_owned(), client: client(), cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// A browser whose requests come from this address.
    pub fn at(gateway: &Gateway, address: [u8; 4]) -> Self {
        Self { client: client_at(address), ..Self::new(gateway) }
    }

    /// A browser in which this account is signed in.
    pub async fn signed_in(gateway: &Gateway, account: &str) -> Self {
        let id = gateway.inner.accounts.named(account).await.unwrap();
        let session = gateway.inner.accounts.start_session(&id, SignIn::Local).await.unwrap();
        let mut visitor = Self::new(gateway);
        visitor.cookies.insert(gateway.inner.cookie_name().to_owned(), session.cookie.expose_secret().to_owned());
        visitor
    }

    /// A request with this browser's cookies, for tests that add to it.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let request = self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        match self.cookies.is_empty() {
            true => request,
            false => {
                let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
                request.header("cookie", pairs.join("; "))
            }
        }
    }

    pub async fn send(&mut self, request: RequestBuilder) -> Page {
        let reply = reply(request).await;
        for line in reply.headers.get_all("set-cookie") {
            let pair = line.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match value.is_empty() {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        Page { status: reply.status.as_u16(), text: reply.text.clone(), reply }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        let request = self.request(Method::GET, path);
        self.send(request).await
    }

    /// The page at a path or an address of the gateway, after all redirects.
    pub async fn open(&mut self, address: &str) -> Page {
        let path = address.strip_prefix(&self.url).unwrap_or(address).to_owned();
        let page = self.get(&path).await;
        self.follow(page).await
    }

    async fn follow(&mut self, mut page: Page) -> Page {
        while page.status == 303 {
            let path = page.location().to_owned();
            page = self.get(&path).await;
        }
        page
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self.request(Method::POST, path).form(fields);
        self.send(request).await
    }

    /// Fills in the form of a page that goes to `action`, and sends it.
    pub async fn submit(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let mut filled = page.form(action);
        for (name, value) in fields {
            filled.retain(|(other, _)| other != name);
            filled.push(((*name).to_owned(), (*value).to_owned()));
        }
        let request = self.request(Method::POST, action).form(&filled);
        self.send(request).await
    }

    /// The same, and on to where it leads.
    pub async fn submit_and_follow(&mut self, page: &Page, action: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.submit(page, action, fields).await;
        assert_eq!(page.status, 303, "{}", page.text);
        self.follow(page).await
    }

    /// The CSRF value of this browser's session.
    pub async fn csrf(&mut self) -> String {
        self.get("/").await.value("csrf")
    }

    /// Connects Ana or Ben at a Jira by the window, and comes back to this path.
    pub async fn connect(&mut self, jira: &crate::world::FakeJira, who: &str, return_to: &str) -> Page {
        let query = [("site", jira.url()), ("return_to", return_to.to_owned())];
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
        let window = self.get(&format!("/connect?{query}")).await;
        let (mail, token, access) = (format!("{who}@acme.example"), format!("{who}-token"), format!("{who}-access"));
        let fields: [(&str, &str); 4] = match jira.personality().is_cloud() {
            true => [("version", "cloud"), ("method", "api_token"), ("username", &mail), ("secret", &token)],
            false => {
                [("version", "data_center"), ("method", "personal_access_token"), ("username", ""), ("secret", &access)]
            }
        };
        self.submit_and_follow(&window, "/connect", &fields).await
    }
}

impl Page {
    pub fn location(&self) -> &str {
        self.reply.header("location")
    }

    pub fn html(&self) -> Html {
        Html::parse_document(&self.text)
    }

    /// The texts of all elements that a selector names.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let words = |element: ElementRef<'_>| {
            element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        self.html().select(&Selector::parse(selector).unwrap()).map(words).collect()
    }

    /// The text of the one element that a selector names.
    pub fn one(&self, selector: &str) -> String {
        let mut texts = self.texts(selector);
        assert_eq!(texts.len(), 1, "{selector}: {texts:?} in {}", self.text);
        texts.remove(0)
    }

    /// Attributes of all elements that a selector names.
    pub fn attributes(&self, selector: &str, attribute: &str) -> Vec<String> {
        let html = self.html();
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector).filter_map(|it| it.attr(attribute)).map(str::to_owned).collect()
    }

    /// Where the link with these words leads.
    pub fn link(&self, words: &str) -> String {
        let html = self.html();
        let all = Selector::parse("a[href]").unwrap();
        let mut found = html.select(&all).filter(|it| it.text().collect::<String>().trim() == words);
        found.next().unwrap_or_else(|| panic!("no link {words:?} in {}", self.text)).attr("href").unwrap().to_owned()
    }

    /// The first field of this name.
    pub fn value(&self, name: &str) -> String {
        let values = self.attributes(&format!("input[name={name}]"), "value");
        values.first().unwrap_or_else(|| panic!("no field {name} in {}", self.text)).clone()
    }

    /// The fields of a form as they stand.
    pub fn form(&self, action: &str) -> Vec<(String, String)> {
        let html = self.html();
        let form = Selector::parse(&format!("form[action='{action}']")).unwrap();
        let form = html.select(&form).next().unwrap_or_else(|| panic!("no form {action} in {}", self.text));
        let fields = Selector::parse("input[name], textarea[name]").unwrap();
        let unchecked = |field: &ElementRef<'_>| {
            matches!(field.attr("type"), Some("radio" | "checkbox")) && field.attr("checked").is_none()
        };
        form.select(&fields)
            .filter(|field| !unchecked(field))
            .map(|field| {
                let text = || field.text().collect();
                let value = field.attr("value").map_or_else(text, str::to_owned);
                (field.attr("name").unwrap().to_owned(), value)
            })
            .collect()
    }
}
