//! Pictures as a person and as a client get them: whole PNGs, with the numbers that they show.

use std::fs;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;

use crate::{harness::Home, world::World};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

#[test]
fn a_client_gets_the_picture_beside_the_numbers_that_the_command_prints() {
    let world = World::connected_to(&["oura"], 45);
    world.home.run(&["sync"]).expect(0);
    let mut server = world.home.serve();
    server.initialize();
    for (arguments, command) in [
        (
            json!({ "metrics": ["steps"], "chart": "bar", "start": "last 14 days" }),
            &["steps", "--chart", "bar", "--start", "last 14 days"][..],
        ),
        (
            json!({ "metrics": ["total_sleep_time", "lowest_heart_rate"], "chart": "scatter" }),
            &["total_sleep_time", "lowest_heart_rate", "--chart", "scatter"],
        ),
        (
            json!({ "chart": "hypnogram", "end": "yesterday" }),
            &["--chart", "hypnogram", "--end", "yesterday"],
        ),
    ] {
        let answer = server.call("render_chart", &arguments);
        assert_eq!(answer["isError"], false, "{arguments}: {answer}");
        let image = &answer["content"][1];
        assert_eq!(
            (&image["type"], &image["mimeType"]),
            (&json!("image"), &json!("image/png")),
            "{arguments}"
        );
        let drawn = BASE64_STANDARD.decode(image["data"].as_str().unwrap()).unwrap();
        assert!(drawn.starts_with(PNG) && drawn.len() > 4000, "{arguments}");
        let file = world.home.path().join("chart.png");
        let options = ["--out", file.to_str().unwrap(), "--overwrite", "--json"];
        let printed = world.home.run(&[&["chart"], command, &options].concat()).expect(0).json();
        assert_eq!(fs::read(&file).unwrap(), drawn, "{arguments}: another picture");
        assert_eq!(printed["series"], answer["structuredContent"]["series"], "{arguments}");
        assert!(printed["series"][0]["n"].as_u64().unwrap() > 5, "{printed}");
        let of_days = matches!(arguments["chart"].as_str(), Some("bar"));
        assert_eq!(answer["structuredContent"]["band"].is_string(), of_days, "{arguments}");
    }
    let page = server.request("resources/read", &json!({ "uri": "ui://vitals/dashboard" }));
    let contents = page["result"]["contents"].as_array().unwrap();
    assert_eq!((contents.len(), &contents[0]["mimeType"]), (1, &json!("text/html;profile=mcp-app")));
    assert!(contents[0]["text"].as_str().unwrap().starts_with("<!doctype html>"));
    let listed = server.request("resources/list", &json!({}));
    let named = listed["result"]["resources"].as_array().unwrap();
    assert!(named.iter().any(|resource| resource["uri"] == "ui://vitals/dashboard"), "{listed}");
    server.close().expect(0);
}

#[test]
fn the_picture_is_private_and_what_cannot_be_drawn_is_said() {
    let home = Home::new();
    let file = home.path().parent().unwrap().join("chart.png");
    let path = file.to_str().unwrap();
    home.run(&["chart", "weight", "--out", path]).expect(0);
    assert!(fs::read(&file).unwrap().starts_with(PNG), "a chart of nothing is a chart");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for (arguments, code, told) in [
        (&["weight"][..], "FILE_EXISTS", "--overwrite"),
        (&["weight", "--chart", "pie"], "VALIDATION_ERROR", "hypnogram"),
        (&["weight", "--chart", "scatter"], "VALIDATION_ERROR", "first goes across"),
        (&["sleep_start"], "VALIDATION_ERROR", "hypnogram"),
        (&[], "VALIDATION_ERROR", "resting_heart_rate"),
        (&["weight", "steps", "heart_rate", "vo2_max"], "VALIDATION_ERROR", "three units"),
        (&["weight", "--start", "1990-01-01"], "VALIDATION_ERROR", "3700"),
        (&["--chart", "hypnogram"], "NOT_FOUND", "another night"),
    ] {
        let before = fs::read(&file).unwrap();
        let all = [&["chart"], arguments, &["--out", path, "--json"]].concat();
        let ran = home.run(&all);
        assert_ne!(ran.code, Some(0), "{arguments:?}");
        let error = ran.error();
        assert_eq!(error["code"], code, "{arguments:?}: {error}");
        assert!(error["hint"].as_str().unwrap().contains(told), "{arguments:?}: {error}");
        assert_eq!(fs::read(&file).unwrap(), before);
    }
}
