//! What every chart has: a title, a note of where it is from, and a rectangle with axes between them.

use plotters::{
    element::{PathElement, Text},
    style::{
        RGBColor,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::axis::Scale;
use crate::{
    charts::{Area, Painted, theme},
    model::units,
    query::Charted,
};

/// A rectangle in which values are drawn, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Plot {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

const LEFT: i32 = 74;
const HEADER: i32 = 84;
const FOOTER: i32 = 56;
/// Between two panels: the name of the lower one stands there.
const BETWEEN: i32 = 34;

impl Plot {
    /// So many plots one below the other on a sheet of this size.
    pub(super) fn stacked((width, height): (u32, u32), count: usize) -> Vec<Self> {
        let count = count.max(1) as i32;
        let room = height as i32 - HEADER - FOOTER - (count - 1) * BETWEEN;
        let each = room / count;
        (0..count)
            .map(|place| {
                let top = HEADER + place * (each + BETWEEN);
                Self {
                    left: LEFT,
                    top,
                    right: width as i32 - theme::MARGIN_PIXELS as i32,
                    bottom: top + each,
                }
            })
            .collect()
    }

    pub(super) fn x(&self, part: f64) -> i32 {
        self.left + (part * f64::from(self.right - self.left)).round() as i32
    }

    pub(super) fn y(&self, scale: &Scale, value: f64) -> i32 {
        self.bottom - (scale.part(value) * f64::from(self.bottom - self.top)).round() as i32
    }
}

pub(super) fn write(
    area: &Area<'_>,
    text: &str,
    at: (i32, i32),
    pixels: u32,
    colour: RGBColor,
    across: HPos,
    along: VPos,
) -> Painted {
    let style = theme::text(pixels, colour).pos(Pos::new(across, along));
    Ok(area.draw(&Text::new(text.to_owned(), at, style))?)
}

pub(super) fn rule(area: &Area<'_>, from: (i32, i32), to: (i32, i32), colour: RGBColor) -> Painted {
    Ok(area.draw(&PathElement::new(vec![from, to], colour))?)
}

/// The title above, and the range with its zone below it.
pub(super) fn header(area: &Area<'_>, title: &str, charted: &Charted) -> Painted {
    let left = theme::MARGIN_PIXELS as i32;
    write(area, title, (left, 8), theme::TITLE_PIXELS, theme::INK, HPos::Left, VPos::Top)?;
    let range = &charted.range;
    let days = if range.start == range.end {
        range.start.clone()
    } else {
        format!("{} to {}", range.start, range.end)
    };
    let invented = if charted.invented { " · synthetic data of an invented person" } else { "" };
    let note = format!("{days} · {}{invented}", range.timezone);
    write(area, &note, (left, 36), theme::LABEL_PIXELS, theme::QUIET, HPos::Left, VPos::Top)
}

/// Where it is from, and what it lacks.
pub(super) fn footer(area: &Area<'_>, text: &str) -> Painted {
    let (_, height) = area.dim_in_pixel();
    let at = (theme::MARGIN_PIXELS as i32, height as i32 - 8);
    write(area, text, at, theme::LABEL_PIXELS, theme::QUIET, HPos::Left, VPos::Bottom)
}

/// Lines and labels of the values, with their unit above.
pub(super) fn values(area: &Area<'_>, plot: &Plot, scale: &Scale, ucum: &str) -> Painted {
    for value in scale.ticks() {
        let y = plot.y(scale, value);
        rule(area, (plot.left, y), (plot.right, y), theme::GRID)?;
        let at = (plot.left - 8, y);
        write(
            area,
            &scale.label(value, ucum),
            at,
            theme::LABEL_PIXELS,
            theme::QUIET,
            HPos::Right,
            VPos::Center,
        )?;
    }
    let name = units::shown(ucum);
    write(
        area,
        name,
        (plot.left - 8, plot.top - 10),
        theme::LABEL_PIXELS,
        theme::QUIET,
        HPos::Right,
        VPos::Bottom,
    )
}

/// Said where there is nothing to draw.
pub(super) fn nothing(area: &Area<'_>, plot: &Plot, text: &str) -> Painted {
    let middle = (i32::midpoint(plot.left, plot.right), i32::midpoint(plot.top, plot.bottom));
    write(area, text, middle, theme::TEXT_PIXELS, theme::QUIET, HPos::Center, VPos::Center)
}
