//! What is counted, and how Prometheus reads it (contract §7). Whoever counts asks once for a handle and keeps it: counting
//! itself looks nothing up.

mod process;

use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Names of status classes, by hundreds.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Seconds: fine where warm answers lie, coarse up to the longest wait for a Jira.
const BUCKETS: [f64; 13] = [0.000_1, 0.000_25, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

type Labels<const N: usize> = [(&'static str, String); N];
type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

/// All counters of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Labels<3>, Counter>,
    request_seconds: Histograms<2>,
    upstream_calls: Family<Labels<2>, Counter>,
    upstream_seconds: Histograms<1>,
    upstream_paused: Family<Labels<1>, Counter>,
    renewals: [Counter; Renewal::ALL.len()],
    sync_rows: [Counter; 5],
    site_names: Vec<String>,
    pub previews: PreviewCounters,
}

/// How previews were come by.
#[derive(Clone, Debug)]
pub struct PreviewCounters {
    /// Answered from memory.
    pub hits: Counter,
    /// Fetched from Jira.
    pub misses: Counter,
    /// Waited for a fetch that somebody else had begun.
    pub coalesced: Counter,
    /// Answered with the last known value, since Jira was away.
    pub stale: Counter,
}

/// How a call to Jira ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    /// The credential or the permission was refused, a CAPTCHA included.
    Refused,
    NotFound,
    RateLimited,
    /// No answer: name, connection, TLS, time, policy.
    Unreachable,
    /// An answer that is of no use: 5xx, a page instead of data, too large.
    Error,
}

impl Outcome {
    const ALL: [Self; 6] = [Self::Ok, Self::Refused, Self::NotFound, Self::RateLimited, Self::Unreachable, Self::Error];

    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::NotFound => "not_found",
            Self::RateLimited => "rate_limited",
            Self::Unreachable => "unreachable",
            Self::Error => "error",
        }
    }
}

/// How the renewal of an access token ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Renewal {
    Ok,
    /// The grant is gone: the person has to reconnect.
    Ended,
    /// The provider refuses what the operator has set.
    Operator,
    /// The provider was away, busy or broken.
    Failed,
}

impl Renewal {
    const ALL: [Self; 4] = [Self::Ok, Self::Ended, Self::Operator, Self::Failed];

    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Ended => "ended",
            Self::Operator => "operator",
            Self::Failed => "failed",
        }
    }
}

/// In the order of [`Metrics::synced`].
const SYNC_ROWS: [&str; 5] = ["created", "updated", "trashed", "unchanged", "failed"];

impl Metrics {
    /// Only these names appear as a label `site`; every other site is `other`.
    pub fn new(site_names: impl IntoIterator<Item = String>, started: Timestamp) -> Self {
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let mut registry = Registry::default();
        let requests = Family::default();
        let request_seconds = Histograms::new_with_constructor(histogram);
        let upstream_calls = Family::default();
        let upstream_seconds = Histograms::new_with_constructor(histogram);
        let upstream_paused = Family::default();
        let previews = Family::<Labels<1>, Counter>::default();
        let preview = |result: &str| previews.get_or_create_owned(&[("result", result.to_owned())]);
        let counters = PreviewCounters {
            hits: preview("hit"),
            misses: preview("miss"),
            coalesced: preview("coalesced"),
            stale: preview("stale"),
        };
        registry.register("gateway_http_requests", "Requests by route, method and status class", requests.clone());
        let refreshes = Family::<Labels<1>, Counter>::default();
        let renewals =
            Renewal::ALL.map(|outcome| refreshes.get_or_create_owned(&[("outcome", outcome.as_str().to_owned())]));
        registry.register("gateway_token_refreshes", "Renewals of access tokens by outcome", refreshes);
        let synced = Family::<Labels<1>, Counter>::default();
        let sync_rows = SYNC_ROWS.map(|what| synced.get_or_create_owned(&[("what", what.to_owned())]));
        registry.register("gateway_sync_rows", "Rows of synced databases by what a run did to them", synced);
        registry.register(
            "gateway_http_request_seconds",
            "Time to answer by route and method",
            request_seconds.clone(),
        );
        registry.register("gateway_previews", "Previews by where they came from", previews.clone());
        registry.register("gateway_upstream_calls", "Calls to Jira by site and outcome", upstream_calls.clone());
        registry.register("gateway_upstream_call_seconds", "Time that Jira took, by site", upstream_seconds.clone());
        registry.register(
            "gateway_upstream_paused",
            "Calls to Jira that were not made, since it had asked to wait, by site",
            upstream_paused.clone(),
        );
        registry.register_collector(Box::new(process::Process { started }));
        Self {
            registry,
            requests,
            request_seconds,
            upstream_calls,
            upstream_seconds,
            upstream_paused,
            renewals,
            sync_rows,
            site_names: site_names.into_iter().collect(),
            previews: counters,
        }
    }

