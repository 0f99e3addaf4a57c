//! The rules that keep the tree readable, held against the tree itself: which crate may depend on
//! which (`cargo metadata`), what every source file looks like, and where `unsafe` may stand.
//! The rules and their reasons are in `ARCHITECTURE.md` and `CONTRIBUTING.md`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Our crates from the bottom up; each may depend on those of earlier lines alone. This is
/// `registry ← sockets ← {bpf, log, alloc} ← {web, lease} ← portolan`.
const LAYERS: [&[&str]; 5] = [
    &["registry", "preload"],
    &["sockets"],
    &["bpf", "log", "alloc"],
    &["web", "lease"],
    &["portolan"],
];

/// Names that say nothing about what is inside: move the code to the type it serves.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "common", "helper", "helpers", "misc", "types", "manager"];

/// The folders that may call C: one for each operating system.
const MAY_CALL_C: [&str; 4] = ["linux", "macos", "windows", "freebsd"];

#[test]
fn dependencies_point_downwards() {
    let mut wrong = Vec::new();
    for package in packages() {
        let name = text(&package["name"]);
        let Some(layer) = layer(name) else {
            wrong.push(format!(
                "{name}: a new crate; give it its place in LAYERS and its reason in ARCHITECTURE.md"
            ));
            continue;
        };
        let ours = dependencies(&package).filter(|dependency| dependency["path"].is_string());
        for dependency in ours.map(|dependency| text(&dependency["name"])) {
            if self::layer(dependency).is_none_or(|below| below >= layer) {
                wrong.push(format!("{name} depends on {dependency}, which is not below it"));
            }
        }
    }
    assert_none("dependencies run registry ← sockets ← {bpf, log, alloc} ← web ← portolan", &wrong);
}

#[test]
fn the_registry_depends_on_nothing() {
    let packages = packages();
    let registry = packages.iter().find(|package| package["name"] == "registry").unwrap();
    let wrong: Vec<String> = dependencies(registry)
        .filter(|dependency| dependency["kind"] != "dev")
        .map(|dependency| text(&dependency["name"]).to_owned())
        .collect();
    assert_none("registry has no dependencies, strangers use it alone", &wrong);
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    let wrong: Vec<String> = packages()
        .iter()
        .map(|package| text(&package["manifest_path"]).to_owned())
        .filter(|manifest| {
            !fs::read_to_string(manifest).unwrap().contains("[lints]\nworkspace = true")
        })
        .collect();
    assert_none("a manifest says [lints] workspace = true", &wrong);
}

#[test]
fn every_file_says_what_it_is() {
    let wrong = offenders(|source| !source.text.starts_with("//! "));
    assert_none("a file opens with //!: what lives here, and its source of truth", &wrong);
}

#[test]
fn no_file_is_over_600_lines() {
    let wrong = offenders(|source| source.text.lines().count() > 600);
    assert_none("past 600 lines a file is split, by noun", &wrong);
}

#[test]
fn names_say_what_is_inside() {
    let says_nothing = |name: &str| EMPTY_NAMES.contains(&name);
    let wrong = offenders(|source| {
        let parts = source.path.with_extension("");
        parts.iter().filter_map(|part| part.to_str()).any(says_nothing)
    });
    assert_none("no utils, common, helpers, misc, types or manager", &wrong);
}

#[test]
fn unsafe_stands_only_where_c_is_called() {
    let marker = concat!("unsafe", "_code"); // not to find itself
    let wrong = offenders(|source| {
        let may = source.path.iter().any(|part| MAY_CALL_C.iter().any(|folder| part == *folder));
        source.text.contains(marker) && !may
    });
    assert_none("unsafe code lives in the folder of an operating system alone", &wrong);
}

#[test]
fn every_parser_made_for_fuzzing_is_a_fuzz_target() {
    let targets = fs::read_to_string(root().join("fuzz/src/lib.rs")).unwrap();
    let wrong = offenders(|source| {
        let names = source.text.lines().filter_map(|line| line.strip_prefix("pub fn "));
        source.path.ends_with("fuzz.rs")
            && names
                .filter_map(|rest| rest.split_once('('))
                .any(|(name, _)| !targets.contains(&format!("::fuzz::{name} }}")))
    });
    assert_none("every pub fn of a fuzz module has a line in fuzz/src/lib.rs", &wrong);
}

/// A Rust file of ours, its path from the root.
struct Source {
    path: PathBuf,
    text: String,
}

/// The files that break a rule.
fn offenders(breaks: impl Fn(&Source) -> bool) -> Vec<String> {
    let mut sources = Vec::new();
    for folder in ["crates", "fuzz/src"] {
        read_sources(&root().join(folder), &mut sources);
    }
    assert!(sources.len() > 50, "only {} files found: not our tree", sources.len());
    let broken = sources.iter().filter(|source| breaks(source));
    broken.map(|source| source.path.display().to_string()).collect()
}

fn read_sources(folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            sources.push(Source { path: path.strip_prefix(root()).unwrap().to_owned(), text });
        }
    }
}

/// The crates of the workspace, as cargo describes them.
fn packages() -> Vec<Value> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline", "--locked"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    serde_json::from_value(metadata["packages"].take()).unwrap()
}

fn dependencies(package: &Value) -> impl Iterator<Item = &Value> {
    package["dependencies"].as_array().unwrap().iter()
}

/// Where the crate called `name` stands, 0 at the bottom.
fn layer(name: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&name))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

#[track_caller]
fn assert_none(rule: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{rule}; but:\n  {}", wrong.join("\n  "));
}
