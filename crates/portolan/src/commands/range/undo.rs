//! What `range set` found is written down before anything is changed, so that `range undo` can put it
//! back: a stack of changes for each network namespace, in a directory that is root's alone.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};

use super::settings::{Settings, sysctl_file};
use crate::args::{OutputArgs, RangeSetArgs, RangeUndoArgs};
use crate::exit::Exit;
use crate::label;
use crate::output::json::{RangeJson, SCHEMA};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// The boot in which it was made: what was not persisted ended with it.
    boot: String,
    before: Settings,
    after: Settings,
    /// The file for the next boot, where one was written.
    persisted: Option<Persisted>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Persisted {
    path: PathBuf,
    /// What was in the file before; `None` where there was none.
    before: Option<String>,
}

/// The changes of one namespace.
struct Stack {
    path: PathBuf,
    entries: Vec<Entry>,
}

/// Makes a change: all of it, or nothing.
pub(super) fn apply(
    before: &Settings,
    after: &Settings,
    args: &RangeSetArgs,
) -> anyhow::Result<()> {
    let mut stack = Stack::open(&args.undo_dir)?;
    let path = sysctl_file(&args.sysctl_dir);
    let persisted = args.persist.then(|| Persisted::of(path)).transpose()?;
    let entry = Entry { boot: boot()?, before: before.clone(), after: after.clone(), persisted };
    stack.entries.push(entry.clone());
    stack.save()?;
    let steps = entry.persist().and_then(|()| after.apply());
    if steps.is_err() {
        stack.entries.pop();
        // The settings are as they were, whatever becomes of the file: there is nothing to undo.
        let (file, saved) = (entry.unpersist(), stack.save());
        if let Err(worse) = file.and(saved) {
            return steps.context(format!("and it could not be undone: {worse:#}"));
        }
    }
    steps
}

/// Puts back what was before the last change.
pub(super) fn run(
    args: &RangeUndoArgs,
    output: OutputArgs,
    out: &mut impl Write,
) -> anyhow::Result<Exit> {
    if !rustix::process::geteuid().is_root() {
        bail!("only root may change the range");
    }
    let before = crate::netns::inside(args.netns.as_ref(), || undo(&args.undo_dir))?;
    let (range, list) = (before.range(), before.reserved());
    if output.json {
        let reserved = list.into_iter().map(RangeJson::from).collect();
        let json = UndoneJson { schema: SCHEMA, range: range.into(), reserved };
        serde_json::to_writer_pretty(&mut *out, &json)?;
        writeln!(out)?;
    } else {
        let list = if list.is_empty() { "none".to_owned() } else { label::ranges(&list) };
        writeln!(out, "back to {}, reserved: {list}", label::range(range))?;
    }
    Ok(Exit::Answered)
}

/// Undoes the last change in the namespace of this thread; what the settings are again.
fn undo(dir: &Path) -> anyhow::Result<Settings> {
    let mut stack = Stack::open(dir)?;
    let Some(entry) = stack.entries.pop() else {
        bail!("there is nothing to undo: `range set` changed nothing here");
    };
    let now = Settings::read()?;
    if now != entry.after {
        let list = Some(now.list()).filter(|list| !list.is_empty());
        bail!(
            "somebody changed it since: it is {} now (reserved: {}), and was set to {}; portolan range set \
             {} would go back",
            now.range(),
            list.as_deref().unwrap_or("none"),
            entry.after.range(),
            entry.before.range()
        );
    }
    entry.refuse_to_lose()?;
    entry.before.apply()?;
    if let Err(error) = entry.unpersist() {
        entry.after.apply()?;
        return Err(error.context("nothing was changed"));
    }
    stack.save()?;
    Ok(entry.before)
}

#[derive(Serialize)]
struct UndoneJson {
    schema: &'static str,
    range: RangeJson,
    reserved: Vec<RangeJson>,
}

