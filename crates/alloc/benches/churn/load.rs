//! The load: every destination filled to the same degree, then held ports that go and come back.

use std::fs;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

/// Linux's default ephemeral range, 32768 to 60999.
pub(crate) const FIRST: u16 = 32768;
/// How many ports that is.
pub(crate) const PORTS: u16 = 28232;

/// Something that gives out ports of one source address towards numbered destinations.
pub(crate) trait Subject {
    /// What its caller keeps of a port in use.
    type Held;

    /// A port towards `destination`, or `None` where it refuses.
    fn acquire(&mut self, destination: u32) -> Option<Self::Held>;

    /// Gives a port back.
    fn release(&mut self, held: Self::Held);

    /// Takes the very port that was given back last, after a refusal: the fill is to stay as it is.
    fn take_back(&mut self, destination: u32, port: u16) -> Self::Held;

    fn port(held: &Self::Held) -> u16;

    /// As `acquire`, while filling: it may take a shorter way to the same result.
    fn fill(&mut self, destination: u32) -> Option<Self::Held> {
        self.acquire(destination)
    }
}

/// How much is held and how full each destination is.
#[derive(Debug)]
pub(crate) struct Load {
    /// Tuples held, all destinations together.
    pub(crate) tuples: usize,
    /// The share of a destination's ports that is held.
    pub(crate) fill: f64,
}

impl Default for Load {
    fn default() -> Load {
        Load { tuples: 1_000_000, fill: 0.9 }
    }
}

/// The tuples that come and go, with their destinations: picked at random from all that are held, shuffled, and
/// then gone through in turn, so that each is another destination's and yet the load's own memory is read in
/// order. What the caller's memory costs is not the question.
type Sample<Held> = Vec<(u32, Option<Held>)>;

const MOST_CHANGING: usize = 1 << 15;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_millis(250);

impl Load {
    /// How many destinations that takes.
    pub(crate) fn destinations(&self) -> u32 {
        u32::try_from(self.tuples.div_ceil(usize::from(self.held_each()))).expect("destinations")
    }

    /// Ports held towards each destination.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of the ports is fewer than the ports"
    )]
    pub(crate) fn held_each(&self) -> u16 {
        (f64::from(PORTS) * self.fill).round() as u16
    }

    /// Fills what `make` makes and measures it; its line of JSON.
    pub(crate) fn run<S: Subject>(&self, make: impl FnOnce(u32) -> S) -> String {
        let mut sample = self.room();
        let before = resident_bytes();
        let mut subject = make(self.destinations());
        self.fill_up(&mut subject, &mut sample);
        let bytes = resident_bytes().saturating_sub(before);
        Rng::with_seed(4).shuffle(&mut sample);
        self.line(&[churn(&mut subject, &mut sample)], bytes)
    }

    /// The same for as many handles to one thing as there are threads, each in a thread of its own
    /// with its part of the tuples, of all destinations.
    pub(crate) fn run_threads<S: Subject + Send>(
        &self,
        threads: usize,
        make: impl FnOnce(u32) -> Vec<S>,
    ) -> String
    where
        S::Held: Send,
    {
        let mut sample = self.room();
        let before = resident_bytes();
        let mut handles = make(self.destinations());
        self.fill_up(&mut handles[0], &mut sample);
        let bytes = resident_bytes().saturating_sub(before);
        Rng::with_seed(4).shuffle(&mut sample);
        let part = sample.len().div_ceil(threads);
        let start = Barrier::new(sample.len().div_ceil(part)); // of few tuples some threads get none
        let churned = thread::scope(|scope| {
            let running: Vec<_> = sample
                .chunks_mut(part)
                .zip(&mut handles)
                .map(|(part, handle)| {
                    let start = &start;
                    scope.spawn(move || {
                        start.wait();
                        churn(handle, part)
                    })
                })
                .collect();
            running.into_iter().map(|thread| thread.join().expect("a thread")).collect::<Vec<_>>()
        });
        self.line(&churned, bytes)
    }

    /// Room for the sample, all of it touched: what is resident afterwards is the subject's alone.
    fn room<Held>(&self) -> Sample<Held> {
        let mut room = Vec::new();
        room.resize_with(self.tuples.min(MOST_CHANGING), || (0, None));
        room
    }

    fn fill_up<S: Subject>(&self, subject: &mut S, sample: &mut Sample<S::Held>) {
        let all = self.destinations() as usize * usize::from(self.held_each());
        let mut chance = Rng::with_seed(3);
        let (mut passed, mut kept) = (0, 0);
        for destination in 0..self.destinations() {
            for _ in 0..self.held_each() {
                let held = subject.fill(destination).expect("a free port while filling");
                // Each as likely as any other, and as many as there is room for (Knuth's algorithm S).
                if chance.usize(..all - passed) < sample.len() - kept {
                    sample[kept] = (destination, Some(held));
                    kept += 1;
                } else {
                    std::mem::forget(held);
                }
                passed += 1;
            }
        }
    }

    fn line(&self, churned: &[Churned], bytes: u64) -> String {
        let threads = churned.len();
        let mean = |of: fn(&Churned) -> f64| churned.iter().map(of).sum::<f64>() / threads as f64;
        let (ns, cpu_ns) = (mean(|one| one.ns), mean(|one| one.cpu_ns));
        let requests: u64 = churned.iter().map(|one| one.requests).sum();
        let refused: u64 = churned.iter().map(|one| one.refused).sum();
        format!(
            "{{\"tuples\":{},\"fill\":{},\"threads\":{threads},\"destinations\":{},\"ns\":{ns:.1},\"cpu_ns\":{cpu_ns:.1},\
             \"requests\":{requests},\"refused\":{refused},\"bytes\":{bytes}}}",
            self.destinations() as usize * usize::from(self.held_each()),
            self.fill,
            self.destinations(),
        )
    }
}

