//! Structured output against the tool's `outputSchema` (TOOL-29).

#[cfg(feature = "jsonschema")]
pub(crate) use checked::OutputCheck;
#[cfg(not(feature = "jsonschema"))]
pub(crate) use unchecked::OutputCheck;

#[cfg(feature = "jsonschema")]
mod checked {
    use std::fmt;

    use jsonschema::{PatternOptions, Validator};
    use mcpwire_types::CallToolResult;
    use serde_json::Value;

    /// Steps back that one `pattern` may take.
    const MAX_BACKTRACKS: usize = 100_000;

    /// A compiled schema, or why it cannot be compiled.
    ///
    /// References that lead out of the schema cannot be followed, and are never fetched.
    pub(crate) struct OutputCheck {
        validator: Result<Validator, String>,
        /// Whether a violation is looked for: where references branch, that can take far longer than
        /// finding out that there is one.
        explains: bool,
    }

    impl OutputCheck {
        pub(crate) fn new(schema: &str) -> Self {
            Self {
                validator: compile(schema),
                explains: !schema.contains("Ref") && !schema.contains("$ref"),
            }
        }

        /// The first violation. A tool that failed owes no output (TOOL-31).
        pub(crate) fn check(&self, result: &str) -> Result<(), String> {
            let result: CallToolResult<'_> =
                mcpwire_types::decode_str(result).map_err(|error| error.to_string())?;
            if result.is_error == Some(true) {
                return Ok(());
            }
            let validator = self.validator.as_ref().map_err(String::clone)?;
            let content = result
                .structured_content
                .ok_or("structuredContent is missing although the tool has an outputSchema")?;
            let content: Value = content.parse().map_err(|error| error.to_string())?;
            if validator.is_valid(&content) {
                return Ok(());
            }
            if !self.explains {
                return Err("structuredContent does not match".to_owned());
            }
            let first = validator
                .validate(&content)
                .err()
                .map(|error| format!("structuredContent{}: {error}", error.instance_path()));
            Err(first.unwrap_or_else(|| "structuredContent does not match".to_owned()))
        }
    }

    fn compile(schema: &str) -> Result<Validator, String> {
        let schema: Value = serde_json::from_str(schema).map_err(|error| error.to_string())?;
        jsonschema::options()
            .offline()
            .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(MAX_BACKTRACKS))
            .build(&schema)
            .map_err(|error| format!("the outputSchema cannot be used: {error}"))
    }

    impl fmt::Debug for OutputCheck {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.debug_struct("OutputCheck")
                .field("usable", &self.validator.is_ok())
                .finish_non_exhaustive()
        }
    }
}

#[cfg(not(feature = "jsonschema"))]
mod unchecked {
    /// Nothing is checked without the feature.
    #[derive(Debug)]
    pub(crate) struct OutputCheck;

    impl OutputCheck {
        pub(crate) fn new(_schema: &str) -> Self {
            Self
        }

        #[expect(
            clippy::unnecessary_wraps,
            clippy::unused_self,
            reason = "as with the feature"
        )]
        pub(crate) fn check(&self, _result: &str) -> Result<(), String> {
            Ok(())
        }
    }
}
