//! Asking one server, with so many calls in flight.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::requests::{COUNT, Requests, TEXT, place};

/// The most that is read at once.
const READ: usize = 256 * 1024;

pub(super) struct Talk<W, R> {
    input: W,
    output: R,
    requests: Requests,
    buffer: Vec<u8>,
}

/// What a while of asking came to.
pub(super) struct Pace {
    pub(super) calls: usize,
    pub(super) time: Duration,
    /// Of each round, which is a call where there is one in flight.
    pub(super) rounds: Vec<Duration>,
}

impl<W: Write, R: Read> Talk<W, R> {
    pub(super) fn new(input: W, output: R) -> Self {
        Self {
            input,
            output,
            requests: Requests::new(),
            buffer: vec![0; READ],
        }
    }

    /// Asks each request once, and looks at each answer: its ID, and the text if there is to be one. An
    /// echo gives back the request.
    pub(super) fn check(&mut self, in_flight: usize, echo: bool) -> Result<(), String> {
        let mut seen = vec![false; COUNT];
        let mut answers = Vec::new();
        self.ask(in_flight, COUNT, &mut answers)?;
        for line in answers.split_inclusive(|&byte| byte == b'\n') {
            let answer: Value =
                serde_json::from_slice(line).map_err(|error| format!("no JSON: {error}"))?;
            let id = answer["id"].as_u64().and_then(place);
            let text = &answer["result"]["content"][0]["text"];
            let fits = if echo {
                answer["params"]["name"] == "search_files"
            } else {
                *text == TEXT
            };
            match id.and_then(|id| seen.get_mut(id)) {
                Some(seen) if fits && !*seen => *seen = true,
                _ => return Err(format!("not an answer: {answer}")),
            }
        }
        if seen.contains(&false) {
            return Err("a call has no answer".to_owned());
        }
        Ok(())
    }

    fn ask(&mut self, in_flight: usize, calls: usize, answers: &mut Vec<u8>) -> Result<(), String> {
        let mut left = calls;
        let mut open = self.send(in_flight.min(left))?;
        left -= open;
        while open > 0 {
            let (count, length) = self.receive()?;
            answers.extend_from_slice(self.buffer.get(..length).unwrap_or_default());
            open = open.checked_sub(count).ok_or("more answers than calls")?;
            let more = count.min(left);
            left -= self.send(more)?;
            open += more;
        }
        Ok(())
    }

    /// Keeps so many calls in flight for a while. The answers are counted, and no more: [`check`] has
    /// looked at them, and reading them here would be part of what is measured.
    ///
    /// [`check`]: Self::check
    pub(super) fn pace(&mut self, in_flight: usize, time: Duration) -> Result<Pace, String> {
        let mut rounds = Vec::with_capacity(1 << 20);
        let mut calls = 0;
        let start = Instant::now();
        let mut sent = start;
        let mut open = self.send(in_flight)?;
        loop {
            let (count, _) = self.receive()?;
            calls += count;
            open = open.checked_sub(count).ok_or("more answers than calls")?;
            let now = Instant::now();
            if rounds.len() < rounds.capacity() {
                rounds.push(now - sent);
            }
            sent = now;
            if now - start >= time {
                break;
            }
            open += self.send(count)?;
        }
        let took = start.elapsed();
        while open > 0 {
            let (count, _) = self.receive()?;
            open = open.checked_sub(count).ok_or("more answers than calls")?;
        }
        Ok(Pace {
            calls,
            time: took,
            rounds,
        })
    }

    fn send(&mut self, count: usize) -> Result<usize, String> {
        let mut left = count;
        while left > 0 {
            let (taken, bytes) = self.requests.take(left);
            let written = self.input.write_all(bytes);
            written.map_err(|error| format!("the server takes no calls: {error}"))?;
            left -= taken;
        }
        Ok(count)
    }

    /// Waits for whatever comes: how many lines end in it, and its length.
    fn receive(&mut self) -> Result<(usize, usize), String> {
        match self.output.read(&mut self.buffer) {
            Ok(0) => Err("the server ended".to_owned()),
            Ok(length) => {
                let read = self.buffer.get(..length).unwrap_or_default();
                Ok((memchr::memchr_iter(b'\n', read).count(), length))
            }
            Err(error) => Err(format!("the server gives no answers: {error}")),
        }
    }
}
