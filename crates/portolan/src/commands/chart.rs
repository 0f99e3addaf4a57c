//! `portolan chart`: all ports as one picture, now or at a time that was recorded. Who holds them is
//! not on it, so nobody is looked for.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read as _, Write};
use std::path::Path;

use anyhow::{Context, bail};
use jiff::Zoned;
use log::{Answer, Gap, Moment};
use registry::Port;
use sockets::{Ownership, Query, Source};
use web::chart::{Caption, Chart, Layers, Light, Sheet, Width, Words};
use web::{ChartNow, Held, Told};

use crate::args::{ChartArgs, OutputArgs};
use crate::commands::card::local_role;
use crate::exit::Exit;
use crate::history::{History, Unrecorded};
use crate::label::Scene;
use crate::picture::Picture;
use crate::progress::patiently;
use crate::serve::{hour_to, recent, role_at};
use crate::tongue::Tongue;
use crate::when::{When, moment, zoned};
use crate::{netns, past, report};

/// Draws the chart into its file.
pub(crate) fn run(
    args: &ChartArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    if output.json {
        bail!(
            "a chart is a picture; the ports as JSON: portolan ls --json, or who --at TIME --json"
        );
    }
    let kind = kind(args)?;
    if let Some(dir) = args.dir.as_ref().filter(|dir| matches!(dir.try_exists(), Ok(false))) {
        bail!("--dir: there is no directory {}", dir.display());
    }
    let now = crate::time::now();
    let seen = match &args.at {
        None => look(args, &now)?,
        Some(text) => look_back(args, text, &now)?,
    };
    for text in &seen.unknown {
        report::error(text);
    }
    let caption = Caption {
        host: host(),
        moment: seen.at.strftime("%-d %B %Y, %H:%M:%S %Z").to_string(),
        unknown: seen.unknown,
    };
    let chart = Chart {
        layers: &Layers::from(&seen.chart),
        shown: args.layers,
        light: if args.night { Light::Night } else { Light::Day },
        sheet: Sheet::Full,
        words: &Words::default(),
        caption: &caption,
    };
    let bytes = kind.bytes(chart.to_string(), args.size.unwrap_or(Width::DEFAULT))?;
    if args.file == Path::new("-") {
        out.write_all(&bytes)?;
    } else {
        let file = &args.file;
        fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(seen.exit)
}

/// What to draw.
fn kind(args: &ChartArgs) -> anyhow::Result<Picture> {
    let file = &args.file;
    let kind = match Picture::of(file) {
        Some(kind) => kind,
        None if file == Path::new("-") => Picture::Svg,
        None => bail!(
            "-o: {} ends in neither .svg nor .png, which say what to draw; or -o - for SVG",
            file.display()
        ),
    };
    if kind == Picture::Svg && args.size.is_some() {
        bail!("--size is for PNG: an SVG has any size");
    }
    Ok(kind)
}

/// What was found out.
struct Seen {
    chart: ChartNow,
    at: Zoned,
    unknown: Vec<String>,
    exit: Exit,
}

/// This moment, by the sockets; the hour before by the records, if there are any.
fn look(args: &ChartArgs, now: &Zoned) -> anyhow::Result<Seen> {
    let source = crate::host::host();
    let snapshot = source.sockets(&Query::default()).context("the sockets could not be listed")?;
    let settings = source.port_settings().ok();
    let (sockets, nobody) = (snapshot.sockets, Ownership::default());
    let scene = Scene::of(&sockets, &nobody);
    let ephemeral = settings.as_ref().map(|settings| settings.ephemeral);
    let mut chart = empty(web::Moment(moment(now.timestamp()).0));
    chart.ephemeral = ephemeral;
    let held = sockets.iter().filter(|socket| socket.local.port != Port::NONE);
    chart.held.extend(held.map(|socket| Held {
        port: socket.local.port,
        proto: socket.proto,
        role: local_role(socket, &scene, ephemeral),
        sockets: 1,
        who: String::new(),
    }));
    let mut unknown: Vec<String> = snapshot.notes.iter().map(ToString::to_string).collect();
    if History::is_there(args.dir.as_deref()) {
        match ask(args, chart.at) {
            Ok(answer) => chart.recent = recent(&answer),
            Err(unrecorded) => unknown.push(format!("the hour before is not known: {unrecorded}")),
        }
    }
    Ok(Seen { chart, at: now.clone(), unknown, exit: Exit::Answered })
}

/// A moment that was recorded.
fn look_back(args: &ChartArgs, text: &OsStr, now: &Zoned) -> anyhow::Result<Seen> {
    let when = When::parse(&text.to_string_lossy(), now)
        .map_err(|error| anyhow::anyhow!("--at: {error}"))?;
    if when.first > moment(now.timestamp()) {
        bail!("--at is {} and still to come", zoned(when.first, now).strftime("%F %T"));
    }
    let (at, then) = (zoned(when.first, now), when.first);
    let mut chart = empty(web::Moment(then.0));
    chart.ephemeral = crate::host::host().port_settings().ok().map(|settings| settings.ephemeral);
    let answer = match ask(args, chart.at) {
        Ok(answer) => answer,
        Err(Unrecorded::Failed(error)) => return Err(error),
        Err(unrecorded) => {
            let unknown = vec![unrecorded.to_string()];
            return Ok(Seen { chart, at, unknown, exit: Exit::Unknown });
        }
    };
    let held = answer.tenures.iter().filter_map(|tenure| Some((tenure, role_at(tenure, then)?)));
    chart.held.extend(held.map(|(tenure, role)| Held {
        port: tenure.local.port,
        proto: tenure.proto,
        role,
        sockets: 1,
        who: String::new(),
    }));
    chart.recent = recent(&answer);
    let mut missing: Vec<&Gap> = answer.gaps.iter().filter(|gap| holds(gap, then)).collect();
    let exit =
        if missing.is_empty() && answer.since.is_some() { Exit::Answered } else { Exit::Unknown };
    if missing.is_empty() {
        missing.extend(&answer.gaps);
    }
    let say = |gap: &&Gap| past::gap(gap, answer.since, now, Tongue::default());
    let unknown = missing.iter().map(say);
    Ok(Seen { unknown: unknown.collect(), chart, at, exit })
}

fn holds(gap: &Gap, at: Moment) -> bool {
    gap.from <= at && gap.until.is_none_or(|until| at < until)
}

fn ask(args: &ChartArgs, until: web::Moment) -> Result<Answer, Unrecorded> {
    let question = hour_to(until, netns::own().ok());
    patiently("searching the records", || History::open(args.dir.as_deref())?.ask(&question))
}

/// No port at all.
fn empty(at: web::Moment) -> ChartNow {
    ChartNow {
        at,
        held: Vec::new(),
        recent: Vec::new(),
        ephemeral: None,
        reserved: Vec::new(),
        told: Told::Unrecorded,
        since: None,
        gaps: Vec::new(),
    }
}

/// This machine's name.
fn host() -> String {
    let mut name = String::new();
    let read = fs::File::open("/proc/sys/kernel/hostname")
        .and_then(|file| file.take(256).read_to_string(&mut name));
    if read.is_err() { "this machine".to_owned() } else { name.trim().to_owned() }
}
