//! How fast a Jira may be asked: who waits after it asked to wait, and what is left of what it allows
//! (jira-auth-and-rest §4.8, §10). Pure: the time comes in as an argument.
//!
//! | Jira says | who waits |
//! | --- | --- |
//! | Cloud: burst | that endpoint of that site, whoever calls |
//! | Cloud: quota of the app, at all sites or at one | all calls by 3LO there; never those by API token |
//! | Data Center: the bucket is nearly empty | that connection, until it has refilled a little |
//! | anything else | that connection |
//!
//! Nothing of it is kept across a restart: then the first refusal teaches it anew.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::jira::endpoint::Endpoint;
use crate::jira::key::SiteUrl;
use crate::jira::limits::{Bucket, Limits, Quota, Reason, Refusal, Standing};
use crate::store::ConnectionId;

/// Nothing that Jira says is believed for longer.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);
/// The wait after a refusal that names none.
const UNNAMED: SignedDuration = SignedDuration::from_secs(2);
/// The least wait after the first refusal. It doubles with each that follows, up to the longest: some servers go on
/// naming a second.
const LEAST: SignedDuration = SignedDuration::from_secs(1);
const LEAST_AT_MOST: SignedDuration = SignedDuration::from_secs(30);
/// For how long a site that is near its limit is asked half as fast.
const NEAR: SignedDuration = SignedDuration::from_secs(60);
/// Entries of each table. Each is small, and what is above the bound is not remembered.
const MOST_KEPT: usize = 10_000;

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub connection: ConnectionId,
    pub site: SiteUrl,
    pub by: By,
}

/// What Jira counts a call for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// OAuth 2.0 of Jira Cloud: for the operator's app.
    App,
    /// An API token of Jira Cloud: for nobody in particular.
    ApiToken,
    /// Data Center and Server: for the person.
    Person,
}

/// What a call is for. Where both share one allowance, previews come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Somebody looks at a link.
    Preview,
    /// Nobody waits for it.
    Background,
}

impl Work {
    /// Hundredths of an allowance that are not touched: a person's other programs need some of it, and previews keep
    /// their share from everything else (paste-experience §10).
    fn leaves(self) -> u64 {
        match self {
            Self::Preview => 10,
            Self::Background => 30,
        }
    }
}

/// What waits together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Scope {
    Connection(ConnectionId),
    Endpoint(SiteUrl, Endpoint),
    App,
    AppAt(SiteUrl),
}

impl Scope {
    /// What a refusal concerns. Whoever is no part of a limit cannot stop those who are.
    fn of(reason: Reason, caller: &Caller, endpoint: &Endpoint) -> Self {
        match (reason, caller.by) {
            (Reason::Burst, By::App | By::ApiToken) => Self::Endpoint(caller.site.clone(), endpoint.clone()),
            (Reason::AppQuota, By::App) => Self::App,
            (Reason::SiteQuota, By::App) => Self::AppAt(caller.site.clone()),
            _ => Self::Connection(caller.connection.clone()),
        }
    }

    /// All that concern a caller, whatever is called.
    fn around(caller: &Caller) -> Vec<Self> {
        let mut scopes = vec![Self::Connection(caller.connection.clone())];
        if caller.by == By::App {
            scopes.extend([Self::App, Self::AppAt(caller.site.clone())]);
        }
        scopes
    }
}

#[derive(Clone, Copy, Debug)]
struct Pause {
    until: Timestamp,
    /// Refusals in a row, each after the wait for the one before.
    again: u32,
}

/// A bucket as Jira told it, reckoned forward since. Calls that were on their way when it was told are not in it; what is
/// left untouched covers them.
#[derive(Clone, Copy, Debug)]
struct Filling {
    bucket: Bucket,
    /// When `bucket.left` held.
    at: Timestamp,
    told_at: Timestamp,
}

impl Filling {
    fn now(mut self, now: Timestamp) -> Self {
        let every = signed(self.bucket.every).as_millis().max(1);
        let intervals = now.duration_since(self.at).as_millis().max(0) / every;
        let gained = u64::try_from(intervals).unwrap_or(u64::MAX).saturating_mul(self.bucket.gain);
        self.bucket.left = self.bucket.left.saturating_add(gained).min(self.bucket.size);
        let passed = i64::try_from(every.saturating_mul(intervals)).unwrap_or(i64::MAX);
        self.at = plus(self.at, SignedDuration::from_millis(passed));
        self
    }

