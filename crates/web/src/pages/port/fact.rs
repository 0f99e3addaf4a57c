//! What a port is, at a glance: the list of facts at the head of its page.

use registry::{Port, System, Territory};

use crate::locale::{Arg, Language, Locale, Rich};
use crate::prose::{Facts, Service};

/// A line of the list.
pub(super) struct Fact {
    /// The message that names it.
    pub(super) label: &'static str,
    /// What is so.
    pub(super) values: Vec<Value>,
}

/// A value, and the language that it is in.
pub(super) struct Value {
    pub(super) text: Rich<'static>,
    pub(super) language: Language,
}

/// The facts of a port.
pub(super) fn fact_list(facts: &Facts, locale: Locale) -> Vec<Fact> {
    let told = |id, args: &[(&'static str, Arg<'_>)]| {
        let message = locale.message(id, args);
        Value { text: Rich(message.text), language: message.language }
    };
    let one = |label, value| Fact { label, values: vec![value] };
    let territory = facts.territory();
    let id = match territory {
        Territory::System => "fact-territory-system",
        Territory::User => "fact-territory-user",
        Territory::Dynamic => "fact-territory-dynamic",
    };
    let mut list = vec![one("fact-territory", told(id, &[("range", territory.range().into())]))];
    let assigned = match &facts.assigned[..] {
        [] if facts.reserved => vec![told("fact-assigned-reserved", &[])],
        [] => vec![told("fact-assigned-none", &[])],
        services => services.iter().map(service).collect(),
    };
    list.push(Fact { label: "fact-assigned", values: assigned });
    if !facts.unofficial.is_empty() {
        let values = facts.unofficial.iter().map(service).collect();
        list.push(Fact { label: "fact-unofficial", values });
    }
    if facts.port == Port::NONE {
        return list;
    }
    let host = match facts.settings {
        Some(settings) => {
            let id = match (settings.reserved, settings.ephemeral.contains(facts.port)) {
                (true, _) => "fact-host-reserved",
                (false, true) => "fact-host-inside",
                (false, false) => "fact-host-outside",
            };
            told(id, &[("range", settings.ephemeral.into())])
        }
        None => told("fact-host-unknown", &[]),
    };
    list.push(one("fact-host", host));
    let (systems, _) = facts.elsewhere();
    list.push(one(
        "fact-elsewhere",
        match systems[..] {
            [] => told("fact-elsewhere-none", &[]),
            _ => systems_told(&systems, locale),
        },
    ));
    if let Some(settings) = facts.settings {
        let start = settings.unprivileged_start;
        let privilege = if facts.port < start { "fact-privilege-yes" } else { "fact-privilege-no" };
        let args = if facts.port < start { vec![("start", start.into())] } else { Vec::new() };
        list.push(one("fact-privilege", told(privilege, &args)));
    }
    list
}

fn systems_told(systems: &[System], locale: Locale) -> Value {
    let names: Vec<String> = systems.iter().map(ToString::to_string).collect();
    let text = locale.text("fact-elsewhere-some", &[("systems", names.into())]);
    Value { text: Rich(text), language: locale.language() }
}

/// A service in the registry's own words, which are English.
fn service(service: &Service) -> Value {
    let protos: Vec<&str> = service.protos.iter().map(|proto| proto.name()).collect();
    let name = if service.name.is_empty() { service.description } else { service.name };
    let mut text = format!("`{name}` ({})", protos.join(", "));
    if !service.description.is_empty() && !service.name.is_empty() {
        text.push_str(&format!(": {}", service.description));
    }
    Value { text: Rich(text.into()), language: Language::English }
}
