//! `/`: the chart of every port, and what it is made of: the picture as `/chart.svg`, its data as
//! `/api/v1/chart`. The page works without JavaScript: the picture has links over it, and a form
//! chooses layers and moment.

mod asked;
mod json;
mod live;

use askama::Template;
use axum::extract::{self, Query};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use registry::Port;

use crate::api::refusal;
use crate::chart::{Caption, Cell, Chart, Layer, Layers, Sheet, Words, service_name};
use crate::etag::ETag;
use crate::feedback::Question;
use crate::page::{Frame, page};
use crate::{
    ChartNow, Gap, Held, Locale, Moment, PortAsked, Rich, Role, Span, State, TimelineAsked, Told,
    Trouble,
};
use asked::Asked;
use json::{ChartJson, NAMES, Stamp};
pub(crate) use live::live;

type Pairs = Query<Vec<(String, String)>>;

/// The page.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    Query(pairs): Pairs,
    headers: HeaderMap,
    frame: Frame,
) -> Response {
    let read = Asked::read(&pairs);
    let asked = read.clone().unwrap_or_default();
    let viewer = frame.viewer;
    let told = state.search(move |machine| {
        let chart = machine.chart(asked.at, viewer)?;
        let Some(since) = chart.since else { return Ok((chart, Vec::new())) };
        // Gaps are of all ports: those of one that nobody has are quickly found.
        let nothing = TimelineAsked {
            port: PortAsked { port: Port::NONE, proto: None },
            span: Span { from: since, until: Moment::now() },
            most: 1,
        };
        let gaps = machine.timeline(&nothing, viewer)?.gaps;
        Ok((chart, gaps))
    });
    match told.await {
        Ok((chart, gaps)) => {
            let layers = Layers::from(&chart);
            let trouble = read.err().map(|trouble| trouble.to_string());
            let question = Question::on("/".to_owned(), &state, &headers);
            page(&ChartPage { frame, asked, chart, layers, gaps, trouble, question })
        }
        Err(trouble) => trouble.into_response(),
    }
}

/// The picture.
pub(crate) async fn picture(
    extract::State(state): extract::State<State>,
    Query(pairs): Pairs,
    headers: HeaderMap,
    frame: Frame,
) -> Result<Response, Trouble> {
    let asked = Asked::read(&pairs)?;
    let svg = state.search(move |machine| {
        let now = machine.chart(asked.at, frame.viewer)?;
        Ok(draw(&now, asked, frame.locale))
    });
    let svg = svg.await?.into_bytes();
    Ok(ETag::of(&svg).answer(&headers, "image/svg+xml", svg))
}

/// The data.
pub(crate) async fn data(
    extract::State(state): extract::State<State>,
    Query(pairs): Pairs,
    headers: HeaderMap,
    frame: Frame,
) -> Response {
    let asked = match Asked::read(&pairs) {
        Ok(asked) => asked,
        Err(trouble) => return refusal(&trouble),
    };
    let told = state.search(move |machine| {
        let now = machine.chart(asked.at, frame.viewer)?;
        let layers = Layers::from(&now);
        let written = |stamp| {
            serde_json::to_vec(&ChartJson::new(&now, &layers, stamp))
                .map_err(|error| Trouble::Failed(error.to_string()))
        };
        Ok((ETag::of(&written(Stamp::Omitted)?), written(Stamp::Given)?))
    });
    match told.await {
        Ok((tag, bytes)) => tag.answer(&headers, "application/json", bytes),
        Err(trouble) => refusal(&trouble),
    }
}

/// The names of services, for the page's script.
pub(crate) async fn names(headers: HeaderMap) -> Response {
    ETag::of(&NAMES).answer(&headers, "application/json", NAMES.clone())
}

fn draw(now: &ChartNow, asked: Asked, locale: Locale) -> String {
    // A live picture that differs in its moment alone is the same picture.
    let moment = if asked.at.is_some() || asked.sheet == Sheet::Full {
        now.at.local()
    } else {
        locale.say("chart-live").into_owned()
    };
    let unknown = unknown(now, asked.at, locale);
    let caption = Caption { host: host(), moment, unknown: unknown.into_iter().collect() };
    let chart = Chart {
        layers: &Layers::from(now),
        shown: asked.shown,
        light: asked.light,
        sheet: asked.sheet,
        words: &Words::of(locale),
        caption: &caption,
    };
    chart.to_string()
}

