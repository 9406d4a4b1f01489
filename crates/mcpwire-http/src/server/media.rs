//! Media types: what may come in, and what the client can read (HTTP-09, HTTP-14, HTTP-63, CONF-24).

use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderValue, StatusCode};

use super::fields::{Field, Fields};
use super::refusal::{Refusal, Refused, shown};

pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");
pub(crate) const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");

/// What clients send, nearly all of them spelled like this: it need not be taken apart.
const BOTH: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");

/// Refuses everything but plain JSON. A web page cannot send that media type to a foreign site
/// without asking first, so this is a guard and no formality.
pub(crate) fn check_content(fields: &Fields<'_>) -> Result<(), Refused> {
    let refused = |message| Refusal::invalid(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    let found = match fields.content_type {
        Field::Missing => {
            return Err(refused(
                "Content-Type is missing: send application/json".to_owned(),
            ));
        }
        Field::Once(found) => found.as_bytes(),
        Field::Repeated => {
            return Err(refused("Content-Type was sent more than once".to_owned()));
        }
    };
    if found != JSON.as_bytes() && !essence(found).eq_ignore_ascii_case(JSON.as_bytes()) {
        let found = shown(found);
        return Err(refused(format!(
            "Content-Type is {found}: send application/json"
        )));
    }
    if fields.content_encoding.is_missing() {
        return Ok(());
    }
    for encoding in fields.all.get_all(CONTENT_ENCODING) {
        if !encoding
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"identity")
        {
            let encoding = shown(encoding.as_bytes());
            let message = format!("Content-Encoding is {encoding}: send the body as it is");
            return Err(
                refused(message).with_header(ACCEPT_ENCODING, HeaderValue::from_static("identity"))
            );
        }
    }
    Ok(())
}

/// Which of the two kinds of answer the client can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Acceptable {
    pub(crate) json: bool,
    pub(crate) events: bool,
}

impl Acceptable {
    /// Reads `Accept`; where it is missing or empty everything is acceptable. Neither is a client's
    /// fault, with a status that is not prescribed (HTTP-63).
    pub(crate) fn read(fields: &Fields<'_>) -> Result<Self, Refused> {
        if fields.accept == Field::Once(&BOTH) {
            return Ok(Self {
                json: true,
                events: true,
            });
        }
        let (mut json, mut events) = (Closest::default(), Closest::default());
        let mut names_any = false;
        for field in fields.all.get_all(ACCEPT) {
            for range in field.as_bytes().split(|byte| *byte == b',') {
                let essence = essence(range);
                names_any |= !range.trim_ascii().is_empty();
                json.weigh(essence, range, &JSON);
                events.weigh(essence, range, &EVENTS);
            }
        }
        let acceptable = Self {
            json: json.accepted || !names_any,
            events: events.accepted || !names_any,
        };
        if acceptable.json || acceptable.events {
            return Ok(acceptable);
        }
        Err(Self::refuse(
            "Accept names neither application/json nor text/event-stream: name both",
        ))
    }

    pub(crate) fn refuse(message: &str) -> Refused {
        Refusal::invalid(StatusCode::NOT_ACCEPTABLE, message)
    }
}

/// What the range says that names a media type most closely, of those that were seen.
#[derive(Default)]
struct Closest {
    specificity: Option<u8>,
    accepted: bool,
}

impl Closest {
    /// Of two that are as close, the later one counts.
    fn weigh(&mut self, essence: &[u8], range: &[u8], media: &HeaderValue) {
        let specificity = specificity(essence, media);
        if specificity.is_some() && specificity >= self.specificity {
            self.specificity = specificity;
            self.accepted = !is_zero(range);
        }
    }
}

/// A media type or range without its parameters.
fn essence(value: &[u8]) -> &[u8] {
    value
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}

