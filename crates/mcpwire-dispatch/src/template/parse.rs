//! From text to pieces that can be matched in one reading only.

use super::{Piece, TemplateError, UriTemplate, Variable};
use crate::uri::{self, UriError};

pub(super) fn parse(text: &str) -> Result<UriTemplate, TemplateError> {
    let mut parser = Parser::default();
    let mut offset = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let literal = rest.split(['{', '}']).next().unwrap_or(rest);
        if literal.is_empty() {
            let expression = rest
                .strip_prefix('{')
                .and_then(|rest| rest.split_once('}'))
                .map(|(expression, _)| expression)
                .filter(|expression| !expression.contains('{'))
                .ok_or(TemplateError::Brace { offset })?;
            parser.expression(expression, offset)?;
            offset += expression.len() + 2;
        } else {
            parser.literal(literal, offset)?;
            offset += literal.len();
        }
        rest = text.get(offset..).unwrap_or_default();
    }
    check_scheme(text)?;
    Ok(UriTemplate {
        text: text.to_owned(),
        names: parser.names,
        before: parser.before,
        reserved: parser.reserved,
        after: parser.after,
        query: parser.query,
        fragment: parser.fragment,
        dot_segments: false,
    })
}

#[derive(Default)]
struct Parser {
    names: Vec<String>,
    before: Vec<Piece>,
    reserved: Option<Variable>,
    after: Vec<Piece>,
    query: Vec<Variable>,
    fragment: Option<Variable>,
}

impl Parser {
    fn literal(&mut self, text: &str, offset: usize) -> Result<(), TemplateError> {
        if !self.query.is_empty() || self.fragment.is_some() {
            return Err(TemplateError::AfterQuery { offset });
        }
        uri::check_characters(text).map_err(|error| {
            TemplateError::Literal(match error {
                UriError::InvalidCharacter { offset: at } => UriError::InvalidCharacter {
                    offset: offset + at,
                },
                UriError::InvalidEscape { offset: at } => UriError::InvalidEscape {
                    offset: offset + at,
                },
                other @ UriError::NoScheme => other,
            })
        })?;
        self.push_literal(text);
        Ok(())
    }

    fn expression(&mut self, text: &str, offset: usize) -> Result<(), TemplateError> {
        let expression = || text.to_owned();
        let (operator, names) = match text.chars().next() {
            Some(first @ ('+' | '/' | '?' | '#')) => {
                (Some(first), text.get(1..).unwrap_or_default())
            }
            Some('.' | ';' | '&' | '=' | ',' | '!' | '@' | '|') => {
                return Err(TemplateError::Unsupported {
                    expression: expression(),
                });
            }
            _ => (None, text),
        };
        if names.contains(['*', ':']) {
            return Err(TemplateError::Unsupported {
                expression: expression(),
            });
        }
        let last = self.fragment.is_some() || (!self.query.is_empty() && operator != Some('#'));
        if last {
            return Err(TemplateError::AfterQuery { offset });
        }
        let mut variables = Vec::new();
        for name in names.split(',') {
            variables.push(self.name(name)?);
        }
        match (operator, variables.as_slice()) {
            (Some('+'), [variable]) if self.reserved.is_none() => {
                if matches!(self.before.last(), Some(Piece::Simple(_))) {
                    return Err(TemplateError::Ambiguous {
                        expression: expression(),
                    });
                }
                self.reserved = Some(*variable);
            }
            (Some('+'), _) => {
                return Err(TemplateError::SecondReserved {
                    expression: expression(),
                });
            }
            (Some('#'), [variable]) => self.fragment = Some(*variable),
            (Some('#'), _) => {
                return Err(TemplateError::Unsupported {
                    expression: expression(),
                });
            }
            (Some('?'), _) => self.query = variables,
            (Some(_), _) => {
                for variable in variables {
                    self.push_literal("/");
                    self.pieces().push(Piece::Simple(variable));
                }
            }
            (None, _) => {
                let after_reserved = self.reserved.is_some() && self.after.is_empty();
                if after_reserved || matches!(self.pieces().last(), Some(Piece::Simple(_))) {
                    return Err(TemplateError::Ambiguous {
                        expression: expression(),
                    });
                }
                for (index, variable) in variables.into_iter().enumerate() {
                    if index > 0 {
                        self.push_literal(",");
                    }
                    self.pieces().push(Piece::Simple(variable));
                }
            }
        }
        Ok(())
    }

    fn name(&mut self, name: &str) -> Result<Variable, TemplateError> {
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        if !name.split('.').all(word) {
            return Err(TemplateError::Name {
                found: name.to_owned(),
            });
        }
        if self.names.iter().any(|known| known == name) {
            return Err(TemplateError::Repeated {
                name: name.to_owned(),
            });
        }
        self.names.push(name.to_owned());
        Ok(self.names.len() - 1)
    }

    fn pieces(&mut self) -> &mut Vec<Piece> {
        if self.reserved.is_some() {
            &mut self.after
        } else {
            &mut self.before
        }
    }

