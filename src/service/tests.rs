//! One question at the desk: one moment, and no more than one look at its arguments where nothing is fetched.

use std::{
    path::Path,
    sync::atomic::{AtomicI64, Ordering},
};

use super::*;
use crate::{
    providers::find_kind,
    query::{DailyArgs, testkit::Mirror},
};

/// A clock on which an hour passes whenever it is looked at; midnight in Berlin lies between the first two looks.
static CLOCK: AtomicI64 = AtomicI64::new(0);

fn restless() -> Timestamp {
    let begin: Timestamp = "2026-03-17T22:30:00Z".parse().unwrap();
    begin + jiff::SignedDuration::from_hours(CLOCK.fetch_add(1, Ordering::Relaxed))
}

fn desk(home: &Path, connections: Connections) -> Service {
    CLOCK.store(0, Ordering::Relaxed);
    Service::for_tests(Arc::new(App::new(Config::for_tests(home)).unwrap()), connections, restless)
}

/// Notes when it is checked, and when it is answered.
#[derive(Default)]
struct Spy(Mutex<Vec<(&'static str, Timestamp)>>);

impl Question for Spy {
    type Checked<'q> = ();
    type Body = ();

    fn check(&self, context: &Context<'_>) -> Result<()> {
        self.0.lock().unwrap().push(("checked", context.now));
        Ok(())
    }

    fn need(&self, context: &Context<'_>, (): &()) -> Result<Need> {
        let now = context.now.as_millisecond();
        Ok(Need { resources: vec![find_kind("whoop.sleep").unwrap()], bounds: Some((now - 1000, now)) })
    }

    fn answer(&self, context: &Context<'_>, (): ()) -> Result<Answer<()>> {
        self.0.lock().unwrap().push(("answered", context.now));
        Answer::new(context, ())
    }
}

/// In one test, as they share the clock.
#[tokio::test]
async fn a_question_is_planned_and_answered_for_one_moment() {
    let mirror = Mirror::new();
    let nobody: Connections = |_, _| Connection::NotConnected;
    let everybody: Connections = |_, _| Connection::Connected { scopes: Vec::new(), expires_at: None };
    for (name, connections, steps) in [
        ("nothing can be fetched", nobody, &["checked", "answered"][..]),
        // What was read of the mirror may be another thing after a fetch.
        ("something is fetched", everybody, &["checked", "checked", "answered"]),
    ] {
        let desk = desk(mirror.home.path(), connections);
        let spy = Spy::default();
        desk.ask(&spy, false).await.unwrap();
        let seen = spy.0.into_inner().unwrap();
        assert_eq!(seen.iter().map(|(step, _)| *step).collect::<Vec<_>>(), steps, "{name}");
        assert!(seen.iter().all(|(_, now)| *now == seen[0].1), "{name}: {seen:?}");
    }
    for connections in [nobody, everybody] {
        let desk = desk(mirror.home.path(), connections);
        let today = DailyArgs { date: Some("today".to_owned()), ..DailyArgs::default() };
        let answer = desk.ask(&today, false).await.unwrap();
        assert_eq!(answer.range.start, "2026-03-17", "asked before midnight, answered after it");
    }
}
