//! Everyday questions, each with the call that answers it: whoever sees nothing but the tools finds the right figure in
//! one small answer.

use std::collections::BTreeMap;

use jiff::{ToSpan as _, civil::Date};
use rusqlite::Connection;
use serde_json::{Value, json};
use vitals_mcp::demo::{Person, person::Workout};

use crate::{harness::Server, world::World};

/// What is known of the person without asking the program for a figure.
struct Known {
    person: Person,
    today: Date,
    /// Metric to day to the value that the day's summary shows.
    days: BTreeMap<String, BTreeMap<Date, f64>>,
}

/// A question in somebody's words, the calls that answer it, and what the last answer has to say: a place, and what
/// stands there.
type Question = (&'static str, Vec<(&'static str, Value)>, Vec<(&'static str, Value)>);

impl Known {
    fn of(world: &World) -> Self {
        let db = Connection::open(world.home.path().join("vitals.db")).unwrap();
        let mut days: BTreeMap<String, BTreeMap<Date, f64>> = BTreeMap::new();
        let mut statement = db
            .prepare("SELECT metric, day, value FROM v_daily WHERE chosen = 1 AND typeof(value) <> 'text'")
            .unwrap();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let day: Date = row.get::<_, String>(1).unwrap().parse().unwrap();
            days.entry(row.get(0).unwrap()).or_default().insert(day, row.get(2).unwrap());
        }
        let today = crate::world::now().to_zoned(jiff::tz::TimeZone::get("Europe/Berlin").unwrap()).date();
        Self { person: world.simulation.truth().clone(), today, days }
    }

    fn ago(&self, days: i64) -> Date {
        self.today.saturating_sub(days.days())
    }

    /// The values of so many days up to a day.
    fn values(&self, metric: &str, (first, last): (Date, Date)) -> Vec<(Date, f64)> {
        self.days[metric].range(first..=last).map(|(day, value)| (*day, *value)).collect()
    }

    fn mean(&self, metric: &str, span: (Date, Date)) -> f64 {
        let values = self.values(metric, span);
        values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64
    }

    fn count(&self, metric: &str, span: (Date, Date), holds: impl Fn(f64) -> bool) -> Value {
        json!(self.values(metric, span).iter().filter(|(_, value)| holds(*value)).count())
    }

    fn most(&self, metric: &str, span: (Date, Date)) -> f64 {
        self.values(metric, span).iter().map(|(_, value)| *value).fold(f64::MIN, f64::max)
    }

    fn least(&self, metric: &str, span: (Date, Date)) -> f64 {
        self.values(metric, span).iter().map(|(_, value)| *value).fold(f64::MAX, f64::min)
    }

    fn newest(&self, metric: &str) -> f64 {
        *self.days[metric].iter().next_back().unwrap().1
    }

    fn workouts(&self, (first, last): (Date, Date)) -> usize {
        self.person.workouts().iter().filter(|one| (first..=last).contains(&one.day())).count()
    }
}

fn summary(arguments: Value) -> (&'static str, Value) {
    let mut arguments = arguments;
    arguments["method"] = "summary".into();
    ("analyze", arguments)
}

