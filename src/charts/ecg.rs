//! A recorded signal on paper as a cardiologist knows it: rows of 10 s at 25 mm/s, and for an electrocardiogram
//! 10 mm/mV on millimetre paper. A sound is drawn on the same time scale against its own full scale.
//!
//! It shows what was recorded and says nothing about it. Samples closer together than pixels are drawn as
//! their lowest and highest, so that no peak is lost.

use plotters::{
    element::{PathElement, Rectangle, Text},
    style::{
        Color as _, RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::{Area, Painted, draw, theme};
use crate::{error::Result, query};

/// Pixels of a millimetre of paper: a row of 10 s is 1000 wide.
const MM: f64 = 4.0;
const MM_PER_SECOND: f64 = 25.0;
const MM_PER_MILLIVOLT: f64 = 10.0;
const ROW_SECONDS: f64 = 10.0;
/// A row is at least 3 mV high, and grows for a taller signal in whole large squares up to 8 mV: beyond that
/// the line leaves its row's paper at the border.
const LEAST_ROW_MM: f64 = 30.0;
const MOST_ROW_MM: f64 = 80.0;
const SQUARE_MM: f64 = 5.0;
/// A recording of a minute. What is longer is drawn up to there, and the note below says so.
const MOST_ROWS: usize = 6;
const HEADER_PIXELS: i32 = 64;
/// Between two rows: the seconds stand there.
const AXIS_PIXELS: i32 = 26;

/// What is drawn.
pub struct Strip<'a> {
    pub title: &'a str,
    pub scale: Scale,
    pub hertz: f64,
    /// What is not a number is a gap in the line.
    pub samples: &'a [f64],
}

/// What a sample's number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Millivolts, on millimetre paper.
    Millivolts,
    /// A share of the loudest that the coding knows, from -1 to 1.
    Loudness,
    /// Nobody knows: drawn as high as there is room.
    Own,
}

/// The picture of a recording, or none where it has no samples or nobody knows how fast they follow each other.
pub fn picture(signal: &query::Signal) -> Result<Option<Vec<u8>>> {
    let summary = &signal.signal;
    let words = [summary.start.as_deref(), summary.model.as_str(), summary.position.as_str()];
    let title = words.into_iter().flatten().fold(summary.title.to_owned(), |title, word| {
        format!(
            "{title} · {}",
            word.replacen('T', " ", usize::from(Some(word) == words[0])).replace('_', " ")
        )
    });
    let (scale, unit) = match signal.trace.scale {
        query::Scale::Microvolts => (Scale::Millivolts, 1000.0),
        query::Scale::Pcm16 => (Scale::Loudness, 32_768.0),
        query::Scale::Unknown => (Scale::Own, 1.0),
    };
    let samples: Vec<f64> = signal.trace.samples.iter().map(|sample| sample / unit).collect();
    strip(&Strip { title: &title, scale, hertz: signal.trace.hertz.unwrap_or_default(), samples: &samples })
}

/// The PNG, or none where there is nothing to draw.
pub fn strip(strip: &Strip<'_>) -> Result<Option<Vec<u8>>> {
    if strip.samples.iter().all(|sample| sample.is_nan()) || !strip.hertz.is_finite() || strip.hertz <= 0.0 {
        return Ok(None);
    }
    let sheet = Sheet::of(strip);
    draw(sheet.width, sheet.height, |area| sheet.paint(area, strip)).map(Some)
}

/// Where everything stands.
struct Sheet {
    width: u32,
    height: u32,
    rows: usize,
    row_pixels: i32,
    /// Pixels of one unit of the scale.
    gain: f64,
    /// The value in the middle of a row.
    middle: f64,
    samples_per_row: usize,
    cut: bool,
}

