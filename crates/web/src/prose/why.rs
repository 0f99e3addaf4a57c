//! Why ports without an assignment matter: what a listener there can mean, what a firewall should do
//! with them, and what to do with one's own. Sober: a number proves nothing.

use registry::{Port, Territory};

use super::{Facts, Saying};

pub(super) fn paragraphs(facts: &Facts) -> Vec<Saying> {
    let port = facts.port;
    if port == Port::NONE || !(facts.is_unassigned() || facts.is_handed_out()) {
        return Vec::new();
    }
    if !facts.is_unassigned() {
        return vec![Saying::new("why-both").with("port", port)];
    }
    let mut all = vec![Saying::new("why-number").with("port", port)];
    if facts.is_ephemeral() {
        all.push(Saying::new("why-log").with("port", port));
    }
    all.push(Saying::new("why-malware"));
    all.push(Saying::new("why-knocking"));
    all.push(match facts.settings.filter(|settings| settings.handed_out) {
        Some(settings) => Saying::new("why-firewall-range").with("range", settings.ephemeral),
        None => Saying::new("why-firewall").with("port", port),
    });
    if let Some(settings) = facts.settings {
        let id = match (settings.handed_out, facts.territory()) {
            (true, _) => "why-own-inside",
            (false, Territory::Dynamic) => "why-own-dynamic",
            (false, _) => "why-own-outside",
        };
        all.push(Saying::new(id).with("port", port).with("range", settings.ephemeral));
    }
    all
}