    fn push_literal(&mut self, text: &str) {
        let pieces = self.pieces();
        if let Some(Piece::Literal(last)) = pieces.last_mut() {
            last.push_str(text);
        } else {
            pieces.push(Piece::Literal(text.to_owned()));
        }
    }
}

/// RES-25: a literal scheme has the form of one. A template may also begin with a variable.
fn check_scheme(text: &str) -> Result<(), TemplateError> {
    let literal = text.split('{').next().unwrap_or_default();
    let good = match literal.split_once(':') {
        Some((scheme, _)) => uri::is_scheme(scheme),
        None => text.contains('{') && (literal.is_empty() || uri::is_scheme(literal)),
    };
    if good {
        Ok(())
    } else {
        Err(TemplateError::Literal(UriError::NoScheme))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn variables_are_named_in_order() {
        let template = UriTemplate::parse("a:{x}/{+y}{?z,w}{#v}").unwrap();
        assert_eq!(
            template.variables().collect::<Vec<_>>(),
            ["x", "y", "z", "w", "v"]
        );
        assert_eq!(template.to_string(), "a:{x}/{+y}{?z,w}{#v}");
    }

    #[test]
    fn what_cannot_be_read_in_one_way_is_refused() {
        let ambiguous = |text: &str| TemplateError::Ambiguous {
            expression: text.to_owned(),
        };
        let second = |text: &str| TemplateError::SecondReserved {
            expression: text.to_owned(),
        };
        for (text, error) in [
            ("a:{x}{y}", ambiguous("y")),
            ("a:{x}{+y}", ambiguous("+y")),
            ("a:{+x}{y}", ambiguous("y")),
            ("a:{/x}{y}", ambiguous("y")),
            ("a:{+x}/{+y}", second("+y")),
            ("a:{+x,y}", second("+x,y")),
            (
                "a:{x}/{x}",
                TemplateError::Repeated {
                    name: "x".to_owned(),
                },
            ),
            (
                "a:{x}{?y,x}",
                TemplateError::Repeated {
                    name: "x".to_owned(),
                },
            ),
            ("a:{?x}b", TemplateError::AfterQuery { offset: 6 }),
            ("a:{?x}{?y}", TemplateError::AfterQuery { offset: 6 }),
            ("a:{#x}{?y}", TemplateError::AfterQuery { offset: 6 }),
            ("a:{#x}{#y}", TemplateError::AfterQuery { offset: 6 }),
        ] {
            assert_eq!(UriTemplate::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn what_is_no_template_is_refused() {
        let unsupported = |text: &str| TemplateError::Unsupported {
            expression: text.to_owned(),
        };
        let name = |text: &str| TemplateError::Name {
            found: text.to_owned(),
        };
        let literal = TemplateError::Literal;
        for (text, error) in [
            ("a:{", TemplateError::Brace { offset: 2 }),
            ("a:b}", TemplateError::Brace { offset: 3 }),
            ("a:{x{y}}", TemplateError::Brace { offset: 2 }),
            ("a:{}", name("")),
            ("a:{x,}", name("")),
            ("a:{+}", name("")),
            ("a:{x y}", name("x y")),
            ("a:{x..y}", name("x..y")),
            ("a:{.x}", unsupported(".x")),
            ("a:{;x}", unsupported(";x")),
            ("a:{&x}", unsupported("&x")),
            ("a:{x*}", unsupported("x*")),
            ("a:{x:3}", unsupported("x:3")),
            ("a:{#x,y}", unsupported("#x,y")),
            (
                "a:b c{x}",
                literal(UriError::InvalidCharacter { offset: 3 }),
            ),
            ("a:{x}/ż", literal(UriError::InvalidCharacter { offset: 6 })),
            ("a:{x}%4", literal(UriError::InvalidEscape { offset: 5 })),
            ("a:%{x}", literal(UriError::InvalidEscape { offset: 2 })),
            ("", literal(UriError::NoScheme)),
            ("/a/{x}", literal(UriError::NoScheme)),
            ("a_b:{x}", literal(UriError::NoScheme)),
            ("nothing", literal(UriError::NoScheme)),
        ] {
            assert_eq!(UriTemplate::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_takes_anything(text in ".*", more in "a:[{}+?#/,a-c:%-]{0,16}") {
            let _ = UriTemplate::parse(&text);
            let _ = UriTemplate::parse(&more);
        }

        #[test]
        fn no_two_pieces_of_a_kind_are_neighbours(text in "a:(\\{[+/]?[a-f]\\}|[-/x]){0,8}") {
            if let Ok(template) = UriTemplate::parse(&text) {
                for pieces in [&template.before, &template.after] {
                    for pair in pieces.windows(2) {
                        let literals = pair.iter().filter(|piece| matches!(piece, Piece::Literal(_)));
                        prop_assert_eq!(literals.count(), 1);
                    }
                }
            }
        }
    }
}
