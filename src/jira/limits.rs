//! What an answer of Jira says about its limits (jira-auth-and-rest §4.8, §10). Pure; no header is believed beyond bounds.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::endpoint::Endpoint;
use crate::outbound::{HeaderMap, HeaderValue, LONGEST_WAIT, StatusCode, asks_to_wait, retry_after};

/// No Jira allows more at a time.
pub const MOST: u64 = 1_000_000_000;
/// Bytes of one header that are read.
const LONGEST_HEADER: usize = 2_048;

/// What one answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Set when Jira refused the call because too much was asked.
    pub refusal: Option<Refusal>,
    /// `X-RateLimit-NearLimit`: less than a fifth is left.
    pub near: bool,
    pub bucket: Option<Bucket>,
    pub quota: Option<Quota>,
}

/// 429, or 503 with `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub reason: Reason,
    /// How long to wait, if Jira says so; between a second and an hour.
    pub wait: Option<Duration>,
}

/// Which limit it was (`RateLimit-Reason`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Calls a second of one endpoint of one site, whoever calls.
    Burst,
    /// Points an hour of one 3LO app, at all sites together.
    AppQuota,
    /// The same at this site alone.
    SiteQuota,
    /// Not told, or a word that nobody has heard of.
    Unknown,
}

/// Data Center's allowance for one person: so many calls at once, and some more after each interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// `X-RateLimit-Limit`
    pub size: u64,
    /// `X-RateLimit-Remaining`; never more than the size.
    pub left: u64,
    /// `X-RateLimit-FillRate`; 0: not told.
    pub gain: u64,
    /// `X-RateLimit-Interval-Seconds`; between a second and an hour.
    pub every: Duration,
}

/// What is left of an app's points. Jira tells it above four fifths of their use (§10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// Whether it counts for one site alone.
    pub site_only: bool,
    pub left: u64,
    /// How many there are when the window begins.
    pub size: Option<u64>,
    /// At most an hour.
    pub resets_in: Duration,
}

/// How somebody stands with a Jira's limits now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// No call goes out before then.
    pub all_wait_until: Option<Timestamp>,
    /// Calls of some kinds do not go out before then.
    pub some_wait_until: Option<Timestamp>,
    /// What is left by now, as far as can be reckoned.
    pub bucket: Option<Bucket>,
    pub quota: Option<Quota>,
}

/// Stands before every call to a Jira: lets it go, or says how long it has to wait, and hears what came of it.
pub trait Gate: fmt::Debug + Send + Sync {
    /// Asked right before a call goes out. The error is how long such calls have to wait.
    fn pass(&self, endpoint: &Endpoint) -> Result<(), Duration>;
    /// Told what each answer says. For a refusal: how long such calls now have to wait.
    fn hear(&self, endpoint: &Endpoint, limits: &Limits) -> Option<Duration>;
}

impl Limits {
    /// Reads an answer's status and headers.
    pub fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        let quota = ["ratelimit", "beta-ratelimit"].into_iter().find_map(|name| quota(headers, name));
        Self {
            refusal: asks_to_wait(status, headers).then(|| refusal(headers, quota)),
            near: text(headers, "x-ratelimit-nearlimit").is_some_and(|text| text.eq_ignore_ascii_case("true")),
            bucket: bucket(headers),
            quota,
        }
    }
}

fn refusal(headers: &HeaderMap, quota: Option<Quota>) -> Refusal {
    let word = text(headers, "ratelimit-reason").unwrap_or_default().to_ascii_lowercase();
    let reason = match word.as_str() {
        "jira-burst-based" => Reason::Burst,
        "jira-quota-tenant-based" => Reason::SiteQuota,
        "jira-quota-global-based" => Reason::AppQuota,
        _ => Reason::Unknown,
    };
    let spent = quota.filter(|quota| quota.left == 0 && matches!(reason, Reason::AppQuota | Reason::SiteQuota));
    Refusal { reason, wait: retry_after(headers).or_else(|| spent.map(|quota| quota.resets_in)) }
}

fn bucket(headers: &HeaderMap) -> Option<Bucket> {
    let size = number(text(headers, "x-ratelimit-limit")?)?;
    let every = text(headers, "x-ratelimit-interval-seconds").and_then(number).unwrap_or(1);
    Some(Bucket {
        size,
        left: number(text(headers, "x-ratelimit-remaining")?)?.min(size),
        gain: text(headers, "x-ratelimit-fillrate").and_then(number).unwrap_or(0),
        every: seconds(every).max(Duration::from_secs(1)),
    })
}

