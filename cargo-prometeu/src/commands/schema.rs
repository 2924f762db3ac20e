//! `schema`: what the files and lines of the packer look like, for editors and for programs that check.

use clap::{Args, ValueEnum};
use prometeu_packer::ops::Blocker;

use super::Context;
use crate::exit::{self, Exit};

/// The name in `operation`.
pub(super) const OPERATION: &str = "schema";

/// `schema`
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// What it describes
    #[arg(value_name = "NAME")]
    name: Name,
}

/// The texts that have a schema: JSON Schema, draft 7, which every editor knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    /// A declaration, `asset.json`
    Asset,
    /// The registry, `assets/.prometeu/index.json`
    Index,
    /// An event, as programs hear it
    Event,
    /// A response, as programs get it
    Response,
    /// The data of a page that `pack --report` writes
    Report,
}

impl Name {
    /// The schema's text.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Asset => include_str!("../../schemas/asset.schema.json"),
            Self::Index => include_str!("../../schemas/index.schema.json"),
            Self::Event => include_str!("../../schemas/event.schema.json"),
            Self::Response => include_str!("../../schemas/response.schema.json"),
            Self::Report => include_str!("../../schemas/report.schema.json"),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every command can be refused but a few")]
pub(super) fn run(context: &Context<'_>, request: &Schema) -> Result<Exit, Blocker> {
    // It is JSON already, whatever format was asked for.
    context.printer.shell().print(request.name.text().trim_end());
    Ok(exit::DONE)
}
