//! What is remembered of tools that were listed: which arguments are mirrored in header fields, and
//! the schema of their output.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use mcpwire_service::{HeaderParamError, HeaderParams, MirroredParams};
use mcpwire_types::Tool;

use crate::output::OutputCheck;
use crate::{Error, Limits};

/// One tool, as far as calls of it need it.
#[derive(Debug)]
pub(crate) enum Definition {
    Usable {
        header_params: HeaderParams,
        output: Option<OutputCheck>,
    },
    /// It breaks a rule, and is not called (HDR-12).
    Invalid(HeaderParamError),
}

/// Definitions by name, no more than a limit.
#[derive(Debug, Default)]
pub(crate) struct Tools(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    by_name: HashMap<String, Arc<Definition>>,
    /// Names in the order in which they came.
    order: VecDeque<String>,
}

impl Tools {
    /// Remembers a tool, in place of an earlier one of its name. The error is why it must not be used.
    pub(crate) fn learn(
        &self,
        tool: &Tool<'_>,
        limits: &Limits,
        check_output: bool,
    ) -> Result<(), HeaderParamError> {
        let schema = tool.input_schema.as_str();
        if schema.len() > limits.max_schema_bytes {
            return Ok(());
        }
        let (definition, verdict) = match HeaderParams::parse(schema) {
            Ok(header_params) => {
                let output = tool.output_schema.as_ref().filter(|schema| {
                    check_output && schema.as_str().len() <= limits.max_schema_bytes
                });
                let output = output.map(|schema| OutputCheck::new(schema.as_str()));
                (
                    Definition::Usable {
                        header_params,
                        output,
                    },
                    Ok(()),
                )
            }
            Err(error) => (Definition::Invalid(error.clone()), Err(error)),
        };
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = tool.name.clone().into_owned();
        if memory
            .by_name
            .insert(name.clone(), Arc::new(definition))
            .is_none()
        {
            memory.order.push_back(name);
        }
        while memory.order.len() > limits.max_tools {
            if let Some(oldest) = memory.order.pop_front() {
                memory.by_name.remove(&oldest);
            }
        }
        verdict
    }

    pub(crate) fn get(&self, name: &str) -> Option<Arc<Definition>> {
        let memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        memory.by_name.get(name).map(Arc::clone)
    }
}

impl Definition {
    /// The header fields of a call with these arguments (HDR-03, HDR-38).
    pub(crate) fn mirror(
        &self,
        name: &str,
        arguments: Option<&[u8]>,
    ) -> Result<MirroredParams, Error> {
        match self {
            Self::Usable { header_params, .. } => {
                header_params.mirror(arguments).map_err(Error::Mirror)
            }
            Self::Invalid(source) => Err(Error::InvalidTool {
                name: name.to_owned(),
                source: source.clone(),
            }),
        }
    }

    pub(crate) fn output(&self) -> Option<&OutputCheck> {
        match self {
            Self::Usable { output, .. } => output.as_ref(),
            Self::Invalid(_) => None,
        }
    }
}