impl Sheet {
    fn of(strip: &Strip<'_>) -> Self {
        let samples_per_row = (ROW_SECONDS * strip.hertz).round().max(1.0) as usize;
        let needed = strip.samples.len().div_ceil(samples_per_row);
        let rows = needed.min(MOST_ROWS);
        let (lowest, highest) = extremes(strip.samples).unwrap_or((0.0, 0.0));
        let (row_mm, middle, gain) = match strip.scale {
            Scale::Millivolts => {
                // A baseline that is off by half a volt is still drawn on the paper, moved in large squares.
                let square = SQUARE_MM / MM_PER_MILLIVOLT;
                let middle = (f64::midpoint(lowest, highest) / square).round() * square;
                let tall = (highest - middle).max(middle - lowest) * MM_PER_MILLIVOLT * 2.0;
                let squares = ((tall + SQUARE_MM) / (2.0 * SQUARE_MM)).ceil();
                let row_mm = (squares * 2.0 * SQUARE_MM).clamp(LEAST_ROW_MM, MOST_ROW_MM);
                (row_mm, middle, MM_PER_MILLIVOLT * MM)
            }
            Scale::Loudness => {
                let loudest = highest.abs().max(lowest.abs()).clamp(0.01, 1.0);
                (LEAST_ROW_MM, 0.0, LEAST_ROW_MM * MM / 2.0 / loudest)
            }
            Scale::Own => {
                let height = (highest - lowest).max(f64::MIN_POSITIVE);
                (LEAST_ROW_MM, f64::midpoint(lowest, highest), LEAST_ROW_MM * MM / height)
            }
        };
        let row_pixels = (row_mm * MM) as i32;
        let height = HEADER_PIXELS + rows as i32 * (row_pixels + AXIS_PIXELS) + theme::MARGIN_PIXELS as i32;
        Self {
            width: (ROW_SECONDS * MM_PER_SECOND * MM) as u32 + 2 * theme::MARGIN_PIXELS,
            height: height as u32,
            rows,
            row_pixels,
            gain,
            middle,
            samples_per_row,
            cut: needed > rows,
        }
    }

    fn paint(&self, area: &Area<'_>, strip: &Strip<'_>) -> Painted {
        let left = theme::MARGIN_PIXELS as i32;
        let title = theme::text(theme::TITLE_PIXELS, theme::INK);
        area.draw(&Text::new(strip.title.to_owned(), (left, 8), title))?;
        let note = theme::text(theme::LABEL_PIXELS, theme::QUIET);
        area.draw(&Text::new(self.note(strip), (left, 38), note))?;
        for (row, samples) in strip.samples.chunks(self.samples_per_row).take(self.rows).enumerate() {
            let top = HEADER_PIXELS + row as i32 * (self.row_pixels + AXIS_PIXELS);
            self.paint_paper(area, left, top, strip.scale)?;
            Self::paint_seconds(area, left, top + self.row_pixels, row)?;
            for points in self.line(samples, strip.hertz, left, top) {
                area.draw(&PathElement::new(points, theme::INK))?;
            }
        }
        Ok(())
    }

    fn note(&self, strip: &Strip<'_>) -> String {
        let scale = match strip.scale {
            Scale::Millivolts if self.middle == 0.0 => "10 mm/mV, middle of a row 0 mV".to_owned(),
            Scale::Millivolts => format!("10 mm/mV, middle of a row {:.1} mV", self.middle),
            Scale::Loudness => {
                let shown = 50.0 * f64::from(self.row_pixels) / self.gain;
                format!("height of a row ±{shown:.0} % of full scale")
            }
            Scale::Own => "in the provider's units, as high as there is room".to_owned(),
        };
        let cut = if self.cut { " · the first 60 s" } else { "" };
        format!("25 mm/s · {scale} · {} samples a second{cut}", strip.hertz)
    }

