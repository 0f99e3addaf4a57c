//! The corpus of the fuzzer, bent at random: whatever the bytes, nothing panics. What libFuzzer does
//! for hours this does for a second, each time.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files = fs::read_dir(folder).unwrap();
    files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
}

/// A file of the corpus with some bytes changed, then a stretch put elsewhere, then cut.
fn mutant(target: &str) -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    let places = any::<[prop::sample::Index; 3]>();
    (prop::sample::select(corpus(target)), edits, places, any::<bool>()).prop_map(
        |(mut bytes, edits, [from, to, cut], splice)| {
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if splice {
                let stretch = bytes[from.index(bytes.len())..].iter().take(24).copied();
                let stretch: Vec<u8> = stretch.collect();
                let at = to.index(bytes.len());
                bytes.splice(at..at, stretch);
            } else {
                bytes.truncate(cut.index(bytes.len() + 1).max(1));
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn journals(bytes in mutant("journal")) {
        log::fuzz::journal(&bytes);
    }

    #[test]
    fn messages(bytes in mutant("message")) {
        log::fuzz::message(&bytes);
    }

    #[test]
    fn groups(bytes in mutant("group")) {
        log::fuzz::group(&bytes);
    }
}

/// A corpus that nothing can read leads the fuzzer nowhere.
#[test]
fn the_corpus_is_understood() {
    use log::{Answer, Change, Encoded as _, Question, Status, Tenure};
    let read = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/message");
        fs::read(folder.join(name)).unwrap()
    };
    Question::decode(&read("question")).unwrap();
    Answer::decode(&read("answer")).unwrap();
    Change::decode(&read("change")).unwrap();
    Vec::<(u64, Tenure)>::decode(&read("held")).unwrap();
    Status::decode(&read("status")).unwrap();
}
