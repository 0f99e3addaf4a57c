//! What is asked of a newer and of an older kernel.

use alloc::dialer::{DialError, Dialer, Settings, Step, Tracking};

use crate::namespace::with_ports;
use crate::server::{fill_up, listen};

fn parities(step: Step) -> (usize, usize) {
    let mut found = (0, 0);
    with_ports((40000, 40063), || {
        let listener = listen("127.0.0.1:20000");
        let settings = Settings::default().with_step(step).with_tracking(Tracking::Never);
        let dialer = Dialer::new(settings).unwrap();
        assert_eq!(dialer.step(), step);
        let (held, error) = fill_up(&dialer, listener.local_addr().unwrap());
        assert!(matches!(error, DialError::Exhausted { fill, .. } if fill.taken == 64), "{error}");
        let odd = |port: u16| usize::from(port % 2 == 1);
        let odd = |of: &[alloc::dialer::Connection]| -> usize {
            of.iter().map(|held| odd(held.local_addr().unwrap().port())).sum()
        };
        found = (odd(&held[..32]), odd(&held));
    });
    found
}

#[test]
fn a_kernel_without_the_option_is_asked_plainly() {
    // A plain connect takes the ports of one parity first: that it was one can be seen.
    let (first, all) = parities(Step::Plain);
    assert_eq!(all, 32);
    assert!(first == 0 || first == 32, "{first} odd ports among the first 32");
}

#[test]
fn the_whole_range_has_no_parity() {
    let (first, all) = parities(Step::WholeRange);
    assert_eq!(all, 32);
    assert!(first != 0 && first != 32, "{first} odd ports among the first 32");
}

#[test]
fn single_ports_are_asked_for_at_random() {
    let (first, all) = parities(Step::OnePort);
    assert_eq!(all, 32);
    assert!(first != 0 && first != 32, "{first} odd ports among the first 32");
}

#[test]
fn this_kernel_is_asked_for_the_best_it_can_do() {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap(), numbers.next().unwrap());
    let expected = match version {
        (6, 8..) | (7.., _) => Step::WholeRange,
        (6, 3..) => Step::OnePort,
        _ => Step::Plain,
    };
    assert_eq!(Dialer::new(Settings::default()).unwrap().step(), expected);
}

#[test]
fn nothing_is_tracked_where_single_ports_cannot_be_asked_for() {
    with_ports((40000, 40015), || {
        let listener = listen("127.0.0.1:20000");
        let settings = Settings::default().with_step(Step::Plain).with_tracking(Tracking::Always);
        let dialer = Dialer::new(settings).unwrap();
        let (held, _) = fill_up(&dialer, listener.local_addr().unwrap());
        assert_eq!(held.len(), 16);
        assert!(!dialer.is_tracked(listener.local_addr().unwrap()));
    });
}
