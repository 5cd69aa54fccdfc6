//! What a record of a day says of the device being worn. Pure, and the same for every provider.
//!
//! A total of a day on which nobody wore the device is no value: its zeros were not counted, and its energy is
//! what the provider takes for granted. Less than an hour on a wrist or finger is no wearing: a device in a
//! drawer is found, looked at and put back, and thinks itself worn for minutes. Less than an hour off is the
//! time to charge it. What lies between is a value, and is marked with how long it was worn.

use serde_json::Value;

use super::catalogue::{Resource, Wear};

/// So short is neither wearing nor taking off, seconds.
const AN_HOUR: f64 = 3600.0;
const A_DAY: f64 = 86_400.0;

/// How much of its day a device was worn, as far as the record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worn {
    /// It says nothing of it.
    Unsaid,
    Throughout,
    /// So many seconds.
    InPart(i64),
    Not,
}

/// Of a record's flat row.
pub fn worn(resource: &Resource, flat: &[Value]) -> Worn {
    let number = |name: &str| {
        let place = resource.fields.iter().position(|field| field.name == name)?;
        flat.get(place)?.as_f64()
    };
    let mut told = resource.wear.iter().map(|wear| match wear {
        Wear::Seconds { off, on } => {
            let on = on.iter().map(|name| number(name)).sum::<Option<f64>>().filter(|_| !on.is_empty());
            number(off).map_or(Worn::Unsaid, |off| of_seconds(off, on))
        }
        Wear::Counts(columns) => {
            let mut counted = columns.iter().filter_map(|name| number(name)).peekable();
            let nothing = counted.peek().is_some() && counted.all(|count| count == 0.0);
            if nothing { Worn::Not } else { Worn::Unsaid }
        }
        Wear::Samples(_) | Wear::Without { .. } => Worn::Unsaid,
    });
    told.find(|worn| *worn != Worn::Unsaid).unwrap_or(Worn::Unsaid)
}

/// Whether records of a resource say anything of it.
pub fn tells(resource: &Resource) -> bool {
    resource.wear.iter().any(|wear| matches!(wear, Wear::Seconds { .. } | Wear::Counts(_)))
}