/// `"global-app-quota";r=11000;t=600`, with its `…-Policy: "global-app-quota";q=65000;w=3600`. Of several, the one of
/// which least is left.
fn quota(headers: &HeaderMap, name: &str) -> Option<Quota> {
    let policies = format!("{name}-policy");
    let quotas = items(headers, name).filter(|item| item.name().contains("quota")).filter_map(|item| {
        let policy = items(headers, &policies).find(|policy| policy.name() == item.name());
        let window = policy.as_ref().and_then(|policy| policy.value("w"));
        Some(Quota {
            site_only: item.name().contains("tenant"),
            left: item.value("r")?,
            size: policy.as_ref().and_then(|policy| policy.value("q")),
            resets_in: item.value("t").or(window).map_or(LONGEST_WAIT, seconds),
        })
    });
    quotas.min_by_key(|quota| quota.left)
}

/// `"name";k=v;k=v`, in any order.
struct Item<'a>(&'a str);

impl<'a> Item<'a> {
    fn name(&self) -> String {
        self.0.split(';').next().unwrap_or_default().trim().trim_matches('"').to_ascii_lowercase()
    }

    fn value(&self, key: &str) -> Option<u64> {
        let mut parameters = self.0.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
        parameters.find(|(name, _)| name.trim().eq_ignore_ascii_case(key)).and_then(|(_, value)| number(value.trim()))
    }
}

/// The items of a list, in one header or in several. No name that Jira has holds a comma.
fn items<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = Item<'a>> + use<'a> {
    headers.get_all(name).into_iter().filter_map(readable).flat_map(|text| text.split(',').map(Item))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(readable).map(str::trim)
}

fn readable(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok().filter(|text| text.len() <= LONGEST_HEADER)
}