    /// The handle for one route of the router.
    pub fn route(&self, method: &str, route: &str) -> RouteCounters {
        let (method, route) = (("method", method.to_owned()), ("route", route.to_owned()));
        let counter = |class: &str| {
            self.requests.get_or_create_owned(&[route.clone(), method.clone(), ("status", class.to_owned())])
        };
        RouteCounters {
            by_class: CLASSES.map(counter),
            seconds: self.request_seconds.get_or_create_owned(&[route.clone(), method.clone()]),
        }
    }

    /// The handle for one site, by its name in the settings.
    pub fn upstream(&self, site: &str) -> UpstreamCounters {
        let known = self.site_names.iter().any(|name| name == site);
        let site = ("site", if known { site.to_owned() } else { "other".to_owned() });
        let by_outcome = Outcome::ALL.map(|outcome| {
            self.upstream_calls.get_or_create_owned(&[site.clone(), ("outcome", outcome.as_str().to_owned())])
        });
        let site = [site];
        UpstreamCounters {
            by_outcome,
            paused: self.upstream_paused.get_or_create_owned(&site),
            seconds: self.upstream_seconds.get_or_create_owned(&site),
        }
    }

    /// An access token was renewed, or was not.
    pub fn renewed(&self, outcome: Renewal) {
        self.renewals[outcome as usize].inc();
    }

    /// A run of a synced database has ended: rows that were created, updated, put into the trash, left as they are, and that
    /// could not be written.
    pub fn synced(&self, rows: [u64; 5]) {
        for (counter, rows) in self.sync_rows.iter().zip(rows) {
            counter.inc_by(rows);
        }
    }

    /// Everything in Prometheus' text format.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing into memory does not fail.
        let _ = text::encode_registry(&mut text, &self.registry);
        classic(&text)
    }
}

/// Counts what one route answers.
#[derive(Clone, Debug)]
pub struct RouteCounters {
    by_class: [Counter; 5],
    seconds: Histogram,
}

impl RouteCounters {
    pub fn record(&self, status: u16, took: Duration) {
        if let Some(counter) = self.by_class.get(usize::from(status / 100).wrapping_sub(1)) {
            counter.inc();
        }
        self.seconds.observe(took.as_secs_f64());
    }
}

/// Counts the calls to one site.
#[derive(Clone, Debug)]
pub struct UpstreamCounters {
    by_outcome: [Counter; Outcome::ALL.len()],
    paused: Counter,
    seconds: Histogram,
}

impl UpstreamCounters {
    /// A call was not made, since Jira had asked to wait.
    pub fn paused(&self) {
        self.paused.inc();
    }

    pub fn record(&self, outcome: Outcome, took: Duration) {
        self.by_outcome[outcome as usize].inc();
        self.seconds.observe(took.as_secs_f64());
    }
}

