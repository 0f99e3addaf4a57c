//! Pictures of ours as PNG: their SVG, drawn by resvg with two fonts that are carried along, so that it looks
//! the same wherever it was made. Letters that those do not have come from the system's fonts.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use crate::chart::svg::Chart;

/// How wide a picture is, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Width(u32);

impl Width {
    /// What is drawn unless something else is asked for.
    pub const DEFAULT: Width = Width(2000);

    /// A width of 64 to 8192 pixels; `None` for any other.
    #[must_use]
    pub const fn new(pixels: u32) -> Option<Width> {
        if 64 <= pixels && pixels <= 8192 { Some(Width(pixels)) } else { None }
    }

    /// In pixels.
    #[must_use]
    pub const fn pixels(self) -> u32 {
        self.0
    }
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PngError {
    /// The SVG was not understood: a fault of ours.
    #[error("the picture could not be read back")]
    Svg(#[from] resvg::usvg::Error),
    /// There is no memory for so large a picture.
    #[error("there is no memory for a picture {0} pixels wide")]
    Memory(u32),
    /// It could not be encoded.
    #[error("the picture could not be encoded: {0}")]
    Encoding(String),
}

impl Chart<'_> {
    /// The chart as a PNG file.
    ///
    /// # Errors
    /// [`PngError::Memory`] if there is not enough; the others if something of ours is wrong.
    pub fn png(&self, width: Width) -> Result<Vec<u8>, PngError> {
        png(&self.to_string(), width)
    }
}

/// An SVG of ours as a PNG file. What it says in Latin letters is drawn with the chart's fonts.
///
/// # Errors
/// [`PngError::Memory`] if there is not enough; the others if something of ours is wrong.
pub fn png(svg: &str, width: Width) -> Result<Vec<u8>, PngError> {
    let encode = |pixmap: Pixmap| pixmap.encode_png();
    encode(pixels(svg, width)?).map_err(|error| PngError::Encoding(error.to_string()))
}

fn pixels(svg: &str, width: Width) -> Result<Pixmap, PngError> {
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: "EB Garamond".to_owned(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options)?;
    let size = tree.size().to_int_size();
    let size = size.scale_to_width(width.0).ok_or(PngError::Memory(width.0))?;
    let mut pixmap = Pixmap::new(size.width(), size.height()).ok_or(PngError::Memory(width.0))?;
    #[expect(clippy::cast_precision_loss, reason = "at most 8192")]
    let scale = width.0 as f32 / tree.size().width();
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    Ok(pixmap)
}

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    for face in [ROMAN, ITALIC] {
        fonts.load_font_data(face.to_vec());
    }
    fonts.set_serif_family("EB Garamond");
    fonts.set_sans_serif_family("EB Garamond");
    Arc::new(fonts)
});

/// EB Garamond, cut down to Latin letters, digits and signs; SIL Open Font Licence 1.1.
const ROMAN: &[u8] = include_bytes!("../../assets/fonts/garamond.ttf");
const ITALIC: &[u8] = include_bytes!("../../assets/fonts/garamond-italic.ttf");