    fn paint_paper(&self, area: &Area<'_>, left: i32, top: i32, scale: Scale) -> Painted {
        let (right, bottom) = (left + (ROW_SECONDS * MM_PER_SECOND * MM) as i32, top + self.row_pixels);
        let rule = |from: (i32, i32), to: (i32, i32), colour: RGBColor| -> Painted {
            Ok(area.draw(&PathElement::new(vec![from, to], colour))?)
        };
        // Thin lines first: a thick one is drawn over them.
        let steps: &[(f64, RGBColor)] = match scale {
            Scale::Millivolts => &[(1.0, theme::ECG_FINE), (SQUARE_MM, theme::ECG_COARSE)],
            Scale::Loudness | Scale::Own => &[(MM_PER_SECOND, theme::GRID)],
        };
        for (step_mm, colour) in steps {
            let step = step_mm * MM;
            for line in 0..=(f64::from(right - left) / step) as i32 {
                let x = left + (f64::from(line) * step) as i32;
                rule((x, top), (x, bottom), *colour)?;
            }
            if scale == Scale::Millivolts {
                for line in 0..=(f64::from(self.row_pixels) / step) as i32 {
                    let y = top + (f64::from(line) * step) as i32;
                    rule((left, y), (right, y), *colour)?;
                }
            }
        }
        if scale != Scale::Millivolts {
            area.draw(&Rectangle::new([(left, top), (right, bottom)], theme::GRID.stroke_width(1)))?;
        }
        Ok(())
    }

    fn paint_seconds(area: &Area<'_>, left: i32, below: i32, row: usize) -> Painted {
        let style = theme::text(theme::LABEL_PIXELS, theme::QUIET);
        for second in 0..=ROW_SECONDS as i32 {
            let x = left + (f64::from(second) * MM_PER_SECOND * MM) as i32;
            let at = row as i32 * ROW_SECONDS as i32 + second;
            let text = if second == 0 { format!("{at} s") } else { at.to_string() };
            let across = match second {
                0 => HPos::Left,
                10 => HPos::Right,
                _ => HPos::Center,
            };
            area.draw(&Text::new(text, (x, below + 4), style.clone().pos(Pos::new(across, VPos::Top))))?;
        }
        Ok(())
    }

    /// The points of one row, never outside its paper; a new line after each gap.
    fn line(&self, samples: &[f64], hertz: f64, left: i32, top: i32) -> Vec<Vec<(i32, i32)>> {
        let pixels_per_sample = MM_PER_SECOND * MM / hertz;
        let height = |value: f64| {
            let y = f64::from(self.row_pixels) / 2.0 - (value - self.middle) * self.gain;
            top + y.round().clamp(0.0, f64::from(self.row_pixels)) as i32
        };
        let across = |index: usize| left + (index as f64 * pixels_per_sample).round() as i32;
        let mut lines: Vec<Vec<(i32, i32)>> = vec![Vec::new()];
        let mut at = 0;
        while at < samples.len() {
            let x = across(at);
            let next = (at + 1..samples.len()).find(|index| across(*index) != x).unwrap_or(samples.len());
            let column = &samples[at..next];
            if let Some((lowest, highest)) = extremes(column) {
                // In the order in which they came, so that a steep flank is one line.
                let first_is_low = column.iter().position(|value| *value <= lowest)
                    <= column.iter().position(|value| *value >= highest);
                let (first, second) = if first_is_low { (lowest, highest) } else { (highest, lowest) };
                let points = lines.last_mut().expect("there is always one");
                points.push((x, height(first)));
                if lowest < highest {
                    points.push((x, height(second)));
                }
            } else if lines.last().is_some_and(|points| !points.is_empty()) {
                lines.push(Vec::new());
            }
            at = next;
        }
        lines
    }
}