/// OpenMetrics text as version 0.0.4, which every reader knows: there the `_total` of a counter belongs to its name.
fn classic(open_metrics: &str) -> String {
    let mut out = String::with_capacity(open_metrics.len());
    let mut lines = open_metrics.lines().peekable();
    while let Some(line) = lines.next() {
        let kind = if line.starts_with("# HELP ") { lines.peek().copied() } else { Some(line) };
        let is_counter = kind.is_some_and(|kind| kind.starts_with("# TYPE ") && kind.ends_with(" counter"));
        let named = line.splitn(4, ' ').collect::<Vec<_>>();
        match named.as_slice() {
            [hash, word, name, rest] if is_counter => out.push_str(&format!("{hash} {word} {name}_total {rest}\n")),
            _ => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metrics() -> Metrics {
        Metrics::new(["corp".to_owned()], Timestamp::from_second(1_800_000_000).unwrap())
    }

    #[test]
    fn requests_are_counted_by_route_method_and_status_class() {
        let metrics = metrics();
        let route = metrics.route("GET", "/api/v1/resolve");
        route.record(200, Duration::from_micros(80));
        route.record(204, Duration::from_millis(20));
        route.record(422, Duration::from_millis(2));
        route.record(0, Duration::ZERO);
        route.record(999, Duration::ZERO);
        let text = metrics.encode();
        for line in [
            "# HELP gateway_http_requests_total Requests by route, method and status class.",
            "# TYPE gateway_http_requests_total counter",
            "gateway_http_requests_total{route=\"/api/v1/resolve\",method=\"GET\",status=\"2xx\"} 2",
            "gateway_http_requests_total{route=\"/api/v1/resolve\",method=\"GET\",status=\"4xx\"} 1",
            "gateway_http_requests_total{route=\"/api/v1/resolve\",method=\"GET\",status=\"5xx\"} 0",
            "# TYPE gateway_http_request_seconds histogram",
            "gateway_http_request_seconds_bucket{le=\"0.005\",route=\"/api/v1/resolve\",method=\"GET\"} 4",
            "gateway_http_request_seconds_count{route=\"/api/v1/resolve\",method=\"GET\"} 5",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn handles_for_the_same_thing_count_together() {
        let metrics = metrics();
        metrics.route("GET", "/").record(200, Duration::ZERO);
        metrics.route("GET", "/").record(200, Duration::ZERO);
        metrics.previews.hits.inc();
        metrics.previews.clone().hits.inc();
        let text = metrics.encode();
        assert!(text.contains("gateway_http_requests_total{route=\"/\",method=\"GET\",status=\"2xx\"} 2\n"));
        assert!(text.contains("gateway_previews_total{result=\"hit\"} 2\n"), "{text}");
        assert!(text.contains("gateway_previews_total{result=\"coalesced\"} 0\n"));
    }

    #[test]
    fn a_site_that_is_not_in_the_settings_has_no_name() {
        let metrics = metrics();
        for outcome in Outcome::ALL {
            metrics.upstream("corp").record(outcome, Duration::from_millis(3));
        }
        metrics.upstream("acme").record(Outcome::RateLimited, Duration::from_millis(3));
        metrics.upstream("\"} 1\n").record(Outcome::RateLimited, Duration::from_millis(3));
        let text = metrics.encode();
        for line in [
            "gateway_upstream_calls_total{site=\"corp\",outcome=\"not_found\"} 1",
            "gateway_upstream_calls_total{site=\"other\",outcome=\"rate_limited\"} 2",
            "gateway_upstream_call_seconds_count{site=\"corp\"} 6",
        ] {
            assert!(text.lines().any(|it| it == line), "{line} in\n{text}");
        }
        assert!(!text.contains("acme"));
    }

    #[test]
    fn every_sample_has_its_type() {
        let metrics = metrics();
        metrics.route("GET", "/").record(200, Duration::ZERO);
        let text = metrics.encode();
        let types: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().unwrap();
            let known = types.iter().any(|(family, kind)| match *kind {
                "histogram" => ["_bucket", "_sum", "_count"].iter().any(|end| name == format!("{family}{end}")),
                _ => name == *family,
            });
            assert!(known, "{name} in\n{text}");
        }
        assert!(!text.contains("EOF"), "a mark of the other format");
    }
}
