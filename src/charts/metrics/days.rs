//! Lines and bars of days: one panel for each unit, so that no two quantities share an axis.

use plotters::{
    element::{Circle, PathElement, Polygon, Rectangle},
    style::{
        Color as _, RGBColor,
        text_anchor::{HPos, VPos},
    },
};

use super::{
    axis::{Scale, dates, title},
    frame::{self, Plot},
};
use crate::{
    charts::{
        Area, Painted,
        baseline::{Usual, usual_of},
        theme,
    },
    model::{metric, time::Day},
    query::{Chart, ChartSeries, Charted},
};

/// One or more metrics of one unit.
pub(super) struct Panel<'a> {
    unit: &'static str,
    lines: Vec<Line<'a>>,
}

struct Line<'a> {
    series: &'a ChartSeries,
    colour: RGBColor,
    /// What was usual on each day, where only one line is in the panel.
    usual: Vec<Option<Usual>>,
}

/// A band beside several lines would not say whose it is.
pub(super) fn panels(charted: &Charted) -> Vec<Panel<'_>> {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for (place, series) in charted.series.iter().enumerate() {
        let line = Line { series, colour: theme::LINES[place % theme::LINES.len()], usual: Vec::new() };
        // Bars of two metrics would hide each other.
        let same = panels.iter_mut().find(|panel| charted.chart == Chart::Line && panel.unit == series.unit);
        match same {
            Some(panel) => panel.lines.push(line),
            None => panels.push(Panel { unit: series.unit, lines: vec![line] }),
        }
    }
    for panel in &mut panels {
        if let [line] = &mut panel.lines[..] {
            let days: Vec<Option<(f64, &str)>> = line
                .series
                .points
                .iter()
                .map(|point| point.as_ref().map(|(value, source)| (*value, source.as_str())))
                .collect();
            let usual = metric::find(line.series.metric).map(|metric| usual_of(metric, &days));
            line.usual = usual.unwrap_or_default().split_off(line.series.lead);
        }
    }
    panels
}

pub(super) fn paint(area: &Area<'_>, charted: &Charted, panels: &[Panel<'_>]) -> Painted {
    let titles: Vec<String> = charted.series.iter().map(|series| title(series.metric)).collect();
    frame::header(area, &titles.join(", "), charted)?;
    let plots = Plot::stacked(area.dim_in_pixel(), panels.len());
    for (panel, plot) in panels.iter().zip(&plots) {
        panel.paint(area, plot, charted, panels.len() > 1)?;
    }
    if let Some(plot) = plots.last() {
        days_below(area, plot, charted)?;
    }
    frame::footer(area, &note(charted, panels))
}

/// Sources, days without a value, and what the band is.
fn note(charted: &Charted, panels: &[Panel<'_>]) -> String {
    let mut sources: Vec<&str> =
        charted.series.iter().flat_map(|series| series.sources.iter().map(String::as_str)).collect();
    sources.sort_unstable();
    sources.dedup();
    let mut parts = Vec::new();
    parts.push(if sources.is_empty() {
        "no source".to_owned()
    } else {
        format!("source: {}", sources.join(", "))
    });
    if let [series] = &charted.series[..] {
        let without = series.shown().iter().filter(|point| point.is_none()).count();
        if without > 0 {
            parts.push(format!("{without} of {} days without a value", series.shown().len()));
        }
    }
    if panels.iter().flat_map(|panel| &panel.lines).any(|line| line.usual.iter().any(Option::is_some)) {
        parts.push("band: usual of the 28 days before".to_owned());
    }
    parts.join(" · ")
}

fn days_below(area: &Area<'_>, plot: &Plot, charted: &Charted) -> Painted {
    let (Ok(first), Ok(last)) = (charted.range.start.parse::<Day>(), charted.range.end.parse::<Day>()) else {
        return Ok(());
    };
    let count = charted.series.first().map_or(1, |series| series.shown().len().max(1));
    for (place, name) in dates(first, last, 8) {
        let x = plot.x((place as f64 + 0.5) / count as f64);
        frame::rule(area, (x, plot.bottom), (x, plot.bottom + 5), theme::QUIET)?;
        let across = if x > plot.right - 24 { HPos::Right } else { HPos::Center };
        frame::write(
            area,
            &name,
            (x, plot.bottom + 8),
            theme::LABEL_PIXELS,
            theme::QUIET,
            across,
            VPos::Top,
        )?;
    }
    Ok(())
}

impl Panel<'_> {
    fn paint(&self, area: &Area<'_>, plot: &Plot, charted: &Charted, named: bool) -> Painted {
        let values = self.lines.iter().flat_map(|line| {
            let own = line.series.shown().iter().flatten().map(|(value, _)| *value);
            own.chain(line.usual.iter().flatten().flat_map(|usual| [usual.low, usual.high]))
        });
        let parts = if plot.bottom - plot.top > 200 { 5.0 } else { 3.0 };
        if self.lines.iter().all(|line| line.series.shown().iter().all(Option::is_none)) {
            frame::nothing(area, plot, "no value in these days")?;
            return self.names(area, plot, named);
        }
        let Some(scale) = Scale::around(values, self.unit, charted.chart == Chart::Bar, parts) else {
            return Ok(());
        };
        frame::values(area, plot, &scale, self.unit)?;
        for line in &self.lines {
            line.band(area, plot, &scale)?;
        }
        for line in &self.lines {
            match charted.chart {
                Chart::Bar => line.bars(area, plot, &scale)?,
                _ => line.line(area, plot, &scale)?,
            }
        }
        self.names(area, plot, named)
    }

    /// Which line is which, where there is more than one of anything.
    fn names(&self, area: &Area<'_>, plot: &Plot, named: bool) -> Painted {
        if !named && self.lines.len() < 2 {
            return Ok(());
        }
        let mut x = plot.left;
        for line in &self.lines {
            let name = title(line.series.metric);
            let y = plot.top - 10;
            area.draw(&Rectangle::new([(x, y - 9), (x + 12, y - 4)], line.colour.filled()))?;
            frame::write(
                area,
                &name,
                (x + 18, y),
                theme::LABEL_PIXELS,
                theme::INK,
                HPos::Left,
                VPos::Bottom,
            )?;
            let (width, _) = area.estimate_text_size(&name, &theme::text(theme::LABEL_PIXELS, theme::INK))?;
            x += 18 + width as i32 + 24;
        }
        Ok(())
    }
}

