//! Matching in one pass from each end.
//!
//! A simple variable cannot hold a reserved character. Where the literal after it holds one, there is
//! one place where the value can end. Where it holds none, literal and next variable lie in the same
//! run of unreserved characters, and if any split of the run works then the one at the first
//! occurrence works too, since the next variable takes what the first one leaves. So nothing is ever
//! tried twice. Behind a `{+variable}` the same is true from the right.

use std::ops::Range;

use super::{Piece, TemplateParams, UriTemplate, Variable, has_dot_segment};
use crate::uri::{check_characters, is_unreserved, percent_decode};

pub(super) fn matches(template: &UriTemplate, uri: &str) -> Option<TemplateParams> {
    check_characters(uri).ok()?;
    let mut rest = uri;
    let mut values = vec![None; template.names.len()];
    if let Some(variable) = template.fragment
        && let Some((before, fragment)) = rest.split_once('#')
    {
        set(&mut values, variable, decode_text(fragment)?);
        rest = before;
    }
    if !template.query.is_empty()
        && let Some((before, query)) = rest.split_once('?')
    {
        if query.contains('#') {
            return None;
        }
        match_query(template, query, &mut values)?;
        rest = before;
    }
    let mut scan = Scan::new(rest);
    scan.body(template)?;
    for (variable, range) in scan.captures {
        let value = decode_text(rest.get(range)?)?;
        if !template.dot_segments && has_dot_segment(&value) {
            return None;
        }
        set(&mut values, variable, value);
    }
    let values = template.names.iter().zip(values);
    Some(TemplateParams(
        values
            .filter_map(|(name, value)| Some((name.clone(), value?)))
            .collect(),
    ))
}

/// Pairs in any order, each at most once, with the names of the template and no others.
fn match_query(template: &UriTemplate, query: &str, values: &mut [Option<String>]) -> Option<()> {
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let is_named = |variable: &&Variable| {
            template
                .names
                .get(**variable)
                .is_some_and(|known| known == name)
        };
        let variable = *template.query.iter().find(is_named)?;
        if values.get(variable)?.is_some() {
            return None;
        }
        set(values, variable, decode_text(value)?);
    }
    Some(())
}

fn set(values: &mut [Option<String>], variable: Variable, value: String) {
    if let Some(slot) = values.get_mut(variable) {
        *slot = Some(value);
    }
}

fn decode_text(text: &str) -> Option<String> {
    percent_decode(text.as_bytes()).filter(|value| !value.contains(char::is_control))
}

struct Scan<'a> {
    uri: &'a [u8],
    captures: Vec<(Variable, Range<usize>)>,
    /// How often a byte or a literal was looked at: what the linearity test counts.
    steps: usize,
}

impl<'a> Scan<'a> {
    fn new(uri: &'a str) -> Self {
        Self {
            uri: uri.as_bytes(),
            captures: Vec::new(),
            steps: 0,
        }
    }

    fn body(&mut self, template: &UriTemplate) -> Option<()> {
        let whole = template.reserved.is_none();
        let start = self.forward(&template.before, whole)?;
        let Some(variable) = template.reserved else {
            return (start == self.uri.len()).then_some(());
        };
        let end = self.backward(&template.after, start)?;
        (start < end).then(|| self.captures.push((variable, start..end)))
    }

    /// Matches from the left and tells where the pieces end. `whole`: they reach to the end.
    fn forward(&mut self, pieces: &[Piece], whole: bool) -> Option<usize> {
        let mut position = 0;
        for (index, piece) in pieces.iter().enumerate() {
            match piece {
                Piece::Literal(literal) => {
                    if !self.literal_at(literal, position) {
                        return None;
                    }
                    position += literal.len();
                }
                Piece::Simple(variable) => {
                    let last_literal = whole && index + 2 >= pieces.len();
                    let end = match pieces.get(index + 1) {
                        Some(Piece::Literal(next)) if last_literal => {
                            self.uri.len().checked_sub(next.len())?
                        }
                        Some(Piece::Literal(next)) => self.end_of_value(position, next)?,
                        _ => self.uri.len(),
                    };
                    self.capture(*variable, position..end)?;
                    position = end;
                }
            }
        }
        Some(position)
    }

    /// Matches from the right, down to `start`, and tells where the pieces begin.
    fn backward(&mut self, pieces: &[Piece], start: usize) -> Option<usize> {
        let mut position = self.uri.len();
        for (index, piece) in pieces.iter().enumerate().rev() {
            match piece {
                Piece::Literal(literal) => {
                    position = position
                        .checked_sub(literal.len())
                        .filter(|position| *position >= start)?;
                    if !self.is_boundary(position) || !self.literal_at(literal, position) {
                        return None;
                    }
                }
                Piece::Simple(variable) => {
                    // There is a literal in front of it: a neighbour of the reserved variable is refused.
                    let Some(Piece::Literal(before)) = pieces.get(index.checked_sub(1)?) else {
                        return None;
                    };
                    let begin = self.begin_of_value(start, position, before)?;
                    self.capture(*variable, begin..position)?;
                    position = begin;
                }
            }
        }
        Some(position)
    }

