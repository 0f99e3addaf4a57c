//! Pictures as files.

use std::ffi::OsStr;
use std::path::Path;

use web::chart::{self, PngError, Width};

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

    /// The file of such a picture, which is drawn as SVG; a PNG is that wide.
    pub(crate) fn bytes(self, svg: String, width: Width) -> Result<Vec<u8>, PngError> {
        match self {
            Picture::Svg => Ok(svg.into_bytes()),
            Picture::Png => chart::png(&svg, width),
        }
    }
}
