//! Prometheus' text format, version 0.0.4 ("Exposition formats" of its documentation): what both a scrape
//! and `node_exporter`'s textfile collector read. The crate `prometheus-client` writes `OpenMetrics` alone, whose
//! counters that format takes for untyped.

use std::fmt::Write;

/// A metric: a name, what it means, and a value for each set of labels.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: Vec<(Vec<(&'static str, String)>, f64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Gauge,
    Counter,
}

impl Family {
    /// Something that goes up and down.
    pub(crate) fn gauge(name: &'static str, help: &'static str) -> Family {
        Family { name, help, kind: Kind::Gauge, samples: Vec::new() }
    }

    /// Something that only goes up.
    pub(crate) fn counter(name: &'static str, help: &'static str) -> Family {
        Family { name, help, kind: Kind::Counter, samples: Vec::new() }
    }

    /// Adds a value.
    pub(crate) fn value(&mut self, labels: &[(&'static str, &str)], value: f64) {
        let labels = labels.iter().map(|(name, text)| (*name, (*text).to_owned())).collect();
        self.samples.push((labels, value));
    }

    /// Adds a whole number.
    pub(crate) fn count(&mut self, labels: &[(&'static str, &str)], count: impl TryInto<u64>) {
        #[expect(clippy::cast_precision_loss, reason = "Prometheus' values are floats")]
        let value = count.try_into().unwrap_or(u64::MAX) as f64;
        self.value(labels, value);
    }
}

/// The families as text; those without a value are left out.
pub(super) fn written(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families.iter().filter(|family| !family.samples.is_empty()) {
        let kind = match family.kind {
            Kind::Gauge => "gauge",
            Kind::Counter => "counter",
        };
        let help = family.help.replace('\\', "\\\\").replace('\n', "\\n");
        writeln!(text, "# HELP {} {help}\n# TYPE {} {kind}", family.name, family.name)
            .expect("writing to a string cannot fail");
        for (labels, value) in &family.samples {
            let labels: Vec<String> =
                labels.iter().map(|(name, text)| format!("{name}=\"{}\"", escaped(text))).collect();
            let labels =
                if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            writeln!(text, "{}{labels} {value}", family.name)
                .expect("writing to a string cannot fail");
        }
    }
    text
}

fn escaped(label: &str) -> String {
    label.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_that_of_its_documentation() {
        let mut gauge = Family::gauge("portolan_x_ratio", "A share.");
        gauge.value(&[("to", "a\"b\\c\nd"), ("proto", "tcp")], 0.5);
        gauge.count(&[], 3_u32);
        let empty = Family::counter("portolan_y_total", "Nothing.");
        assert_eq!(
            written(&[gauge, empty]),
            "# HELP portolan_x_ratio A share.\n# TYPE portolan_x_ratio gauge\n\
             portolan_x_ratio{to=\"a\\\"b\\\\c\\nd\",proto=\"tcp\"} 0.5\nportolan_x_ratio 3\n"
        );
    }
}
