//! How often Notion may be told: three times a second on average (notion-rest-api §6), over a minute as Notion counts. Pure.

use std::time::{Duration, Instant};

/// On average, in a second.
const PER_SECOND: f64 = 3.0;
/// At once, after a quiet time: a sixth of what a minute allows.
const AT_ONCE: f64 = 30.0;

/// Longest pause that is believed.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);
/// The first wait for a Notion that is away; each one is twice the one before …
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// … up to this.
const AWAY_AT_MOST: Duration = Duration::from_secs(300);

/// A bucket of what may be sent, and a pause where Notion named one.
#[derive(Debug, Default)]
pub struct Rate {
    filled: Option<(Instant, f64)>,
    pause_until: Option<Instant>,
    /// How often in a row Notion was away.
    failures: u32,
}

impl Rate {
    /// Takes one, or says how long to wait.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if let Some(left) = self.paused(now) {
            return Err(left);
        }
        let filled = self.filled.map_or(AT_ONCE, |(since, filled)| {
            let gained = now.saturating_duration_since(since).as_secs_f64() * PER_SECOND;
            (filled + gained).min(AT_ONCE)
        });
        if filled < 1.0 {
            self.filled = Some((now, filled));
            return Err(Duration::from_secs_f64((1.0 - filled) / PER_SECOND));
        }
        self.filled = Some((now, filled - 1.0));
        Ok(())
    }

    /// Notion wants to be left alone for so long. Gives the time until which everything waits.
    pub fn pause(&mut self, now: Instant, time: Duration) -> Duration {
        let until = now + time.min(LONGEST_PAUSE);
        let until = self.pause_until.map_or(until, |before| before.max(until));
        self.pause_until = Some(until);
        until.saturating_duration_since(now)
    }

    /// Notion is away: everything waits, longer each time.
    pub fn fail(&mut self, now: Instant) -> Duration {
        let time = FIRST_PAUSE * 2_u32.pow(self.failures.min(10));
        self.failures = self.failures.saturating_add(1);
        self.pause(now, time.min(AWAY_AT_MOST))
    }

    /// Notion has answered.
    pub fn succeed(&mut self) {
        self.failures = 0;
    }

    /// How long Notion still wants to be left alone.
    pub fn paused(&self, now: Instant) -> Option<Duration> {
        self.pause_until.map(|until| until.saturating_duration_since(now)).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_and_then_three_in_a_second() {
        let (start, mut rate) = (Instant::now(), Rate::default());
        let mut now = start;
        let mut sent = 0;
        while now.duration_since(start) < Duration::from_secs(60) {
            match rate.take(now) {
                Ok(()) => sent += 1,
                Err(wait) => {
                    assert!(wait <= Duration::from_millis(334), "{wait:?}");
                    now += wait + Duration::from_micros(1);
                }
            }
        }
        assert!((209..=211).contains(&sent), "{sent}");
    }

    #[test]
    fn a_pause_that_was_named_is_kept() {
        let (now, mut rate) = (Instant::now(), Rate::default());
        rate.pause(now, Duration::from_secs(7));
        rate.pause(now, Duration::from_secs(3));
        assert_eq!(rate.take(now + Duration::from_secs(5)), Err(Duration::from_secs(2)));
        assert_eq!(rate.take(now + Duration::from_secs(7)), Ok(()));
    }

    #[test]
    fn an_absence_is_waited_out_longer_each_time() {
        let (mut now, mut rate) = (Instant::now(), Rate::default());
        for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
            let pause = rate.fail(now);
            assert_eq!(pause, Duration::from_secs(seconds));
            now += pause;
        }
        rate.succeed();
        assert_eq!(rate.fail(now), Duration::from_secs(1));
    }
}
