//! Where in a text a byte stands, as a path. Asked at most once for a message, and only for one that
//! is refused, so that reading need not keep account of it.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::json::Span;
use crate::text;

/// Most steps that a path shows; a deeper one ends in `…`.
const MOST_STEPS: usize = 16;

/// Longest name that a path shows, in characters: a peer's text is not echoed whole.
const LONGEST_NAME: usize = 64;

/// One array or object around the byte, and how far in it reading has come.
enum Step {
    Item(usize),
    /// The name of the member with its quotes, once its colon has come.
    Member(Option<Span>),
}

/// The path to the innermost value that the byte at `offset` belongs to or stands behind:
/// `$.params.arguments[2]`. What is in front of the byte should be JSON; if it is not, the path means
/// little.
#[cold]
pub(crate) fn path(bytes: &[u8], offset: usize) -> String {
    let front = bytes.get(..offset).unwrap_or(bytes);
    let mut steps: Vec<Step> = Vec::new();
    // Levels below those that are shown.
    let mut below = 0_usize;
    let mut string = Span::NONE;
    let mut at = 0;
    while let Some(&byte) = front.get(at) {
        match byte {
            b'"' => {
                let end = end_of_string(front, at + 1);
                string = Span::new(at, end);
                at = end;
                continue;
            }
            b'{' | b'[' if steps.len() == MOST_STEPS => below += 1,
            b'{' => steps.push(Step::Member(None)),
            b'[' => steps.push(Step::Item(0)),
            b'}' | b']' if below > 0 => below -= 1,
            b'}' | b']' => {
                steps.pop();
            }
            b':' if below == 0 => {
                if let Some(Step::Member(name)) = steps.last_mut() {
                    *name = Some(string);
                }
            }
            b',' if below == 0 => match steps.last_mut() {
                Some(Step::Item(index)) => *index += 1,
                Some(Step::Member(name)) => *name = None,
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    let mut path = String::from("$");
    for step in &steps {
        match step {
            // Writing to a string cannot fail.
            Step::Item(index) => _ = write!(path, "[{index}]"),
            Step::Member(Some(name)) => push_name(&mut path, name.of(front)),
            Step::Member(None) => {}
        }
    }
    if below > 0 {
        path.push('…');
    }
    path
}

/// Behind the closing quote of the string whose content starts at `at`, or behind everything.
fn end_of_string(text: &[u8], mut at: usize) -> usize {
    loop {
        let rest = text.get(at..).unwrap_or_default();
        match memchr::memchr2(b'"', b'\\', rest) {
            None => return text.len(),
            Some(found) if rest.get(found) == Some(&b'"') => return at + found + 1,
            Some(found) => at += found + 2,
        }
    }
}

fn push_name(path: &mut String, quoted: &[u8]) {
    let name = text::unquote(quoted).unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'-');
    if !name.is_empty() && name.len() <= LONGEST_NAME && name.bytes().all(plain) {
        path.push('.');
        path.push_str(&name);
        return;
    }
    path.push_str("[\"");
    for character in name.chars().take(LONGEST_NAME) {
        match character {
            '"' | '\\' => path.extend(['\\', character]),
            _ if character.is_control() => path.extend(character.escape_default()),
            _ => path.push(character),
        }
    }
    if name.chars().nth(LONGEST_NAME).is_some() {
        path.push('…');
    }
    path.push_str("\"]");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (marked, expected) in [
            ("¦", "$"),
            ("{¦", "$"),
            (r#"{"a"¦"#, "$"),
            (r#"{"a":¦1}"#, "$.a"),
            (r#"{"a":1¦}"#, "$.a"),
            (r#"{"a":1,¦}"#, "$"),
            (r#"{"a":1}¦"#, "$"),
            (r#"{"a":{"b":[[1,2],{"c":"x:,{[\"¦"}]}}"#, "$.a.b[1].c"),
            (r#"{"a":{"b":[[1,2],{}¦]}}"#, "$.a.b[1]"),
            (
                r#"{"params":{"_meta":{"io.x/y \"\u007f\\":¦}}}"#,
                r#"$.params._meta["io.x/y \"\u{7f}\\"]"#,
            ),
            (r#"{"":¦1}"#, r#"$[""]"#),
            // What is no JSON in front of the byte is nobody's place.
            ("]}:,:\"¦", "$"),
            ("[\"\\¦", "$[0]"),
        ] {
            let offset = marked.find('¦').unwrap();
            let text = marked.replace('¦', "");
            assert_eq!(path(text.as_bytes(), offset), expected, "{marked}");
        }
    }

    #[test]
    fn paths_are_short() {
        let deep = "[".repeat(100_000);
        assert_eq!(
            path(deep.as_bytes(), deep.len()),
            "$".to_owned() + &"[0]".repeat(MOST_STEPS) + "…"
        );
        let shallow = deep + &"]".repeat(100_000 - 1) + ",";
        assert_eq!(path(shallow.as_bytes(), shallow.len()), "$[1]");
        let long = format!("{{\"{}\":", "ü".repeat(1000));
        let expected = format!("$[\"{}…\"]", "ü".repeat(LONGEST_NAME));
        assert_eq!(path(long.as_bytes(), long.len()), expected);
    }
}
