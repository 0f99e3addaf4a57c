//! A set of ports that are not to be given: a short list, or a bitmap where there are many. Both find
//! the next port that is free and allowed in about the same time at any fill.

mod short;
mod wide;

use registry::Port;

use crate::allowed::Allowed;
use short::Short;
use wide::Wide;

/// Ports of one source address towards one destination that are held or wait.
#[derive(Debug)]
pub(crate) enum Ports {
    Short(Short),
    Wide(Wide),
}

impl Ports {
    pub(crate) const fn new() -> Ports {
        Ports::Short(Short::new())
    }

    /// Whether there are many of them.
    pub(crate) const fn is_wide(&self) -> bool {
        matches!(self, Ports::Wide(_))
    }

    pub(crate) fn contains(&self, port: Port) -> bool {
        match self {
            Ports::Short(short) => short.contains(port),
            Ports::Wide(wide) => wide.contains(port),
        }
    }

    /// Adds an allowed port that is not among them.
    pub(crate) fn insert(&mut self, port: Port, allowed: &Allowed) {
        match self {
            Ports::Short(short) if short.len() < longest(allowed) => short.insert(port),
            Ports::Short(short) => {
                let mut wide = Wide::of(short, allowed);
                wide.insert(port, allowed);
                *self = Ports::Wide(wide);
            }
            Ports::Wide(wide) => wide.insert(port, allowed),
        }
    }

    /// Takes away ports that are among them; `left` is how many that leaves.
    pub(crate) fn remove(
        &mut self,
        ports: impl Iterator<Item = Port> + Clone,
        left: usize,
        allowed: &Allowed,
    ) {
        match self {
            Ports::Short(short) => ports.for_each(|port| short.remove(port)),
            Ports::Wide(wide) => {
                wide.fetch(ports.clone());
                ports.for_each(|port| wide.remove(port, allowed));
                if left < longest(allowed) / 4 {
                    *self = Ports::Short(wide.iter().collect());
                }
            }
        }
    }

    /// Adds ports, which become the ones added: for each that is among them or not allowed the next that is
    /// neither, and after the last the first. So many must be left.
    pub(crate) fn take(&mut self, ports: &mut [Port], allowed: &Allowed) {
        if let Ports::Wide(wide) = self {
            wide.fetch(ports.iter().copied());
            for port in ports {
                *port = wide.take(*port, allowed).expect("so many are left");
            }
            return;
        }
        for port in ports {
            let found = self.next_free(*port, allowed);
            let found = found.or_else(|| self.next_free(allowed.range().first(), allowed));
            *port = found.expect("so many are left");
            self.insert(*port, allowed);
        }
    }

    /// The first port at or after `from` that is allowed and not among them.
    pub(crate) fn next_free(&self, from: Port, allowed: &Allowed) -> Option<Port> {
        match self {
            Ports::Short(short) => short.next_free(from, allowed),
            Ports::Wide(wide) => wide.next_free(from, allowed),
        }
    }

    /// How many of them are allowed.
    pub(crate) fn count_allowed(&self, allowed: &Allowed) -> u32 {
        match self {
            Ports::Short(short) => short.count_allowed(allowed),
            Ports::Wide(wide) => wide.count_allowed(allowed),
        }
    }

    /// To be called before anything else when other ports became allowed.
    pub(crate) fn renew(&mut self, allowed: &Allowed) {
        if let Ports::Wide(wide) = self {
            *wide = wide.renewed(allowed);
        }
    }
}

/// How many ports are kept as a list: as long as a bitmap of the range would take about twice the memory,
/// and no more than a search in it is quick for.
fn longest(allowed: &Allowed) -> usize {
    let words = allowed.range().count() as usize / 64 + 2;
    (words * 2).min(LONGEST)
}

const LONGEST: usize = 128;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::iter::once;
    use std::vec::Vec;

    use proptest::prelude::*;
    use registry::PortRange;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u16),
        Remove(u16),
        Range(PortRange),
        Next(u16),
    }

    fn ranges() -> impl Strategy<Value = PortRange> {
        let ends = prop_oneof![(0..2000u16, 0..400u16), (any::<u16>(), 0..30000u16)];
        ends.prop_map(|(first, more)| {
            PortRange::new(Port(first), Port(first.saturating_add(more))).unwrap()
        })
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let port = || prop_oneof![6 => 0..1000u16, 1 => any::<u16>()];
        let step = prop_oneof![
            60 => port().prop_map(Step::Insert),
            40 => port().prop_map(Step::Remove),
            1 => ranges().prop_map(Step::Range),
            20 => port().prop_map(Step::Next),
        ];
        prop::collection::vec(step, 0..800)
    }

    fn model_next(model: &BTreeSet<u16>, allowed: &Allowed, from: u16) -> Option<Port> {
        (from..=u16::MAX)
            .find(|port| allowed.contains(Port(*port)) && !model.contains(port))
            .map(Port)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn ports_are_a_set_that_knows_what_is_free(
            range in ranges(), reserved in prop::collection::vec(ranges(), 0..2), steps in steps(),
        ) {
            let mut allowed = Allowed::new(range, &reserved);
            let (mut ports, mut model) = (Ports::new(), BTreeSet::new());
            for step in steps {
                match step {
                    Step::Insert(port) => if allowed.contains(Port(port)) && model.insert(port) {
                        ports.insert(Port(port), &allowed);
                    },
                    Step::Remove(port) => if model.remove(&port) {
                        ports.remove(once(Port(port)), model.len(), &allowed);
                    },
                    Step::Range(range) => {
                        allowed.set_range(range);
                        ports.renew(&allowed);
                    }
                    Step::Next(from) => {
                        let next = ports.next_free(Port(from), &allowed);
                        prop_assert_eq!(next, model_next(&model, &allowed, from));
                        prop_assert_eq!(ports.contains(Port(from)), model.contains(&from));
                    }
                }
            }
            let count = model.iter().filter(|port| allowed.contains(Port(**port))).count();
            prop_assert_eq!(ports.count_allowed(&allowed) as usize, count);
        }
    }

    #[test]
    fn many_ports_become_a_bitmap_and_few_a_list_again() {
        let allowed = Allowed::new("32768-60999".parse().unwrap(), &[]);
        let mut ports = Ports::new();
        for port in 40000..41000 {
            ports.insert(Port(port), &allowed);
        }
        assert!(matches!(ports, Ports::Wide(_)));
        assert_eq!(ports.next_free(Port(40000), &allowed), Some(Port(41000)));
        for port in (40000..41000).rev() {
            ports.remove(once(Port(port)), usize::from(port - 40000), &allowed);
        }
        assert!(matches!(ports, Ports::Short(_)));
        assert_eq!(ports.next_free(Port(40000), &allowed), Some(Port(40000)));
    }
}
