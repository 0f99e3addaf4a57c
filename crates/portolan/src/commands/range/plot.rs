//! A plan as a picture: fill and probability of exhaustion over the rate, by the formula (lines) and
//! played out (dots). SVG 1.1, which browsers and every drawing program read.

use std::fmt::{self, Write};

use alloc::plan::{Demand, Forecast, simulate};

use super::plan::Plan;
use crate::commands::room::words;
use crate::label;

/// The picture.
pub(super) fn svg(plan: &Plan) -> String {
    let most = 2.0 * plan.demand.per_s;
    let mut plot = Plot { plan, most, svg: String::new() };
    plot.frame();
    plot.cliff();
    plot.lines();
    plot.dots();
    plot.svg
}

/// A picture in the making: the rate from left to right, shares from the bottom up.
struct Plot<'a> {
    plan: &'a Plan,
    /// The highest rate shown, a second.
    most: f64,
    svg: String,
}

impl Plot<'_> {
    fn put(&mut self, line: fmt::Arguments<'_>) {
        writeln!(self.svg, "{line}").expect("writing to a string cannot fail");
    }

    fn x(&self, per_s: f64) -> f64 {
        LEFT + per_s / self.most * WIDE
    }

    /// The plan's demand at another rate.
    fn at(&self, per_s: f64) -> Demand {
        Demand { per_s, ..self.plan.demand }
    }

    /// So many rates from none to the highest, and one more.
    fn rates(&self, steps: u16) -> impl Iterator<Item = f64> + use<> {
        let most = self.most;
        (0..=steps).map(move |step| most * f64::from(step) / f64::from(steps))
    }

    /// Title, scales and what they are of.
    fn frame(&mut self) {
        let kept = words::about(self.plan.demand.hold + self.plan.demand.time_wait);
        self.put(format_args!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 420" font-family="sans-serif" font-size="13">
<rect width="720" height="420" fill="#fff"/>
<text x="{LEFT}" y="28" font-size="16">{} ports towards each destination, kept for {kept} each</text>"##,
            label::thousands(self.plan.ports() as usize),
        ));
        for percent in [0_u8, 25, 50, 75, 100] {
            let at = y(f64::from(percent) / 100.0);
            self.put(format_args!(
                r##"<path d="M{LEFT} {at:.1}H{RIGHT}" stroke="#ddd"/><text x="{}" y="{:.1}" text-anchor="end">{percent} %</text>"##,
                LEFT - 8.0,
                at + 4.0,
            ));
        }
        for per_s in self.rates(4) {
            self.put(format_args!(
                r#"<text x="{:.1}" y="{}" text-anchor="middle">{}</text>"#,
                self.x(per_s),
                BOTTOM + 20.0,
                words::rate(per_s)
            ));
        }
        self.put(format_args!(
            r#"<text x="{:.1}" y="{}" text-anchor="middle">new connections a second</text>"#,
            LEFT + WIDE / 2.0,
            BOTTOM + 42.0,
        ));
    }

    /// Where `connect()` turns slow, and where the plan is.
    fn cliff(&mut self) {
        let (cliff, now) = (y(0.5), self.x(self.plan.demand.per_s));
        self.put(format_args!(
            r##"<path d="M{LEFT} {cliff:.1}H{RIGHT}" stroke="#c60" stroke-dasharray="6 4"/><text x="{RIGHT}" y="{:.1}" text-anchor="end" fill="#c60">the cliff of connect()</text>
<path d="M{now:.1} {TOP}V{BOTTOM}" stroke="#999" stroke-dasharray="2 3"/>"##,
            cliff - 6.0,
        ));
    }

    /// What the formula says.
    fn lines(&mut self) {
        let ports = self.plan.ports();
        let of = |pick: fn(Forecast) -> f64| {
            let share = |per_s| pick(self.at(per_s).forecast(ports));
            let points =
                self.rates(120).map(|per_s| format!("{:.1},{:.1}", self.x(per_s), y(share(per_s))));
            points.collect::<Vec<_>>().join(" ")
        };
        let lines = [
            (FILL, "fill", of(|forecast| forecast.fill)),
            (FAILED, "connections that find no port", of(|forecast| forecast.exhausted)),
        ];
        for ((color, name, points), row) in lines.into_iter().zip([18.0, 36.0]) {
            self.put(format_args!(
                r#"<polyline fill="none" stroke="{color}" stroke-width="2" points="{points}"/><text x="{}" y="{}" fill="{color}">{name}</text>"#,
                LEFT + 12.0,
                TOP + row,
            ));
        }
    }

    /// What came of it when it was played out.
    fn dots(&mut self) {
        for per_s in self.rates(DOTS).skip(1) {
            let played = simulate(&self.at(per_s), self.plan.ports(), 1);
            for (color, share) in [(FILL, played.fill), (FAILED, played.exhausted)] {
                self.put(format_args!(
                    r##"<circle cx="{:.1}" cy="{:.1}" r="3.5" fill="#fff" stroke="{color}"/>"##,
                    self.x(per_s),
                    y(share)
                ));
            }
        }
        self.put(format_args!(
            r##"<text x="{}" y="{}" fill="#666">lines: Erlang's formula; dots: played out</text>
</svg>"##,
            LEFT + 12.0,
            TOP + 54.0
        ));
    }
}

/// How far down a share is.
fn y(share: f64) -> f64 {
    TOP + (1.0 - share.clamp(0.0, 1.0)) * HIGH
}

const FILL: &str = "#06c";
const FAILED: &str = "#c03";
const LEFT: f64 = 70.0;
const TOP: f64 = 50.0;
const WIDE: f64 = 620.0;
const HIGH: f64 = 300.0;
const RIGHT: f64 = LEFT + WIDE;
const BOTTOM: f64 = TOP + HIGH;
/// Each dot takes up to half a second.
const DOTS: u16 = 12;
