//! Pixels as the bytes of a PNG. The same pixels always give the same bytes; nothing is written beside them.

use ::png::{BitDepth, ColorType, Compression, Encoder};

use crate::error::{Error, Result};

/// `pixels` are rows from the top, three bytes a pixel.
pub(super) fn encode(width: u32, height: u32, pixels: &[u8]) -> Result<Vec<u8>> {
    let failed = |_| Error::internal("a picture could not be written as PNG");
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::Balanced);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}
