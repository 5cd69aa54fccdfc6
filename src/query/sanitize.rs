//! The one place through which text passes that a person, a device or a provider wrote.
//!
//! Such text is data from outside: it may be long, and it may hold characters that reorder or hide what
//! surrounds them. It leaves here short and visible, and is only ever the value of a named field.

use std::borrow::Cow;

/// Characters kept of one text. The longest note that says something useful is shorter.
const LONGEST: usize = 500;

/// The text without control, bidirectional and zero-width characters, cut to [`LONGEST`].
pub fn clean(text: &str) -> Cow<'_, str> {
    if text.len() <= LONGEST && text.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        return Cow::Borrowed(text);
    }
    let mut out: String = text
        .chars()
        .map(|c| if matches!(c, '\n' | '\t' | '\r') { ' ' } else { c })
        .filter(|c| !hidden(*c))
        .take(LONGEST + 1)
        .collect();
    if let Some((cut, _)) = out.char_indices().nth(LONGEST) {
        out.truncate(cut);
        out.push('…');
    }
    Cow::Owned(out)
}

/// The beginning of what somebody asked for, as a refusal may repeat it.
pub fn brief(text: &str) -> String {
    clean(text).chars().take(40).collect()
}

/// Whether a character is obeyed or hides something instead of being seen.
pub fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            u32::from(c),
            // Soft hyphen, Arabic letter mark, Hangul fillers, Mongolian vowel separator.
            0x00AD | 0x034F | 0x061C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F | 0x3164 | 0xFFA0
            // Zero-width and bidirectional marks, separators, embeddings, isolates, invisible operators.
            | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
            // Variation selectors, byte order mark, interlinear annotation, tags.
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFF0..=0xFFFB | 0xE0000..=0xE0FFF
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_reorders_is_gone_and_what_is_text_stays() {
        for (text, expected) in [
            ("Running", "Running"),
            ("Läufe – 走る 🏃", "Läufe – 走る 🏃"),
            ("a\u{202e}b\u{2066}c\u{2069}", "abc"),
            ("a\u{200b}\u{feff}\u{00ad}b", "ab"),
            ("line\nbreak\u{7}\u{1b}[31m", "line break[31m"),
            ("tag\u{e0041}\u{e0042}", "tag"),
            ("", ""),
        ] {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(clean(&"é".repeat(500)).chars().count(), 500);
        let cut = clean(&"é".repeat(501)).into_owned();
        assert_eq!((cut.chars().count(), cut.ends_with('…')), (501, true));
        assert_eq!(clean(&"x".repeat(100_000)).len(), 500 + '…'.len_utf8());
    }
}
