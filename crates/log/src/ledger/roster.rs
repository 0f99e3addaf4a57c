//! The programs that tenures name: each once, in a slot, for as long as something names it or its
//! process lives.

use std::collections::VecDeque;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use sockets::{Program, ProgramKey};

use super::hold::{NOBODY, Programs};
use crate::journal::entry::MOST_SLOTS;

/// Programs in slots.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    slots: Vec<Slot>,
    free: Vec<u32>,
    by_key: FxHashMap<ProgramKey, u32>,
    /// The newest program told of each process.
    by_pid: FxHashMap<u32, u32>,
    /// The program asked for last: a process seldom closes just one socket.
    last: Option<(ProgramKey, u32)>,
    /// Slots that may have become free, with when they did.
    leaving: VecDeque<(u64, u32)>,
    /// The batch that is being filled, see [`Slot::named_in`].
    batch: u64,
}

#[derive(Debug, Default)]
struct Slot {
    key: Option<ProgramKey>,
    /// `None` where the program was named but never told of.
    program: Option<Arc<Program>>,
    /// How many times open tenures name it.
    open: u32,
    /// The newest batch that names it.
    named_in: u64,
    /// The newest journal that has it.
    written_in: u64,
    /// Whether its process lives, as far as was told.
    alive: bool,
}

impl Roster {
    /// The slot of the program with this key, told of or not.
    pub(crate) fn slot(&mut self, key: ProgramKey, at: u64) -> u32 {
        if let Some((last, slot)) = self.last
            && last == key
        {
            return slot;
        }
        let slot = match self.by_key.get(&key) {
            Some(slot) => *slot,
            None => {
                let slot = self.place(key);
                if slot == NOBODY {
                    return NOBODY;
                }
                self.leaving.push_back((at, slot));
                slot
            }
        };
        self.last = Some((key, slot));
        slot
    }

    /// The key of the program in `slot`.
    pub(crate) fn key(&self, slot: u32) -> Option<ProgramKey> {
        self.slots.get(slot as usize)?.key
    }

    /// Takes note of a program; of two tellings the one that knows more counts. Its slot, if a
    /// journal has an older telling of it.
    pub(crate) fn tell(&mut self, program: &Arc<Program>, at: u64) -> Option<u32> {
        let slot = match self.by_key.get(&program.key) {
            Some(slot) => *slot,
            None => self.place(program.key),
        };
        self.supersede(program.key, slot, at);
        let entry = self.slots.get_mut(slot as usize)?;
        entry.alive = true;
        let told = entry.program.as_ref();
        if told.is_some_and(|told| told == program || knows_more(told, program)) {
            return None;
        }
        entry.program = Some(cut_short(program));
        let written = std::mem::take(&mut entry.written_in);
        (written != 0).then_some(slot)
    }

    /// What ran under this pid before runs no more, even where its exit was lost.
    fn supersede(&mut self, key: ProgramKey, slot: u32, at: u64) {
        let age = |key: ProgramKey| (key.start_ticks, key.exec);
        let newest = self.by_pid.insert(key.pid.0, slot).filter(|old| *old != slot);
        let Some((old, was)) = newest.and_then(|old| Some((old, self.key(old)?))) else { return };
        if age(was) > age(key) {
            self.by_pid.insert(key.pid.0, old);
        } else if was.pid == key.pid {
            self.exit(was, at);
        }
    }

    /// Takes note that a process has exited. Its sockets close only thereafter.
    pub(crate) fn exit(&mut self, key: ProgramKey, at: u64) {
        if let Some(slot) = self.by_key.get(&key).copied() {
            self.slots[slot as usize].alive = false;
            self.leaving.push_back((at, slot));
        }
    }

