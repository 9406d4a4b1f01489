//! URI templates and URIs, against a matcher that tries every split.

use std::time::{Duration, Instant};

use arbitrary::Unstructured;
use mcpwire_dispatch::UriTemplate;

/// What templates and URIs are put together from: few characters, so that they meet.
const TEMPLATE: &[&str] = &[
    "{a}", "{b}", "{c,d}", "{/e}", "{/f,g}", "{+h}", "{?q,r}", "{#s}", "a:", "x", "-", "/", "%2F",
    ".", "{", "}", "{a", "?", "#",
];
const URI: &[&str] = &[
    "a:", "x", "-", "/", ".", "..", "%2F", "%C5%BC", "%C5", "%BC", "%", "%2", "?", "&", "q=", "r=",
    "q", "#", ",", "%00", "é", " ", "%2E", "2", "F",
];

/// Panics if the bytes break the law.
pub fn check(bytes: &[u8]) {
    let mut input = Unstructured::new(bytes);
    let text = text(&mut input, TEMPLATE, 10);
    let uri = text_of_uri(&mut input);
    let Ok(template) = text.parse::<UriTemplate>() else {
        return;
    };
    assert_eq!(template.as_str(), text);
    let careful = template.matches(&uri);
    let template = template.allow_dot_segments();
    let found = template.matches(&uri);
    let values = |params: &mcpwire_dispatch::TemplateParams| -> Vec<(String, String)> {
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        params.iter().map(owned).collect()
    };
    assert_eq!(
        found.as_ref().map(values),
        naive(&text, &uri),
        "{text} against {uri}"
    );

    // RES-27: the same values, or none where one leads elsewhere.
    match (&careful, &found) {
        (Some(careful), found) => assert_eq!(Some(careful), found.as_ref()),
        (None, Some(found)) => assert!(
            found.iter().any(|(_, value)| value
                .split(['/', '\\'])
                .any(|segment| segment == "." || segment == "..")),
            "{text} against {uri}"
        ),
        (None, None) => {}
    }

    // Linear: what takes a moment for one takes not much more for a thousand of them.
    if input.arbitrary::<u8>().is_ok_and(|byte| byte == 7) && !uri.is_empty() {
        let long = uri.repeat(100_000 / uri.len());
        let begin = Instant::now();
        template.matches(&long);
        template.matches(&format!("a:{long}x"));
        assert!(
            begin.elapsed() < Duration::from_secs(2),
            "{text} against {uri}"
        );
    }
}

fn text(input: &mut Unstructured<'_>, from: &[&str], most: usize) -> String {
    let count = usize::from(input.arbitrary::<u8>().unwrap_or(0)) % most;
    let piece = |_| {
        let at = usize::from(input.arbitrary::<u8>().unwrap_or(0));
        from[at % from.len()]
    };
    ["a:"].into_iter().chain((0..count).map(piece)).collect()
}

fn text_of_uri(input: &mut Unstructured<'_>) -> String {
    text(input, URI, 16)
}

/// A piece of a template's path.
#[derive(Clone, Copy, Debug)]
enum Piece<'a> {
    Literal(&'a str),
    Simple(&'a str),
    Reserved(&'a str),
}

type Values<'a> = Vec<(&'a str, String)>;

/// The values of the variables in order of appearance, for a template that is one.
fn naive(template: &str, uri: &str) -> Option<Vec<(String, String)>> {
    check_characters(uri)?;
    let mut pieces = Vec::new();
    let mut query: Vec<&str> = Vec::new();
    let mut fragment = None;
    let mut names = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let Some(behind) = rest.strip_prefix('{') else {
            let end = rest.find('{').unwrap_or(rest.len());
            pieces.push(Piece::Literal(&rest[..end]));
            rest = &rest[end..];
            continue;
        };
        let (expression, behind) = behind.split_once('}')?;
        rest = behind;
        let list = expression.trim_start_matches(['+', '/', '?', '#']);
        names.extend(list.split(','));
        match &expression[..1] {
            "+" => pieces.push(Piece::Reserved(list)),
            "#" => fragment = Some(list),
            "?" => query = list.split(',').collect(),
            "/" => {
                for name in list.split(',') {
                    pieces.extend([Piece::Literal("/"), Piece::Simple(name)]);
                }
            }
            _ => {
                for (index, name) in list.split(',').enumerate() {
                    if index > 0 {
                        pieces.push(Piece::Literal(","));
                    }
                    pieces.push(Piece::Simple(name));
                }
            }
        }
    }

    let mut values: Values<'_> = Vec::new();
    let mut path = uri;
    if let Some(name) = fragment
        && let Some((before, after)) = path.split_once('#')
    {
        values.push((name, decoded(after)?));
        path = before;
    }
    if !query.is_empty()
        && let Some((before, after)) = path.split_once('?')
    {
        if after.contains('#') {
            return None;
        }
        for pair in after.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let is_new = values.iter().all(|(known, _)| *known != name);
            let name = query.iter().find(|known| **known == name && is_new)?;
            values.push((name, decoded(value)?));
        }
        path = before;
    }
    let mut captured = split(&pieces, path)?;
    captured.reverse();
    for (name, raw) in captured {
        values.push((name, decoded(raw)?));
    }
    let with_value = |name: &&str| {
        let value = values.iter().find(|(known, _)| known == name)?;
        Some((value.0.to_owned(), value.1.clone()))
    };
    Some(names.iter().filter_map(with_value).collect())
}

