//! Pictures of what was measured: a canvas with one look, and one file for each kind of drawing.
//!
//! They get numbers and give the bytes of a PNG. They read no store, write no file and judge nothing: what a
//! vendor said of a recording is written beside it by whoever asks. `mcp` and `cli` call them.

mod canvas;
pub mod ecg;
mod png;
pub mod theme;

pub use self::canvas::{Area, Painted, draw};
