//! The live part of a port's page: who has it now, and whether it can be bound.

use std::net::IpAddr;

use askama::Template;
use axum::extract::{self, Path};
use axum::response::{IntoResponse, Response};
use registry::Proto;

use crate::live::stream;
use crate::page::{Caller, Frame, fragment};
use crate::pages::port;
use crate::{Bind, PortAsked, PortNow, State, WhoAt};

/// Who has a port now, and whether it can be bound; for a page, and for its stream.
#[derive(Debug, Template)]
#[template(path = "port/now.html")]
pub(crate) struct NowPart {
    pub(crate) frame: Frame,
    pub(crate) now: PortNow,
}

impl NowPart {
    /// Whether a bind works, in a sentence.
    fn bind(&self, bind: &Bind) -> String {
        let mut args = crate::locale::Args::new();
        args.set("proto", bind.proto.name());
        args.set("answer", bind.answer.name());
        args.set("everywhere", if bind.addresses.is_empty() { "yes" } else { "no" });
        args.set("addresses", addresses(&bind.addresses));
        self.frame.locale.text("bind-answer", Some(&args)).into_owned()
    }

    /// Why a bind fails.
    fn because(&self, bind: &Bind) -> String {
        let Some(reason) = bind.reason else { return String::new() };
        let who = match &bind.holder {
            Some(WhoAt::Known(name, others)) => {
                let mut args = crate::locale::Args::new();
                args.set("name", name.clone());
                args.set("others", *others);
                self.frame.locale.text("bind-holder", Some(&args)).into_owned()
            }
            Some(WhoAt::Hidden) => self.frame.t("bind-holder-hidden"),
            None => self.frame.t("bind-holder-nobody"),
        };
        self.frame.t1(&format!("bind-reason-{reason}"), "who", who)
    }

    /// What would help.
    fn remedy(&self, bind: &Bind) -> String {
        let remedy = bind.remedy.map(|remedy| self.frame.t(&format!("bind-remedy-{remedy}")));
        remedy.unwrap_or_default()
    }
}

/// Addresses, with commas between them.
fn addresses(addresses: &[IpAddr]) -> String {
    let written = |addr: &IpAddr| match addr {
        IpAddr::V4(addr) => addr.to_string(),
        IpAddr::V6(addr) => format!("[{addr}]"),
    };
    addresses.iter().map(written).collect::<Vec<_>>().join(", ")
}

/// Tells what changes on a port.
pub(crate) async fn live(
    extract::State(state): extract::State<State>,
    frame: Frame,
    caller: Caller,
    Path(port): Path<String>,
) -> Response {
    tell(state, frame, caller, &port, None)
}

/// Tells what changes on a port of one protocol.
pub(crate) async fn live_proto(
    extract::State(state): extract::State<State>,
    frame: Frame,
    caller: Caller,
    Path((port, proto)): Path<(String, String)>,
) -> Response {
    match port::proto(&proto) {
        Some(proto) => tell(state, frame, caller, &port, Some(proto)),
        None => port::not_found(),
    }
}

fn tell(state: State, frame: Frame, caller: Caller, port: &str, proto: Option<Proto>) -> Response {
    let Some(port) = port::number(port) else { return port::not_found() };
    let asked = PortAsked { port, proto };
    let mut changes = state.changes();
    let told = state.clone();
    stream(&told, caller.seat, move |line| async move {
        let mut shown = String::new();
        loop {
            let now = state.ask(move |machine| machine.port(asked, frame.viewer)).await;
            let part = now.and_then(|now| fragment(&NowPart { frame, now }));
            match part {
                Ok(part) if part != shown => {
                    line.send("now", &part).await?;
                    shown = part;
                }
                Ok(_) => {}
                Err(trouble) => line.send("trouble", &trouble.to_string()).await?,
            }
            // One that is behind looks again, whatever changed.
            while changes.recv().await.is_ok_and(|look| !look.changed.contains(&port)) {}
        }
    })
    .into_response()
}
