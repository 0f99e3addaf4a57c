//! Colour, where it is wanted. The palette is the sixteen colours that every terminal has.

use std::fmt::Display;
use std::io::{self, Write};

use anstream::ColorChoice;
use owo_colors::{Style, Styled};

use crate::args::{ColorWhen, OutputArgs};

/// What a piece of text means, and so how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Tint {
    /// Ordinary text.
    Plain,
    /// A heading.
    Heading,
    /// What is less important than the rest.
    Dim,
    /// The thing that was asked for.
    Accent,
    /// It works, it is open.
    Good,
    /// It fails, it is taken.
    Bad,
    /// Neither; look closer.
    Odd,
}

/// Colours text, or leaves it plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    enabled: bool,
}

impl Paint {
    /// Never any colour.
    pub(crate) const PLAIN: Paint = Paint { enabled: false };

    /// What the options, the environment (`NO_COLOR`, `CLICOLOR_FORCE`, `TERM`) and standard output
    /// ask for together.
    pub(crate) fn for_stdout(output: OutputArgs) -> Paint {
        let when = if output.no_color { ColorWhen::Never } else { output.color };
        let enabled = match when {
            ColorWhen::Always => true,
            ColorWhen::Never => false,
            ColorWhen::Auto => {
                anstream::AutoStream::choice(&std::io::stdout()) != ColorChoice::Never
            }
        };
        Paint { enabled }
    }

    /// `text`, looking as `tint` says.
    pub(crate) fn tint<T: Display>(self, tint: Tint, text: T) -> Styled<T> {
        let style = if self.enabled { tint.style() } else { Style::new() };
        style.style(text)
    }

    /// Writes `text` as `tint` says; without colour, as bytes and nothing else.
    pub(crate) fn write(self, out: &mut impl Write, tint: Tint, text: &str) -> io::Result<()> {
        if self.enabled {
            return write!(out, "{}", tint.style().style(text));
        }
        out.write_all(text.as_bytes())
    }
}

impl Tint {
    fn style(self) -> Style {
        match self {
            Tint::Plain => Style::new(),
            Tint::Heading => Style::new().bold(),
            Tint::Dim => Style::new().dimmed(),
            Tint::Accent => Style::new().bold().cyan(),
            Tint::Good => Style::new().green(),
            Tint::Bad => Style::new().red(),
            Tint::Odd => Style::new().yellow(),
        }
    }
}
