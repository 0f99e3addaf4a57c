//! The names on a chart: of the territories, of who listens, of harbours that everybody knows, and
//! the numbers of every thousandth port or so, as charts have soundings.

use registry::{Port, PortRange, Territory, assignments};

use crate::chart::hilbert::{Cell, SIDE};
use crate::chart::layers::Layer;
use crate::chart::lettering::{Anchor, Area, Lettering, Name};
use crate::chart::port_set::PortSet;
use crate::chart::svg::{Chart, Sheet, dashed, middle};

/// Everything that is written on `chart`.
pub(crate) fn names(chart: &Chart<'_>) -> Vec<Name> {
    let mut lettering = Lettering::default();
    let size = chart.sheet.letters();
    keep_lights_free(chart, &mut lettering);
    keep_coasts_free(&mut lettering);
    if chart.shown.contains(Layer::Territories) {
        write_territories(chart, &mut lettering);
    }
    if chart.shown.contains(Layer::Ephemeral) {
        write_ephemeral(chart, &mut lettering);
    }
    let listening = &chart.layers.listening;
    let lit = chart.shown.contains(Layer::Listening);
    let most = if chart.sheet == Sheet::Small { 14 } else { 60 };
    let harbours = HARBOURS.into_iter().map(Port);
    if lit {
        let known = harbours.clone().filter(|port| listening.contains(*port));
        let rest = listening.iter().filter(|port| !HARBOURS.contains(&port.number()));
        for port in known.chain(rest).take(most) {
            write_port(&mut lettering, port, 3.6 * size, "light");
        }
    }
    for port in harbours.filter(|port| !lit || !listening.contains(*port)).take(most) {
        write_port(&mut lettering, port, 3.1 * size, "harbour");
    }
    let apart = if chart.sheet == Sheet::Small { 4096 } else { 1024 };
    for number in (0..=u16::MAX).step_by(apart).chain([u16::MAX]) {
        let text = number.to_string();
        lettering.write_beside(Port(number), 0.9, 2.7 * size, &text, "sounding");
    }
    lettering.names().to_vec()
}

/// The name of a service on `port`, for a label or a message: the first that IANA or everybody
/// gives it.
pub fn service_name(port: Port) -> Option<&'static str> {
    assignments(port, None).into_iter().find_map(|line| line.name)
}

fn write_port(lettering: &mut Lettering, port: Port, size: f32, hand: &'static str) {
    let away = if hand == "light" { 3.1 } else { 1.1 };
    let text = match service_name(port).filter(|name| name.len() <= LONGEST) {
        Some(name) => format!("{port} {name}"),
        None => port.to_string(),
    };
    lettering.write_beside(port, away, size, &text, hand);
}

/// No name covers a listener.
fn keep_lights_free(chart: &Chart<'_>, lettering: &mut Lettering) {
    if !chart.shown.contains(Layer::Listening) {
        return;
    }
    for port in chart.layers.listening.iter().take(400) {
        let (x, y) = middle(Cell::of(port));
        lettering.keep_free(Area { left: x - 2.2, top: y - 2.2, right: x + 2.2, bottom: y + 2.2 });
    }
}

/// No name crosses a coast: those between the quarters, and around the System Ports.
fn keep_coasts_free(lettering: &mut Lettering) {
    let mut line =
        |left, top, right, bottom| lettering.keep_free(Area { left, top, right, bottom });
    line(127.4, 0.0, 128.6, 256.0);
    line(128.0, 127.4, 256.0, 128.6);
    line(31.4, 0.0, 32.6, 32.6);
    line(0.0, 31.4, 32.6, 32.6);
}

