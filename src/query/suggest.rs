//! What somebody probably meant: the known name that is most like the one given.

/// The known names, and before them the one that was probably meant.
pub fn meant(given: &str, verb: &str, names: &[&str]) -> String {
    let all = format!("{verb}: {}.", names.join(", "));
    match nearest(given, names.iter().copied()) {
        Some(name) => format!("Did you mean {name}? {all}"),
        None => all,
    }
}

/// The nearest of the known names, if one is near enough to be worth a question.
fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = plain(given);
    let scored = known.into_iter().filter_map(|name| Some((distance(&given, &plain(name))?, name)));
    scored.min_by_key(|(distance, _)| *distance).map(|(_, name)| name)
}

/// Lower case, one separator: `startDate`, `start-date` and `Start Date` are `start_date`.
fn plain(name: &str) -> String {
    let mut out = String::new();
    // Longer than any name of ours; a long text is not compared letter by letter.
    for c in name.chars().take(40) {
        if c.is_uppercase() && out.ends_with(char::is_lowercase) {
            out.push('_');
        }
        if c.is_alphanumeric() { out.extend(c.to_lowercase()) } else { out.push('_') }
    }
    out
}

/// How far apart two names are; `None` when they have nothing to do with each other.
fn distance(given: &str, known: &str) -> Option<usize> {
    let edits = strsim::levenshtein(given, known);
    let typo = edits <= 1.max(known.len().min(given.len()) / 3);
    // `sleep` for `whoop.sleep`, `start_date` for `start`: whole words of the one are the other.
    let words =
        |text: &str, part: &str| !part.is_empty() && format!("_{text}_").contains(&format!("_{part}_"));
    // `hrv` for `heart_rate_variability_rmssd`.
    let initials: String = known.split('_').filter_map(|word| word.chars().next()).collect();
    if given.len() > 1 && initials.starts_with(given) {
        return Some(initials.len() - given.len());
    }
    (typo || words(known, given) || words(given, known)).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_or_a_part_of_a_name_is_guessed_and_nothing_else() {
        let known =
            ["kind", "start", "end", "limit", "include", "include_removed", "whoop.sleep", "whoop.cycle"];
        for (given, expected) in [
            ("kinds", Some("kind")),
            ("Limit", Some("limit")),
            ("limt", Some("limit")),
            ("startDate", Some("start")),
            ("end-date", Some("end")),
            ("removed", Some("include_removed")),
            ("sleep", Some("whoop.sleep")),
            ("whoop_sleep", Some("whoop.sleep")),
            ("whoop.sleeps", Some("whoop.sleep")),
            ("from", None),
            ("x", None),
            ("", None),
            ("oura.readiness", None),
            ("ir", Some("include_removed")),
        ] {
            assert_eq!(nearest(given, known), expected, "{given:?}");
        }
    }
}
