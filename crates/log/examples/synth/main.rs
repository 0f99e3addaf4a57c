//! A store like that of a busy host, made up: what `bench/store` measures.
//!
//! `synth make DIR TENURES [AN_HOUR]` seals so many tenures, hour by hour, and prints how fast;
//! `synth ask DIR FROM UNTIL [port=N] [name=TEXT] [uid=N] [most=N]` asks the sealed segments as a
//! fresh process does and prints what it found. Times are nanoseconds since 1970.

mod host;

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant};

use host::Traffic;
use log::{Host, Moment, Party, Question, SegmentAbout, Segments, Tenure, seal};
use registry::Port;
use rustix::time::{ClockId, clock_gettime};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["make", dir, tenures] => make(Path::new(dir), tenures.parse()?, host::AN_HOUR),
        ["make", dir, tenures, an_hour] => make(Path::new(dir), tenures.parse()?, an_hour.parse()?),
        ["ask", dir, from, until, ref conditions @ ..] => {
            let (from, until) = (Moment(from.parse()?), Moment(until.parse()?));
            ask(Path::new(dir), Question::between(from, until), conditions)
        }
        _ => {
            Err("usage: synth make DIR TENURES [AN_HOUR] | synth ask DIR FROM UNTIL [CONDITION...]"
                .into())
        }
    }
}

/// Seals hour after hour until there are `tenures`.
fn make(dir: &Path, tenures: usize, an_hour: u32) -> Result<(), Box<dyn Error>> {
    let mut traffic = Traffic::new(an_hour);
    let host = Host { name: "harbour".into(), machine: "5f2c".repeat(8) };
    let (mut sealed, mut bytes, mut cpu, mut wall) = (0, 0, Duration::ZERO, Duration::ZERO);
    let mut segments = Segments::default();
    let (mut first, mut last) = (None, Moment(0));
    while sealed < tenures {
        let batch = traffic.hour();
        let about = SegmentAbout { host: host.clone(), hour: batch.from };
        let (began, cpu_before) = (Instant::now(), cpu_time());
        let segment = seal(dir, &batch, &about)?;
        cpu += cpu_time() - cpu_before;
        wall += began.elapsed();
        bytes += segment.size();
        segments = segments.with(segment);
        sealed += batch.rows.len();
        first.get_or_insert(batch.from);
        last = batch.until;
    }
    segments.retain(Duration::MAX, u64::MAX, last);
    #[expect(clippy::cast_precision_loss, reason = "printed with few digits")]
    let count = sealed as f64;
    #[expect(clippy::cast_precision_loss, reason = "printed with few digits")]
    let size = bytes as f64;
    let from = first.unwrap_or_default().0;
    println!("{{\"tenures\": {sealed}, \"from\": {from}, \"until\": {},", last.0);
    println!(" \"cpu_us_a_tenure\": {:.3},", cpu.as_secs_f64() * 1e6 / count);
    println!(" \"wall_us_a_tenure\": {:.3},", wall.as_secs_f64() * 1e6 / count);
    println!(" \"bytes_a_tenure\": {:.2}}}", size / count);
    Ok(())
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

/// Asks, and prints how much was found and the newest of it.
fn ask(dir: &Path, mut question: Question, conditions: &[&str]) -> Result<(), Box<dyn Error>> {
    for condition in conditions {
        match condition.split_once('=') {
            Some(("port", port)) => question.ports = vec![Port(port.parse()?).into()],
            Some(("name", name)) => question.names = vec![name.as_bytes().to_vec()],
            Some(("uid", uid)) => question.uids = vec![uid.parse()?],
            Some(("most", most)) => question.most = most.parse()?,
            _ => return Err(format!("no such condition: {condition}").into()),
        }
    }
    let began = Instant::now();
    let (segments, damage) = Segments::scan(dir)?;
    let scanned = began.elapsed();
    let answer = segments.query(&question);
    let took = began.elapsed();
    println!("{{\"found\": {}, \"more\": {},", answer.tenures.len(), answer.more);
    println!(" \"gaps\": {}, \"damaged\": {},", answer.gaps.len(), damage.len());
    if let Some(newest) = answer.tenures.first() {
        println!(" \"port\": {},", newest.local.port);
        println!(
            " \"newest\": {}, \"until\": {},",
            newest.from.0,
            newest.until.unwrap_or_default().0
        );
    }
    let pid = |tenure: &Tenure| match tenure.holder() {
        Party::Known(program) => program.key.pid.0.to_string(),
        _ => "null".to_owned(),
    };
    let holders: Vec<String> = answer.tenures.iter().map(pid).collect();
    println!(" \"holders\": [{}],", holders.join(", "));
    println!(" \"scan_us\": {}, \"ask_us\": {}}}", scanned.as_micros(), took.as_micros());
    Ok(())
}
