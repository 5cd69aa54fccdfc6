//! A hypnogram: the stages of one night, of one device.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{ChartSeries, number};
use crate::{
    error::{Code, Error, Result},
    model::{Session, time::offset_in},
    query::{Context, Daily, Range, daily::Cell},
    store::StateRow,
};

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
pub(super) const BORDERS: [&str; 2] = ["sleep_start", "sleep_end"];
const STAGES: &str = "sleep_stage";

/// The stages of the night that ended on the last day, of the source that has it.
pub(super) fn night(context: &Context<'_>, range: &Range, daily: &Daily) -> Result<Night> {
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
            let offset = of(start, &source)
                .and_then(|text| offset_in(&text))
                .map_or(0, |offset| i64::from(offset.seconds()));
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
pub(super) fn stages(night: &Night) -> ChartSeries {
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