    /// When this work may go on, if it has to wait. `self` is reckoned up to now.
    fn waits_until(&self, work: Work) -> Option<Timestamp> {
        let Bucket { size, left, gain, every } = self.bucket;
        let kept = size * work.leaves() / 100;
        if left > kept || gain == 0 || size == 0 {
            return None;
        }
        let intervals = u32::try_from((kept + 1 - left).div_ceil(gain)).unwrap_or(u32::MAX);
        Some(plus(self.at, signed(every.saturating_mul(intervals))))
    }
}

/// What all Jiras have said, and what follows from it.
#[derive(Debug, Default)]
pub struct Pace {
    pauses: HashMap<Scope, Pause>,
    buckets: HashMap<ConnectionId, Filling>,
    /// With the end of their window.
    quotas: HashMap<Scope, (Quota, Timestamp)>,
    near: HashMap<SiteUrl, Timestamp>,
}

impl Pace {
    /// Whether a call may go out now; it is counted then. The error is when it may.
    pub fn pass(&mut self, caller: &Caller, endpoint: &Endpoint, work: Work, now: Timestamp) -> Result<(), Timestamp> {
        if let Some(until) = self.waits_until(caller, endpoint, work, now) {
            return Err(until);
        }
        if let Some(filling) = self.buckets.get_mut(&caller.connection) {
            *filling = filling.now(now);
            filling.bucket.left = filling.bucket.left.saturating_sub(1);
        }
        Ok(())
    }

    /// Learns from an answer. After a refusal: until when such calls now wait.
    pub fn hear(&mut self, caller: &Caller, endpoint: &Endpoint, limits: &Limits, now: Timestamp) -> Option<Timestamp> {
        if limits.near {
            keep(&mut self.near, caller.site.clone(), plus(now, NEAR), |until| *until > now);
        }
        if let (Some(bucket), By::Person) = (limits.bucket, caller.by) {
            let filling = Filling { bucket, at: now, told_at: now };
            keep(&mut self.buckets, caller.connection.clone(), filling, |it| is_believed(it, now));
        }
        if let (Some(quota), By::App) = (limits.quota, caller.by) {
            let scope = if quota.site_only { Scope::AppAt(caller.site.clone()) } else { Scope::App };
            let ends = plus(now, signed(quota.resets_in));
            keep(&mut self.quotas, scope, (quota, ends), |(_, ends)| *ends > now);
        }
        let Some(refusal) = limits.refusal else {
            let mut scopes = Scope::around(caller);
            scopes.push(Scope::Endpoint(caller.site.clone(), endpoint.clone()));
            for scope in scopes {
                if self.pauses.get(&scope).is_some_and(|pause| pause.until <= now) {
                    self.pauses.remove(&scope);
                }
            }
            return None;
        };
        self.refused(Scope::of(refusal.reason, caller, endpoint), refusal, now);
        self.waits_until(caller, endpoint, Work::Preview, now)
    }

    fn refused(&mut self, scope: Scope, refusal: Refusal, now: Timestamp) {
        let before = self.pauses.get(&scope).copied();
        let again = match before {
            // It was on its way when the first was refused.
            Some(pause) if pause.until > now => pause.again,
            Some(pause) => pause.again.saturating_add(1),
            None => 0,
        };
        let least = (LEAST * (1 << again.min(5))).min(LEAST_AT_MOST);
        let named = refusal.wait.map(signed).unwrap_or_else(|| match refusal.reason {
            // The points of an app come back with each hour (§10).
            Reason::AppQuota | Reason::SiteQuota => {
                LONGEST - SignedDuration::from_secs(now.as_second().rem_euclid(LONGEST.as_secs()))
            }
            Reason::Burst | Reason::Unknown => UNNAMED,
        });
        let until = plus(now, named.max(least).min(LONGEST));
        let until = before.map_or(until, |pause| pause.until.max(until));
        // Who was refused once more after that long is no repeat of what was before.
        keep(&mut self.pauses, scope, Pause { until, again }, |pause| plus(pause.until, LONGEST) > now);
    }