fn questions(known: &Known) -> Vec<Question> {
    let yesterday = known.ago(1);
    // Full weeks up to yesterday, so that no day of them grows while the test runs.
    let span = |days: i64| (known.ago(days), yesterday);
    let asked = |metric: &str, days: i64| json!({ "metric": metric, "start": known.ago(days).to_string(), "end": yesterday.to_string() });
    let with = |metric: &str, days: i64, more: Value| {
        let mut asked = asked(metric, days);
        asked.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        summary(asked)
    };
    let (week, before) = (span(7), (known.ago(14), known.ago(8)));
    let two_weeks = json!({ "other_start": before.0.to_string(), "other_end": before.1.to_string() });
    let near = |value: f64| json!(value);
    let asleep = "total_sleep_time";
    let pulse = "resting_heart_rate";
    let variability = "heart_rate_variability_rmssd";
    vec![
        (
            "How many nights under six and a half hours in the last month?",
            vec![with(asleep, 30, json!({ "below": "6h30m" }))],
            vec![("/metrics/0/below/count", known.count(asleep, span(30), |value| value < 23_400.0))],
        ),
        (
            "How long do I sleep on average?",
            vec![with(asleep, 30, json!({}))],
            vec![("/metrics/0/mean", near(known.mean(asleep, span(30))))],
        ),
        (
            "My last seven days of sleep against the seven before?",
            vec![with(asleep, 7, two_weeks.clone())],
            vec![
                ("/metrics/0/mean", near(known.mean(asleep, week))),
                ("/metrics/0/other_period/mean", near(known.mean(asleep, before))),
            ],
        ),
        (
            "Is my pulse at rest lower this week than last?",
            vec![with(pulse, 7, two_weeks)],
            vec![("/metrics/0/difference/mean", near(known.mean(pulse, week) - known.mean(pulse, before)))],
        ),
        (
            "How many steps do I make a day?",
            vec![with("steps", 28, json!({}))],
            vec![("/metrics/0/mean", near(known.mean("steps", span(28))))],
        ),
        (
            "On how many days did I walk more than 10,000 steps?",
            vec![with("steps", 28, json!({ "above": 10_000 }))],
            vec![("/metrics/0/above/count", known.count("steps", span(28), |value| value > 10_000.0))],
        ),
        (
            "How many steps altogether?",
            vec![with("steps", 28, json!({}))],
            vec![(
                "/metrics/0/sum",
                near(known.values("steps", span(28)).iter().map(|(_, steps)| steps).sum()),
            )],
        ),
        (
            "My best day of steps?",
            vec![with("steps", 28, json!({}))],
            vec![("/metrics/0/max/value", near(known.most("steps", span(28))))],
        ),
        (
            "When was my heart rate variability lowest in three months?",
            vec![with(variability, 90, json!({}))],
            vec![("/metrics/0/min/value", near(known.least(variability, span(90))))],
        ),
        (
            "What do I weigh?",
            vec![summary(json!({ "metric": "weight", "start": "last 30 days" }))],
            vec![("/metrics/0/latest/value", near(known.newest("weight")))],
        ),
        (
            "My blood pressure on average?",
            vec![summary(json!({
                "metrics": ["blood_pressure_systolic", "blood_pressure_diastolic"],
                "start": known.ago(90).to_string(), "end": yesterday.to_string(),
            }))],
            vec![
                ("/metrics/0/mean", near(known.mean("blood_pressure_systolic", span(90)))),
                ("/metrics/1/mean", near(known.mean("blood_pressure_diastolic", span(90)))),
            ],
        ),
        (
            "How often did I train in the last four weeks?",
            vec![with("workout", 28, json!({}))],
            vec![("/metrics/0/count", json!(known.workouts(span(28))))],
        ),
        (
            "How long did I train?",
            vec![with("workout", 28, json!({}))],
            vec![("/metrics/0/minutes", {
                let within = |day: Date| (known.ago(28)..=yesterday).contains(&day);
                let all = known.person.workouts().iter().filter(|one| within(one.day()));
                near(all.map(Workout::seconds).sum::<i64>() as f64 / 60.0)
            })],
        ),
        (
            "Do I walk more at weekends?",
            vec![with("steps", 56, json!({ "by": "weekend" }))],
            vec![("/metrics/0/by/rows/0/0", json!("Monday to Friday"))],
        ),
        (
            "My sleep week by week?",
            vec![with(asleep, 28, json!({ "by": "week" }))],
            vec![("/metrics/0/by/columns/0", json!("week"))],
        ),
        (
            "When do I go to bed and get up?",
            vec![summary(json!({
                "metrics": ["sleep_start", "sleep_end"], "start": known.ago(14).to_string(), "end": yesterday.to_string(),
            }))],
            vec![("/metrics/0/unit", json!("clock time"))],
        ),
        (
            "How did I sleep the night before last?",
            vec![(
                "get_daily_summary",
                json!({ "date": "yesterday", "metrics": [asleep, "deep_sleep_duration", "rem_sleep_duration"] }),
            )],
            vec![("/days/0/sleep/total_sleep_time/value", json!(known.days[asleep][&yesterday]))],
        ),
        (
            "How was the day before yesterday?",
            vec![(
                "get_daily_summary",
                json!({ "date": known.ago(2).to_string(), "metrics": [asleep, "steps", pulse] }),
            )],
            vec![("/days/0/activity/steps/value", json!(known.days["steps"][&known.ago(2)]))],
        ),
        (
            "My heart rate at three last night?",
            vec![(
                "get_series",
                json!({ "metrics": ["heart_rate"], "source": "oura", "start": format!("{yesterday}T03:00:00"), "end": format!("{yesterday}T03:10:00") }),
            )],
            vec![("/series/0/unit", json!("/min"))],
        ),
        (
            "My last run?",
            vec![(
                "list_records",
                json!({ "kind": "whoop.workout", "where": { "sport": "running" }, "start": "last 90 days", "limit": 1,
                        "fields": ["day", "start", "end", "sport_name", "distance_meter"] }),
            )],
            vec![("/rows/0/3", json!("running"))],
        ),
        (
            "What changed since yesterday noon?",
            vec![("get_events", json!({ "since": format!("{yesterday}T12:00:00") }))],
            vec![("/first_import", json!(true))],
        ),
        (
            "Which days of the last week did SQL say I walked?",
            vec![(
                "query_sql",
                json!({ "sql": "SELECT day, value FROM v_daily WHERE chosen AND metric = 'steps' AND day BETWEEN \
                                period_start('yesterday') AND period_end('yesterday')" }),
            )],
            vec![("/rows/0/1", json!(known.days["steps"][&yesterday]))],
        ),
        (
            "Does the ring agree with the strap about my sleep?",
            vec![(
                "analyze",
                json!({ "method": "agreement", "metric": asleep, "start": known.ago(60).to_string(), "end": yesterday.to_string() }),
            )],
            vec![("/pairs/0/first", json!("whoop"))],
        ),
        (
            "What stands out?",
            vec![("get_insights", json!({ "days": 14 }))],
            vec![("/truncated", json!(false))],
        ),
        (
            "Did I weigh anything in 2012?",
            vec![summary(json!({ "metric": "weight", "start": "2012-05" }))],
            vec![("/metrics/0/n", json!(0)), ("/metrics/0/mean", Value::Null)],
        ),
    ]
}

