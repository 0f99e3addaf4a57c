//! The API: the program's own JSON, as the document says, tagged and compressed.

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

use super::service::Service;

fn document() -> Value {
    serde_json::from_str(include_str!("../../../../web/openapi.json")).unwrap()
}

#[test]
fn every_answer_is_as_the_document_says() {
    let service = Service::start(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let document = document();
    for (path, route, status) in [
        (format!("/api/v1/ports/{port}"), "/api/v1/ports/{port}", 200),
        ("/api/v1/ports/ssh".to_owned(), "/api/v1/ports/{port}", 200),
        ("/api/v1/ports/8000-8100".to_owned(), "/api/v1/ports/{port}", 200),
        ("/api/v1/ports/70000".to_owned(), "/api/v1/ports/{port}", 400),
        ("/api/v1/ports/%ff".to_owned(), "/api/v1/ports/{port}", 400),
        ("/api/v1/events?port=1&port=2".to_owned(), "/api/v1/events", 400),
        ("/api/v1/overview".to_owned(), "/api/v1/overview", 200),
        ("/api/v1/chart".to_owned(), "/api/v1/chart", 200),
        ("/api/v1/chart?at=noon".to_owned(), "/api/v1/chart", 400),
        (format!("/api/v1/sockets?port={port}&listening=true"), "/api/v1/sockets", 200),
        ("/api/v1/sockets?colour=red".to_owned(), "/api/v1/sockets", 400),
        ("/api/v1/sockets?pid=x".to_owned(), "/api/v1/sockets", 400),
        ("/api/v1/registry?q=postgres".to_owned(), "/api/v1/registry", 200),
        ("/api/v1/registry".to_owned(), "/api/v1/registry", 400),
        (format!("/api/v1/who?port={port}"), "/api/v1/who", 404),
        ("/api/v1/who".to_owned(), "/api/v1/who", 400),
        ("/api/v1/room".to_owned(), "/api/v1/room", 200),
        ("/api/v1/doctor".to_owned(), "/api/v1/doctor", 200),
        ("/api/v1/leases".to_owned(), "/api/v1/leases", 200),
        ("/api/v1/status".to_owned(), "/api/v1/status", 200),
        ("/api/v1/openapi.json".to_owned(), "/api/v1/openapi.json", 200),
    ] {
        let answer = service.get(&path);
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
        let said = &document["paths"][route]["get"]["responses"][status.to_string()];
        let schema = &said["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path}: {status} is not in the document");
        assert_eq!(answer.header("content-type"), Some("application/json"), "{path}");
        if let Err(wrong) = fits(&answer.json(), schema, &document, path.clone()) {
            panic!("{wrong}");
        }
    }
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let service = Service::start(&[]);
    let document = document();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    for path in &paths {
        let path = path.replace("{port}", "22");
        if path.ends_with("/events") {
            service.events(&path).until("200 OK", std::time::Duration::from_secs(20)).unwrap();
            continue;
        }
        let answer = service.get(&path);
        assert!(!answer.body.contains("there is nothing here"), "{path}: {}", answer.body);
    }
    let routes = include_str!("../../../../web/src/api.rs");
    let served: Vec<&str> = routes
        .split(".route(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|path| !path.contains('*'))
        .collect();
    assert_eq!(served.len(), paths.len());
    assert!(served.iter().all(|path| paths.iter().any(|it| it == path)), "{served:?} {paths:?}");
    let lost = service.get("/api/v1/nothing");
    assert_eq!((lost.status, lost.json()["schema"].as_str()), (404, Some("portolan/1")));
}

#[test]
fn the_api_says_what_the_program_says() {
    let service = Service::start(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let program = |args: &[&str]| -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_portolan")).args(args).output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (ours, its) = (
        service.get(&format!("/api/v1/sockets?port={port}")).json(),
        program(&["ls", "--json", "--port", &port]),
    );
    assert_eq!(ours["sockets"], its["sockets"]);
    let store = service.dir().join("store");
    let store = store.to_str().unwrap();
    let card = service.get(&format!("/api/v1/ports/{port}")).json();
    let its = program(&[&port, "--json", "--no-probe", "--dir", store]);
    for field in ["port", "territory", "ephemeral", "sockets", "bind", "assignments", "before"] {
        assert_eq!(card[field], its[field], "{field}");
    }
    let registry = service.get("/api/v1/registry?q=postgres").body;
    let output = Command::new(env!("CARGO_BIN_EXE_portolan"))
        .args(["registry", "postgres", "--json"])
        .output()
        .unwrap();
    assert_eq!(registry, String::from_utf8(output.stdout).unwrap(), "the very bytes");
}

#[test]
fn an_answer_that_the_client_has_is_not_sent_again() {
    let service = Service::start(&[]);
    let first = service.get("/api/v1/registry?q=ssh");
    let tag = first.header("etag").unwrap().to_owned();
    let same = format!("If-None-Match: \"x\", {tag}");
    let again = service.ask("GET", "/api/v1/registry?q=ssh", &[&same], "");
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let other = service.ask("GET", "/api/v1/registry?q=smtp", &[&same], "");
    assert_eq!(other.status, 200);
    let packed = service.ask("GET", "/api/v1/registry?q=ssh", &["Accept-Encoding: gzip"], "");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let asset = first_asset(&service.get("/").body);
    let kept = service.get(&asset);
    assert!(kept.header("cache-control").is_some_and(|it| it.contains("immutable")), "{asset}");
}

fn first_asset(page: &str) -> String {
    let at = page.find("/assets/").unwrap();
    page[at..].split('"').next().unwrap().to_owned()
}

#[test]
fn what_is_counted_can_be_scraped() {
    let service = Service::start(&[]);
    service.get("/ports/70000");
    let text = service.get("/metrics").body;
    for wanted in [
        "portolan_http_answers_total{status=\"4xx\"} 1",
        "portolan_http_streams 0",
        "portolan_sockets{proto=\"tcp\",state=\"LISTEN\"}",
    ] {
        assert!(text.contains(wanted), "{text}");
    }
}

/// Whether `value` is what `schema` says; of objects no field may be there that it does not name.
fn fits(value: &Value, schema: &Value, document: &Value, at: String) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{at}: {why}: {value}"));
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap();
        return fits(value, &document["components"]["schemas"][name], document, at);
    }
    if let Some(any) = schema["anyOf"].as_array() {
        let tried: Vec<_> = any.iter().map(|it| fits(value, it, document, at.clone())).collect();
        let fitting = tried.iter().any(Result::is_ok);
        return if fitting { Ok(()) } else { tried.into_iter().next().unwrap() };
    }
    if let Some(allowed) = schema["enum"].as_array() {
        return if allowed.contains(value) { Ok(()) } else { wrong("it is none of the words") };
    }
    if !schema["const"].is_null() && schema["const"] != *value {
        return wrong("it is another constant");
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let says = &schema["type"];
    // What JSON writes as 1.0 it may write as 1, too.
    let is = |it: &Value| it == kind || (kind == "integer" && it == "number");
    if !is(says) && !says.as_array().is_some_and(|all| all.iter().any(is)) {
        return wrong("it is of another type");
    }
    if let Some(items) = value.as_array() {
        let fits = |(n, item)| fits(item, &schema["items"], document, format!("{at}[{n}]"));
        return items.iter().enumerate().try_for_each(fits);
    }
    let (Some(fields), Some(known)) = (value.as_object(), schema["properties"].as_object()) else {
        return Ok(());
    };
    for required in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(required.as_str().unwrap()) {
            return wrong(&format!("{required} is missing"));
        }
    }
    if schema["description"].is_string() && known.len() == 1 {
        return Ok(());
    }
    for (name, field) in fields {
        let Some(schema) = known.get(name) else { return wrong(&format!("{name} is not known")) };
        fits(field, schema, document, format!("{at}.{name}"))?;
    }
    Ok(())
}