    fn waits_until(&self, caller: &Caller, endpoint: &Endpoint, work: Work, now: Timestamp) -> Option<Timestamp> {
        let of_endpoint = self.paused_until(&Scope::Endpoint(caller.site.clone(), endpoint.clone()), now);
        let short_of_points = Scope::around(caller).into_iter().filter_map(|scope| {
            let (quota, ends) = self.quotas.get(&scope).filter(|(_, ends)| work == Work::Background && *ends > now)?;
            let plenty = quota.size.is_some_and(|size| quota.left > size * work.leaves() / 100);
            (!plenty).then_some(*ends)
        });
        let bucket = self.bucket(caller, now).and_then(|filling| filling.waits_until(work));
        // Whoever is told a time shorter than a second is asked again too soon.
        let bucket = bucket.map(|until| until.clamp(plus(now, LEAST), plus(now, LONGEST)));
        short_of_points.chain(self.all_paused_until(caller, now)).chain(of_endpoint).chain(bucket).max()
    }

    fn bucket(&self, caller: &Caller, now: Timestamp) -> Option<Filling> {
        let filling = self.buckets.get(&caller.connection).filter(|it| is_believed(it, now))?;
        Some(filling.now(now))
    }

    fn all_paused_until(&self, caller: &Caller, now: Timestamp) -> Option<Timestamp> {
        Scope::around(caller).iter().filter_map(|scope| self.paused_until(scope, now)).max()
    }

    fn paused_until(&self, scope: &Scope, now: Timestamp) -> Option<Timestamp> {
        self.pauses.get(scope).map(|pause| pause.until).filter(|until| *until > now)
    }

    /// Whether a site has said lately that it is near a limit.
    pub fn is_near(&self, site: &SiteUrl, now: Timestamp) -> bool {
        self.near.get(site).is_some_and(|until| *until > now)
    }

    /// What a person is told about it.
    pub fn standing(&self, caller: &Caller, now: Timestamp) -> Standing {
        let at_site = |scope: &Scope| matches!(scope, Scope::Endpoint(site, _) if *site == caller.site);
        let some = self.pauses.iter().filter(|(scope, pause)| at_site(scope) && pause.until > now);
        let quotas = Scope::around(caller).into_iter().filter_map(|scope| self.quotas.get(&scope).copied());
        let quotas = quotas.filter(|(_, ends)| *ends > now).map(|(quota, ends)| {
            let resets_in = Duration::try_from(ends.duration_since(now)).unwrap_or(Duration::ZERO);
            Quota { resets_in, ..quota }
        });
        Standing {
            all_wait_until: self.all_paused_until(caller, now),
            some_wait_until: some.map(|(_, pause)| pause.until).max(),
            bucket: self.bucket(caller, now).map(|filling| filling.bucket),
            quota: quotas.min_by_key(|quota| quota.left),
        }
    }
}

fn is_believed(filling: &Filling, now: Timestamp) -> bool {
    plus(filling.told_at, LONGEST) > now
}

/// Puts an entry into a table of which only some entries are still worth their place.
fn keep<K: Eq + Hash, V>(table: &mut HashMap<K, V>, key: K, value: V, worth: impl Fn(&V) -> bool) {
    if table.len() >= MOST_KEPT {
        table.retain(|_, value| worth(value));
    }
    if table.len() < MOST_KEPT || table.contains_key(&key) {
        table.insert(key, value);
    }
}

fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(LONGEST).min(LONGEST)
}

