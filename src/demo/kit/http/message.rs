//! Requests and responses on the wire: reading the one, sending the other in good and bad ways.

use crate::demo::kit::wait::Stop;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// The longest request head and the longest request body accepted, bytes.
const MAX_PART_BYTES: u64 = 64 * 1024;

/// A request as received.
#[derive(Debug, Clone)]
pub struct Request {
    /// Upper case.
    pub method: String,
    /// Path without the query, not decoded.
    pub path: String,
    /// Query without the question mark, not decoded.
    pub query: String,
    headers: Vec<(String, String)>,
    /// The body, as text.
    pub body: String,
}

impl Request {
    /// The first header of this name, whatever its case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The decoded value of the first query parameter of this name.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_value(&self.query, name)
    }

    /// The decoded value of the first field of this name in the form of the body.
    pub fn field(&self, name: &str) -> Option<String> {
        form_value(&self.body, name)
    }

    /// The token of an `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, token) = self.header("Authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    }
}

/// The decoded value of the first field of this name in form-encoded text.
pub fn form_value(encoded: &str, name: &str) -> Option<String> {
    url::form_urlencoded::parse(encoded.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// What is sent back, and how it arrives.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Header names and values; `Content-Length` and `Connection` are added.
    pub headers: Vec<(&'static str, String)>,
    /// The whole body.
    pub body: String,
    /// How it arrives.
    pub delivery: Delivery,
}

/// How a response arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// At once.
    Whole,
    /// The head and half of the promised body, then the connection closes.
    CutOff,
    /// The head at once, the body in sixteen pieces spread over this time.
    Drip(Duration),
    /// Nothing: the connection closes without a byte.
    Closed,
    /// Nothing, ever: the connection stays open until the client or the server goes away.
    Hang,
}

impl Response {
    /// An answer with a content type and a body.
    pub fn new(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        Self {
            status,
            headers: vec![("Content-Type", content_type.to_owned())],
            body: body.into(),
            delivery: Delivery::Whole,
        }
    }

    /// An answer of `application/json`.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// The answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// The next request of a connection; none when the client has finished.
pub(super) fn read_request(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Request>> {
    let mut head = reader.by_ref().take(MAX_PART_BYTES);
    let mut line = String::new();
    if head.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Request {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: String::new(),
    };
    loop {
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = request.header("Content-Length").and_then(|value| value.parse::<u64>().ok()).unwrap_or(0);
    if length > MAX_PART_BYTES || request.header("Transfer-Encoding").is_some() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length as usize];
    reader.read_exact(&mut body)?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(request))
}

/// Sends a response; false when the connection must not be used again.
pub(super) fn deliver(
    mut stream: &TcpStream,
    response: &Response,
    close: bool,
    stop: &Stop,
) -> io::Result<bool> {
    match response.delivery {
        Delivery::Closed => return Ok(false),
        Delivery::Hang => {
            stop.wait(Duration::MAX);
            return Ok(false);
        }
        Delivery::Whole | Delivery::CutOff | Delivery::Drip(_) => {}
    }
    let mut bytes = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        bytes.extend([name, ": ", value, "\r\n"]);
    }
    if response.status != 204 {
        bytes.extend(["Content-Length: ", &response.body.len().to_string(), "\r\n"]);
    }
    bytes.push_str(if close { "Connection: close\r\n\r\n" } else { "\r\n" });
    let body = response.body.as_bytes();
    match response.delivery {
        Delivery::CutOff => {
            stream.write_all(bytes.as_bytes())?;
            stream.write_all(&body[..body.len() / 2])?;
            Ok(false)
        }
        Delivery::Drip(total) => {
            stream.write_all(bytes.as_bytes())?;
            for piece in body.chunks(body.len().div_ceil(16).max(1)) {
                if stop.wait(total / 16) {
                    return Ok(false);
                }
                stream.write_all(piece)?;
            }
            Ok(true)
        }
        Delivery::Whole | Delivery::Closed | Delivery::Hang => {
            bytes.push_str(&response.body);
            stream.write_all(bytes.as_bytes())?;
            Ok(true)
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Status",
    }
}
