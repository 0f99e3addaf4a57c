//! The chart as SVG 2: land and sea, what is on them, names, and around them the frame and the
//! cartouche. Colours and fonts are attributes, so that it is drawn alike where styles are not
//! allowed.

use std::fmt::{self, Write as _};

use registry::{PortRange, Territory};

use crate::chart::coast::{Coast, Dots, Exact};
use crate::chart::hilbert::{Cell, SIDE};
use crate::chart::layers::{Layer, Layers, Shown};
use crate::chart::names::names;
use crate::chart::outline::{Ring, rings};
use crate::chart::palette::{Light, Palette};
use crate::chart::panel::Panel;
use crate::chart::port_set::PortSet;
use crate::chart::rose::Winds;
use crate::chart::text::{N, Xml};
use crate::chart::words::Words;

/// A chart, ready to be drawn: its [`Display`](fmt::Display) is the SVG.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// What is so, port by port.
    pub layers: &'a Layers,
    /// Which layers to draw.
    pub shown: Shown,
    /// By which light.
    pub light: Light,
    /// How much paper.
    pub sheet: Sheet,
    /// In which words.
    pub words: &'a Words,
    /// Of what and when.
    pub caption: &'a Caption,
}

/// How much of a chart is drawn, and for how large a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Sheet {
    /// The chart with its cartouche: for a file, a wall, a report.
    #[default]
    Full,
    /// The chart alone, for a page that says the rest.
    Plain,
    /// The chart alone, with fewer and larger names, for a phone.
    Small,
}

/// Of what a chart is, and when.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caption {
    /// The machine's name.
    pub host: String,
    /// The moment, as it is to be read.
    pub moment: String,
    /// What is not known, a sentence each.
    pub unknown: Vec<String>,
}

impl Sheet {
    /// The left, top, width and height of the paper, in cells from the corner of the chart.
    pub(crate) const fn paper(self) -> (f32, f32, f32, f32) {
        match self {
            Sheet::Full => (-12.0, -12.0, 400.0, 280.0),
            Sheet::Plain | Sheet::Small => {
                (-MARGIN, -MARGIN, 256.0 + 2.0 * MARGIN, 256.0 + 2.0 * MARGIN)
            }
        }
    }

    /// How large letters are, as a multiple of those on paper.
    pub(crate) const fn letters(self) -> f32 {
        match self {
            Sheet::Full | Sheet::Plain => 1.0,
            Sheet::Small => 1.9,
        }
    }
}

/// The room around a chart without a cartouche, in cells: the frame's.
pub(crate) const MARGIN: f32 = 6.0;

impl fmt::Display for Chart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (left, top, width, height) = self.sheet.paper();
        let palette = self.light.palette();
        write!(
            f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"{} {} {} {}\" role=\"img\" \
             aria-labelledby=\"title summary\" font-family=\"{FONTS}\" stroke-linejoin=\"round\">",
            N(left),
            N(top),
            N(width),
            N(height)
        )?;
        let Caption { host, moment, .. } = self.caption;
        write!(
            f,
            "<title id=\"title\">{} {}, {}</title>",
            Xml(&self.words.title),
            Xml(host),
            Xml(moment)
        )?;
        write!(f, "<desc id=\"summary\">{}</desc>", Xml(&self.summary()))?;
        let paper = palette.paper;
        write!(
            f,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{paper}\"/>",
            N(left),
            N(top),
            N(width),
            N(height)
        )?;
        self.write_ground(f, palette)?;
        // Under the marks: what lies at the edge is as bright as the rest.
        write_frame(f, palette)?;
        self.write_marks(f, palette)?;
        self.write_names(f, palette)?;
        if self.sheet == Sheet::Full {
            write!(f, "{}", Panel { chart: self, palette })?;
        }
        f.write_str("</svg>\n")
    }
}