/// Lowest and highest of what is a number.
fn extremes(samples: &[f64]) -> Option<(f64, f64)> {
    let numbers = || samples.iter().copied().filter(|sample| !sample.is_nan());
    let (lowest, highest) = (numbers().reduce(f64::min)?, numbers().reduce(f64::max)?);
    Some((lowest, highest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scale: Scale, hertz: f64, samples: &[f64]) -> Sheet {
        Sheet::of(&Strip { title: "", scale, hertz, samples })
    }

    #[test]
    fn a_sheet_is_as_large_as_its_signal() {
        let beat = [0.0, 1.1, -0.2];
        let tall = [0.0, 2.4, 0.0];
        let beyond = [-9.0, 9.0, 0.0];
        let drifted = [2.1, 3.2, 1.9];
        for (name, sheet, rows, row_mm, middle, cut) in [
            ("short", of(Scale::Millivolts, 300.0, &beat), 1, 30.0, 0.5, false),
            ("20 s", of(Scale::Millivolts, 500.0, &beat.repeat(3333)), 2, 30.0, 0.5, false),
            ("30 s and a sample", of(Scale::Millivolts, 1.0, &beat.repeat(10)), 3, 30.0, 0.5, false),
            ("31 s", of(Scale::Millivolts, 1.0, &[0.0; 31]), 4, 30.0, 0.0, false),
            ("61 s", of(Scale::Millivolts, 1.0, &[0.0; 61]), 6, 30.0, 0.0, true),
            ("tall", of(Scale::Millivolts, 300.0, &tall), 1, 40.0, 1.0, false),
            ("beyond the paper", of(Scale::Millivolts, 300.0, &beyond), 1, 80.0, 0.0, false),
            ("baseline off", of(Scale::Millivolts, 300.0, &drifted), 1, 30.0, 2.5, false),
            ("sound", of(Scale::Loudness, 4000.0, &[0.5].repeat(80_000)), 2, 30.0, 0.0, false),
        ] {
            assert_eq!((sheet.rows, sheet.middle, sheet.cut), (rows, middle, cut), "{name}");
            assert_eq!(sheet.row_pixels, (row_mm * MM) as i32, "{name}");
            assert_eq!(
                (sheet.width, sheet.height as i32),
                (1032, 80 + rows as i32 * (sheet.row_pixels + 26))
            );
        }
    }

    #[test]
    fn a_millivolt_is_ten_millimetres_and_a_second_twenty_five() {
        let mut samples = vec![0.0; 1000];
        (samples[200], samples[500]) = (1.0, -1.0);
        let sheet = of(Scale::Millivolts, 100.0, &samples);
        let points = sheet.line(&samples, 100.0, 16, 100).concat();
        let height = |x: i32| points.iter().find(|point| point.0 == x).unwrap().1;
        assert_eq!((height(16), height(16 + 200), height(16 + 500)), (160, 160 - 40, 160 + 40));
        assert_eq!(points.last().unwrap().0, 16 + 999);
    }

    #[test]
    fn no_peak_is_lost_between_pixels_and_nothing_leaves_the_paper() {
        let mut samples = vec![0.0; 40_000];
        (samples[20_013], samples[20_017]) = (0.9, -0.8);
        let sheet = of(Scale::Loudness, 4000.0, &samples);
        let points = sheet.line(&samples, 4000.0, 0, 0).concat();
        let column: Vec<i32> = points.iter().filter(|point| point.0 == 500).map(|point| point.1).collect();
        assert_eq!(column, [0, 60 + (0.8_f64 / 0.9 * 60.0).round() as i32]);
        assert!(points.len() <= 2002);
        let beyond = [-30.0, 30.0, 0.0];
        let sheet = of(Scale::Millivolts, 10.0, &beyond);
        let points = sheet.line(&beyond, 10.0, 0, 7).concat();
        assert!(points.iter().all(|(_, y)| (7..=7 + sheet.row_pixels).contains(y)), "{points:?}");
    }

    #[test]
    fn a_gap_is_no_line() {
        let mut samples = vec![0.1; 1000];
        samples[300..400].fill(f64::NAN);
        samples[999] = f64::NAN;
        let lines = of(Scale::Millivolts, 100.0, &samples).line(&samples, 100.0, 0, 0);
        let ends: Vec<_> = lines.iter().filter_map(|line| Some((line.first()?.0, line.last()?.0))).collect();
        assert_eq!(ends, [(0, 299), (400, 998)]);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let drawn = |hertz, samples: &[f64]| {
            strip(&Strip { title: "x", scale: Scale::Millivolts, hertz, samples }).unwrap()
        };
        assert!(drawn(300.0, &[]).is_none() && drawn(300.0, &[f64::NAN]).is_none());
        assert!(drawn(0.0, &[1.0]).is_none() && drawn(f64::NAN, &[1.0]).is_none());
        let (low, high) = ([0.1].repeat(3000), [0.4].repeat(3000));
        let one = drawn(300.0, &low).unwrap();
        assert_eq!(one, drawn(300.0, &low).unwrap());
        assert_ne!(one, drawn(300.0, &high).unwrap());
    }
}
