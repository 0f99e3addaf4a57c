//! Lines as they are drawn: coasts by an unsteady hand, cells exactly. Both are the data of an SVG
//! path (SVG 2 §9.3), relative and in whole numbers, so that they stay small.

use std::fmt::{self, Write as _};

use crate::chart::hilbert::{Cell, SIDE};
use crate::chart::outline::{Corner, Ring};
use crate::chart::port_set::PortSet;

/// The borders of rings as a coast, in units of 1/[`Coast::UNITS`] of a cell. Each corner of cells
/// on the way is moved by less than half a cell, always in the same way, so that the middle of a
/// cell stays on its side of the line and regions that share a coast share the line.
pub(crate) struct Coast<'a>(pub(crate) &'a [Ring]);

impl Coast<'_> {
    /// How many units a cell is wide.
    pub(crate) const UNITS: i32 = 16;
}

impl fmt::Display for Coast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Ring(corners) in self.0 {
            let points: Vec<Point> = corners.iter().map(|corner| drawn(*corner)).collect();
            let next = points.iter().cycle().skip(1);
            let middles: Vec<Point> =
                points.iter().zip(next).map(|(a, b)| ((a.0 + b.0) / 2, (a.1 + b.1) / 2)).collect();
            let last = *middles.last().expect("a ring has at least four corners");
            write!(f, "M{} {}", last.0, last.1)?;
            let mut at = last;
            for (point, middle) in points.iter().zip(&middles) {
                f.write_char('q')?;
                numbers(f, &[point.0 - at.0, point.1 - at.1, middle.0 - at.0, middle.1 - at.1])?;
                at = *middle;
            }
            f.write_char('z')?;
        }
        Ok(())
    }
}

type Point = (i32, i32);

/// Where the hand puts a corner. On the edge of the chart it stays on the edge.
fn drawn(corner: Corner) -> Point {
    let (x, y) = (i32::from(corner.0), i32::from(corner.1));
    let mut hash = (x * 257 + y + 1).cast_unsigned().wrapping_mul(0x9e37_79b1);
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x85eb_ca6b);
    hash ^= hash >> 13;
    let swerve = |bits: u32| i32::try_from(bits % 11).unwrap_or_default() - 5;
    let inside = |at: u16| at != 0 && at != SIDE;
    let dx = if inside(corner.0) { swerve(hash >> 4) } else { 0 };
    let dy = if inside(corner.1) { swerve(hash >> 18) } else { 0 };
    (x * Coast::UNITS + dx, y * Coast::UNITS + dy)
}

/// The borders of rings, exactly, in cells.
pub(crate) struct Exact<'a>(pub(crate) &'a [Ring]);

impl fmt::Display for Exact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut start = (0, 0);
        for ring in self.0 {
            let mut turns = ring.turns().map(|(x, y)| (i32::from(x), i32::from(y)));
            let Some(first) = turns.next() else { continue };
            f.write_char('m')?;
            numbers(f, &[first.0 - start.0, first.1 - start.1])?;
            start = first;
            let mut at = first;
            // The last side is what `z` draws.
            for turn in turns {
                match turn.1 == at.1 {
                    true => write!(f, "h{}", turn.0 - at.0)?,
                    false => write!(f, "v{}", turn.1 - at.1)?,
                }
                at = turn;
            }
            f.write_char('z')?;
        }
        Ok(())
    }
}

/// A dot in the middle of each port's cell, as strokes of no length that round caps make visible.
pub(crate) struct Dots<'a>(pub(crate) &'a PortSet);

impl fmt::Display for Dots<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut at = None;
        for cell in self.0.iter().map(Cell::of) {
            match at {
                None => write!(f, "M{}.5 {}.5h0", cell.x, cell.y)?,
                Some(Cell { x, y }) => {
                    let from = |here, there| i32::from(here) - i32::from(there);
                    f.write_char('m')?;
                    numbers(f, &[from(cell.x, x), from(cell.y, y)])?;
                    f.write_str("h0")?;
                }
            }
            at = Some(cell);
        }
        Ok(())
    }
}

/// Numbers with no more between them than they need.
fn numbers(f: &mut fmt::Formatter<'_>, numbers: &[i32]) -> fmt::Result {
    for (at, number) in numbers.iter().enumerate() {
        if at > 0 && *number >= 0 {
            f.write_char(' ')?;
        }
        write!(f, "{number}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use registry::Port;

    use super::*;
    use crate::chart::outline::rings;

    fn set(cells: &[(u8, u8)]) -> PortSet {
        cells.iter().map(|(x, y)| Cell { x: *x, y: *y }.port()).collect()
    }

    #[test]
    fn cells_are_drawn_with_their_turns_alone() {
        let l = set(&[(3, 4), (4, 4), (4, 5), (9, 3)]);
        assert_eq!(Exact(&rings(&l)).to_string(), "m9 3h1v1h-1zm-6 1h2v2h-1v-1h-1z");
    }

    #[test]
    fn dots_lie_in_the_middle_of_their_cells() {
        assert_eq!(Dots(&set(&[(0, 0), (2, 9)])).to_string(), "M0.5 0.5h0m2 9h0");
    }

    #[test]
    fn no_corner_is_moved_across_the_middle_of_a_cell_nor_off_the_edge() {
        for x in 0..=SIDE {
            for y in 0..=SIDE {
                let (a, b) = drawn((x, y));
                let (dx, dy) = (a - i32::from(x) * Coast::UNITS, b - i32::from(y) * Coast::UNITS);
                assert!(2 * dx.abs() < Coast::UNITS && 2 * dy.abs() < Coast::UNITS);
                assert!(x % SIDE != 0 || dx == 0, "{x} {y}");
                assert!(y % SIDE != 0 || dy == 0, "{x} {y}");
            }
        }
    }

    #[test]
    fn a_coast_closes() {
        let rings = rings(&PortSet::from_iter([Port(5), Port(6), Port(60_000)]));
        let coast = Coast(&rings).to_string();
        assert_eq!(coast.matches('M').count(), 2);
        assert_eq!(coast.matches('z').count(), 2);
        assert_eq!(coast.matches('q').count(), 6 + 4);
    }
}