fn of_seconds(off: f64, on: Option<f64>) -> Worn {
    // A day may have 25 hours, and is shorter while it lasts; two counts that make more are not of one day.
    let worn = on.filter(|on| on + off <= A_DAY + AN_HOUR).unwrap_or(A_DAY - off).max(0.0);
    if off < AN_HOUR {
        Worn::Throughout
    } else if worn < AN_HOUR {
        Worn::Not
    } else {
        Worn::InPart(worn as i64)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        model::Facts,
        providers::{find_kind, flatten, normalise},
    };

    fn told(kind: &str, body: Value) -> (Worn, Facts) {
        let (_, resource) = find_kind(kind).unwrap();
        let document = normalise::document(resource, body, &jiff::tz::TimeZone::UTC).unwrap();
        let flat = flatten::flat(resource, &document);
        (worn(resource, &flat), normalise::facts(resource, &document, &flat))
    }

    #[test]
    fn a_day_is_worn_by_what_its_seconds_say() {
        for (off, on, expected) in [
            (86_400.0, None, Worn::Not),
            (86_400.0, Some(0.0), Worn::Not),
            // The clocks went forward, and back.
            (82_800.0, Some(0.0), Worn::Not),
            (90_000.0, Some(0.0), Worn::Not),
            (86_000.0, Some(400.0), Worn::Not),
            (80_000.0, Some(6_400.0), Worn::InPart(6_400)),
            (30_000.0, None, Worn::InPart(56_400)),
            (5_000.0, Some(7_000.0), Worn::InPart(7_000)),
            (7_200.0, Some(0.0), Worn::Not),
            (3_000.0, Some(83_400.0), Worn::Throughout),
            (0.0, None, Worn::Throughout),
            (0.0, Some(0.0), Worn::Throughout),
            // They contradict each other: the one that says it plainly is believed.
            (86_400.0, Some(80_000.0), Worn::Not),
            (43_200.0, Some(80_000.0), Worn::InPart(43_200)),
        ] {
            assert_eq!(of_seconds(off, on), expected, "{off} {on:?}");
        }
    }

    #[test]
    fn totals_of_a_day_without_wear_are_no_values() {
        let ring = |off: i64, steps: i64, total: i64| {
            json!({ "id": "a", "day": "2026-11-18", "timestamp": "2026-11-18T04:00:00+01:00", "steps": steps,
                "active_calories": steps / 20, "equivalent_walking_distance": steps, "total_calories": total,
                "score": null, "non_wear_time": off, "class_5_min": "000",
                "met": { "interval": 60.0, "timestamp": "2026-11-18T04:00:00+01:00", "items": [0.1, 0.1] } })
        };
        let watch = |steps: i64, heart: i64| {
            json!({ "date": "2026-11-18", "deviceid": "w", "modelid": 93, "brand": 1, "steps": steps, "distance": 0,
                "elevation": 0, "soft": 0, "moderate": 0, "intense": 0, "active": 0, "calories": 0,
                "totalcalories": 1712.5, "hr_average": heart, "hr_min": heart, "hr_max": heart })
        };
        let cycle = |strain: f64, heart: i64| {
            json!({ "id": 5, "start": "2026-11-17T22:00:00Z", "end": "2026-11-18T22:00:00Z", "timezone_offset": "+01:00",
                "score_state": "SCORED", "score": { "strain": strain, "kilojoule": strain * 900.0,
                "average_heart_rate": heart, "max_heart_rate": heart } })
        };
        for (name, kind, body, expected, values) in [
            ("a ring that was off", "oura.daily_activity", ring(86_400, 0, 1630), Worn::Not, 0),
            ("a ring for a run", "oura.daily_activity", ring(80_000, 9000, 2100), Worn::InPart(6_400), 4),
            ("a ring on a lazy day", "oura.daily_activity", ring(600, 0, 1900), Worn::Throughout, 4),
            ("a watch in a drawer", "withings.activity", watch(0, 0), Worn::Not, 0),
            ("a watch in bed", "withings.activity", watch(0, 61), Worn::Unsaid, 8),
            ("a watch without a heart rate", "withings.activity", watch(12, 0), Worn::Unsaid, 8),
            (
                "a row of which only the energy is known",
                "withings.activity",
                json!({ "date": "2026-11-18", "totalcalories": 2100 }),
                Worn::Unsaid,
                1,
            ),
            ("a strap in a drawer", "whoop.cycle", cycle(0.0, 0), Worn::Not, 0),
            ("a strap in bed", "whoop.cycle", cycle(0.1, 58), Worn::Unsaid, 2),
        ] {
            let (worn, facts) = told(kind, body);
            assert_eq!((worn, facts.values.len()), (expected, values), "{name}: {:?}", facts.values);
            assert!(facts.samples.is_empty(), "{name}: nothing is known of a moment without the ring");
        }
    }

    #[test]
    fn a_moment_without_the_ring_is_no_sample() {
        let at = "2026-11-18T04:00:00+01:00";
        let body = json!({ "id": "a", "day": "2026-11-18", "timestamp": at, "steps": 900, "non_wear_time": 30_000,
            "class_5_min": "0210", "met": { "interval": 150.0, "timestamp": at,
            "items": [0.1, 0.1, 1.2, 1.3, 0.9, null, 0.1, 0.1, 1.5] } });
        let (_, facts) = told("oura.daily_activity", body);
        let of = |metric: &str| {
            let samples = facts.samples.iter().filter(|sample| sample.metric == metric);
            samples.map(|sample| sample.value).collect::<Vec<_>>()
        };
        assert_eq!(of("activity_class"), [2.0, 1.0]);
        // What no class speaks of is kept.
        assert_eq!(of("met"), [1.2, 1.3, 0.9, 1.5]);
    }
}