impl Line<'_> {
    fn across(&self, plot: &Plot, place: usize) -> i32 {
        plot.x((place as f64 + 0.5) / self.series.shown().len().max(1) as f64)
    }

    fn band(&self, area: &Area<'_>, plot: &Plot, scale: &Scale) -> Painted {
        let mut place = 0;
        for stretch in self.usual.split(Option::is_none) {
            let at = |offset: usize, value: f64| (self.across(plot, place + offset), plot.y(scale, value));
            let known: Vec<Usual> = stretch.iter().flatten().copied().collect();
            if known.len() > 1 {
                let upper = known.iter().enumerate().map(|(offset, usual)| at(offset, usual.high));
                let lower = known.iter().enumerate().rev().map(|(offset, usual)| at(offset, usual.low));
                area.draw(&Polygon::new(upper.chain(lower).collect::<Vec<_>>(), self.colour.mix(0.15)))?;
                let middle: Vec<(i32, i32)> =
                    known.iter().enumerate().map(|(offset, usual)| at(offset, usual.median)).collect();
                for dash in middle.chunks(2).filter(|dash| dash.len() == 2) {
                    area.draw(&PathElement::new(dash.to_vec(), self.colour.mix(0.6)))?;
                }
            }
            place += stretch.len() + 1;
        }
        Ok(())
    }

    fn line(&self, area: &Area<'_>, plot: &Plot, scale: &Scale) -> Painted {
        let points = self.series.shown();
        let dots = points.len() <= 62;
        let mut path: Vec<(i32, i32)> = Vec::new();
        let mut source: Option<&str> = None;
        let end = |path: &mut Vec<(i32, i32)>| -> Painted {
            match path.len() {
                0 => {}
                // Nothing beside it to draw a line to.
                1 => area.draw(&Circle::new(path[0], 2, self.colour.filled()))?,
                _ => area.draw(&PathElement::new(path.clone(), self.colour.stroke_width(2)))?,
            }
            path.clear();
            Ok(())
        };
        for (place, point) in points.iter().enumerate() {
            let Some((value, from)) = point else {
                end(&mut path)?;
                continue;
            };
            if source.is_some_and(|before| before != from) {
                end(&mut path)?;
            }
            source = Some(from);
            let at = (self.across(plot, place), plot.y(scale, *value));
            path.push(at);
            if dots {
                area.draw(&Circle::new(at, 3, self.colour.filled()))?;
            }
        }
        end(&mut path)
    }

    fn bars(&self, area: &Area<'_>, plot: &Plot, scale: &Scale) -> Painted {
        let points = self.series.shown();
        let each = f64::from(plot.right - plot.left) / points.len().max(1) as f64;
        let half = ((each * 0.36) as i32).clamp(0, 24);
        let floor = plot.y(scale, 0.0);
        for (place, point) in points.iter().enumerate() {
            if let Some((value, _)) = point {
                let (x, y) = (self.across(plot, place), plot.y(scale, *value));
                area.draw(&Rectangle::new(
                    [(x - half, y.min(floor)), (x + half, floor.max(y))],
                    self.colour.filled(),
                ))?;
            }
        }
        frame::rule(area, (plot.left, floor), (plot.right, floor), theme::QUIET)
    }
}
