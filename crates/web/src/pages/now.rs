//! The live part of a port's page: who has it now, and whether it can be bound.

use std::net::IpAddr;

use askama::Template;
use axum::extract;
use axum::response::{IntoResponse, Response};
use registry::Proto;

use crate::live::stream;
use crate::page::{Caller, Frame, fragment};
use crate::pages::missing::{self, Named};
use crate::pages::port;
use crate::{Arg, Bind, PortAsked, PortNow, Rich, State, Who, WhoAt};

/// Who has a port now, and whether it can be bound; for a page, and for its stream.
#[derive(Debug, Template)]
#[template(path = "port/now.html")]
pub(crate) struct NowPart {
    pub(crate) frame: Frame,
    pub(crate) now: PortNow,
}

impl NowPart {
    /// Whether a bind works, in a sentence.
    fn bind(&self, bind: &Bind) -> Rich<'static> {
        let everywhere = if bind.addresses.is_empty() { "yes" } else { "no" };
        let addresses = Arg::List(bind.addresses.iter().map(address).collect());
        let proto = ("proto", bind.proto.into());
        let args = [proto, ("everywhere", everywhere.into()), ("addresses", addresses)];
        Rich(self.frame.locale.text("bind-answer", &args))
    }

    /// Why a bind fails.
    fn because(&self, reason: &str, bind: &Bind) -> Rich<'static> {
        let who = match &bind.holder {
            Some(WhoAt::Known(name, others)) => {
                let args = [("name", name.into()), ("others", (*others).into())];
                self.frame.locale.text("bind-holder", &args)
            }
            Some(WhoAt::Hidden) => self.frame.locale.say("bind-holder-hidden"),
            None => self.frame.locale.say("bind-holder-nobody"),
        };
        self.frame.t1(format!("bind-reason-{reason}"), "who", who)
    }

    /// What would help.
    fn remedy(&self, remedy: &str) -> Rich<'static> {
        self.frame.t(format!("bind-remedy-{remedy}"))
    }
}

/// An address in a sentence: IPv6 ones in brackets, so that no colon runs into another.
fn address(addr: &IpAddr) -> String {
    match addr {
        IpAddr::V4(addr) => addr.to_string(),
        IpAddr::V6(addr) => format!("[{addr}]"),
    }
}

/// Tells what changes on a port.
pub(crate) async fn live(
    extract::State(state): extract::State<State>,
    frame: Frame,
    caller: Caller,
    Named(port): Named<String>,
) -> Response {
    tell(state, frame, caller, &port, None)
}

/// Tells what changes on a port of one protocol.
pub(crate) async fn live_proto(
    extract::State(state): extract::State<State>,
    frame: Frame,
    caller: Caller,
    Named((port, proto)): Named<(String, String)>,
) -> Response {
    match port::proto(&proto) {
        Some(proto) => tell(state, frame, caller, &port, Some(proto)),
        None => missing::proto(frame, &port, &proto),
    }
}

fn tell(state: State, frame: Frame, caller: Caller, port: &str, proto: Option<Proto>) -> Response {
    let Some(port) = port::number(port) else { return missing::port(frame, port) };
    let asked = PortAsked { port, proto };
    let mut changes = state.changes();
    let told = state.clone();
    stream(&told, caller.seat, move |line| async move {
        let mut shown = String::new();
        loop {
            let now = state.ask(move |machine| machine.port(asked, frame.viewer)).await;
            let part = now.and_then(|now| fragment(&NowPart { frame: frame.clone(), now }));
            line.show("now", part, &mut shown).await?;
            // One that is behind looks again, whatever changed.
            while changes.recv().await.is_ok_and(|look| !look.changed.contains(&port)) {}
        }
    })
    .into_response()
}
