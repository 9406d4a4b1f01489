//! Why a run could not be made at all, as opposed to what it found.

use std::fmt;
use std::io;

/// Something that has to work before anything can be tested.
#[derive(Debug)]
#[non_exhaustive]
pub struct Failed {
    what: String,
    source: Option<io::Error>,
}

impl Failed {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            source: None,
        }
    }

    /// For `map_err`: what the operation was about.
    pub(crate) fn at(what: impl fmt::Display) -> impl FnOnce(io::Error) -> Self {
        move |source| Self {
            what: what.to_string(),
            source: Some(source),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{}: {source}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
