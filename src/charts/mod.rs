//! Answers made visible: pictures of what was measured, and the dashboard.
//!
//! They get numbers and give the bytes of a file. They read no store, write no file and judge nothing: what a
//! vendor said of a recording is written beside it by whoever asks. `mcp` and `cli` call them.

pub mod baseline;
mod canvas;
pub mod dashboard;
pub mod ecg;
pub mod metrics;
mod png;
pub mod theme;

pub use self::canvas::{Area, Painted, draw};
