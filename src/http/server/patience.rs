//! What is seen of a connection from outside, and when patience with it ends.
//!
//! Connections are looked at now and then instead of having timers of their own: setting one for each request would cost
//! a fifth of what hyper itself spends on a small request.

use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that asks for something is given this many looks to finish saying what.
pub(super) const LOOKS_FOR_HEADERS: u32 = 2;

/// Counts what happens on one connection. Clones count together.
#[derive(Clone, Default)]
pub(super) struct Work(Arc<Counters>);

#[derive(Default)]
struct Counters {
    began: AtomicUsize,
    ended: AtomicUsize,
    unanswered: AtomicUsize,
    written: AtomicUsize,
}

/// The counters at one moment: requests that began and ended, bytes that were written, bytes that were read since then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Seen {
    began: usize,
    ended: usize,
    unanswered: usize,
    written: usize,
}

impl Work {
    /// A request begins. It ends when the answer is dropped, also when the client goes away meanwhile.
    pub(super) fn begin(&self) -> Busy {
        self.0.began.fetch_add(1, Relaxed);
        Busy(self.clone())
    }

    fn seen(&self) -> Seen {
        let Counters { began, ended, unanswered, written } = &*self.0;
        Seen {
            began: began.load(Relaxed),
            ended: ended.load(Relaxed),
            unanswered: unanswered.load(Relaxed),
            written: written.load(Relaxed),
        }
    }
}

pub(super) struct Busy(Work);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.ended.fetch_add(1, Relaxed);
    }
}

/// Decides at each look whether a connection may stay.
pub(super) struct Patience {
    work: Work,
    protocol: Protocol,
    last: Seen,
    quiet_looks: u32,
    looks_for_idle: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// Whatever is read after an answer belongs to the next request.
    Http1,
    /// Much is read that asks for nothing.
    Http2,
}

impl Patience {
    pub(super) fn new(work: Work, protocol: Protocol, looks_for_idle: u32) -> Self {
        Self { work, protocol, last: Seen::default(), quiet_looks: 0, looks_for_idle }
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Whether the connection has to end now.
    pub(super) fn is_over(&mut self) -> bool {
        self.judge(self.work.seen())
    }

    fn judge(&mut self, now: Seen) -> bool {
        let moves = now.began != now.ended || now.began != self.last.began || now.written != self.last.written;
        if moves {
            (self.last, self.quiet_looks) = (now, 0);
            return false;
        }
        self.quiet_looks += 1;
        // Half-sent headers, or nothing at all.
        let half_asked = now.began == 0 || (self.protocol == Protocol::Http1 && now.unanswered > 0);
        self.quiet_looks >= if half_asked { LOOKS_FOR_HEADERS } else { self.looks_for_idle }
    }
}

/// A stream whose bytes are counted.
pub(super) struct Counted<IO> {
    stream: IO,
    work: Work,
}

impl<IO> Counted<IO> {
    pub(super) fn new(stream: IO, work: Work) -> Self {
        Self { stream, work }
    }

    fn wrote(&self, result: &io::Result<usize>) {
        if let Ok(bytes) = result {
            add(&self.work.0.written, *bytes);
            self.work.0.unanswered.store(0, Relaxed);
        }
    }
}

/// Only the task that drives the connection counts bytes, so no other can come between.
fn add(counter: &AtomicUsize, bytes: usize) {
    counter.store(counter.load(Relaxed).wrapping_add(bytes), Relaxed);
}

impl<IO: AsyncRead + Unpin> AsyncRead for Counted<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = ready!(Pin::new(&mut self.stream).poll_read(context, buffer));
        add(&self.work.0.unanswered, buffer.filled().len() - before);
        Poll::Ready(result)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Counted<IO> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        self.wrote(&result);
        Poll::Ready(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, slices));
        self.wrote(&result);
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is seen at each look (began, ended, unanswered, written), and the look at which patience ends.
    #[test]
    fn patience_ends_where_nothing_moves() {
        use Protocol::{Http1, Http2};
        type Look = (usize, usize, usize, usize);
        let table: [(&str, Protocol, &[Look], Option<usize>); 11] = [
            ("says nothing", Http1, &[(0, 0, 0, 0); 2], Some(1)),
            ("says nothing", Http2, &[(0, 0, 0, 0); 2], Some(1)),
            ("begins to speak, byte by byte", Http1, &[(0, 0, 9, 0), (0, 0, 10, 0)], Some(1)),
            ("asks in time", Http1, &[(0, 0, 9, 0), (1, 0, 90, 0), (1, 1, 0, 500)], None),
            ("is worked for", Http1, &[(1, 0, 90, 0); 9], None),
            ("idles", Http1, &[(1, 1, 0, 500); 4], Some(3)),
            ("asks half a second time", Http1, &[(1, 1, 0, 500), (1, 1, 1, 500), (1, 1, 2, 500)], Some(2)),
            ("did so before the first look", Http1, &[(1, 1, 1, 500); 3], Some(2)),
            ("idles, having told its window", Http2, &[(1, 1, 13, 500); 4], Some(3)),
            ("fetches slowly", Http1, &[(1, 1, 0, 1), (1, 1, 0, 2), (1, 1, 0, 3), (1, 1, 0, 4), (1, 1, 0, 5)], None),
            ("stops fetching", Http1, &[(1, 1, 0, 1); 4], Some(3)),
        ];
        for (what, protocol, looks, end) in table {
            let mut patience = Patience::new(Work::default(), protocol, 3);
            let found = looks.iter().position(|&(began, ended, unanswered, written)| {
                patience.judge(Seen { began, ended, unanswered, written })
            });
            assert_eq!(found, end, "{what}");
        }
    }
}
