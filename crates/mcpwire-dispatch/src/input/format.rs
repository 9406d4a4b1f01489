//! The formats of text fields (ELICIT-11), checked for their form and no further.

use mcpwire_types::StringSchemaFormat;

use crate::uri;

/// Whether a text has the format; one that is not known here is not checked.
pub(super) fn fits(format: &StringSchemaFormat<'_>, text: &str) -> bool {
    match format {
        StringSchemaFormat::Email => is_email(text),
        StringSchemaFormat::Uri => uri::check(text).is_ok(),
        StringSchemaFormat::Date => is_date(text),
        StringSchemaFormat::DateTime => is_date_time(text),
        _ => true,
    }
}

/// Something, an at sign and a host: whether mail arrives there only mail can tell.
fn is_email(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else {
        return false;
    };
    let bare = |part: &str| {
        !part.is_empty() && !part.contains(|c: char| c.is_whitespace() || c.is_control())
    };
    bare(name)
        && bare(host)
        && host.split('.').all(|label| !label.is_empty())
        && !name.contains('@')
}

/// `2026-07-28`
fn is_date(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (digits(year, 4), digits(month, 2), digits(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `2026-07-28T12:00:00.5Z` or with an offset such as `+02:00` (RFC 3339).
fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else {
        return false;
    };
    let (clock, zone) = match time.find(['Z', 'z', '+', '-']) {
        Some(at) => time.split_at(at),
        None => return false,
    };
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let offset = zone.strip_prefix(['+', '-']);
    let zone =
        matches!(zone, "Z" | "z") || offset.is_some_and(|offset| is_clock(offset, &[23, 59]));
    // 60 is a leap second.
    is_date(date) && is_clock(seconds, &[23, 59, 60]) && fraction && zone
}

/// Two-digit numbers between colons, each no greater than its maximum.
fn is_clock(text: &str, maxima: &[u32]) -> bool {
    let parts: Vec<_> = text.split(':').collect();
    parts.len() == maxima.len()
        && parts
            .iter()
            .zip(maxima)
            .all(|(part, max)| digits(part, 2).is_some_and(|value| value <= *max))
}

fn digits(text: &str, count: usize) -> Option<u32> {
    let right = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(format: &'static str, good: &[&str], bad: &[&str]) {
        let format = StringSchemaFormat::from(format);
        for text in good {
            assert!(fits(&format, text), "{text} is a good {}", format.as_str());
        }
        for text in bad {
            assert!(!fits(&format, text), "{text} is no {}", format.as_str());
        }
    }

    #[test]
    fn elicit_11_formats() {
        check(
            "email",
            &["ada@example.com", "a.b+c@x", "ż@ż.pl"],
            &[
                "", "ada", "@x", "ada@", "a b@x", "a@b@c", "a@x..y", "a@.x", "a@x\n",
            ],
        );
        check(
            "uri",
            &["https://x/y?z#f", "urn:a"],
            &["", "x", "//x", "https://x y"],
        );
        check(
            "date",
            &["2026-07-28", "2024-02-29", "2000-02-29", "0001-12-31"],
            &[
                "",
                "2026-7-28",
                "2026-13-01",
                "2026-00-01",
                "2026-01-00",
                "2026-04-31",
                "2025-02-29",
                "1900-02-29",
                "2026-07-28T",
                "+026-07-28",
                "2026-07",
                "2026-07-28-01",
            ],
        );
        check(
            "date-time",
            &[
                "2026-07-28T12:00:00Z",
                "2026-07-28t23:59:60.123+02:00",
                "2026-07-28T00:00:00-23:59",
            ],
            &[
                "2026-07-28",
                "2026-07-28T12:00:00",
                "2026-07-28T24:00:00Z",
                "2026-07-28T12:60:00Z",
                "2026-07-28T12:00Z",
                "2026-07-28T12:00:00.Z",
                "2026-07-28T12:00:00+2:00",
                "2026-02-30T12:00:00Z",
                "2026-07-28T12:00:00+24:00",
                "2026-07-28 12:00:00Z",
                "2026-07-28T12:00:00Zx",
                "2026-07-28T12:00:00Z12:00",
            ],
        );
        check("something new", &["anything"], &[]);
    }

    proptest! {
        #[test]
        fn checking_takes_anything(text in ".*", format in "email|uri|date|date-time") {
            fits(&StringSchemaFormat::from(format), &text);
        }
    }
}