/// What one thread saw.
#[derive(Debug)]
struct Churned {
    /// The median round's processor time of a release with the acquire after it.
    cpu_ns: f64,
    /// The same by the clock on the wall.
    ns: f64,
    requests: u64,
    refused: u64,
}

/// Gives ports back and asks for others towards the same destinations, in rounds; the first, in which
/// quarantines fill and caches warm, is not counted.
fn churn<S: Subject>(subject: &mut S, sample: &mut [(u32, Option<S::Held>)]) -> Churned {
    let mut turn = 0;
    let (mut by_wall, mut by_cpu) = (Vec::new(), Vec::new());
    let (mut requests, mut refused) = (0, 0);
    for _ in 0..=ROUNDS {
        let (began, cpu_began) = (Instant::now(), cpu_time());
        let (mut done, mut refused_now) = (0_u32, 0);
        while began.elapsed() < ROUND {
            for _ in 0..256 {
                refused_now += u64::from(!exchange(subject, &mut sample[turn]));
                turn = if turn + 1 == sample.len() { 0 } else { turn + 1 };
            }
            done += 256;
        }
        by_wall.push(began.elapsed().as_secs_f64() * 1e9 / f64::from(done));
        by_cpu.push((cpu_time() - cpu_began).as_secs_f64() * 1e9 / f64::from(done));
        requests += u64::from(done);
        refused += refused_now;
    }
    Churned { cpu_ns: median(&mut by_cpu[1..]), ns: median(&mut by_wall[1..]), requests, refused }
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// What this thread has had of a processor.
pub(crate) fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it counts up from zero")
}

/// One release and one acquire; whether a port was given.
fn exchange<S: Subject>(subject: &mut S, slot: &mut (u32, Option<S::Held>)) -> bool {
    let (destination, held) = slot;
    let was = held.take().expect("every slot is filled between exchanges");
    let port = S::port(&was);
    subject.release(was);
    let given = subject.acquire(*destination);
    let granted = given.is_some();
    *held = Some(given.unwrap_or_else(|| subject.take_back(*destination, port)));
    granted
}

/// What of this process is in memory now (`proc_pid_status(5)`).
fn resident_bytes() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc is mounted");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    let kilobytes = line.trim().trim_end_matches(" kB").parse::<u64>().expect("kilobytes");
    kilobytes * 1024
}
