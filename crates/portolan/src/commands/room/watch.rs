//! `room --watch`: again and again. A terminal is redrawn, a pipe gets each look below the last, with
//! the time; with `--json`, an object a line each.

use std::fmt::Write as _;
use std::io::Write;
use std::time::{Duration, Instant};

use super::{Asked, Survey, Told, json, text};
use crate::args::OutputArgs;
use crate::exit::Exit;
use crate::output::{Paint, Terminal};
use crate::reader::Reader;

/// Looks every `pause` until the reader has had enough. Rates are those since the last look but for
/// the first.
pub(super) fn run(
    asked: &Asked,
    pause: Duration,
    output: OutputArgs,
    out: &mut Reader<impl Write>,
) -> anyhow::Result<Exit> {
    let paint = Paint::for_stdout(output);
    let host = crate::host::host();
    let mut told = false;
    let mut asked = asked.clone();
    loop {
        let begun = Instant::now();
        let survey = Survey::take(&host, &asked)?;
        let terminal = Terminal::of_stdout();
        match (output.json, terminal.is_terminal()) {
            (true, _) => json::write_line(&survey, out)?,
            (false, true) => redraw(&survey, out, paint, terminal)?,
            (false, false) => {
                writeln!(out, "{}", crate::time::clock())?;
                text::write(&survey, out, paint, terminal)?;
            }
        }
        out.flush()?;
        if !output.json && !std::mem::replace(&mut told, true) {
            crate::report::notes(&survey.notes);
        }
        if out.is_gone() {
            return Ok(Exit::Answered);
        }
        // The pause is the time between the two looks of the next survey; where one look is enough, it
        // is made here.
        if asked.over != Some(Duration::ZERO) {
            asked.over = Some(pause);
        }
        if !matches!(survey.told, Told::Looks(_) | Told::Counted(_)) {
            std::thread::sleep(pause.saturating_sub(begun.elapsed()));
        }
    }
}

fn redraw(
    survey: &Survey,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> anyhow::Result<()> {
    let mut drawn = Vec::new();
    text::write(survey, &mut drawn, paint, terminal)?;
    let height = terminal.height.unwrap_or(24);
    let mut screen = String::from(HOME);
    writeln!(screen, "{} · ends with Ctrl-C{CLEAR_LINE}", crate::time::clock())?;
    for line in String::from_utf8_lossy(&drawn).lines().take(height.saturating_sub(2)) {
        writeln!(screen, "{line}{CLEAR_LINE}")?;
    }
    screen.push_str(CLEAR_BELOW);
    out.write_all(screen.as_bytes())?;
    Ok(())
}

/// ECMA-48: cursor to the top left; erase to the end of the line; erase what is below.
const HOME: &str = "\x1b[H";
const CLEAR_LINE: &str = "\x1b[K";
const CLEAR_BELOW: &str = "\x1b[J";
