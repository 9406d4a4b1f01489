//! What holds for every URI: linear time, no panic, and agreement with expansion and with a naive
//! matcher.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;

fn template(text: &str) -> UriTemplate {
    text.parse().unwrap()
}

/// The vulnerability of CVE-2026-0621 was exponential time; steps are counted, not seconds.
fn assert_linear(template: &UriTemplate, uri: &str) {
    let mut scan = Scan::new(uri);
    scan.body(template);
    let bound = (template.text.len() + 4) * (uri.len() + 1);
    assert!(
        scan.steps <= bound,
        "{} steps for {template} and {} bytes",
        scan.steps,
        uri.len()
    );
}

#[test]
fn hostile_uris_take_linear_time() {
    for text in [
        "a:{a}a{b}a{c}a{d}",
        "a:{a}-{b}-{c}-{d}-{e}!",
        "a:{+a}aaaaab{b}aaaaab{c}",
        "a:{a}aaab{b}",
    ] {
        let template = template(text);
        for part in ["a", "-", "aaaaa", "%61", "aaaab", "/"] {
            assert_linear(&template, &format!("a:{}", part.repeat(20_000)));
            assert_linear(&template, &format!("a:{}b", part.repeat(20_000)));
        }
    }
}

/// What RFC 6570 makes of the variables, for the expressions that are supported.
fn expand(template: &UriTemplate, values: &[(String, String)]) -> String {
    let value = |variable: Variable, raw: bool| -> String {
        let encode = |byte: u8| match byte {
            byte if is_unreserved(byte) || (raw && crate::uri::is_reserved(byte)) => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        };
        values[variable].1.bytes().map(encode).collect()
    };
    let mut text = String::new();
    let part = |pieces: &[Piece], text: &mut String| {
        for piece in pieces {
            match piece {
                Piece::Literal(literal) => text.push_str(literal),
                Piece::Simple(variable) => text.push_str(&value(*variable, false)),
            }
        }
    };
    part(&template.before, &mut text);
    if let Some(variable) = template.reserved {
        text.push_str(&value(variable, true));
    }
    part(&template.after, &mut text);
    for (index, variable) in template.query.iter().enumerate() {
        let mark = if index == 0 { '?' } else { '&' };
        let pair = (&template.names[*variable], value(*variable, false));
        write!(text, "{mark}{}={}", pair.0, pair.1).unwrap();
    }
    if let Some(variable) = template.fragment {
        write!(text, "#{}", value(variable, true)).unwrap();
    }
    text
}

/// Templates where a literal cannot occur inside a value, so that there is one reading.
fn unambiguous() -> impl Strategy<Value = UriTemplate> {
    let texts = [
        "a:{v0}",
        "a:b{/v0,v1}",
        "a:{v0,v1,v2}",
        "a:{v0}/x/{v1}!{v2}",
        "a:{v0}/{+v1}",
        "a://{v0}/{+v1}",
        "a:b{?v0,v1}",
        "a:{v0}{?v1}{#v2}",
        "a:{v0}@{+v1}",
    ];
    prop::sample::select(texts.to_vec()).prop_map(template)
}

proptest! {
    #[test]
    fn what_is_expanded_matches(template in unambiguous(), values in prop::collection::vec("\\PC{1,12}", 3)) {
        let template = template.allow_dot_segments();
        let values: Vec<_> = template.variables().map(str::to_owned).zip(values).collect();
        let uri = expand(&template, &values);
        let found = template.matches(&uri).map(|params| params.0);
        prop_assert_eq!(found, Some(values), "{}", uri);
    }

    /// Any reading is a right one: put back in, the values give an equivalent URI.
    #[test]
    fn what_matches_expands_to_the_same(
        text in "a:(\\{a\\}|x|-)(-|/|x)(\\{b\\}|\\{\\+b\\})(-|/|x)(\\{c\\}|x)(-)?",
        uri in "a:[ax/-]{0,12}",
    ) {
        let template = template(&text).allow_dot_segments();
        assert_linear(&template, &uri);
        let found = template.matches(&uri);
        if let Some(params) = &found {
            prop_assert_eq!(&expand(&template, &params.0), &uri);
        }
        prop_assert_eq!(found.is_some(), naive(&template, &uri), "{} {}", text, uri);
    }

    #[test]
    fn matching_takes_anything(uri in ".*", text in "a:\\{(\\+|/)?a\\}[-/x]\\{b\\}(\\{\\?q\\})?(\\{#f\\})?") {
        template(&text).matches(&uri);
        template(&text).matches(&format!("a:{uri}"));
    }
}

/// The oracle: tries every split.
fn naive(template: &UriTemplate, uri: &str) -> bool {
    fn any_split(pieces: &[Option<Piece>], uri: &str) -> bool {
        let Some((first, rest)) = pieces.split_first() else {
            return uri.is_empty();
        };
        let fits = |value: &str| first.is_none() || value.bytes().all(is_value);
        match first {
            Some(Piece::Literal(literal)) => uri
                .strip_prefix(literal)
                .is_some_and(|uri| any_split(rest, uri)),
            _ => (1..=uri.len()).any(|end| fits(&uri[..end]) && any_split(rest, &uri[end..])),
        }
    }
    let mut pieces: Vec<_> = template.before.iter().cloned().map(Some).collect();
    pieces.extend(template.reserved.map(|_| None));
    pieces.extend(template.after.iter().cloned().map(Some));
    any_split(&pieces, uri)
}