/// The first split that works, the last variable first: a value is tried from the shortest, except
/// that behind a reserved variable the shortest is sought from the end.
fn split<'t, 'u>(pieces: &[Piece<'t>], uri: &'u str) -> Option<Vec<(&'t str, &'u str)>> {
    let Some((first, rest)) = pieces.split_first() else {
        return uri.is_empty().then(Vec::new);
    };
    let ends = (1..=uri.len()).filter(|end| is_whole(uri, *end));
    let with = |name: &'t str, end: usize| {
        let mut values = split(rest, &uri[end..])?;
        values.push((name, &uri[..end]));
        Some(values)
    };
    match *first {
        Piece::Literal(literal) => split(rest, uri.strip_prefix(literal)?),
        Piece::Simple(name) => ends
            .filter(|end| uri[..*end].bytes().all(is_value))
            .find_map(|end| with(name, end)),
        // What follows takes as little as it can, so this one as much; and so do those behind it.
        Piece::Reserved(name) => ends.rev().find_map(|end| {
            let mut values = split_from_end(rest, &uri[end..])?;
            values.push((name, &uri[..end]));
            Some(values)
        }),
    }
}

/// Like [`split`] for the pieces behind a reserved variable, where the last value is the shortest.
fn split_from_end<'t, 'u>(pieces: &[Piece<'t>], uri: &'u str) -> Option<Vec<(&'t str, &'u str)>> {
    let Some((last, front)) = pieces.split_last() else {
        return uri.is_empty().then(Vec::new);
    };
    match *last {
        Piece::Literal(literal) => {
            let rest = uri.strip_suffix(literal)?;
            is_whole(uri, rest.len())
                .then(|| split_from_end(front, rest))
                .flatten()
        }
        Piece::Simple(name) | Piece::Reserved(name) => (0..uri.len())
            .rev()
            .filter(|start| is_whole(uri, *start) && uri[*start..].bytes().all(is_value))
            .find_map(|start| {
                let mut values = split_from_end(front, &uri[..start])?;
                values.insert(0, (name, &uri[start..]));
                Some(values)
            }),
    }
}

/// Whether no escape is cut in two at this place.
fn is_whole(uri: &str, at: usize) -> bool {
    let front = &uri.as_bytes()[..at];
    !front.iter().rev().take(2).any(|byte| *byte == b'%')
}

fn is_value(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)
}

fn check_characters(uri: &str) -> Option<()> {
    for (at, byte) in uri.bytes().enumerate() {
        let is_fine = match byte {
            b'%' => {
                let digits = uri.as_bytes().get(at + 1..at + 3)?;
                digits.iter().all(u8::is_ascii_hexdigit)
            }
            _ => is_value(byte) || b":/?#[]@!$&'()*+,;=".contains(&byte),
        };
        if !is_fine {
            return None;
        }
    }
    Some(())
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.bytes().next() {
        let length = if first == b'%' { 3 } else { 1 };
        bytes.push(match first {
            b'%' => u8::from_str_radix(&rest[1..3], 16).ok()?,
            other => other,
        });
        rest = &rest[length..];
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.chars().any(char::is_control)).then_some(text)
}
