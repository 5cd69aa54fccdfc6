//! Two metrics against each other: a point for each day on which both have a value.

use plotters::{
    element::Circle,
    style::{
        Color as _,
        text_anchor::{HPos, VPos},
    },
};

use super::{
    axis::{Scale, title},
    frame::{self, Plot},
};
use crate::{
    charts::{Area, Painted, theme},
    model::units,
    query::{ChartSeries, Charted},
};

pub(super) fn paint(area: &Area<'_>, charted: &Charted) -> Painted {
    let [across, up] = &charted.series[..] else { return Ok(()) };
    frame::header(area, &format!("{} against {}", title(up.metric), lower(&title(across.metric))), charted)?;
    let pairs: Vec<(f64, f64)> = across
        .shown()
        .iter()
        .zip(up.shown())
        .filter_map(|(across, up)| Some((across.as_ref()?.0, up.as_ref()?.0)))
        .collect();
    let mut plot = Plot::stacked(area.dim_in_pixel(), 1)[0];
    // Room for the name of the lower axis, and for the round dots at the borders.
    (plot.bottom, plot.right) = (plot.bottom - 22, plot.right - 12);
    let scales = (
        Scale::around(pairs.iter().map(|(x, _)| *x), across.unit, false, 7.0),
        Scale::around(pairs.iter().map(|(_, y)| *y), up.unit, false, 5.0),
    );
    let (Some(x_scale), Some(y_scale)) = scales else {
        return frame::nothing(area, &plot, "no day has a value of both");
    };
    frame::values(area, &plot, &y_scale, up.unit)?;
    for value in x_scale.ticks() {
        let x = plot.x(x_scale.part(value));
        frame::rule(area, (x, plot.top), (x, plot.bottom), theme::GRID)?;
        let label = x_scale.label(value, across.unit);
        frame::write(
            area,
            &label,
            (x, plot.bottom + 8),
            theme::LABEL_PIXELS,
            theme::QUIET,
            HPos::Center,
            VPos::Top,
        )?;
    }
    for (x, y) in &pairs {
        let at = (plot.x(x_scale.part(*x)), plot.y(&y_scale, *y));
        area.draw(&Circle::new(at, 4, theme::LINES[0].mix(0.55).filled()))?;
    }
    let middle = i32::midpoint(plot.left, plot.right);
    frame::write(
        area,
        &named(across),
        (middle, plot.bottom + 28),
        theme::LABEL_PIXELS,
        theme::INK,
        HPos::Center,
        VPos::Top,
    )?;
    frame::write(
        area,
        &named(up),
        (plot.left, plot.top - 10),
        theme::LABEL_PIXELS,
        theme::INK,
        HPos::Left,
        VPos::Bottom,
    )?;
    let sources = |series: &ChartSeries| format!("{}: {}", title(series.metric), series.sources.join(", "));
    frame::footer(area, &format!("{} days · {} · {}", pairs.len(), sources(across), sources(up)))
}

fn named(series: &ChartSeries) -> String {
    match units::shown(series.unit) {
        "" => title(series.metric),
        unit => format!("{} ({unit})", title(series.metric)),
    }
}

/// A title within a sentence; names stay as they are.
fn lower(title: &str) -> String {
    let mut chars = title.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), Some(second))
            if second.is_lowercase() && !title.starts_with("Oura") && !title.starts_with("Withings") =>
        {
            first.to_lowercase().chain(chars).collect()
        }
        _ => title.to_owned(),
    }
}
