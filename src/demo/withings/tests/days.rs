//! Activity: days, moments within a day, workouts.

use super::*;

const PATH: &str = "/v2/measure";

fn activities(lab: &mut Lab, fields: Fields) -> Vec<Value> {
    lab.rows(PATH, "getactivity", "activities", fields)
}

#[test]
fn a_day_has_a_row_per_source() {
    let mut lab = lab();
    let rows = activities(&mut lab, &[("lastupdate", "0")]);
    let mut relayed = [0, 0];
    for row in &rows {
        let day = row["date"].as_str().unwrap().parse().unwrap();
        let truth = lab.sim.truth().day(day).unwrap();
        assert_eq!(row["timezone"].as_str(), truth.zone.iana_name());
        assert_eq!(number(&row["active"]), number(&row["moderate"]) + number(&row["intense"]));
        if row["brand"] == 1 {
            assert_eq!((&row["modelid"], &row["is_tracker"]), (&json!(93), &json!(true)));
            assert!(number(&row["hr_average"]) > 0);
            if row["date"].as_str() < Some("2026-11-19") {
                assert_eq!(number(&row["steps"]), truth.steps);
                assert_eq!(number(&row["elevation"]), truth.floors, "floors, not metres");
            }
        } else {
            assert_eq!((&row["brand"], &row["modelid"]), (&json!(18), &json!(1055)));
            assert_eq!((&row["deviceid"], &row["is_tracker"]), (&Value::Null, &json!(false)));
            assert!(number(&row["steps"]) <= truth.steps);
            match row.get("hr_average") {
                None => relayed[0] += 1,
                Some(value) => {
                    assert_eq!(value, 0);
                    relayed[1] += 1;
                }
            }
        }
    }
    assert!(relayed[0] > 20 && relayed[1] > 20, "{relayed:?}");
    let watch = rows.iter().filter(|row| row["brand"] == 1).count();
    assert_eq!(watch, 324, "one a day until today");
    lab.sim.set_quirk(|quirks| quirks.records.no_heart_rate = NoHeartRate::Absent);
    let rows = activities(&mut lab, &[("lastupdate", "0")]);
    assert!(rows.iter().all(|row| (row["brand"] == 18) == row.get("hr_average").is_none()));
}

#[test]
fn today_grows() {
    let mut lab = lab();
    let today = [("startdateymd", "2026-11-20"), ("enddateymd", "2026-11-20"), ("data_fields", "steps")];
    let before = activities(&mut lab, &today)[0].clone();
    assert!(before.get("distance").is_none());
    lab.sim.advance_to("2026-11-20T21:30:00Z".parse().unwrap());
    lab.renew();
    let after = activities(&mut lab, &today)[0].clone();
    assert!(number(&after["steps"]) > number(&before["steps"]));
    assert!(number(&after["modified"]) > number(&before["modified"]));
}

#[test]
fn a_page_has_200_places_and_the_last_one_still_an_offset() {
    let mut lab = lab();
    let first = lab.body(PATH, "getactivity", &[("lastupdate", "0")]);
    assert_eq!(first["activities"].as_array().unwrap().len(), 200);
    assert_eq!((&first["more"], &first["offset"]), (&json!(true), &json!(200)));
    let last = [("startdateymd", "2026-11-19"), ("enddateymd", "2026-11-20")];
    let last = lab.body(PATH, "getactivity", &last);
    assert_eq!((&last["more"], &last["offset"]), (&json!(false), &json!(200)));
}

#[test]
fn workouts_are_the_persons_with_numbers_for_names() {
    let mut lab = lab();
    let fields = [("lastupdate", "0"), ("data_fields", "calories,hr_average,distance,steps")];
    let rows = lab.rows(PATH, "getworkouts", "series", &fields);
    let truth: Vec<i64> = lab
        .sim
        .truth()
        .workouts()
        .iter()
        .filter(|workout| workout.end <= now())
        .map(|workout| workout.start.as_second())
        .collect();
    let starts: Vec<i64> = rows.iter().map(|row| number(&row["startdate"])).collect();
    assert_eq!(starts, truth);
    let mut relayed = 0;
    for row in &rows {
        assert!(row["category"].is_i64() && row["model"].is_i64());
        if row["model"] == 1055 {
            relayed += 1;
            assert_eq!(row["data"]["hr_average"], 0, "not measured");
            assert!(row["deviceid"].is_null());
        }
    }
    assert!(relayed > 5);
    assert!(rows.iter().any(|row| row["category"] == 2 && number(&row["data"]["distance"]) > 4000));
    assert!(rows.iter().any(|row| row["category"] == 36 && row["attrib"] == 2));
    let plain = lab.rows(PATH, "getworkouts", "series", &[("lastupdate", "0")]);
    let data = plain[0]["data"].as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["algo_pause_duration"], "almost nothing unasked");
}

/// The moments of a window.
fn moments(lab: &mut Lab, from: &str, hours: i64, fields: &str) -> Value {
    let from: Timestamp = from.parse().unwrap();
    let (start, end) = (from.as_second().to_string(), (from.as_second() + hours * 3600).to_string());
    let fields = [("startdate", start.as_str()), ("enddate", &end), ("data_fields", fields)];
    lab.body(PATH, "getintradayactivity", &fields)["series"].clone()
}

#[test]
fn moments_add_up_to_the_day_and_end_after_24_hours() {
    let mut lab = lab();
    // 5 May in Berlin.
    let series = moments(&mut lab, "2026-05-04T22:00:00Z", 24 * 7, "steps,elevation,heart_rate,sdnn1,rmssd");
    let series = series.as_object().unwrap();
    let day = lab.sim.truth().day(date(2026, 5, 5)).unwrap();
    let sum = |name: &str| series.values().filter_map(|entry| entry[name].as_i64()).sum::<i64>();
    assert_eq!((sum("steps"), sum("elevation")), (day.steps, day.floors));
    let start = "2026-05-04T22:00:00Z".parse::<Timestamp>().unwrap().as_second();
    for (at, entry) in series {
        let at: i64 = at.parse().unwrap();
        assert!((start..start + 86_400).contains(&at));
        assert_eq!((&entry["model"], &entry["model_id"]), (&json!("ScanWatch"), &json!(93)));
        assert!(entry.get("duration").is_none() && entry.get("sdnn_1").is_none());
    }
    let pulses = series.values().filter(|entry| entry.get("heart_rate").is_some()).count();
    assert!(pulses >= 144, "{pulses}");
    assert!(series.values().any(|entry| entry.get("sdnn1").is_some()));
}

#[test]
fn moments_need_fields_and_an_empty_day_is_a_list() {
    let mut lab = lab();
    assert_eq!(moments(&mut lab, "2010-01-01T00:00:00Z", 24, "steps,heart_rate"), json!([]));
    let blank = moments(&mut lab, "2026-05-05T00:00:00Z", 24, "");
    assert!(blank.as_object().unwrap().len() > 100);
    assert!(blank.as_object().unwrap().values().all(|entry| entry.as_object().unwrap().len() == 3));
    let newest = lab.body(PATH, "getintradayactivity", &[("data_fields", "heart_rate")])["series"].clone();
    let last = newest.as_object().unwrap().keys().map(|at| at.parse::<i64>().unwrap()).max().unwrap();
    assert!((0..600).contains(&(now().as_second() - last)));
}
