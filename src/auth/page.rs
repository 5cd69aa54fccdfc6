//! The pages a browser shows at the end of a sign-in. Self-contained: no script, no image, nothing loaded.
//!
//! Every text that is put in is escaped, although all of it is ours: nothing that a caller or a provider
//! sent is ever shown.

use std::fmt::Write as _;

/// Headers of every page: nothing is kept, passed on, guessed or loaded.
pub const HEADERS: &[(&str, &str)] = &[
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Referrer-Policy", "no-referrer"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
];

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:12vh auto;padding:0 1.2rem;color:#222;background:#fff}\
h1{font-size:1.5rem}code{background:#eee;padding:.15em .4em;border-radius:4px}li{margin:.2rem 0}.no{color:#a33}\
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}code{background:#333}.no{color:#f88}}";

/// A page and the status it is served with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub status: u16,
    title: String,
    paragraphs: Vec<String>,
    granted: Vec<&'static str>,
    missing: Vec<&'static str>,
    command: Option<String>,
}

impl Page {
    pub fn new(status: u16, title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            status,
            title: title.into(),
            paragraphs: vec![text.into()],
            granted: Vec::new(),
            missing: Vec::new(),
            command: None,
        }
    }

    #[must_use]
    pub fn paragraph(mut self, text: impl Into<String>) -> Self {
        self.paragraphs.push(text.into());
        self
    }

    /// What the grant covers and what it does not.
    #[must_use]
    pub fn scopes(mut self, granted: Vec<&'static str>, missing: Vec<&'static str>) -> Self {
        (self.granted, self.missing) = (granted, missing);
        self
    }

    #[must_use]
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = Some(command.into());
        self
    }

    pub fn html(&self) -> String {
        let title = escape(&self.title);
        let mut html = format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
             <style>{STYLE}</style></head><body><h1>{title}</h1>"
        );
        for text in &self.paragraphs {
            let _ = write!(html, "<p>{}</p>", escape(text));
        }
        if !self.granted.is_empty() || !self.missing.is_empty() {
            html.push_str("<ul>");
            for text in &self.granted {
                let _ = write!(html, "<li>✓ {}</li>", escape(text));
            }
            for text in &self.missing {
                let _ = write!(html, "<li class=\"no\">✗ not granted: {}</li>", escape(text));
            }
            html.push_str("</ul>");
        }
        if let Some(command) = &self.command {
            let _ = write!(html, "<p>Next: <code>{}</code></p>", escape(command));
        }
        html.push_str("</body></html>");
        html
    }
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_put_in_is_text() {
        let evil = "<script>alert('x')</script>\"&";
        let html = Page::new(200, evil, evil).paragraph(evil).command(evil).html();
        assert!(!html.contains("<script"), "{html}");
        assert_eq!(html.matches("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;").count(), 5);
    }

    #[test]
    fn scopes_are_listed_on_the_page() {
        let html = Page::new(200, "t", "x").scopes(vec!["sleeps"], vec!["workouts"]).html();
        assert!(html.contains("<li>✓ sleeps</li>") && html.contains("not granted: workouts"), "{html}");
    }
}