/// Digits, and no more than [`MOST`].
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(MOST).min(MOST))
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::outbound::HeaderName;

    fn headers(lines: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines.lines().filter_map(|line| line.split_once(": ")) {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn read(status: u16, lines: &str) -> Limits {
        Limits::of(StatusCode::from_u16(status).unwrap(), &headers(lines))
    }

    fn refused(reason: Reason, wait: Option<u64>) -> Option<Refusal> {
        Some(Refusal { reason, wait: wait.map(Duration::from_secs) })
    }

    #[test]
    fn a_refusal_has_its_reason_and_its_time() {
        let date = "Date: Tue, 23 Dec 2025 13:03:05 GMT\n";
        let quota = "RateLimit-Reason: jira-quota-global-based\n";
        let table = [
            (200, "Retry-After: 0".to_owned(), None),
            (200, "Retry-After: 5\nRateLimit-Reason: jira-burst-based".to_owned(), None),
            (503, String::new(), None),
            (503, "Retry-After: 7".to_owned(), refused(Reason::Unknown, Some(7))),
            (429, String::new(), refused(Reason::Unknown, None)),
            (429, "Retry-After: 0".to_owned(), refused(Reason::Unknown, Some(1))),
            (429, "Retry-After: 3\nRateLimit-Reason: jira-burst-based".to_owned(), refused(Reason::Burst, Some(3))),
            (429, "RateLimit-Reason: JIRA-Burst-Based".to_owned(), refused(Reason::Burst, None)),
            (429, "RateLimit-Reason: jira-quota-tenant-based".to_owned(), refused(Reason::SiteQuota, None)),
            (429, format!("{quota}Retry-After: 99999"), refused(Reason::AppQuota, Some(3600))),
            (
                429,
                format!("{date}{quota}X-RateLimit-Reset: 2025-12-23T13:30Z"),
                refused(Reason::AppQuota, Some(26 * 60 + 55)),
            ),
            (429, format!("{quota}RateLimit: \"global-app-quota\";r=0;t=600"), refused(Reason::AppQuota, Some(600))),
            (429, format!("{quota}RateLimit: \"global-app-quota\";r=9;t=600"), refused(Reason::AppQuota, None)),
            (429, "RateLimit: \"global-app-quota\";r=0;t=600".to_owned(), refused(Reason::Unknown, None)),
            (429, "RateLimit-Reason: jira-cost-based".to_owned(), refused(Reason::Unknown, None)),
            (429, "RateLimit-Reason: jira-per-issue-on-write".to_owned(), refused(Reason::Unknown, None)),
            (
                429,
                format!("{date}X-Failure-Category: FAILURE CLIENT RATE LIMITED\nX-Ratelimit-Reset: 2025-12-23T13:04Z"),
                refused(Reason::Unknown, Some(55)),
            ),
        ];
        for (status, lines, expected) in table {
            assert_eq!(read(status, &lines).refusal, expected, "{status} {lines}");
        }
    }

    #[test]
    fn what_is_left_is_told_by_data_center_and_by_cloud() {
        let bucket = |size, left, gain, every| Some(Bucket { size, left, gain, every: Duration::from_secs(every) });
        let quota = |site_only, left, size, resets_in| {
            Some(Quota { site_only, left, size, resets_in: Duration::from_secs(resets_in) })
        };
        let (limit, full) = ("X-RateLimit-Limit: 70", "X-RateLimit-Limit: 70\nX-RateLimit-Remaining: 69");
        let of_app = "\"global-app-quota\";r=11000;t=600";
        let table = [
            (limit.to_owned(), None, None),
            ("X-RateLimit-Remaining: 0".to_owned(), None, None),
            (full.to_owned(), bucket(70, 69, 0, 1), None),
            (format!("{full}\nX-RateLimit-FillRate: 5\nX-RateLimit-Interval-Seconds: 60"), bucket(70, 69, 5, 60), None),
            (format!("{full}\nX-RateLimit-FillRate: -5\nX-RateLimit-Interval-Seconds: 0"), bucket(70, 69, 0, 1), None),
            ("X-RateLimit-Limit: 5\nX-RateLimit-Remaining: 9".to_owned(), bucket(5, 5, 0, 1), None),
            (format!("Beta-RateLimit: {of_app}"), None, quota(false, 11000, None, 600)),
            (
                format!("Beta-RateLimit-Policy: \"global-app-quota\";q=65000;w=3600\nBeta-RateLimit: {of_app}"),
                None,
                quota(false, 11000, Some(65000), 600),
            ),
            (
                format!("RateLimit: \"tenant-app-quota\"; t=60 ;r=4 , {of_app}\nBeta-RateLimit: {of_app}"),
                None,
                quota(true, 4, None, 60),
            ),
            ("RateLimit: \"global-app-quota\";r=5".to_owned(), None, quota(false, 5, None, 3600)),
            (
                "RateLimit: \"a-quota\";r=5\nRateLimit-Policy: \"a-quota\";w=1800".to_owned(),
                None,
                quota(false, 5, None, 1800),
            ),
            ("RateLimit: \"global-app-quota\";t=600".to_owned(), None, None),
            ("RateLimit-Policy: \"global-app-quota\";q=65000;w=3600".to_owned(), None, None),
            ("RateLimit: limit=100, remaining=50, reset=50".to_owned(), None, None),
        ];
        for (lines, bucket, quota) in table {
            let limits = read(200, &lines);
            assert_eq!((limits.bucket, limits.quota), (bucket, quota), "{lines}");
        }
        assert!(read(200, "X-RateLimit-NearLimit: true").near && !read(200, "X-RateLimit-NearLimit: false").near);
    }

    fn any_value() -> impl Strategy<Value = Vec<u8>> {
        let likely = "(-|\"|[0-9]{1,30}|;r=|;t=|;q=|,|quota|jira-quota-global-based|true| ){0,12}";
        prop_oneof![likely.prop_map(String::into_bytes), prop::collection::vec(any::<u8>(), 0..40)]
    }

    proptest! {
        #[test]
        fn nothing_that_a_header_says_leaves_its_bounds(
            status in prop_oneof![Just(200_u16), Just(429), Just(503)],
            values in prop::collection::vec(any_value(), 14),
        ) {
            let names = [
                "date", "retry-after", "ratelimit-reason", "x-ratelimit-limit", "x-ratelimit-remaining",
                "x-ratelimit-reset", "x-ratelimit-nearlimit", "x-ratelimit-interval-seconds", "x-ratelimit-fillrate",
                "ratelimit", "ratelimit-policy", "beta-ratelimit", "beta-ratelimit-policy", "x-failure-category",
            ];
            let mut headers = HeaderMap::new();
            for (name, value) in names.into_iter().zip(values) {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.insert(HeaderName::from_static(name), value);
                }
            }
            let limits = Limits::of(StatusCode::from_u16(status).unwrap(), &headers);
            prop_assert!(status != 200 || limits.refusal.is_none());
            if let Some(wait) = limits.refusal.and_then(|refusal| refusal.wait) {
                prop_assert!(wait <= LONGEST_WAIT);
            }
            if let Some(bucket) = limits.bucket {
                prop_assert!(bucket.left <= bucket.size && bucket.size <= MOST && bucket.gain <= MOST);
                prop_assert!(bucket.every >= Duration::from_secs(1) && bucket.every <= LONGEST_WAIT);
            }
            if let Some(quota) = limits.quota {
                prop_assert!(quota.left <= MOST && quota.resets_in <= LONGEST_WAIT);
            }
        }
    }
}
