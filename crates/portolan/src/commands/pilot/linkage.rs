//! Whether a library can be loaded with a program that is to be piloted.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use object::elf;
use object::read::elf::{ElfFile, FileHeader, ProgramHeader};
use object::{Object, ReadRef};
use rustix::fs::getxattr;
use rustix::process::geteuid;

use crate::program;

/// Why no library can be loaded with the program at `path`; `None` where nothing speaks against it.
pub(super) fn obstacle(path: &Path) -> Option<String> {
    obstacle_within(path, INTERPRETERS)
}

/// Follows scripts to what runs them, so many times.
fn obstacle_within(path: &Path, interpreters: u32) -> Option<String> {
    let shown = path.display();
    if fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o6000 != 0) {
        return Some(format!("{shown} runs as another user (setuid), and loads nothing of others"));
    }
    let mut capabilities = [0; 64];
    if !geteuid().is_root() && getxattr(path, "security.capability", &mut capabilities).is_ok() {
        return Some(format!("{shown} has capabilities of its own, and loads nothing of others"));
    }
    let mut head = vec![0; 4096];
    let read = File::open(path).and_then(|mut file| file.read(&mut head)).ok()?;
    head.truncate(read);
    if let Some(line) = head.strip_prefix(b"#!") {
        let next = interpreter(line)?;
        return obstacle_within(&next, interpreters.checked_sub(1)?);
    }
    let whole = fs::read(path).ok()?;
    let why = if whole.get(4) == Some(&elf::ELFCLASS32) {
        linkage(&ElfFile::<elf::FileHeader32<object::Endianness>>::parse(&*whole).ok()?)
    } else {
        linkage(&ElfFile::<elf::FileHeader64<object::Endianness>>::parse(&*whole).ok()?)
    };
    why.map(|why| format!("{shown} {why}"))
}

/// What the first line of a script names: `/bin/sh -e`, `/usr/bin/env python3`.
fn interpreter(line: &[u8]) -> Option<PathBuf> {
    let line = line.split(|byte| *byte == b'\n').next()?;
    let mut words = line.split(|byte| byte.is_ascii_whitespace()).filter(|word| !word.is_empty());
    let first = Path::new(OsStr::from_bytes(words.next()?));
    if first.file_name() != Some(OsStr::new("env")) {
        return Some(first.to_owned());
    }
    let named = words.find(|word| !word.starts_with(b"-") && !word.contains(&b'='))?;
    program::find(OsStr::from_bytes(named)).ok()
}

/// What in an ELF file keeps a library of this machine from being loaded, or from being called.
fn linkage<'data, Elf: FileHeader<Endian = object::Endianness>, R: ReadRef<'data>>(
    file: &ElfFile<'data, Elf, R>,
) -> Option<&'static str> {
    let endian = file.endian();
    let is_interpreter = |header: &Elf::ProgramHeader| header.p_type(endian) == elf::PT_INTERP;
    if file.elf_header().is_class_32() || file.elf_header().e_machine(endian) != machine() {
        return Some("is for another kind of machine than portolan");
    }
    if !file.elf_program_headers().iter().any(is_interpreter) {
        return Some("is linked statically, and loads no library");
    }
    if file.section_by_name(".go.buildinfo").is_some() {
        return Some("is a Go program, which calls the kernel without the C library");
    }
    None
}

fn machine() -> u16 {
    match env::consts::ARCH {
        "x86_64" => elf::EM_X86_64,
        "aarch64" => elf::EM_AARCH64,
        "riscv64" => elf::EM_RISCV,
        "s390x" => elf::EM_S390,
        "powerpc64" => elf::EM_PPC64,
        _ => elf::EM_NONE,
    }
}

/// How many scripts may run one another, as in the kernel (`fs/exec.c`).
const INTERPRETERS: u32 = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loads_libraries_has_no_obstacle() {
        assert_eq!(obstacle_within(Path::new("/bin/sh"), 1), None);
        assert_eq!(obstacle_within(&env::current_exe().unwrap(), 1), None);
    }

    #[test]
    fn what_does_not_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).unwrap();
            path
        };
        // The library itself asks for no interpreter, as a static program does not.
        let object = file("object", preload::OBJECT);
        assert!(obstacle_within(&object, 1).unwrap().contains("statically"));
        let script = file("script", format!("#! {} -x\nrest", object.display()).as_bytes());
        assert!(obstacle_within(&script, 1).unwrap().contains("statically"));
        assert_eq!(obstacle_within(&script, 0), None);
        let mut foreign = fs::read("/bin/sh").unwrap();
        foreign[18..20].copy_from_slice(&[0x99, 0x99]);
        assert!(obstacle_within(&file("foreign", &foreign), 1).unwrap().contains("another kind"));
        let setuid = file("setuid", b"");
        fs::set_permissions(&setuid, fs::Permissions::from_mode(0o4755)).unwrap();
        assert!(obstacle_within(&setuid, 1).unwrap().contains("setuid"));
    }

    #[test]
    fn the_interpreter_is_what_the_first_line_names() {
        let named = |line: &str| interpreter(line.as_bytes());
        assert_eq!(named(" /bin/sh -e\nx").unwrap(), Path::new("/bin/sh"));
        assert!(named("/usr/bin/env -S X=1 sh -e").unwrap().ends_with("sh"));
        assert_eq!(named("\n"), None);
    }
}
