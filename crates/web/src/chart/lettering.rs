//! Where names stand: beside what they name, and never one over another. The important come first,
//! and what finds no room is left out.

use std::fmt;

use registry::Port;

use crate::chart::hilbert::{Cell, SIDE};
use crate::chart::text::{N, Xml};

/// A name on the chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Name {
    /// Where its base line begins, is in the middle, or ends.
    pub(crate) x: f32,
    /// The height of its base line.
    pub(crate) y: f32,
    /// Which of these `x` is.
    pub(crate) anchor: Anchor,
    /// The height of its letters, in cells.
    pub(crate) size: f32,
    /// What it says.
    pub(crate) text: String,
    /// How it is written.
    pub(crate) hand: &'static str,
    /// What it names, where that is a port.
    pub(crate) of: Option<Port>,
}

/// Which end of a name is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

impl Name {
    /// What it covers: left, top, right and bottom.
    fn covers(&self) -> Area {
        let letters = u16::try_from(self.text.chars().count()).unwrap_or(u16::MAX);
        let width = f32::from(letters) * self.size * LETTER;
        let left = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2.0,
            Anchor::End => self.x - width,
        };
        Area {
            left,
            top: self.y - 0.75 * self.size,
            right: left + width,
            bottom: self.y + 0.22 * self.size,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Name { x, y, size, text, .. } = self;
        let anchor = match self.anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, size) = (N(*x), N(*y), N(*size));
        write!(f, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{anchor}>")?;
        write!(f, "{}</text>", Xml(text))
    }
}

/// How wide a letter is on average, as a share of its height: of the digits and small letters of
/// Garamond, with enough to spare for what systems have instead.
const LETTER: f32 = 0.5;

/// A rectangle of the chart, in cells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Area {
    pub(crate) left: f32,
    pub(crate) top: f32,
    pub(crate) right: f32,
    pub(crate) bottom: f32,
}

impl Area {
    fn meets(&self, other: &Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    fn is_on_the_chart(&self) -> bool {
        let side = f32::from(SIDE);
        self.left >= 0.5 && self.top >= 0.5 && self.right <= side && self.bottom <= side - 0.5
    }
}

/// What is written already.
#[derive(Debug, Default)]
pub(crate) struct Lettering {
    taken: Vec<Area>,
    names: Vec<Name>,
}

impl Lettering {
    /// Keeps an area free of names.
    pub(crate) fn keep_free(&mut self, area: Area) {
        self.taken.push(area);
    }

    /// Writes `name` where it wants to stand.
    pub(crate) fn write(&mut self, name: Name) {
        self.taken.push(name.covers());
        self.names.push(name);
    }

    /// Writes `text` beside the cell of `port`, `away` from its middle, if there is room on any side.
    pub(crate) fn write_beside(
        &mut self,
        port: Port,
        away: f32,
        size: f32,
        text: &str,
        hand: &'static str,
    ) -> bool {
        let Cell { x, y } = Cell::of(port);
        let (x, y) = (f32::from(x) + 0.5, f32::from(y) + 0.5);
        let level = y + 0.26 * size;
        let (above, below) = (y - away, y + away + 0.62 * size);
        let places = [
            (x + away, level, Anchor::Start),
            (x - away, level, Anchor::End),
            (x, above, Anchor::Middle),
            (x, below, Anchor::Middle),
            (x + away * 0.7, above, Anchor::Start),
            (x + away * 0.7, below, Anchor::Start),
            (x - away * 0.7, above, Anchor::End),
            (x - away * 0.7, below, Anchor::End),
        ];
        let of = Some(port);
        let name = |(x, y, anchor)| Name { x, y, anchor, size, text: text.to_owned(), hand, of };
        let free = places.into_iter().map(name).find(|name| self.has_room(&name.covers()));
        let found = free.is_some();
        if let Some(name) = free {
            self.write(name);
        }
        found
    }

    fn has_room(&self, area: &Area) -> bool {
        area.is_on_the_chart() && !self.taken.iter().any(|taken| taken.meets(area))
    }

    /// What was written, in that order.
    pub(crate) fn names(&self) -> &[Name] {
        &self.names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_beside_and_never_over_each_other() {
        let mut lettering = Lettering::default();
        let crowd = (0..20_u8).filter(|at| {
            let text = format!("{at} service");
            lettering.write_beside(Port(5000 + u16::from(*at)), 1.5, 3.0, &text, "harbour")
        });
        let placed = crowd.count();
        assert!((2..20).contains(&placed), "{placed}");
        let areas: Vec<Area> = lettering.names().iter().map(Name::covers).collect();
        for (at, area) in areas.iter().enumerate() {
            assert!(areas[at + 1..].iter().all(|other| !other.meets(area)));
        }
    }

    #[test]
    fn names_stay_on_the_chart() {
        let mut lettering = Lettering::default();
        assert!(lettering.write_beside(Port(65_535), 1.5, 3.0, "65535", "sounding"));
        let name = &lettering.names()[0];
        assert_eq!(name.anchor, Anchor::End);
        assert!(name.covers().is_on_the_chart());
    }

    #[test]
    fn a_name_is_escaped() {
        let name = Name {
            x: 1.0,
            y: 2.25,
            anchor: Anchor::Middle,
            size: 3.0,
            text: "<b>".into(),
            hand: "harbour",
            of: None,
        };
        let written = name.to_string();
        assert!(written.ends_with("text-anchor=\"middle\">&lt;b&gt;</text>"), "{written}");
    }
}
