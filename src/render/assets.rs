//! The few files that pages load, each under an address that changes with its content.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::LazyLock;

/// One file, ready to be served for a year.
#[derive(Clone, Debug)]
pub struct Asset {
    /// `/assets/style-0123456789abcdef.css`
    pub path: String,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
}

/// How long a browser may keep an asset: its address changes when it does.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The policy of every page: nothing but our own style sheet and script, framed by nobody.
pub fn content_security_policy(frame_ancestors: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors {frame_ancestors}"
    )
}

/// The same for a page whose form may lead to a provider: browsers hold every redirect that follows a form against
/// `form-action`, and a provider may lead on to a sign-in page of the company, at an address that nobody here knows.
/// `to_plain_http` where a provider itself has no https.
pub fn policy_of_a_page_that_leads_away(to_plain_http: bool) -> String {
    let away = if to_plain_http { "form-action 'self' https: http:" } else { "form-action 'self' https:" };
    content_security_policy("'none'").replace("form-action 'self'", away)
}

/// All files, found by path.
pub fn find(path: &str) -> Option<&'static Asset> {
    all().iter().find(|asset| asset.path == path)
}

/// All files.
pub fn all() -> &'static [Asset; 4] {
    &ASSETS
}

static ASSETS: LazyLock<[Asset; 4]> = LazyLock::new(|| {
    [
        asset("style", "css", "text/css; charset=utf-8", include_bytes!("../../templates/style.css")),
        asset("paste", "js", "text/javascript; charset=utf-8", include_bytes!("../../templates/paste.js")),
        asset("icon", "svg", "image/svg+xml", include_bytes!("../../templates/icon.svg")),
        asset("frame", "js", "text/javascript; charset=utf-8", include_bytes!("../../templates/frame.js")),
    ]
});

/// The address of the style sheet.
pub fn style() -> &'static str {
    &all()[0].path
}

/// The address of the script.
pub fn script() -> &'static str {
    &all()[1].path
}

/// The address of the picture in the browser's tab.
pub fn favicon() -> &'static str {
    &all()[2].path
}

/// The address of the script by which a frame gets a session of its own.
pub fn frame_script() -> &'static str {
    &all()[3].path
}

fn asset(name: &str, extension: &str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    Asset { path: format!("/assets/{name}-{:016x}.{extension}", hasher.finish()), content_type, bytes }
}
