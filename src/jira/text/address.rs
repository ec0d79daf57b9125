//! Which addresses of a text may become links.

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use url::{ParseError, Url};

use super::super::key::SiteUrl;

const LONGEST: usize = 2_000;

/// The address in its normal form, if a click on it does no more than open a page or a letter.
///
/// The parser is the one that browsers use: it sees through white space and control characters in a scheme, and writes
/// what it read in ASCII. A path is completed with the origin of the `site` that showed it.
pub(super) fn safe(href: &str, site: Option<&SiteUrl>) -> Option<Arc<str>> {
    let url = match (Url::parse(href), site) {
        (Err(ParseError::RelativeUrlWithoutBase), Some(site)) if href.trim_start().starts_with('/') => {
            Url::parse(site.as_str()).ok()?.join(href).ok()?
        }
        (url, _) => url.ok()?,
    };
    let is_safe = match url.scheme() {
        "http" | "https" => url.has_host(),
        "mailto" => !url.as_str().contains(['<', '>', '"', '\'', '\\', '`', ' ']),
        _ => false,
    };
    (is_safe && url.as_str().len() <= LONGEST).then(|| url.as_str().into())
}

/// The last part of an address: what people know of a picture.
pub(super) fn file_name(address: &str) -> Cow<'_, str> {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    let name = path.rsplit('/').find(|part| !part.is_empty()).unwrap_or(path);
    percent_decode_str(name).decode_utf8_lossy()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_and_letters_are_linked() {
        let site = SiteUrl::parse("https://jira.example.org/jira").unwrap();
        let long = format!("https://a.example/{}", "x".repeat(LONGEST));
        let table = [
            ("https://a.example/x?y=1#z", Some("https://a.example/x?y=1#z")),
            ("  HTTPS://A.example", Some("https://a.example/")),
            ("mailto:ana@a.example", Some("mailto:ana@a.example")),
            ("/jira/browse/OPS-7", Some("https://jira.example.org/jira/browse/OPS-7")),
            ("//b.example/x", Some("https://b.example/x")),
            ("https://a.example/<b>\"", Some("https://a.example/%3Cb%3E%22")),
            ("https://a.example/\u{202e}x", Some("https://a.example/%E2%80%AEx")),
            ("mailto:<script>@x", None),
            ("mailto:a b", None),
            ("javascript:alert(1)", None),
            ("JaVaScRiPt:alert(1)", None),
            (" \u{1}java\nscr\tipt:alert(1)", None),
            ("javascript\u{200b}:x", None),
            ("vbscript:x", None),
            ("data:text/html,<b>", None),
            ("file:///etc/passwd", None),
            ("blob:https://a.example/x", None),
            ("view-source:https://a.example", None),
            ("ftp://a.example", None),
            ("https://", None),
            ("browse/OPS-7", None),
            ("#top", None),
            ("", None),
            (&long, None),
        ];
        for (href, expected) in table {
            assert_eq!(safe(href, Some(&site)).as_deref(), expected, "{href:?}");
        }
        assert_eq!(safe("/browse/OPS-7", None), None);
        assert_eq!(file_name("https://a.example/p/q%20r.png?x=/y"), "q r.png");
    }
}
