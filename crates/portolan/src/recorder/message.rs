//! What a recorder and its clients say to each other, and how that reads in bytes.
//!
//! Questions, answers, changes and the store's status are encoded by `log`; numbers of ours are
//! little-endian.

use log::{Answer, Change, Encoded, Question, Status, Tenure};
use registry::{Port, PortRange};
use sockets::NetnsId;

use super::frame::Frame;
use super::standing::Standing;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// The tenures that meet a question.
    Ask(Question),
    /// What some ports of a network namespace are held by now: the tenures that are open, and those
    /// that may be in `TIME-WAIT` still.
    Held(NetnsId, Vec<PortRange>),
    /// How it goes.
    Status,
    /// What happens from now on: the connection is for that alone.
    Watch,
}

/// What a recorder answers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// To [`Request::Ask`].
    Answer(Answer),
    /// To [`Request::Held`].
    Held(Held),
    /// To [`Request::Status`].
    Status(Box<(Standing, Status)>),
    /// To [`Request::Watch`], again and again.
    Changes(Vec<Change>),
    /// To [`Request::Watch`]: so many changes there was no time to tell.
    Missed(u64),
    /// No, and why.
    Refused(String),
}

/// What ports are held by now, as a recorder remembers. At either end of a tenure.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Held {
    /// The tenures that are open, with the kernel's cookies of their sockets, in no order.
    pub(crate) open: Vec<(u64, Tenure)>,
    /// What ended a moment or less than a minute ago, and the gaps of that moment.
    pub(crate) recent: Answer,
}

impl Request {
    /// The request as it is sent.
    pub(super) fn to_frame(&self) -> Frame {
        let (kind, body) = match self {
            Request::Ask(question) => (ASK, question.encode()),
            Request::Held(netns, ports) => {
                let ports = ports.iter().flat_map(|range| range_bytes(*range));
                (HELD, netns.0.to_le_bytes().into_iter().chain(ports).collect())
            }
            Request::Status => (STATUS, Vec::new()),
            Request::Watch => (WATCH, Vec::new()),
        };
        Frame { kind, body }
    }

    /// The request that was sent; `None` if it is none of ours.
    pub(super) fn from_frame(frame: &Frame) -> Option<Request> {
        let body = frame.body.as_slice();
        match frame.kind {
            ASK => Question::decode(body).ok().map(Request::Ask),
            HELD => {
                let (netns, ports) = body.split_first_chunk()?;
                Some(Request::Held(NetnsId(u64::from_le_bytes(*netns)), ranges(ports)?))
            }
            STATUS if body.is_empty() => Some(Request::Status),
            WATCH if body.is_empty() => Some(Request::Watch),
            _ => None,
        }
    }
}

impl Reply {
    /// The reply as it is sent.
    pub(super) fn to_frame(&self) -> Frame {
        let (kind, body) = match self {
            Reply::Answer(answer) => (ASK, answer.encode()),
            Reply::Held(held) => (HELD, joined([held.open.encode(), held.recent.encode()])),
            Reply::Status(both) => (STATUS, joined([both.0.encode(), both.1.encode()])),
            Reply::Changes(changes) => (WATCH, joined(changes.iter().map(Encoded::encode))),
            Reply::Missed(count) => (MISSED, count.to_le_bytes().to_vec()),
            Reply::Refused(why) => (REFUSED, why.clone().into_bytes()),
        };
        Frame { kind, body }
    }

    /// The reply that was sent; `None` if it is none of ours.
    pub(super) fn from_frame(frame: &Frame) -> Option<Reply> {
        let body = frame.body.as_slice();
        match frame.kind {
            ASK => Answer::decode(body).ok().map(Reply::Answer),
            HELD => match parts(body)?[..] {
                [open, recent] => Some(Reply::Held(Held {
                    open: Encoded::decode(open).ok()?,
                    recent: Answer::decode(recent).ok()?,
                })),
                _ => None,
            },
            STATUS => match parts(body)?[..] {
                [ours, of_store] => {
                    let standing = Standing::decode(ours)?;
                    Some(Reply::Status(Box::new((standing, Status::decode(of_store).ok()?))))
                }
                _ => None,
            },
            WATCH => {
                let changes = parts(body)?.into_iter().map(|part| Change::decode(part).ok());
                changes.collect::<Option<_>>().map(Reply::Changes)
            }
            MISSED => Some(Reply::Missed(u64::from_le_bytes(body.try_into().ok()?))),
            REFUSED => Some(Reply::Refused(String::from_utf8_lossy(body).into_owned())),
            _ => None,
        }
    }
}

/// Reads any bytes as whatever they may be, both ways.
pub(crate) fn fuzz(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(frame) = Frame::read(&mut rest, 1 << 16) {
        if let Some(request) = Request::from_frame(&frame) {
            assert_eq!(Request::from_frame(&request.to_frame()), Some(request));
        }
        let _reply = Reply::from_frame(&frame);
    }
}

/// The first and the last port of a range.
fn range_bytes(range: PortRange) -> [u8; 4] {
    let ([a, b], [c, d]) = (range.first().0.to_le_bytes(), range.last().0.to_le_bytes());
    [a, b, c, d]
}

fn ranges(bytes: &[u8]) -> Option<Vec<PortRange>> {
    let range = |bytes: &[u8; 4]| {
        let [a, b, c, d] = *bytes;
        PortRange::new(Port(u16::from_le_bytes([a, b])), Port(u16::from_le_bytes([c, d])))
    };
    let (whole, rest) = bytes.as_chunks::<4>();
    if rest.is_empty() { whole.iter().map(range).collect() } else { None }
}

/// Several values in one body, each behind its length.
fn joined(parts: impl IntoIterator<Item = Vec<u8>>) -> Vec<u8> {
    let mut body = Vec::new();
    for part in parts {
        let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(&part);
    }
    body
}

/// The values that were joined; `None` where their lengths do not fit.
fn parts(mut body: &[u8]) -> Option<Vec<&[u8]>> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = body.split_first_chunk::<4>() {
        let (part, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        parts.push(part);
        body = rest;
    }
    body.is_empty().then_some(parts)
}

/// The kinds of messages; a reply has the kind of its request.
const ASK: u8 = 1;
const HELD: u8 = 2;
const STATUS: u8 = 3;
const WATCH: u8 = 4;
const MISSED: u8 = 5;
const REFUSED: u8 = 6;
