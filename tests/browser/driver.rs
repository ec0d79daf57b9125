//! A real Chromium in a window that nobody sees, steered by chromedriver.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// One window with a profile of its own. Call [`Browser::close`] at the end; a test that fails before leaves the
/// window to the watchdog.
pub struct Browser {
    pub client: Client,
}

/// What a person has set in their browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Script {
    On,
    Off,
}

impl Browser {
    /// A new window of 1100 × 900, or `None` after one printed line where there is no Chromium
    /// (`GATEWAY_TEST_REQUIRE=all` forbids that).
    pub async fn open(script: Script) -> Option<Self> {
        let driver = driver()?;
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let profile = driver.folder.join(format!("profile-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--force-prefers-reduced-motion",
            "--hide-scrollbars",
            "--lang=en",
            "--window-size=1100,900",
            &format!("--user-data-dir={}", profile.display()),
        ];
        let mut options = json!({ "args": arguments });
        if script == Script::Off {
            options["prefs"] = json!({"profile.managed_default_content_settings.javascript": 2});
        }
        let wanted = json!({"goog:loggingPrefs": {"browser": "ALL"}, "goog:chromeOptions": options});
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(wanted.as_object().unwrap().clone());
        let client = builder.connect(&driver.url).await.expect("a window");
        Some(Self { client })
    }

    /// Ends the window. What the page was not allowed to do, and every error of a script, fails the test.
    pub async fn close(self) {
        let log = self.complaints().await;
        self.client.close().await.unwrap();
        assert!(log.is_empty(), "the browser complained:\n{}", log.join("\n"));
    }

    /// The browser's log, but for forms and pages that were refused on purpose.
    async fn complaints(&self) -> Vec<String> {
        let log = self.send("se/log", json!({"type": "browser"})).await;
        let refused = |text: &str| {
            let on_purpose = ["/connect ", "/connect/callback/", "/nowhere ", "/account/tokens "]
                .iter()
                .any(|page| text.contains(page));
            on_purpose && text.contains("the server responded with a status of 4")
        };
        let entries = log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned());
        entries.filter(|text| !refused(text)).collect()
    }

    pub async fn goto(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// The first element that matches, as soon as it is there.
    pub async fn see(&self, css: &str) -> Element {
        match self.client.wait().for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("{css}: {error}\n{}", self.client.source().await.unwrap_or_default()),
        }
    }

    /// Waits for an element of this kind that holds this text.
    pub async fn see_text(&self, element: &str, text: &str) -> Element {
        let path = format!("//{element}[contains(normalize-space(.), \"{text}\")]");
        match self.client.wait().for_element(Locator::XPath(&path)).await {
            Ok(element) => element,
            Err(error) => panic!("{element} with {text}: {error}\n{}", self.client.source().await.unwrap_or_default()),
        }
    }

