//! What may be written to a log or an error about a request: names, counts, durations and status codes.
//!
//! Nothing else in this folder formats a path, a URL or a foreign error. Bodies and tokens have no way in:
//! these functions take none.

use std::fmt::Write as _;

/// A request path as it may be logged: ids become `{id}`, everything from `?` on is left out.
pub fn path(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let mut shown = String::with_capacity(path.len());
    for segment in path.split('/').skip(1) {
        let word = segment.len() <= 24
            && segment.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c == '-')
            || is_version(segment);
        let _ = write!(shown, "/{}", if word { segment } else { "{id}" });
    }
    shown
}

fn is_version(segment: &str) -> bool {
    let digits = segment.strip_prefix('v').unwrap_or_default();
    (1..=2).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit())
        // `/oauth2/`
        || segment == "oauth2"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_show_resources_and_hide_ids() {
        for (given, shown) in [
            ("/developer/v2/activity/sleep", "/developer/v2/activity/sleep"),
            ("/developer/v2/activity/sleep?nextToken=abc", "/developer/v2/activity/sleep"),
            (
                "/developer/v2/activity/sleep/ecfc6a15-4661-442f-a9a4-f160dd7afae8",
                "/developer/v2/activity/sleep/{id}",
            ),
            ("/developer/v2/cycle/93845", "/developer/v2/cycle/{id}"),
            ("/oauth/oauth2/token", "/oauth/oauth2/token"),
            ("/v2/a\n[ERROR] forged", "/v2/{id}"),
        ] {
            assert_eq!(path(given), shown);
        }
    }
}
