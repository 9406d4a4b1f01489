//! The lines that events are made of, each by itself.

/// What a line is, as far as it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Starts with a colon.
    Comment,
    /// A field that means something, and where in the line its value starts.
    Field(Field, usize),
    /// A field without meaning, to be ignored.
    Other,
}

/// A field that means something. Names are compared exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Data,
    Event,
    Id,
    Retry,
}

const FIELDS: [(&[u8], Field); 4] = [
    (b"data", Field::Data),
    (b"event", Field::Event),
    (b"id", Field::Id),
    (b"retry", Field::Retry),
];

impl Line {
    /// Reads a whole line, which has neither its end nor a byte order mark.
    pub(super) fn of(line: &[u8]) -> Self {
        if line.first() == Some(&b':') {
            return Self::Comment;
        }
        for (name, field) in FIELDS {
            match line.strip_prefix(name) {
                // A line without a colon is a field with an empty value.
                Some([]) => return Self::Field(field, name.len()),
                Some([b':', b' ', ..]) => return Self::Field(field, name.len() + 2),
                Some([b':', ..]) => return Self::Field(field, name.len() + 1),
                Some(_) | None => {}
            }
        }
        Self::Other
    }

    /// Reads the beginning of a line; `None` if that does not tell yet.
    pub(super) fn begun(line: &[u8]) -> Option<Self> {
        let may_become = |(name, _): &(&[u8], Field)| name.starts_with(line);
        (!FIELDS.iter().any(may_become)).then(|| Self::of(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let cases: &[(&str, Line)] = &[
            (":", Line::Comment),
            (": data: x", Line::Comment),
            ("data", Line::Field(Field::Data, 4)),
            ("data:", Line::Field(Field::Data, 5)),
            ("data:x", Line::Field(Field::Data, 5)),
            ("data: x", Line::Field(Field::Data, 6)),
            ("data:  x", Line::Field(Field::Data, 6)),
            ("event: x", Line::Field(Field::Event, 7)),
            ("id: x", Line::Field(Field::Id, 4)),
            ("retry:1", Line::Field(Field::Retry, 6)),
            ("dat", Line::Other),
            ("datas: x", Line::Other),
            ("Data: x", Line::Other),
            (" data: x", Line::Other),
            ("data : x", Line::Other),
        ];
        for (line, expected) in cases {
            assert_eq!(Line::of(line.as_bytes()), *expected, "{line:?}");
        }
    }

    #[test]
    fn what_is_known_of_a_beginning_stays_true() {
        for line in [
            ": comment",
            "data: x",
            "id",
            "retry:1",
            "events: x",
            "da: x",
        ] {
            let line = line.as_bytes();
            for (end, _) in line.iter().enumerate() {
                let begun = Line::begun(&line[..end]);
                let agrees = match (begun, Line::of(line)) {
                    // The one space behind the colon may be yet to come.
                    (Some(Line::Field(a, start)), Line::Field(b, whole)) => {
                        a == b && (start == whole || start == end && start + 1 == whole)
                    }
                    (begun, whole) => begun.is_none_or(|begun| begun == whole),
                };
                assert!(agrees, "{line:?} up to {end}: {begun:?}");
            }
        }
    }
}