impl Chart<'_> {
    /// The chart in a paragraph, for those who cannot see it.
    fn summary(&self) -> String {
        let mut text = String::new();
        for layer in [Layer::Listening, Layer::Outgoing, Layer::TimeWait, Layer::History] {
            let Some(ports) = self.layers.ports(layer).filter(|_| self.shown.contains(layer))
            else {
                continue;
            };
            let name = self.words.layer(layer);
            let _ = write!(text, "{name}: {}", self.words.locale.count(ports.len()));
            if layer == Layer::Listening && !ports.is_empty() {
                let most: Vec<String> =
                    ports.iter().take(TOLD).map(|port| port.to_string()).collect();
                let more = if ports.len() > TOLD { ", …" } else { "" };
                let _ = write!(text, " ({}{more})", most.join(", "));
            }
            text.push_str(". ");
        }
        if let Some(range) = self.layers.ephemeral {
            let _ = write!(text, "{}: {}. ", self.words.ephemeral, dashed(range));
        }
        text.push_str(&self.caption.unknown.join(" "));
        text.trim_end().to_owned()
    }

    /// Land and sea, and the lines between them.
    fn write_ground(&self, f: &mut fmt::Formatter<'_>, palette: &Palette) -> fmt::Result {
        let system = PortSet::from(Territory::System.range());
        let dynamic = PortSet::from(Territory::Dynamic.range());
        let range = self.layers.ephemeral.filter(|_| self.shown.contains(Layer::Ephemeral));
        let handed_out = range.map(PortSet::from).unwrap_or_default();
        let shallow = rings(&handed_out.intersection(&dynamic));
        let foreshore = rings(&handed_out.difference(&dynamic));
        let land = PortSet::from(PortRange::ALL).difference(&dynamic);
        let (system, sea, land) = (rings(&system), rings(&dynamic), rings(&land));
        f.write_str("<defs>")?;
        for (id, rings) in [
            ("system", &system),
            ("sea", &sea),
            ("shore", &land),
            ("shallow", &shallow),
            ("foreshore", &foreshore),
        ] {
            write!(f, "<path id=\"{id}\" transform=\"scale(.0625)\" d=\"{}\"/>", Coast(rings))?;
        }
        write!(f, "<clipPath id=\"in-sea\"><use href=\"#sea\"/></clipPath>")?;
        write!(
            f,
            "<clipPath id=\"on-chart\"><rect width=\"{SIDE}\" height=\"{SIDE}\"/></clipPath></defs>"
        )?;
        let Palette { land, town, deep, shallow, foreshore, ink, water, rhumb, .. } = palette;
        write!(
            f,
            "<g clip-path=\"url(#on-chart)\"><rect width=\"{SIDE}\" height=\"{SIDE}\" fill=\"{land}\"/>"
        )?;
        if self.shown.contains(Layer::Territories) {
            write!(
                f,
                "<use href=\"#system\" fill=\"{town}\"/><use href=\"#sea\" fill=\"{deep}\"/>"
            )?;
        }
        write!(
            f,
            "<use href=\"#foreshore\" fill=\"{foreshore}\"/><use href=\"#shallow\" fill=\"{shallow}\"/>"
        )?;
        if self.shown.contains(Layer::Territories) {
            self.write_water_lines(f, palette)?;
        }
        write!(
            f,
            "<path d=\"{Winds}\" stroke=\"{rhumb}\" stroke-width=\".2\" fill=\"none\" opacity=\".16\"/>"
        )?;
        write!(
            f,
            "<g fill=\"none\" stroke=\"{water}\" stroke-width=\"9\" stroke-dasharray=\"24 16\" opacity=\".75\">\
                   <use href=\"#foreshore\"/><use href=\"#shallow\"/></g>"
        )?;
        if self.shown.contains(Layer::Territories) {
            write!(
                f,
                "<g fill=\"none\" stroke=\"{ink}\" stroke-width=\"10\"><use href=\"#system\"/><use href=\"#sea\"/></g>"
            )?;
        }
        f.write_str("</g>")
    }

    /// Lines in the water that repeat the coast, fainter and fainter, as engravers drew them.
    fn write_water_lines(&self, f: &mut fmt::Formatter<'_>, palette: &Palette) -> fmt::Result {
        let water = palette.water;
        f.write_str("<g clip-path=\"url(#in-sea)\" fill=\"none\">")?;
        for (width, opacity) in [(128.0, 0.07), (92.0, 0.09), (58.0, 0.12), (28.0, 0.18)] {
            write!(
                f,
                "<use href=\"#shore\" stroke=\"{water}\" stroke-width=\"{}\" opacity=\"{}\"/>",
                N(width),
                N(opacity)
            )?;
        }
        f.write_str("</g>")
    }

    /// What is assigned, held and was held.
    fn write_marks(&self, f: &mut fmt::Formatter<'_>, palette: &Palette) -> fmt::Result {
        for layer in Layer::ALL {
            let Some(ports) = self.layers.ports(layer) else { continue };
            if !self.shown.contains(layer) || ports.is_empty() {
                continue;
            }
            let name = self.words.layer(layer);
            write!(
                f,
                "<g id=\"{}\"><title>{}: {}</title>",
                layer.name(),
                Xml(name),
                self.words.locale.count(ports.len())
            )?;
            match layer {
                Layer::Territories | Layer::Ephemeral => {}
                Layer::Assigned => write_cells(f, ports, palette.assigned, 0.34)?,
                Layer::History => write_cells(f, ports, palette.history, 0.6)?,
                Layer::TimeWait => write_dots(f, ports, palette.time_wait, 1.5)?,
                Layer::Outgoing => write_dots(f, ports, palette.outgoing, 1.7)?,
                Layer::Listening => self.write_lights(f, ports, palette)?,
            }
            f.write_str("</g>")?;
        }
        Ok(())
    }

    /// Listeners: a light with its shine each.
    fn write_lights(
        &self,
        f: &mut fmt::Formatter<'_>,
        ports: &PortSet,
        palette: &Palette,
    ) -> fmt::Result {
        let (red, paper) = (palette.listening, palette.paper);
        if ports.len() <= MOST_DOTS {
            let dots = Dots(ports);
            write!(
                f,
                "<g fill=\"none\" stroke-linecap=\"round\"><path id=\"lights\" d=\"{dots}\" stroke=\"{red}\" stroke-width=\"5.4\" opacity=\".28\"/>"
            )?;
            write!(f, "<use href=\"#lights\"/>")?;
            write!(f, "<path d=\"{dots}\" stroke=\"{paper}\" stroke-width=\"2.9\"/>")?;
            return write!(f, "<path d=\"{dots}\" stroke=\"{red}\" stroke-width=\"2.1\"/></g>");
        }
        write_cells(f, ports, red, 1.0)
    }

    fn write_names(&self, f: &mut fmt::Formatter<'_>, palette: &Palette) -> fmt::Result {
        let names = names(self);
        let Palette { ink, faint, water, listening, land, .. } = palette;
        let hands: [(&str, String); 6] = [
            ("land", format!("fill=\"{ink}\" letter-spacing=\".18em\" opacity=\".62\"")),
            (
                "sea",
                format!(
                    "fill=\"{water}\" font-style=\"italic\" letter-spacing=\".14em\" opacity=\".9\""
                ),
            ),
            ("meaning", format!("fill=\"{ink}\" font-style=\"italic\" opacity=\".72\"")),
            ("sounding", format!("fill=\"{faint}\" font-style=\"italic\"")),
            (
                "harbour",
                format!(
                    "fill=\"{ink}\" stroke=\"{land}\" stroke-width=\".5\" stroke-opacity=\".7\" paint-order=\"stroke\""
                ),
            ),
            (
                "light",
                format!(
                    "fill=\"{listening}\" stroke=\"{land}\" stroke-width=\".6\" stroke-opacity=\".85\" paint-order=\"stroke\""
                ),
            ),
        ];
        for (fill, opacity, hand) in [(ink, ".75", "harbour"), (faint, ".6", "sounding")] {
            let marks = names.iter().filter(|name| name.hand == hand).filter_map(|name| name.of);
            let marks = Dots(&marks.collect());
            write!(
                f,
                "<path d=\"{marks}\" fill=\"none\" stroke=\"{fill}\" stroke-linecap=\"round\" stroke-width=\".9\" opacity=\"{opacity}\"/>"
            )?;
        }
        for (hand, style) in hands {
            let mut written = names.iter().filter(|name| name.hand == hand).peekable();
            if written.peek().is_some() {
                write!(f, "<g {style}>")?;
                written.try_for_each(|name| write!(f, "{name}"))?;
                f.write_str("</g>")?;
            }
        }
        Ok(())
    }
}

