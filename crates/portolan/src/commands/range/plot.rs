//! A plan as a picture: fill and probability of exhaustion over the rate, by the formula (lines) and
//! played out (dots). SVG 1.1, which browsers and every drawing program read.

use std::fmt::Write;

use alloc::plan::{Demand, simulate};

use super::plan::Plan;
use crate::commands::room::words;

/// The picture.
pub(super) fn svg(plan: &Plan) -> String {
    let most = 2.0 * plan.demand.per_s;
    let x = |per_s: f64| LEFT + per_s / most * WIDE;
    let y = |share: f64| TOP + (1.0 - share.clamp(0.0, 1.0)) * HIGH;
    let at = |per_s: f64| Demand { per_s, ..plan.demand };
    let mut svg = String::new();
    let mut put = |line: std::fmt::Arguments<'_>| {
        writeln!(svg, "{line}").expect("writing to a string cannot fail");
    };
    put(format_args!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" font-family="sans-serif" font-size="13">
<rect width="720" height="420" fill="#fff"/>
<text x="{LEFT}" y="28" font-size="16">{} ports towards each destination, kept for {} each</text>"##,
        plan.ports(),
        words::about(plan.demand.hold + plan.demand.time_wait),
    ));
    for tenth in [0_u8, 25, 50, 75, 100] {
        let share = f64::from(tenth) / 100.0;
        put(format_args!(
            r##"<path d="M{LEFT} {y:.1}H{right}" stroke="#ddd"/><text x="{label}" y="{text:.1}" text-anchor="end">{tenth} %</text>"##,
            y = y(share),
            right = LEFT + WIDE,
            label = LEFT - 8.0,
            text = y(share) + 4.0,
        ));
    }
    for quarter in 0_u8..=4 {
        let per_s = most * f64::from(quarter) / 4.0;
        put(format_args!(
            r#"<text x="{:.1}" y="{}" text-anchor="middle">{}</text>"#,
            x(per_s),
            TOP + HIGH + 20.0,
            words::rate(per_s)
        ));
    }
    put(format_args!(
        r##"<text x="{:.1}" y="{}" text-anchor="middle">new connections a second</text>
<path d="M{LEFT} {cliff:.1}H{right}" stroke="#c60" stroke-dasharray="6 4"/><text x="{right}" y="{above:.1}" text-anchor="end" fill="#c60">the cliff of connect()</text>
<path d="M{now:.1} {TOP}V{bottom}" stroke="#999" stroke-dasharray="2 3"/>"##,
        LEFT + WIDE / 2.0,
        TOP + HIGH + 42.0,
        cliff = y(0.5),
        above = y(0.5) - 6.0,
        right = LEFT + WIDE,
        now = x(plan.demand.per_s),
        bottom = TOP + HIGH,
    ));
    let rates = |steps: u16| (0..=steps).map(move |step| most * f64::from(step) / f64::from(steps));
    let line = |pick: &dyn Fn(f64) -> f64| {
        let points = rates(120).map(|per_s| format!("{:.1},{:.1}", x(per_s), y(pick(per_s))));
        points.collect::<Vec<_>>().join(" ")
    };
    let ports = plan.ports();
    for (color, name, row, points) in [
        ("#06c", "fill", 0.0, line(&|per_s| at(per_s).forecast(ports).fill)),
        (
            "#c03",
            "connections that find no port",
            18.0,
            line(&|per_s| at(per_s).forecast(ports).exhausted),
        ),
    ] {
        put(format_args!(
            r#"<polyline fill="none" stroke="{color}" stroke-width="2" points="{points}"/><text x="{}" y="{}" fill="{color}">{name}</text>"#,
            LEFT + 12.0,
            TOP + 18.0 + row,
        ));
    }
    for per_s in rates(DOTS).skip(1) {
        let played = simulate(&at(per_s), ports, 1);
        for (color, share) in [("#06c", played.fill), ("#c03", played.exhausted)] {
            put(format_args!(
                r##"<circle cx="{:.1}" cy="{:.1}" r="3.5" fill="#fff" stroke="{color}"/>"##,
                x(per_s),
                y(share)
            ));
        }
    }
    put(format_args!(
        r##"<text x="{}" y="{}" fill="#666">lines: Erlang's formula; dots: played out</text>
</svg>"##,
        LEFT + 12.0,
        TOP + 54.0
    ));
    svg
}

const LEFT: f64 = 70.0;
const TOP: f64 = 50.0;
const WIDE: f64 = 620.0;
const HIGH: f64 = 300.0;
/// Each dot takes up to half a second.
const DOTS: u16 = 12;
