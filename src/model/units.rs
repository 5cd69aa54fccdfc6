//! Units and durations as a person reads them. What is stored, and JSON, keep UCUM and seconds.

/// A unit as a person writes it; nothing for a bare number.
pub fn shown(ucum: &str) -> &str {
    match ucum {
        "s" => "h:min",
        "Cel" | "K" => "°C",
        "/min" => "per min",
        "1" | "{score}" | "{class}" => "",
        "mm[Hg]" => "mmHg",
        "[MET]" => "MET",
        "kcal/d" => "kcal a day",
        "mL/kg/min" => "ml/kg/min",
        "a" => "years",
        other => other,
    }
}

/// Hours and minutes of seconds.
pub fn clock(seconds: f64) -> String {
    let minutes = (seconds.abs() / 60.0).round() as i64;
    let sign = if seconds < 0.0 && minutes > 0 { "-" } else { "" };
    format!("{sign}{}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_and_minutes() {
        for (seconds, text) in
            [(27_120.0, "7:32"), (3_599.9, "1:00"), (-600.0, "-0:10"), (-20.0, "0:00"), (0.0, "0:00")]
        {
            assert_eq!(clock(seconds), text);
        }
    }
}
