//! `/metrics`: what is counted, in the text format of Prometheus (0.0.4).

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::{self, Request};
use axum::http::header;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::{State, StateCount};

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    /// Answers, by the first digit of their status.
    answers: [AtomicU64; 6],
}

/// Counts an answer.
pub(crate) async fn count(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    let class = usize::from(response.status().as_u16() / 100);
    if let Some(count) = state.metrics().answers.get(class) {
        count.fetch_add(1, Ordering::Relaxed);
    }
    response
}

/// Serves what was counted, and how many sockets there are.
pub(crate) async fn show(extract::State(state): extract::State<State>) -> Response {
    let sockets = match state.ask(|machine| machine.census()).await {
        Ok(sockets) => sockets,
        Err(trouble) => return trouble.into_response(),
    };
    let text = write(state.metrics(), state.streams(), &sockets);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

fn write(metrics: &Metrics, streams: usize, sockets: &[StateCount]) -> String {
    let mut text = String::new();
    about(
        &mut text,
        "portolan_http_answers_total",
        "counter",
        "Answers by the class of their status.",
    );
    for (class, count) in metrics.answers.iter().enumerate().skip(2) {
        let count = count.load(Ordering::Relaxed);
        let _infallible =
            writeln!(text, "portolan_http_answers_total{{status=\"{class}xx\"}} {count}");
    }
    about(&mut text, "portolan_http_streams", "gauge", "Live streams that are open.");
    let _infallible = writeln!(text, "portolan_http_streams {streams}");
    about(&mut text, "portolan_sockets", "gauge", "Sockets with a port, by protocol and state.");
    for StateCount { proto, state, sockets } in sockets {
        let labels = format!("proto=\"{proto}\",state=\"{state}\"");
        let _infallible = writeln!(text, "portolan_sockets{{{labels}}} {sockets}");
    }
    text
}

fn about(text: &mut String, name: &str, kind: &str, help: &str) {
    let _infallible = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

#[cfg(test)]
mod tests {
    use registry::Proto;

    use super::*;

    #[test]
    fn what_is_counted_reads_as_prometheus_wants_it() {
        let metrics = Metrics::default();
        metrics.answers[2].fetch_add(3, Ordering::Relaxed);
        let sockets = [StateCount { proto: Proto::Tcp, state: "LISTEN", sockets: 7 }];
        let text = write(&metrics, 2, &sockets);
        for line in [
            "portolan_http_answers_total{status=\"2xx\"} 3",
            "portolan_http_streams 2",
            "portolan_sockets{proto=\"tcp\",state=\"LISTEN\"} 7",
            "# TYPE portolan_sockets gauge",
        ] {
            assert!(text.lines().any(|it| it == line), "{text}");
        }
    }
}
