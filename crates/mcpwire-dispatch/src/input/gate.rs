//! What a client must have declared on this very request before it is asked (MRTR-09, META-19).

use mcpwire_types::{
    ClientCapabilities, ClientElicitationCapability, ClientRootsCapability,
    ClientSamplingCapability, IncludeContext, JSONObject,
};

use super::ask::Question;

pub(super) fn can_elicit(declared: &ClientCapabilities<'_>) -> bool {
    // ELICIT-02: an empty object means form mode.
    declared
        .elicitation
        .as_ref()
        .is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
}

pub(super) fn can_open_url(declared: &ClientCapabilities<'_>) -> bool {
    declared
        .elicitation
        .as_ref()
        .is_some_and(|modes| modes.url.is_some())
}

pub(super) fn can_sample(declared: &ClientCapabilities<'_>) -> bool {
    declared.sampling.is_some()
}

pub(super) fn can_sample_with_tools(declared: &ClientCapabilities<'_>) -> bool {
    declared
        .sampling
        .as_ref()
        .is_some_and(|sampling| sampling.tools.is_some())
}

fn can_include_context(declared: &ClientCapabilities<'_>) -> bool {
    declared
        .sampling
        .as_ref()
        .is_some_and(|sampling| sampling.context.is_some())
}

pub(super) fn can_list_roots(declared: &ClientCapabilities<'_>) -> bool {
    declared.roots.is_some()
}

/// What is undeclared of what the questions need (META-20, META-22).
pub(super) fn missing<'a>(
    declared: &ClientCapabilities<'_>,
    questions: impl IntoIterator<Item = &'a Question>,
) -> Option<ClientCapabilities<'static>> {
    let mut missing = ClientCapabilities::new();
    for question in questions {
        match question {
            Question::Form(_) if !can_elicit(declared) => {
                let modes = missing
                    .elicitation
                    .get_or_insert_with(ClientElicitationCapability::new);
                modes.form = Some(JSONObject::empty());
            }
            Question::Url { .. } if !can_open_url(declared) => {
                let modes = missing
                    .elicitation
                    .get_or_insert_with(ClientElicitationCapability::new);
                modes.url = Some(JSONObject::empty());
            }
            Question::Message(params) => {
                let tools = params.tools.is_some() || params.tool_choice.is_some(); // SAMPLE-04
                let context = match &params.include_context {
                    None | Some(IncludeContext::None) => false,
                    Some(_) => true, // SAMPLE-17
                };
                let lacks_tools = tools && !can_sample_with_tools(declared);
                let lacks_context = context && !can_include_context(declared);
                if !can_sample(declared) || lacks_tools || lacks_context {
                    let sampling = missing
                        .sampling
                        .get_or_insert_with(ClientSamplingCapability::new);
                    if lacks_tools {
                        sampling.tools = Some(JSONObject::empty());
                    }
                    if lacks_context {
                        sampling.context = Some(JSONObject::empty());
                    }
                }
            }
            Question::Roots if !can_list_roots(declared) => {
                missing.roots = Some(ClientRootsCapability::new());
            }
            Question::Form(_) | Question::Url { .. } | Question::Roots => {}
        }
    }
    (missing != ClientCapabilities::new()).then_some(missing)
}

#[cfg(test)]
mod tests {
    use mcpwire_types::CreateMessageRequestParams;
    use serde_json::{Value, json};

    use super::*;
    use crate::input::Form;

    fn check(declared: &Value, question: &Question) -> Value {
        let text = declared.to_string();
        let declared = mcpwire_types::decode(text.as_bytes()).unwrap();
        let missing = missing(&declared, [question]);
        missing.map_or(Value::Null, |missing| {
            serde_json::to_value(missing).unwrap()
        })
    }

    fn message() -> CreateMessageRequestParams<'static> {
        CreateMessageRequestParams::new([], 1)
    }

    #[test]
    fn elicit_04_only_declared_modes_are_used() {
        let form = Question::Form(Form::new("?"));
        let url = Question::Url {
            message: "?".into(),
            url: "https://x".into(),
        };
        let (no_form, no_url) = (
            json!({"elicitation": {"form": {}}}),
            json!({"elicitation": {"url": {}}}),
        );
        for (declared, lacks_form, lacks_url) in [
            (json!({}), &no_form, &no_url),
            (json!({"elicitation": {}}), &Value::Null, &no_url), // ELICIT-02
            (json!({"elicitation": {"form": {}}}), &Value::Null, &no_url),
            (json!({"elicitation": {"url": {}}}), &no_form, &Value::Null),
            (
                json!({"elicitation": {"form": {}, "url": {}}}),
                &Value::Null,
                &Value::Null,
            ),
            (json!({"sampling": {}, "roots": {}}), &no_form, &no_url),
        ] {
            assert_eq!(check(&declared, &form), *lacks_form, "{declared}");
            assert_eq!(check(&declared, &url), *lacks_url, "{declared}");
        }
    }

    #[test]
    fn sample_04_tools_and_context_need_their_own_capability() {
        let plain = Question::Message(Box::new(message()));
        let tools = Question::Message(Box::new(message().tools([])));
        let context = Question::Message(Box::new(message().include_context("thisServer")));
        let none = Question::Message(Box::new(message().include_context("none")));
        for (declared, question, lacks) in [
            (json!({}), &plain, json!({"sampling": {}})),
            (json!({"sampling": {}}), &plain, Value::Null),
            (json!({"sampling": {}}), &none, Value::Null),
            (json!({}), &tools, json!({"sampling": {"tools": {}}})),
            (
                json!({"sampling": {}}),
                &tools,
                json!({"sampling": {"tools": {}}}),
            ),
            (json!({"sampling": {"tools": {}}}), &tools, Value::Null),
            (
                json!({"sampling": {"tools": {}}}),
                &context,
                json!({"sampling": {"context": {}}}),
            ),
            (json!({"sampling": {"context": {}}}), &context, Value::Null),
        ] {
            assert_eq!(check(&declared, question), lacks, "{declared}");
        }
    }

    #[test]
    fn meta_22_everything_that_is_missing_is_named_at_once() {
        let questions = [
            Question::Form(Form::new("?")),
            Question::Url {
                message: "?".into(),
                url: "https://x".into(),
            },
            Question::Message(Box::new(message())),
            Question::Roots,
        ];
        let missing = missing(&ClientCapabilities::new(), &questions).unwrap();
        assert_eq!(
            serde_json::to_value(missing).unwrap(),
            json!({"elicitation": {"form": {}, "url": {}}, "sampling": {}, "roots": {}})
        );
    }
}
