//! `/doctor`: what is wrong with this machine's ports, how that is known, and what helps.

use askama::Template;
use axum::extract;
use axum::response::Response;

use crate::page::{Frame, page};
use crate::{DoctorNow, FindingView, Language, Rich, State, Trouble};

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

    fn said(&self, finding: &FindingView, part: &str, english: &'static str) -> Said {
        let id = format!("finding-{}{part}", finding.id);
        match self.frame.locale.finding(&id) {
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
