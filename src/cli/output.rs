//! The one printer. Answers go to stdout, everything said about them (progress, hints, errors) to stderr.
//!
//! `--json` prints the struct behind the answer; otherwise the command says how to show it to a person. A
//! reader that closed the pipe has read enough: that is no error.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;

use crate::{
    error::{Code, Error, Result},
    invocation::quoted,
};

/// How answers are printed in this process.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    pub json: bool,
}

impl Output {
    /// Prints an answer: itself as JSON, or the text that `human` makes of it.
    pub fn answer<T: Serialize>(self, answer: &T, human: impl FnOnce(&T) -> String) -> Result<()> {
        let text = if self.json {
            serde_json::to_string_pretty(answer)
                .map_err(|_| Error::internal("an answer could not be written as JSON"))?
        } else {
            human(answer)
        };
        print(&text).map(|_| ())
    }

    /// Prints one answer of a stream: JSON on one line, or a line of text. `Gone`: nobody reads any more.
    pub fn line<T: Serialize>(self, answer: &T, human: impl FnOnce(&T) -> String) -> Result<Reader> {
        let text = if self.json {
            serde_json::to_string(answer)
                .map_err(|_| Error::internal("an answer could not be written as JSON"))?
        } else {
            human(answer)
        };
        print(&text)
    }

    /// Says how a command failed: `error:` and `hint:`, or with `--json` the envelope the tools use.
    pub fn error(self, error: &Error) {
        if self.json {
            tell(&serde_json::json!({ "error": error }).to_string());
            return;
        }
        let red =
            io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let (on, off) = if red { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        tell(&format!("{on}error:{off} {}\nhint: {}", clean(&error.to_string()), clean(&error.hint)));
    }
}

/// Whether somebody still reads stdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    There,
    Gone,
}

/// Prints text to stdout with one line end after it.
pub fn print(text: &str) -> Result<Reader> {
    let mut out = io::stdout().lock();
    let written = writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush());
    match written {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => Err(Error::new(Code::ExportError, format!("stdout cannot be written to: {error}"))
            .hint("Check where the output goes; the disk may be full.")),
    }
}

/// A line of the answer that cannot wait for the rest of it.
pub fn say(text: &str) {
    let _ = print(text);
}

/// Standard output for data that is written as it comes, and whether its reader has gone.
pub fn sink() -> (Box<dyn io::Write + Send>, Gone) {
    let gone = Gone::default();
    let terminal = io::stdout().is_terminal().then(Vec::new);
    (Box::new(Sink { gone: gone.clone(), terminal }), gone)
}

/// Set when nobody reads any more.
#[derive(Debug, Clone, Default)]
pub struct Gone(Arc<AtomicBool>);