impl Entry {
    /// Writes the file for the next boot, if that is wanted.
    fn persist(&self) -> anyhow::Result<()> {
        let Some(persisted) = &self.persisted else { return Ok(()) };
        replace(&persisted.path, &self.text(), 0o644)
    }

    /// What the file for the next boot says.
    fn text(&self) -> String {
        format!(
            "# Written by `portolan range set`; `portolan range undo` takes it away.\n{}",
            self.after.sysctl_lines()
        )
    }

    /// Refuses where somebody else wrote into the file since: it would be lost.
    fn refuse_to_lose(&self) -> anyhow::Result<()> {
        let Some(Persisted { path, before }) = &self.persisted else { return Ok(()) };
        match text_of(path)? {
            now if now == *before || now.as_ref() == Some(&self.text()) => Ok(()),
            None => Ok(()),
            Some(_) => bail!(
                "{} is not as `range set` wrote it: what was added there would be lost; move it elsewhere, then \
                 undo again",
                path.display()
            ),
        }
    }

    /// Puts back what was there, if that is not there still.
    fn unpersist(&self) -> anyhow::Result<()> {
        let Some(Persisted { path, before }) = &self.persisted else { return Ok(()) };
        match before {
            now if *now == text_of(path)? => Ok(()),
            Some(text) => replace(path, text, 0o644),
            None => fs::remove_file(path)
                .with_context(|| format!("{} could not be removed", path.display())),
        }
    }
}

impl Persisted {
    fn of(path: PathBuf) -> anyhow::Result<Persisted> {
        let before = text_of(&path)?;
        Ok(Persisted { path, before })
    }
}

/// What is in a file; `None` where there is none.
fn text_of(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} could not be read", path.display())),
    }
}

impl Stack {
    /// The changes made in the namespace of this thread that hold still.
    fn open(dir: &Path) -> anyhow::Result<Stack> {
        let failed = || format!("{} could not be used", dir.display());
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.with_context(failed)?;
        let metadata = fs::symlink_metadata(dir).with_context(failed)?;
        if !metadata.is_dir() || metadata.uid() != 0 || metadata.mode() & 0o022 != 0 {
            bail!("{} is not root's alone, so what it says is not believed", dir.display());
        }
        let path = dir.join(format!("{}.json", name()?));
        let entries: Vec<Entry> = match fs::read(&path) {
            Ok(json) => serde_json::from_slice(&json)
                .with_context(|| format!("{} is damaged; it may be removed", path.display()))?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error).with_context(failed),
        };
        // After a boot only what was persisted holds; what it was changed from then is the rest.
        let boot = boot()?;
        let entries = entries
            .into_iter()
            .filter(|entry| entry.boot == boot || entry.persisted.is_some())
            .collect();
        Ok(Stack { path, entries })
    }

    fn save(&self) -> anyhow::Result<()> {
        if self.entries.is_empty() {
            return match fs::remove_file(&self.path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error)
                    .with_context(|| format!("{} could not be removed", self.path.display())),
                _ => Ok(()),
            };
        }
        replace(&self.path, &serde_json::to_string(&self.entries)?, 0o600)
    }
}

/// The name of this namespace among the stacks: that of the first process' is the machine's, and the
/// same after a boot.
fn name() -> anyhow::Result<String> {
    if crate::netns::is_machines() == Some(true) {
        return Ok("machine".to_owned());
    }
    let own = fs::metadata("/proc/thread-self/ns/net");
    Ok(own.context("our network namespace could not be told")?.ino().to_string())
}

fn boot() -> anyhow::Result<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .context("the boot could not be told")?;
    Ok(id.trim().to_owned())
}

/// Replaces a file, so that whoever reads it sees the old or the new one whole.
fn replace(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let failed = || format!("{} could not be written", path.display());
    let new = path.with_extension("new");
    let written = fs::remove_file(&new)
        .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
        .and_then(|()| fs::File::create_new(&new))
        .and_then(|mut file| {
            file.set_permissions(fs::Permissions::from_mode(mode))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&new, path));
    written.with_context(failed)
}
