//! How long a server asks us to wait.

use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap, HeaderValue};

/// The longest wait that is believed: a wrong header must not stop a person for a day.
pub const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Whether an answer asks to wait. Data Center sends `Retry-After` with every healthy answer too (§4.8).
pub fn asks_to_wait(status: StatusCode, headers: &HeaderMap) -> bool {
    match status {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => headers.contains_key(header::RETRY_AFTER),
        _ => false,
    }
}

/// How long to wait: seconds, a date, or `X-RateLimit-Reset`. Dates count from the answer's own `Date`, so that a wrong
/// clock on either side does not matter. Data Center sends `Retry-After: 0` with a 429 too; that still waits (§4.8).
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::trim);
    let sent = date(headers);
    let until = |moment: Timestamp| Some(Duration::try_from(moment.duration_since(sent?)).unwrap_or(Duration::ZERO));
    let wait = match (text("retry-after"), text("x-ratelimit-reset")) {
        (Some(after), _) if after.bytes().all(|byte| byte.is_ascii_digit()) && !after.is_empty() => {
            Some(after.parse().map_or(LONGEST_WAIT, Duration::from_secs))
        }
        (Some(after), reset) => http_date(after).and_then(until).or_else(|| reset.and_then(moment).and_then(until)),
        (None, reset) => reset.and_then(moment).and_then(until),
    };
    wait.map(|wait| wait.clamp(Duration::from_secs(1), LONGEST_WAIT))
}

/// What time it is at the server, by the `Date` of its answer: whole seconds.
pub fn date(headers: &HeaderMap) -> Option<Timestamp> {
    http_date(headers.get(header::DATE)?.to_str().ok()?.trim())
}

fn http_date(text: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

/// ISO 8601, at times without seconds (§10), or seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    match text.parse::<i64>() {
        Ok(seconds) => Timestamp::from_second(seconds).ok(),
        Err(_) => text.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderName;

    fn read(lines: &str) -> HeaderMap {
        let pairs = lines.lines().map(|line| line.split_once(": ").unwrap());
        let header = |(name, value): (&str, &str)| {
            (HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap())
        };
        pairs.map(header).collect()
    }

    #[test]
    fn waiting_is_understood_in_every_form_and_bounded() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let date = "Date: Tue, 23 Dec 2025 13:03:05 GMT\n";
        let table = [
            ("Retry-After: 5".to_owned(), seconds(5)),
            ("Retry-After: 0".to_owned(), seconds(1)),
            ("Retry-After: 99999999999999999999999".to_owned(), seconds(3600)),
            ("Retry-After: 86400".to_owned(), seconds(3600)),
            ("Retry-After: -5".to_owned(), None),
            ("Retry-After: soon".to_owned(), None),
            ("Retry-After: Tue, 23 Dec 2025 13:03:35 GMT".to_owned(), None),
            (format!("{date}Retry-After: Tue, 23 Dec 2025 13:03:35 GMT"), seconds(30)),
            (format!("{date}Retry-After: Tue, 23 Dec 2025 12:00:00 GMT"), seconds(1)),
            (format!("{date}X-RateLimit-Reset: 2025-12-23T13:04:00Z"), seconds(55)),
            (format!("{date}X-RateLimit-Reset: 2025-12-23T13:04Z"), seconds(55)),
            (format!("{date}X-RateLimit-Reset: 1766495000"), seconds(15)),
            (format!("{date}X-RateLimit-Reset: 9223372036854775807"), None),
            (format!("{date}X-RateLimit-Reset: ?"), None),
            (date.trim_end().to_owned(), None),
        ];
        for (headers, expected) in table {
            assert_eq!(retry_after(&read(&headers)), expected, "{headers}");
        }
    }
}
