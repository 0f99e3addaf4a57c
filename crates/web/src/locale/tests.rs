//! Every message, in every language: none is missing where it must be there, none is asked for that
//! does not exist, none is there that nobody asks for, and all take the same values.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, iter};

use fluent_bundle::FluentResource;

use super::catalogue::Catalogue;
use super::*;

/// A message or term by its id: the names of the values that it takes.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// The messages of a file of a language.
fn messages(language: Language, catalogue: Catalogue, file: &str) -> Option<Messages> {
    let file = catalogue.files(language).iter().find(|it| it.name == file)?;
    if let Err((_, errors)) = FluentResource::try_new(file.text.to_owned()) {
        panic!("{language}/{}.ftl: {errors:?}", file.name);
    }
    let mut found = Messages::new();
    let mut id = String::new();
    for line in file.text.lines() {
        let begins = line.starts_with(|c: char| c.is_ascii_lowercase());
        if let Some((name, _)) = line.split_once(" =").filter(|_| begins) {
            id = name.to_owned();
            let twice = found.insert(id.clone(), BTreeSet::new()).is_some();
            assert!(!twice, "{language}/{}.ftl says {id} twice", file.name);
        }
        if !line.starts_with('#') {
            let values = line.split('$').skip(1).map(|rest| {
                rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c))
            });
            let names = found.entry(id.clone()).or_default();
            names.extend(values.map(Iterator::collect::<String>));
        }
    }
    found.remove("");
    Some(found)
}

/// All messages of a language.
fn all(language: Language, catalogue: Catalogue) -> Messages {
    let files = catalogue.files(language).iter();
    files.flat_map(|file| messages(language, catalogue, file.name).unwrap()).collect()
}

/// The languages that have a file of this name.
fn speakers(catalogue: Catalogue, file: &str) -> Vec<Language> {
    let has = |language: &Language| catalogue.files(*language).iter().any(|it| it.name == file);
    Language::ALL.into_iter().filter(has).collect()
}

/// What each language lacks of a file, of which it has the rest.
fn missing(catalogue: Catalogue, file: &str, of: &[Language]) -> Vec<String> {
    let whole: Messages = speakers(catalogue, file)
        .into_iter()
        .flat_map(|language| messages(language, catalogue, file).unwrap())
        .collect();
    let lacks = |language: &Language| {
        let has = messages(*language, catalogue, file).unwrap_or_default();
        let lacking: Vec<&String> = whole.keys().filter(|id| !has.contains_key(*id)).collect();
        lacking
            .into_iter()
            .map(|id| format!("{language}/{file}.ftl lacks {id}"))
            .collect::<Vec<_>>()
    };
    of.iter().flat_map(lacks).collect()
}

#[track_caller]
fn assert_none(rule: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{rule}; but:\n  {}", wrong.join("\n  "));
}

#[test]
fn every_language_has_every_message_that_it_must() {
    let names = |catalogue: Catalogue| {
        let files = Language::ALL.into_iter().flat_map(move |it| catalogue.files(it));
        files.map(|file| file.name).collect::<BTreeSet<_>>()
    };
    let mut wrong = Vec::new();
    for file in names(Catalogue::Pages) {
        let must = match file {
            "prose" => vec![Language::English, Language::Urdu],
            _ => Language::ALL.to_vec(),
        };
        wrong.extend(missing(Catalogue::Pages, file, &must));
    }
    for catalogue in [Catalogue::Card, Catalogue::Findings] {
        for file in names(catalogue) {
            wrong.extend(missing(catalogue, file, &Language::ALL[1..]));
        }
    }
    assert_none("English and Urdu are whole, and so is every interface, card and finding", &wrong);
}

#[test]
fn what_falls_back_to_english_is_known() {
    let english = all(Language::English, Catalogue::Pages);
    let lacking = |language: Language| {
        let has = all(language, Catalogue::Pages);
        english.keys().filter(|id| !has.contains_key(*id)).count()
    };
    assert_eq!(lacking(Language::Urdu), 0);
    let prose = messages(Language::English, Catalogue::Pages, "prose").unwrap().len();
    for language in [Language::Spanish, Language::German, Language::Chinese] {
        assert_eq!(lacking(language), prose, "{language} lacks more than the prose");
        let told = Locale::of(language).message("what-zero", &[]);
        assert_eq!(told.language, Language::English);
    }
}

#[test]
fn every_language_puts_the_same_values_into_a_message() {
    let mut wrong = Vec::new();
    for (catalogue, model) in [
        (Catalogue::Pages, Language::English),
        (Catalogue::Card, Language::Urdu),
        (Catalogue::Findings, Language::Urdu),
    ] {
        let model = all(model, catalogue);
        for language in Language::ALL {
            for (id, values) in all(language, catalogue) {
                let wanted = model.get(&id).cloned().unwrap_or_default();
                // A plural or a choice need not be made, but no value may be made up.
                if !values.is_subset(&wanted) {
                    wrong.push(format!("{language}: {id} takes {values:?}, not {wanted:?}"));
                }
                let dropped =
                    wanted.difference(&values).filter(|it| !CHOOSERS.contains(&it.as_str()));
                wrong.extend(dropped.map(|it| format!("{language}: {id} says nothing of ${it}")));
            }
        }
    }
    assert_none("a message says the same in every language", &wrong);
}

