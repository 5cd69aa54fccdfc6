//! Properties of what people and models type: dates, cursors and names are understood or refused with the mend,
//! whatever they are.

use jiff::{Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::{Range, cursor, fuzz, sanitize};

fn zones() -> impl Strategy<Value = TimeZone> {
    let names = [
        "UTC",
        "Europe/Berlin",
        "America/St_Johns",
        "Pacific/Kiritimati",
        "Pacific/Niue",
        "Africa/Casablanca",
        "Australia/Lord_Howe",
        "America/Havana",
        "Asia/Kathmandu",
    ];
    prop::sample::select(names.to_vec()).prop_map(|name| TimeZone::get(name).unwrap())
}

/// From 1990 to 2090.
fn moments() -> impl Strategy<Value = Timestamp> {
    (631_152_000_i64..3_786_912_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

/// Text that looks like a date, or nearly.
fn datelike() -> impl Strategy<Value = String> {
    prop_oneof![
        ".{0,40}",
        "[0-9]{1,5}-[0-9]{1,2}-[0-9]{1,2}",
        "[0-9]{4}-W[0-9]{1,2}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{1,12}(Z|[+-][0-9:]{1,6})?",
        "(last|this|next|past) [0-9]{0,20} ?(day|days|week|month|year|night|tuesday)s?",
        "(today|yesterday|tomorrow|monday|now|seq:[0-9-]{0,22})",
    ]
}

proptest! {
    #[test]
    fn any_dates_are_a_range_in_order_or_a_refusal_with_its_mend(
        start in prop::option::of(datelike()),
        end in prop::option::of(datelike()),
        now in moments(),
        zone in zones(),
    ) {
        fuzz::range(start.as_deref(), end.as_deref(), now, &zone);
    }

    #[test]
    fn a_day_is_itself_in_every_zone(day in 0_i64..36_000, now in moments(), zone in zones()) {
        let date = jiff::civil::date(1992, 1, 1).saturating_add(jiff::ToSpan::days(day));
        let text = date.to_string();
        let range = Range::read(Some(&text), Some(&text), now, &zone).unwrap();
        let (from, to) = range.bounds().unwrap();
        // A day of a change of the clocks is shorter or longer, and one is missing in places that jumped.
        prop_assert!((20..=28).contains(&((to - from) / 3_600_000)) || to == from, "{} ms", to - from);
    }

    #[test]
    fn a_cursor_comes_back_and_no_other_text_is_one(content in any::<(u32, String, i64)>(), text in ".{0,200}") {
        let written = cursor::write(&content);
        if written.len() <= 1000 {
            prop_assert_eq!(cursor::read::<(u32, String, i64)>(&written).unwrap(), content);
        }
        fuzz::cursor(&text);
    }

    #[test]
    fn what_leaves_is_short_and_shows_all_it_says(given in "(.|\\PC|\\p{Cf}|\\p{Cc}){0,700}") {
        let out = sanitize::clean(&given);
        prop_assert!(out.chars().count() <= 501);
        prop_assert!(!out.chars().any(char::is_control));
        // Cleaned once is clean.
        if out.chars().count() <= 500 {
            let again = sanitize::clean(&out);
            prop_assert_eq!(&again, &out);
        }
        prop_assert!(sanitize::brief(&given).chars().count() <= 40);
    }
}
