//! A tiny HTTP client for the simulators' own tests: one kept-alive connection, nothing clever.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// An answer as received.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(held, _)| held.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in {:?}", self.body))
    }
}

/// How an exchange can fail below HTTP.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The connection ended before the first byte.
    NoAnswer,
    /// The connection ended inside the body.
    CutOff,
}

pub struct Client {
    address: SocketAddr,
    connection: Option<BufReader<TcpStream>>,
    connections: usize,
}

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, connection: None, connections: 0 }
    }

    pub fn connections(&self) -> usize {
        self.connections
    }

    pub fn get(&mut self, target: &str, headers: &[(&str, &str)]) -> Result<Answer, Failure> {
        self.send("GET", target, headers, "")
    }

    pub fn post(&mut self, target: &str, form: &str) -> Result<Answer, Failure> {
        self.send("POST", target, &[("Content-Type", "application/x-www-form-urlencoded")], form)
    }

    pub fn send(
        &mut self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Answer, Failure> {
        let mut connection = self.connection.take().unwrap_or_else(|| {
            self.connections += 1;
            let stream = TcpStream::connect(self.address).unwrap();
            stream.set_nodelay(true).unwrap();
            BufReader::new(stream)
        });
        let mut text = format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n");
        for (name, value) in headers {
            text.extend([*name, ": ", *value, "\r\n"]);
        }
        text.extend(["Content-Length: ", &body.len().to_string(), "\r\n\r\n", body]);
        connection.get_mut().write_all(text.as_bytes()).map_err(|_| Failure::NoAnswer)?;
        let mut line = String::new();
        if connection.read_line(&mut line).unwrap_or(0) == 0 {
            return Err(Failure::NoAnswer);
        }
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            connection.read_line(&mut line).map_err(|_| Failure::CutOff)?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_owned(), value.to_owned()));
        }
        let mut answer = Answer { status, headers, body: String::new() };
        let length = answer.header("Content-Length").map_or(0, |value| value.parse().unwrap());
        let mut body = vec![0; length];
        connection.read_exact(&mut body).map_err(|_| Failure::CutOff)?;
        answer.body = String::from_utf8(body).unwrap();
        self.connection = Some(connection);
        Ok(answer)
    }
}
