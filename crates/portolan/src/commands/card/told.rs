//! What other crates say of sockets in English, said in the reader's language: why a bind fails, what
//! would help, what could not be seen.

use sockets::{Note, Reason, Remedy};
use web::{Arg, NoteView};

use crate::commands::registry::{Service, UNOFFICIAL};
use crate::tongue::Tongue;

/// A service in the registry's own words, which are English, with whose they are.
pub(super) fn service(tongue: Tongue, service: &Service) -> String {
    let text = service.to_string();
    match text.strip_suffix(UNOFFICIAL) {
        Some(official) => {
            let mark = tongue.say("card-unofficial", &[], || UNOFFICIAL.trim_start().to_owned());
            format!("{official} {mark}")
        }
        None => text,
    }
}

/// Why a bind fails; `who` holds the port, where somebody is to be named.
pub(super) fn reason(tongue: Tongue, reason: Reason, who: Option<&str>) -> String {
    let id = match reason {
        Reason::Listening => "card-reason-listening",
        Reason::DualStack => "card-reason-dual-stack",
        Reason::BoundSilent => "card-reason-bound-silent",
        Reason::Connected => "card-reason-connected",
        Reason::TimeWait => "card-reason-time-wait",
        Reason::UdpBound => "card-reason-udp-bound",
        Reason::Privileged { .. } => "card-reason-privileged",
        Reason::AddressAbsent => "card-reason-address-absent",
        Reason::FamilyAbsent => "card-reason-family-absent",
        Reason::Unseen => "card-reason-unseen",
        Reason::Refused { .. } => "card-reason-refused",
        _ => return reason.to_string(),
    };
    let mut args: Vec<(&'static str, Arg<'_>)> = vec![
        ("kind", if who.is_some() { "known" } else { "socket" }.into()),
        ("who", who.unwrap_or_default().into()),
    ];
    match reason {
        Reason::Privileged { unprivileged_start } => {
            args.push(("start", unprivileged_start.into()));
        }
        Reason::Refused { errno } => {
            let error = std::io::Error::from_raw_os_error(errno).to_string();
            args.push(("error", error.into()));
        }
        _ => {}
    }
    tongue.say(id, &args, || match (who, reason.predicate()) {
        (Some(who), Some(predicate)) => format!("{who} {predicate}"),
        _ => reason.to_string(),
    })
}

/// What would make the bind work.
pub(super) fn remedy(tongue: Tongue, remedy: Remedy) -> String {
    let id = match remedy {
        Remedy::ReuseAddr => "card-remedy-reuseaddr",
        Remedy::ReuseAddrPerhaps => "card-remedy-reuseaddr-perhaps",
        Remedy::V6Only => "card-remedy-v6only",
        Remedy::Wait => "card-remedy-wait",
        Remedy::Release => "card-remedy-release",
        Remedy::Privilege => "card-remedy-privilege",
        Remedy::Address => "card-remedy-address",
        _ => return remedy.to_string(),
    };
    tongue.say(id, &[], || remedy.to_string())
}

/// What could not be seen.
pub(super) fn note(tongue: Tongue, note: &Note) -> String {
    match message(note) {
        Some((id, args)) => tongue.say(id, &args, || note.to_string()),
        None => note.to_string(),
    }
}

/// What could not be seen, for pages.
pub(crate) fn note_view(note: &Note) -> NoteView {
    NoteView { english: note.to_string(), message: message(note) }
}

/// The message that says so, and the values in it.
fn message(note: &Note) -> Option<(&'static str, Vec<(&'static str, Arg<'static>)>)> {
    Some(match note {
        Note::ProcNet { why } => ("card-note-proc-net", vec![("why", why.clone().into())]),
        Note::BoundUnlisted => ("card-note-bound-unlisted", vec![]),
        Note::ProcessesUnreadable { count } => {
            ("card-note-unreadable", vec![("count", (*count).into())])
        }
        Note::ProcessesInvisible { why } => ("card-note-invisible", vec![("why", (*why).into())]),
        Note::SearchNarrowed { skipped } => {
            ("card-note-narrowed", vec![("count", (*skipped).into())])
        }
        Note::NetnsUnreadable { netns, why } => (
            "card-note-netns-unreadable",
            vec![("netns", netns.0.to_string().into()), ("why", why.clone().into())],
        ),
        Note::NetnsHidden { processes } => {
            ("card-note-netns-hidden", vec![("count", (*processes).into())])
        }
        Note::DumpInterrupted => ("card-note-interrupted", vec![]),
        Note::Recalled => ("card-note-recalled", vec![]),
        Note::OwnersRecalled => ("card-note-owners-recalled", vec![]),
        _ => return None,
    })
}
