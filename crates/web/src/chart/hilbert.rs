//! Where a port lies on the chart: the Hilbert curve of order 8 through 256 × 256 cells, by which
//! neighbours in number are neighbours on the chart. D. Hilbert, Math. Ann. 38 (1891); the
//! conversions are those of "Hacker's Delight" §16, from bits to bits, without tables.
//!
//! The curve begins at the upper left, runs down the left half, across, and up the right half to
//! the upper right. So the Dynamic Ports, the last quarter, are the upper right quarter.

use registry::Port;

/// One port's place: a column and a row, from the upper left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cell {
    /// The column, 0 at the left.
    pub x: u8,
    /// The row, 0 at the top.
    pub y: u8,
}

/// How many cells the chart is wide and high.
pub const SIDE: u16 = 256;

impl Cell {
    /// Where `port` lies.
    #[must_use]
    pub fn of(port: Port) -> Cell {
        let (mut x, mut y) = (0_u8, 0_u8);
        for bit in 0..ORDER {
            let side = 1 << bit;
            let quarter = port.number() >> (2 * bit) & 3;
            let (right, lower) = (quarter >= 2, quarter == 1 || quarter == 2);
            if !lower {
                if right {
                    (x, y) = (side - 1 - x, side - 1 - y);
                }
                (x, y) = (y, x);
            }
            x |= if right { side } else { 0 };
            y |= if lower { side } else { 0 };
        }
        Cell { x, y }
    }

    /// Which port lies here.
    #[must_use]
    pub fn port(self) -> Port {
        let Cell { mut x, mut y } = self;
        let mut number = 0_u16;
        for bit in (0..ORDER).rev() {
            let (right, lower) = (x >> bit & 1 == 1, y >> bit & 1 == 1);
            let quarter = match (right, lower) {
                (false, false) => 0,
                (false, true) => 1,
                (true, true) => 2,
                (true, false) => 3,
            };
            number |= quarter << (2 * bit);
            if !lower {
                if right {
                    (x, y) = (!x, !y);
                }
                (x, y) = (y, x);
            }
        }
        Port(number)
    }
}

/// How often the square is quartered until a cell is left.
const ORDER: u8 = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_has_a_cell_of_its_own_and_back() {
        let mut seen = vec![false; 1 << 16];
        for number in 0..=u16::MAX {
            let cell = Cell::of(Port(number));
            let place = usize::from(cell.y) << 8 | usize::from(cell.x);
            assert!(
                !std::mem::replace(&mut seen[place], true),
                "{number} and another share {cell:?}"
            );
            assert_eq!(cell.port(), Port(number));
        }
        assert!(seen.into_iter().all(|seen| seen));
    }

    #[test]
    fn neighbours_in_number_are_neighbours_on_the_chart() {
        for number in 0..u16::MAX {
            let (a, b) = (Cell::of(Port(number)), Cell::of(Port(number + 1)));
            assert_eq!(a.x.abs_diff(b.x) + a.y.abs_diff(b.y), 1, "{number}: {a:?}, {b:?}");
        }
    }

    #[test]
    fn quarters_run_down_across_and_up() {
        for (number, x, y) in [
            (0, 0, 0),
            (1, 1, 0),
            (2, 1, 1),
            (3, 0, 1),
            (16_384, 0, 128),
            (32_768, 128, 128),
            (49_152, 255, 127),
            (65_535, 255, 0),
        ] {
            assert_eq!(Cell::of(Port(number)), Cell { x, y }, "{number}");
        }
    }
}
