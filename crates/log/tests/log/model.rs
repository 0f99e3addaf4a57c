//! The ledger against a model that is too simple to be wrong: a map of what is open.

use std::collections::BTreeMap;

use log::{Ledger, Moment, Party, Verb};
use proptest::prelude::*;
use registry::PortRange;
use sockets::{Event, Opened, Role};

use super::events::{Clocks, START, close, open, opened, program, taken, told};

/// What may happen to one of a few sockets.
#[derive(Clone, Debug)]
enum Step {
    Open { cookie: u64, port: u16, role: Role, pid: u32 },
    Take { cookie: u64, pid: u32 },
    Close { cookie: u64, pid: u32 },
    Tell { pid: u32 },
    Survey,
}

fn step() -> impl Strategy<Value = Step> {
    let cookie = 1..12_u64;
    let pid = 1..5_u32;
    let role = prop_oneof![Just(Role::Bound), Just(Role::Listening), Just(Role::Outgoing)];
    prop_oneof![
        5 => (cookie.clone(), 1000..1004_u16, role, pid.clone())
            .prop_map(|(cookie, port, role, pid)| Step::Open { cookie, port, role, pid }),
        2 => (cookie.clone(), pid.clone()).prop_map(|(cookie, pid)| Step::Take { cookie, pid }),
        4 => (cookie, pid.clone()).prop_map(|(cookie, pid)| Step::Close { cookie, pid }),
        1 => pid.prop_map(|pid| Step::Tell { pid }),
        1 => Just(Step::Survey),
    ]
}

/// An open socket: since when, its port, role, opener and taker.
type Row = (u64, u16, Role, u32, Option<u32>);

/// What the model says ended: the port, since when and until when.
type Ended = (u16, u64, u64);

fn apply(model: &mut BTreeMap<u64, Row>, ended: &mut Vec<Ended>, at: u64, step: &Step) {
    match *step {
        Step::Open { cookie, port, role, pid } => {
            if let Some(row) = model.get_mut(&cookie).filter(|row| row.1 == port) {
                row.2 = role;
                return;
            }
            if let Some(row) = model.insert(cookie, (at, port, role, pid, None)) {
                ended.push((row.1, row.0, at));
            }
        }
        Step::Take { cookie, pid } => {
            if let Some(row) = model.get_mut(&cookie).filter(|row| row.4.is_none() && row.3 != pid)
            {
                row.4 = Some(pid);
            }
        }
        Step::Close { cookie, .. } => {
            ended.extend(model.remove(&cookie).map(|row| (row.1, row.0, at)));
        }
        Step::Tell { .. } | Step::Survey => {}
    }
}

fn event(at: u64, step: &Step) -> Option<Event> {
    match *step {
        Step::Open { cookie, port, role, pid } => {
            Some(open(at, Opened { role, ..opened(cookie, port, pid) }))
        }
        Step::Take { cookie, pid } => Some(taken(at, cookie, pid)),
        Step::Close { cookie, pid } => Some(close(at, cookie, pid)),
        Step::Tell { pid } => Some(told(at, &program(pid, "curl", 1000))),
        Step::Survey => None,
    }
}

