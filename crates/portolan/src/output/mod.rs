//! How answers reach the reader: colour, columns, JSON, CSV, and text made safe.

mod columns;
mod escape;
pub(crate) mod json;
mod paint;
mod prose;
mod terminal;

pub(crate) use columns::{Column, Columns, shorten, width_of};
pub(crate) use escape::{Escaped, is_unprintable};
pub(crate) use paint::{Paint, Tint};
pub(crate) use prose::{hanging, lines};
pub(crate) use terminal::Terminal;
