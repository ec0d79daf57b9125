//! The work that reading a text takes: tests count it where a search or a loop could grow faster than the text.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
}

/// So many letters or frames were looked at.
#[inline]
pub(super) fn done(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get() + steps);
    #[cfg(not(test))]
    let _ = steps;
}

/// The steps of this thread since the last call.
#[cfg(test)]
pub(super) fn taken() -> usize {
    STEPS.take()
}
