//! The dashboard as a file, in a real browser, and inside a client's frame.

use std::fs;

use serde_json::{Value, json};

use crate::{browser::Browser, harness::Home, world::World};

#[test]
fn the_file_is_private_whole_and_never_overwritten_unasked() {
    let home = Home::new();
    let file = home.path().parent().unwrap().join("dash.html");
    let path = file.to_str().unwrap();
    let written = home.run(&["dashboard", "--out", path, "--json"]).expect(0).json();
    assert_eq!(written["path"], path);
    let first = fs::read_to_string(&file).unwrap();
    assert_eq!(written["bytes"], first.len());
    assert!(first.starts_with("<!doctype html>") && first.trim_end().ends_with("</html>"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    fs::write(&file, "mine").unwrap();
    assert_eq!(home.run(&["dashboard", "--out", path, "--json"]).expect(9).error()["code"], "FILE_EXISTS");
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    home.run(&["dashboard", "--out", path, "--overwrite"]).expect(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), first);
    let nowhere = home.path().join("no/such/dash.html");
    assert_eq!(
        home.run(&["dashboard", "--out", nowhere.to_str().unwrap(), "--json"]).expect(10).error()["code"],
        "EXPORT_ERROR"
    );
    home.run(&["dashboard"]).expect(0);
    assert!(
        home.path().parent().unwrap().join("vitals-dashboard.html").exists(),
        "in the directory it was run in"
    );
}

#[test]
fn it_renders_switches_its_range_and_asks_for_nothing() {
    let Some(mut browser) = Browser::start() else { return };
    let world = World::connected(120);
    world.home.run(&["sync"]).expect(0);
    let file = world.home.path().join("dash.html");
    world.home.run(&["dashboard", "--out", file.to_str().unwrap()]).expect(0);
    browser.open(&file);
    let own = format!("file://{}", file.display());
    let titles = browser.evaluate("[...document.querySelectorAll('h2')].map(title => title.textContent)");
    assert_eq!(titles, json!(["Sleep", "Recovery", "Activity", "Body"]));
    let charts = "document.querySelectorAll('svg[role=img]').length";
    assert!(browser.evaluate(charts).as_u64().unwrap() >= 12);
    // Every picture says in words what it shows.
    assert_eq!(
        browser.evaluate(
            "[...document.querySelectorAll('svg[role=img]')].every(svg => \
             document.getElementById(svg.getAttribute('aria-labelledby')).textContent.includes('last 30 days'))"
        ),
        json!(true)
    );
    let drawn = "document.querySelectorAll('svg')[0].querySelectorAll('.hit').length";
    let month = browser.evaluate(drawn).as_u64().unwrap();
    assert!((25..=30).contains(&month), "{month} days drawn of 30 days");
    browser.evaluate("document.querySelector('input[name=range]').focus()");
    browser.press("ArrowRight");
    let quarter = browser.evaluate(drawn).as_u64().unwrap();
    assert!(quarter > 75, "{quarter} days drawn of 90 days");
    assert_eq!(browser.evaluate("document.getElementById('said').textContent"), "Showing the last 90 days.");
    browser.press("ArrowRight");
    assert!(browser.evaluate(drawn).as_u64().unwrap() > quarter);
    // The same as a table, one row a day.
    browser.evaluate("document.querySelector('details').open = true");
    browser.evaluate("new Promise(done => setTimeout(done, 0))");
    assert_eq!(
        browser.evaluate("document.querySelectorAll('details')[0].querySelectorAll('tbody tr').length"),
        365
    );
    assert_eq!(
        browser.evaluate("[...document.querySelectorAll('details')[0].querySelectorAll('thead th')].every(th => th.scope === 'col')"),
        json!(true)
    );
    // Nothing is wider than the window, however narrow.
    browser.ask(
        "Emulation.setDeviceMetricsOverride",
        &json!({ "width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": true }),
    );
    browser.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
    assert_eq!(browser.evaluate("document.documentElement.scrollWidth <= 360"), json!(true));
    assert_eq!(browser.complaints(&own), Vec::<String>::new());
}

/// The content policy that a client applies to an app which declares none.
const POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; media-src 'self' data:; connect-src 'none'";

#[test]
fn a_client_that_frames_it_is_answered_and_its_theme_taken_over() {
    let Some(mut browser) = Browser::start() else { return };
    let home = Home::new();
    let file = home.path().parent().unwrap().join("dash.html");
    home.run(&["dashboard", "--out", file.to_str().unwrap()]).expect(0);
    let page = fs::read_to_string(&file).unwrap();
    let framed = page.replacen(
        "<head>",
        &format!("<head><meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">"),
        1,
    );
    browser.events.clear();
    let host = format!(
        "new Promise(done => {{
           const said = [], frame = document.createElement('iframe');
           frame.sandbox = 'allow-scripts';
           addEventListener('message', event => {{
             const message = event.data;
             said.push(message.method);
             if (message.method === 'ui/initialize') frame.contentWindow.postMessage({{ jsonrpc: '2.0', id: message.id, result: {{
               protocolVersion: '2026-01-26', hostContext: {{ theme: 'dark', styles: {{ variables: {{
                 '--color-text-primary': '#fafafa', '--color-background-primary': '#101010' }} }} }} }} }}, '*');
             if (message.method === 'ui/notifications/size-changed') done([said, message.params.height > 50]);
           }});
           frame.srcdoc = {};
           document.body.append(frame);
         }})",
        Value::from(framed)
    );
    let said = browser.evaluate(&host);
    assert_eq!(
        said,
        json!([["ui/initialize", "ui/notifications/initialized", "ui/notifications/size-changed"], true])
    );
    browser.enter_frame();
    let theme = "document.documentElement.dataset.theme + getComputedStyle(document.body).backgroundColor";
    assert_eq!(browser.evaluate(theme), "darkrgb(16, 16, 16)");
    let complaints = browser.complaints("about:srcdoc");
    assert_eq!(complaints, Vec::<String>::new());
}
