//! The recorder: programs in the kernel tell of every socket that opens and closes, and of the
//! processes behind them.
//!
//! Source of truth: the kernel's `net/ipv4` and `include/trace/events/sock.h`. TCP and UDP alone.

mod awaited;
mod hooks;
mod inbox;
mod programs;
pub(crate) mod record;
mod survey;

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use libbpf_rs::{
    Link, MapCore, MapFlags, MapHandle, Object, OpenObject, ProgramType, RingBuffer,
    RingBufferBuilder,
};
use rustix::time::{ClockId, clock_getres, clock_gettime};
use sockets::{BootTime, Event, EventKind, Processes, Watcher, Watching};

use self::inbox::Inbox;
use self::programs::Programs;
use crate::Error;
use crate::namespaces;
use crate::object::{self, carried};

/// How to record.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The size of the ring buffer, in bytes: rounded up to a power of two, of a page at least. A
    /// connection takes 272 of them at both its ends together.
    pub ring: u32,
}

impl Default for Options {
    /// 8 MiB: half a second of 60,000 connections a second.
    fn default() -> Self {
        Options { ring: 8 << 20 }
    }
}

/// Records what happens to TCP and UDP sockets, in every network namespace, while it lives.
///
/// An exit is told half a second late, for a process closes its last sockets after it. So is the
/// end of a connection that the far end reset before anybody used it: who accepted it shows when it
/// is used or closed, and is told before the end if that is by then.
///
/// Who accepted a connection of another process' listener is told at the first use of it that comes
/// 0.1 s after its start or later, and at its end: of one that is idle after its first 0.1 s only
/// then.
pub struct Recorder {
    inbox: Arc<Mutex<Inbox>>,
    ring: RingBuffer<'static>,
    bell: RingBuffer<'static>,
    /// The map behind `bell`, to be polled.
    bell_map: MapHandle,
    lost: Losses,
    lacking: Vec<String>,
    survey: survey::Survey,
    _links: Vec<Link>,
    // Dropped last: what is above is of it.
    object: Object,
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("lacking", &self.lacking).finish_non_exhaustive()
    }
}

