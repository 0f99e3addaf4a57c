//! What a page leans on, to be read by whoever doubts it.

use registry::{Port, Territory};

use super::Facts;

/// A document, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// What it is called, in its own language, which is English.
    pub title: String,
    /// Where it is; `None` for a manual page, which is on the machine.
    pub address: Option<String>,
}

/// What the page of these facts is told from.
#[must_use]
pub fn sources(facts: &Facts) -> Vec<Cited> {
    let mut all = vec![
        Cited {
            title: format!(
                "IANA, Service Name and Transport Protocol Port Number Registry, as of {}",
                registry::table_source().date
            ),
            address: Some(format!("{REGISTRY}?search={}", facts.port)),
        },
        rfc(6335, "IANA Procedures for the Service Name and Port Number Registry"),
    ];
    let documents = facts.assigned.iter().filter_map(|service| service.reference);
    let mut seen = Vec::new();
    for document in documents.filter(|document| !document.contains("6335")) {
        if !seen.contains(&document) {
            seen.push(document);
            all.push(reference(document));
        }
    }
    if facts.is_ephemeral() || facts.port == Port::NONE {
        all.push(rfc(6056, "Recommendations for Transport-Protocol Port Randomization"));
        all.push(rfc(9293, "Transmission Control Protocol, 3.6: Closing a Connection"));
    }
    all.push(Cited {
        title: "Linux, Documentation/networking/ip-sysctl.rst".to_owned(),
        address: Some("https://docs.kernel.org/networking/ip-sysctl.html".to_owned()),
    });
    let privileged = facts.territory() == Territory::System;
    let pages = ["ip(7)", "bind(2)", if privileged { "capabilities(7)" } else { "tcp(7)" }];
    let pages = pages.into_iter().chain(["ss(8)", "lsof(8)"]);
    all.push(Cited { title: pages.collect::<Vec<_>>().join(", "), address: None });
    all
}

fn rfc(number: u16, title: &str) -> Cited {
    Cited { title: format!("RFC {number}: {title}"), address: Some(rfc_address(number)) }
}

/// A document as the registry names it: with an address where it is an RFC.
fn reference(document: &str) -> Cited {
    let number = document.strip_prefix("RFC ").and_then(|rest| rest.parse().ok());
    Cited { title: document.to_owned(), address: number.map(rfc_address) }
}

fn rfc_address(number: u16) -> String {
    format!("https://www.rfc-editor.org/rfc/rfc{number}")
}

const REGISTRY: &str =
    "https://www.iana.org/assignments/service-names-port-numbers/service-names-port-numbers.xhtml";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_cites_what_defines_its_service_once() {
        let facts = Facts::of(Port(22), None, None);
        let titles: Vec<String> = sources(&facts).into_iter().map(|cited| cited.title).collect();
        assert_eq!(titles.iter().filter(|title| **title == "RFC 4251").count(), 1, "{titles:?}");
        assert!(!titles.iter().any(|title| title.contains("6056")), "{titles:?}");
    }

    #[test]
    fn an_ephemeral_port_cites_what_it_is_lent_by() {
        let facts = Facts::of(Port(60440), None, None);
        assert!(sources(&facts).iter().any(|cited| cited.title.contains("RFC 6056")));
    }
}
