//! A sheet to draw on, in pixels from the top left: what is painted comes back as a PNG.
//!
//! The drawing library is `plotters`; its `ChartBuilder` takes an [`Area`] as it is.

use plotters::{
    coord::Shift,
    drawing::{DrawingArea, IntoDrawingArea as _},
    prelude::BitMapBackend,
};

use super::{png, theme};
use crate::error::{Error, Result};

/// What is painted on.
pub type Area<'a> = DrawingArea<BitMapBackend<'a>, Shift>;

/// Whether painting went well. What the drawing library says otherwise is its own affair: our numbers were
/// at fault, so it is an error of this program.
pub type Painted = Result<(), Box<dyn std::error::Error>>;

/// No picture is wider or higher: 48 MB of pixels while it is drawn.
const MOST_PIXELS: u32 = 4096;

/// The PNG of a sheet of that many pixels, white, with what `paint` puts on it.
pub fn draw(width: u32, height: u32, paint: impl FnOnce(&Area<'_>) -> Painted) -> Result<Vec<u8>> {
    if ![width, height].iter().all(|side| (1..=MOST_PIXELS).contains(side)) {
        return Err(Error::internal(format!("a picture of {width} by {height} pixels cannot be drawn")));
    }
    theme::register()?;
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
    let painted = paint_on(&area, paint);
    drop(area);
    painted.map_err(|_| Error::internal("a picture could not be drawn"))?;
    png::encode(width, height, &pixels)
}

fn paint_on(area: &Area<'_>, paint: impl FnOnce(&Area<'_>) -> Painted) -> Painted {
    area.fill(&theme::PAPER)?;
    paint(area)?;
    Ok(area.present()?)
}

#[cfg(test)]
mod tests {
    use plotters::element::Text;

    use super::*;

    #[test]
    fn a_picture_has_its_size_its_text_and_always_the_same_bytes() {
        let painted = |word: &'static str| {
            draw(120, 40, move |area| {
                area.draw(&Text::new(word, (4, 4), theme::text(theme::TITLE_PIXELS, theme::INK)))?;
                Ok(())
            })
            .unwrap()
        };
        let bytes = painted("µV");
        assert_eq!(bytes[..8], [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n']);
        assert_eq!((&bytes[16..20], &bytes[20..24]), (&[0, 0, 0, 120][..], &[0, 0, 0, 40][..]));
        assert_eq!(bytes, painted("µV"));
        assert_ne!(bytes, painted(""), "the font draws nothing");
        assert_ne!(bytes, painted("mV"));
    }

    #[test]
    fn what_cannot_be_drawn_is_an_error() {
        for (width, height) in [(0, 10), (10, 0), (4097, 10), (10, 4097)] {
            assert!(draw(width, height, |_| Ok(())).is_err(), "{width} by {height}");
        }
        assert!(draw(10, 10, |_| Err("no".into())).is_err());
    }
}
