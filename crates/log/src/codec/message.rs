//! What goes over a daemon's socket: questions, answers, changes, and what is open now.

use std::net::IpAddr;

use registry::{Port, PortRange};
use sockets::NetnsId;

use super::Body;
use super::bytes::{Put as _, Take, put_list, put_option};
use super::tenure::{
    VERBS, proto_number, put_gap, put_tenures, take_gap, take_one, take_proto, take_tenures,
};
use crate::{Answer, Change, Error, Moment, Question, Remote, Tenure, Viewer};

impl Body for Question {
    const WHAT: &'static str = "a question";

    fn put(&self, out: &mut Vec<u8>) {
        out.signed(self.from.0);
        out.signed(self.until.0);
        put_list(out, &self.ports, |out, range| put_range(out, *range));
        put_option(out, self.proto.as_ref(), |out, proto| out.byte(proto_number(*proto)));
        put_list(out, &self.remotes, put_remote);
        put_option(out, self.netns.as_ref(), |out, netns| out.number(netns.0));
        put_list(out, &self.pids, |out, pid| out.number((*pid).into()));
        put_list(out, &self.names, |out, name| out.text(name));
        put_list(out, &self.uids, |out, uid| out.number((*uid).into()));
        put_list(out, &self.units, |out, unit| out.text(unit.as_bytes()));
        put_list(out, &self.containers, |out, id| out.text(id.as_bytes()));
        out.byte(u8::from(self.tails));
        out.number(self.most as u64);
    }

    fn take(take: &mut Take<'_>) -> Result<Question, Error> {
        Ok(Question {
            from: Moment(take.signed()?),
            until: Moment(take.signed()?),
            ports: take.list(take_range)?,
            proto: take.option(take_proto)?,
            remotes: take.list(take_remote)?,
            netns: take.option(|take| Ok(NetnsId(take.number()?)))?,
            pids: take.list(Take::small)?,
            names: take.list(|take| Ok(take.text()?.to_vec()))?,
            uids: take.list(Take::small)?,
            units: take.list(|take| Ok(take.string()?.to_owned()))?,
            containers: take.list(|take| Ok(take.string()?.to_owned()))?,
            tails: take.flag()?,
            most: usize::try_from(take.number()?).unwrap_or(usize::MAX),
            viewer: Viewer::Everything,
        })
    }
}

impl Body for Answer {
    const WHAT: &'static str = "an answer";

    fn put(&self, out: &mut Vec<u8>) {
        put_tenures(out, self.tenures.iter());
        out.byte(u8::from(self.more));
        put_list(out, &self.gaps, put_gap);
        put_option(out, self.since.as_ref(), |out, since| out.signed(since.0));
    }

    fn take(take: &mut Take<'_>) -> Result<Answer, Error> {
        Ok(Answer {
            tenures: take_tenures(take)?,
            more: take.flag()?,
            gaps: take.list(take_gap)?,
            since: take.option(|take| Ok(Moment(take.signed()?)))?,
        })
    }
}

impl Body for Change {
    const WHAT: &'static str = "a change";

    fn put(&self, out: &mut Vec<u8>) {
        out.signed(self.at.0);
        out.byte(self.verb as u8);
        put_tenures(out, std::iter::once(&self.tenure));
    }

    fn take(take: &mut Take<'_>) -> Result<Change, Error> {
        let at = Moment(take.signed()?);
        let verb = take_one(take, &VERBS)?;
        let mut tenures = take_tenures(take)?.into_iter();
        match (tenures.next(), tenures.next()) {
            (Some(tenure), None) => Ok(Change { at, verb, tenure }),
            _ => Err(take.error("it has not one tenure")),
        }
    }
}

/// What [`crate::Store::held`] tells.
impl Body for Vec<(u64, Tenure)> {
    const WHAT: &'static str = "a list of open tenures";

    fn put(&self, out: &mut Vec<u8>) {
        put_list(out, self, |out, (cookie, _)| out.number(*cookie));
        put_tenures(out, self.iter().map(|(_, tenure)| tenure));
    }

    fn take(take: &mut Take<'_>) -> Result<Self, Error> {
        let cookies = take.list(Take::number)?;
        let tenures = take_tenures(take)?;
        if cookies.len() != tenures.len() {
            return Err(take.error("it has not one cookie for each tenure"));
        }
        Ok(cookies.into_iter().zip(tenures).collect())
    }
}

fn put_range(out: &mut Vec<u8>, range: PortRange) {
    out.number(range.first().0.into());
    out.number(range.last().0.into());
}

fn take_range(take: &mut Take<'_>) -> Result<PortRange, Error> {
    let (first, last) = (take.small()?, take.small()?);
    PortRange::new(Port(first), Port(last)).ok_or_else(|| take.error("a range is empty"))
}

fn put_remote(out: &mut Vec<u8>, remote: &Remote) {
    put_option(out, remote.net.as_ref(), |out, (addr, prefix)| {
        match addr {
            IpAddr::V4(addr) => out.text(&addr.octets()),
            IpAddr::V6(addr) => out.text(&addr.octets()),
        }
        out.byte(*prefix);
    });
    put_option(out, remote.ports.as_ref(), |out, range| put_range(out, *range));
}

fn take_remote(take: &mut Take<'_>) -> Result<Remote, Error> {
    let net = take.option(|take| {
        let octets = take.text()?;
        let v4 = <[u8; 4]>::try_from(octets).map(IpAddr::from);
        let v6 = <[u8; 16]>::try_from(octets).map(IpAddr::from);
        let addr = v4.or(v6).map_err(|_| take.error("an address has neither 4 nor 16 octets"))?;
        Ok((addr, take.byte()?))
    })?;
    Ok(Remote { net, ports: take.option(take_range)? })
}
