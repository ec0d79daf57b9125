//! The page that a person means, by its id or by a link to it, and the link of one (notion-rest-api §1). Pure.

use url::Url;

/// The id of a page, with dashes and in lower case; none where the text names no page.
///
/// In a link it is the last 32 hexadecimal digits of the path, or the parameter `p` where a page is shown over another one.
/// The parameter `v` names a view and is not looked at.
pub fn page_id(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(id) = dashed(text) {
        return Some(id);
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http" | "notion"))?;
    if let Some((_, over)) = url.query_pairs().find(|(name, _)| name == "p") {
        return dashed(&over);
    }
    let last = url.path_segments()?.rfind(|segment| !segment.is_empty())?;
    // `Team-home-0a1b…`
    dashed(last).or_else(|| dashed(last.rsplit_once('-')?.1))
}

/// Where a page opens, by its id. Notion's own address of it holds its title.
pub fn page_url(id: &str) -> String {
    let hex: String = id.chars().filter(char::is_ascii_hexdigit).collect();
    format!("https://www.notion.so/{hex}")
}

/// Thirty-two digits, with or without the dashes of a UUID.
fn dashed(text: &str) -> Option<String> {
    let is_uuid = text.len() == 36 && [8, 13, 18, 23].into_iter().all(|at| text.as_bytes().get(at) == Some(&b'-'));
    let digits: String = if is_uuid { text.replace('-', "") } else { text.to_owned() }.to_ascii_lowercase();
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to);
    Some([part(0, 8)?, part(8, 12)?, part(12, 16)?, part(16, 20)?, part(20, 32)?].join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_opens_by_its_id_with_and_without_hyphens() {
        let id = "1f2e3d4c-5b6a-7988-1f2e-3d4c5b6a7988";
        let url = page_url(id);
        assert_eq!(url, "https://www.notion.so/1f2e3d4c5b6a79881f2e3d4c5b6a7988");
        assert_eq!(page_id(&url).as_deref(), Some(id));
    }

    #[test]
    fn a_page_is_named_in_many_ways() {
        let id = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";
        let bare = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        for text in [
            id.to_owned(),
            bare.to_owned(),
            format!(" {} ", id.to_uppercase()),
            format!("https://www.notion.so/acme/Team-home-{bare}?pvs=4"),
            format!("https://app.notion.com/p/Team-home-{bare}"),
            format!("https://acme.notion.site/{bare}#block"),
            format!("https://www.notion.so/{id}"),
            format!("https://www.notion.so/acme/{}?v={}&p={bare}", "1".repeat(32), "2".repeat(32)),
            format!("notion://www.notion.so/acme/Home-{bare}"),
        ] {
            assert_eq!(page_id(&text).as_deref(), Some(id), "{text}");
        }
        for text in [
            "",
            "Team home",
            "https://www.notion.so/acme/Team-home",
            "https://www.notion.so/",
            "0a1b2c3d4e5f60718293a4b5c6d7e8f",
            "0a1b2c3d4e5f60718293a4b5c6d7e8fg",
            "0a1b2c3d_4e5f_6071_8293_a4b5c6d7e8f9",
            "javascript:0a1b2c3d4e5f60718293a4b5c6d7e8f9",
            "https://www.notion.so/ä0a1b2c3d4e5f60718293a4b5c6d7e8f",
        ] {
            assert_eq!(page_id(text), None, "{text}");
        }
    }
}
