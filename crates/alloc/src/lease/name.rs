//! What a lease may be called, and whose it is: a name counts within a project and a user.

use std::fmt;
use std::hash::Hasher;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use siphasher::sip::SipHasher24;

/// The name of a lease: 1 to 64 ASCII letters, digits, `.`, `_` and `-`, the first a letter or digit.
///
/// ```
/// use alloc::lease::{Name, NameError};
///
/// assert_eq!("web-1".parse::<Name>().unwrap().as_str(), "web-1");
/// assert_eq!("a/b".parse::<Name>(), Err(NameError::Character('/')));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// There is no text.
    #[error("a name has a letter at least: web")]
    Empty,
    /// It has too many bytes.
    #[error("a name has {LONGEST} bytes at most, and this one {0}")]
    TooLong(usize),
    /// It begins with something else than a letter or a digit.
    #[error("a name begins with a letter or a digit, not with '{}'", .0.escape_default())]
    Beginning(char),
    /// It has a character that no name has.
    #[error("a name has letters, digits, '.', '_' and '-', and no '{}'", .0.escape_default())]
    Character(char),
}

impl Name {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NameError;

    /// Takes the text as it is.
    ///
    /// # Errors
    /// [`NameError`] for what is no name.
    fn from_str(text: &str) -> Result<Name, NameError> {
        let first = text.chars().next().ok_or(NameError::Empty)?;
        if text.len() > LONGEST {
            return Err(NameError::TooLong(text.len()));
        }
        let may = |c: &char| c.is_ascii_alphanumeric() || ['.', '_', '-'].contains(c);
        if let Some(other) = text.chars().find(|c| !may(c)) {
            return Err(NameError::Character(other));
        }
        if !first.is_ascii_alphanumeric() {
            return Err(NameError::Beginning(first));
        }
        Ok(Name(text.to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A name in its project: the same one again has the same port again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The directory of the project, absolute and without links where it exists.
    pub project: PathBuf,
    /// The name.
    pub name: Name,
}

impl Identity {
    /// `name` in the project that `directory` is part of: the nearest directory from there upwards that has a
    /// `.git`, else `directory` itself.
    #[must_use]
    pub fn within(directory: &Path, name: Name) -> Identity {
        let whole = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let root = whole.ancestors().find(|folder| folder.join(".git").exists());
        let project = root.unwrap_or(&whole).to_owned();
        Identity { project, name }
    }

    /// A number that is the same for the same identity and user on every machine and in every version.
    pub(super) fn hash(&self, uid: u32) -> u64 {
        let mut hasher = SipHasher24::new();
        hasher.write(&uid.to_le_bytes());
        hasher.write(self.name.as_str().as_bytes());
        hasher.write(b"/"); // no name has one
        hasher.write(self.project.as_os_str().as_bytes());
        hasher.finish()
    }
}

const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_words() {
        for good in ["web", "a", "0", "web.v2_x-3", &"x".repeat(64)] {
            assert_eq!(good.parse::<Name>().unwrap().as_str(), good);
        }
        let error = |text: &str| text.parse::<Name>().unwrap_err();
        assert_eq!(error(""), NameError::Empty);
        assert_eq!(error(&"x".repeat(10_000)), NameError::TooLong(10_000));
        assert_eq!(error("../etc"), NameError::Character('/'));
        assert_eq!(error("-x"), NameError::Beginning('-'));
        assert_eq!(error("."), NameError::Beginning('.'));
        assert_eq!(error("a b"), NameError::Character(' '));
        assert_eq!(error("grün"), NameError::Character('ü'));
        assert!(!error("\x1b[31m").to_string().contains('\x1b'));
    }

    #[test]
    fn a_project_is_where_its_repository_begins() {
        let root = std::env::temp_dir().join(format!("portolan-name-{}", std::process::id()));
        let inner = root.join("src/deep");
        std::fs::create_dir_all(&inner).unwrap();
        let name: Name = "web".parse().unwrap();
        let whole = root.canonicalize().unwrap();
        assert_eq!(Identity::within(&inner, name.clone()).project, whole.join("src/deep"));
        std::fs::create_dir(root.join(".git")).unwrap();
        assert_eq!(Identity::within(&inner, name.clone()).project, whole);
        assert_eq!(Identity::within(Path::new("/no/such"), name).project, Path::new("/no/such"));
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn the_hash_tells_users_projects_and_names_apart() {
        let identity = |project: &str, name: &str| Identity {
            project: project.into(),
            name: name.parse().unwrap(),
        };
        let hashes = [
            identity("/a", "web").hash(0),
            identity("/a", "web").hash(1),
            identity("/b", "web").hash(0),
            identity("/a", "db").hash(0),
        ];
        let distinct: std::collections::HashSet<u64> = hashes.into_iter().collect();
        assert_eq!(distinct.len(), hashes.len());
        assert_eq!(hashes[0], 9_277_490_478_378_951_797); // what was promised once stays
    }
}