/// What cannot be said of a chart of the past.
fn unknown(now: &ChartNow, at: Option<Moment>, locale: Locale) -> Option<String> {
    let at = at?;
    let say = |id: &str| Some(locale.say(id).into_owned());
    match now.told {
        Told::Unrecorded => return say("chart-nothing-recorded"),
        Told::Forbidden => return say("chart-forbidden"),
        Told::ByRecorder | Told::FromStore => {}
    }
    if is_missing(now, at) {
        return Some(locale.text("chart-gap", &[("at", at.local().into())]).into_owned());
    }
    if now.gaps.is_empty() { None } else { say("chart-gap-lately") }
}

/// Whether anybody may have held any port at `at`, for all that is known.
fn is_missing(now: &ChartNow, at: Moment) -> bool {
    let hides = |gap: &Gap| gap.hides_all() && gap.holds(at);
    now.since.is_none_or(|since| at < since) || now.gaps.iter().any(hides)
}

/// This machine's name.
fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    name.trim().to_owned()
}

#[derive(Template)]
#[template(path = "chart.html")]
struct ChartPage {
    frame: Frame,
    asked: Asked,
    chart: ChartNow,
    layers: Layers,
    gaps: Vec<Gap>,
    trouble: Option<String>,
    question: Option<Question>,
}

/// A harbour of the list, and the link over its place on the picture.
struct Harbour {
    port: Port,
    cell: Cell,
    service: &'static str,
    protos: String,
    who: String,
}

impl ChartPage {
    /// Whoever listens, by port, the protocols of one together.
    fn harbours(&self) -> Vec<Harbour> {
        let mut harbours: Vec<Harbour> = Vec::new();
        for held in self.chart.held.iter().filter(|held| held.role == Role::Listens) {
            match harbours.last_mut().filter(|last| last.port == held.port) {
                Some(last) => last.add(held),
                None => harbours.push(Harbour::new(held)),
            }
        }
        harbours
    }

    fn unknown(&self) -> Option<String> {
        unknown(&self.chart, self.asked.at, self.frame.locale)
    }

    /// What is said where nobody is known to listen.
    fn nobody(&self) -> Rich<'static> {
        let missing = self.asked.at.is_some_and(|at| is_missing(&self.chart, at));
        self.frame.t(if missing { "chart-gap-short" } else { "chart-nobody" })
    }

    /// The picture's address, on a sheet, by a light.
    fn src(&self, sheet: &str, night: &str) -> String {
        let at = self.asked.at.map(|at| format!("&at={}", at.utc())).unwrap_or_default();
        let night = if night.is_empty() { "" } else { "&night=1" };
        format!("/chart.svg?sheet={sheet}{night}{at}&layers={}", self.asked.shown)
    }

    /// What the picture is, for those who do not see it.
    fn alt(&self) -> String {
        let args = [
            ("listening", self.layers.listening.len().into()),
            ("outgoing", self.layers.outgoing.len().into()),
            ("waiting", self.layers.time_wait.len().into()),
        ];
        self.frame.locale.text("chart-picture", &args).into_owned()
    }

    fn since(&self) -> Option<Rich<'static>> {
        Some(self.frame.t1("chart-since", "since", self.chart.since?.local()))
    }

    /// Gaps of the records on a line of 1000: where each begins, and how long it is.
    fn gap_marks(&self) -> Vec<(i64, i64)> {
        let Some(Moment(since)) = self.chart.since else { return Vec::new() };
        let until = Moment::now().0.max(since + 1);
        let place = |Moment(at): Moment| {
            let share = i128::from(at.clamp(since, until) - since) * 1000;
            i64::try_from(share / i128::from(until - since)).unwrap_or(1000)
        };
        let mark = |gap: &Gap| {
            let from = place(gap.from);
            (from, (gap.until.map_or(1000, place) - from).max(2))
        };
        let inside = |gap: &&Gap| gap.until.is_none_or(|until| until.0 > since);
        self.gaps.iter().filter(inside).map(mark).collect()
    }

    fn layer_boxes(&self) -> impl Iterator<Item = (&'static str, Rich<'static>, bool)> {
        Layer::ALL.into_iter().map(|layer| {
            let name = self.frame.t(format!("chart-{}", layer.name()));
            (layer.name(), name, self.asked.shown.contains(layer))
        })
    }
}

impl Harbour {
    fn new(held: &Held) -> Harbour {
        Harbour {
            port: held.port,
            cell: Cell::of(held.port),
            service: service_name(held.port).unwrap_or_default(),
            protos: held.proto.to_string(),
            who: held.who.clone(),
        }
    }

    fn add(&mut self, held: &Held) {
        let proto = held.proto.to_string();
        if !self.protos.contains(&proto) {
            self.protos = format!("{}, {proto}", self.protos);
        }
        if !held.who.is_empty() && self.who != held.who {
            let apart = if self.who.is_empty() { "" } else { ", " };
            self.who = format!("{}{apart}{}", self.who, held.who);
        }
    }
}