fn pid(party: &Party) -> Option<u32> {
    match party {
        Party::Known(program) => Some(program.key.pid.0),
        Party::Hidden { .. } | Party::Unknown => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_ledger_is_a_map_of_what_is_open(steps in prop::collection::vec(step(), 1..120)) {
        let clocks = Clocks::new();
        let mut ledger = Ledger::with_time(clocks.source());
        let programs = (1..5).map(|pid| told(0, &program(pid, "curl", 1000)));
        ledger.apply(&programs.collect::<Vec<_>>(), &mut Vec::new());
        let (mut model, mut ended, mut changes) = (BTreeMap::new(), Vec::new(), Vec::new());
        // Something may be told of a socket before it opens, microseconds early: not here.
        let known = |model: &BTreeMap<u64, Row>, step: &Step| match step {
            Step::Take { cookie, .. } | Step::Close { cookie, .. } => model.contains_key(cookie),
            _ => true,
        };
        for step in &steps {
            clocks.pass(std::time::Duration::from_millis(1));
            let at = clocks.at();
            if !known(&model, step) {
                continue;
            }
            apply(&mut model, &mut ended, at, step);
            match event(at, step) {
                Some(event) => ledger.apply(&[event], &mut changes),
                None => {
                    let still = model.iter().map(|(cookie, row)| {
                        open(at, Opened { role: row.2, ..opened(*cookie, row.1, row.3) })
                    });
                    ledger.survey(&still.collect::<Vec<_>>());
                    ledger.settle(&mut changes);
                }
            }
            prop_assert_eq!(ledger.open(), model.len());
        }
        let boot = START - i64::try_from(Clocks::new().at()).unwrap();
        let since = |moment: Moment| u64::try_from(moment.0 - boot).unwrap();
        let held: BTreeMap<u64, Row> = ledger
            .held(&[PortRange::ALL])
            .into_iter()
            .map(|(cookie, tenure)| {
                let opener = pid(&tenure.opener).unwrap();
                let port = tenure.local.port.0;
                (cookie, (since(tenure.from), port, tenure.role, opener, pid(&tenure.taker)))
            })
            .collect();
        prop_assert_eq!(held, model);
        let closed = changes.iter().filter(|change| change.verb == Verb::Closed);
        let told: Vec<Ended> = closed
            .map(|change| {
                let tenure = &change.tenure;
                (tenure.local.port.0, since(tenure.from), since(tenure.until.unwrap()))
            })
            .collect();
        prop_assert_eq!(told, ended);
    }
}

#[test]
fn what_comes_out_of_order_is_put_right() {
    let clocks = Clocks::new();
    let mut ledger = Ledger::with_time(clocks.source());
    let at = clocks.at();
    let mut changes = Vec::new();
    // Taken before it is opened, by a program told of later still; then closed before it is opened.
    let events = [
        taken(at + 5, 1, 8),
        open(at + 3, opened(1, 1001, 7)),
        told(at, &program(8, "server", 0)),
        close(at + 9, 2, 7),
        open(at + 7, opened(2, 1002, 7)),
        // Told of again after its end, and closed twice.
        open(at + 8, opened(2, 1002, 7)),
        close(at + 9, 2, 7),
        close(at + 10, 99, 7),
    ];
    ledger.apply(&events, &mut changes);
    let verbs: Vec<_> =
        changes.iter().map(|change| (change.verb, change.tenure.local.port.0)).collect();
    assert_eq!(verbs, [(Verb::Opened, 1001), (Verb::Opened, 1002), (Verb::Closed, 1002)]);
    let [(1, open_one)] = &ledger.held(&[PortRange::ALL])[..] else { panic!("{changes:?}") };
    assert_eq!((pid(&open_one.taker), pid(&open_one.opener)), (Some(8), None));
    assert_eq!(changes[2].tenure.duration, std::time::Duration::from_nanos(2));
    // An exact word of what a survey told of a moment later, with the moment it is of.
    let mut survey = opened(3, 1003, 7);
    survey.evidence = sockets::Evidence::OpenAtStart;
    ledger.apply(&[open(at + 50, survey), open(at + 40, opened(3, 1003, 7))], &mut changes);
    let change = changes.last().unwrap();
    assert_eq!((change.verb, change.tenure.from), (Verb::Changed, Moment(START + 40)));
    assert_eq!(change.tenure.evidence, sockets::Evidence::Exact);
}

#[test]
fn what_a_survey_finds_of_a_socket_that_ended_opens_it_again_only_where_somebody_holds_it() {
    let clocks = Clocks::new();
    let mut ledger = Ledger::with_time(clocks.source());
    let at = clocks.at();
    let mut changes = Vec::new();
    let remnant = |cookie| {
        let evidence = sockets::Evidence::OpenAtStart;
        Opened { evidence, opener: None, ..opened(cookie, 1000, 7) }
    };
    let events = [open(at, opened(1, 1000, 7)), close(at + 9, 1, 7), open(at + 60, remnant(1))];
    ledger.apply(&events, &mut changes);
    assert_eq!(ledger.held(&[PortRange::ALL]), [], "nothing would tell of its end");
    let held = Opened { opener: opened(1, 1000, 7).opener, ..remnant(1) };
    ledger.apply(&[open(at + 70, held), open(at + 70, remnant(2))], &mut changes);
    assert_eq!(ledger.held(&[PortRange::ALL]).len(), 2);
}
