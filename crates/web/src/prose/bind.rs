//! What it takes to bind a port, by the settings of this host; whether it works now is tried.

use registry::{Port, Territory};

use super::{Facts, Saying};

pub(super) fn paragraphs(facts: &Facts) -> Vec<Saying> {
    let port = facts.port;
    if port == Port::NONE {
        return vec![Saying::new("bind-zero")];
    }
    let mut all = Vec::new();
    let start = facts.settings.map(|settings| settings.unprivileged_start);
    match start {
        Some(start) if port < start => {
            all.push(Saying::new("bind-privileged").with("port", port).with("start", start));
        }
        Some(start) if facts.territory() == Territory::System => {
            all.push(Saying::new("bind-lowered").with("port", port).with("start", start));
        }
        _ => all.push(Saying::new("bind-anyone")),
    }
    if let Some(settings) = facts.settings.filter(|settings| settings.handed_out) {
        let race = Saying::new("bind-race").with("range", settings.ephemeral);
        all.push(race.with("port", port));
    } else if facts.settings.is_some_and(|settings| settings.reserved) {
        all.push(Saying::new("bind-reserved").with("port", port));
    }
    match facts.assigned.first() {
        Some(service) if facts.territory() != Territory::System => {
            all.push(Saying::new("bind-name").with("name", service.name));
        }
        None if facts.territory() == Territory::User && facts.unofficial.len() > 1 => {
            all.push(Saying::new("bind-crowded").with("port", port));
        }
        _ => {}
    }
    all
}
