//! `portolan chart`: real listeners on it, at the place that the curve says, and a moment of a store
//! that the log wrote.

use std::fs;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::path::Path;

use registry::Port;
use resvg::tiny_skia::Pixmap;
use web::chart::Cell;

use crate::netns::{Run, in_own_netns, portolan};
use crate::who::last_summer;

/// Draws into a file of `dir` called `name`; how it went, and what is in the file.
fn draw(dir: &Path, name: &str, args: &[&str]) -> (Run, Vec<u8>) {
    let file = dir.join(name);
    let run = portolan(&[&["chart", "-o", file.to_str().unwrap()], args].concat());
    (run, fs::read(file).unwrap_or_default())
}

/// The colour of the middle of a port's cell on a full sheet of 1600 pixels, four to a cell.
fn colour(png: &[u8], port: Port) -> String {
    let Cell { x, y } = Cell::of(port);
    let pixel = |at: u8| (u32::from(at) + 12) * 4 + 2;
    let picture = Pixmap::decode_png(png).unwrap();
    let colour = picture.pixel(pixel(x), pixel(y)).unwrap().demultiply();
    format!("#{:02x}{:02x}{:02x}", colour.red(), colour.green(), colour.blue())
}

/// The ports that an SVG shows in a layer of a few dots.
fn dots(svg: &str, layer: &str) -> Vec<u16> {
    let group = svg.split(&format!("<g id=\"{layer}\">")).nth(1).expect("the layer is drawn");
    let path = group.split(" d=\"M").nth(1).unwrap().split('"').next().unwrap();
    let (mut x, mut y) = (0.0, 0.0);
    let mut ports: Vec<u16> = path
        .split("h0")
        .filter(|step| !step.is_empty())
        .map(|step| {
            let step = step.trim_start_matches('m').replace('-', " -");
            let by: Vec<f32> = step.split_whitespace().map(|by| by.parse().unwrap()).collect();
            (x, y) = (x + by[0], y + by[1]);
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "cells")]
            Cell { x: x as u8, y: y as u8 }.port().number()
        })
        .collect();
    ports.sort_unstable();
    ports
}

#[test]
fn a_listener_shines_where_the_curve_says() {
    in_own_netns("chart of listeners", || {
        let dir = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:8080").unwrap();
        let _udp = UdpSocket::bind("127.0.0.1:5353").unwrap();
        let out = TcpStream::connect("127.0.0.1:8080").unwrap();
        let _in = listener.accept().unwrap();
        let (run, svg) = draw(dir.path(), "chart.svg", &[]);
        assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:?}");
        let svg = String::from_utf8(svg).unwrap();
        assert!(svg.len() < 200_000, "{}", svg.len());
        assert_eq!(dots(&svg, "listening"), [5353, 8080]);
        assert_eq!(dots(&svg, "outgoing"), [out.local_addr().unwrap().port()]);
        let (run, png) = draw(dir.path(), "chart.png", &["--size", "1600"]);
        assert_eq!(run.status, 0, "{run:?}");
        for port in [5353, 8080] {
            assert_eq!(colour(&png, Port(port)), "#c2273a", "{port}");
        }
        let (_, png) = draw(dir.path(), "night.png", &["--size", "1600", "--night"]);
        assert_eq!(colour(&png, Port(8080)), "#ff7a5c");
        let (_, png) =
            draw(dir.path(), "some.png", &["--size", "1600", "--layers", "outgoing,territories"]);
        assert_ne!(colour(&png, Port(8080)), "#c2273a");
        let piped = portolan(&["chart", "-o", "-", "--layers", "listening"]);
        assert!(piped.stdout.starts_with("<svg ") && piped.stdout.ends_with("</svg>\n"));
        assert_eq!(dots(&piped.stdout, "listening"), [5353, 8080]);
        drop(listener);
        let (_, svg) = draw(dir.path(), "after.svg", &[]);
        assert_eq!(dots(&String::from_utf8(svg).unwrap(), "listening"), [5353]);
    });
}

#[test]
fn a_recorded_moment_is_drawn_as_it_was() {
    let (store, dir) = (last_summer(), tempfile::tempdir().unwrap());
    let store = store.path().to_str().unwrap();
    let at = |moment: &str| {
        let (run, svg) = draw(dir.path(), "then.svg", &["--dir", store, "--at", moment]);
        (run, String::from_utf8(svg).unwrap())
    };
    let (run, svg) = at("2025-06-01T12:03:11Z");
    // The hour before began before the record did, and the chart says so.
    assert!(run.stderr.contains("recording had not begun"), "{run:?}");
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(dots(&svg, "outgoing"), [60_440]);
    let (_, svg) = at("2025-06-01T12:03:13Z");
    assert!(!svg.contains("<g id=\"outgoing\">") && svg.contains("<g id=\"history\">"));
    for unrecorded in ["2025-06-01T12:30:01Z", "2025-06-01T11:00:00Z"] {
        let (run, svg) = at(unrecorded);
        assert_eq!(run.status, 3, "{unrecorded}: {run:?}");
        assert!(run.stderr.contains("not recorded"), "{run:?}");
        assert!(svg.contains(">not recorded"), "the chart says it too");
    }
}

#[test]
fn where_nothing_was_recorded_the_chart_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = dir.path().to_str().unwrap();
    let (run, svg) = draw(dir.path(), "then.svg", &["--dir", store, "--at", "10m ago"]);
    assert_eq!(run.status, 3, "{run:?}");
    assert!(run.stderr.contains("nothing was recorded in"), "{run:?}");
    assert!(String::from_utf8(svg).unwrap().contains("nothing was recorded in"));
}

#[test]
fn bad_words_are_told_in_a_line() {
    let dir = tempfile::tempdir().unwrap();
    for (name, args, told) in [
        ("chart.jpg", &[][..], "neither .svg nor .png"),
        ("chart.svg", &["--size", "500"], "--size is for PNG"),
        ("chart.png", &["--size", "5"], "64 to 8192 pixels"),
        ("chart.svg", &["--layers", "boats"], "there is no layer \"boats\""),
        ("chart.svg", &["--at", "noonish"], "cannot read 'noonish' as a time"),
        ("chart.svg", &["--at", "tomorrow"], "still to come"),
        ("no/such/chart.svg", &[], "cannot write"),
        ("chart.svg", &["--json"], "a chart is a picture"),
        ("chart.svg", &["--dir", "/no/such"], "there is no directory /no/such"),
    ] {
        let (run, file) = draw(dir.path(), name, args);
        assert_eq!((run.status, file.len()), (2, 0), "{name} {args:?}: {run:?}");
        assert!(run.stderr.contains(told), "{run:?}");
    }
}
