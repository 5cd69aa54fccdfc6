//! What a chart is drawn from: a value for each day with its source, or the stages of one night.
//!
//! Values are those of the daily summary; the four weeks before the range come along, for what is usual.

mod ecg;
mod night;
mod points;

use jiff::ToSpan as _;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

pub use self::night::{Night, Stage};
use self::{
    ecg::{ECG, ecg},
    night::{BORDERS, night, stages},
    points::series,
};
use super::{
    Answer, Context, DailyArgs, Detail, FreshnessByProvider, Need, Question, Range, ShownRange,
    daily_standing, day_values,
    records::fits,
    signal::{Signal, SignalArgs},
};
use crate::{
    error::{Error, Result},
    model::metric::{self, Metric},
};

/// Days before the range that say what is usual.
const LEAD: i64 = 28;

/// The picture is 700 pixels wide: more days than these are less than a fifth of one.
const MOST_DAYS: i64 = 3700;

/// Drawn behind lines where enough days are known.
const BAND: &str = "The shaded band is what was usual in the 28 days before each day: median and 5.2 median absolute \
    deviations on either side, each value spread over its last digit so that the band does not jump. No norm.";

/// Days with a value before a day that has a band.
const LEAST_OF_BAND: usize = 14;

/// Panels that are still readable one below the other.
const MOST_PANELS: usize = 3;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Chart {
    #[default]
    Line,
    Bar,
    Scatter,
    Hypnogram,
    Ecg,
}

impl Chart {
    pub const NAMES: [(&'static str, Self); 5] = [
        ("line", Self::Line),
        ("bar", Self::Bar),
        ("scatter", Self::Scatter),
        ("hypnogram", Self::Hypnogram),
        ("ecg", Self::Ecg),
    ];

    pub fn parse(name: &str) -> Result<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, chart)| *chart).ok_or_else(|| {
            Error::invalid(format!("chart: there is no '{}'", super::sanitize::brief(name)))
                .hint("There are: line, bar, scatter, hypnogram, ecg.")
        })
    }
}

#[derive(Debug, Clone, Default)]
pub struct ChartArgs {
    pub metrics: Vec<String>,
    pub start: Option<String>,
    pub end: Option<String>,
    pub chart: Chart,
    /// The rows end before they pass this many bytes of JSON; what is drawn is not cut.
    pub max_bytes: Option<usize>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Charted {
    pub range: ShownRange,
    // One of the tool's argument.
    #[schemars(with = "String")]
    pub chart: Chart,
    /// metric, unit, n, columns, rows.
    pub series: Vec<ChartSeries>,
    /// What the band behind a line is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub band: Option<&'static str>,
    pub truncated: bool,
    pub freshness: FreshnessByProvider,
    #[serde(skip)]
    pub night: Option<Night>,
    #[serde(skip)]
    pub recording: Option<Signal>,
    /// Whether the picture has to say that its person is invented.
    #[serde(skip)]
    pub invented: bool,
}

/// What is drawn of one metric.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ChartSeries {
    pub metric: &'static str,
    pub unit: &'static str,
    pub sources: Vec<String>,
    pub n: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    pub columns: Vec<&'static str>,
    /// Days without a value are left out.
    pub rows: Vec<Vec<Value>>,
    /// Every day, the lead included.
    #[serde(skip)]
    pub points: Vec<Option<(f64, String)>>,
    /// How many of the points lie before the range.
    #[serde(skip)]
    pub lead: usize,
}

impl ChartSeries {
    /// The days of the range.
    pub fn shown(&self) -> &[Option<(f64, String)>] {
        &self.points[self.lead.min(self.points.len())..]
    }
}

/// What the daily summary is asked, with the lead.
fn question(context: &Context<'_>, args: &ChartArgs) -> Result<(Range, DailyArgs)> {
    let hypnogram = args.chart == Chart::Hypnogram;
    let default = if hypnogram { "last night" } else { "last 30 days" };
    let start = args.start.as_deref().or(args.end.is_none().then_some(default));
    let range = Range::read_days(start, args.end.as_deref(), context.now, &context.zone)?;
    let days = i64::from(range.first.until(range.last).map_or(0, |span| span.get_days())) + 1;
    if days > MOST_DAYS {
        return Err(Error::invalid(format!("start, end: {days} days are more than one picture shows"))
            .hint(format!("Ask for at most {MOST_DAYS} days.")));
    }
    let metrics = if hypnogram {
        BORDERS.map(str::to_owned).to_vec()
    } else {
        check_metrics(args)?;
        args.metrics.clone()
    };
    // A night has one day: the one it ended on.
    let first = if hypnogram { range.last } else { range.first.saturating_sub(LEAD.days()) };
    let asked = DailyArgs {
        start: Some(first.to_string()),
        end: Some(range.last.to_string()),
        metrics,
        detail: Some(Detail::Full),
        ..DailyArgs::default()
    };
    let first = if hypnogram { range.last } else { range.first };
    Ok((Range::days(first, range.last, &context.zone), asked))
}

