//! Pieces of Rust text: literals and doc comments.

use std::fmt::Write;

use crate::codegen::model::Scalar;

/// `"text"` or `-32700`, as Rust.
pub fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::String(text) => format!("{text:?}"),
        Scalar::Integer(n) => grouped(*n),
    }
}

/// `1234567` to `1_234_567`; an error code stays as the specification spells it.
pub fn grouped(n: i64) -> String {
    let digits = n.unsigned_abs().to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 5 {
            text.push('_');
        }
        text.push(digit);
    }
    if n < 0 { format!("-{text}") } else { text }
}

/// Doc comment lines of at most a hundred columns.
pub fn docs(text: &str, indent: &str, mark: &str) -> String {
    let mut out = String::new();
    for paragraph in text
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
    {
        if !out.is_empty() {
            let _ = writeln!(out, "{indent}{mark}");
        }
        let mut line = format!("{indent}{mark}");
        for word in paragraph.split_whitespace() {
            if line.len() + word.len() >= 100 {
                let _ = writeln!(out, "{line}");
                line = format!("{indent}{mark}");
            }
            let _ = write!(line, " {word}");
        }
        let _ = writeln!(out, "{line}");
    }
    out
}

/// The model's sentence, or a plain one where a draft has none, with the requirement IDs behind it.
pub fn sentence(doc: &str, fallback: &str, see: &[String]) -> String {
    let doc = if doc.trim().is_empty() {
        fallback
    } else {
        doc.trim()
    };
    let new = see
        .iter()
        .filter(|id| !doc.contains(id.as_str()))
        .cloned()
        .collect::<Vec<_>>();
    if new.is_empty() {
        doc.to_owned()
    } else {
        format!("{doc}\n\nSee {}.", new.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_from_six_digits_on() {
        assert_eq!(grouped(-32700), "-32700");
        assert_eq!(grouped(1_234_567), "1_234_567");
    }

    #[test]
    fn docs_are_wrapped_and_keep_their_paragraphs() {
        let text = docs(&format!("{}\n\nb", "word ".repeat(30)), "    ", "///");
        assert!(text.lines().all(|line| line.len() <= 100));
        assert!(text.ends_with("word\n    ///\n    /// b\n"));
    }
}
