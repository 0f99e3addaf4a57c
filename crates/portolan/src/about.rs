//! What is told about a process in a line of its own: since when it runs, what it runs, who started
//! it.

use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;

use sockets::Process;

use crate::label;
use crate::output::{Escaped, Paint, Terminal, Tint, shorten, width_of};
use crate::tongue::Tongue;

/// A line about a process: since when, what, by whom.
pub(crate) fn describe(
    process: &Process,
    out: &mut impl Write,
    paint: Paint,
    terminal: Terminal,
    tongue: Tongue,
) -> io::Result<()> {
    let since = crate::time::short(process.started);
    let args = [("since", (&since).into())];
    let mut line = tongue.say("card-since", &args, || format!("since {since}"));
    if let Some(args) = process.cmdline.as_deref().filter(|args| !args.is_empty()) {
        let args: Vec<String> = args.iter().map(|arg| Escaped(arg).to_string()).collect();
        line.push_str(&format!(" · {}", args.join(" ")));
    } else if let Some(exe) = &process.exe {
        line.push_str(&format!(" · {}", Escaped(exe.as_os_str().as_bytes())));
    }
    let name = label::process(process);
    let parents: Vec<String> = process
        .ancestry
        .iter()
        .map(|parent| format!("{} ({})", Escaped(&parent.comm), parent.pid))
        .collect();
    let by = if parents.is_empty() {
        String::new()
    } else {
        let by = parents.join(" ← ");
        format!(" · {}", tongue.say("card-by", &[("parents", (&by).into())], || format!("by {by}")))
    };
    let room = terminal.width.unwrap_or(usize::MAX).saturating_sub(width_of(&name) + 4);
    writeln!(out, "  {}  {}", paint.tint(Tint::Accent, name), fitted(&line, &by, room))
}

/// `line` and `by` within `room`: what runs is cut before who started it.
fn fitted(line: &str, by: &str, room: usize) -> String {
    let (length, behind) = (width_of(line), width_of(by));
    if length + behind <= room {
        return format!("{line}{by}");
    }
    let keep = if behind < room / 2 { room - behind } else { room };
    let tail = if behind < room / 2 { by } else { "" };
    if length <= keep {
        return format!("{line}{tail}");
    }
    format!("{}{tail}", shorten(line, keep, false).trim_end())
}
