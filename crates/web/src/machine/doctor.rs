//! What is wrong with the machine's ports.

use super::NoteView;
use crate::Remark;

/// What the doctor found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DoctorNow {
    /// Whether there is nothing but notes.
    pub healthy: bool,
    /// What was found, the worst first.
    pub findings: Vec<FindingView>,
    /// Whether something was left out that is not the viewer's to know.
    pub partly: bool,
    /// What could not be seen, and why.
    pub notes: Vec<NoteView>,
}

/// Something that was found. Its words are English; [`crate::Locale::finding`] has those that are
/// the same on every machine in other languages, and each [`Remark`] brings what it takes to tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingView {
    /// What it is, as a stable word: `close-wait-pile`.
    pub id: &'static str,
    /// How bad it is here, as a stable word: `error`, `warning`, `note`.
    pub severity: &'static str,
    /// What it is in a sentence.
    pub title: &'static str,
    /// What it is about: a destination, a listener, a process.
    pub subject: Remark,
    /// How it is known: numbers and names, a line each.
    pub evidence: Vec<Remark>,
    /// Why it matters.
    pub why: &'static str,
    /// Who says so.
    pub source: &'static str,
    /// What helps here, as commands; empty where `remedy` is all there is to say.
    pub commands: Vec<String>,
    /// What helps anywhere.
    pub remedy: &'static str,
    /// What that costs.
    pub price: &'static str,
}
