//! Heart and stethoscope, devices and goals.

use super::*;

fn heart(lab: &mut Lab, signal: &Value) -> Value {
    lab.body("/v2/heart", "get", &[("signalid", &signal.to_string())])
}

#[test]
fn heart_records_have_empty_objects_where_nothing_was_taken() {
    let mut lab = lab();
    let rows = lab.rows("/v2/heart", "list", "series", &[]);
    let (mut cuff, mut watch, mut plain) = (0, 0, 0);
    for row in &rows {
        assert!(row.get("grpid").is_none() && row["model"].is_i64());
        if row["model"] == 93 {
            watch += 1;
            assert_eq!(row["bloodpressure"], json!({}));
        } else if row["ecg"] == json!({}) {
            plain += 1;
        } else {
            cuff += 1;
            assert!(number(&row["bloodpressure"]["systole"]) > number(&row["bloodpressure"]["diastole"]));
        }
    }
    assert!(cuff > 5 && watch > 5 && plain > 20, "{cuff} {watch} {plain}");
    let half = rows[rows.len() / 2]["timestamp"].to_string();
    let newer = lab.rows("/v2/heart", "list", "series", &[("startdate", &half)]);
    assert_eq!(newer.len(), rows.len() / 2 + 1);
}

#[test]
fn signals_have_their_length_and_come_late_if_told_to() {
    let mut lab = lab();
    let rows = lab.rows("/v2/heart", "list", "series", &[]);
    let signal_of = |model: i64| {
        let taken = |row: &&Value| row["model"] == model && row["ecg"] != json!({});
        rows.iter().find(taken).unwrap()["ecg"]["signalid"].clone()
    };
    for (model, hertz, samples, position) in [(44, 500, 10_000, 3), (93, 300, 9_000, 1)] {
        let body = heart(&mut lab, &signal_of(model));
        assert_eq!(body["signal"].as_array().unwrap().len(), samples);
        assert_eq!((&body["sampling_frequency"], &body["wearposition"]), (&json!(hertz), &json!(position)));
        assert_eq!(body["model"], model);
        assert!(body["heart_rate"].is_i64());
    }
    lab.sim.set_quirk(|quirks| {
        quirks.heart.heart_rate = HeartRate::Object;
        quirks.heart.empty_signal_for = Duration::from_secs(365 * 86_400);
    });
    let body = heart(&mut lab, &signal_of(44));
    assert_eq!(body["signal"], json!([]));
    assert!(body["heart_rate"]["value"].is_i64());
    let nowhere = lab.refusal("/v2/heart", "get", &[("signalid", "1")]);
    assert_eq!(nowhere, invalid("invalid signalid"));
    assert_eq!(lab.refusal("/v2/heart", "get", &[]), invalid("Missing parameter signalid"));
}

#[test]
fn a_stethoscope_is_listed_and_heard() {
    let mut lab = lab();
    let rows = lab.rows("/v2/stetho", "list", "series", &[]);
    assert!(rows.len() > 5);
    let body = lab.body("/v2/stetho", "get", &[("signalid", &rows[0]["signalid"].to_string())]);
    let samples = body["signal"].as_array().unwrap();
    assert_eq!(samples.len() as i64, number(&body["frequency"]) * number(&body["duration"]));
    assert!(samples.iter().all(|sample| (0..256).contains(&number(sample))));
    let heard = lab.rows("/v2/heart", "list", "series", &[]);
    assert!(heard.iter().any(|row| row["stetho"]["signalid"] == rows[0]["signalid"]));
}

#[test]
fn devices_are_listed_with_model_id_and_the_mat_in_three_ways() {
    let mut lab = lab();
    let mut devices = |mat| {
        lab.sim.set_quirk(|quirks| quirks.user.mat = mat);
        lab.body("/v2/user", "getdevice", &[])["devices"].as_array().unwrap().clone()
    };
    let listed = devices(Mat::Named);
    assert_eq!(listed.len(), 7);
    assert!(listed.iter().all(|device| device["model_id"].is_i64() && device.get("modelid").is_none()));
    assert!(listed.iter().any(|device| device["first_session_date"].is_null()));
    assert!(listed.iter().any(|device| device["battery"] == "unknown"));
    assert!(listed.iter().all(|device| device["deviceid"].as_str().unwrap().len() == 40));
    let nameless = devices(Mat::Nameless);
    assert!(nameless.iter().any(|device| device["model"] == "" && device["model_id"] == 13));
    assert_eq!(devices(Mat::Missing).len(), 6);
}

#[test]
fn goals_are_an_object_or_an_empty_list() {
    let mut lab = lab();
    let goals = lab.body("/v2/user", "getgoals", &[]);
    assert_eq!(goals["goals"]["steps"], 10_000);
    assert_eq!(goals["goals"]["weight"], json!({"value": 78_500, "unit": -3}));
    lab.sim.set_quirk(|quirks| quirks.user.goals = Goals::EmptyArray);
    assert_eq!(lab.body("/v2/user", "getgoals", &[]), json!({"goals": []}));
}
