//! `asset.json`: what a person says an asset is.

use packer_format::json::Object;

use super::json::Node;
use crate::diagnostics::{Finding, Pointer};
use crate::id::AssetUuid;
use crate::path::{AssetPath, PathProblem};

/// A declaration that could be read whole. What its names mean is not checked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The anchor of identity; absent only before registration.
    pub asset_uuid: Option<AssetUuid>,
    /// The label that people see; not an identity.
    pub name: String,
    /// `type`: the family's name as declared.
    pub family: String,
    /// All inputs in declared order, roles sorted: the order of [`Anchor::Input`](crate::diagnostics::Anchor::Input).
    pub inputs: Vec<Input>,
    /// The chosen artifacts, when the declaration lists them.
    pub artifacts: Option<Vec<Artifact>>,
    /// `output.format` as declared.
    pub format: String,
    /// `output.codec` as declared.
    pub codec: String,
    /// `output.metadata`: reaches the pack as it is.
    pub metadata: Object,
    /// `output.codec_configuration`: reaches the pack under `metadata.codec`.
    pub codec_configuration: Option<Object>,
    /// `output.pipeline` with its places: for the family alone, never in the pack.
    pub pipeline: Option<Node>,
    /// `preload.enabled`.
    pub preload: bool,
}

/// One input file of a declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The role under which it is listed.
    pub role: String,
    /// The path as declared.
    pub file: String,
    /// The path by the rules, or the rule that it breaks.
    pub path: Result<AssetPath, PathProblem>,
    /// Where it stands in the declaration.
    pub pointer: Pointer,
}

/// One entry of `artifacts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The path as declared; it should be one of the inputs.
    pub file: String,
    /// The identity of the artifact, for a sheet of its first cell.
    pub index: u32,
    /// Where the entry stands in the declaration.
    pub pointer: Pointer,
}

/// What reading a declaration gave: always something to show, the whole only when all is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// The name, also when other members are broken.
    pub name: Option<String>,
    /// The family's name, also when other members are broken.
    pub family: Option<String>,
    /// The uuid, also when other members are broken.
    pub asset_uuid: Option<AssetUuid>,
    /// The syntax tree, when the text is JSON: for places.
    pub tree: Option<Node>,
    /// The declaration, when no finding of an error's severity was made.
    pub declaration: Option<Declaration>,
    /// Everything that was wrong.
    pub findings: Vec<Finding>,
}