    /// The first place after `begin` where the literal stands, with a value up to there.
    fn end_of_value(&mut self, begin: usize, literal: &str) -> Option<usize> {
        let mut end = begin;
        while self.byte_at(end).is_some_and(is_value) {
            end += 1;
            if self.is_boundary(end) && self.literal_at(literal, end) {
                return Some(end);
            }
        }
        None
    }

    /// The last place before `end` where the literal stands, not before `start`, with a value from
    /// there on.
    fn begin_of_value(&mut self, start: usize, end: usize, literal: &str) -> Option<usize> {
        let mut begin = end;
        while begin > start + literal.len() && self.byte_at(begin - 1).is_some_and(is_value) {
            begin -= 1;
            let at = begin - literal.len();
            if self.is_boundary(begin) && self.is_boundary(at) && self.literal_at(literal, at) {
                return Some(begin);
            }
        }
        None
    }

    /// A value is one byte at least, and none of them is reserved.
    fn capture(&mut self, variable: Variable, range: Range<usize>) -> Option<()> {
        let value = self
            .uri
            .get(range.clone())
            .filter(|value| !value.is_empty())?;
        self.steps += value.len();
        if !value.iter().copied().all(is_value) || !self.is_boundary(range.end) {
            return None;
        }
        self.captures.push((variable, range));
        Some(())
    }

    fn literal_at(&mut self, literal: &str, position: usize) -> bool {
        let rest = self.uri.get(position..).unwrap_or_default();
        let equal = rest
            .iter()
            .zip(literal.as_bytes())
            .take_while(|(a, b)| a == b)
            .count();
        self.steps += equal + 1;
        equal == literal.len()
    }

    fn byte_at(&mut self, position: usize) -> Option<u8> {
        self.steps += 1;
        self.uri.get(position).copied()
    }

    /// Whether an escape such as `%2F` would not be cut in two here.
    fn is_boundary(&self, position: usize) -> bool {
        let escape_at =
            |back| position.checked_sub(back).and_then(|at| self.uri.get(at)) == Some(&b'%');
        !escape_at(1) && !escape_at(2)
    }
}

fn is_value(byte: u8) -> bool {
    is_unreserved(byte) || byte == b'%'
}

#[cfg(test)]
mod laws;

#[cfg(test)]
mod tests {
    use super::*;

    fn template(text: &str) -> UriTemplate {
        text.parse().unwrap()
    }

    fn check(text: &str, uri: &str, expected: Option<&[(&str, &str)]>) {
        let found = template(text).matches(uri);
        let found = found
            .as_ref()
            .map(|params| params.iter().collect::<Vec<_>>());
        assert_eq!(found.as_deref(), expected, "{text} against {uri}");
    }

    #[test]
    fn res_08_simple_variables_stop_at_reserved_characters() {
        check(
            "file:///{path}",
            "file:///a.txt",
            Some(&[("path", "a.txt")]),
        );
        check("file:///{path}", "file:///a/b.txt", None);
        check(
            "file:///{path}",
            "file:///a%2Fb.txt",
            Some(&[("path", "a/b.txt")]),
        );
        check("file:///{path}", "file:///", None);
        check("file:///{path}", "FILE:///a", None);
        check(
            "test://template/{id}/data",
            "test://template/123/data",
            Some(&[("id", "123")]),
        );
        check(
            "test://template/{id}/data",
            "test://template/123/data/",
            None,
        );
        check("test://template/{id}/data", "test://template//data", None);
        check(
            "geo:{lat,lon}",
            "geo:52.1,21",
            Some(&[("lat", "52.1"), ("lon", "21")]),
        );
        check("geo:{lat,lon}", "geo:52.1", None);
        check("a:{x}", "a:%C5%BC", Some(&[("x", "ż")]));
        check(
            "{scheme}://host",
            "http://host",
            Some(&[("scheme", "http")]),
        );
        check("a:fixed", "a:fixed", Some(&[]));
        check("a:fixed", "a:fixe", None);
    }

