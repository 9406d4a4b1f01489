//! Changes to a router that may be running: each returns its errors and tells the subscribers.

use mcpwire_service::Change;
use serde::Serialize;

use super::Router;
use crate::feature::completion::Completed;
use crate::feature::method::MethodEntry;
use crate::feature::prompt::{IntoPromptResult, PromptDef, PromptEntry};
use crate::feature::resource::{
    IntoResourceResult, ResourceDef, ResourceEntry, ResourceTemplateDef, TemplateEntry,
};
use crate::feature::tool::{IntoToolResult, ToolDef, ToolEntry};
use crate::handler::Handler;
use crate::router::register::RegisterError;
use crate::router::registry::{Declared, Registry};
use crate::router::table::{Entry, Table};

/// Changes to a server that may be running already. Each tells the subscribers (TOOL-38, PROMPT-17,
/// RES-18).
impl Router {
    /// Adds a tool at the end of the list.
    pub fn add_tool<H, M>(&self, tool: impl Into<ToolDef>, handler: H) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoToolResult,
    {
        self.put_tool(tool, handler)?;
        self.changes().publish(Change::ToolsListChanged);
        Ok(())
    }

    /// Takes a tool out; false if there is none of that name. Calls that have begun go on.
    pub fn remove_tool(&self, name: &str) -> bool {
        let removed = self.update(|registry| registry.tools.remove(name));
        if removed {
            self.changes().publish(Change::ToolsListChanged);
        }
        removed
    }

    /// Adds a prompt at the end of the list.
    pub fn add_prompt<H, M>(
        &self,
        prompt: impl Into<PromptDef>,
        handler: H,
    ) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoPromptResult,
    {
        self.put_prompt(prompt, handler)?;
        self.changes().publish(Change::PromptsListChanged);
        Ok(())
    }

    /// Takes a prompt and its completions out; false if there is none of that name.
    pub fn remove_prompt(&self, name: &str) -> bool {
        let removed = self.update(|registry| {
            registry
                .completers
                .remove(&Completed::Prompt(name.to_owned()));
            registry.prompts.remove(name)
        });
        if removed {
            self.changes().publish(Change::PromptsListChanged);
        }
        removed
    }

    /// Adds a resource at the end of the list.
    pub fn add_resource<H, M>(
        &self,
        resource: impl Into<ResourceDef>,
        handler: H,
    ) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        self.put_resource(resource, handler)?;
        self.changes().publish(Change::ResourcesListChanged);
        Ok(())
    }

    /// Takes a resource out of the list; false if there is none of that URI.
    pub fn remove_resource(&self, uri: &str) -> bool {
        let removed = self.update(|registry| registry.resources.remove(uri));
        if removed {
            self.changes().publish(Change::ResourcesListChanged);
        }
        removed
    }

    /// Adds a resource template at the end of the list.
    pub fn add_resource_template<H, M>(
        &self,
        template: impl Into<ResourceTemplateDef>,
        handler: H,
    ) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        self.put_resource_template(template, handler)?;
        self.changes().publish(Change::ResourcesListChanged);
        Ok(())
    }

    /// Takes a resource template and its completions out; false if there is none of that text.
    pub fn remove_resource_template(&self, uri_template: &str) -> bool {
        let removed = self.update(|registry| {
            registry
                .completers
                .remove(&Completed::Template(uri_template.to_owned()));
            registry.templates.remove(uri_template)
        });
        if removed {
            self.changes().publish(Change::ResourcesListChanged);
        }
        removed
    }

    /// Adds a method of an extension, see [`Router::method`].
    pub fn add_method<H, M>(&self, name: impl Into<String>, handler: H) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: Serialize,
    {
        let entry = MethodEntry::new(name.into(), handler, &self.snapshot())?;
        let logs = entry.logs;
        self.insert(
            "method",
            entry,
            |registry| &mut registry.methods,
            |declared| declared.logging |= logs,
        )
    }

    fn insert<T: Entry>(
        &self,
        what: &str,
        entry: T,
        table: impl FnOnce(&mut Registry) -> &mut Table<T>,
        declare: impl FnOnce(&mut Declared),
    ) -> Result<(), RegisterError> {
        self.update(|registry| {
            let entries = table(registry);
            if entries.contains(entry.key()) {
                return Err(RegisterError::Duplicate {
                    what: format!("{what} `{}`", entry.key()),
                });
            }
            entries.push(entry);
            declare(&mut registry.declared);
            Ok(())
        })
    }
}

/// Registration that tells nobody, for a server that is being put together: a replica that starts has
/// nothing to announce to those that run.
impl Router {
    pub(super) fn put_tool<H, M>(
        &self,
        tool: impl Into<ToolDef>,
        handler: H,
    ) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoToolResult,
    {
        let entry = ToolEntry::new(tool.into(), handler, &self.snapshot())?;
        let logs = entry.logs;
        self.insert(
            "tool",
            entry,
            |registry| &mut registry.tools,
            |declared| {
                declared.tools = true;
                declared.logging |= logs;
            },
        )
    }

    pub(super) fn put_prompt<H, M>(
        &self,
        prompt: impl Into<PromptDef>,
        handler: H,
    ) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoPromptResult,
    {
        let entry = PromptEntry::new(prompt.into(), handler, &self.snapshot())?;
        let logs = entry.logs;
        self.insert(
            "prompt",
            entry,
            |registry| &mut registry.prompts,
            |declared| {
                declared.prompts = true;
                declared.logging |= logs;
            },
        )
    }

    pub(super) fn put_resource<H, M>(
        &self,
        resource: impl Into<ResourceDef>,
        handler: H,
    ) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        let entry = ResourceEntry::new(resource.into(), handler, &self.snapshot())?;
        let logs = entry.reader.logs;
        self.insert(
            "resource",
            entry,
            |registry| &mut registry.resources,
            |declared| {
                declared.resources = true;
                declared.logging |= logs;
            },
        )
    }

    pub(super) fn put_resource_template<H, M>(
        &self,
        template: impl Into<ResourceTemplateDef>,
        handler: H,
    ) -> Result<(), RegisterError>
    where
        H: Handler<M>,
        H::Output: IntoResourceResult,
    {
        let entry = TemplateEntry::new(template.into(), handler, &self.snapshot())?;
        let logs = entry.reader.logs;
        self.insert(
            "resource template",
            entry,
            |registry| &mut registry.templates,
            |declared| {
                declared.resources = true;
                declared.logging |= logs;
            },
        )
    }
}
