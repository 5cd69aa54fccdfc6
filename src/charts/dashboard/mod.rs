//! The dashboard: one HTML file that holds its data and asks nobody for anything.
//!
//! It works as a file, and inside a client as an MCP App under the default content policy. Its own policy is
//! stricter: the one script and the one style are named by their digests, so that no text that a person or a
//! device wrote could ever run.

mod data;

use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};

pub use data::{Data, question};

use crate::error::{Error, Result};

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The whole file.
pub fn html(data: &Data) -> Result<String> {
    let json = serde_json::to_string(data)
        .map_err(|_| Error::internal("the dashboard's data could not be written as JSON"))?;
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; form-action 'none'",
        digest(SCRIPT),
        digest(STYLE)
    );
    // The data last: nothing that stands in it is looked at again.
    Ok(PAGE
        .replace("{{policy}}", &policy)
        .replace("{{style}}", STYLE)
        .replace("{{script}}", SCRIPT)
        .replace("{{data}}", &inert(&json)))
}

/// The source expression that allows exactly this text.
fn digest(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text.as_bytes())))
}

/// JSON that can stand in an HTML element: nothing in it ends the element or begins another, and nothing is
/// a line end to a script that is none to JSON.
fn inert(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_element() {
        for text in
            ["</script><script>alert(1)</script>", "<!--", "]]>", "&lt;", "a\u{2028}b\u{2029}", "{{script}}"]
        {
            let json = serde_json::to_string(text).unwrap();
            let inert = inert(&json);
            assert!(!inert.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{inert}");
            assert_eq!(serde_json::from_str::<String>(&inert).unwrap(), text);
        }
    }

    #[test]
    fn the_page_asks_for_nothing() {
        for (name, part) in [("page", PAGE), ("style", STYLE), ("script", SCRIPT)] {
            for word in [
                "http:",
                "https:",
                "//cdn",
                "@import",
                "url(",
                "eval(",
                "innerHTML",
                "fetch(",
                "XMLHttp",
                "import(",
            ] {
                let namespace = part.replace("http://www.w3.org/2000/svg", "");
                assert!(!namespace.contains(word), "{name} has {word}");
            }
        }
        for slot in ["{{policy}}", "{{style}}", "{{script}}", "{{data}}"] {
            assert_eq!(PAGE.matches(slot).count(), 1, "{slot}");
        }
        assert!(!STYLE.contains("</style") && !SCRIPT.contains("</script") && !SCRIPT.contains("<!--"));
    }

    /// Relative luminance by WCAG 2.
    fn luminance(colour: &str) -> f64 {
        let part = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_and_marks_can_be_seen_in_both_themes() {
        let palettes: Vec<&str> =
            STYLE.split("--back:").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert_eq!(palettes.len(), 3);
        assert_eq!(
            palettes[1].split_whitespace().collect::<String>(),
            palettes[2].split_whitespace().collect::<String>()
        );
        for palette in palettes {
            let palette = format!("--back:{palette}");
            let colour = |name: &str| {
                let at =
                    palette.find(&format!("--{name}: ")).unwrap_or_else(|| panic!("{name}")) + name.len() + 4;
                palette[at..at + 7].to_owned()
            };
            for (front, behind, least) in [
                ("text", "back", 7.0),
                ("text", "card", 7.0),
                ("soft", "back", 4.5),
                ("soft", "card", 4.5),
                ("odd", "card", 4.5),
                ("mark", "card", 3.0),
                ("mark", "band", 3.0),
                ("odd", "band", 3.0),
                ("focus", "back", 3.0),
            ] {
                let found = contrast(&colour(front), &colour(behind));
                assert!(found >= least, "{front} on {behind}: {found:.2}");
            }
        }
    }
}
