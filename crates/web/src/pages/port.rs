//! `/ports/60440`: what a port is, who has it now and had it before, and whether it can be bound.

mod fact;

use askama::Template;
use axum::extract;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Redirect, Response};
use registry::{Port, Proto};

use crate::feedback::Question;
use crate::page::{Foreign, Frame, Lenient, page};
use crate::prose::{Check, Cited, Example, Facts, Neighbour, Platform, Row, Saying, Section, Tool};
use crate::{PortAsked, PortNow, Rich, State, prose};

use super::before::{Asked, BeforePart};
use super::missing::{self, Named};
use super::now::NowPart;
use super::search;
use fact::{Fact, fact_list};

#[derive(Template)]
#[template(path = "port.html")]
struct PortPage {
    frame: Frame,
    now: PortNow,
    facts: Facts,
    summary: Saying,
    what: Section,
    bind: Section,
    how: Section,
    why: Option<Section>,
    checks: Vec<Check>,
    now_part: NowPart,
    before: BeforePart,
    question: Option<Question>,
}

/// What a check printed, and the messages that stand above it.
struct Printed<'a> {
    text: &'a str,
    something: &'static str,
    nothing: &'static str,
}

impl PortPage {
    fn of(frame: Frame, now: PortNow, before: BeforePart, question: Option<Question>) -> PortPage {
        let facts = Facts::of(now.asked.port, now.asked.proto, now.settings);
        let rows: Vec<Row> = now.sockets.iter().take(EXAMPLES).filter_map(Row::of).collect();
        PortPage {
            now_part: NowPart { frame: frame.clone(), now: now.clone() },
            frame,
            summary: facts.summary(),
            what: facts.what(),
            bind: facts.bind(),
            how: facts.how(),
            why: facts.why(),
            checks: prose::checks(&facts, &rows),
            facts,
            now,
            before,
            question,
        }
    }

    /// Where the page is.
    fn path(&self) -> String {
        address(self.now.asked)
    }

    /// The title of the window, as text.
    fn title(&self) -> String {
        self.heading().0.into_owned()
    }

    fn heading(&self) -> Rich<'static> {
        let port = ("port", self.facts.port.into());
        Rich(match self.facts.proto {
            Some(proto) => {
                self.frame.locale.text("port-heading-proto", &[port, ("proto", proto.into())])
            }
            None => self.frame.locale.text("port-heading", &[port]),
        })
    }

    /// A paragraph in the reader's language, or in English.
    fn rich(&self, saying: &Saying) -> Rich<'static> {
        Rich(saying.told(self.frame.locale).text)
    }

    /// What HTML must be told of a paragraph that is not in the page's language.
    fn foreign(&self, saying: &Saying) -> Foreign {
        self.frame.foreign_to(&saying.told(self.frame.locale).language)
    }

    /// The protocols that a reader may narrow the page to.
    fn protos(&self) -> &'static [Proto] {
        match self.facts.proto {
            Some(Proto::Sctp | Proto::Dccp) => &Proto::ALL,
            _ => &[Proto::Tcp, Proto::Udp],
        }
    }

    fn is_of(&self, proto: &Proto) -> bool {
        self.facts.proto == Some(*proto)
    }

    fn fact_list(&self) -> Vec<Fact> {
        fact_list(&self.facts, self.frame.locale)
    }

    fn platforms(&self) -> [Platform; 3] {
        Platform::ALL
    }

    fn checks_of(&self, platform: &Platform) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.platform == *platform)
    }

    fn caution(&self, platform: &Platform) -> &'static Saying {
        platform.caution()
    }

    fn printed<'a>(&'a self, check: &'a Check) -> Printed<'a> {
        let printed = &self.now.printed;
        let text = match &check.example {
            Example::Real(Tool::Portolan) => &printed.portolan,
            Example::Real(Tool::Ss) => &printed.ss,
            Example::Real(Tool::Lsof) => &printed.lsof,
            Example::Made(text) => {
                let (something, nothing) = ("check-example", "check-example-nothing");
                return Printed { text, something, nothing };
            }
        };
        Printed { text, something: "check-prints", nothing: "check-prints-nothing" }
    }

    fn neighbours(&self) -> [(Option<Neighbour>, &'static str, &'static str); 2] {
        let [below, above] = self.facts.neighbours();
        [
            (below, "neighbours-below", "neighbours-none-below"),
            (above, "neighbours-above", "neighbours-none-above"),
        ]
    }

    /// The port one up or one down.
    fn step(&self, up: bool) -> Option<Port> {
        let number = self.facts.port.number();
        if up { number.checked_add(1) } else { number.checked_sub(1) }.map(Port)
    }

    fn sources(&self) -> Vec<Cited> {
        prose::sources(&self.facts)
    }
}

/// The page of a port, for TCP and UDP.
pub(crate) async fn show(
    extract::State(state): extract::State<State>,
    frame: Frame,
    headers: HeaderMap,
    Named(port): Named<String>,
    Lenient(time): Lenient<Asked>,
) -> Response {
    answer(state, frame, &headers, (&port, None), time).await
}

/// The page of a port of one protocol.
pub(crate) async fn show_proto(
    extract::State(state): extract::State<State>,
    frame: Frame,
    headers: HeaderMap,
    Named((port, proto)): Named<(String, String)>,
    Lenient(time): Lenient<Asked>,
) -> Response {
    match proto.parse() {
        Ok(proto) => answer(state, frame, &headers, (&port, Some(proto)), time).await,
        Err(_) => missing::proto(frame, &port, &proto),
    }
}

async fn answer(
    state: State,
    frame: Frame,
    headers: &HeaderMap,
    (read, proto): (&str, Option<Proto>),
    time: Asked,
) -> Response {
    let Ok(port) = read.parse::<u16>().map(Port) else { return elsewhere(frame, read, proto) };
    let asked = PortAsked { port, proto };
    if number(read).is_none() {
        return Redirect::permanent(&address(asked)).into_response();
    }
    let now = match state.ask(move |machine| machine.port(asked, frame.viewer)).await {
        Ok(now) => now,
        Err(trouble) => return trouble.into_response(),
    };
    let before = BeforePart::ask(&state, frame.clone(), asked, time).await;
    let question = Question::on(address(asked), &state, headers);
    page(&PortPage::of(frame, now, before, question))
}

/// What is no number may be a service, whose port it is then, or which has several to choose from; else
/// there is no such page.
fn elsewhere(frame: Frame, read: &str, proto: Option<Proto>) -> Response {
    let services = registry::service(read, proto);
    let Some(service) = services.first() else { return missing::port(frame, read) };
    let port = service.ports.first();
    let to = match service.name.filter(|_| services.iter().any(|it| it.ports.first() != port)) {
        Some(name) => search::address(name),
        None => address(PortAsked { port, proto }),
    };
    Redirect::temporary(&to).into_response()
}

/// Where the page of a port is.
pub(super) fn address(asked: PortAsked) -> String {
    let port = asked.port;
    asked.proto.map_or_else(|| format!("/ports/{port}"), |proto| format!("/ports/{port}/{proto}"))
}

/// The port that a path names, written as we write it.
pub(super) fn number(read: &str) -> Option<Port> {
    read.parse::<u16>().ok().filter(|number| number.to_string() == read).map(Port)
}

/// The protocol that a path names.
pub(super) fn proto(read: &str) -> Option<Proto> {
    read.parse().ok()
}

/// With how many sockets the tools of other systems are shown.
const EXAMPLES: usize = 12;
