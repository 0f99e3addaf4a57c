//! `portolan feedback`: what readers said of the pages that `portolan serve` served.

use std::io::Write;

use serde::Serialize;
use web::{PageCount, Votes};

use super::serve::feedback_file;
use crate::args::{FeedbackArgs, OutputArgs};
use crate::exit::Exit;
use crate::output::json::SCHEMA;
use crate::output::{Column, Columns, Escaped, Paint, Terminal, Tint};

/// Prints the counts, the pages that helped least first.
pub(crate) fn run(
    args: &FeedbackArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    let file = feedback_file(args.feedback.as_deref())?;
    let there = file.try_exists()?;
    let counts = if there { Votes::counts(&file)? } else { Vec::new() };
    if output.json {
        write_json(&counts, out)?;
    } else if counts.is_empty() {
        writeln!(out, "nobody has said anything yet, by {}", file.display())?;
    } else {
        write_text(&counts, out, Paint::for_stdout(output), Terminal::of_stdout())?;
    }
    Ok(if counts.is_empty() { Exit::No } else { Exit::Answered })
}

fn write_text(
    counts: &[PageCount],
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
) -> anyhow::Result<()> {
    let mut table = Columns::new(vec![
        Column::fixed("PAGE").shrinking(20),
        Column::fixed("NO").right(),
        Column::fixed("UNSURE").right(),
        Column::fixed("YES").right(),
        Column::fixed("LANGUAGES").leaving(2),
        Column::fixed("LAST").leaving(1),
    ]);
    for count in counts {
        table.cell(Tint::Accent, Escaped(count.page.as_bytes()));
        table.cell(Tint::Plain, count.sad);
        table.cell(Tint::Plain, count.doubtful);
        table.cell(Tint::Plain, count.glad);
        table.cell(Tint::Plain, Escaped(count.languages.join(",").as_bytes()));
        table.cell(Tint::Dim, count.last.local());
    }
    Ok(table.write(out, paint, 0, terminal.width)?)
}

fn write_json(counts: &[PageCount], out: &mut impl Write) -> anyhow::Result<()> {
    #[derive(Serialize)]
    struct Feedback<'a> {
        schema: &'static str,
        pages: Vec<Page<'a>>,
    }
    #[derive(Serialize)]
    struct Page<'a> {
        page: &'a str,
        sad: u32,
        doubtful: u32,
        glad: u32,
        languages: &'a [String],
        last: String,
    }
    impl Page<'_> {
        fn of(count: &PageCount) -> Page<'_> {
            Page {
                page: &count.page,
                sad: count.sad,
                doubtful: count.doubtful,
                glad: count.glad,
                languages: &count.languages,
                last: count.last.utc(),
            }
        }
    }
    let json = Feedback { schema: SCHEMA, pages: counts.iter().map(Page::of).collect() };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    Ok(writeln!(out)?)
}
