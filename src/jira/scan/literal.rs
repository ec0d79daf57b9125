//! An instant as JQL writes it (S2). A bound never leaves out what it is meant to let in: where a form cannot say an
//! instant exactly, it says an earlier one. Pure.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// The three forms that mean the same to Jira whoever asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TimeForm {
    /// `-15m`, counted back from Jira's own clock: no zone is needed. What time it is there is told by each answer
    /// (`Date`), and a bound that turns out too late is asked again.
    Relative,
    /// `2026/11/22 10:05` in the zone of the profile of whoever asks, by its IANA name. `/myself` tells it; it is good
    /// for the cycle in which it was read.
    Zone(Zone),
    /// Milliseconds since 1970. Only where [`super::super::client::Client::takes_millis`] has shown that this Jira reads them.
    Millis,
}

/// A time zone that the gateway knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl TryFrom<String> for Zone {
    type Error = jiff::Error;
    fn try_from(name: String) -> Result<Self, jiff::Error> {
        TimeZone::get(&name).map(Self)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.0.iana_name().unwrap_or("UTC").to_owned()
    }
}

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// How far a bound steps out of an hour that comes twice. There have been shifts of 20 minutes and of a day.
const STEP: SignedDuration = SignedDuration::from_mins(20);
const MOST_STEPS: u32 = 100;

/// One end of a range of time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    /// As it stands in the query.
    pub text: String,
    /// What Jira takes it for; of a relative one, if it is as late there as was thought.
    pub at: Timestamp,
}

impl TimeForm {
    /// The zone of `/myself`; `None` where the gateway has never heard of it.
    pub fn zone(name: &str) -> Option<Self> {
        Zone::try_from(name.to_owned()).ok().map(Self::Zone)
    }

    /// For `updated >= …`: `instant`, or somewhat earlier. `now`: what time it is at Jira, as far as is known; the bound
    /// has to be good for at least as long as `good_for`, because one that counts back moves with the time.
    pub(super) fn from(&self, instant: Timestamp, now: Timestamp, good_for: SignedDuration) -> Bound {
        let minute = floor(instant);
        match self {
            Self::Relative => {
                let ago = now.duration_since(instant).saturating_add(good_for).as_secs();
                relative(ago.div_euclid(60).saturating_add(1).max(1), now)
            }
            Self::Zone(Zone(zone)) => in_zone(zone, minute, -STEP),
            Self::Millis => Bound { text: minute.as_millisecond().to_string(), at: minute },
        }
    }

    /// For `updated < …`: `instant`, or somewhat later. `None` where that would lie in the future.
    pub(super) fn until(&self, instant: Timestamp, now: Timestamp) -> Option<Bound> {
        let minute = floor(instant.saturating_add(MINUTE - SignedDuration::from_nanos(1)).unwrap_or(instant));
        match self {
            Self::Relative => {
                let minutes = now.duration_since(minute).as_secs().div_euclid(60) - 1;
                (minutes > 0).then(|| relative(minutes, now))
            }
            Self::Zone(Zone(zone)) => Some(in_zone(zone, minute, STEP)),
            Self::Millis => Some(Bound { text: minute.as_millisecond().to_string(), at: minute }),
        }
    }

    /// Where the range really begins that begins at `instant`.
    pub(super) fn start(&self, instant: Timestamp) -> Timestamp {
        match self {
            Self::Zone(_) => self.from(instant, instant, SignedDuration::ZERO).at,
            Self::Relative | Self::Millis => floor(instant),
        }
    }
}

fn relative(minutes: i64, now: Timestamp) -> Bound {
    let at = now.saturating_sub(SignedDuration::from_mins(minutes)).unwrap_or(now);
    Bound { text: format!("\"-{minutes}m\""), at }
}

/// The local time of a minute. One that comes twice, when clocks are set back, could be read as either, so the bound
/// steps out of that hour; and out of a minute that has begun, in the zones that once were seconds apart from the others.
fn in_zone(zone: &TimeZone, minute: Timestamp, step: SignedDuration) -> Bound {
    let mut at = minute;
    for _ in 0..MOST_STEPS {
        let local = zone.to_datetime(at);
        let by = match i64::from(local.second()) {
            0 if !zone.to_ambiguous_timestamp(local).is_ambiguous() => break,
            0 => step,
            seconds if step.is_negative() => SignedDuration::from_secs(-seconds),
            seconds => SignedDuration::from_secs(60 - seconds),
        };
        at = at.saturating_add(by).unwrap_or(minute);
    }
    Bound { text: zone.to_datetime(at).strftime("\"%Y/%m/%d %H:%M\"").to_string(), at }
}

