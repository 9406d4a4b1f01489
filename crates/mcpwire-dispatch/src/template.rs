//! URI templates of resource templates (RFC 6570, RES-08): parsing, and matching a URI against one.
//!
//! Which template a URI goes to, and what its variables mean, is decided elsewhere.

mod matching;
mod parse;

use std::fmt;
use std::path::{Component, Path};
use std::str::FromStr;

use crate::uri::UriError;

/// A URI template: literal text and expressions in braces.
///
/// | expression | matches | captures |
/// |---|---|---|
/// | `{id}` | one or more characters that are not reserved (so no raw `/`, but `%2F`) | decoded |
/// | `{a,b}` | the same with a comma between | decoded, each |
/// | `{/a,b}` | `/` and a value, for each variable | decoded, each |
/// | `{+path}` | one or more of any characters that a URI may hold, `/` included | decoded |
/// | `{?q,r}` | nothing, or `?` and pairs with these names in any order, at the end | those given, decoded |
/// | `{#part}` | nothing, or `#` and the rest, at the very end | decoded, if given |
///
/// A value is percent-decoded once and has to be UTF-8. Literal text is compared byte for byte: no
/// case is folded and no escape is normalized.
///
/// **One reading.** What could be read in two ways is refused when the template is parsed: two
/// expressions without a literal between them, more than one `{+variable}`, a variable that is named
/// twice. Where a literal could occur inside a value, as in `{name}.{type}`, the value before it is
/// the shortest one: `a.tar.gz` gives `a` and `tar.gz`; after a `{+variable}` it is the last literal
/// that counts, so that `{+dir}/{name}` splits at the last slash. The operators `.`, `;` and `&` and
/// the modifiers `*` and `:n` are refused.
///
/// **Time.** Matching reads the URI from both ends, once, and never goes back: its time is linear in
/// the length of the URI, whatever the URI is.
///
/// **Traversal** (RES-27). A variable in the path whose decoded value has a `.` or `..` segment
/// (between `/` or `\`), or a control character anywhere, matches nothing, unless
/// [`allow_dot_segments`](Self::allow_dot_segments) was called. That alone does not make a value fit to
/// be joined to a directory: it may still be absolute. See [`TemplateParams::relative_path`].
///
/// ```
/// use mcpwire_dispatch::UriTemplate;
///
/// let template: UriTemplate = "repo://{owner}/files/{+path}{?rev}".parse()?;
/// let params = template.matches("repo://ada/files/src/main.rs?rev=v1%2B").unwrap();
/// assert_eq!(params.get("owner"), Some("ada"));
/// assert_eq!(params.get("path"), Some("src/main.rs"));
/// assert_eq!(params.get("rev"), Some("v1+"));
/// assert!(template.matches("repo://ada/files/../../etc/passwd").is_none());
/// # Ok::<(), mcpwire_dispatch::TemplateError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriTemplate {
    text: String,
    names: Vec<String>,
    /// What stands before the reserved variable, or everything.
    before: Vec<Piece>,
    /// `{+variable}`, at most one.
    reserved: Option<Variable>,
    after: Vec<Piece>,
    /// `{?a,b}`; empty where the template has none.
    query: Vec<Variable>,
    fragment: Option<Variable>,
    dot_segments: bool,
}

/// A variable, as an index into the names.
type Variable = usize;

/// No two variables and no two literals are neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Simple(Variable),
}

impl UriTemplate {
    /// Reads a template; the error says which byte is at fault.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        parse::parse(text)
    }

    /// The template as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The names of the variables, in order of appearance.
    pub fn variables(&self) -> impl ExactSizeIterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Lets values with `.` and `..` segments match. Whoever calls it checks paths himself.
    #[must_use]
    pub fn allow_dot_segments(mut self) -> Self {
        self.dot_segments = true;
        self
    }

    /// The values of the variables, if the URI is one that the template stands for.
    pub fn matches(&self, uri: &str) -> Option<TemplateParams> {
        matching::matches(self, uri)
    }
}

impl FromStr for UriTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text)
    }
}

impl fmt::Display for UriTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The values that a URI gives to the variables of a template, percent-decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateParams(Vec<(String, String)>);

impl TemplateParams {
    /// The value of a variable; `None` also for a part of the query that the URI leaves out.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    /// The value of a variable as a path that stays below the directory that it is joined to: not
    /// absolute, without `.`, `..`, a backslash, a drive letter or a control character (RES-27).
    ///
    /// Whether a symbolic link leads out of the directory is for the caller to see.
    pub fn relative_path(&self, name: &str) -> Option<&Path> {
        let value = self.get(name)?;
        let path = Path::new(value);
        let below = path
            .components()
            .all(|part| matches!(part, Component::Normal(_)));
        let drive = value.as_bytes().get(1) == Some(&b':');
        let safe = below && !drive && !value.contains('\\') && !has_dot_segment(value);
        (safe && !value.is_empty() && !value.contains(char::is_control)).then_some(path)
    }

    /// Names and values, in the order of the template.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many variables have a value.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no variable has a value.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn has_dot_segment(value: &str) -> bool {
    value
        .split(['/', '\\'])
        .any(|segment| matches!(segment, "." | ".."))
}

/// Why a text is not a template that can be matched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TemplateError {
    /// A literal part is not part of a URI.
    Literal(UriError),
    /// A brace has no partner, or one stands inside an expression.
    Brace {
        /// Where, counted in bytes from 0.
        offset: usize,
    },
    /// Braces without a variable, or a name that is not letters, digits, `_` and inner dots.
    Name {
        /// What stands in place of the name.
        found: String,
    },
    /// An operator or modifier of RFC 6570 that is not matched here.
    Unsupported {
        /// The whole expression, without its braces.
        expression: String,
    },
    /// The same variable twice.
    Repeated {
        /// Its name.
        name: String,
    },
    /// Where an expression ends and the next one begins cannot be told.
    Ambiguous {
        /// The expression that comes too close.
        expression: String,
    },
    /// A second `{+variable}`, or one with several names.
    SecondReserved {
        /// The whole expression, without its braces.
        expression: String,
    },
    /// Something follows a query or fragment expression that may not.
    AfterQuery {
        /// Where, counted in bytes from 0.
        offset: usize,
    },
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("URI template ")?;
        match self {
            Self::Literal(error) => error.fmt(f),
            Self::Brace { offset } => write!(f, "has a brace without its partner at byte {offset}"),
            Self::Name { found } => {
                write!(
                    f,
                    "has {found:?} for a name: use letters, digits, _ and inner dots"
                )
            }
            Self::Unsupported { expression } => write!(
                f,
                "has the expression {{{expression}}}, which is not supported: \
                 use {{name}}, {{+name}}, {{/name}}, {{?name}} or {{#name}}"
            ),
            Self::Repeated { name } => write!(f, "names the variable {name:?} twice"),
            Self::Ambiguous { expression } => write!(
                f,
                "is ambiguous: put literal text in front of {{{expression}}} to tell where it begins"
            ),
            Self::SecondReserved { expression } => write!(
                f,
                "is ambiguous: {{{expression}}} is a second variable that may hold anything; \
                 use one {{+name}} and {{name}} for the others"
            ),
            Self::AfterQuery { offset } => write!(
                f,
                "goes on at byte {offset} after {{?...}} or {{#...}}, which have to come last, in this order"
            ),
        }
    }
}

impl std::error::Error for TemplateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Literal(error) => Some(error),
            _ => None,
        }
    }
}
