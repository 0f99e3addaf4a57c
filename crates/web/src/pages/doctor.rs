//! `/doctor`: what is wrong with this machine's ports, how that is known, and what helps.

use askama::Template;
use axum::extract;
use axum::response::Response;

use crate::page::{Foreign, Frame, page};
use crate::{DoctorNow, FindingView, Language, Remark, Rich, State, Strict, Trouble};

#[derive(Template)]
#[template(path = "doctor.html")]
struct DoctorPage {
    frame: Frame,
    doctor: Result<DoctorNow, Trouble>,
}

/// A text of a finding, and the language that it could be told in.
struct Said {
    text: Rich<'static>,
    language: Language,
}

impl DoctorPage {
    fn count(&self, doctor: &&DoctorNow, severity: &str) -> usize {
        doctor.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    fn title(&self, finding: &&FindingView) -> Said {
        self.said(finding, "", finding.title)
    }

    fn why(&self, finding: &&FindingView) -> Said {
        self.said(finding, "-why", finding.why)
    }

    fn remedy(&self, finding: &&FindingView) -> Said {
        self.said(finding, "-fix", finding.remedy)
    }

    fn price(&self, finding: &&FindingView) -> Said {
        self.said(finding, "-price", finding.price)
    }

    /// What is said of this machine, where the reader's language has that.
    fn told(&self, remark: &Remark) -> Option<Strict<'static>> {
        remark.told(self.frame.locale).map(Strict)
    }

    /// What HTML must be told of English.
    fn english(&self) -> Foreign {
        self.frame.foreign_to(&Language::English)
    }

    fn said(&self, finding: &FindingView, part: &str, english: &'static str) -> Said {
        let id = format!("finding-{}{part}", finding.id);
        match self.frame.locale.finding(&id, &[]) {
            Some(text) => Said { text: Rich(text), language: self.frame.locale.language() },
            None => Said { text: Rich(english.into()), language: Language::English },
        }
    }
}

/// The page.
pub(crate) async fn show(extract::State(state): extract::State<State>, frame: Frame) -> Response {
    let doctor = state.search(move |machine| machine.doctor(frame.viewer)).await;
    page(&DoctorPage { frame, doctor })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::Theme;
    use crate::{Locale, Viewer};

    /// The page about a pile of connections, to somewhere whose name looks like code and markup.
    fn rendered(language: Language) -> String {
        let locale = Locale::of(language);
        let (viewer, theme) = (Viewer::Nobody, Theme::System);
        let frame = Frame { locale, viewer, theme, query: "".into() };
        let values =
            vec![("count", 1204.into()), ("local", "*:7".into()), ("remote", "`<i>`".into())];
        let piled = Remark {
            english: "1,204 connections in CLOSE-WAIT, the first from *:7 to `<i>`".to_owned(),
            message: Some(("evidence-close-wait", values)),
        };
        let finding = FindingView {
            id: "close-wait-pile",
            severity: "warning",
            title: "",
            subject: "odd (7)".into(),
            evidence: vec![piled, "`<i>` is news".into()],
            why: "",
            source: "",
            commands: Vec::new(),
            remedy: "",
            price: "",
        };
        let doctor =
            DoctorNow { healthy: false, findings: vec![finding], partly: false, notes: Vec::new() };
        DoctorPage { frame, doctor: Ok(doctor) }.render().unwrap()
    }

    #[test]
    fn evidence_is_told_in_the_readers_language_and_no_value_becomes_markup_or_code_in_it() {
        let of = "<bdi>*:7</bdi>";
        let to = "<bdi>`&lt;i&gt;`</bdi>";
        for (language, line) in [
            (
                Language::German,
                format!(
                    "<li><bdi>1.204</bdi> Verbindungen in CLOSE-WAIT, die erste von {of} zu {to}</li>"
                ),
            ),
            (
                Language::Urdu,
                format!("<li><bdi>1,204</bdi> کنکشن CLOSE-WAIT میں ہیں، پہلا {of} سے {to} تک</li>"),
            ),
        ] {
            let html = rendered(language);
            assert!(html.contains(&line), "{html}");
            let english = "<li lang=\"en\" dir=\"ltr\">`&#60;i&#62;` is news</li>";
            assert!(html.contains(english), "{html}");
            assert!(html.contains("<p class=\"subject\" lang=\"en\" dir=\"ltr\">odd (7)</p>"));
        }
    }

    #[test]
    fn english_evidence_is_said_by_the_program_itself() {
        let html = rendered(Language::English);
        for line in [
            "<li>1,204 connections in CLOSE-WAIT, the first from *:7 to `&#60;i&#62;`</li>",
            "<p class=\"subject\">odd (7)</p>",
        ] {
            assert!(html.contains(line), "{html}");
        }
    }
}