impl Gone {
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

struct Sink {
    gone: Gone,
    /// On a terminal: the bytes of a character whose end has not come yet.
    terminal: Option<Vec<u8>>,
}

impl io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = io::stdout().lock();
        let written = match &mut self.terminal {
            // Text from outside must not steer a terminal.
            Some(rest) => out.write_all(visible(rest, bytes).as_bytes()).map(|()| bytes.len()),
            None => out.write(bytes),
        };
        written.inspect_err(|error| self.note(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().lock().flush().inspect_err(|error| self.note(error))
    }
}

/// What a terminal may be given of bytes that come in pieces: characters that it would obey, or that reorder or hide
/// what stands around them, are written out. `rest` keeps the beginning of a character between two pieces.
fn visible(rest: &mut Vec<u8>, bytes: &[u8]) -> String {
    rest.extend_from_slice(bytes);
    let mut text = String::new();
    let mut done = 0;
    for chunk in rest.utf8_chunks() {
        for c in chunk.valid().chars() {
            escape(c, &mut text);
        }
        done += chunk.valid().len();
        let last = done + chunk.invalid().len() == rest.len();
        let may_go_on = last && is_begun(chunk.invalid());
        if !chunk.invalid().is_empty() && !may_go_on {
            text.push('\u{fffd}');
            done += chunk.invalid().len();
        }
    }
    rest.drain(..done);
    text
}

/// Whether these bytes may become a character with those that follow.
fn is_begun(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

fn escape(c: char, text: &mut String) {
    if matches!(c, '\n' | '\r' | '\t') || !crate::query::hidden(c) {
        text.push(c);
    } else {
        let _ = write!(text, "{}", c.escape_unicode());
    }
}

impl Sink {
    fn note(&self, error: &io::Error) {
        if error.kind() == io::ErrorKind::BrokenPipe {
            self.gone.0.store(true, Ordering::Relaxed);
        }
    }
}

/// Says something beside the answer. Nobody listening is no error.
pub fn tell(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text.trim_end_matches('\n'));
}

/// Asks for a yes on the terminal; anything else is a no.
pub fn confirm(question: &str) -> Result<bool> {
    let mut err = io::stderr().lock();
    let _ = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(|_| Error::invalid("no answer could be read"))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// Columns narrower than this break every word; a row is then shown as lines of its own.
const LEAST_COLUMN: usize = 9;

/// Rows under headings, as wide as the terminal; as wide as they are when piped.
pub fn table<I, R>(headings: &[&str], rows: I) -> String
where
    I: IntoIterator<Item = R>,
    R: IntoIterator<Item = String>,
{
    let width = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    table_of_width(headings, rows, width.map(|(columns, _)| columns.0))
}

fn table_of_width<I, R>(headings: &[&str], rows: I, width: Option<u16>) -> String
where
    I: IntoIterator<Item = R>,
    R: IntoIterator<Item = String>,
{
    use comfy_table::{ContentArrangement, LineStyle, Table, presets::NOTHING};
    let rows = rows.into_iter().map(|row| row.into_iter().map(|cell| clean(&cell)).collect::<Vec<_>>());
    if width.is_some_and(|width| usize::from(width) < headings.len() * LEAST_COLUMN) {
        return rows.map(|row| pairs(headings.iter().copied().zip(row))).collect::<Vec<_>>().join("\n");
    }
    let mut table = Table::new();
    table
        .load_style(NOTHING.header_separator(LineStyle::none().fill('─').junction('─')))
        .set_header(headings);
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.add_rows(rows);
    table.trim_fmt()
}

/// Label and value, one to a line.
pub fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let pairs: Vec<_> = pairs.into_iter().collect();
    let width = pairs.iter().map(|(label, _)| label.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (label, value) in pairs {
        let _ = writeln!(text, "{label:width$}  {}", clean(&value));
    }
    text
}

/// Text from outside without what a terminal would obey, or what reorders or hides what stands around it.
pub fn clean(text: &str) -> String {
    text.chars().map(|c| if crate::query::hidden(c) && c != '\n' { ' ' } else { c }).collect()
}

/// A command as a person would type it here: words with anything special in them are quoted.
pub fn command_line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quote = if cfg!(windows) { quoted_on_windows } else { quoted_here };
    words.into_iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// Our own options stay as they are.
fn quoted_here(word: &str) -> String {
    if word.starts_with('-') { word.to_owned() } else { quoted(word) }
}

/// In double quotes, which both shells there take away; `PowerShell` keeps a `--` to itself unless it stands in some.
fn quoted_on_windows(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:\\".contains(c);
    if word != "--" && word.chars().all(plain) { word.to_owned() } else { format!("\"{word}\"") }
}

/// Whether a person sits at the other end of stderr, where progress is shown.
pub fn watched() -> bool {
    io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        vec![vec!["2026-03-29".to_owned(), "a long text that does not fit into a narrow terminal".to_owned()]]
    }

    #[test]
    fn tables_fit_the_terminal_and_are_whole_when_piped() {
        let narrow = table_of_width(&["day", "text"], rows(), Some(40));
        assert!(narrow.lines().all(|line| line.chars().count() <= 40), "{narrow}");
        assert!(narrow.lines().count() > 3, "wrapped: {narrow}");
        let many = ["c"; 12];
        let row = vec![many.map(|name| format!("value of {name}"))];
        let cards = table_of_width(&many, row, Some(60));
        assert_eq!(cards.matches("value of c").count(), 12, "{cards}");
        let piped = table_of_width(&["day", "text"], rows(), None);
        assert!(piped.contains("a long text that does not fit into a narrow terminal"), "{piped}");
    }

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        let row = vec![vec!["\x1b[2Jgone\u{9b}31m\r\t".to_owned()]];
        let table = table_of_width(&["name"], row, None);
        assert!(!table.chars().any(|c| c.is_control() && c != '\n'), "{table:?}");
        assert_eq!(clean("two\nlines"), "two\nlines");
    }

    #[test]
    fn a_command_line_can_be_pasted() {
        for (word, here, on_windows) in [
            ("serve", "serve", "serve"),
            ("--", "--", "\"--\""),
            ("--profile", "--profile", "--profile"),
            (r"C:\a b\vitals-mcp.exe", r"'C:\a b\vitals-mcp.exe'", "\"C:\\a b\\vitals-mcp.exe\""),
            ("/Users/a b/it's", r"'/Users/a b/it'\''s'", "\"/Users/a b/it's\""),
        ] {
            assert_eq!((quoted_here(word).as_str(), quoted_on_windows(word).as_str()), (here, on_windows));
        }
    }

    #[test]
    fn what_comes_in_pieces_is_written_out_where_it_is_not_seen() {
        let text = "a\u{9b}31m\u{202e}b\u{2028}\x1b[2J é\u{1f3c3}\r\n\t";
        let expected = "a\\u{9b}31m\\u{202e}b\\u{2028}\\u{1b}[2J é\u{1f3c3}\r\n\t";
        for size in 1..text.len() {
            let mut rest = Vec::new();
            let shown: String = text.as_bytes().chunks(size).map(|piece| visible(&mut rest, piece)).collect();
            assert_eq!((shown.as_str(), rest.len()), (expected, 0), "{size}");
        }
        assert_eq!(visible(&mut Vec::new(), b"a\x9bb"), "a\u{fffd}b");
    }

    #[test]
    fn labels_line_up() {
        assert_eq!(pairs([("a", "1".to_owned()), ("long", "2".to_owned())]), "a     1\nlong  2\n");
    }
}