fn plus(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jira::limits::MOST;
    use crate::outbound::Method;

    const HOUR: i64 = 3600;

    fn at(seconds: i64) -> Timestamp {
        // A quarter past ten.
        "2026-11-22T10:15:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
    }

    fn caller(letter: &str, site: &str, by: By) -> Caller {
        let connection = ConnectionId::parse(&format!("con_{}", letter.repeat(20))).unwrap();
        Caller { connection, site: SiteUrl::parse(&format!("https://{site}")).unwrap(), by }
    }

    fn refusal(reason: Reason, wait: Option<u64>) -> Limits {
        let refusal = Refusal { reason, wait: wait.map(Duration::from_secs) };
        Limits { refusal: Some(refusal), ..Limits::default() }
    }

    fn bucket(size: u64, left: u64, gain: u64, every: u64) -> Limits {
        let bucket = Bucket { size, left, gain, every: Duration::from_secs(every) };
        Limits { bucket: Some(bucket), ..Limits::default() }
    }

    fn quota(site_only: bool, left: u64, size: Option<u64>, resets_in: u64) -> Limits {
        let quota = Quota { site_only, left, size, resets_in: Duration::from_secs(resets_in) };
        Limits { quota: Some(quota), ..Limits::default() }
    }

    fn issue() -> Endpoint {
        Endpoint::of(&Method::GET, "/rest/api/3/issue/OPS-7")
    }

    fn project() -> Endpoint {
        Endpoint::of(&Method::GET, "/rest/api/3/project/OPS")
    }

    #[test]
    fn each_limit_stops_those_whom_it_counts_and_nobody_else() {
        let callers = [
            ("a", "acme.atlassian.net", By::App),
            ("b", "acme.atlassian.net", By::App),
            ("c", "beta.atlassian.net", By::App),
            ("d", "acme.atlassian.net", By::ApiToken),
            ("e", "acme.atlassian.net", By::ApiToken),
            ("f", "beta.atlassian.net", By::ApiToken),
            ("g", "jira.example.org", By::Person),
            ("h", "jira.example.org", By::Person),
        ];
        let callers = callers.map(|(letter, site, by)| (letter, caller(letter, site, by)));
        // Who is refused at the issue, and why: whose issues wait, whose projects wait.
        let table = [
            ("a", Reason::Burst, "abde", ""),
            ("d", Reason::Burst, "abde", ""),
            ("g", Reason::Burst, "g", "g"),
            ("a", Reason::SiteQuota, "ab", "ab"),
            ("a", Reason::AppQuota, "abc", "abc"),
            ("d", Reason::AppQuota, "d", "d"),
            ("d", Reason::SiteQuota, "d", "d"),
            ("g", Reason::AppQuota, "g", "g"),
            ("a", Reason::Unknown, "a", "a"),
            ("d", Reason::Unknown, "d", "d"),
            ("g", Reason::Unknown, "g", "g"),
        ];
        for (who, reason, issues, projects) in table {
            let mut pace = Pace::default();
            let refused = callers.iter().find(|(letter, _)| *letter == who).map(|(_, caller)| caller).unwrap();
            let until = pace.hear(refused, &issue(), &refusal(reason, Some(40)), at(0));
            assert_eq!(until, Some(at(40)), "{who} {reason:?}");
            let mut waiting = |endpoint: &Endpoint, seconds| -> String {
                let mut waits = |caller| pace.pass(caller, endpoint, Work::Preview, at(seconds)) == Err(at(40));
                callers.iter().filter(|(_, caller)| waits(caller)).map(|(letter, _)| *letter).collect()
            };
            assert_eq!(waiting(&issue(), 39), issues, "{who} {reason:?}");
            assert_eq!(waiting(&project(), 39), projects, "{who} {reason:?}");
            assert_eq!(waiting(&issue(), 40), "", "{who} {reason:?}");
            let standing = pace.standing(refused, at(1));
            let (all, some) = if projects.is_empty() { (None, Some(at(40))) } else { (Some(at(40)), None) };
            assert_eq!((standing.all_wait_until, standing.some_wait_until), (all, some), "{who} {reason:?}");
        }
    }

    #[test]
    fn a_wait_is_as_named_within_bounds_and_longer_each_time_in_vain() {
        let ana = caller("a", "acme.atlassian.net", By::App);
        // Reason, named, waits.
        let table = [
            (Reason::Unknown, Some(0), 1),
            (Reason::Unknown, Some(7), 7),
            (Reason::Unknown, Some(u64::MAX), HOUR),
            (Reason::Unknown, None, 2),
            (Reason::Burst, None, 2),
            // Until the next full hour.
            (Reason::AppQuota, None, 45 * 60),
            (Reason::SiteQuota, None, 45 * 60),
            (Reason::AppQuota, Some(600), 600),
        ];
        for (reason, named, waits) in table {
            let until = Pace::default().hear(&ana, &issue(), &refusal(reason, named), at(0));
            assert_eq!(until, Some(at(waits)), "{reason:?} {named:?}");
        }
        let mut pace = Pace::default();
        let mut now = at(0);
        let refuse = |pace: &mut Pace, now| pace.hear(&ana, &issue(), &refusal(Reason::Unknown, Some(1)), now);
        for wait in [1, 2, 4, 8, 16, 30, 30] {
            let until = refuse(&mut pace, now).unwrap();
            assert_eq!(until.duration_since(now).as_secs(), wait);
            // Those that were on their way do not count.
            assert_eq!(refuse(&mut pace, now), Some(until));
            now = until;
        }
        assert_eq!(pace.hear(&ana, &issue(), &Limits::default(), now), None);
        assert_eq!(refuse(&mut pace, now), Some(now + SignedDuration::from_secs(1)), "one good answer ends it");
        // A shorter wait does not end a longer one, nor does an answer that was on its way.
        let longer = pace.hear(&ana, &issue(), &refusal(Reason::Unknown, Some(60)), now).unwrap();
        assert_eq!(refuse(&mut pace, now), Some(longer));
        pace.hear(&ana, &issue(), &Limits::default(), now);
        assert_eq!(pace.pass(&ana, &issue(), Work::Preview, now), Err(longer));
    }

    #[test]
    fn a_bucket_is_not_drained_and_fills_by_itself() {
        use Work::{Background, Preview};
        let ana = caller("a", "jira.example.org", By::Person);
        // Size, left, gain, every; work; seconds later; until when it waits.
        let table = [
            (bucket(70, 69, 5, 1), Preview, 0, None),
            (bucket(70, 8, 5, 1), Preview, 0, None),
            (bucket(70, 7, 5, 1), Preview, 0, Some(1)),
            (bucket(70, 0, 5, 1), Preview, 0, Some(2)),
            (bucket(70, 0, 5, 1), Preview, 1, Some(2)),
            (bucket(70, 0, 5, 1), Preview, 2, None),
            (bucket(70, 0, 5, 60), Preview, 61, Some(120)),
            (bucket(70, 22, 5, 1), Background, 0, None),
            (bucket(70, 21, 5, 1), Background, 0, Some(1)),
            (bucket(70, 0, 5, 1), Background, 0, Some(5)),
            (bucket(5, 1, 1, 10), Preview, 0, None),
            (bucket(5, 0, 1, 10), Preview, 0, Some(10)),
            (bucket(0, 0, 5, 1), Preview, 0, None),
            (bucket(70, 0, 0, 1), Preview, 0, None),
            (bucket(70, 0, 1, 3600), Preview, 0, Some(HOUR)),
            (bucket(70, 0, 1, 3600), Preview, HOUR, None),
            (bucket(MOST, 0, 1, 3600), Background, 0, Some(HOUR)),
        ];
        for (limits, work, later, waits) in table {
            let mut pace = Pace::default();
            assert_eq!(pace.hear(&ana, &issue(), &limits, at(0)), None);
            let until = pace.pass(&ana, &issue(), work, at(later)).err();
            assert_eq!(until, waits.map(at), "{:?} {work:?} after {later}", limits.bucket);
            let ben = caller("b", "jira.example.org", By::Person);
            assert_eq!(pace.pass(&ben, &issue(), work, at(later)), Ok(()), "another person's");
        }
        let mut pace = Pace::default();
        pace.hear(&ana, &issue(), &bucket(70, 7, 5, 1), at(0));
        let moment = |millis| at(0) + SignedDuration::from_millis(millis);
        assert_eq!(pace.pass(&ana, &issue(), Preview, moment(900)), Err(moment(1_900)), "nobody waits for a blink");
        let mut pace = Pace::default();
        pace.hear(&ana, &issue(), &bucket(10, 4, 2, 10), at(0));
        let gone = (0..10).filter(|_| pace.pass(&ana, &issue(), Preview, at(9)).is_ok()).count();
        assert_eq!(gone, 3, "each that goes is counted before it is answered");
        assert_eq!(pace.standing(&ana, at(9)).bucket.unwrap().left, 1);
        assert_eq!(pace.standing(&ana, at(25)).bucket.unwrap().left, 5);
        assert_eq!(pace.standing(&ana, at(HOUR)).bucket, None, "too long ago");
        // A refusal that names less than the bucket needs.
        let refused = Limits { refusal: refusal(Reason::Unknown, Some(1)).refusal, ..bucket(70, 0, 5, 1) };
        assert_eq!(pace.hear(&ana, &issue(), &refused, at(0)), Some(at(2)));
        let of_cloud = caller("c", "acme.atlassian.net", By::ApiToken);
        pace.hear(&of_cloud, &issue(), &bucket(70, 0, 5, 1), at(0));
        assert_eq!(pace.pass(&of_cloud, &issue(), Preview, at(0)), Ok(()), "it counts for nobody there");
    }

    #[test]
    fn points_of_the_app_are_told_and_kept_for_previews() {
        let ana = caller("a", "acme.atlassian.net", By::App);
        let other = caller("b", "beta.atlassian.net", By::App);
        let token = caller("c", "acme.atlassian.net", By::ApiToken);
        // Points, whether background work waits at this site, and at the other.
        let table = [
            (quota(false, 11_000, Some(65_000), 600), true, true),
            (quota(false, 30_000, Some(65_000), 600), false, false),
            (quota(false, 30_000, None, 600), true, true),
            (quota(true, 0, Some(65_000), 600), true, false),
        ];
        for (limits, here, there) in table {
            let mut pace = Pace::default();
            pace.hear(&ana, &issue(), &limits, at(0));
            for (caller, waits) in [(&ana, here), (&other, there), (&token, false)] {
                let expected = if waits { Err(at(600)) } else { Ok(()) };
                assert_eq!(pace.pass(caller, &issue(), Work::Background, at(100)), expected, "{limits:?}");
                assert_eq!(pace.pass(caller, &issue(), Work::Background, at(600)), Ok(()), "{limits:?}");
                assert_eq!(pace.pass(caller, &issue(), Work::Preview, at(100)), Ok(()), "{limits:?}");
            }
            let told = pace.standing(&ana, at(100)).quota.unwrap();
            assert_eq!((told.left, told.resets_in.as_secs()), (limits.quota.unwrap().left, 500));
            assert_eq!((pace.standing(&token, at(100)).quota, pace.standing(&ana, at(600)).quota), (None, None));
            let mut pace = Pace::default();
            pace.hear(&token, &issue(), &limits, at(0));
            assert_eq!(pace.standing(&ana, at(100)).quota, None, "told to who is no part of it");
        }
    }

    #[test]
    fn a_site_near_its_limit_is_remembered_for_a_while() {
        let ana = caller("a", "acme.atlassian.net", By::ApiToken);
        let mut pace = Pace::default();
        pace.hear(&ana, &issue(), &Limits { near: true, ..Limits::default() }, at(0));
        pace.hear(&ana, &issue(), &Limits::default(), at(1));
        let other = caller("b", "beta.atlassian.net", By::ApiToken);
        assert!(
            pace.is_near(&ana.site, at(59)) && !pace.is_near(&ana.site, at(60)) && !pace.is_near(&other.site, at(1))
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut pace = Pace::default();
        let sites = |number: usize| caller("a", &format!("s{number}.example.org"), By::ApiToken);
        let near = Limits { near: true, ..refusal(Reason::Burst, Some(3600)) };
        for number in 0..MOST_KEPT + 10 {
            pace.hear(&sites(number), &issue(), &near, at(0));
        }
        assert_eq!((pace.pauses.len(), pace.near.len()), (MOST_KEPT, MOST_KEPT));
        pace.hear(&sites(MOST_KEPT + 10), &issue(), &near, at(3 * HOUR));
        assert_eq!((pace.pauses.len(), pace.near.len()), (1, 1), "what is over makes room");
    }
}
