//! The look of every picture: colours, sizes and the one font.
//!
//! The colours of lines are told apart by people who do not see red and green, and on paper (Okabe and Ito).
//! The font is Noto Sans, whole with its own licence (SIL OFL 1.1) inside: pictures look the same everywhere,
//! and no system font is searched for.

use plotters::style::{Color as _, FontStyle, IntoFont as _, RGBColor, TextStyle, register_font};

use crate::error::{Error, Result};

pub const PAPER: RGBColor = RGBColor(255, 255, 255);
pub const INK: RGBColor = RGBColor(34, 34, 34);
/// Labels of axes and notes.
pub const QUIET: RGBColor = RGBColor(96, 96, 96);
/// Lines of a grid behind a chart.
pub const GRID: RGBColor = RGBColor(224, 224, 224);

/// One colour for each line of a chart, in this order; a chart has no more lines than these.
pub const LINES: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];

/// The thin and the thick lines of ECG paper.
pub const ECG_FINE: RGBColor = RGBColor(252, 226, 226);
pub const ECG_COARSE: RGBColor = RGBColor(240, 176, 176);

/// Heights of text in pixels.
pub const TITLE_PIXELS: u32 = 22;
pub const TEXT_PIXELS: u32 = 16;
pub const LABEL_PIXELS: u32 = 14;

/// Space around what is drawn.
pub const MARGIN_PIXELS: u32 = 16;

const FAMILY: &str = "sans-serif";

/// Text of one size and colour.
pub fn text(pixels: u32, colour: RGBColor) -> TextStyle<'static> {
    TextStyle { color: colour.to_backend_color(), ..(FAMILY, pixels).into_font().into() }
}

/// Makes the font known to the drawing library, which forgets nothing: again does no harm.
pub(super) fn register() -> Result<()> {
    register_font(FAMILY, FontStyle::Normal, notosans::REGULAR_TTF)
        .map_err(|_| Error::internal("the font of the pictures cannot be read"))
}
