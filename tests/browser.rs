//! The pages in a real Chromium: what a person sees, with the mouse, with the keyboard alone, in the dark, on a phone,
//! and without JavaScript. The world is that of the demo.

mod connect;
mod driver;
mod everywhere;
mod gallery;
mod keyboard;
mod notion;
mod oauth;
mod screenshot;
mod without_script;

use driver::{Browser, Script};

use crate::world::demo::{Demo, Ports};
use crate::world::gateway::Gateway;

/// The demo with a window on it. Keep all three.
struct Scene {
    demo: Demo,
    gateway: Gateway,
    browser: Browser,
}

impl Scene {
    /// A browser that has never been here, or `None` where there is none.
    async fn new(script: Script) -> Option<Self> {
        Self::with(script, Ports::default(), &[]).await
    }

    /// The same at these ports, and with more flags for the gateway.
    async fn with(script: Script, ports: Ports, flags: &[&str]) -> Option<Self> {
        let browser = Browser::open(script).await?;
        let (demo, gateway) = crate::demo::start_with(ports, flags).await;
        Some(Self { demo, gateway, browser })
    }

    /// With Ana's and Hana's accounts connected.
    async fn connected(script: Script) -> Option<Self> {
        Some(Self::new(script).await?.connect().await)
    }

    async fn connect(self) -> Self {
        let scene = self;
        let api = scene.gateway.api("local").await;
        for log_in in scene.demo.log_ins() {
            let is_theirs = ["ana@acme.example", "hana"].contains(&log_in.username.as_str());
            if is_theirs && log_in.method != "oauth" && !log_in.note.contains("scoped") {
                api.connect(&log_in.site, log_in.method, &log_in.username, &log_in.secret).await;
            }
        }
        scene
    }

    /// An address of the gateway.
    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.gateway.url)
    }

    /// A page of the gateway about a link: `/`, `/preview?as=card`, `/why`.
    fn about(&self, page: &str, link: &str) -> String {
        let mut url = url::Url::parse(&self.at(page)).unwrap();
        url.query_pairs_mut().append_pair("url", link);
        url.into()
    }
}