#[test]
fn every_message_asked_for_exists_and_every_message_is_asked_for() {
    let known: BTreeSet<String> = [Catalogue::Pages, Catalogue::Card, Catalogue::Findings]
        .into_iter()
        .flat_map(|catalogue| {
            Language::ALL.into_iter().flat_map(move |language| all(language, catalogue).into_keys())
        })
        .collect();
    let mut asked = BTreeSet::new();
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (literal, called) in literals(&text) {
            if known.contains(literal) {
                asked.insert(literal.to_owned());
            } else if let Some(start) = literal.strip_suffix('{') {
                // An id that is put together: `role-{…}`.
                let begun = known.iter().filter(|id| id.starts_with(start)).cloned();
                asked.extend(begun);
            } else if called {
                wrong.push(format!("{} asks for {literal}", path.display()));
            }
        }
    }
    assert_none("every message asked for exists", &wrong);
    let unused = known.difference(&asked).map(|id| format!("nobody asks for {id}"));
    assert_none("every message is asked for", &unused.collect::<Vec<_>>());
}

/// Every `remark!` of the program has its id and its English written out, with the values in it by
/// their names; the compiler holds that English leaves none out.
#[test]
fn every_remark_is_told_in_every_language_with_the_values_of_its_english() {
    let languages = Language::ALL[1..].iter();
    let told: Vec<_> =
        languages.map(|language| (language, all(*language, Catalogue::Findings))).collect();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (id, values) in sources().iter().flat_map(|(_, text)| remarks(text)) {
        seen += 1;
        for (language, messages) in &told {
            let has = messages.get(&id);
            if has != Some(&values) {
                wrong.push(format!("{language}: {id} takes {values:?}, not {has:?}"));
            }
        }
    }
    assert!(seen > 60, "only {seen} remarks found");
    assert_none("a remark says the same in every language", &wrong);
}

#[test]
fn isolates_stand_around_values_only_where_lines_run_from_right_to_left() {
    let told = |language| Locale::of(language).text("port-heading", &[("port", "60440".into())]);
    assert_eq!(told(Language::English), "Port 60440");
    assert!(told(Language::Urdu).contains("\u{2068}60440\u{2069}"), "{}", told(Language::Urdu));
}

/// Ranges, endpoints and commands are values or code: written into a sentence that runs from right
/// to left, `1–2` would read `2–1`.
#[test]
fn no_message_from_right_to_left_has_a_range_written_into_it() {
    let mut wrong = Vec::new();
    for catalogue in [Catalogue::Pages, Catalogue::Card, Catalogue::Findings] {
        for file in catalogue.files(Language::Urdu) {
            let isolated = |line: &&str| line.contains(r"\u2066") || line.starts_with('#');
            for line in file.text.lines().filter(|line| !isolated(line)) {
                let outside: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
                let chars: Vec<char> = outside.chars().collect();
                let range = |it: &[char]| {
                    it[0].is_ascii_digit() && "–-:/".contains(it[1]) && it[2].is_ascii_digit()
                };
                if chars.windows(3).any(range) {
                    wrong.push(line.to_owned());
                }
            }
        }
    }
    assert_none("a range is a value or code", &wrong);
}

/// Values that a message chooses by and need not show.
const CHOOSERS: [&str; 5] = ["count", "many", "kind", "others", "everywhere"];

/// The Rust files and templates that ask for messages.
fn sources() -> Vec<(PathBuf, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = [here.join("src"), here.join("templates"), here.join("../portolan/src")];
    let mut pending: Vec<PathBuf> = roots.into_iter().filter(|root| root.exists()).collect();
    let mut found = Vec::new();
    while let Some(folder) = pending.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let kind = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
            if path.is_dir() {
                pending.push(path);
            } else if ["rs", "html", "js"].contains(&kind) && !path.ends_with("locale/tests.rs") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 20, "only {} files found", found.len());
    found
}

/// The texts between quotation marks that may be ids, and whether each stands where an id must.
fn literals(text: &str) -> impl Iterator<Item = (&str, bool)> {
    let mut rest = text;
    iter::from_fn(move || {
        loop {
            let at = rest.find('"')?;
            let before = &rest[..at];
            let behind = &rest[at + 1..];
            let id = behind.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next()?;
            rest = behind;
            if id.ends_with('-') && behind[id.len()..].starts_with('{') {
                return Some((&behind[..=id.len()], false));
            }
            if !id.is_empty() && behind[id.len()..].starts_with('"') {
                rest = &behind[id.len() + 1..];
                let called = CALLS.iter().any(|call| before.trim_end().ends_with(call));
                return Some((id, called && !id.contains("no-such")));
            }
        }
    })
}

/// The remarks that a file makes: the id of each, and the names of the values in its English.
fn remarks(text: &str) -> Vec<(String, BTreeSet<String>)> {
    let made = text.split("remark!(").skip(1).filter(|call| call.trim_start().starts_with('"'));
    let remark = |call: &str| {
        let mut quoted = call.split('"').skip(1).step_by(2);
        let (id, english) = quoted.next().zip(quoted.next()).expect("an id and its English");
        let names = english.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
        (id.to_owned(), names.map(|(name, _)| name.to_owned()).collect())
    };
    made.map(remark).collect()
}

/// What stands before an id.
const CALLS: [&str; 8] =
    [".t(", ".t1(", ".say(", ".word(", ".text(", ".message(", "Saying::new(", "remark!("];
