//! A `WITH` that takes the name of a view: to the authorizer, what stands in it would look like the view.

use crate::model::view::View;

/// The view whose name the statement gives to a query of its own.
pub(super) fn shadowed<'a>(sql: &str, shown: &'a [View]) -> Option<&'a str> {
    let words = words(sql);
    words.iter().enumerate().find_map(|(place, word)| {
        let view = shown.iter().find(|view| word.eq_ignore_ascii_case(&view.name))?;
        let mut next = place + 1;
        if words.get(next).is_some_and(|word| word == "(") {
            next += words[next..].iter().position(|word| word == ")")? + 1;
        }
        let mut rest = words.get(next..)?.iter();
        if !rest.next()?.eq_ignore_ascii_case("as") {
            return None;
        }
        let first =
            rest.find(|word| !["not", "materialized"].iter().any(|one| word.eq_ignore_ascii_case(one)))?;
        (first == "(").then_some(view.name.as_str())
    })
}

/// Names, texts without their quotes (SQLite takes a text for a name where only a name fits), and single signs.
pub(super) fn words(sql: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some((_, close)) = QUOTES.iter().find(|(open, _)| *open == first) {
            let (text, length) = quoted(&rest[1..], *close);
            found.push(text);
            length + 1
        } else if first.is_whitespace() {
            first.len_utf8()
        } else {
            let part = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
            let end = rest.find(|c| !part(c)).unwrap_or(rest.len()).max(first.len_utf8());
            found.push(rest[..end].to_owned());
            end
        };
        rest = &rest[length..];
    }
    found
}

const QUOTES: [(char, char); 4] = [('\'', '\''), ('"', '"'), ('`', '`'), ('[', ']')];

/// What stands up to the closing quote, a doubled one being one of the text, and how long it is with it.
fn quoted(text: &str, close: char) -> (String, usize) {
    let mut out = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if c != close {
            out.push(c);
        } else if close != ']' && chars.peek().is_some_and(|(_, next)| *next == close) {
            chars.next();
            out.push(c);
        } else {
            return (out, at + 1);
        }
    }
    (out, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_with_that_hides_a_view_is_seen() {
        let view = |name: &str| View {
            name: name.to_owned(),
            about: String::new(),
            columns: Vec::new(),
            sql: String::new(),
        };
        let shown = [view("v_sleep"), view("v_daily")];
        for (sql, hidden) in [
            ("WITH v_sleep AS (SELECT 1) SELECT * FROM v_sleep", Some("v_sleep")),
            ("WITH a AS (SELECT 1), V_Daily (x, y) AS NOT MATERIALIZED (SELECT 1) SELECT 1", Some("v_daily")),
            ("WITH \"v_sleep\" AS(SELECT 1) SELECT 1", Some("v_sleep")),
            ("WITH 'v_sleep' AS/**/(SELECT 1) SELECT 1", Some("v_sleep")),
            ("WITH [v_sleep] AS -- x\n MATERIALIZED (SELECT 1) SELECT 1", Some("v_sleep")),
            ("WITH `v_sleep`(a)AS(SELECT 1) SELECT 1", Some("v_sleep")),
            ("WITH x AS (SELECT * FROM v_sleep) SELECT * FROM x", None),
            ("SELECT * FROM v_sleep AS s", None),
            ("SELECT 'v_sleep as (' FROM v_daily", None),
            ("SELECT * FROM v_sleep -- AS (", None),
            ("SELECT 'it''s', \"", None),
            ("", None),
        ] {
            assert_eq!(shadowed(sql, &shown), hidden, "{sql}");
        }
    }
}
