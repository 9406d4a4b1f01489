//! Slips of servers that can be tolerated without guessing. The README lists them, one by one.

use mcpwire_types::DecodeError;

/// How many members are passed over in one result.
const MAX_NULLS: usize = 256;

/// Reads a result in which members may be `null` that ought to be left out, as serializers of other
/// languages write them. Where `null` has a meaning the type reads it, and nothing is passed over.
///
/// Members are blanked, so that offsets stay those of the text as it came.
pub(crate) fn decode<T>(
    text: &str,
    decode: impl Fn(&str) -> Result<T, DecodeError>,
) -> Result<T, DecodeError> {
    let mut error = match decode(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let mut blanked = text.as_bytes().to_vec();
    for _ in 0..MAX_NULLS {
        if blank(&mut blanked, error.offset()).is_none() {
            break;
        }
        let Ok(text) = std::str::from_utf8(&blanked) else {
            break;
        };
        match decode(text) {
            Ok(value) => return Ok(value),
            // The member was required, and `null` is the better complaint.
            Err(next) if next.path() == error.path() => break,
            Err(next) => error = next,
        }
    }
    Err(error)
}

/// Blanks the member whose value is the `null` at `offset`, and a comma beside it.
fn blank(text: &mut [u8], offset: usize) -> Option<()> {
    let rest = text.get(offset..)?;
    let end = rest.starts_with(b"null").then_some(offset + 4)?;
    let colon = last(text, offset).filter(|&at| text.get(at) == Some(&b':'))?;
    let close = last(text, colon).filter(|&at| text.get(at) == Some(&b'"'))?;
    let open = (0..close).rev().find(|&at| {
        let escapes = text
            .iter()
            .take(at)
            .rev()
            .take_while(|byte| **byte == b'\\');
        text.get(at) == Some(&b'"') && escapes.count() % 2 == 0
    })?;
    let before = last(text, open)?;
    let (start, end) = if text.get(before) == Some(&b',') {
        (before, end)
    } else {
        let mut after = text.iter().skip(end);
        let comma = after.position(|byte| !byte.is_ascii_whitespace())? + end;
        let comma = if text.get(comma) == Some(&b',') {
            comma + 1
        } else {
            end
        };
        (open, comma)
    };
    text.get_mut(start..end)?.fill(b' ');
    Some(())
}

/// The last byte before `end` that is no white space.
fn last(text: &[u8], end: usize) -> Option<usize> {
    text.get(..end)?
        .iter()
        .rposition(|byte| !byte.is_ascii_whitespace())
}

#[cfg(test)]
mod tests {
    use mcpwire_types::{CallToolResult, ListToolsResult, decode_str};
    use proptest::prelude::*;

    use super::*;

    fn tools(text: &str) -> Result<usize, DecodeError> {
        decode(text, |text| {
            decode_str::<ListToolsResult<'_>>(text).map(|result| result.tools.len())
        })
    }

    #[test]
    fn null_members_are_as_absent_ones() {
        for text in [
            r#"{"tools":[],"nextCursor":null}"#,
            r#"{"nextCursor" : null , "tools":[]}"#,
            r#"{"nextCursor":null,"ttlMs":null,"cacheScope":null,"_meta":null,"tools":[]}"#,
            r#"{"tools":[],"resultType":null,"nextCursor":null}"#,
        ] {
            assert_eq!(tools(text), Ok(0), "{text}");
        }
        let tool = r#"{"name":"a","title":null,"description":null,"inputSchema":{"type":"object"},
            "outputSchema":null,"annotations":{"title":null},"icons":null,"_meta":null}"#;
        assert_eq!(tools(&format!(r#"{{"tools":[{tool},{tool}]}}"#)), Ok(2));
    }

    /// TOOL-27
    #[test]
    fn tool_27_null_that_means_something_stays() {
        let text = r#"{"content":[],"structuredContent":null,"isError":null}"#;
        let content = decode(text, |text| {
            let result = decode_str::<CallToolResult<'_>>(text)?;
            Ok(result
                .structured_content
                .map(|json| json.as_str().to_owned()))
        });
        assert_eq!(content.unwrap().as_deref(), Some("null"));
    }

    #[test]
    fn required_members_are_required_still() {
        for (text, path) in [
            (r#"{"tools":null}"#, "$.tools"),
            (r#"{"tools":[null]}"#, "$.tools[0]"),
            (
                r#"{"tools":[{"name":null,"inputSchema":{"type":"object"}}]}"#,
                "$.tools[0].name",
            ),
        ] {
            let error = tools(text).unwrap_err();
            assert_eq!(error.path(), path);
            assert!(error.to_string().contains("null"), "{error}");
        }
    }

    #[test]
    fn offsets_stay_those_of_the_text() {
        let text = r#"{"nextCursor":null,"tools":[{"name":7}]}"#;
        assert_eq!(tools(text).unwrap_err().offset(), text.find('7').unwrap());
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in r#"[\[\]{}:,"\\anul ]{0,40}"#, offset in 0_usize..50) {
            let mut bytes = text.clone().into_bytes();
            let _ = blank(&mut bytes, offset);
            prop_assert_eq!(bytes.len(), text.len());
            let _ = tools(&text);
        }
    }
}
