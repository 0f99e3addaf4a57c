//! The picture as others read it: as XML, and pixel by pixel.

use registry::{Port, PortRange};
use resvg::tiny_skia::Pixmap;

use crate::chart::palette::Palette;
use crate::chart::{Caption, Cell, Chart, Layer, Layers, Light, Sheet, Shown, Width, Words};
use crate::{Language, Locale};

/// A host with a few listeners, and some of everything else.
fn layers() -> Layers {
    let mut layers = Layers::new(PortRange::new(Port(32_768), Port(60_999)));
    layers.listening.extend([22, 80, 443, 8080, 50_111].map(Port));
    layers.outgoing.extend((0..300).map(|at| Port(33_000 + at * 83)));
    layers.time_wait.extend((0..300).map(|at| Port(33_041 + at * 83)));
    layers.history.extend((0..1000).map(|at| Port(33_007 + at * 27)));
    layers
}

fn caption(unknown: &[&str]) -> Caption {
    Caption {
        host: "<b>&\u{1b}[31m".to_owned(),
        moment: "23 November 2026, 14:03:11 UTC".to_owned(),
        unknown: unknown.iter().map(|text| (*text).to_owned()).collect(),
    }
}

fn with<T>(
    layers: &Layers,
    sheet: Sheet,
    shown: Shown,
    use_it: impl Fn(&Chart<'_>) -> T,
) -> [T; 2] {
    let (words, caption) = (Words::default(), caption(&["not recorded at 14:03:11"]));
    [Light::Day, Light::Night].map(|light| {
        let words = &words;
        use_it(&Chart { layers, shown, light, sheet, words, caption: &caption })
    })
}

fn as_svg(chart: &Chart<'_>) -> String {
    chart.to_string()
}

/// The picture at four pixels a cell, and the colours it is drawn with.
fn drawn(chart: &Chart<'_>) -> (Pixmap, &'static Palette) {
    let png = chart.png(Width::new(268 * 4).unwrap()).unwrap();
    (Pixmap::decode_png(&png).unwrap(), chart.light.palette())
}

#[test]
fn the_picture_is_well_formed_titled_and_small() {
    for sheet in [Sheet::Full, Sheet::Plain, Sheet::Small] {
        for svg in with(&layers(), sheet, Shown::ALL, as_svg) {
            assert!(svg.len() < 200_000, "{} bytes", svg.len());
            let read = roxmltree::Document::parse(&svg).unwrap();
            let root = read.root_element();
            assert_eq!((root.tag_name().name(), root.attribute("role")), ("svg", Some("img")));
            let view: Vec<f32> = root
                .attribute("viewBox")
                .unwrap()
                .split(' ')
                .map(|at| at.parse().unwrap())
                .collect();
            let square = if sheet == Sheet::Full { [400.0, 280.0] } else { [268.0, 268.0] };
            assert_eq!(view[2..], square);
            let text = |name| {
                let found = root.children().find(|node| node.has_tag_name(name)).unwrap();
                (found.attribute("id").unwrap().to_owned(), found.text().unwrap().to_owned())
            };
            let (title, said) = text("title");
            assert!(said.contains("<b>&\u{fffd}[31m") && said.contains("14:03:11"), "{said}");
            let (summary, said) = text("desc");
            assert!(said.contains("listening: 5 (22, 80, 443, 8080, 50111)"), "{said}");
            assert!(said.contains("32768–60999") && said.contains("not recorded at"), "{said}");
            let labelled = root.attribute("aria-labelledby").unwrap();
            assert_eq!(labelled, format!("{title} {summary}"));
            let styled = |node: roxmltree::Node<'_, '_>| {
                node.has_attribute("style")
                    || node.has_tag_name("style")
                    || node.has_tag_name("script")
            };
            assert!(
                !root.descendants().any(styled),
                "no styles: the policy of a page forbids them"
            );
        }
    }
}

#[test]
fn every_id_stands_once_and_every_reference_is_met() {
    for svg in with(&layers(), Sheet::Full, Shown::ALL, as_svg) {
        let read = roxmltree::Document::parse(&svg).unwrap();
        let mut ids: Vec<&str> =
            read.descendants().filter_map(|node| node.attribute("id")).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all);
        for node in read.descendants() {
            let url =
                |name| Some(node.attribute(name)?.strip_prefix("url(#")?.trim_end_matches(')'));
            let href = node.attribute("href").map(|href| href.trim_start_matches('#'));
            for id in [href, url("clip-path")].into_iter().flatten() {
                assert!(ids.contains(&id), "#{id}");
            }
        }
    }
}

#[test]
fn layers_are_drawn_where_they_are_asked_for() {
    for layer in Layer::ALL {
        let [svg, _] = with(&layers(), Sheet::Plain, Shown::NONE.with(layer), as_svg);
        for other in
            [Layer::Assigned, Layer::History, Layer::TimeWait, Layer::Outgoing, Layer::Listening]
        {
            let group = format!("<g id=\"{}\">", other.name());
            assert_eq!(svg.contains(&group), layer == other, "{layer:?} {other:?}");
        }
        assert_eq!(svg.contains("User Ports"), layer == Layer::Territories, "{layer:?}");
        assert_eq!(svg.contains("Ephemeral range<"), layer == Layer::Ephemeral, "{layer:?}");
    }
}

