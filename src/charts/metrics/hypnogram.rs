//! The stages of one night as a hypnogram, deepest at the bottom, on the wearer's clock.

use plotters::{
    element::Rectangle,
    style::{
        Color as _, RGBColor,
        text_anchor::{HPos, VPos},
    },
};

use super::frame::{self, Plot};
use crate::{
    charts::{Area, Painted, theme},
    model::units::clock,
    query::{Charted, Stage},
};

/// The levels from the top, with their colours: darker is deeper.
const LEVELS: [(Stage, RGBColor); 5] = [
    (Stage::Awake, RGBColor(213, 94, 0)),
    (Stage::Rem, RGBColor(0, 158, 115)),
    (Stage::Asleep, RGBColor(120, 150, 190)),
    (Stage::Light, RGBColor(86, 180, 233)),
    (Stage::Deep, RGBColor(0, 70, 130)),
];

const HOUR: f64 = 3600.0;

pub(super) fn paint(area: &Area<'_>, charted: &Charted) -> Painted {
    let Some(night) = &charted.night else { return Ok(()) };
    frame::header(area, &format!("Sleep stages of the night to {}", charted.range.end), charted)?;
    let mut plot = Plot::stacked(area.dim_in_pixel(), 1)[0];
    // The time in each stage stands at the right.
    plot.right -= 60;
    let levels: Vec<_> = LEVELS
        .iter()
        .filter(|(stage, _)| *stage != Stage::Asleep || night.seconds(Stage::Asleep) > 0.0)
        .collect();
    let row = f64::from(plot.bottom - plot.top) / levels.len() as f64;
    let middle = |place: usize| plot.top + (row * (place as f64 + 0.5)) as i32;
    for (place, (stage, _)) in levels.iter().enumerate() {
        let y = middle(place);
        frame::rule(area, (plot.left, y), (plot.right, y), theme::GRID)?;
        frame::write(
            area,
            stage.title(),
            (plot.left - 8, y),
            theme::LABEL_PIXELS,
            theme::INK,
            HPos::Right,
            VPos::Center,
        )?;
        let time = clock(night.seconds(*stage));
        frame::write(
            area,
            &time,
            (plot.right + 10, y),
            theme::LABEL_PIXELS,
            theme::INK,
            HPos::Left,
            VPos::Center,
        )?;
    }
    let length = (night.end_seconds - night.start_seconds).max(1.0);
    let across = |at: f64| plot.x((at - night.start_seconds) / length);
    hours(area, &plot, night.start_seconds, night.end_seconds, &across)?;
    let half = (row * 0.32) as i32;
    let mut before: Option<(f64, i32)> = None;
    for piece in &night.pieces {
        let Some(place) = levels.iter().position(|(stage, _)| *stage == piece.stage) else {
            // Out of bed, or nothing recorded: nothing is drawn, and nothing joined.
            before = None;
            continue;
        };
        let (left, right, y) = (across(piece.from), across(piece.to), middle(place));
        if let Some((end, level)) = before
            && (end - piece.from).abs() < 1.0
        {
            frame::rule(area, (left, level), (left, y), theme::QUIET)?;
        }
        area.draw(&Rectangle::new(
            [(left, y - half), (right.max(left + 1), y + half)],
            levels[place].1.filled(),
        ))?;
        before = Some((piece.to, y));
    }
    frame::footer(
        area,
        &format!("source: {} · times of the wearer's clock · hours and minutes in each stage", night.source),
    )
}

/// Full hours of the wearer's clock; the clock's seconds count from the midnight before.
fn hours(area: &Area<'_>, plot: &Plot, start: f64, end: f64, across: &impl Fn(f64) -> i32) -> Painted {
    let every = if end - start > 12.0 * HOUR { 2.0 } else { 1.0 };
    let mut hour = (start / HOUR / every).ceil() * every;
    while hour * HOUR <= end {
        let x = across(hour * HOUR);
        frame::rule(area, (x, plot.top), (x, plot.bottom + 5), theme::GRID)?;
        let name = format!("{:02}:00", (hour as i64).rem_euclid(24));
        frame::write(
            area,
            &name,
            (x, plot.bottom + 8),
            theme::LABEL_PIXELS,
            theme::QUIET,
            HPos::Center,
            VPos::Top,
        )?;
        hour += every;
    }
    Ok(())
}