fn write_territories(chart: &Chart<'_>, lettering: &mut Lettering) {
    let words = chart.words;
    let size = chart.sheet.letters().min(1.25);
    let mut write = |(x, y), size, text: String, hand, anchor| {
        lettering.write(Name { x, y, anchor, size, text, hand, of: None });
    };
    let range = |territory: Territory| dashed(territory.range());
    let (middle, start) = (Anchor::Middle, Anchor::Start);
    write((64.0, 142.0), 12.0 * size, words.user.clone(), "land", middle);
    let user = format!("{} · {}", range(Territory::User), words.user_meaning);
    write((64.0, 142.0 + 7.5 * size), 5.0 * size, user, "meaning", middle);
    write((192.0, 62.0), 12.0 * size, words.dynamic.clone(), "sea", middle);
    let dynamic = format!("{} · {}", range(Territory::Dynamic), words.dynamic_meaning);
    write((192.0, 62.0 + 7.5 * size), 5.0 * size, dynamic, "meaning", middle);
    // The range first, as in the other two: after words from right to left it would be read backwards.
    let system = format!("{} · {}", range(Territory::System), words.system);
    write((2.0, 32.8 + 4.6 * size), 4.6 * size, system, "meaning", start);
}

/// The ephemeral range's name, in the middle of the largest square of it: on land if there is room.
fn write_ephemeral(chart: &Chart<'_>, lettering: &mut Lettering) {
    let Some(range) = chart.layers.ephemeral else { return };
    let (words, size) = (chart.words, chart.sheet.letters().min(1.25));
    let on_land = PortRange::new(range.first(), range.last().min(Territory::User.range().last()));
    let Some(room) =
        on_land.map(|range| roomiest(&PortSet::from(range))).filter(|room| room.side >= 48)
    else {
        return;
    };
    let (x, y) = room.middle();
    let mut write = |below, size, text: String, hand| {
        lettering.write(Name {
            x,
            y: y + below,
            anchor: Anchor::Middle,
            size,
            text,
            hand,
            of: None,
        });
    };
    write(0.0, 8.0 * size, words.ephemeral.clone(), "sea");
    write(6.5 * size, 5.0 * size, dashed(range), "meaning");
    write(12.0 * size, 4.0 * size, words.ephemeral_meaning.clone(), "meaning");
}

/// A square of the chart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Room {
    right: u16,
    bottom: u16,
    side: u16,
}

impl Room {
    fn middle(self) -> (f32, f32) {
        let half = f32::from(self.side) / 2.0;
        (f32::from(self.right) - half, f32::from(self.bottom) - half)
    }
}

/// The largest square that lies in `set` altogether.
fn roomiest(set: &PortSet) -> Room {
    let mut above = vec![0_u16; usize::from(SIDE) + 1];
    let mut best = Room::default();
    for y in 0..=u8::MAX {
        let mut row = vec![0_u16; usize::from(SIDE) + 1];
        for x in 0..=u8::MAX {
            let at = usize::from(x);
            if !set.contains(Cell { x, y }.port()) {
                continue;
            }
            let side = row[at].min(above[at]).min(above[at + 1]) + 1;
            row[at + 1] = side;
            if side > best.side {
                best = Room { right: u16::from(x) + 1, bottom: u16::from(y) + 1, side };
            }
        }
        above = row;
    }
    best
}

/// The longest name of a service that is written.
const LONGEST: usize = 15;

/// Ports that everybody knows, the best known first.
const HARBOURS: [u16; 28] = [
    22, 443, 80, 53, 25, 123, 5432, 3306, 6379, 8080, 27017, 3389, 1433, 5900, 11211, 2049, 5672,
    631, 1883, 5060, 2379, 1194, 8883, 5353, 389, 1521, 25565, 6000,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_square_of_a_range_is_found() {
        let of = |first, last| {
            roomiest(&PortSet::from(PortRange::new(Port(first), Port(last)).unwrap()))
        };
        assert_eq!(of(0, 1023), Room { right: 32, bottom: 32, side: 32 });
        assert_eq!(of(49_152, 65_535), Room { right: 256, bottom: 128, side: 128 });
        assert_eq!(of(22, 22).side, 1);
        assert_eq!(roomiest(&PortSet::new()), Room::default());
    }

    #[test]
    fn services_have_the_names_that_people_know() {
        assert_eq!(service_name(Port(22)), Some("ssh"));
        assert_eq!(service_name(Port(443)), Some("https"));
        assert_eq!(service_name(Port(60_440)), None);
    }
}