/// Cells, exactly.
fn write_cells(
    f: &mut fmt::Formatter<'_>,
    ports: &PortSet,
    fill: &str,
    opacity: f32,
) -> fmt::Result {
    let rings: Vec<Ring> = rings(ports);
    write!(f, "<path d=\"{}\" fill=\"{fill}\"", Exact(&rings))?;
    if opacity < 1.0 {
        write!(f, " opacity=\"{}\"", N(opacity))?;
    }
    f.write_str("/>")
}

/// Dots where they are few, cells where many lie side by side and dots would be too much to draw.
fn write_dots(
    f: &mut fmt::Formatter<'_>,
    ports: &PortSet,
    colour: &str,
    width: f32,
) -> fmt::Result {
    if ports.len() > MOST_DOTS {
        return write_cells(f, ports, colour, 1.0);
    }
    write!(
        f,
        "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-linecap=\"round\" stroke-width=\"{}\"/>",
        Dots(ports),
        N(width)
    )
}

/// The frame, graduated every sixteen cells.
fn write_frame(f: &mut fmt::Formatter<'_>, palette: &Palette) -> fmt::Result {
    let (ink, paper) = (palette.ink, palette.paper);
    write!(
        f,
        "<g fill=\"none\" stroke=\"{ink}\"><rect width=\"256\" height=\"256\" stroke-width=\".6\"/>"
    )?;
    write!(f, "<rect x=\"-2\" y=\"-2\" width=\"260\" height=\"260\" stroke-width=\"1.6\"/>")?;
    write!(
        f,
        "<rect x=\"-2\" y=\"-2\" width=\"260\" height=\"260\" stroke=\"{paper}\" stroke-width=\"1.1\" stroke-dasharray=\"16 16\" stroke-dashoffset=\"-2\"/>"
    )?;
    write!(
        f,
        "<rect x=\"-4.2\" y=\"-4.2\" width=\"264.4\" height=\"264.4\" stroke-width=\".9\"/></g>"
    )
}

/// A range as it is printed: `32768–60999`.
pub(crate) fn dashed(range: PortRange) -> String {
    format!("{}–{}", range.first(), range.last())
}

/// The middle of a port's cell.
pub(crate) fn middle(cell: Cell) -> (f32, f32) {
    (f32::from(cell.x) + 0.5, f32::from(cell.y) + 0.5)
}

/// Ours where it is embedded, else what systems have.
pub(crate) const FONTS: &str =
    "EB Garamond, Iowan Old Style, Palatino, Palatino Linotype, Book Antiqua, Georgia, serif";

/// How many listeners the summary names.
const TOLD: usize = 40;

/// Up to how many ports are drawn as dots.
const MOST_DOTS: usize = 3000;
