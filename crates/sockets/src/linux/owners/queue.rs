//! What is left to look at, shared by the threads of a search.

use std::collections::BTreeSet;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A piece of work.
#[derive(Debug)]
pub(super) enum Job {
    /// The process with this pid.
    Process(u32),
    Stretch(Stretch),
}

/// Some of the descriptors of a process that has many.
#[derive(Debug)]
pub(super) struct Stretch {
    pub(super) pid: u32,
    /// Its descriptor directory.
    pub(super) dir: Arc<OwnedFd>,
    pub(super) fds: Range<u32>,
}

/// Processes in the order they are to be looked at, and what is left of big ones.
#[derive(Debug)]
pub(super) struct Queue<'a> {
    pids: &'a [u32],
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    next: usize,
    stretches: Vec<Stretch>,
    /// Jobs taken and not done: they may bring more.
    busy: usize,
}

impl<'a> Queue<'a> {
    pub(super) fn new(pids: &'a [u32]) -> Queue<'a> {
        Queue { pids, state: Mutex::default(), changed: Condvar::new() }
    }

    /// The next job, to be [`Queue::done`] with; waits while another thread's job may bring one.
    /// `None` when there is none left, or when `stop` says so.
    pub(super) fn take(&self, stop: impl Fn() -> bool) -> Option<Job> {
        let mut state = self.state();
        loop {
            if stop() {
                return None;
            }
            let job = state.stretches.pop().map(Job::Stretch).or_else(|| {
                let pid = *self.pids.get(state.next)?;
                state.next += 1;
                Some(Job::Process(pid))
            });
            if job.is_some() {
                state.busy += 1;
                return job;
            }
            if state.busy == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Adds what is left of a process.
    pub(super) fn add(&self, stretches: impl Iterator<Item = Stretch>) {
        self.state().stretches.extend(stretches);
        self.changed.notify_all();
    }

    /// Ends a job.
    pub(super) fn done(&self) {
        self.state().busy -= 1;
        self.changed.notify_all();
    }

    /// How many processes were not looked at, or not to the end.
    pub(super) fn left(&self) -> usize {
        let state = self.state();
        let begun: BTreeSet<u32> = state.stretches.iter().map(|stretch| stretch.pid).collect();
        self.pids.len() - state.next + begun.len()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::thread;

    use super::*;

    #[test]
    fn what_a_job_brings_is_done_before_the_threads_part() {
        let queue = Queue::new(&[1]);
        let dir = Arc::new(OwnedFd::from(File::open("/").unwrap()));
        let done = Mutex::new(Vec::new());
        let work = || {
            while let Some(job) = queue.take(|| false) {
                match job {
                    Job::Process(pid) => queue.add((0..4).map(|n| Stretch {
                        pid,
                        dir: Arc::clone(&dir),
                        fds: n..n + 1,
                    })),
                    Job::Stretch(stretch) => done.lock().unwrap().push(stretch.fds.start),
                }
                queue.done();
            }
        };
        thread::scope(|scope| {
            scope.spawn(work);
            scope.spawn(work);
        });
        let mut done = done.into_inner().unwrap();
        done.sort_unstable();
        assert_eq!(done, [0, 1, 2, 3]);
        assert_eq!(queue.left(), 0);
    }

    #[test]
    fn a_stopped_queue_tells_what_is_left() {
        let queue = Queue::new(&[1, 2, 3]);
        assert!(matches!(queue.take(|| false), Some(Job::Process(1))));
        assert!(queue.take(|| true).is_none());
        assert_eq!(queue.left(), 2);
        let dir = Arc::new(OwnedFd::from(File::open("/").unwrap()));
        queue.add((1..3).map(|n| Stretch { pid: 1, dir: Arc::clone(&dir), fds: n..n + 1 }));
        assert_eq!(queue.left(), 3);
    }
}
