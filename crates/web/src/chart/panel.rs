//! The cartouche beside a chart: of what it is and when, the rose, what the colours mean with how
//! many there are of each, and which way the numbers run.

use std::fmt;

use registry::{Port, Territory};

use crate::chart::hilbert::Cell;
use crate::chart::layers::Layer;
use crate::chart::palette::Palette;
use crate::chart::rose::Rose;
use crate::chart::svg::{Chart, dashed};
use crate::chart::text::{N, Xml};

/// The cartouche of a chart.
pub(crate) struct Panel<'a> {
    pub(crate) chart: &'a Chart<'a>,
    pub(crate) palette: &'static Palette,
}

impl fmt::Display for Panel<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let below = self.write_title(f)?;
        let rose = Rose { x: MIDDLE, y: below + 30.0, radius: 19.0, palette: self.palette };
        write!(f, "{rose}")?;
        self.write_legend(f, below + 62.0)?;
        self.write_course(f)
    }
}

impl Panel<'_> {
    /// The title; how far down it reaches.
    fn write_title(&self, f: &mut fmt::Formatter<'_>) -> Result<f32, fmt::Error> {
        let Palette { ink, faint, warning, .. } = self.palette;
        let (words, caption) = (self.chart.words, self.chart.caption);
        let host: String = caption.host.chars().take(40).collect();
        let letters = f32::from(u8::try_from(host.chars().count()).unwrap_or(u8::MAX)).max(1.0);
        let size = (WIDTH / (letters * 0.5)).min(15.0);
        write!(f, "<g text-anchor=\"middle\" fill=\"{ink}\">")?;
        write!(
            f,
            "<text x=\"{MIDDLE}\" y=\"6\" font-size=\"6.6\" font-style=\"italic\">{}</text>",
            Xml(&words.title)
        )?;
        write!(
            f,
            "<text x=\"{MIDDLE}\" y=\"{}\" font-size=\"{}\">{}</text>",
            N(9.0 + size),
            N(size),
            Xml(&host)
        )?;
        let mut y = 17.0 + size;
        write!(
            f,
            "<text x=\"{MIDDLE}\" y=\"{}\" font-size=\"5.4\" fill=\"{faint}\">{}</text>",
            N(y),
            Xml(&caption.moment)
        )?;
        for line in caption.unknown.iter().flat_map(|text| lines(text, 46)).take(6) {
            y += 5.6;
            write!(
                f,
                "<text x=\"{MIDDLE}\" y=\"{}\" font-size=\"4.8\" font-style=\"italic\" fill=\"{warning}\">{}</text>",
                N(y),
                Xml(&line)
            )?;
        }
        f.write_str("</g>")?;
        Ok(y)
    }

    fn write_legend(&self, f: &mut fmt::Formatter<'_>, top: f32) -> fmt::Result {
        let (chart, words) = (self.chart, self.chart.words);
        let palette = self.palette;
        let mut y = top;
        write!(f, "<g font-size=\"5.8\" fill=\"{}\">", palette.ink)?;
        if chart.shown.contains(Layer::Territories) {
            for (fill, name, territory) in [
                (palette.town, &words.system, Territory::System),
                (palette.land, &words.user, Territory::User),
                (palette.deep, &words.dynamic, Territory::Dynamic),
            ] {
                self.write_ground(f, y, fill)?;
                entry(f, y, name, &dashed(territory.range()))?;
                y += LINE;
            }
        }
        if let Some(range) =
            chart.layers.ephemeral.filter(|_| chart.shown.contains(Layer::Ephemeral))
        {
            self.write_ground(f, y, palette.foreshore)?;
            write!(
                f,
                "<rect x=\"{}\" y=\"{}\" width=\"3.5\" height=\"4.6\" fill=\"{}\"/>",
                N(LEFT + 3.5),
                N(y - 4.0),
                palette.shallow
            )?;
            entry(f, y, &words.ephemeral, &dashed(range))?;
            y += LINE;
        }
        for layer in Layer::ALL {
            let Some(ports) = chart.layers.ports(layer).filter(|_| chart.shown.contains(layer))
            else {
                continue;
            };
            self.write_mark(f, y, layer)?;
            let unknown = !chart.caption.unknown.is_empty() && ports.is_empty();
            let count =
                if unknown { words.not_recorded.clone() } else { words.locale.count(ports.len()) };
            entry(f, y, words.layer(layer), &count)?;
            y += LINE;
        }
        f.write_str("</g>")
    }

    fn write_ground(&self, f: &mut fmt::Formatter<'_>, y: f32, fill: &str) -> fmt::Result {
        let ink = self.palette.ink;
        write!(
            f,
            "<rect x=\"{LEFT}\" y=\"{}\" width=\"7\" height=\"4.6\" fill=\"{fill}\" stroke=\"{ink}\" stroke-width=\".3\"/>",
            N(y - 4.0)
        )
    }

    fn write_mark(&self, f: &mut fmt::Formatter<'_>, y: f32, layer: Layer) -> fmt::Result {
        let Palette { assigned, history, time_wait, outgoing, listening, land, .. } = self.palette;
        let (x, y) = (LEFT + 3.5, y - 1.7);
        let mut dot = |fill: &str, radius, opacity| {
            write!(
                f,
                "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{fill}\" opacity=\"{}\"/>",
                N(x),
                N(y),
                N(radius),
                N(opacity)
            )
        };
        match layer {
            Layer::Territories | Layer::Ephemeral => Ok(()),
            Layer::TimeWait => dot(time_wait, 1.4, 1.0),
            Layer::Outgoing => dot(outgoing, 1.6, 1.0),
            Layer::Listening => dot(listening, 2.9, 0.28).and_then(|()| dot(listening, 1.4, 1.0)),
            Layer::Assigned | Layer::History => {
                let fill = if layer == Layer::Assigned { assigned } else { history };
                write!(
                    f,
                    "<rect x=\"{LEFT}\" y=\"{0}\" width=\"7\" height=\"4.6\" fill=\"{land}\"/><rect x=\"{LEFT}\" y=\"{0}\" width=\"7\" height=\"4.6\" fill=\"{fill}\" opacity=\".5\"/>",
                    N(y - 2.3)
                )
            }
        }
    }

    /// The curve at its third order, with the number at each quarter.
    fn write_course(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Palette { ink, faint, .. } = self.palette;
        let (left, top, side) = (LEFT, 206.0, 44.0);
        write!(
            f,
            "<rect x=\"{left}\" y=\"{}\" width=\"{side}\" height=\"{side}\" fill=\"none\" stroke=\"{ink}\" stroke-width=\".4\"/>",
            N(top)
        )?;
        write!(
            f,
            "<path fill=\"none\" stroke=\"{ink}\" stroke-width=\".6\" stroke-dasharray=\"1.6 1\" d=\""
        )?;
        for block in 0..64_u16 {
            // The middle of a block of 32 × 32 cells lies where its four quarters meet.
            let Cell { x, y } = Cell::of(Port(block << 10));
            let place = |at: u8| (f32::from(at >> 5) + 0.5) * side / 8.0;
            let letter = if block == 0 { 'M' } else { 'L' };
            write!(f, "{letter}{} {}", N(left + place(x)), N(top + place(y)))?;
        }
        write!(f, "\"/><g font-size=\"4.4\" fill=\"{faint}\">")?;
        let right = left + side;
        for (x, y, anchor, number) in [
            (left, top - 1.6, "start", 0),
            (left, top + side + 4.6, "start", 16_384),
            (right, top + side + 4.6, "end", 32_768),
            (right, top - 1.6, "end", 65_535_u32),
        ] {
            write!(
                f,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{number}</text>",
                N(x),
                N(y)
            )?;
        }
        for (at, line) in lines(&self.chart.words.reading, 26).iter().enumerate() {
            let y = top + 7.0 + 6.0 * f32::from(u8::try_from(at).unwrap_or(u8::MAX));
            write!(
                f,
                "<text x=\"{}\" y=\"{}\" font-size=\"5\" font-style=\"italic\">{}</text>",
                N(right + 5.0),
                N(y),
                Xml(line)
            )?;
        }
        f.write_str("</g>")
    }
}

/// One line of the legend.
fn entry(f: &mut fmt::Formatter<'_>, y: f32, name: &str, count: &str) -> fmt::Result {
    write!(f, "<text x=\"{}\" y=\"{}\">{}</text>", N(LEFT + 11.0), N(y), Xml(name))?;
    write!(
        f,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
        N(LEFT + WIDTH),
        N(y),
        Xml(count)
    )
}

/// Text in lines of at most so many letters, if its words allow.
fn lines(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

const LEFT: f32 = 272.0;
const WIDTH: f32 = 106.0;
const MIDDLE: f32 = LEFT + WIDTH / 2.0;
const LINE: f32 = 9.6;