impl Recorder {
    /// Loads the programs and begins to record.
    ///
    /// Needs `CAP_BPF`, `CAP_PERFMON` and `CAP_NET_ADMIN`, as root has them, and Linux 5.12 with
    /// BTF and cgroups v2.
    ///
    /// # Errors
    /// [`Error`] says what is missing.
    pub fn open(options: Options) -> Result<Recorder, Error> {
        namespaces::check()?;
        let mut object = object::open(NAME, carried!("recorder"))?;
        let mut lacking = hooks::fit(&mut object);
        configure(&mut object, options).map_err(|source| Error::Load { what: NAME, source })?;
        let object = object::load(NAME, object)?;
        let refused = |source| Error::Load { what: NAME, source };
        let map = |name: &'static str| map(&object, name).map_err(refused);
        let (ring_map, bell_map) = (map("ring")?, map("bell")?);
        let processes = Processes::open().map_err(Error::Processes)?;
        let inbox = Arc::new(Mutex::new(Inbox::new(Programs::new(processes))));
        let ring = ring(&ring_map, Arc::clone(&inbox)).map_err(refused)?;
        let bell = bell(&bell_map).map_err(refused)?;
        let lost = Losses { map: map("lost")?, counted: 0, told: now() };
        let survey = survey::Survey::new(&object)?;
        let links = hooks::attach(&object, &mut lacking)?;
        Ok(Recorder { inbox, ring, bell, bell_map, lost, lacking, survey, _links: links, object })
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher for Recorder {
    fn watching(&self) -> Watching {
        Watching::Kernel
    }

    fn shortcomings(&self) -> Vec<String> {
        self.lacking.clone()
    }

    fn survey(&mut self, events: &mut Vec<Event>) -> Result<(), sockets::Error> {
        // What comes before the survey in time comes before it here, and what comes meanwhile is
        // taken in, lest the buffer overflow, and told the next time.
        self.finish(events)?;
        let sockets = self.survey.list(|| _ = self.ring.consume_raw())?;
        sockets.tell(&mut self.inbox().programs, events);
        Ok(())
    }

    fn drain(&mut self, events: &mut Vec<Event>) -> Result<(), sockets::Error> {
        self.bell.consume_raw();
        let mut read = self.ring.consume_raw();
        let now = now();
        if self.inbox().ask(now, &self.object) {
            read = read.min(self.ring.consume_raw());
        }
        let mut inbox = self.inbox();
        inbox.release(now);
        if events.is_empty() {
            // A batch is not copied, and the memory of the last one serves the next.
            std::mem::swap(&mut inbox.events, events);
        } else {
            events.append(&mut inbox.events);
        }
        drop(inbox);
        if read < 0 {
            let source = io::Error::from_raw_os_error(-read);
            return Err(sockets::Error::Watch { what: "read the ring buffer", source });
        }
        self.lost.tell(events)
    }

    fn finish(&mut self, events: &mut Vec<Event>) -> Result<(), sockets::Error> {
        self.drain(events)?;
        let mut inbox = self.inbox();
        inbox.release(BootTime(u64::MAX));
        events.append(&mut inbox.events);
        Ok(())
    }

    fn wait(&mut self, pause: Duration) {
        self.bell.poll_raw(pause);
    }

    fn alarm(&self) -> Option<BorrowedFd<'_>> {
        Some(self.bell_map.as_fd())
    }
}

/// The kernel's count of what it could not tell.
#[derive(Debug)]
struct Losses {
    map: MapHandle,
    /// How many were told of.
    counted: u64,
    /// When they were counted last: before that nothing was lost that was not told.
    told: BootTime,
}

impl Losses {
    /// Tells what was lost since the last time.
    fn tell(&mut self, events: &mut Vec<Event>) -> Result<(), sockets::Error> {
        let at = now();
        let counts = self.map.lookup_percpu(&0_u32.to_ne_bytes(), MapFlags::ANY);
        let counts = counts.map_err(|error| sockets::Error::Watch {
            what: "count the lost events",
            source: io::Error::other(error),
        })?;
        let number = |bytes: &Vec<u8>| bytes.first_chunk().map(|raw| u64::from_ne_bytes(*raw));
        let count: u64 = counts.iter().flatten().filter_map(number).sum();
        if count > self.counted {
            let kind = EventKind::Lost { since: self.told, events: count - self.counted };
            events.push(Event { at, kind });
            self.counted = count;
        }
        self.told = at;
        Ok(())
    }
}

/// Makes the ring buffer as large as it should be, its bell ring at a quarter of that, and the
/// programs take the shortest way to the current process that this kernel has and know its minute.
fn configure(object: &mut OpenObject, options: Options) -> libbpf_rs::Result<()> {
    let bytes = options.ring.max(LEAST_RING).checked_next_power_of_two().unwrap_or(1 << 31);
    let knows_task = ProgramType::CgroupSock.is_helper_supported(GET_CURRENT_TASK_BTF);
    for mut map in object.maps_mut() {
        if map.name() == "ring" {
            map.set_max_entries(bytes)?;
        } else if map.name() == ".rodata.config" {
            let knows_task = u64::from(*knows_task.as_ref().unwrap_or(&false));
            let values = [u64::from(bytes / 4), knows_task, 60 * ticks_per_second()];
            map.set_initial_value(values.map(u64::to_ne_bytes).as_flattened())?;
        }
    }
    Ok(())
}

/// How often the kernel's clock ticks (`CONFIG_HZ`), as its coarse clocks show.
fn ticks_per_second() -> u64 {
    let tick = clock_getres(ClockId::MonotonicCoarse).tv_nsec.unsigned_abs();
    1_000_000_000_u64.checked_div(tick).unwrap_or(250)
}

fn map(object: &Object, name: &str) -> libbpf_rs::Result<MapHandle> {
    let map = object.maps().find(|map| map.name() == name);
    MapHandle::try_from(&map.expect("the object has the maps that it was compiled with"))
}

fn ring(map: &MapHandle, inbox: Arc<Mutex<Inbox>>) -> libbpf_rs::Result<RingBuffer<'static>> {
    let mut builder = RingBufferBuilder::new();
    builder.add(map, move |record| {
        inbox.lock().unwrap_or_else(PoisonError::into_inner).take(record);
        0
    })?;
    builder.build()
}

fn bell(map: &MapHandle) -> libbpf_rs::Result<RingBuffer<'static>> {
    let mut builder = RingBufferBuilder::new();
    builder.add(map, |_| 0)?;
    builder.build()
}

fn now() -> BootTime {
    let now = clock_gettime(ClockId::Boottime);
    BootTime(now.tv_sec.unsigned_abs() * 1_000_000_000 + now.tv_nsec.unsigned_abs())
}

const NAME: &str = "recorder";
/// `BPF_FUNC_get_current_task_btf` of the kernel's `linux/bpf.h`.
const GET_CURRENT_TASK_BTF: u32 = 158;
/// A page, the least that the kernel takes.
const LEAST_RING: u32 = 4096;
