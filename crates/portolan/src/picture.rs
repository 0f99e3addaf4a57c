//! Pictures as files.

use std::ffi::OsStr;
use std::path::Path;

/// A kind of picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Picture {
    Svg,
    Png,
}

impl Picture {
    /// The kind that the name of a file ends in, `.svg` or `.png`.
    pub(crate) fn of(file: &Path) -> Option<Picture> {
        let ending = file.extension().and_then(OsStr::to_str)?;
        match ending.to_ascii_lowercase().as_str() {
            "svg" => Some(Picture::Svg),
            "png" => Some(Picture::Png),
            _ => None,
        }
    }
}
