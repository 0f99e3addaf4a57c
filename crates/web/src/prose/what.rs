//! What a port is: whose by IANA's registry, in which territory, and who hands it out.

use registry::{Port, System, Territory};

use super::facts::assigned_in;
use super::note::note;
use super::{Facts, Saying, Service};

/// The page's first sentence.
pub(super) fn summary(facts: &Facts) -> Saying {
    let port = facts.port;
    let saying = match (facts.territory(), facts.assigned.first()) {
        _ if port == Port::NONE => return Saying::new("summary-zero"),
        (_, Some(service)) => named("summary-assigned", "summary-named", service),
        (_, None) if facts.reserved => Saying::new("summary-reserved"),
        (Territory::Dynamic, None) if facts.is_handed_out() => Saying::new("summary-ephemeral"),
        (Territory::Dynamic, None) => Saying::new("summary-dynamic"),
        (_, None) if !facts.unofficial.is_empty() => {
            let names = facts.unofficial.iter().map(|service| service.name.to_owned());
            Saying::new("summary-unofficial").with("names", names.collect::<Vec<_>>())
        }
        (Territory::System, None) => Saying::new("summary-system"),
        (Territory::User, None) if facts.is_handed_out() => Saying::new("summary-user-ephemeral"),
        (Territory::User, None) => Saying::new("summary-user"),
    };
    saying.with("port", port)
}

/// Everything about what it is.
pub(super) fn paragraphs(facts: &Facts) -> Vec<Saying> {
    let mut all = Vec::new();
    all.extend(assignment(facts));
    all.extend(note(facts));
    all.extend(unofficial(facts));
    all.push(territory(facts));
    all.extend(edge(facts.port));
    all.push(host(facts));
    all.extend(elsewhere(facts));
    all
}

fn assignment(facts: &Facts) -> Vec<Saying> {
    let port = facts.port;
    let mut all = Vec::new();
    if let Some((first, others)) = facts.assigned.split_first() {
        let saying = named("what-assigned", "what-named", first);
        all.push(saying.with("port", port).with("protos", protos(first)));
        if first.ports.count() > 1 {
            all.push(place_in_range(port, first));
        }
        if !others.is_empty() {
            let names: Vec<String> = others.iter().map(|other| other.name.to_owned()).collect();
            all.push(Saying::new("what-also").with("count", names.len()).with("names", names));
        }
        all.extend(first.reference.map(|document| {
            Saying::new("what-reference").with("name", first.name).with("document", document)
        }));
    } else if port == Port::NONE {
        all.push(Saying::new("what-zero"));
    } else if facts.reserved {
        all.push(Saying::new("what-reserved").with("port", port));
    } else if let (Some(proto), Some(other)) = (facts.proto, facts.other_protos.first()) {
        let saying = Saying::new("what-other-protos").with("port", port).with("proto", proto);
        all.push(saying.with("name", other.name).with("protos", protos(other)));
    } else {
        all.push(match facts.territory() {
            Territory::System => Saying::new("what-system").with("port", port),
            Territory::User => Saying::new("what-user").with("port", port),
            Territory::Dynamic => Saying::new("what-dynamic").with("port", port),
        });
    }
    all
}

/// A saying about a service: `full` where the registry has words for it, else `bare`.
fn named(full: &'static str, bare: &'static str, service: &Service) -> Saying {
    if service.description.is_empty() || service.description == service.name {
        Saying::new(bare).with("name", service.name)
    } else {
        Saying::new(full).with("name", service.name).with("what", service.description)
    }
}

/// Which one of a range that was assigned together.
fn place_in_range(port: Port, service: &Service) -> Saying {
    let nth = usize::from(port.number() - service.ports.first().number());
    let id = if service.name == "x11" { "what-display" } else { "what-range" };
    let saying = Saying::new(id).with("range", service.ports);
    if id == "what-display" {
        return saying.with("display", format!(":{nth}")).with("port", port);
    }
    saying.with("nth", nth + 1).with("count", service.ports.count() as usize)
}

fn protos(service: &Service) -> Vec<String> {
    service.protos.iter().map(|proto| proto.name().to_uppercase()).collect()
}

/// What it is used for without asking IANA.
fn unofficial(facts: &Facts) -> Option<Saying> {
    let names: Vec<String> =
        facts.unofficial.iter().map(|service| service.name.to_owned()).collect();
    let saying = Saying::new("what-unofficial").with("port", facts.port);
    (!names.is_empty()).then(|| saying.with("count", names.len()).with("names", names))
}

fn territory(facts: &Facts) -> Saying {
    let territory = facts.territory();
    let id = match territory {
        Territory::System => "territory-system",
        Territory::User => "territory-user",
        Territory::Dynamic => "territory-dynamic",
    };
    let range = territory.range();
    let saying = Saying::new(id).with("range", range).with("count", range.count() as usize);
    if territory == Territory::Dynamic { saying } else { saying.with("taken", assigned_in(range)) }
}

/// What is special about the ports on either side of a line.
fn edge(port: Port) -> Option<Saying> {
    let id = match port.number() {
        1023 => "edge-last-system",
        1024 => "edge-first-user",
        49151 => "edge-last-user",
        49152 => "edge-first-dynamic",
        65535 => "edge-last",
        _ => return None,
    };
    Some(Saying::new(id).with("port", port))
}

/// What this host does with it.
fn host(facts: &Facts) -> Saying {
    let Some(settings) = facts.settings else { return Saying::new("host-unknown") };
    let (port, range) = (facts.port, settings.ephemeral);
    let id = if settings.reserved {
        "host-reserved"
    } else if settings.handed_out && port == range.first() {
        "host-first"
    } else if settings.handed_out && port == range.last() {
        "host-last"
    } else if settings.handed_out && facts.is_unassigned() {
        "host-inside"
    } else if settings.handed_out {
        "host-inside-assigned"
    } else if port == Port::NONE {
        return Saying::new("host-zero").with("range", range);
    } else if facts.territory() == Territory::Dynamic {
        "host-outside-dynamic"
    } else if port < range.first() {
        "host-below"
    } else {
        "host-above"
    };
    Saying::new(id).with("port", port).with("range", range)
}

/// What other systems do with it.
fn elsewhere(facts: &Facts) -> Option<Saying> {
    if facts.port == Port::NONE {
        return None;
    }
    let (hand_out, do_not) = facts.elsewhere();
    let names = |systems: &[System]| systems.iter().map(ToString::to_string).collect::<Vec<_>>();
    Some(match (&hand_out[..], &do_not[..]) {
        ([], _) => Saying::new("elsewhere-none"),
        (all, []) => Saying::new("elsewhere-all").with("systems", names(all)),
        (some, rest) => Saying::new("elsewhere-some")
            .with("count", some.len())
            .with("systems", names(some))
            .with("others", names(rest)),
    })
}
