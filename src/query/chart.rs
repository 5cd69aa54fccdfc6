//! What a chart is drawn from: a value for each day with its source, or the stages of one night.
//!
//! Values are those of the daily summary; the four weeks before the range come along, for what is usual.

use jiff::{Timestamp, ToSpan as _};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Answer, Context, Daily, DailyArgs, Detail, Freshness, Need, Range, ShownRange, daily,
    daily::Cell,
    daily_need,
    records::fits,
    signal::{Signal, SignalArgs, newest_signal, signal_need},
};
use crate::{
    error::{Code, Error, Result},
    model::{Session, metric},
    store::StateRow,
};

/// Days before the range that say what is usual.
const LEAD: i64 = 28;

/// The picture is 700 pixels wide: more days than these are less than a fifth of one.
const MOST_DAYS: i64 = 3700;

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
            Error::invalid(format!("chart: there is no '{}'", super::text::brief(name)))
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
    pub truncated: bool,
    pub freshness: Vec<Freshness>,
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

/// The stages of a night. Seconds of the wearer's clock, counted from the midnight before it began.
#[derive(Debug, Clone, PartialEq)]
pub struct Night {
    pub source: String,
    pub start_seconds: f64,
    pub end_seconds: f64,
    pub pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    pub from: f64,
    pub to: f64,
    pub stage: Stage,
}

/// As the table of metrics numbers them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    Awake,
    Light,
    Deep,
    Rem,
    Asleep,
    Away,
}

impl Stage {
    fn of(number: f64) -> Self {
        match number as i64 {
            0 => Self::Awake,
            1 => Self::Light,
            2 => Self::Deep,
            3 => Self::Rem,
            4 => Self::Asleep,
            _ => Self::Away,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Awake => "Awake",
            Self::Light => "Light",
            Self::Deep => "Deep",
            Self::Rem => "REM",
            Self::Asleep => "Asleep",
            Self::Away => "Away",
        }
    }
}

impl Night {
    /// Time in a stage.
    pub fn seconds(&self, stage: Stage) -> f64 {
        // Not the sum of nothing, which is -0.
        self.pieces
            .iter()
            .filter(|piece| piece.stage == stage)
            .fold(0.0, |sum, piece| sum + piece.to - piece.from)
    }
}

/// The metrics that tell when the night was, and whose it is.
const BORDERS: [&str; 2] = ["sleep_start", "sleep_end"];
const STAGES: &str = "sleep_stage";

