//! In which form an answer is wanted (RFC 9110 §12.5.1).

use axum::http::{HeaderMap, header};

/// A form of `GET /api/v1/resolve`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Plain,
    Markdown,
}

impl Form {
    /// Where a caller likes several equally, the first of them.
    const ALL: [Self; 3] = [Self::Json, Self::Plain, Self::Markdown];

    /// Its media type, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Plain => "text/plain",
            Self::Markdown => "text/markdown",
        }
    }

    /// The form that a request asks for; without a wish JSON, and none where no form will do.
    pub fn wanted(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
        let ranges: Vec<Range<'_>> = lines.flat_map(|line| line.split(',')).filter_map(Range::read).collect();
        if ranges.is_empty() {
            return Some(Self::Json);
        }
        let liking = |form: &Self| {
            let fitting = ranges.iter().filter_map(|range| Some((range.fits(form.media_type())?, range.liking)));
            fitting.max().map_or(0, |(_, liking)| liking)
        };
        // Of equals `max_by_key` takes the last.
        Self::ALL.into_iter().rev().max_by_key(liking).filter(|form| liking(form) > 0)
    }

    /// Whether JSON is wanted, by the few words that almost every program sends.
    pub fn is_plainly_json(headers: &HeaderMap) -> bool {
        headers.get_all(header::ACCEPT).iter().all(|it| it == "*/*" || it == Self::Json.media_type())
    }
}

/// `text/*;q=0.5`
struct Range<'h> {
    kind: &'h str,
    /// Thousandths; 0 is "never".
    liking: u16,
}

impl<'h> Range<'h> {
    fn read(text: &'h str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().filter(|kind| kind.contains('/'))?;
        let weight = parts.find_map(|part| part.strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('='));
        Some(Self { kind, liking: weight.map_or(Some(1000), |weight| thousandths(weight.trim()))? })
    }

    /// How exactly it names a media type; none when it does not.
    fn fits(&self, media_type: &str) -> Option<u8> {
        let (kind, _) = media_type.split_once('/')?;
        match self.kind {
            "*/*" => Some(0),
            range if range.eq_ignore_ascii_case(media_type) => Some(2),
            range => range.strip_suffix("/*").filter(|it| it.eq_ignore_ascii_case(kind)).map(|_| 1),
        }
    }
}

/// `0.5` → 500; none for what is no weight.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let part: u16 = format!("{part:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn wanted(lines: &[&'static str]) -> Option<Form> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::ACCEPT, HeaderValue::from_static(line));
        }
        assert!(!Form::is_plainly_json(&headers) || Form::wanted(&headers) == Some(Form::Json), "{lines:?}");
        Form::wanted(&headers)
    }

    #[test]
    fn the_form_is_the_one_that_is_liked_best() {
        let (json, plain, markdown) = (Some(Form::Json), Some(Form::Plain), Some(Form::Markdown));
        for (lines, form) in [
            (&[][..], json),
            (&["*/*"], json),
            (&["application/json"], json),
            (&["application/json, text/plain, */*"], json),
            (&["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"], json),
            (&["text/markdown"], markdown),
            (&["TEXT/Markdown; charset=utf-8 ; q=1.0"], markdown),
            (&["text/markdown, */*;q=0.1"], markdown),
            (&["text/markdown, text/plain;q=0.9"], markdown),
            (&["text/plain;q=0.9, text/markdown;q=0.899"], plain),
            (&["text/*"], plain),
            (&["text/*, text/plain;q=0"], markdown),
            (&["text/plain", "application/json"], json),
            (&["text/plain", "application/json;q=0"], plain),
            (&["*/*, application/json;q=0"], plain),
            (&[""], json),
            (&["nonsense, , ;q=1"], json),
            (&["text/markdown;q=much, text/plain"], plain),
            (&["text/html"], None),
            (&["application/json;q=0"], None),
            (&["*/*;q=0"], None),
            (&["image/*, application/jsonl"], None),
        ] {
            assert_eq!(wanted(lines), form, "{lines:?}");
        }
    }
}