    /// An open tenure names the program in `slot`.
    pub(crate) fn hold(&mut self, slot: u32) {
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.open += 1;
        }
    }

    /// An open tenure names the program in `slot` no more.
    pub(crate) fn release(&mut self, slot: u32, at: u64) {
        let Some(entry) = self.slots.get_mut(slot as usize) else { return };
        entry.open = entry.open.saturating_sub(1);
        if entry.open == 0 && !entry.alive {
            self.leaving.push_back((at, slot));
        }
    }

    /// An ended tenure of the current batch names the program in `slot`.
    pub(crate) fn name(&mut self, slot: u32) {
        if let Some(slot) = self.slots.get_mut(slot as usize) {
            slot.named_in = self.batch;
        }
    }

    /// Whether the journal with this number lacks the program in `slot`; from now on it has it.
    pub(crate) fn write(&mut self, slot: u32, journal: u64) -> Option<&Arc<Program>> {
        let slot = self.slots.get_mut(slot as usize)?;
        if slot.written_in == journal {
            return None;
        }
        slot.written_in = journal;
        slot.program.as_ref()
    }

    /// Puts a program into the slot that a journal says.
    pub(crate) fn restore(&mut self, slot: u32, program: Program, journal: u64) {
        let key = program.key;
        let at = slot as usize;
        if self.slots.len() <= at {
            self.slots.resize_with(at + 1, Slot::default);
        }
        let entry = &mut self.slots[at];
        if let Some(old) = entry.key.filter(|old| *old != key) {
            self.by_key.remove(&old);
        }
        entry.key = Some(key);
        entry.program = Some(Arc::new(program));
        entry.written_in = journal;
        entry.alive = false;
        self.by_key.insert(key, slot);
    }

    /// Ends the restoring of programs: the slots that got none are free.
    pub(crate) fn restored(&mut self) {
        let vacant = self.slots.iter().enumerate().filter(|(_, slot)| slot.key.is_none());
        self.free = vacant.filter_map(|(at, _)| u32::try_from(at).ok()).collect();
    }

    /// Every program by its slot, as it is now.
    pub(crate) fn snapshot(&self) -> Vec<Option<Arc<Program>>> {
        self.slots.iter().map(|slot| slot.program.clone()).collect()
    }

    /// How many programs are known.
    pub(crate) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    /// Starts another batch: what only the old one names may go.
    pub(crate) fn turn(&mut self, batch: u64) {
        self.batch = batch;
        for slot in 0..self.slots.len() {
            let idle = {
                let slot = &self.slots[slot];
                slot.key.is_some() && !slot.alive && slot.open == 0
            };
            if idle {
                self.vacate(slot);
            }
        }
        self.leaving.clear();
    }

    /// Drops what left before `before` and is named by nothing: at its exit a process still holds
    /// its sockets, and its last events come a little later.
    pub(crate) fn drop_left(&mut self, before: u64) {
        while let Some((at, slot)) = self.leaving.front().copied()
            && at < before
        {
            self.leaving.pop_front();
            let entry = &self.slots[slot as usize];
            let named = entry.open > 0 || self.batch > 0 && entry.named_in == self.batch;
            if entry.key.is_some() && !entry.alive && !named {
                self.vacate(slot as usize);
            }
        }
    }

    fn place(&mut self, key: ProgramKey) -> u32 {
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.slots.len() < MOST_SLOTS as usize => {
                self.slots.push(Slot::default());
                self.slots() - 1
            }
            // A journal with more is not to be read.
            None => return NOBODY,
        };
        self.slots[slot as usize] = Slot { key: Some(key), ..Slot::default() };
        self.by_key.insert(key, slot);
        slot
    }

    fn vacate(&mut self, slot: usize) {
        if let Some(key) = self.slots[slot].key {
            self.by_key.remove(&key);
            if self.by_pid.get(&key.pid.0).is_some_and(|newest| *newest as usize == slot) {
                self.by_pid.remove(&key.pid.0);
            }
        }
        self.slots[slot] = Slot::default();
        self.free.push(u32::try_from(slot).unwrap_or(NOBODY));
        self.last = None;
    }
}

impl Programs for Roster {
    fn program(&self, slot: u32) -> Option<&Arc<Program>> {
        self.slots.get(slot as usize)?.program.as_ref()
    }

    fn slots(&self) -> u32 {
        u32::try_from(self.slots.len()).unwrap_or(NOBODY)
    }
}

/// Whether `told` knows something that `program` does not.
fn knows_more(told: &Program, program: &Program) -> bool {
    let facts = |program: &Program| {
        let process = &program.process;
        let arguments = process.cmdline.iter().flatten();
        [
            usize::from(process.exe.is_some()),
            arguments.map(Vec::len).sum(),
            process.ancestry.len().min(1),
            process.place.cgroup.len().min(1),
        ]
    };
    let more = facts(told).into_iter().zip(facts(program)).any(|(old, new)| old > new);
    more && told.process.comm == program.process.comm
}

/// The program with no more than [`MOST_ARGUMENTS`] bytes of arguments: there are processes with
/// megabytes of them.
fn cut_short(program: &Arc<Program>) -> Arc<Program> {
    let Some(arguments) = &program.process.cmdline else { return Arc::clone(program) };
    let total: usize = arguments.iter().map(|argument| argument.len() + 1).sum();
    if total <= MOST_ARGUMENTS {
        return Arc::clone(program);
    }
    let mut left = MOST_ARGUMENTS;
    let mut kept = Vec::new();
    for argument in arguments {
        let taken = argument.len().min(left);
        kept.push(argument[..taken].to_vec());
        left = left.saturating_sub(taken + 1);
        if left == 0 {
            break;
        }
    }
    let mut cut = Program::clone(program);
    cut.process.cmdline = Some(kept);
    Arc::new(cut)
}

/// How many bytes of arguments are kept.
const MOST_ARGUMENTS: usize = 8192;
