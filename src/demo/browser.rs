//! A browser that says yes: opens a page and follows where it is sent, as a person who allows the access would.
//!
//! Plain HTTP on this machine only: it meets the simulated provider and our own listener, and nobody else.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use url::Url;

/// More redirects than this are a loop.
const MOST_REDIRECTS: usize = 5;

/// A page that has not come by then never will.
const PATIENCE: Duration = Duration::from_secs(30);

/// The status of the page at the end of the way.
pub fn visit(url: &Url) -> io::Result<u16> {
    let mut url = url.clone();
    for _ in 0..=MOST_REDIRECTS {
        match get(&url)? {
            (300..=399, Some(location)) => url = url.join(&location).map_err(io::Error::other)?,
            (status, _) => return Ok(status),
        }
    }
    Err(io::Error::other("too many redirects"))
}

/// Where a page sends the browser, which may be off this machine; it is not followed.
pub fn leads_to(url: &Url) -> io::Result<Option<String>> {
    Ok(get(url)?.1)
}

/// Status and `Location` of one page.
fn get(url: &Url) -> io::Result<(u16, Option<String>)> {
    let here = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() != "http" || !here {
        return Err(io::Error::other("not a page on this machine"));
    }
    let mut stream = TcpStream::connect(&*url.socket_addrs(|| None)?)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let (host, target) = (
        &url[url::Position::BeforeHost..url::Position::AfterPort],
        &url[url::Position::BeforePath..url::Position::AfterQuery],
    );
    write!(
        stream,
        "GET {target} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Mozilla/5.0\r\nAccept: text/html\r\nConnection: close\r\n\r\n"
    )?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status = line
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .ok_or_else(|| io::Error::other("no HTTP"))?;
    let mut location = None;
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 || line.trim_end().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim_end().split_once(':')
            && name.eq_ignore_ascii_case("location")
        {
            location = Some(value.trim().to_owned());
        }
    }
    // Read to its end, so that whoever sends it sees that it arrived.
    let _ = reader.read_to_end(&mut Vec::new());
    Ok((status, location))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::demo::kit::http::{Handler, Request, Response, Server};
    use crate::demo::kit::wait::Stop;

    struct Pages;

    impl Handler for Pages {
        fn answer(&self, request: &Request, _stop: &Stop) -> Response {
            let (status, location) = match request.path.as_str() {
                "/start" => (302, "/end?x=y"),
                "/away" => (302, "http://example.com/"),
                "/loop" => (302, "/loop"),
                _ if request.query == "x=y" => (200, ""),
                _ => (404, ""),
            };
            let mut response = Response::new(status, "text/html", String::new());
            response.headers.push(("Location", location.to_owned()));
            response
        }
    }

    #[test]
    fn redirects_are_followed_on_this_machine_only() {
        let server = Server::start(Arc::new(Pages)).unwrap();
        for (path, status) in
            [("/start", Some(200)), ("/nothing", Some(404)), ("/away", None), ("/loop", None)]
        {
            let url = Url::parse(&format!("http://{}{path}", server.address())).unwrap();
            assert_eq!(visit(&url).ok(), status, "{path}");
        }
    }
}