/// What the daily summary is asked, with the lead.
fn question(context: &Context<'_>, args: &ChartArgs) -> Result<(Range, DailyArgs)> {
    let hypnogram = args.chart == Chart::Hypnogram;
    let default = if hypnogram { "last night" } else { "last 30 days" };
    let start = args.start.as_deref().or(args.end.is_none().then_some(default));
    let range = Range::read(start, args.end.as_deref(), context.now, &context.zone)?;
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

/// What has to be up to date for the question.
pub fn chart_need(context: &Context<'_>, args: &ChartArgs) -> Result<Need> {
    if args.chart == Chart::Ecg {
        // Of no id: then the lists of recordings are what has to be here.
        return signal_need(context, &SignalArgs { kind: ECG.to_owned(), ..SignalArgs::default() });
    }
    daily_need(context, &question(context, args)?.1)
}

const ECG: &str = "ecg";

/// The newest recording of the range, with what is known of it as rows; its samples are read with another tool.
fn ecg(context: &Context<'_>, args: &ChartArgs) -> Result<Answer<Charted>> {
    let start = args.start.as_deref().or(args.end.is_none().then_some("last 365 days"));
    let range = Range::read(start, args.end.as_deref(), context.now, &context.zone)?;
    let days = (range.first.to_string(), range.last.to_string());
    let found = newest_signal(context, ECG, days)?.ok_or_else(|| {
        Error::new(Code::NotFound, format!("there is no ECG from {} to {}", range.first, range.last))
            .hint("Ask for another range; describe_data says which recordings there are.")
    })?;
    let signal = found.body;
    let summary = &signal.signal;
    let facts = [
        ("id", json!(summary.id)),
        ("start", json!(summary.start)),
        ("duration_seconds", json!(summary.duration_seconds)),
        ("sampling_frequency_hz", json!(summary.sampling_frequency_hz)),
        ("heart_rate_bpm", summary.heart_rate_bpm.clone()),
        ("classification", json!(summary.classification)),
    ];
    let series = ChartSeries {
        metric: ECG,
        unit: summary.unit,
        sources: vec![summary.provider.to_owned()],
        n: summary.sample_count,
        mean: None,
        min: summary.min,
        max: summary.max,
        columns: vec!["fact", "value"],
        rows: facts.into_iter().map(|(name, value)| vec![json!(name), value]).collect(),
        points: Vec::new(),
        lead: 0,
    };
    let charted = Charted {
        range: Range::days(range.first, range.last, &context.zone).shown(),
        chart: Chart::Ecg,
        series: vec![series],
        truncated: false,
        freshness: signal.freshness.clone(),
        night: None,
        recording: Some(signal),
        invented: found.demo,
    };
    Answer::new(context, charted)
}

pub fn chart(context: &Context<'_>, args: &ChartArgs) -> Result<Answer<Charted>> {
    if args.chart == Chart::Ecg {
        return ecg(context, args);
    }
    let (range, asked) = question(context, args)?;
    let daily = daily(context, &asked)?;
    let mut charted = Charted {
        range: range.shown(),
        chart: args.chart,
        series: Vec::new(),
        truncated: false,
        freshness: daily.freshness.clone(),
        night: None,
        recording: None,
        invented: daily.demo,
    };
    if args.chart == Chart::Hypnogram {
        let night = night(context, &range, &daily)?;
        charted.series.push(stages(&night));
        charted.night = Some(night);
    } else {
        let lead = LEAD as usize;
        charted.series = args.metrics.iter().filter_map(|id| series(&daily, id, args.chart, lead)).collect();
    }
    charted.bound(args.max_bytes);
    Answer::new(context, charted)
}

fn series(daily: &Daily, id: &str, chart: Chart, lead: usize) -> Option<ChartSeries> {
    let metric = metric::find(id)?;
    let days = daily.days.as_deref().unwrap_or_default();
    let mut points: Vec<Option<(f64, String)>> = days
        .iter()
        .map(|day| {
            let (_, cell) = day.cells().find(|(id, _)| *id == metric.id)?;
            Some((cell.value.as_f64()?, cell.source.clone()?))
        })
        .collect();
    if chart == Chart::Scatter {
        keep_one_source(&mut points);
    }
    let mut one = ChartSeries {
        metric: metric.id,
        unit: metric.unit,
        sources: Vec::new(),
        n: 0,
        mean: None,
        min: None,
        max: None,
        columns: vec!["date", "value"],
        rows: Vec::new(),
        points,
        lead,
    };
    let shown: Vec<(&str, f64, &String)> = days
        .iter()
        .zip(&one.points)
        .skip(lead)
        .filter_map(|(day, point)| point.as_ref().map(|(value, source)| (day.date.as_str(), *value, source)))
        .collect();
    for (_, _, source) in &shown {
        if !one.sources.contains(*source) {
            one.sources.push((*source).clone());
        }
    }
    let values = || shown.iter().map(|(_, value, _)| *value);
    one.n = shown.len();
    let scale = 10f64.powi(i32::from(metric.decimals) + 1);
    one.mean = (one.n > 0).then(|| (values().sum::<f64>() / one.n as f64 * scale).round() / scale);
    (one.min, one.max) = (values().reduce(f64::min), values().reduce(f64::max));
    one.rows = shown.iter().map(|(date, value, _)| vec![json!(date), number(*value)]).collect();
    Some(one)
}

/// In a cloud of points nobody sees which device a point is from: only those of the one with most days stay.
fn keep_one_source(points: &mut [Option<(f64, String)>]) {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for (_, source) in points.iter().flatten() {
        match counts.iter_mut().find(|(known, _)| known == source) {
            Some((_, count)) => *count += 1,
            None => counts.push((source.clone(), 1)),
        }
    }
    // Of equals the first.
    if let Some((most, _)) = counts.into_iter().rev().max_by_key(|(_, count)| *count) {
        for point in
            points.iter_mut().filter(|point| point.as_ref().is_some_and(|(_, source)| *source != most))
        {
            *point = None;
        }
    }
}

/// The stages of the night that ended on the last day, of the source that has it.
fn night(context: &Context<'_>, range: &Range, daily: &Daily) -> Result<Night> {
    let none = |what: &str| {
        Error::new(Code::NotFound, format!("{what} of the night to {}", range.last))
            .hint("Try another night; `others` of get_daily_summary says which devices saw it.")
    };
    #[allow(clippy::redundant_closure_for_method_calls, reason = "shorter than the path of the type")]
    let cells: Vec<_> = daily.days.iter().flatten().flat_map(|day| day.cells()).collect();
    let told = |id: &str| cells.iter().find(|(metric, _)| *metric == id).map(|(_, cell)| cell);
    let (Some(start), Some(end)) = (told(BORDERS[0]), told(BORDERS[1])) else {
        return Err(none("nothing is known"));
    };
    // The chosen device may have no stages by the minute where another has: then it is the other's night.
    let mut sources: Vec<String> = start.source.iter().cloned().collect();
    sources.extend(start.others.keys().cloned());
    let of = |cell: &Cell, source: &String| {
        let value =
            if cell.source.as_ref() == Some(source) { Some(&cell.value) } else { cell.others.get(source) };
        value.and_then(Value::as_str).map(str::to_owned)
    };
    for source in sources {
        let (Some(from), Some(to)) = (of(start, &source), of(end, &source)) else { continue };
        let (Ok(from), Ok(to)) = (from.parse::<Timestamp>(), to.parse::<Timestamp>()) else { continue };
        let (from, to) = (from.as_millisecond(), to.as_millisecond());
        let Some(store) = context.store else { continue };
        let rows = store.states(STAGES, (from, to + 1))?;
        let samples = most_told(rows.iter().filter(|row| row.provider == source));
        if samples.iter().any(|(_, stage)| Stage::of(*stage) != Stage::Away) {
            let offset = of(start, &source).and_then(|text| offset_seconds(&text)).unwrap_or_default();
            return Ok(pieces(source, &samples, (from, to), offset));
        }
    }
    Err(none("no stages are here"))
}

/// The states of the device that told most; contexts tell the same time and are not mixed. Rows of one context
/// follow each other.
fn most_told<'a>(rows: impl Iterator<Item = &'a StateRow>) -> Vec<(i64, f64)> {
    let rows: Vec<&StateRow> = rows.collect();
    let own = rows.chunk_by(|one, other| one.context == other.context);
    let most = own.max_by_key(|rows| (rows[0].context != Session::Relayed.as_str(), rows.len()));
    most.unwrap_or_default().iter().map(|row| (row.at_ms, row.value)).collect()
}

