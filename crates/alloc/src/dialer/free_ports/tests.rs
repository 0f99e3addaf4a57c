//! Tests of the free ports towards a destination.

use registry::PortRange;

use super::*;

fn settings(first: u16, last: u16, reserved: &[u16]) -> PortSettings {
    PortSettings {
        ephemeral: PortRange::new(Port(first), Port(last)).unwrap(),
        reserved: reserved.iter().map(|port| PortRange::from(Port(*port))).collect(),
        unprivileged_start: Port(1024),
    }
}

fn surveyed(first: u16, last: u16, busy: &[Busy], now: Instant) -> FreePorts {
    let mut ports = FreePorts::new(&settings(first, last, &[]), now);
    ports.learn(busy, &RandomState::new(), (now, now));
    ports
}

fn taken(port: u16) -> Busy {
    Busy { port: Port(port), until: None }
}

fn drain(ports: &mut FreePorts, now: Instant) -> Vec<u16> {
    std::iter::from_fn(|| ports.take(now)).map(Port::number).collect()
}

#[test]
fn before_a_survey_nothing_is_believed_free() {
    let now = Instant::now();
    assert_eq!(FreePorts::new(&settings(1, 65535, &[]), now).take(now), None);
}

#[test]
fn each_free_port_comes_once_and_no_other() {
    let now = Instant::now();
    let mut ports = FreePorts::new(&settings(65500, 65535, &[65510, 65535]), now);
    ports.learn(&[taken(65501), taken(80)], &RandomState::new(), (now, now));
    let mut found = drain(&mut ports, now);
    assert!(!found.is_sorted(), "36 ports in a secret order: {found:?}");
    found.sort_unstable();
    let not = [65501, 65510, 65535];
    assert_eq!(found, (65500..=65535).filter(|port| !not.contains(port)).collect::<Vec<_>>());
}

#[test]
fn the_port_freed_longest_ago_comes_first() {
    let now = Instant::now();
    let mut ports = surveyed(100, 103, &[], now);
    let order = drain(&mut ports, now);
    for port in [102, 100, 103, 101] {
        ports.free(Port(port), now);
    }
    assert_eq!(order.len(), 4);
    assert_eq!(drain(&mut ports, now), [102, 100, 103, 101]);
}

#[test]
fn a_port_that_is_not_held_cannot_be_freed_twice() {
    let now = Instant::now();
    let mut ports = surveyed(100, 100, &[], now);
    let port = ports.take(now).unwrap();
    ports.free(port, now);
    ports.free(port, now);
    assert_eq!(drain(&mut ports, now), [100]);
}

#[test]
fn a_port_in_time_wait_is_tried_after_a_second_and_after_a_minute() {
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    let mut ports = surveyed(100, 100, &[], start);
    let port = ports.take(start).unwrap();
    ports.free(port, at(10));
    for (ms, next) in [(20, 1_010), (1_010, 60_010)] {
        let freed = ports.take(at(ms)).unwrap();
        ports.was_busy(freed, at(ms));
        assert_eq!(ports.take(at(next - 1)), None);
    }
    let freed = ports.take(at(60_010)).unwrap();
    ports.was_busy(freed, at(60_010));
    assert_eq!(ports.take(at(10_000_000)), None, "then it is somebody else's");
    ports.learn(&[], &RandomState::new(), (at(10_000_000), at(10_000_000)));
    assert_eq!(drain(&mut ports, at(10_000_000)), [100]);
}

#[test]
fn a_survey_takes_away_what_is_in_use_and_gives_back_what_is_free() {
    let now = Instant::now();
    let mut ports = surveyed(100, 103, &[taken(100)], now);
    let later = now + Duration::from_secs(5);
    let busy = [taken(101), Busy { port: Port(102), until: Some(later) }];
    ports.learn(&busy, &RandomState::new(), (now, now));
    let mut found = drain(&mut ports, now);
    found.sort_unstable();
    assert_eq!(found, [100, 103]);
    assert_eq!(drain(&mut ports, later), [102]);
}

#[test]
fn a_port_that_we_freed_while_a_survey_was_made_stays_free() {
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    let mut ports = surveyed(100, 101, &[], start);
    let (first, second) = (ports.take(start).unwrap(), ports.take(start).unwrap());
    ports.free(first, at(10));
    ports.free(second, at(30));
    let busy = [taken(100), taken(101)];
    ports.learn(&busy, &RandomState::new(), (at(20), at(40)));
    assert_eq!(drain(&mut ports, at(40)), [second.number()], "the first one others have by now");
}

#[test]
fn what_is_held_survives_surveys_and_new_settings() {
    let now = Instant::now();
    let mut ports = surveyed(100, 109, &[], now);
    while ports.take(now).is_some() {}
    ports.learn(&[], &RandomState::new(), (now, now));
    assert_eq!(ports.take(now), None);
    let mut ports = ports.under(&settings(105, 114, &[106]), now);
    ports.learn(&[], &RandomState::new(), (now, now));
    ports.free(Port(100), now); // drained
    ports.free(Port(106), now); // reserved meanwhile
    ports.free(Port(107), now);
    let mut found = drain(&mut ports, now);
    found.sort_unstable();
    assert_eq!(found, [107, 110, 111, 112, 113, 114]);
}

#[test]
fn a_port_that_another_way_found_is_not_given_again() {
    let now = Instant::now();
    let mut ports = surveyed(100, 101, &[], now);
    ports.hold(Port(100));
    assert_eq!(drain(&mut ports, now), [101]);
    ports.forget(Port(100));
    ports.free(Port(100), now);
    assert_eq!(ports.take(now), None);
}
