//! A queue of numbers below a bound, each in it once at most, from whose middle one can be taken out:
//! a doubly linked list in one array, so it never grows.

/// The queue.
#[derive(Debug)]
pub(super) struct Queue {
    /// By number; those not queued are [`Link::LOOSE`].
    links: Box<[Link]>,
    first: u32,
    last: u32,
    len: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Link {
    before: u32,
    behind: u32,
}

impl Link {
    const LOOSE: Link = Link { before: NOT, behind: NOT };
}

impl Queue {
    /// An empty one for numbers below `bound`.
    pub(super) fn new(bound: usize) -> Queue {
        Queue { links: vec![Link::LOOSE; bound].into(), first: END, last: END, len: 0 }
    }

    pub(super) fn len(&self) -> u32 {
        self.len
    }

    /// Queues a number; it must not be queued already.
    pub(super) fn push_back(&mut self, number: u32) {
        debug_assert!(!self.contains(number), "{number} is queued");
        self.links[number as usize] = Link { before: self.last, behind: END };
        self.join(self.last, number);
        self.join(number, END);
        self.len += 1;
    }

    /// Queues a number before all others; it must not be queued already.
    pub(super) fn push_front(&mut self, number: u32) {
        debug_assert!(!self.contains(number), "{number} is queued");
        let second = self.first;
        self.links[number as usize] = Link { before: END, behind: second };
        self.join(number, second);
        self.join(END, number);
        self.len += 1;
    }

    /// The one that was queued first, if there is one.
    pub(super) fn pop_front(&mut self) -> Option<u32> {
        let first = self.first;
        (first != END).then(|| {
            self.remove(first);
            first
        })
    }

    /// Takes a number out, if it is queued.
    pub(super) fn remove(&mut self, number: u32) {
        if !self.contains(number) {
            return;
        }
        let Link { before, behind } = self.links[number as usize];
        self.join(before, behind);
        self.links[number as usize] = Link::LOOSE;
        self.len -= 1;
    }

    fn contains(&self, number: u32) -> bool {
        self.links[number as usize] != Link::LOOSE
    }

    /// Has `behind` come after `before`; either may be the end.
    fn join(&mut self, before: u32, behind: u32) {
        match before {
            END => self.first = behind,
            _ => self.links[before as usize].behind = behind,
        }
        match behind {
            END => self.last = before,
            _ => self.links[behind as usize].before = before,
        }
    }
}

/// Before the first and behind the last.
const END: u32 = u32::MAX;
/// Not in the queue.
const NOT: u32 = u32::MAX - 1;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_is_a_deque_without_doubles(steps in prop::collection::vec((0..4u8, 0..8u32), 0..200)) {
            let (mut queue, mut model) = (Queue::new(8), VecDeque::new());
            for (step, number) in steps {
                match step {
                    0 if !model.contains(&number) => {
                        queue.push_back(number);
                        model.push_back(number);
                    }
                    1 if !model.contains(&number) => {
                        queue.push_front(number);
                        model.push_front(number);
                    }
                    2 => {
                        queue.remove(number);
                        model.retain(|queued| *queued != number);
                    }
                    3 => prop_assert_eq!(queue.pop_front(), model.pop_front()),
                    _ => {}
                }
                prop_assert_eq!(queue.len() as usize, model.len());
            }
            let left: Vec<u32> = std::iter::from_fn(|| queue.pop_front()).collect();
            prop_assert_eq!(left, Vec::from(model));
        }
    }
}
