//! The outlines of a set of ports on the chart: cells that touch by a side become one region, and
//! what is drawn is its border. Pure geometry; how lines look is decided in `coast` and `marks`.

use crate::chart::hilbert::{Cell, SIDE};
use crate::chart::port_set::PortSet;

/// A corner of cells: columns and rows from 0 to 256, both included.
pub(crate) type Corner = (u16, u16);

/// A closed border, as the corners of cells it goes through, each a step of one cell from the one
/// before, the first from the last. The region lies to the right: an outer border runs clockwise on
/// the chart, the border of a hole the other way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ring(pub(crate) Vec<Corner>);

impl Ring {
    /// The corners at which the border turns.
    pub(crate) fn turns(&self) -> impl Iterator<Item = Corner> {
        let corners = &self.0;
        let count = corners.len();
        (0..count).map(move |at| (at, corners[at])).filter_map(move |(at, corner)| {
            let (before, after) = (corners[(at + count - 1) % count], corners[(at + 1) % count]);
            (before.0 != after.0 && before.1 != after.1).then_some(corner)
        })
    }
}

/// The borders of `set`. Regions that touch by a corner alone stay apart.
pub(crate) fn rings(set: &PortSet) -> Vec<Ring> {
    let mut edges = Edges::around(set);
    let mut rings = Vec::new();
    for y in 0..=SIDE {
        for x in 0..=SIDE {
            while let Some(first) = edges.any((x, y)) {
                rings.push(edges.follow((x, y), first));
            }
        }
    }
    rings
}

/// Which way a border goes on from a corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    East,
    South,
    West,
    North,
}

impl Way {
    const ALL: [Way; 4] = [Way::East, Way::South, Way::West, Way::North];

    fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The ways to go on, the one that stays closest to the region first.
    fn on(self) -> [Way; 3] {
        let turned = |quarters: usize| Way::ALL[(self as usize + quarters) % 4];
        [turned(1), self, turned(3)]
    }

    fn step(self, (x, y): Corner) -> Corner {
        match self {
            Way::East => (x + 1, y),
            Way::South => (x, y + 1),
            Way::West => (x - 1, y),
            Way::North => (x, y - 1),
        }
    }
}

/// The sides of cells that are borders and were not followed yet, by the corner they start from.
struct Edges(Vec<u8>);

impl Edges {
    fn around(set: &PortSet) -> Edges {
        let mut edges = Edges(vec![0; ROW * ROW]);
        for port in set.iter() {
            let Cell { x, y } = Cell::of(port);
            let has = |x: Option<u8>, y: Option<u8>| {
                x.zip(y).is_some_and(|(x, y)| set.contains(Cell { x, y }.port()))
            };
            let (left, top) = (u16::from(x), u16::from(y));
            let (right, bottom) = (left + 1, top + 1);
            let sides = [
                (has(Some(x), y.checked_sub(1)), (left, top), Way::East),
                (has(x.checked_add(1), Some(y)), (right, top), Way::South),
                (has(Some(x), y.checked_add(1)), (right, bottom), Way::West),
                (has(x.checked_sub(1), Some(y)), (left, bottom), Way::North),
            ];
            for (_, corner, way) in sides.into_iter().filter(|(inside, ..)| !inside) {
                edges.0[index(corner)] |= way.bit();
            }
        }
        edges
    }

    fn any(&self, corner: Corner) -> Option<Way> {
        let edges = self.0[index(corner)];
        Way::ALL.into_iter().find(|way| edges & way.bit() != 0)
    }

    /// Takes the border that leaves `start` by `way`, all around.
    fn follow(&mut self, start: Corner, mut way: Way) -> Ring {
        let (mut corners, mut corner) = (Vec::new(), start);
        loop {
            corners.push(corner);
            self.0[index(corner)] &= !way.bit();
            corner = way.step(corner);
            if corner == start {
                return Ring(corners);
            }
            let edges = self.0[index(corner)];
            way = way
                .on()
                .into_iter()
                .find(|way| edges & way.bit() != 0)
                .expect("as many sides leave a corner as come to it");
        }
    }
}

const ROW: usize = SIDE as usize + 1;

fn index((x, y): Corner) -> usize {
    usize::from(y) * ROW + usize::from(x)
}

#[cfg(test)]
mod tests {
    use registry::{Port, PortRange, Territory};

    use super::*;

    fn cells(cells: &[(u8, u8)]) -> PortSet {
        cells.iter().map(|(x, y)| Cell { x: *x, y: *y }.port()).collect()
    }

    fn turns(set: &PortSet) -> Vec<Vec<Corner>> {
        rings(set).iter().map(|ring| ring.turns().collect()).collect()
    }

    /// What the rings enclose, holes taken away, by the shoelace formula.
    fn area(rings: &[Ring]) -> i64 {
        let doubled = rings.iter().flat_map(|Ring(corners)| {
            let next = corners.iter().cycle().skip(1);
            corners
                .iter()
                .zip(next)
                .map(|(a, b)| i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1))
        });
        doubled.sum::<i64>() / 2
    }

    #[test]
    fn cells_that_touch_by_a_side_are_one_region() {
        let l = cells(&[(3, 4), (4, 4), (4, 5)]);
        assert_eq!(turns(&l), [vec![(3, 4), (5, 4), (5, 6), (4, 6), (4, 5), (3, 5)]]);
        let apart = cells(&[(3, 4), (4, 5)]);
        assert_eq!(turns(&apart).len(), 2);
    }

    #[test]
    fn a_hole_has_a_border_that_runs_the_other_way() {
        let around: Vec<(u8, u8)> =
            (0..9).filter(|at| *at != 4).map(|at| (10 + at % 3, 20 + at / 3)).collect();
        let rings = rings(&cells(&around));
        assert_eq!(rings.len(), 2);
        assert_eq!((area(&rings[..1]), area(&rings[1..])), (9, -1));
    }

    #[test]
    fn territories_are_squares_and_what_is_left_of_them() {
        let of = |territory: Territory| turns(&PortSet::from(territory.range()));
        assert_eq!(of(Territory::System), [[(0, 0), (32, 0), (32, 32), (0, 32)]]);
        assert_eq!(of(Territory::Dynamic), [[(128, 0), (256, 0), (256, 128), (128, 128)]]);
        assert_eq!(of(Territory::User).len(), 1);
    }

    #[test]
    fn what_the_borders_enclose_is_as_large_as_the_set() {
        let mut random = 1_u32;
        for sparse in [1, 2, 3, 50, 5000] {
            let set: PortSet = (0..=u16::MAX)
                .filter(|_| {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (random >> 8).is_multiple_of(sparse)
                })
                .map(Port)
                .collect();
            assert_eq!(area(&rings(&set)), i64::try_from(set.len()).unwrap());
        }
        let range = PortRange::new(Port(32_768), Port(60_999)).unwrap();
        assert_eq!(area(&rings(&PortSet::from(range))), i64::from(range.count()));
        assert!(rings(&PortSet::new()).is_empty());
    }
}
