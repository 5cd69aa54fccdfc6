//! Charts of days and of a night, as PNG: what a question for a chart found, made visible.
//!
//! A line is never drawn across a day without a value, nor from one device to another. Whatever is drawn is
//! also said in numbers by the answer it is drawn from.

mod axis;
mod days;
mod frame;
mod hypnogram;
mod scatter;

use super::{draw, ecg};
use crate::{
    error::{Code, Error, Result},
    query::{Chart, Charted},
};

/// Wide enough for a chat, high enough for one panel; each further panel adds its height.
const WIDTH: u32 = 800;
const HEIGHT: u32 = 400;

/// The PNG of a chart.
pub fn png(charted: &Charted) -> Result<Vec<u8>> {
    match charted.chart {
        Chart::Line | Chart::Bar => {
            let panels = days::panels(charted);
            let height = HEIGHT + 150 * (panels.len().max(1) as u32 - 1);
            draw(WIDTH, height, |area| days::paint(area, charted, &panels))
        }
        Chart::Scatter => draw(WIDTH, HEIGHT + 40, |area| scatter::paint(area, charted)),
        Chart::Ecg => charted
            .recording
            .as_ref()
            .map_or(Ok(None), ecg::picture)?
            .ok_or_else(|| Error::new(Code::NotFound, "the recording has no samples to draw")),
        Chart::Hypnogram => draw(WIDTH, HEIGHT - 60, |area| hypnogram::paint(area, charted)),
    }
}

#[cfg(test)]
mod tests;