#[test]
fn no_range_follows_words_from_right_to_left() {
    let (layers, caption) = (layers(), caption(&[]));
    let words = Words::of(Locale::of(Language::Urdu));
    let (light, sheet, shown) = (Light::Day, Sheet::Plain, Shown::ALL);
    let chart = Chart { layers: &layers, shown, light, sheet, words: &words, caption: &caption };
    let svg = chart.to_string();
    let read = roxmltree::Document::parse(&svg).unwrap();
    let texts = read.descendants().filter(|node| node.has_tag_name("text"));
    let ranges: Vec<&str> =
        texts.filter_map(|node| node.text()).filter(|text| text.contains('–')).collect();
    assert!(ranges.iter().any(|text| text.starts_with("0–1023")), "{ranges:?}");
    for text in ranges {
        assert!(text.starts_with(|c: char| c.is_ascii_digit()), "{text}");
    }
}

#[test]
fn counts_are_written_as_the_language_of_the_words_has_them() {
    let mut layers = layers();
    layers.history.extend((33_000..60_000).map(Port));
    for (language, count) in [
        (Language::English, "27,000"),
        (Language::German, "27.000"),
        (Language::Spanish, "27\u{a0}000"),
    ] {
        let (words, caption) = (Words::of(Locale::of(language)), caption(&[]));
        let (light, sheet, shown) = (Light::Day, Sheet::Full, Shown::ALL);
        let chart =
            Chart { layers: &layers, shown, light, sheet, words: &words, caption: &caption };
        assert_eq!(chart.to_string().matches(count).count(), 3, "{language}: {count}");
    }
}

#[test]
fn what_was_not_recorded_is_said_on_the_chart() {
    let [svg, _] = with(&layers(), Sheet::Full, Shown::ALL, as_svg);
    assert_eq!(
        svg.matches("not recorded at 14:03:11").count(),
        2,
        "in the summary and the cartouche"
    );
    let empty = Layers::new(None);
    let [svg, _] = with(&empty, Sheet::Full, Shown::ALL, as_svg);
    assert!(svg.contains(">not recorded<"), "a count that is not known is no zero");
}

#[test]
fn a_full_range_still_makes_a_small_picture() {
    let mut all = Layers::new(PortRange::new(Port(1024), Port(65_535)));
    all.outgoing = PortRange::new(Port(1024), Port(65_535)).unwrap().into();
    all.time_wait = (0..=u16::MAX).step_by(3).map(Port).collect();
    all.history = PortRange::ALL.into();
    for svg in with(&all, Sheet::Full, Shown::ALL, as_svg) {
        assert!(svg.len() < 700_000, "{} bytes", svg.len());
        roxmltree::Document::parse(&svg).unwrap();
    }
}

/// The colour of the middle of a port's cell, as `#rrggbb`.
fn colour(picture: &Pixmap, port: u16) -> String {
    let Cell { x, y } = Cell::of(Port(port));
    let pixel = |at: u8| (u32::from(at) + 6) * 4 + 2;
    let colour = picture.pixel(pixel(x), pixel(y)).unwrap().demultiply();
    format!("#{:02x}{:02x}{:02x}", colour.red(), colour.green(), colour.blue())
}

#[test]
fn a_port_has_its_colour_at_the_place_the_curve_says() {
    let layers = layers();
    let shown = Shown::STILL.with(Layer::Listening).with(Layer::Outgoing).with(Layer::TimeWait);
    for (picture, palette) in with(&layers, Sheet::Plain, shown, drawn) {
        assert_eq!((picture.width(), picture.height()), (1072, 1072));
        for port in layers.listening.iter() {
            assert_eq!(colour(&picture, port.number()), palette.listening, "{port}");
        }
        for (port, fill) in [(33_083, palette.outgoing), (33_124, palette.time_wait)] {
            assert_eq!(colour(&picture, port), fill, "{port}");
        }
        // Lights are larger than cells; beyond them nobody's port has their colour.
        for port in [700, 1000, 20_000, 62_000] {
            assert_ne!(colour(&picture, port), palette.listening, "{port}");
        }
    }
}

#[test]
fn land_and_sea_are_where_the_territories_are() {
    let mut layers = Layers::new(PortRange::new(Port(32_768), Port(60_999)));
    layers.listening.insert(Port(22));
    let shown = Shown::NONE.with(Layer::Ephemeral).with(Layer::Territories);
    for (picture, palette) in with(&layers, Sheet::Plain, shown, drawn) {
        let share = |ports: std::ops::Range<u16>, fill: &str| {
            let count = ports.len();
            let same = ports.filter(|port| colour(&picture, *port) == fill).count();
            same * 100 / count
        };
        // Lines of the compass, names and the lines in the water cover the rest.
        assert!(share(0..1024, palette.town) > 60, "{}", share(0..1024, palette.town));
        assert!(share(1024..32_768, palette.land) > 60);
        assert!(share(32_768..49_152, palette.foreshore) > 60);
        assert!(share(49_152..61_000, palette.shallow) > 40);
        assert!(share(61_000..65_535, palette.deep) > 40);
        assert_eq!(share(0..65_535, palette.listening), 0);
    }
}