    #[test]
    fn a_value_before_a_literal_is_the_shortest_one() {
        check(
            "a:{name}.{type}",
            "a:x.tar.gz",
            Some(&[("name", "x"), ("type", "tar.gz")]),
        );
        check("a:{name}.gz", "a:x.gz.gz", Some(&[("name", "x.gz")]));
        check(
            "a:{a}-{b}-z",
            "a:x-y-z-z",
            Some(&[("a", "x"), ("b", "y-z")]),
        );
        check("a:{a}-{b}-z", "a:x-z", None);
        check("a:{a}-{b}", "a:-x-y", Some(&[("a", "-x"), ("b", "y")]));
    }

    #[test]
    fn reserved_variables_span_everything() {
        check(
            "file://{+path}",
            "file:///home/ada/x.txt",
            Some(&[("path", "/home/ada/x.txt")]),
        );
        check(
            "p://{+url}",
            "p://https://x/y?q=1#f",
            Some(&[("url", "https://x/y?q=1#f")]),
        );
        check(
            "a:{+dir}/{name}",
            "a:x/y/z",
            Some(&[("dir", "x/y"), ("name", "z")]),
        );
        check(
            "a:{+dir}/{name}.{type}",
            "a:x/y.z/v.tar.gz",
            Some(&[("dir", "x/y.z"), ("name", "v.tar"), ("type", "gz")]),
        );
        check(
            "a:{x}/{+rest}/end",
            "a:x/end/end",
            Some(&[("x", "x"), ("rest", "end")]),
        );
        check("a:{x}/{+rest}/end", "a:x/end", None);
        check("a:{+rest}", "a:", None);
    }

    #[test]
    fn path_query_and_fragment_expressions() {
        check("a:b{/x,y}", "a:b/1/2", Some(&[("x", "1"), ("y", "2")]));
        check("a:b{/x,y}", "a:b/1", None);
        check("a:b{?q,r}", "a:b", Some(&[]));
        check(
            "a:b{?q,r}",
            "a:b?r=1&q=a%26b",
            Some(&[("q", "a&b"), ("r", "1")]),
        );
        check("a:b{?q,r}", "a:b?q", Some(&[("q", "")]));
        for uri in [
            "a:b?q=1&q=2",
            "a:b?other=1",
            "a:b?",
            "a:b?q=1&",
            "a:b?q=1#f",
            "a:b#f",
        ] {
            check("a:b{?q,r}", uri, None);
        }
        check(
            "a:{+p}{?q}{#f}",
            "a:x/y?q=1#z?q=2",
            Some(&[("p", "x/y"), ("q", "1"), ("f", "z?q=2")]),
        );
        check("a:{+p}{?q}{#f}", "a:x/y", Some(&[("p", "x/y")]));
    }

    #[test]
    fn an_escape_is_never_cut() {
        check("a:{x}2{y}", "a:%2Fb", None);
        check("a:{x}2F{y}", "a:%2F2Fb", Some(&[("x", "/"), ("y", "b")]));
        check("a:{+x}F", "a:b%2F", None);
        check("a:{+x}2{y}", "a:b%2Fc", None);
        check("a:{+x}%2F{y}", "a:b%2Fc", Some(&[("x", "b"), ("y", "c")]));
        for uri in [
            "a:%", "a:%2", "a:%zz", "a:%FF", "a:b c", "a:ż", "a:%00", "a:%0A",
        ] {
            check("a:{x}", uri, None);
        }
    }

    #[test]
    fn res_27_dot_segments_do_not_match() {
        for value in [
            "..",
            ".",
            "%2E%2E",
            "a%2F..%2Fb",
            "..%2Fetc",
            "..%5Cetc",
            "a/../b",
            "../etc",
            "a/..",
        ] {
            let uri = format!("a:{value}");
            check("a:{+x}", &uri, None);
            assert!(
                template("a:{+x}")
                    .allow_dot_segments()
                    .matches(&uri)
                    .is_some(),
                "{uri}"
            );
        }
        check("a:{x}", "a:%2E%2E", None);
        check("a:{x}", "a:..a", Some(&[("x", "..a")]));
        check("a:b{?q}", "a:b?q=../c", Some(&[("q", "../c")]));
    }

    #[test]
    fn res_27_relative_paths_stay_below() {
        let path = |value: &str| {
            let params = template("a:{+x}")
                .allow_dot_segments()
                .matches(&format!("a:{value}"))?;
            params
                .relative_path("x")
                .map(|path| path.to_str().unwrap().to_owned())
        };
        for good in ["a", "a/b.txt", "..a/b", "a//b"] {
            assert_eq!(path(good).as_deref(), Some(good));
        }
        for bad in [
            "/etc",
            "%2Fetc",
            "//x",
            "a/../b",
            "./a",
            "a/.",
            "C:/x",
            "c:x",
            "a%5Cb",
            "%5C%5Chost",
        ] {
            assert_eq!(path(bad), None, "{bad}");
        }
        assert_eq!(TemplateParams::default().relative_path("x"), None);
    }
}
