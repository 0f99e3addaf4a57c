//! What people paste when they mean a port: what is printed reads back as the same, and a complaint
//! is one line that is safe to print.

use registry::Target;

/// Reads `text` as a target.
pub(crate) fn run(text: &[u8]) {
    let Ok(text) = str::from_utf8(text) else { return };
    match text.parse::<Target>() {
        Ok(target) => check(&target),
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
}

fn check(target: &Target) {
    assert!(!target.ports.is_empty());
    assert!(target.ports.iter().all(|range| range.first() <= range.last()));
    let printed = target.to_string();
    let again: Target = printed.parse().unwrap_or_else(|error| panic!("{printed:?}: {error}"));
    assert_eq!(
        (&again.ports, again.proto, &again.host),
        (&target.ports, target.proto, &target.host),
        "{printed:?}"
    );
}
