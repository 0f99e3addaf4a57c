//! Files of a store. Its directory may be somebody else's, who puts there what he likes: a link to a file
//! of ours to be overwritten, a pipe that nobody ever writes to.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::fs::OFlags;
use rustix::io::Errno;

/// Opens a file as `options` say, if it is a regular one and no symbolic link.
///
/// # Errors
/// Those of opening it, and of what is no regular file.
pub(crate) fn regular(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    open(options, OFlags::NOFOLLOW, path).map_err(|error| match Errno::from_io_error(&error) {
        Some(Errno::LOOP) => io::Error::other("it is a symbolic link"),
        _ => error,
    })
}

/// Opens a file to be read, if it is a regular one or a link to one.
///
/// # Errors
/// Those of opening it, and of what is no regular file.
pub(crate) fn readable(path: &Path) -> io::Result<File> {
    open(OpenOptions::new().read(true), OFlags::empty(), path)
}

fn open(options: &mut OpenOptions, flags: OFlags, path: &Path) -> io::Result<File> {
    // A pipe without another end is opened at once, and nothing but pipes and devices cares.
    let flags = flags | OFlags::NONBLOCK | OFlags::NOCTTY;
    let file = options.custom_flags(flags.bits().cast_signed()).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::Error::other("it is no regular file")),
    }
}

/// Reads a whole file, if it is a regular one and no symbolic link.
///
/// # Errors
/// As of [`regular`], and those of reading it.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = regular(OpenOptions::new().read(true), path)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn nothing_but_regular_files_is_opened() {
        let dir = tempfile::tempdir().unwrap();
        let [file, link, pipe] = ["file", "link", "pipe"].map(|name| dir.path().join(name));
        std::fs::write(&file, b"kept").unwrap();
        symlink(&file, &link).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rustix::fs::Mode::RWXU).unwrap();
        assert_eq!(read(&file).unwrap(), b"kept");
        assert_eq!(read(&link).unwrap_err().to_string(), "it is a symbolic link");
        assert_eq!(read(&pipe).unwrap_err().to_string(), "it is no regular file");
        let mut all = OpenOptions::new();
        all.write(true).create(true).truncate(true);
        regular(&mut all, &link).unwrap_err();
        regular(&mut all, dir.path()).unwrap_err();
        readable(&link).unwrap();
        readable(&pipe).unwrap_err();
        assert_eq!(std::fs::read(&file).unwrap(), b"kept");
    }
}