/// How closely a range, without its parameters, names the media type, if it covers it.
fn specificity(essence: &[u8], media: &HeaderValue) -> Option<u8> {
    let media = media.as_bytes();
    if essence.eq_ignore_ascii_case(media) {
        return Some(2);
    }
    match essence.strip_suffix(b"*")? {
        b"*/" => Some(0),
        kind => {
            let same = media.get(..kind.len())?.eq_ignore_ascii_case(kind);
            (same && kind.ends_with(b"/")).then_some(1)
        }
    }
}

/// Whether the range has a quality of zero, which means "not this one".
fn is_zero(range: &[u8]) -> bool {
    range.split(|byte| *byte == b';').skip(1).any(|parameter| {
        let parameter = parameter.trim_ascii();
        let value = parameter
            .strip_prefix(b"q=")
            .or_else(|| parameter.strip_prefix(b"Q="));
        value.is_some_and(|q| q.starts_with(b"0") && q.iter().all(|byte| b"0.".contains(byte)))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::CONTENT_TYPE;
    use proptest::prelude::*;

    use super::*;

    fn accept(value: &'static str) -> Option<(bool, bool)> {
        let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(value))]);
        Acceptable::read(&Fields::read(&headers))
            .ok()
            .map(|accept| (accept.json, accept.events))
    }

    #[test]
    fn http_63_accept_is_read_leniently() {
        for (value, expected) in [
            ("application/json, text/event-stream", Some((true, true))),
            ("*/*", Some((true, true))),
            ("", Some((true, true))),
            ("application/*;q=0.5", Some((true, false))),
            ("Application/JSON; charset=utf-8", Some((true, false))),
            ("text/event-stream;q=0.1", Some((false, true))),
            ("*/*, application/json;q=0", Some((false, true))),
            ("*/*;q=0, application/json", Some((true, false))),
            ("text/*, text/event-stream; q=0.000", None),
            ("text/html", None),
            ("application/jsonp", None),
            ("rubbish", None),
        ] {
            assert_eq!(accept(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_missing_accept_accepts_everything() {
        let accept = Acceptable::read(&Fields::read(&HeaderMap::new())).unwrap();
        assert_eq!(
            accept,
            Acceptable {
                json: true,
                events: true
            }
        );
    }

    #[test]
    fn conf_24_nothing_but_json_comes_in() {
        let check = |name, value: &'static str| {
            let mut headers = HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
            headers.entry(CONTENT_TYPE).or_insert(JSON);
            check_content(&Fields::read(&headers)).is_ok()
        };
        for good in [
            "application/json",
            "APPLICATION/JSON",
            "application/json ; charset=utf-8",
        ] {
            assert!(check(CONTENT_TYPE, good), "{good:?}");
        }
        for bad in [
            "text/plain",
            "application/jsonp",
            "application/json, text/plain",
            "",
            "json",
        ] {
            assert!(!check(CONTENT_TYPE, bad), "{bad:?}");
        }
        assert!(check(CONTENT_ENCODING, "identity"));
        assert!(!check(CONTENT_ENCODING, "gzip"));
        assert!(check_content(&Fields::read(&HeaderMap::new())).is_err());
    }

    proptest! {
        /// Order, white space and company make no difference, and nothing panics.
        #[test]
        fn http_63_other_ranges_do_not_hide_the_one_that_counts(
            before in "[a-z*/;=, .0-9q\t]{0,20}",
            after in "\\PC{0,20}",
        ) {
            let line = format!("{before} ,\tapplication/json , text/event-stream;v=1,{after}");
            let Ok(value) = HeaderValue::from_str(&line) else { return Ok(()) };
            let headers = HeaderMap::from_iter([(ACCEPT, value)]);
            let refuses = |media: &str| {
                let ranges = format!("{before},{after}");
                ranges.contains(media) || ranges.contains("q=0")
            };
            let accept = Acceptable::read(&Fields::read(&headers)).ok();
            prop_assert!(accept.is_some_and(|accept| accept.json) || refuses("json"), "{line:?}");
            prop_assert!(accept.is_some_and(|accept| accept.events) || refuses("event"), "{line:?}");
        }
    }
}
