//! Lines of bounded length, from whoever writes them.
//!
//! Lines end with `\n`, or `\r\n`; the last one may end with the input. Those of white space alone are
//! passed over. A line that is too long is read to its end and told as that, so that the next one is
//! still understood; no more than the limit is kept of any.

use std::io::{self, BufRead};

/// The most bytes of a line.
pub(crate) const LIMIT: usize = 16 << 20;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// A line, without its end.
    Line(Vec<u8>),
    /// One that is longer than the limit.
    TooLong,
    /// Nothing any more.
    End,
}

/// Reads the next line of at most `limit` bytes.
///
/// # Errors
///
/// When the input cannot be read.
pub(crate) fn next(input: &mut impl BufRead, limit: usize) -> io::Result<Next> {
    loop {
        let (mut line, mut is_too_long) = (Vec::new(), false);
        let ended = loop {
            let buffer = match input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if buffer.is_empty() {
                break true;
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let (part, used) = end.map_or((buffer, buffer.len()), |end| (&buffer[..end], end + 1));
            is_too_long |= line.len() + part.len() > limit;
            if is_too_long {
                line = Vec::new();
            } else {
                line.extend_from_slice(part);
            }
            input.consume(used);
            if end.is_some() {
                break false;
            }
        };
        if is_too_long {
            return Ok(Next::TooLong);
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        match (line.trim_ascii().is_empty(), ended) {
            (false, _) => return Ok(Next::Line(line)),
            (true, true) => return Ok(Next::End),
            (true, false) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    /// The lines of `text`, however it comes in; a too long one is `…`.
    #[track_caller]
    fn check(text: &str, lines: &[&str]) {
        for capacity in [1, 3, 100] {
            let mut input = BufReader::with_capacity(capacity, text.as_bytes());
            let mut found = Vec::new();
            loop {
                match next(&mut input, 5).unwrap() {
                    Next::Line(line) => found.push(String::from_utf8(line).unwrap()),
                    Next::TooLong => found.push("…".to_owned()),
                    Next::End => break,
                }
            }
            assert_eq!(found, lines, "{text:?} in pieces of {capacity}");
        }
    }

    #[test]
    fn lines_are_told_apart_and_blank_ones_passed_over() {
        check("", &[]);
        check("a\nb\r\n\n  \r\nc", &["a", "b", "c"]);
        check("a\n \n", &["a"]);
    }

    #[test]
    fn a_line_that_is_too_long_costs_no_other_one() {
        check("12345\n123456\nb\n1234567890", &["12345", "…", "b", "…"]);
        check("123456\n", &["…"]);
    }
}