/// Whether two figures are the same as somebody reads them, rounded.
fn same(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 0.51_f64.max(expected.abs() * 0.002),
        _ => found == expected,
    }
}

fn ask(server: &mut Server, (tool, arguments): &(&'static str, Value)) -> (Value, usize) {
    let told = server.call(tool, arguments);
    assert_eq!(told["isError"], false, "{tool} {arguments}: {told}");
    let size = told["structuredContent"].to_string().len();
    (told["structuredContent"].clone(), size)
}

#[test]
fn everyday_questions_take_one_small_answer_with_the_right_figure() {
    let world = World::connected(120);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    // Whoever reads rows of days from outside sees them as they were last worked out.
    server.call("query_sql", &json!({ "sql": "SELECT count(*) FROM v_daily" }));
    let known = Known::of(&world);
    let all = questions(&known);
    assert_eq!(all.len(), 25);
    let mut sizes = Vec::new();
    for (question, calls, expected) in &all {
        assert_eq!(calls.len(), 1, "{question}");
        let (answer, size) = ask(&mut server, &calls[0]);
        for (place, value) in expected {
            let found = answer.pointer(place).unwrap_or(&Value::Null);
            assert!(same(found, value), "{question} {place}: {found}, not {value}, in {answer}");
        }
        assert!(size <= 4000, "{question}: {size} bytes: {answer}");
        sizes.push(size);
    }
    // Whoever does not know yet what can be asked for reads this first.
    let (_, size) = ask(&mut server, &("describe_data", json!({})));
    assert!(size < 10_000, "describe_data: {size} bytes");
    sizes.sort_unstable();
    assert!(sizes[sizes.len() / 2] <= 1500, "{sizes:?}");
}
