//! Checks JSON against a JSON Schema that was compiled once, when the tool was registered.
//!
//! Nothing is ever fetched: a reference that leads out of the schema is refused (SCHEMA-08,
//! SCHEMA-12). Without the feature `jsonschema` every schema compiles and everything passes.
//!
//! Which JSON is checked, and what becomes of a violation, is decided elsewhere.

pub(crate) mod text;

use std::fmt;

#[cfg(feature = "jsonschema")]
mod compiled;
#[cfg(feature = "jsonschema")]
mod outline;
#[cfg(feature = "jsonschema")]
mod tree;
#[cfg(feature = "jsonschema")]
mod violation;
#[cfg(feature = "jsonschema")]
mod weight;

#[cfg(feature = "jsonschema")]
pub(crate) use compiled::Validator;

/// Lets everything pass.
#[cfg(not(feature = "jsonschema"))]
#[derive(Debug)]
pub(crate) struct Validator;

#[cfg(not(feature = "jsonschema"))]
#[expect(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "the twin of what checks"
)]
impl Validator {
    pub(crate) fn compile(_schema: &str) -> Result<Self, SchemaError> {
        Ok(Self)
    }

    pub(crate) fn check(&self, _json: &str) -> Result<(), String> {
        Ok(())
    }
}

/// Why a schema is not used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaError {
    /// It is not JSON, or nested deeper than 127 levels (SCHEMA-13).
    Syntax {
        /// What the JSON parser said.
        message: String,
    },
    /// It has more bytes than the limit (SCHEMA-13).
    TooLong {
        /// Bytes that it has.
        length: usize,
        /// The limit, in bytes.
        limit: usize,
    },
    /// With every reference followed it has more subschemas than the limit (SCHEMA-13).
    TooComplex {
        /// The limit, in subschemas.
        limit: u64,
    },
    /// `$schema` names a dialect that is not supported (SCHEMA-06). Supported are 2020-12 (the
    /// default), 2019-09, draft-07, draft-06 and draft-04 (SCHEMA-04).
    Dialect {
        /// What `$schema` says.
        found: String,
    },
    /// A reference leads out of the schema, or to nothing in it (SCHEMA-08, SCHEMA-12).
    Reference {
        /// What is wrong with it.
        message: String,
    },
    /// It is no valid schema of its dialect (SCHEMA-07).
    Invalid {
        /// Where, as a JSON Pointer.
        path: String,
        /// What is wrong there.
        message: String,
    },
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { message } => write!(f, "the schema is not JSON: {message}"),
            Self::TooLong { length, limit } => {
                write!(
                    f,
                    "the schema has {length} bytes, more than the limit of {limit}"
                )
            }
            Self::TooComplex { limit } => write!(
                f,
                "the schema has more than {limit} subschemas once its references are followed"
            ),
            Self::Dialect { found } => write!(
                f,
                "the dialect {found:?} is not supported: use \
                 https://json-schema.org/draft/2020-12/schema or leave $schema out"
            ),
            Self::Reference { message } => write!(
                f,
                "a reference cannot be resolved, and none is ever fetched: {message}; \
                 put the schema that it means into $defs"
            ),
            Self::Invalid { path, message } => {
                write!(f, "the schema is not valid at {path:?}: {message}")
            }
        }
    }
}

impl std::error::Error for SchemaError {}
