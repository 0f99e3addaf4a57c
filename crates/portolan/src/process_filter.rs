//! Whether a process is one of those asked for: what `--process`, `--unit` and `--container` mean.

use sockets::Process;

/// Whether `name` (lower case) is in the process's name, its program's or its first argument's.
pub(crate) fn is_called(process: &Process, name: &str) -> bool {
    let has = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase().contains(name);
    let first = process.cmdline.as_ref().and_then(|args| args.first());
    let base = |bytes: &[u8]| has(bytes.rsplit(|b| *b == b'/').next().unwrap_or(bytes));
    has(&process.comm)
        || process
            .exe
            .as_ref()
            .and_then(|exe| exe.file_name())
            .is_some_and(|exe| exe.to_string_lossy().to_lowercase().contains(name))
        || first.is_some_and(|arg| base(arg))
}

/// Whether a unit is the one wanted; `.service` may be left out.
pub(crate) fn is_unit(unit: &str, wanted: &str) -> bool {
    unit == wanted || unit.strip_suffix(".service") == Some(wanted)
}

/// Whether a container (`RUNTIME:ID`) is the one wanted: by runtime and id, or the start of its id.
pub(crate) fn is_container(container: &str, wanted: &str) -> bool {
    let id = container.split_once(':').map_or(container, |(_, id)| id);
    container == wanted || id.starts_with(wanted)
}
