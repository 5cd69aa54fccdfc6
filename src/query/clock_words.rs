//! A day with a time of it in words: `yesterday noon`, `last night at 3:15`, `monday 9pm`.

use jiff::civil::Time;

/// The words for the day, and the time that follows them; `None` where no time does.
pub(super) fn split(text: &str) -> Option<(&str, Time)> {
    let text = text.trim();
    let (day, word) = text.rsplit_once(char::is_whitespace)?;
    let (day, time) = match word.to_lowercase().as_str() {
        half @ ("am" | "pm") => {
            let (day, number) = day.trim_end().rsplit_once(char::is_whitespace)?;
            (day, twelve_hours(number, half)?)
        }
        "noon" | "midday" => (day, Time::constant(12, 0, 0, 0)),
        "midnight" => (day, Time::midnight()),
        word => (day, of_word(word)?),
    };
    let day = day.trim_end();
    let day =
        day.strip_suffix("at").filter(|rest| rest.ends_with(char::is_whitespace)).unwrap_or(day).trim_end();
    (!day.is_empty()).then_some((day, time))
}

fn of_word(word: &str) -> Option<Time> {
    for half in ["am", "pm"] {
        if let Some(number) = word.strip_suffix(half) {
            return twelve_hours(number, half);
        }
    }
    word.contains(':').then(|| clock(word)).flatten()
}

fn twelve_hours(number: &str, half: &str) -> Option<Time> {
    let time = if number.contains(':') { clock(number)? } else { clock(&format!("{number}:00"))? };
    let hour = time.hour();
    // Twelve is the hour that begins each half of the day.
    (1..=12)
        .contains(&hour)
        .then(|| time.with().hour(hour % 12 + if half == "pm" { 12 } else { 0 }).build().ok())?
}

/// `9:30`, `09:30` or with seconds.
fn clock(text: &str) -> Option<Time> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
    let padded = if text.find(':') == Some(1) { format!("0{text}") } else { text.to_owned() };
    plain.then(|| padded.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_follows_the_day() {
        for (text, expected) in [
            ("yesterday noon", Some(("yesterday", "12:00:00"))),
            ("yesterday at noon", Some(("yesterday", "12:00:00"))),
            ("last night at 3:15", Some(("last night", "03:15:00"))),
            ("last night 3am", Some(("last night", "03:00:00"))),
            ("monday 9 pm", Some(("monday", "21:00:00"))),
            ("2026-03-01 12 am", Some(("2026-03-01", "00:00:00"))),
            ("today 15:00", Some(("today", "15:00:00"))),
            ("today midnight", Some(("today", "00:00:00"))),
            ("today 13 pm", None),
            ("today 25:00", None),
            ("last 7", None),
            ("noon", None),
            ("last 7 days", None),
        ] {
            let found = split(text).map(|(day, time)| (day.to_owned(), time.to_string()));
            assert_eq!(found, expected.map(|(day, time)| (day.to_owned(), time.to_owned())), "{text}");
        }
    }
}
