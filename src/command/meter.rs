//! How far long work is: a bar with rate and time on a terminal, else one line for each step.

use std::io::{IsTerminal, Write};

use jiff::Timestamp;
use jira_notion_gateway::sync::shown::Shown;
use jira_notion_gateway::sync::state::Phase;

use super::{Failure, say};

const WIDTH: u64 = 24;

/// Where the present step began.
#[derive(Clone, Copy)]
struct Step {
    phase: Phase,
    began: Timestamp,
    done: u64,
}

#[derive(Default)]
pub struct Meter {
    step: Option<Step>,
    /// A bar stands on the last line.
    is_drawn: bool,
}

impl Meter {
    pub fn show(&mut self, shown: &Shown, now: Timestamp) -> Result<(), Failure> {
        let Some(phase) = shown.phase else { return Ok(()) };
        let is_terminal = std::io::stderr().is_terminal();
        let step = match self.step {
            Some(step) if step.phase == phase => step,
            _ => {
                if !is_terminal {
                    say(format_args!("{}", phase.words()))?;
                }
                Step { phase, began: now, done: shown.progress.done }
            }
        };
        self.step = Some(step);
        if is_terminal {
            self.is_drawn = true;
            let mut out = std::io::stderr().lock();
            // To the beginning of the line, and over all that stood there.
            write!(out, "\r\x1b[K{}", line(step, shown, now))?;
            out.flush()?;
        }
        Ok(())
    }

    /// Leaves a clean line behind.
    pub fn end(&mut self) -> Result<(), Failure> {
        if self.is_drawn {
            write!(std::io::stderr().lock(), "\r\x1b[K")?;
        }
        Ok(())
    }
}

/// `Writing rows  ██████░░░░░░  1240 of 5000 · 180 a minute · 1254 s left`
fn line(step: Step, shown: &Shown, now: Timestamp) -> String {
    let (done, total) = (shown.progress.done, shown.progress.total);
    let words = step.phase.words();
    if step.phase == Phase::Reading || total == 0 {
        return format!("{words}  {done}");
    }
    let full = (done.min(total) * WIDTH).checked_div(total).unwrap_or_default();
    let bar: String = (0..WIDTH).map(|at| if at < full { '█' } else { '░' }).collect();
    let took = now.duration_since(step.began).as_secs().unsigned_abs();
    let rate = (done.saturating_sub(step.done) * 60).checked_div(took);
    let rate = rate.map_or_else(String::new, |rate| format!(" · {rate} a minute"));
    let left = shown.progress.eta_seconds.map_or_else(String::new, |left| format!(" · {left} s left"));
    format!("{words}  {bar}  {done} of {total}{rate}{left}")
}
