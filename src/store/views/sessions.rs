//! `v_sleep` and `v_workout`: one row for each session of any provider, with the columns they have in common.

use super::{Made, SESSIONS, columns, kinds, made, select, text, view, word};
use crate::model::{
    Role, Sense,
    metric::{METRICS, Metric, NEVER_ZERO, OF_NAPS},
    sport::{OTHER, SEPARATORS, SPORTS},
    view::{KindShape, ValueKind, View},
};

/// Columns of every session.
fn common(shape: &KindShape) -> Vec<Made> {
    let kind = format!("{}.{}", shape.provider, shape.resource);
    vec![
        word("kind", "Kind of the record.", text::literal(&kind)),
        word("id", "Key of the record in its kind's view.", "id"),
        word("source", "The provider.", "provider"),
        word("day", "The wearer's calendar day: a sleep's is the day it ended on.", "day"),
        word("session", "main, nap, relayed (a copy from another cloud) or rejected.", "session")
            .one_of(SESSIONS),
        made(
            "chosen",
            ValueKind::Whole,
            "",
            "1 for the record that the daily summary shows where several devices recorded the same; 0 for the others \
                and for rejected ones.",
            "(SELECT count(*) FROM chosen_sessions c WHERE c.document = key)",
        ),
        made("start", ValueKind::Text, "instant", "Start, UTC.", "\"start\""),
        made("end", ValueKind::Text, "instant", "End, UTC.", "\"end\""),
        made("start_local", ValueKind::Text, "", "Start on the wearer's clock.", "start_local"),
        made("end_local", ValueKind::Text, "", "End on the wearer's clock.", "end_local"),
        made(
            "duration_seconds",
            ValueKind::Number,
            "s",
            "From start to end.",
            "(end_ms - start_ms) / 1000.0",
        ),
    ]
}

pub(super) fn sleep(shapes: &[KindShape]) -> View {
    let kinds: Vec<&KindShape> = shapes.iter().filter(|shape| shape.role == Role::Sleep).collect();
    let metrics: Vec<&Metric> = METRICS
        .iter()
        .filter(|metric| metric.per_day.is_of_night() && metric.unit != "instant")
        .filter(|metric| kinds.iter().any(|shape| shape.metrics.contains(&metric.id)))
        .collect();
    let about = "One sleep or nap of one provider, with its metrics. Several devices each have their row of a \
        night: chosen = 1 leaves one for each sleep (a night in parts has its parts), session = 'main' nights.";
    union("v_sleep", about, &kinds, |shape| {
        metrics
            .iter()
            .map(|metric| {
                made(metric.id, ValueKind::Number, metric.unit, metric.about, of_session(shape, metric))
            })
            .collect()
    })
}

/// What a sleep says about a metric. A nap gives the day no such value, but has it all the same.
fn of_session(shape: &KindShape, metric: &Metric) -> String {
    let field = shape.fields.iter().find(|field| field.metric == Some(metric.id));
    match field {
        Some(field) if NEVER_ZERO.contains(&metric.id) => format!("nullif({}, 0)", kinds::value(field)),
        Some(field) => kinds::value(field),
        None if shape.metrics.contains(&metric.id) => {
            let of_nap =
                if metric.id == "total_sleep_time" { format!(", '{OF_NAPS}'") } else { String::new() };
            format!(
                "(SELECT max(f.value) FROM facts f WHERE f.document = v_record.key AND f.metric IN ({}{of_nap}))",
                text::literal(metric.id)
            )
        }
        None => "CAST(NULL AS DOUBLE)".to_owned(),
    }
}

/// Numbers of a workout, and what they say.
const OF_WORKOUTS: &[(&str, &str, &str, Sense)] = &[
    ("calories", "kcal", "Energy.", Sense::Energy),
    ("distance_meters", "m", "Distance.", Sense::Distance),
    ("avg_hr_bpm", "/min", "Average heart rate.", Sense::AverageHeartRate),
    ("max_hr_bpm", "/min", "Highest heart rate.", Sense::MaximumHeartRate),
];

pub(super) fn workout(shapes: &[KindShape]) -> View {
    let kinds: Vec<&KindShape> = shapes.iter().filter(|shape| shape.role == Role::Workout).collect();
    let about = "One workout of one provider. What two devices recorded is two rows: chosen = 1 leaves one for each workout.";
    union("v_workout", about, &kinds, |shape| {
        let value = |sense, none: &str| {
            let field = shape.fields.iter().find(|field| field.sense == Some(sense));
            field.map_or_else(|| format!("CAST(NULL AS {none})"), kinds::value)
        };
        let told = value(Sense::Sport, "TEXT");
        let words = "The sport, in the same words whoever recorded it, e.g. running, cycling, strength_training; \
            other where there is none.";
        let mut all = vec![
            word("sport", words, sport(shape, &told)).one_of(SPORTS),
            word("sport_told", "The sport as the provider names it.", told),
        ];
        all.extend(OF_WORKOUTS.iter().map(|(column, unit, about, sense)| {
            made(column, ValueKind::Number, unit, about, value(*sense, "DOUBLE"))
        }));
        all
    })
}

/// The word of all for a provider's name of a sport: its names are few enough to stand in the view.
fn sport(shape: &KindShape, told: &str) -> String {
    let plain = SEPARATORS.iter().fold(format!("lower({told})"), |name, separator| {
        format!("replace({name}, {}, '')", text::literal(&separator.to_string()))
    });
    let whens: Vec<String> = shape
        .sports
        .iter()
        .map(|(name, word)| format!("WHEN {} THEN {}", text::quoted(name), text::literal(word)))
        .collect();
    if whens.is_empty() {
        return "CAST(NULL AS TEXT)".to_owned();
    }
    format!(
        "CASE {plain} {} ELSE CASE WHEN nullif({told}, '') IS NOT NULL THEN {} END END",
        whens.join(" "),
        text::literal(OTHER)
    )
}

fn union(name: &str, about: &str, kinds: &[&KindShape], more: impl Fn(&KindShape) -> Vec<Made>) -> View {
    let mut documented = Vec::new();
    let mut selects = Vec::new();
    for shape in kinds {
        let all: Vec<Made> = common(shape).into_iter().chain(more(shape)).collect();
        selects.push(select(&all, &kinds::rows(shape)));
        documented = columns(all);
    }
    view(name, about, documented, &selects.join(" UNION ALL "))
}