fn floor(instant: Timestamp) -> Timestamp {
    let seconds = instant.as_second().div_euclid(60).saturating_mul(60);
    Timestamp::from_second(seconds).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use jiff::civil::DateTime;
    use jiff::tz::Disambiguation;
    use proptest::prelude::*;

    use super::*;

    const SOON: SignedDuration = SignedDuration::from_secs(30);

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn berlin(text: &str) -> (String, Timestamp) {
        let bound = TimeForm::zone("Europe/Berlin").unwrap().from(at(text), at(text), SOON);
        (bound.text, bound.at)
    }

    #[test]
    fn each_form_says_the_minute_or_an_earlier_one() {
        let (instant, now) = (at("2026-11-22T09:05:59.9Z"), at("2026-11-22T09:20:10Z"));
        assert_eq!(TimeForm::Relative.from(instant, now, SOON).text, "\"-15m\"");
        assert_eq!(TimeForm::Relative.from(now, instant, SOON).text, "\"-1m\"", "Jira is ahead of what was thought");
        assert_eq!(TimeForm::Millis.from(instant, now, SOON).text, "1795338300000");
        assert_eq!(berlin("2026-11-22T09:05:59.9Z"), ("\"2026/11/22 10:05\"".to_owned(), at("2026-11-22T09:05:00Z")));
        assert_eq!(TimeForm::zone("Mars/Olympus"), None);
    }

    #[test]
    fn an_hour_that_comes_twice_is_left_by_the_safe_side() {
        // Clocks are set back at 01:00 UTC on 25 October: 02:30 comes twice, and both bounds lie before the first.
        for twice in ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"] {
            let (text, from) = berlin(twice);
            assert!(from <= at(twice) && text.starts_with("\"2026/10/25 01:"), "{text}");
            let until = TimeForm::zone("Europe/Berlin").unwrap().until(at(twice), at(twice)).unwrap();
            assert!(until.at >= at(twice) && until.text.starts_with("\"2026/10/25 03:"), "{}", until.text);
        }
        // Set forward at 01:00 UTC on 29 March: 02:30 never comes.
        assert_eq!(berlin("2026-03-29T00:59:30Z").0, "\"2026/03/29 01:59\"");
        let monrovia = TimeForm::zone("Africa/Monrovia").unwrap();
        assert_eq!(
            monrovia.from(at("1970-01-01T00:00:00Z"), at("1970-01-01T00:00:00Z"), SOON).text,
            "\"1969/12/31 23:15\""
        );
        assert_eq!(berlin("2026-03-29T01:00:30Z").0, "\"2026/03/29 03:00\"");
    }

    #[test]
    fn an_upper_bound_is_never_too_early() {
        let (instant, now) = (at("2026-11-22T09:05:01Z"), at("2026-11-22T09:20:10Z"));
        let until = |form: &TimeForm| form.until(instant, now);
        assert_eq!(until(&TimeForm::Relative).unwrap().text, "\"-13m\"");
        assert_eq!(TimeForm::Relative.until(now, now), None);
        assert_eq!(until(&TimeForm::Millis).unwrap().at, at("2026-11-22T09:06:00Z"));
        assert_eq!(until(&TimeForm::zone("Asia/Kathmandu").unwrap()).unwrap().text, "\"2026/11/22 14:51\"");
    }

    /// What Jira may take a text for; it is not known which of two instants it means where a time comes twice or never.
    fn readings(form: &TimeForm, text: &str) -> Vec<Timestamp> {
        let TimeForm::Zone(Zone(zone)) = form else { panic!("the others need no zone") };
        let local = DateTime::strptime("\"%Y/%m/%d %H:%M\"", text).unwrap();
        let doubts = [Disambiguation::Earlier, Disambiguation::Later, Disambiguation::Compatible];
        doubts.map(|doubt| zone.to_ambiguous_timestamp(local).disambiguate(doubt).unwrap()).to_vec()
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2_000) })]

        /// S2: no issue that was updated at `instant` or later is left out by the literal, in any zone at any time.
        #[test]
        fn a_literal_never_leaves_out_what_it_is_to_let_in(
            name in prop::sample::select(jiff::tz::db().available().map(|name| name.to_string()).collect::<Vec<_>>()),
            second in 0_i64..4_102_444_800,
            nanosecond in 0..1_000_000_000,
            // Many of the instants lie close to a shift of the clocks.
            shift in prop::option::of((0_usize..4, -7_200_i64..7_200)),
        ) {
            let form = TimeForm::zone(&name).unwrap();
            let TimeForm::Zone(Zone(zone)) = &form else { panic!("a zone") };
            let anywhere = Timestamp::new(second, nanosecond).unwrap();
            let shifted = shift.and_then(|(nth, by)| {
                let at = zone.following(anywhere).nth(nth)?.timestamp();
                at.checked_add(SignedDuration::from_secs(by)).ok()
            });
            let instant = shifted.unwrap_or(anywhere);
            let bound = form.from(instant, instant, SOON);
            for reading in readings(&form, &bound.text) {
                prop_assert!(reading <= instant, "{name} {instant} {} is read as {reading}", bound.text);
                prop_assert_eq!(reading, bound.at);
            }
            prop_assert!(instant.duration_since(bound.at) <= SignedDuration::from_hours(26), "not much too early");
            let until = form.until(instant, instant).unwrap();
            for reading in readings(&form, &until.text) {
                prop_assert!(reading >= instant, "{name} {instant} {} is read as {reading}", until.text);
            }
            for other in [TimeForm::Relative, TimeForm::Millis] {
                prop_assert!(other.from(instant, instant, SOON).at <= instant);
            }
        }
    }

    #[test]
    fn a_form_is_kept_by_name() {
        let form = TimeForm::zone("Australia/Lord_Howe").unwrap();
        let kept = serde_json::to_string(&form).unwrap();
        assert_eq!(kept, r#"{"Zone":"Australia/Lord_Howe"}"#);
        assert_eq!(serde_json::from_str::<TimeForm>(&kept).unwrap(), form);
    }
}