    pub async fn click(&self, css: &str) {
        self.see(css).await.click().await.unwrap();
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.see(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub async fn text(&self, css: &str) -> String {
        self.see(css).await.text().await.unwrap()
    }

    /// The accessible name that the browser tells to programs that read aloud.
    pub async fn name(&self, css: &str) -> String {
        let root = self.chrome("DOM.getDocument", json!({})).await["root"]["nodeId"].clone();
        let node = self.chrome("DOM.querySelector", json!({"nodeId": root, "selector": css})).await["nodeId"].clone();
        let wanted = json!({"nodeId": node, "fetchRelatives": false});
        let tree = self.chrome("Accessibility.getPartialAXTree", wanted).await;
        let name = tree["nodes"][0]["name"]["value"].as_str().unwrap_or_else(|| panic!("{css}: {tree}"));
        name.split_whitespace().collect::<Vec<_>>().join(" ").replace(" ,", ",")
    }

    pub async fn count(&self, css: &str) -> usize {
        self.client.find_all(Locator::Css(css)).await.unwrap().len()
    }

    /// Runs the body of a function in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// The same for a body that hands its result to its last argument, later.
    pub async fn run_async(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap()
    }

    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// Presses these keys one after the other, wherever the focus is.
    pub async fn press(&self, keys: &[Key]) {
        let strokes = keys.iter().fold(KeyActions::new("keyboard".into()), |strokes, key| {
            let value = char::from(*key);
            strokes.then(KeyAction::Down { value }).then(KeyAction::Up { value })
        });
        self.client.perform_actions(strokes).await.unwrap();
    }

    /// Puts a text into the clipboard by cutting it out of this box, and pastes it there, as a person does.
    pub async fn paste(&self, css: &str, text: &str) {
        let field = self.see(css).await;
        // Typing it would press Enter at the end of each line.
        let put = "document.querySelector(arguments[0]).value = arguments[1]";
        self.client.execute(put, vec![json!(css), json!(text)]).await.unwrap();
        let chord = |letter: &str| format!("{}{letter}", char::from(Key::Control));
        field.send_keys(&chord("ax")).await.unwrap();
        field.send_keys(&chord("v")).await.unwrap();
    }

    /// A window of this size, as a phone or a desk has it.
    pub async fn size(&self, width: u32, height: u32, scale: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": scale, "mobile": false});
        self.chrome("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// `prefers-color-scheme`
    pub async fn scheme(&self, scheme: &str) {
        self.prefer("prefers-color-scheme", scheme).await;
    }

    /// What the person has set in their system, as a media feature tells it.
    pub async fn prefer(&self, name: &str, value: &str) {
        let features = json!({"features": [{"name": name, "value": value}]});
        self.chrome("Emulation.setEmulatedMedia", features).await;
    }

    /// A command of the Chrome DevTools protocol.
    pub async fn chrome(&self, command: &str, parameters: Value) -> Value {
        self.send("goog/cdp/execute", json!({"cmd": command, "params": parameters})).await
    }

    async fn send(&self, path: &'static str, body: Value) -> Value {
        self.client.issue_cmd(Custom { path, body }).await.unwrap()
    }
}

/// What chromedriver understands besides the WebDriver standard.
#[derive(Debug)]
struct Custom {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Custom {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

/// The one chromedriver of a test run. It ends with this process, however that ends, and so do its windows.
struct Driver {
    url: String,
    folder: PathBuf,
    /// Its standard input is open for as long as this process lives.
    _watchdog: Child,
    _log: BufReader<ChildStdout>,
}

fn driver() -> Option<&'static Driver> {
    static DRIVER: OnceLock<Option<Driver>> = OnceLock::new();
    let start = || {
        let installed = |names: &[&str]| {
            let path = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&path).any(|folder| names.iter().any(|name| folder.join(name).is_file()))
        };
        if !installed(&["chromedriver"]) || !installed(&["chromium", "chromium-browser", "google-chrome"]) {
            let required = std::env::var("GATEWAY_TEST_REQUIRE").is_ok_and(|value| value == "all");
            assert!(!required, "Chromium and chromedriver are not installed, and nothing may be skipped");
            eprintln!("skipped in the browser: chromium or chromedriver is not installed");
            return None;
        }
        Some(Driver::start())
    };
    DRIVER.get_or_init(start).as_ref()
}

impl Driver {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("gateway-browser-").tempdir().unwrap().keep();
        // `cat` ends when this process is gone and with it the other end of the pipe. Windows would outlive chromedriver.
        let script = r#"
            chromedriver --port=0 </dev/null 2>/dev/null &
            driver=$!
            cat >/dev/null
            kill -9 $driver $(cat /proc/$driver/task/*/children)
            wait $driver
            rm -rf "$FOLDER"
            # What a window leaves behind writes for a moment more.
            for again in 1 2 3; do sleep 1; rm -rf "$FOLDER"; done"#;
        let mut watchdog = Command::new(Path::new("/bin/sh"))
            .args(["-c", script])
            .env("FOLDER", &folder)
            // Ctrl-C in a terminal reaches a whole group: the watchdog outlives it, to clear up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(watchdog.stdout.take().unwrap());
        let mut line = String::new();
        let port = loop {
            line.clear();
            assert!(log.read_line(&mut line).unwrap() > 0, "chromedriver did not start");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim().trim_end_matches('.').to_owned();
            }
        };
        Self { url: format!("http://127.0.0.1:{port}/"), folder, _watchdog: watchdog, _log: log }
    }
}
