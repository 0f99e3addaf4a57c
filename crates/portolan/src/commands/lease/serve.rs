//! `portolan lease serve`: leases for those who speak the portserver's protocol.

use std::env;
use std::io::Write;

use alloc::lease::{Hold, Wish};
use anyhow::Context;
use registry::Proto;
use sd_notify::NotifyState;

use crate::args::LeaseServeArgs;
use crate::exit::Exit;
use crate::portserver::{Address, Server};
use crate::report;

/// Serves until a signal ends it.
pub(super) fn run(args: &LeaseServeArgs, out: &mut impl Write) -> anyhow::Result<Exit> {
    let given = args.address.clone().or_else(|| env::var_os("PORTSERVER_ADDRESS"));
    let given = given.context(
        "there is no address to serve at: give --address, or set PORTSERVER_ADDRESS as clients do: @portserver",
    )?;
    let address = Address::parse(&given)?;
    let hold = if args.hold { Hold::Shared } else { Hold::None };
    let wish = Wish::default().with_protos([Proto::Tcp, Proto::Udp]).with_hold(hold);
    let wish = match args.range {
        Some(range) => wish.with_range(range),
        None => wish,
    };
    // What there is to say of these ports is said once.
    report::notes(wish.clone().take()?.remarks());
    let at = address.to_string();
    let server = Server::open(address, wish)?;
    writeln!(out, "leasing ports at {at}")?;
    out.flush()?;
    let _heard_or_not = sd_notify::notify(&[NotifyState::Ready]);
    let counts = server.run()?;
    report::notes(&[counts]);
    Ok(Exit::Answered)
}
