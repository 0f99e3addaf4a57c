//! What the service manager is told (`sd_notify(3)`), where there is one.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// The service manager that started us, if one did.
#[derive(Debug)]
pub(crate) struct Supervisor {
    /// How often it wants to hear from us.
    interval: Duration,
    next: Instant,
}

impl Supervisor {
    /// Reads what the manager asks for from the environment.
    pub(crate) fn new() -> Supervisor {
        // Half the time after which it would take us for hung, as sd_watchdog_enabled(3) advises.
        let interval = sd_notify::watchdog_enabled().map_or(RARELY, |limit| limit / 2);
        Supervisor { interval: interval.min(RARELY), next: Instant::now() }
    }

    /// Recording has begun.
    pub(crate) fn ready(&mut self, status: &str) {
        tell(&[NotifyState::Ready, NotifyState::Status(status)]);
        self.next = Instant::now() + self.interval;
    }

    /// We are alive; to be called often. `status` is asked for when it is time to tell.
    pub(crate) fn alive(&mut self, status: impl FnOnce() -> String) {
        let now = Instant::now();
        if now < self.next {
            return;
        }
        self.next = now + self.interval;
        tell(&[NotifyState::Watchdog, NotifyState::Status(&status())]);
    }

    /// A batch that is being sealed is waited for.
    pub(crate) fn stopping(&self) {
        tell(&[NotifyState::Stopping, NotifyState::Status("writing down what was recorded")]);
    }
}

/// A manager that does not hear us will find out by itself.
fn tell(state: &[NotifyState<'_>]) {
    let _heard_or_not = sd_notify::notify(state);
}

/// How often to tell a manager that does not ask.
const RARELY: Duration = Duration::from_secs(20);
