//! The compass rose and its lines, as on the charts of the fourteenth century: sixteen winds from
//! one point, met again on a ring around it. An ornament; it lies under everything that is so.

use std::f32::consts::TAU;
use std::fmt;

use crate::chart::hilbert::SIDE;
use crate::chart::palette::Palette;
use crate::chart::text::N;

/// The lines of the winds across the whole chart.
pub(crate) struct Winds;

impl fmt::Display for Winds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let middle = f32::from(SIDE) / 2.0;
        let nodes: Vec<(f32, f32)> =
            (0_u8..16).map(|at| point(middle, middle, 122.0, at, 16)).collect();
        for (at, from) in nodes.iter().enumerate() {
            for apart in [5, 6, 7, 8] {
                if apart == 8 && at >= 8 {
                    continue;
                }
                let to = nodes[(at + apart) % 16];
                // Past both nodes; what lies beyond the chart is cut off.
                let (dx, dy) = (to.0 - from.0, to.1 - from.1);
                let (x, y) = (from.0 - dx * 0.9, from.1 - dy * 0.9);
                write!(f, "M{} {}l{} {}", N(x), N(y), N(dx * 2.8), N(dy * 2.8))?;
            }
        }
        Ok(())
    }
}

/// A rose of eight winds.
pub(crate) struct Rose {
    pub(crate) x: f32,
    pub(crate) y: f32,
    pub(crate) radius: f32,
    pub(crate) palette: &'static Palette,
}

impl fmt::Display for Rose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rose { x, y, radius, palette } = *self;
        let ink = palette.ink;
        write!(
            f,
            "<g stroke=\"{ink}\" stroke-width=\".25\" fill=\"none\">\
             <circle cx=\"{0}\" cy=\"{1}\" r=\"{2}\"/><circle cx=\"{0}\" cy=\"{1}\" r=\"{3}\"/></g>",
            N(x),
            N(y),
            N(radius * 0.78),
            N(radius * 0.72)
        )?;
        for (winds, first, length, waist) in [(8, 1, 0.62, 0.2), (4, 1, 0.8, 0.2), (4, 0, 1.0, 0.2)]
        {
            let step = 16 / winds;
            let first = if winds == 4 { first * 2 } else { first };
            for wind in 0..winds {
                self.wind(f, first + wind * step, radius * length, radius * waist)?;
            }
        }
        let (top, size) = (y - radius * 1.04, radius * 0.34);
        write!(
            f,
            "<path d=\"M{} {}l{} {}h{}z\" fill=\"{}\"/>",
            N(x),
            N(top - size),
            N(size * 0.45),
            N(size),
            N(-size * 0.9),
            palette.listening
        )
    }
}

impl Rose {
    /// One pointer, half of it in the light.
    fn wind(&self, f: &mut fmt::Formatter<'_>, wind: u8, length: f32, waist: f32) -> fmt::Result {
        let Rose { x, y, palette, .. } = *self;
        let tip = point(x, y, length, wind, 16);
        for (side, fill) in [(15, palette.ink), (1, palette.paper)] {
            let hip = point(x, y, waist, (wind + side) % 16, 16);
            write!(
                f,
                "<path d=\"M{} {}L{} {}L{} {}z\" fill=\"{fill}\" stroke=\"{}\" stroke-width=\".2\"/>",
                N(x),
                N(y),
                N(hip.0),
                N(hip.1),
                N(tip.0),
                N(tip.1),
                palette.ink
            )?;
        }
        Ok(())
    }
}

/// The point `at` of `of` on a circle, from the top, clockwise.
fn point(x: f32, y: f32, radius: f32, at: u8, of: u8) -> (f32, f32) {
    let angle = f32::from(at) / f32::from(of) * TAU;
    (x + radius * angle.sin(), y - radius * angle.cos())
}