/// A band beside several lines would not say whose it is.
fn has_band(args: &ChartArgs) -> bool {
    let unit = |id: &String| metric::find(id).map(|metric| metric.unit);
    let alone = |id: &String| args.metrics.iter().filter(|other| unit(other) == unit(id)).count() == 1;
    match args.chart {
        Chart::Bar => true,
        Chart::Line => args.metrics.iter().any(alone),
        Chart::Scatter | Chart::Hypnogram | Chart::Ecg => false,
    }
}

fn check_metrics(args: &ChartArgs) -> Result<()> {
    let hint = "For example [\"resting_heart_rate\"]; describe_data lists the metrics.";
    if args.metrics.is_empty() {
        return Err(Error::invalid("metrics: none were given").hint(hint));
    }
    if args.chart == Chart::Scatter && args.metrics.len() != 2 {
        return Err(Error::invalid(format!(
            "metrics: a scatter needs two, {} were given",
            args.metrics.len()
        ))
        .hint("The first goes across, the second up."));
    }
    let mut units: Vec<&str> = args.metrics.iter().filter_map(|id| Some(metric::find(id)?.unit)).collect();
    let instant =
        args.metrics.iter().find(|id| metric::find(id).is_some_and(|metric| metric.unit == "instant"));
    if let Some(id) = instant {
        return Err(Error::invalid(format!("metrics: {id} is a time of day and is not drawn"))
            .hint("A hypnogram shows one night; durations can be drawn over many."));
    }
    if args.chart == Chart::Line {
        units.sort_unstable();
        units.dedup();
    }
    if units.len() > MOST_PANELS || args.metrics.len() > 7 {
        return Err(Error::invalid("metrics: too many for one picture")
            .hint("Lines of at most three units and seven metrics, or bars of three metrics."));
    }
    Ok(())
}

/// What is asked of whom.
pub enum Checked {
    /// Of no id: then the lists of recordings are what has to be here.
    Ecg(SignalArgs),
    Days(Range, DailyArgs),
}

impl Question for ChartArgs {
    type Checked<'q> = Checked;
    type Body = Charted;

    fn check(&self, context: &Context<'_>) -> Result<Checked> {
        if self.chart == Chart::Ecg {
            return Ok(Checked::Ecg(SignalArgs { kind: ECG.to_owned(), ..SignalArgs::default() }));
        }
        let (range, asked) = question(context, self)?;
        Ok(Checked::Days(range, asked))
    }

    fn need(&self, context: &Context<'_>, checked: &Checked) -> Result<Need> {
        match checked {
            Checked::Ecg(asked) => asked.needed(context),
            Checked::Days(_, asked) => asked.needed(context),
        }
    }

    fn answer(&self, context: &Context<'_>, checked: Checked) -> Result<Answer<Charted>> {
        match checked {
            Checked::Ecg(_) => ecg(context, self),
            Checked::Days(range, asked) => of_days(context, self, &range, &asked),
        }
    }
}

fn of_days(
    context: &Context<'_>,
    args: &ChartArgs,
    range: &Range,
    asked: &DailyArgs,
) -> Result<Answer<Charted>> {
    let mut charted = Charted {
        range: range.shown(),
        chart: args.chart,
        series: Vec::new(),
        band: has_band(args).then_some(BAND),
        truncated: false,
        freshness: FreshnessByProvider::default(),
        night: None,
        recording: None,
        invented: context.is_demo()?,
    };
    if args.chart == Chart::Hypnogram {
        let daily = asked.ask(context)?;
        charted.freshness.clone_from(&daily.freshness);
        let night = night(context, range, &daily)?;
        charted.series.push(stages(&night));
        charted.night = Some(night);
    } else {
        charted.freshness = daily_standing(context, asked)?.1;
        let metrics: Vec<&'static Metric> = args.metrics.iter().filter_map(|id| metric::find(id)).collect();
        let first = range.first.saturating_sub(LEAD.days());
        let values = day_values(context, &metrics, (first, range.last))?;
        let drawn = |metric: &&'static Metric| series(&values, metric, args.chart, (first, range.last));
        charted.series = metrics.iter().map(drawn).collect();
        // Where hardly anything is known there is no band to tell of.
        let is_known = |one: &ChartSeries| one.points.iter().flatten().count() > LEAST_OF_BAND;
        charted.band = charted.band.filter(|_| charted.series.iter().any(is_known));
    }
    charted.bound(args.max_bytes);
    Answer::new(context, charted)
}

impl Charted {
    /// Leaves out rows that would pass the bound, the last ones of each series first.
    fn bound(&mut self, max_bytes: Option<usize>) {
        let Some(most) = max_bytes else { return };
        let each = most / self.series.len().max(1);
        for one in &mut self.series {
            let mut bytes = 0;
            let kept = one.rows.iter().take_while(|row| fits(&mut bytes, row, Some(each), false)).count();
            self.truncated |= kept < one.rows.len();
            one.rows.truncate(kept);
        }
    }
}

fn number(value: f64) -> Value {
    if value.fract() == 0.0 { json!(value as i64) } else { json!(value) }
}