/// The offset that an instant is written with.
fn offset_seconds(text: &str) -> Option<i64> {
    let at = text.find('T')?;
    let sign = text[at..].find(['+', '-', 'Z']).map(|place| at + place)?;
    crate::model::time::parse_offset(&text[sign..]).map(|offset| i64::from(offset.seconds()))
}

/// From each sample to the next, on the wearer's clock.
fn pieces(source: String, samples: &[(i64, f64)], (from, to): (i64, i64), offset: i64) -> Night {
    let midnight = (from / 1000 + offset).div_euclid(86_400) * 86_400;
    let local = |ms: i64| (ms as f64) / 1000.0 + offset as f64 - midnight as f64;
    let mut pieces: Vec<Piece> = Vec::new();
    for (place, (at, stage)) in samples.iter().enumerate() {
        let end = samples.get(place + 1).map_or(to, |(next, _)| *next);
        let piece = Piece { from: local(*at), to: local(end), stage: Stage::of(*stage) };
        match pieces.last_mut() {
            Some(last) if last.stage == piece.stage => last.to = piece.to,
            _ => pieces.push(piece),
        }
    }
    Night { source, start_seconds: local(from), end_seconds: local(to), pieces }
}

/// The stages as rows: when each began on the wearer's clock, and which it was.
fn stages(night: &Night) -> ChartSeries {
    let clock = |seconds: f64| {
        let minutes = (seconds / 60.0).round() as i64;
        format!("{:02}:{:02}", (minutes / 60).rem_euclid(24), minutes.rem_euclid(60))
    };
    let rows = night
        .pieces
        .iter()
        .map(|piece| {
            let minutes = ((piece.to - piece.from) / 60.0 * 10.0).round() / 10.0;
            vec![json!(clock(piece.from)), json!(piece.stage.title().to_lowercase()), number(minutes)]
        })
        .collect();
    ChartSeries {
        metric: STAGES,
        unit: "text",
        sources: vec![night.source.clone()],
        n: night.pieces.len(),
        mean: None,
        min: None,
        max: None,
        columns: vec!["clock", "stage", "minutes"],
        rows,
        points: Vec::new(),
        lead: 0,
    }
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
