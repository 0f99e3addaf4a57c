//! `doctor --explain`: the page of a finding, or the list of all.

use std::io::Write;

use anyhow::bail;

use super::catalogue::{PAGES, Page, page};
use super::json;
use crate::args::OutputArgs;
use crate::exit::Exit;
use crate::output::{Column, Columns, Paint, Terminal, Tint, hanging};
use crate::suggest;

/// Prints the page called `id`; the list where it is empty.
pub(super) fn run(id: &str, output: OutputArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let (paint, terminal) = (Paint::for_stdout(output), Terminal::of_stdout());
    if id.is_empty() {
        if output.json {
            json::write_pages(PAGES, out)?;
        } else {
            list().write(out, paint, 0, terminal.width)?;
        }
        return Ok(Exit::Answered);
    }
    let Some(page) = page(id) else {
        let near = suggest::nearest(id, PAGES.iter().map(|page| page.id));
        let hint = near.map(|near| format!("; did you mean '{near}'?")).unwrap_or_default();
        bail!("there is no finding called '{id}'{hint} (portolan doctor --explain lists them)");
    };
    if output.json {
        json::write_pages(&[page], out)?;
    } else {
        write(page, out, paint, terminal)?;
    }
    Ok(Exit::Answered)
}

fn list() -> Columns {
    let mut table = Columns::new(vec![
        Column::fixed("ID"),
        Column::fixed("SEVERITY"),
        Column::fixed("WHAT").shrinking(20),
    ]);
    for page in PAGES {
        table.cell(Tint::Accent, page.id);
        table.cell(Tint::Plain, page.severity.name());
        table.cell(Tint::Plain, page.title);
    }
    table
}

fn write(
    page: &Page,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> std::io::Result<()> {
    let heading = |text| paint.tint(Tint::Heading, text);
    hanging(
        out,
        terminal,
        0,
        "",
        &format!("{} · {} · {}", page.id, page.severity.name(), page.title),
    )?;
    for (name, text) in [
        ("WHY     ", page.why),
        ("SOURCE  ", page.source),
        ("FIX     ", page.fix),
        ("PRICE   ", page.price),
    ] {
        hanging(out, terminal, 8, heading(name), text)?;
    }
    Ok(())
}
